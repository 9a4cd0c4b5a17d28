//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/benchmark/launched"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/cli"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// workspace is a folder with a configuration, whose CLI uses one of the contestants.
type workspace struct {
	*cli.CLI

	b        *bench
	provider string // its program; "" for what is built into the CLI
}

// workspace returns an empty workspace. The CLI and the provider see none of the
// user's variables that are about either.
func (b *bench) workspace(contestant string, server *simulator.Server) (*workspace, error) {
	b.seen++
	folder := filepath.Join(b.folder, fmt.Sprintf("workspace-%d", b.seen))
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	w := &workspace{CLI: cli.New(b.cli, folder, server.Env()), b: b, provider: b.programs[contestant]}
	w.Env = append(w.Env, launched.ProgramVariable+"="+w.provider, launched.UsageVariable+"="+w.usageFile())
	return w, w.Override(b.launchers)
}

func (w *workspace) usageFile() string { return filepath.Join(w.Folder, "usage") }

// execution is a run of the CLI that has ended.
type execution struct {
	output   []byte // both streams
	code     int
	time     time.Duration
	cpu      time.Duration  // of the CLI, the launcher and the providers
	provider launched.Usage // CPU of all its processes, memory of the largest
}

// run runs the CLI.
func (w *workspace) run(ctx context.Context, args ...string) (*execution, error) {
	cmd := w.Command(ctx, args...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output

	began := time.Now()
	code, err := cli.Run(ctx, cmd)
	e := &execution{code: code, time: time.Since(began), output: output.Bytes()}
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, e.output)
	}
	return e, w.account(e, cmd.ProcessState)
}

// account fills in what was used. What a process used has in it what those used that
// it waited for, so what the kernel says of the CLI is of all of them.
func (w *workspace) account(e *execution, ended *os.ProcessState) error {
	all, err := launched.UsageOf(ended)
	if err != nil {
		return err
	}
	e.cpu = all.CPU
	providers, err := launched.Take(w.usageFile())
	if err != nil {
		return err
	}
	for _, one := range providers {
		e.provider.CPU += one.CPU
		e.provider.Memory = max(e.provider.Memory, one.Memory)
	}
	if w.provider != "" && len(providers) == 0 || e.provider.CPU > e.cpu {
		return fmt.Errorf("the CLI did not wait for its providers: %d of them used %s, all processes together %s",
			len(providers), e.provider.CPU, e.cpu)
	}
	return nil
}

// apply runs apply, and notes when it fails.
func (w *workspace) apply(ctx context.Context, what string, flags ...string) (e *execution, ok bool, err error) {
	e, err = w.run(ctx, append([]string{"apply", "-auto-approve", "-input=false", "-no-color"}, flags...)...)
	if err == nil && e.code != 0 {
		w.b.fail(fmt.Sprintf("apply (%s): exit code %d", what, e.code), e.output)
	}
	return e, err == nil && e.code == 0, err
}

// planNothing runs a plan, and notes when it fails or is not empty.
func (w *workspace) planNothing(ctx context.Context, what string) (e *execution, ok bool, err error) {
	e, err = w.run(ctx, "plan", "-detailed-exitcode", "-input=false", "-no-color")
	if err == nil && e.code != 0 {
		w.b.fail(fmt.Sprintf("plan (%s): exit code %d, want 0 for an empty plan", what, e.code), e.output)
	}
	return e, err == nil && e.code == 0, err
}

func (w *workspace) remove() error { return os.RemoveAll(w.Folder) }
