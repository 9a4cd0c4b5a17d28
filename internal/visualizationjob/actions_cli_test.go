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
	w := newWorkspace(t, server, `
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
	const stop = "-invoke=action.modelarts_visualization_job_stop.test"
	job := func(status string) string { return `Visualization job "board" (ID 1): ` + status + " " }
	for _, step := range []struct {
		flag     string
		contains []string
	}{
		{"-parallelism=10", []string{job("RUNNING"), job("KILLED"), "Actions: 1 invoked."}}, // after a create
		{"-var=description=second", []string{job("KILLED"), job("RUNNING"), "Actions: 1 invoked."}},
		{stop, []string{job("RUNNING"), job("KILLED"), "Actions: 1 invoked."}},
	} {
		wantOutput(t, w.MustRun(0, "apply", "-auto-approve", "-no-color", step.flag), step.contains...)
	}
	server.SetStatus(1, simulator.StatusRunning)
	server.Inject(denied(http.MethodPost, ".*/stop", 0))
	wantOutput(t, w.MustRun(1, "apply", "-auto-approve", "-no-color", stop),
		`Could not stop visualization job "board" (ID 1)`, "to stop (last status: RUNNING)", "API message: not yours", "Error code: ModelArts.0108",
		"Run the action again")
}

const stopAction = `
action "modelarts_visualization_job_stop" "test" {
  config {
    id = "1"
  }
}
`

// invokeStop invokes the action of the workspace. When the CLI shows that the job stops, it calls stopping.
func invokeStop(t *testing.T, w *workspace, stopping func(cli *os.Process) error) (output string, err error) {
	t.Helper()
	cmd := w.Command(t.Context(), "apply", "-auto-approve", "-no-color", "-invoke=action.modelarts_visualization_job_stop.test")
	printed, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for lines := bufio.NewScanner(printed); lines.Scan(); {
		all.WriteString(lines.Text() + "\n")
		if strings.HasSuffix(lines.Text(), "KILLING") { // there is no more progress for a minute
			if err := stopping(cmd.Process); err != nil {
				t.Error(err)
			}
		}
	}
	return all.String(), cmd.Wait()
}

// An action that is interrupted fails, because a pipeline must not take it for done. A provider that a debugger has started
// serves many runs: an interrupt ends one run, and leaves nothing behind.
func TestActionInterruptedInDebugMode(t *testing.T) {
	acctest.NeedTerraform(t, "1.14.0")
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{Transition: time.Minute})
	w := newWorkspace(t, server, stopAction)
	attach(t, w)
	server.AddJob(simulator.Job{ID: 1, Name: "board"})
	for range 2 {
		server.SetStatus(1, simulator.StatusRunning)
		output, err := invokeStop(t, w, func(cli *os.Process) error { return cli.Signal(os.Interrupt) })
		if err == nil {
			t.Error("it ended like a success")
		}
		wantOutput(t, output, `Could not stop visualization job "board" (ID 1)`, "Interrupted after", "Run the action again")
		shown := false
		server.SetStatus(1, simulator.StatusRunning)
		output, err = invokeStop(t, w, func(*os.Process) error {
			shown = server.SetStatus(1, simulator.StatusKilled)
			return nil
		})
		if err != nil || !shown {
			t.Errorf("progress was shown: %t; the run after the interrupted one ended with %v:\n%s", shown, err, output)
		}
	}
}

// attach starts the provider as for a debugger, and has the CLI of the workspace use it.
func attach(t *testing.T, w *workspace) {
	t.Helper()
	built := w.UseProvider(w.Folder)
	cmd := w.Command(t.Context())
	cmd.Path, cmd.Args = built, []string{built, "-debug"}
	printed, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // the end of the test has interrupted it
	for lines := bufio.NewScanner(printed); lines.Scan(); {
		if name, value, ok := strings.Cut(strings.TrimSpace(lines.Text()), "="); ok && name == "TF_REATTACH_PROVIDERS" {
			w.CLI.Env = append(w.CLI.Env, name+"="+strings.Trim(value, "'"))
			return
		}
	}
	t.Fatal("the provider doesn't print TF_REATTACH_PROVIDERS")
}
