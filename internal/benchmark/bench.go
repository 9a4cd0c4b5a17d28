//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// The contestants, as the tables call them.
const (
	ours          = "this provider"
	naive         = "a GET each"
	doNothing     = "do-nothing"
	scaffolding   = "scaffolding"
	terraformData = "terraform_data"
)

// bench is what all measurements share.
type bench struct {
	settings

	cli       string
	folder    string               // of everything; removed in the end
	programs  map[string]string    // by contestant
	templates map[string]*template // by contestant
	failures  []string
	seen      int // workspaces so far
}

// newBench finds the CLI and builds the contestants as the product is built.
func newBench(ctx context.Context, s settings) (*bench, error) {
	if os.Getenv("TF_CLI") == "" {
		return nil, errors.New("TF_CLI names no CLI; make bench finds one")
	}
	cli, err := exec.LookPath(os.Getenv("TF_CLI"))
	if err != nil {
		return nil, err
	}
	if cli, err = filepath.Abs(cli); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "modelarts-benchmark-")
	if err != nil {
		return nil, err
	}
	b := &bench{settings: s, cli: cli, folder: folder, programs: map[string]string{}, templates: map[string]*template{}}
	if err := errors.Join(b.buildContestants(ctx), b.installLauncher(ctx)); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

func (b *bench) buildContestants(ctx context.Context) error {
	for contestant, source := range map[string]string{
		ours:        ".",
		naive:       "./internal/benchmark/naive",
		doNothing:   "./internal/benchmark/donothing",
		scaffolding: "./internal/benchmark/scaffolding",
	} {
		b.programs[contestant] = filepath.Join(b.folder, strings.ReplaceAll(contestant, " ", "-"))
		if err := build(ctx, source, b.programs[contestant]); err != nil {
			return err
		}
	}
	return nil
}

// installLauncher puts the launcher where the CLI looks for the providers.
func (b *bench) installLauncher(ctx context.Context) error {
	if err := os.Mkdir(b.launchers(), 0o700); err != nil {
		return err
	}
	program := filepath.Join(b.launchers(), "terraform-provider-modelarts")
	if err := build(ctx, "./internal/benchmark/launcher", program); err != nil {
		return err
	}
	if err := os.Link(program, filepath.Join(b.launchers(), "terraform-provider-scaffolding")); err != nil {
		return err
	}
	return os.WriteFile(b.cliConfig(), fmt.Appendf(nil, `disable_checkpoint = true
provider_installation {
  dev_overrides {
    "opentelekomcloud-community/modelarts"   = %[1]q
    "opentelekomcloud-community/scaffolding" = %[1]q
  }
}
`, b.launchers()), 0o600)
}

func (b *bench) launchers() string { return filepath.Join(b.folder, "launchers") }
func (b *bench) cliConfig() string { return filepath.Join(b.folder, "cli.tfrc") }

func (b *bench) close() error {
	return os.RemoveAll(b.folder) //nolint:gosec // made by MkdirTemp
}

// fail notes what went wrong with a run of the CLI. The others go on: what they show
// may say why.
func (b *bench) fail(what string, output []byte) {
	progress("  FAILED: %s", what)
	b.failures = append(b.failures, what+"\n"+telling(output))
}

// routine is a line about one of many instances that is as it should be.
var routine = regexp.MustCompile(`^(\S+: (Refreshing|Creating|Creation|Modifying|Modifications|Still) |\{"@level":"(info|warn)")`)

// telling returns the end of what the CLI printed, where its errors are, but for what a
// thousand instances have it print when nothing is wrong.
func telling(output []byte) string {
	const most = 4000
	var text strings.Builder
	for line := range bytes.Lines(output) {
		if !routine.Match(line) {
			text.Write(line)
		}
	}
	told := strings.TrimSpace(text.String())
	if len(told) > most {
		return "[...]\n" + strings.ToValidUTF8(told[len(told)-most:], "")
	}
	return told
}

// build builds a program as make builds the provider. The source is a folder of this tree,
// whose root is the working folder.
func build(ctx context.Context, source, to string) error {
	progress("build %s", source)
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", to, source) //nolint:gosec // both are ours
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	return cmd.Run()
}
