// Package faulttest has tests and nothing else: with a real CLI and the provider as a
// process of its own, every call that an operation makes goes wrong in every way,
// one at a time, and nothing may be lost.
//
// Without flags a representative part of the cases runs. All of them run with:
//
//	cd internal/faulttest && go test -all -timeout 180m
package faulttest
