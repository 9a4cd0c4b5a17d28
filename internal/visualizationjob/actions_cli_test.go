package visualizationjob_test

import (
	"bufio"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// An action that is interrupted fails, because a pipeline must not take it for done. A provider that a debugger has started
// serves many runs: the interrupt of one run leaves nothing behind for the next one. TestExamplesOfActions has other actions.
func TestActionInterruptedInDebugMode(t *testing.T) {
	acctest.NeedTerraform(t, "1.14.0")
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{Transition: time.Minute})
	w := newWorkspace(t, server, "action \"modelarts_visualization_job_stop\" \"test\" {\n  config {\n    id = \"1\"\n  }\n}\n")
	attach(t, w)
	server.AddJob(simulator.Job{ID: 1, Name: "board", Status: simulator.StatusRunning})
	invoke := []string{"apply", "-auto-approve", "-no-color", "-invoke=action.modelarts_visualization_job_stop.test"}
	cmd := w.Command(t.Context(), invoke...)
	printed, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	output := ""
	for lines := bufio.NewScanner(printed); lines.Scan(); {
		output += lines.Text() + "\n"
		if strings.HasSuffix(lines.Text(), "KILLING") { // there is no more progress for a minute
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Error(err)
			}
		}
	}
	if cmd.Wait() == nil {
		t.Error("it ended like a success")
	}
	acctest.WantOutput(t, output, `Could not stop visualization job "board" (ID 1)`, "Interrupted after", "If you run it again")
	server.SetStatus(1, simulator.StatusKilled)
	acctest.WantOutput(t, w.MustRun(0, invoke...), `Visualization job "board" (ID 1): KILLED`)
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
