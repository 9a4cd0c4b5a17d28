//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/cli"
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
	launchers map[string]string    // the folder of the launcher, by source of what it launches
	templates map[string]*template // by contestant
	failures  []string
	seen      int // workspaces so far
}

// newBench finds the CLI and builds the contestants as the product is built.
func newBench(ctx context.Context, s settings) (*bench, error) {
	program, err := cli.Find()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "modelarts-benchmark-")
	if err != nil {
		return nil, err
	}
	b := &bench{settings: s, cli: program, folder: folder, programs: map[string]string{}, templates: map[string]*template{}}
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
	folder := filepath.Join(b.folder, "launchers")
	program := filepath.Join(folder, cli.Provider)
	if err := build(ctx, "./internal/benchmark/launcher", program); err != nil {
		return err
	}
	b.launchers = map[string]string{cli.Source: folder, "opentelekomcloud-community/scaffolding": folder}
	return os.Link(program, filepath.Join(folder, "terraform-provider-scaffolding"))
}

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

// build builds a program. The source is a folder of this tree, whose root is the working
// folder.
func build(ctx context.Context, source, to string) error {
	progress("build %s", source)
	return cli.Build(ctx, source, to)
}
