package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// A reader follows the end-to-end guide. The first apply creates the bucket, the policy and the agency. After an administrator
// has selected the agency, the second one creates a job, which reads from the bucket. The job stops in the evening and starts in the
// morning, and is deleted before the agency. A stand-in has the schemas of the opentelekomcloud provider.
func TestEndToEnd(t *testing.T) {
	t.Parallel()
	cloud := acctest.Simulator(t, simulator.Options{})
	w := acctest.NewWorkspace(t, cloud.Env())
	w.UseStandIns("opentelekomcloud/opentelekomcloud")
	if err := os.CopyFS(w.Folder, os.DirFS(filepath.Join(examples, "guides", "end-to-end"))); err != nil {
		t.Fatal(err)
	}
	run := func(arguments ...string) string {
		t.Helper()
		return w.MustRun(0, append(arguments, "-no-color")...)
	}

	output := run("apply", "-auto-approve")
	if !strings.Contains(output, "3 added") || !strings.Contains(output, `agency       = "my-team-training-modelarts"`) || len(cloud.Jobs()) > 0 {
		t.Fatalf("%d jobs after the first apply:\n%s", len(cloud.Jobs()), output)
	}
	w.Write("terraform.tfvars", read(t, w.Folder, "terraform.tfvars")+"runs = [\"run-7\"]\n")
	if output := run("apply", "-auto-approve"); !strings.Contains(output, "1 added, 0 changed, 0 destroyed") {
		t.Fatalf("the second apply:\n%s", output)
	}
	jobs := cloud.Jobs()
	if len(jobs) != 1 || jobs[0].Name != "run-7" || jobs[0].TrainURL != "/my-team-training/events/run-7/" || jobs[0].Status != simulator.StatusRunning {
		t.Fatalf("the jobs are %+v, want run-7, which runs", jobs)
	}
	run("plan", "-detailed-exitcode")
	for _, step := range []struct {
		running string
		status  int
	}{{"false", simulator.StatusKilled}, {"true", simulator.StatusRunning}} {
		run("apply", "-auto-approve", "-var=running="+step.running)
		if jobs := cloud.Jobs(); jobs[0].Status != step.status {
			t.Errorf("with running=%s, the job has the status %d, want %d", step.running, jobs[0].Status, step.status)
		}
		run("plan", "-detailed-exitcode")
	}

	output = run("destroy", "-auto-approve")
	job, agency := strings.Index(output, `board["run-7"]: Destruction complete`), strings.Index(output, "v3.modelarts: Destroying")
	if job < 0 || agency < job || len(cloud.Jobs()) > 0 {
		t.Errorf("the job wasn't deleted before the agency:\n%s", output)
	}
}
