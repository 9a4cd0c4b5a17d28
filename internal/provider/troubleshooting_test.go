package provider_test

import (
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// What a killed create left is taken over.
func TestTroubleshootingKilledRunner(t *testing.T) {
	t.Parallel()
	server, w := troubled(t, "killed-runner.tf", simulator.Job{
		ID: 197, Name: "training-7", TrainURL: "/my-bucket/training-7/events/", Status: simulator.StatusRunning,
	})
	if output := w.MustRun(0, "apply", "-auto-approve", "-no-color"); !strings.Contains(output, `Adopted visualization job "training-7" (id 197)`) {
		t.Errorf("the job was not adopted:\n%s", output)
	}
	w.MustRun(0, "plan", "-detailed-exitcode")
	if jobs := server.Jobs(); len(jobs) != 1 {
		t.Errorf("there are %d jobs", len(jobs))
	}
}

// A job that no state knows is stopped.
func TestTroubleshootingStop(t *testing.T) {
	t.Parallel()
	acctest.NeedTerraform(t, "1.14.0")
	server, w := troubled(t, "stop.tf", simulator.Job{ID: 197, Status: simulator.StatusRunning})
	w.MustRun(0, "apply", "-auto-approve", "-invoke=action.modelarts_visualization_job_stop.now")
	if job, _ := server.Job(197); job.Status != simulator.StatusKilled {
		t.Errorf("the job has the status %d", job.Status)
	}
}

// troubled returns a simulator with the job, and a workspace with the example.
func troubled(t *testing.T, example string, job simulator.Job) (*simulator.Server, *acctest.Workspace) {
	t.Helper()
	server := acctest.Simulator(t, simulator.Options{})
	server.AddJob(job)
	w := acctest.NewWorkspace(t, server.Env())
	w.Write("provider.tf", read(t, examples, "provider", "provider.tf"))
	w.Write("main.tf", read(t, examples, "guides", "troubleshooting", example))
	return server, w
}
