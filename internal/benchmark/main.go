//go:build unix

// Command benchmark measures the provider, with a real CLI and the simulator, next to
// providers that do less. It says counts and ratios of one run, side by side; the times
// are there to be read, and mean nothing on another machine or another day. It fails
// when something goes wrong, never because something is slow.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintf(os.Stderr, "\nThe benchmark failed: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	s, err := parseArgs(args)
	if err != nil {
		return err
	}
	b, err := newBench(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()

	var r results
	measure := map[string]func(context.Context, *results) error{
		"refresh": b.refreshes, "wait": b.waits, "limit": b.limits, "start": b.starts,
	}
	for _, part := range parts {
		if s.only != "" && s.only != part {
			continue
		}
		if err := measure[part](ctx, &r); err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
	}
	if err := b.report(ctx, out, &r); err != nil {
		return err
	}
	if len(b.failures) > 0 {
		return fmt.Errorf("%d runs of the CLI did not end as they should:\n\n%s", len(b.failures), strings.Join(b.failures, "\n\n"))
	}
	return nil
}

// results has all that was measured. What was not is empty.
type results struct {
	refreshes []refresh
	waits     []wait
	limits    []limited
	starts    []start
}

// progress tells the one who waits what is being done.
func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
