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
	"strings"
	"syscall"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

const address = "modelarts_visualization_job.board"

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "\nThe demo failed: %v\n", err)
		cancel()
		os.Exit(1) //nolint:gocritic // cancel is called
	}
}

func run(ctx context.Context) (err error) {
	s, err := newStage(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := s.close(); err == nil {
			err = closeErr
		}
	}()
	for _, step := range []struct {
		title  string
		play   func(context.Context, *stage) error
		recent bool // needs terraform query and actions
	}{
		{title: "Create a visualization job and wait until it runs", play: create},
		{title: "running = false stops it: from now on it costs nothing", play: stop},
		{title: "A second plan is empty", play: planNothing},
		{title: "Somebody stops a job that should run: the plan shows the drift, an apply mends it", play: drift},
		{title: "An error of the API says what it means, and where", play: apiError},
		{title: "A job that exists is imported", play: importJob},
		{title: "terraform query finds what no state knows, and writes its configuration", play: query, recent: true},
		{title: "An action stops a job without a plan, and shows each status", play: invoke, recent: true},
		{title: "destroy waits until the job is gone", play: destroy},
	} {
		s.heading(step.title)
		if step.recent && !s.hasQuery(ctx) {
			fmt.Printf("\n  NOT SHOWN: %s has no query and no actions. Terraform 1.14 and later have.\n", filepath.Base(s.program.Program))
			continue
		}
		if err := step.play(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", step.title, err)
		}
	}
	fmt.Printf("\nAll that was shown did what it says. The simulator answered every call; no account was needed.\n")
	return nil
}

func create(ctx context.Context, s *stage) error {
	if err := s.write("description = \"training run 7\""); err != nil {
		return err
	}
	if _, err := s.cli(ctx, 0, "init"); err != nil {
		return err
	}
	if _, err := s.cli(ctx, 0, "apply", "-auto-approve"); err != nil {
		return err
	}
	return s.expect(ctx, modelarts.StatusRunning)
}

func stop(ctx context.Context, s *stage) error {
	if err := s.write("description = \"training run 7\"", "running     = false"); err != nil {
		return err
	}
	if _, err := s.cli(ctx, 0, "apply", "-auto-approve"); err != nil {
		return err
	}
	return s.expect(ctx, modelarts.StatusKilled)
}

func planNothing(ctx context.Context, s *stage) error {
	_, err := s.cli(ctx, 0, "plan", "-detailed-exitcode")
	return err
}

func drift(ctx context.Context, s *stage) error {
	if err := s.write("description = \"training run 7\"", "running     = true"); err != nil {
		return err
	}
	if _, err := s.cli(ctx, 0, "apply", "-auto-approve"); err != nil {
		return err
	}
	if err := s.expect(ctx, modelarts.StatusRunning); err != nil {
		return err
	}
	if err := s.stopOutside(ctx); err != nil {
		return err
	}
	const changes = 2 // the exit code of -detailed-exitcode for a plan that is not empty
	output, err := s.cli(ctx, changes, "plan", "-detailed-exitcode")
	if err != nil {
		return err
	}
	if !strings.Contains(output, "false -> true") {
		return fmt.Errorf("the plan does not show running as false -> true")
	}
	if _, err := s.cli(ctx, 0, "apply", "-auto-approve"); err != nil {
		return err
	}
	return s.expect(ctx, modelarts.StatusRunning)
}

func apiError(ctx context.Context, s *stage) error {
	if err := s.program.Write("broken.tf", `
resource "modelarts_visualization_job" "broken" {
  name      = "broken"
  train_url = "/no-such-bucket/logs/"
}
`); err != nil {
		return err
	}
	output, err := s.cli(ctx, 1, "apply", "-auto-approve")
	if err != nil {
		return err
	}
	for _, want := range []string{"ModelArts.4311", `train_url = "/no-such-bucket/logs/"`, "Request ID"} {
		if !strings.Contains(output, want) {
			return fmt.Errorf("the diagnostic does not say %s", want)
		}
	}
	return s.removeFile("broken.tf")
}

func importJob(ctx context.Context, s *stage) error {
	job, err := s.job(ctx)
	if err != nil {
		return err
	}
	if _, err := s.cli(ctx, 0, "state", "rm", address); err != nil {
		return err
	}
	if _, err := s.cli(ctx, 0, "import", address, fmt.Sprint(job.ID)); err != nil {
		return err
	}
	return planNothing(ctx, s)
}

func query(ctx context.Context, s *stage) error {
	fmt.Printf("\n  Past Terraform: POST /visualization-jobs\n")
	if _, err := s.api.CreateVisualizationJob(ctx, modelarts.CreateOptions{Name: "found", TrainURL: "/training/run-8/"}); err != nil {
		return err
	}
	if err := s.show("all.tfquery.hcl", `list "modelarts_visualization_job" "all" {
  provider = modelarts

  config {
    search_content = "found"
  }
}
`); err != nil {
		return err
	}
	if _, err := s.cli(ctx, 0, "query", "-generate-config-out=found.tf"); err != nil {
		return err
	}
	generated, err := os.ReadFile(filepath.Join(s.folder, "found.tf"))
	if err != nil {
		return err
	}
	fmt.Printf("\n%s", indent(string(generated)))
	output, err := s.cli(ctx, 0, "apply", "-auto-approve")
	if err != nil {
		return err
	}
	if !strings.Contains(output, "1 imported, 0 added, 0 changed, 0 destroyed") {
		return fmt.Errorf("the apply did not just import the job")
	}
	return nil
}

func invoke(ctx context.Context, s *stage) error {
	if err := s.show("action.tf", `action "modelarts_visualization_job_stop" "board" {
  config {
    id = `+address+`.id
  }
}
`); err != nil {
		return err
	}
	output, err := s.cli(ctx, 0, "apply", "-invoke=action.modelarts_visualization_job_stop.board", "-auto-approve")
	if err != nil {
		return err
	}
	if !strings.Contains(output, "KILLING") {
		return fmt.Errorf("the action does not show that the job is being stopped")
	}
	return s.expect(ctx, modelarts.StatusKilled)
}

func destroy(ctx context.Context, s *stage) error {
	if _, err := s.cli(ctx, 0, "destroy", "-auto-approve"); err != nil {
		return err
	}
	jobs, err := s.api.ListVisualizationJobs(ctx, modelarts.ListOptions{})
	if err != nil {
		return err
	}
	if len(jobs.Jobs) > 0 {
		return fmt.Errorf("%d jobs are left", len(jobs.Jobs))
	}
	fmt.Println("  The API itself says: no job is left.")
	return nil
}
