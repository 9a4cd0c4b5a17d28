package provider_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// The module of the end-to-end guide creates the bucket, the policy and the agency first, and the job after an administrator
// has selected the agency. The job reads from the bucket, and is deleted before the agency. A stand-in has
// the schemas of the opentelekomcloud provider.
func TestEndToEnd(t *testing.T) {
	t.Parallel()
	cloud := acctest.Simulator(t, simulator.Options{})
	w := acctest.NewWorkspace(t, cloud.Env())
	w.UseStandIns("opentelekomcloud/opentelekomcloud")
	if err := os.CopyFS(w.Folder, os.DirFS(filepath.Join(examples, "guides", "end-to-end"))); err != nil {
		t.Fatal(err)
	}
	arguments := []string{"-no-color", "-var=bucket=my-team-training", `-var=runs=["run-7"]`, "-var=modelarts_domain_name=op_svc_example"}
	run := func(code int, command string, more ...string) string {
		t.Helper()
		return w.MustRun(code, slices.Concat([]string{command}, arguments, more)...)
	}

	output := run(0, "apply", "-auto-approve")
	if !strings.Contains(output, "3 added") || !strings.Contains(output, `agency       = "my-team-training-modelarts"`) || len(cloud.Jobs()) > 0 {
		t.Fatalf("%d jobs after the first apply:\n%s", len(cloud.Jobs()), output)
	}
	arguments = append(arguments, "-var=authorized=true")
	if output := run(0, "apply", "-auto-approve"); !strings.Contains(output, "1 added, 0 changed, 0 destroyed") {
		t.Fatalf("the second apply:\n%s", output)
	}
	jobs := cloud.Jobs()
	if len(jobs) != 1 || jobs[0].Name != "run-7" || jobs[0].TrainURL != "/my-team-training/events/run-7/" || jobs[0].Status != simulator.StatusRunning {
		t.Fatalf("the jobs are %+v, want run-7, which runs", jobs)
	}
	run(0, "plan", "-detailed-exitcode")

	output = run(0, "destroy", "-auto-approve")
	job, agency := strings.Index(output, `board["run-7"]: Destruction complete`), strings.Index(output, "v3.modelarts: Destroying")
	if job < 0 || agency < job || len(cloud.Jobs()) > 0 {
		t.Errorf("the job wasn't deleted before the agency:\n%s", output)
	}
}
