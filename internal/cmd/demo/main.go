//go:build unix

// Command demo shows the provider at work: a real CLI, the provider and the
// simulator. It checks what it shows, and fails when something is otherwise.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "\nThe demo failed: %v\n", err)
		cancel()
		os.Exit(1) //nolint:gocritic // cancel is called
	}
}

// changes is the exit code of plan -detailed-exitcode for a plan that isn't empty.
const changes = 2

// steps are the parts of the demo.
var steps = []struct {
	title   string
	actions []action
	recent  bool // needs terraform query and actions
}{
	{title: "Create a visualization job and wait until it runs", actions: []action{
		writeJob(""), cli(0, "", "init"), cli(0, "", "apply", "-auto-approve"), expect(simulator.StatusRunning),
	}},
	{title: "running = false stops the job: from now on it costs nothing", actions: []action{
		writeJob("  running     = false\n"), cli(0, "", "apply", "-auto-approve"), expect(simulator.StatusKilled),
	}},
	{title: "A second plan is empty", actions: []action{cli(0, "", "plan", "-detailed-exitcode")}},
	{title: "A colleague stops a job that should run: the plan shows the drift, an apply corrects it", actions: []action{
		writeJob("  running     = true\n"), cli(0, "", "apply", "-auto-approve"), expect(simulator.StatusRunning),
		stopOutside, cli(changes, "false -> true", "plan", "-detailed-exitcode"),
		cli(0, "", "apply", "-auto-approve"), expect(simulator.StatusRunning),
	}},
	{title: "An error of the API says what it means, and where", actions: []action{
		write("broken.tf", `resource "modelarts_visualization_job" "broken" {
  name      = "broken"
  train_url = "/no-such-bucket/logs/"
}
`),
		cli(1, "ModelArts.4311", "apply", "-auto-approve"), remove("broken.tf"),
	}},
	{title: "An existing job is imported", actions: []action{
		cli(0, "", "state", "rm", address), cli(0, "", "import", address, jobID), cli(0, "", "plan", "-detailed-exitcode"),
	}},
	{title: "terraform query finds jobs that no state has, and writes their configuration", recent: true, actions: []action{
		createOutside, write("all.tfquery.hcl", `list "modelarts_visualization_job" "all" {
  provider = modelarts

  config {
    search_content = "found"
  }
}
`),
		cli(0, "", "query", "-generate-config-out=found.tf"), show("found.tf"),
		cli(0, "1 imported, 0 added, 0 changed, 0 destroyed", "apply", "-auto-approve"),
	}},
	{title: "An action stops a job without a plan, and shows each status", recent: true, actions: []action{
		write("action.tf", `action "modelarts_visualization_job_stop" "board" {
  config {
    id = `+address+`.id
  }
}
`),
		cli(0, "KILLING", "apply", "-invoke=action.modelarts_visualization_job_stop.board", "-auto-approve"),
		expect(simulator.StatusKilled),
	}},
	{title: "destroy waits until the job is gone", actions: []action{cli(0, "", "destroy", "-auto-approve"), expectNone}},
}

func run(ctx context.Context) error {
	s, err := newStage(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	for number, step := range steps {
		fmt.Printf("\n━━━ %d. %s\n", number+1, step.title)
		if step.recent && !s.hasQuery(ctx) {
			fmt.Printf("\n  NOT SHOWN: %s has no query and no actions. Terraform 1.14 and later have.\n", filepath.Base(s.program.Program))
			continue
		}
		for _, act := range step.actions {
			if err := act(ctx, s); err != nil {
				return fmt.Errorf("%s: %w", step.title, err)
			}
		}
	}
	fmt.Printf("\nEach step did what it says. The simulator answered every request; no account was needed.\n")
	return nil
}
