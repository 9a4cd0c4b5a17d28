// Command modelarts-simulator serves an imitation of Open Telekom Cloud's IAM
// and ModelArts on a loopback address, and prints the environment variables
// that point a client to it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // A second signal ends the program the hard way.

	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "modelarts-simulator:", err)
		os.Exit(1)
	}
}
