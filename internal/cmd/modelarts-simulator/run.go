package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// shutdownTimeout is the maximum duration of pending requests after a signal.
const shutdownTimeout = 5 * time.Second

// run serves until ctx is done, and then returns nil.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	c, err := parseArgs(args, stderr)
	if err != nil {
		return err
	}

	logger := log.New(stderr, "", 0)

	c.options.ForgetRequests = true // The command doesn't use them.
	c.options.Control = true

	if c.verbose {
		c.options.OnRequest = func(call simulator.Request) { logger.Print(describe(call)) }
	}

	server, err := simulator.Start(c.options) //nolint:contextcheck // it is shut down after ctx has ended
	if err != nil {
		return err
	}
	defer server.Close()

	for _, f := range c.faults {
		server.Inject(f)
	}

	for range c.jobs {
		server.AddJob(simulator.Job{Status: simulator.StatusRunning})
	}

	if _, err := io.WriteString(stdout, variables(server)); err != nil {
		return fmt.Errorf("write environment: %w", err)
	}

	logger.Printf("listening on %s", server.URL())

	select {
	case <-ctx.Done():
	case <-server.Done():
	}

	return shutDown(context.WithoutCancel(ctx), server)
}

// shutDown waits for pending requests, and cuts them after a time, which isn't an error.
func shutDown(ctx context.Context, server *simulator.Server) error {
	ctx, cancel := context.WithTimeout(ctx, shutdownTimeout)
	defer cancel()

	if err := server.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}

	return nil
}

// variables returns the standard output. The access key is a comment, because a client that has it
// doesn't use the password. It is last, so that a shell can also read the output as one line.
func variables(server *simulator.Server) string {
	var b strings.Builder

	b.WriteString(exports(server.Env()))
	b.WriteString("# Instead of a user and a password, an access key:\n")

	for line := range strings.Lines(exports(server.AccessKeyEnv())) {
		b.WriteString("# " + line)
	}

	return b.String()
}

// exports returns env as lines for a POSIX shell, sorted by name.
func exports(env map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(env)) {
		fmt.Fprintf(&b, "export %s=%s\n", name, quote(env[name]))
	}

	return b.String()
}

// quote returns s as one word of a POSIX shell.
func quote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// describe returns the line for a request. It contains neither headers nor the body, because they
// contain secrets.
func describe(c simulator.Request) string {
	target := url.URL{Path: c.Path, RawQuery: c.Query.Encode()}

	return fmt.Sprintf("%s %s %d %s", c.Method, target.RequestURI(), c.Status, c.RequestID)
}
