//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"runtime"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/cli"
)

// report writes all that was measured, and what it says of the targets.
func (b *bench) report(ctx context.Context, out io.Writer, r *results) error {
	release, err := cli.ReleaseOf(ctx, b.cli)
	if err != nil {
		return err
	}
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
