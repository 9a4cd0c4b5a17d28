//go:build unix

// Command demo shows the provider at work: a real CLI, the provider and the
// simulator. It checks each step, and fails if the job isn't as the step says.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func main() {
	verbose := flag.Bool("v", false, "show all of the CLI's output, not only the relevant lines")
	pause := flag.Duration("pause", 0, "wait that long after each step")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := run(ctx, &screen{to: os.Stdout, color: hasColor(os.Stdout), verbose: *verbose}, *pause); err != nil {
		fmt.Fprintf(os.Stderr, "\nThe demo failed: %v\n", cmp.Or(ctx.Err(), err))
		cancel()
		os.Exit(1) //nolint:gocritic // cancel is called
	}
}

// imported is the result of an import without a change.
const imported = "1 imported, 0 added, 0 changed, 0 destroyed"

// step is a part of the demo: one sentence, and the actions that show it.
type step struct {
	sentence string
	actions  []action
}

// first are the steps that every CLI can show.
var first = []step{
	{"An apply creates a job and waits until it runs.", []action{
		writeJob("true"), cli(0, "1 added", "apply"), expect(simulator.StatusRunning),
	}},
	{"A colleague stops the job in the console. Terraform detects the drift and starts the job again.", []action{
		stopOutside, cli(0, "false -> true", "apply"), expect(simulator.StatusRunning),
	}},
	{"running = false stops the job and waits until it is stopped. From then on, it costs nothing.", []action{
		writeJob("false"), cli(0, "1 changed", "apply"), expect(simulator.StatusKilled),
	}},
	{"An error names the argument at fault, the cause and the remedy.", []action{
		write("broken.tf", `resource "modelarts_visualization_job" "broken" {
  name      = "broken"
  train_url = "/no-such-bucket/logs/"
}
`),
		cli(1, "ModelArts.4311", "apply"), remove("broken.tf"),
	}},
}

// recent are the steps that need Terraform 1.14 or later.
var recent = []step{
	{"terraform query finds a job that Terraform doesn't manage, and writes its configuration.", []action{
		createOutside, write("all.tfquery.hcl", `list "modelarts_visualization_job" "all" {
  provider = modelarts

  config {
    search_content = "found"
  }
}
`),
		cli(0, "", "query", "-generate-config-out=found.tf"), show("found.tf"), cli(0, imported, "apply"),
	}},
	{"An action stops a job without a plan, for example every night from a pipeline.", []action{
		write("night.tf", `action "modelarts_visualization_job_stop" "night" {
  config {
    id = modelarts_visualization_job.all_0.id
  }
}
`),
		cli(0, "KILLED", "apply", "-invoke=action.modelarts_visualization_job_stop.night"),
	}},
}

// older stands in for recent with another CLI.
var older = []step{
	{"An import block brings an existing job under Terraform's control.", []action{
		createOutside, write("found.tf", `import {
  to = modelarts_visualization_job.found
  id = "2"
}

resource "modelarts_visualization_job" "found" {
  name      = "found"
  train_url = "/training/run-8/"
}
`),
		cli(0, imported, "apply"),
	}},
}

// last ends the demo.
var last = step{"destroy waits until the jobs are gone.", []action{cli(0, "2 destroyed", "destroy"), expectNone}}

func run(ctx context.Context, out *screen, pause time.Duration) error {
	s, err := newStage(ctx, out)
	if err != nil {
		return err
	}
	defer s.close()
	middle := older
	if s.hasQuery(ctx) {
		middle = recent
	}
	for number, step := range slices.Concat(first, middle, []step{last}) {
		out.print(title, "\n%d. %s\n", number+1, step.sentence)
		for _, act := range append(step.actions, wait(pause)) {
			if err := act(ctx, s); err != nil {
				return fmt.Errorf("%s: %w", step.sentence, err)
			}
		}
	}
	out.print(plain, "\nAll of this ran on this machine, without an account. The guide docs/guides/getting-started.md\n"+
		"shows how to try your own configuration. It needs the simulator, which this command starts:\n")
	out.print(command, "\n  make simulator\n")
	defer out.print(plain, "\n") // ends the recording after the pause
	return wait(2*pause)(ctx, s)
}
