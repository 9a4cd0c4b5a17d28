package visualizationjob_test

import (
	"bufio"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestActionsWithTerraform(t *testing.T) {
	acctest.NeedTerraform(t, "1.14.0")
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	w := workspaceFor(t, server, `
variable "description" {
  default = "first"
}
resource "modelarts_visualization_job" "test" {
  name        = "board"
  train_url   = "/bucket/logs/"
  description = var.description
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.modelarts_visualization_job_stop.test]
    }
    action_trigger {
      events  = [after_update]
      actions = [action.modelarts_visualization_job_restart.test]
    }
  }
}
action "modelarts_visualization_job_stop" "test" {
  config {
    id = modelarts_visualization_job.test.id # which is not known before the create
  }
}
action "modelarts_visualization_job_restart" "test" {
  config {
    id = modelarts_visualization_job.test.id
    timeouts {
      invoke = "1m"
    }
  }
}
`)
	const (
		stop    = "-invoke=action.modelarts_visualization_job_stop.test"
		restart = "-invoke=action.modelarts_visualization_job_restart.test"
	)
	job := func(status string) string { return `Visualization job "board" (id 1): ` + status + " " }
	for _, step := range []struct {
		name   string
		args   []string
		says   []string
		status int
	}{
		{"after a create", nil, []string{job("RUNNING"), job("KILLED"), "Actions: 1 invoked."}, simulator.StatusKilled},
		{
			"after an update",
			[]string{"-var=description=second"},
			[]string{job("KILLED"), job("RUNNING"), "Actions: 1 invoked."},
			simulator.StatusRunning,
		},
		{"a stop", []string{stop}, []string{job("RUNNING"), job("KILLED"), "Actions: 1 invoked."}, simulator.StatusKilled},
		{"a restart", []string{restart}, []string{job("KILLED"), job("RUNNING"), "Actions: 1 invoked."}, simulator.StatusRunning},
		{"a restart of one that runs", []string{restart}, []string{job("RUNNING"), job("KILLED"), "Actions: 1 invoked."}, simulator.StatusRunning},
	} {
		wantOutput(t, w.MustRun(0, append([]string{"apply", "-auto-approve", "-no-color"}, step.args...)...), step.says...)
		if job, _ := server.Job(1); job.Status != step.status {
			t.Errorf("%s: the job has the status %d, want %d", step.name, job.Status, step.status)
		}
	}

	server.Inject(denied(http.MethodPost, ".*/stop", 0))
	wantOutput(t, w.MustRun(1, "apply", "-auto-approve", "-no-color", stop),
		`Could not stop visualization job "board" (id 1)`, "last seen in status RUNNING", "API message: not yours", "Error code: ModelArts.0108",
		"Invoke the action again")
}

// An action that is interrupted fails: a pipeline must not take it for done.
func TestActionInterrupted(t *testing.T) {
	acctest.NeedTerraform(t, "1.14.0")
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{Transition: time.Minute})
	server.AddJob(simulator.Job{ID: 1, Name: "board", Status: simulator.StatusRunning})
	w := workspaceFor(t, server, `
action "modelarts_visualization_job_stop" "test" {
  config {
    id = "1"
  }
}
`)
	cmd := w.Command(t.Context(), "apply", "-auto-approve", "-no-color", "-invoke=action.modelarts_visualization_job_stop.test")
	printed, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var output strings.Builder
	for lines := bufio.NewScanner(printed); lines.Scan(); {
		output.WriteString(lines.Text() + "\n")
		if strings.HasSuffix(lines.Text(), "KILLING") { // there is no more progress for a minute
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Error(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Error("it ended like a success")
	}
	wantOutput(t, output.String(), `Could not stop visualization job "board" (id 1)`, "It was interrupted.", "Invoke the action again")
}
