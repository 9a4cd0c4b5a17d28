//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
)

// report writes all that was measured, and what it says of the targets.
func (b *bench) report(ctx context.Context, out io.Writer, r *results) error {
	output, err := exec.CommandContext(ctx, b.cli, "version").Output() //nolint:gosec // the CLI to measure with
	if err != nil {
		return err
	}
	release, _, _ := strings.Cut(string(output), "\n")
	if _, err := fmt.Fprintf(out, "# Benchmark\n\n%s, %s, %s/%s, %d CPUs. Refreshes are medians of %d, those of N = %d measured once.\n\n",
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
