package visualizationjob_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// renamed is a configuration of jobs with for_each, with count, and with swapped names.
const renamed = `
resource "modelarts_visualization_job" "each" {
  for_each  = toset(["KEY-a", "KEY-b", "KEY-c"])
  name      = "each-${trimprefix(each.key, "KEY-")}"
  train_url = "/bucket/logs/"
}
resource "modelarts_visualization_job" "counted" {
  count     = length(LIST)
  name      = "counted-${LIST[count.index]}"
  train_url = "/bucket/logs/"
}
resource "modelarts_visualization_job" "swapped" {
  count     = 2
  name      = SWAPPED[count.index]
  train_url = "/bucket/logs/"
}
`

// Terraform creates and destroys different addresses at the same time and in any order. A
// create doesn't fail because the job with its name isn't deleted yet. The creates, seven at most, fit into the default parallelism.
func TestRenamedResources(t *testing.T) {
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{Transition: 100 * time.Millisecond})
	w := newWorkspace(t, server, strings.NewReplacer("KEY", "old", "LIST", `["r", "s", "t"]`, "SWAPPED", `["x", "y"]`).Replace(renamed))
	w.apply(0)
	w.Write("main.tf", strings.NewReplacer("KEY", "new", "LIST", `["s", "t"]`, "SWAPPED", `["y", "x"]`).Replace(renamed))
	for _, name := range []string{"each-b", "counted-s", "x"} {
		// The delete of one job of each kind takes longer than the others.
		server.Inject(simulator.Fault{
			Method: http.MethodDelete, Path: fmt.Sprintf("/visualization-jobs/%d", jobNamed(server, name).ID), Count: 2,
			Code: "ModelArts.0105", Message: "This job can't be deleted now.",
		})
	}
	w.apply(0)
	w.wantEmptyPlan()
	if jobs := server.Jobs(); len(jobs) != 7 {
		t.Errorf("the jobs are %+v", jobs)
	}
}
