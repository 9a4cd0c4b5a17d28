//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"runtime"
)

// firstLine is how what a CLI says of its version begins, after warnings.
var firstLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v\S+$`)

// report writes all that was measured, and what it says of the targets.
func (b *bench) report(ctx context.Context, out io.Writer, r *results) error {
	version := exec.CommandContext(ctx, b.cli, "version") //nolint:gosec // the CLI to measure with
	version.Env = cleanEnvironment()
	output, err := version.Output()
	if err != nil {
		return err
	}
	release := firstLine.Find(output)
	if _, err := fmt.Fprintf(out, "# Benchmark\n\n%s, %s, %s/%s, %d CPUs. Refreshes are medians of %d, but those of N = %d measured once.\n\n",
		release, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), b.runs, largest); err != nil {
		return err
	}
	for _, t := range append(refreshTables(r), waitTable(r), limitTable(r), startTable(r), b.verdictTable(r)) {
		if len(t.rows) == 0 {
			continue
		}
		if err := t.write(out); err != nil {
			return err
		}
	}
	return nil
}
