//go:build unix

// Command launcher stands in the place of a provider: it starts the one to measure
// and notes what it used.
//
// The kernel counts the CPU of a process, and the most memory it had, exactly and to
// its end, and tells the one who waits for it. For a provider that is the CLI, which
// keeps it to itself; looking into /proc from outside misses what is used after the
// last look. So this process sits between the two. It hands on its own stdin, stdout
// and stderr, and so takes no part in what the two say to each other.
//
// It is a program of its own, and a tiny one, because a process begins with the
// memory peak of the one that started it: started by something large, the provider
// would seem to be as large.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/benchmark/launched"
)

func main() {
	code, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "launcher:", err)
		code = 1
	}
	os.Exit(code)
}

func run() (code int, err error) {
	provider := exec.Command(os.Getenv(launched.ProgramVariable), os.Args[1:]...) //nolint:gosec,noctx // the CLI ends it
	provider.Stdin, provider.Stdout, provider.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = provider.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		return 0, err
	}
	return provider.ProcessState.ExitCode(), launched.Append(os.Getenv(launched.UsageVariable), provider.ProcessState)
}
