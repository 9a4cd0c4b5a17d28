//go:build unix

// Command soak runs the provider for long: a real CLI plans and applies in turn, over
// many jobs that change in the configuration and outside of it, against a simulator some
// of whose answers go wrong. Nothing may be lost, and the provider, which is one process
// for most of the run, may not grow. It fails when something goes wrong, never because
// something is slow.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == serveArgument {
		if err := serve(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintf(os.Stderr, "\nThe soak failed: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	s, err := parseArgs(args)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.hardEnd(), fmt.Errorf("it did not end within %s", s.hardEnd()))
	defer cancel()
	k, err := newSoak(ctx, s, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.close(err != nil)) }()
	if err := k.rounds(ctx); err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	return k.verdict()
}
