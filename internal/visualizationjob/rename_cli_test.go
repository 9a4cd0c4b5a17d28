package visualizationjob_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// renamed is a configuration before and after a change that moves names of jobs from one
// address to another, with all the ways to do that: a renamed block, renamed keys, a
// list without its first element, and swapped names.
func renamed(after bool) string {
	block, keys, list, swapped := "old", `["a", "b", "c"]`, `["r", "s", "t"]`, [2]string{"x", "y"}
	key := "each.key"
	if after {
		block, keys, list, swapped = "new", `["new-a", "new-b", "new-c"]`, `["s", "t"]`, [2]string{"y", "x"}
		key = `trimprefix(each.key, "new-")`
	}
	resource := func(label, attributes string) string {
		return fmt.Sprintf("resource \"modelarts_visualization_job\" %q {\n  train_url = \"/bucket/logs/\"\n  %s\n}\n", label, attributes)
	}
	return `
locals {
  list = ` + list + `
}
` + resource(block, `name = "block"`) +
		resource("each", "for_each = toset("+keys+")\n  name = \"each-${"+key+"}\"") +
		resource("counted", "count = length(local.list)\n  name = \"counted-${local.list[count.index]}\"") +
		resource("one", `name = "`+swapped[0]+`"`) +
		resource("two", `name = "`+swapped[1]+`"`)
}

// Terraform creates and destroys different addresses at the same time and in any order. A
// create doesn't fail because the job with its name isn't deleted yet. The creates, nine at most, fit into the default parallelism.
func TestRenamedResources(t *testing.T) {
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{Transition: 100 * time.Millisecond})
	w := newWorkspace(t, server, renamed(false))
	w.apply(0)
	w.Write("main.tf", renamed(true))
	for _, name := range []string{"block", "each-b", "counted-s", "x"} {
		// The delete of one job of each kind takes longer than the others.
		server.Inject(simulator.Fault{
			Method: http.MethodDelete, Path: fmt.Sprintf("/visualization-jobs/%d", jobNamed(server, name).ID), Count: 2,
			Code: "ModelArts.0105", Message: "This job can't be deleted now.",
		})
	}
	w.apply(0)
	w.wantEmptyPlan()
	if jobs := server.Jobs(); len(jobs) != 8 {
		t.Errorf("the jobs are %+v", jobs)
	}
}
