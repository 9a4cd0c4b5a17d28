//go:build unix

package cli

import "syscall"

// OwnGroup keeps a terminal's Ctrl-C from a program that gets an interrupt from us:
// after two a CLI would give up at once.
func OwnGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
