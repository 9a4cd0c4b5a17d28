package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// program makes a shell script and returns its path.
func program(t *testing.T, folder, name, script string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFind(t *testing.T) {
	tools := t.TempDir()
	t.Setenv("PATH", tools)
	t.Setenv("TF_CLI", "")
	if got, err := Find(); !errors.Is(err, ErrNone) {
		t.Errorf("on an empty PATH it found %q, %v", got, err)
	}
	tofu := program(t, tools, "tofu", "")
	if got, err := Find(); got != tofu || err != nil {
		t.Errorf("it found %q, %v, want %q", got, err, tofu)
	}
	terraform := program(t, tools, "terraform", "")
	if got, err := Find(); got != terraform || err != nil {
		t.Errorf("it found %q, %v, want %q", got, err, terraform)
	}
	t.Setenv("TF_CLI", "tofu")
	if got, err := Find(); got != tofu || err != nil {
		t.Errorf("with TF_CLI it found %q, %v, want %q", got, err, tofu)
	}
	t.Setenv("TF_CLI", "tafu")
	if got, err := Find(); err == nil || errors.Is(err, ErrNone) || !strings.Contains(err.Error(), "tafu") {
		t.Errorf("with a typo it found %q, %v", got, err)
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("TF_LOG", "TRACE")
	t.Setenv("OS_PASSWORD", "the user's")
	t.Setenv("EDITOR", "ed")
	env := New("terraform", "/folder", map[string]string{"OS_TOKEN": "ours"}).Env
	for _, want := range []string{"EDITOR=ed", "OS_TOKEN=ours", "TF_CLI_CONFIG_FILE=" + filepath.Join("/folder", configFile)} {
		if !slices.Contains(env, want) {
			t.Errorf("%s is not there", want)
		}
	}
	for _, variable := range env {
		if strings.HasPrefix(variable, "TF_LOG=") || strings.HasPrefix(variable, "OS_PASSWORD=") {
			t.Errorf("%s is the user's", variable)
		}
	}
}

func TestExitCode(t *testing.T) {
	c := New("sh", t.TempDir(), nil)
	run := func(ctx context.Context, script string) (int, error) {
		cmd := c.Command(ctx, "-c", script)
		return ExitCode(ctx, cmd, cmd.Run())
	}
	for script, want := range map[string]int{"exit 0": 0, "exit 2": 2} {
		if got, err := run(t.Context(), script); got != want || err != nil {
			t.Errorf("%s: %d, %v", script, got, err)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if got, err := run(ended, "exit 2"); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: %d, %v", got, err)
	}
	c.Program = filepath.Join(c.Folder, "missing")
	if got, err := run(t.Context(), ""); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a program: %d, %v", got, err)
	}
}

// A CLI that is interrupted gets to say how it ended.
func TestInterrupt(t *testing.T) {
	folder := t.TempDir()
	c := New(program(t, folder, "cli", `trap 'echo interrupted; exit 1' INT; echo ready; while :; do sleep 0.05; done`), folder, nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cmd := c.Command(ctx)
	var output notice
	output.seen, output.text = cancel, "ready"
	cmd.Stdout = &output
	_, err := ExitCode(ctx, cmd, cmd.Run())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	if !strings.Contains(output.String(), "interrupted") {
		t.Errorf("it printed %q", output.String())
	}
}

// notice is what a program printed, and notices a text in it.
type notice struct {
	strings.Builder

	text string
	seen func()
}

// Write implements io.Writer.
func (n *notice) Write(p []byte) (int, error) {
	written, err := n.Builder.Write(p)
	if strings.Contains(n.String(), n.text) {
		n.seen()
	}
	return written, err
}
