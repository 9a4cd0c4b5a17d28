//go:build unix

package acctest

import (
	"context"
	"os/exec"
	"syscall"
)

// OwnGroup keeps a terminal's Ctrl-C from a program that gets an interrupt from us:
// after two a CLI would give up at once.
func OwnGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// RunInGroup runs a command of [CLI.Command] in a group of its own, and returns the result of
// [ExitCode]. If the command does not end by itself, RunInGroup kills the rest of the group, such as its providers.
func RunInGroup(ctx context.Context, cmd *exec.Cmd) (int, error) {
	cmd.SysProcAttr = OwnGroup()
	code, err := ExitCode(ctx, cmd, cmd.Run())
	if err != nil && cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // there may be nothing left
	}
	return code, err
}
