package acctest

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// script makes a shell script and returns its path.
func script(t *testing.T, folder, name, content string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+content+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFindCLI(t *testing.T) {
	tools := t.TempDir()
	t.Setenv("PATH", tools)
	t.Setenv("TF_CLI", "")
	if got, err := FindCLI(); !errors.Is(err, errNoCLI) {
		t.Errorf("on an empty PATH it found %q, %v", got, err)
	}
	tofu := script(t, tools, "tofu", "")
	if got, err := FindCLI(); got != tofu || err != nil {
		t.Errorf("it found %q, %v, want %q", got, err, tofu)
	}
	terraform := script(t, tools, "terraform", "")
	if got, err := FindCLI(); got != terraform || err != nil {
		t.Errorf("it found %q, %v, want %q", got, err, terraform)
	}
	t.Setenv("TF_CLI", "tofu")
	if got, err := FindCLI(); got != tofu || err != nil {
		t.Errorf("with TF_CLI it found %q, %v, want %q", got, err, tofu)
	}
	t.Setenv("TF_CLI", "tafu")
	if got, err := FindCLI(); err == nil || errors.Is(err, errNoCLI) || !strings.Contains(err.Error(), "tafu") {
		t.Errorf("with a typo it found %q, %v", got, err)
	}
}

// scripts/find-cli prints the same, and brings a CLI to a machine without any.
func TestFindCLIScript(t *testing.T) {
	t.Parallel()
	const (
		installs = `echo "go $*" >&2; : >bin/terraform; chmod +x bin/terraform`
		fails    = `echo "no such host" >&2; exit 1`
		builds   = `[ "$1" != -q ] || exit 1; echo "make $*" >&2; : >bin/tofu`
		built    = `[ "$1" = -q ]`
		unused   = `echo "this must not run" >&2; exit 1`
		failing  = `exit 1`
	)
	for name, test := range map[string]struct {
		tools    map[string]string // on the PATH
		variable string            // TF_CLI
		present  string            // in bin/
		want     string            // "" for an error
		says     []string
	}{
		"TF_CLI":           {map[string]string{"terraform": "", "tofu": "", "go": unused}, "tofu", "", "PATH/tofu", nil},
		"TF_CLI is wrong":  {map[string]string{"terraform": "", "go": unused}, "tafu", "", "", []string{"TF_CLI=tafu"}},
		"terraform":        {map[string]string{"terraform": "", "tofu": "", "go": unused}, "", "", "PATH/terraform", nil},
		"tofu":             {map[string]string{"tofu": "", "go": unused}, "", "", "PATH/tofu", nil},
		"installed before": {map[string]string{"go": unused, "make": unused}, "", "terraform", "bin/terraform", nil},
		"built before":     {map[string]string{"go": unused, "make": built}, "", "tofu", "bin/tofu", nil},
		"can be installed": {map[string]string{"go": installs, "make": builds}, "", "", "bin/terraform", []string{"go -C tools/terraform run -trimpath ."}},
		"can't be installed": {
			map[string]string{"go": fails, "make": builds},
			"", "", "bin/tofu",
			[]string{"no such host", "OpenTofu", "8 minutes", "make --no-print-directory bin/tofu"},
		},
		"can't be built either": {map[string]string{"go": fails, "make": failing}, "", "", "", []string{"no such host", "OpenTofu"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree, path := t.TempDir(), t.TempDir()
			content := Read(t, "../../scripts/find-cli")
			for _, folder := range []string{"scripts", "bin"} {
				if err := os.Mkdir(filepath.Join(tree, folder), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			find := script(t, filepath.Join(tree, "scripts"), "find-cli", content)
			if test.present != "" {
				script(t, filepath.Join(tree, "bin"), test.present, "")
			}
			for tool, content := range test.tools {
				script(t, path, tool, content)
			}
			for _, tool := range []string{"chmod", "dirname", "mkdir"} {
				program, err := exec.LookPath(tool)
				if err == nil {
					err = os.Symlink(program, filepath.Join(path, tool))
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.CommandContext(t.Context(), find)
			cmd.Env = []string{"PATH=" + path, "TF_CLI=" + test.variable}
			var says strings.Builder
			cmd.Stderr = &says
			output, err := cmd.Output()
			got := strings.TrimSpace(string(output))
			want := strings.NewReplacer("PATH", path, "bin", filepath.Join(tree, "bin")).Replace(test.want)
			if got != want || (err == nil) != (want != "") {
				t.Errorf("got %q, %v, want %q; it says:\n%s", got, err, want, says.String())
			}
			for _, text := range test.says {
				if !strings.Contains(says.String(), text) {
					t.Errorf("it doesn't say %q:\n%s", text, says.String())
				}
			}
		})
	}
}

// A CLI that is interrupted gets to say how it ended.
func TestInterrupt(t *testing.T) {
	folder := t.TempDir()
	c := NewCLI(script(t, folder, "cli", `trap 'echo interrupted; exit 1' INT; echo ready; while :; do sleep 0.05; done`), folder, nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cmd := c.Command(ctx)
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	output := bufio.NewReader(stdout)
	first, _ := output.ReadString('\n')
	cancel()
	rest, _ := io.ReadAll(output)
	if _, err := ExitCode(ctx, cmd, cmd.Wait()); !errors.Is(err, context.Canceled) || first != "ready\n" || string(rest) != "interrupted\n" {
		t.Errorf("it printed %q and %q, and ended with %v", first, rest, err)
	}
}

// A release decides which tests are skipped. If too many are skipped, no reader notices
// that it tests nothing.
func TestRelease(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		output, lowest     string
		version, terraform string // why it is not enough, as any product, as Terraform
	}{
		{"Terraform v1.14.9\non linux_amd64\n", "1.14.0", "", ""},
		{"Terraform v1.14.0\n", "1.14.0", "", ""},
		{"Terraform v1.9.9\n", "1.14.0", "Terraform 1.9.9 is older than 1.14.0", "Terraform 1.9.9 is older than 1.14.0"},
		{
			"Warning: something\n\nOpenTofu v1.12.6-dev\non linux_amd64\n", "1.12.0",
			"", "OpenTofu 1.12.6-dev is not Terraform 1.12.0 or later",
		},
		{"OpenTofu v1.15.0\n", "1.14.0", "", "OpenTofu 1.15.0 is not Terraform 1.14.0 or later"},
	} {
		have, err := parseRelease(test.output)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := have.lacks(test.lowest, false); got != test.version {
			t.Errorf("%s: got %q, want %q", have, got, test.version)
		}
		if got := have.lacks(test.lowest, true); got != test.terraform {
			t.Errorf("%s as Terraform: got %q, want %q", have, got, test.terraform)
		}
	}
	for _, output := range []string{"", "terraform: command not found", "Packer v1.14.0\n", "Terraform vx\n"} {
		if have, err := parseRelease(output); err == nil {
			t.Errorf("%q is %s, want an error", output, have)
		}
	}
}
