//go:build unix

package faulttest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// process is a CLI at work, in a process group of its own.
type process struct {
	w       *world
	built   string // the provider without the script around it
	cmd     *exec.Cmd
	output  *os.File // no pipe: that would be open for as long as a provider lives
	started chan struct{}
	ended   chan struct{}
}

// pid is that of the CLI, and of the group.
func (p *process) pid() int {
	<-p.started
	return p.cmd.Process.Pid
}

// start starts the operation, with a provider that writes down its pid.
func start(w *world) *process {
	t := w.t
	t.Helper()
	folder := t.TempDir()
	built := w.UseProvider(folder)
	script := fmt.Sprintf("#!/bin/sh\necho $$ >> '%s'\nexec '%s' \"$@\"\n", filepath.Join(w.Folder, pidsFile), built)
	if err := os.WriteFile(filepath.Join(folder, filepath.Base(built)), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	output, err := os.Create(filepath.Join(w.Folder, "output"))
	if err != nil {
		t.Fatal(err)
	}
	p := &process{
		w: w, built: built, cmd: w.Command(t.Context(), w.command...), output: output,
		started: make(chan struct{}), ended: make(chan struct{}),
	}
	p.cmd.Stdout, p.cmd.Stderr = output, output
	p.cmd.SysProcAttr = acctest.OwnGroup()
	return p
}

// wait runs the process to its end, if it comes in time.
func (p *process) wait(longest time.Duration) (output string, code int, ended bool) {
	t := p.w.t
	t.Helper()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	close(p.started)
	go func() {
		_ = p.cmd.Wait() // the exit code says how
		close(p.ended)
	}()
	select {
	case <-p.ended:
		ended = true
	case <-time.After(longest):
	}
	printed, err := os.ReadFile(p.output.Name())
	if err != nil {
		t.Fatal(err)
	}
	if ended {
		code = p.cmd.ProcessState.ExitCode()
	}
	return string(printed), code, ended
}

// end kills what is left.
func (p *process) end(t *testing.T) {
	t.Helper()
	p.signal(t, -p.pid(), syscall.SIGKILL)
	ctx, cancel := context.WithTimeout(context.Background(), death)
	defer cancel()
	if !wait(ctx, p.ended) {
		t.Error("the CLI does not die")
	}
	p.w.server.CloseClientConnections()
	p.w.UseProvider(filepath.Dir(p.built))
	if err := p.output.Close(); err != nil {
		t.Error(err)
	}
}

// signal sends a signal to a process or, when pid is negative, to a group.
func (p *process) signal(t *testing.T, pid int, signal syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Errorf("signal %s to %d: %v", signal, pid, err)
	}
}

// providers returns the pids of the providers that are alive, or dead and not
// reaped. A pid that somebody else has by now is in another group.
func (p *process) providers() []int {
	written, _ := os.ReadFile(filepath.Join(p.w.Folder, pidsFile)) // none has started when there is none
	var pids []int
	for line := range strings.FieldsSeq(string(written)) {
		pid, err := strconv.Atoi(line)
		if err != nil {
			continue
		}
		if group, err := syscall.Getpgid(pid); err == nil && group == p.pid() {
			pids = append(pids, pid)
		}
	}
	return slices.Compact(pids)
}

func (p *process) killProviders(t *testing.T) {
	t.Helper()
	pids := p.providers()
	if len(pids) == 0 {
		t.Error("there is no provider to kill")
	}
	for _, pid := range pids {
		p.signal(t, pid, syscall.SIGKILL)
	}
}

// alive says whether a provider is.
func (p *process) alive() bool { return len(p.providers()) > 0 }
