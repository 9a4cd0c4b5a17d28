//go:build unix

package main

import (
	"strings"
	"testing"
)

func TestParseArgs(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                    "",
		"-short":              "",
		"-for 2m -jobs 50":    "",
		"-faults 0 -seed 7":   "",
		"-for 0s":             "-for",
		"-jobs 9":             "-jobs",
		"-faults -0.1":        "-faults",
		"-faults 0.6":         "-faults",
		"more":                "unexpected argument",
		"-jobs 20 -unheardof": "not defined",
	} {
		s, err := parseArgs(strings.Fields(args))
		if want == "" && (err != nil || s.seed == 0 || s.hardEnd() <= s.length) {
			t.Errorf("%q: %+v, %v", args, s, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want one that says %q", args, err, want)
		}
	}
}

// A seed repeats what is random, and one purpose does not repeat another.
func TestRandom(t *testing.T) {
	t.Parallel()
	s := settings{seed: 7}
	if s.random(1).Uint64() != s.random(1).Uint64() {
		t.Error("the same seed and purpose are not the same")
	}
	if s.random(1).Uint64() == s.random(2).Uint64() || s.random(1).Uint64() == (settings{seed: 8}).random(1).Uint64() {
		t.Error("another seed, or another purpose, is the same")
	}
}
