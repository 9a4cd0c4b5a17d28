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

// renamed is a configuration before and after a change that moves names of jobs from one
// address to another, with all the ways to do that: a renamed block, renamed keys, a
// list without its first element, and swapped names.
func renamed(after, adopt bool) string {
	block, keys, list, swapped := "old", `["a", "b", "c"]`, `["r", "s", "t"]`, [2]string{"x", "y"}
	key := "each.key"
	if after {
		block, keys, list, swapped = "new", `["new-a", "new-b", "new-c"]`, `["s", "t"]`, [2]string{"y", "x"}
		key = `trimprefix(each.key, "new-")`
	}
	resource := func(label, attributes string) string {
		return fmt.Sprintf("resource \"modelarts_visualization_job\" %q {\n  train_url = \"/bucket/logs/\"\n  adopt_existing = %t\n  %s\n}\n",
			label, adopt, attributes)
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
// create doesn't fail because the job in its way isn't gone yet.
func TestRenamedResources(t *testing.T) {
	for name, test := range map[string]struct {
		adopt       bool
		parallelism int // the creates, nine at most, fit into the default of 10
		transition  time.Duration
	}{
		"in parallel":             {parallelism: 10, transition: time.Second},
		"adopted in parallel":     {parallelism: 10, transition: time.Second, adopt: true},
		"one by one":              {parallelism: 1, transition: 100 * time.Millisecond},
		"adopted, and one by one": {parallelism: 1, transition: 100 * time.Millisecond, adopt: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := acctest.Simulator(t, simulator.Options{Transition: test.transition})
			w := newWorkspace(t, server, renamed(false, test.adopt))
			apply := []string{"apply", "-no-color", "-auto-approve", fmt.Sprintf("-parallelism=%d", test.parallelism)}
			w.MustRun(0, apply...)
			w.Write("main.tf", renamed(true, test.adopt))
			for _, job := range server.Jobs() {
				if job.Name == "block" || job.Name == "each-b" || job.Name == "counted-s" || job.Name == "x" {
					// The delete of one job of each kind takes longer than the others.
					server.Inject(simulator.Fault{
						Method: http.MethodDelete, Path: fmt.Sprintf("/visualization-jobs/%d", job.ID), Count: 2,
						Code: "ModelArts.0105", Message: "This job can't be deleted now.",
					})
				}
			}
			output, code := w.Run(apply...)
			switch {
			case code == 0:
			case test.parallelism > 1 || test.adopt:
				t.Fatalf("exit code %d\n%s", code, output)
			default:
				for failure := range strings.SplitSeq(output, "Error: ") {
					if strings.Contains(failure, "already exists") && !strings.Contains(failure, "from = modelarts_visualization_job.OLD") {
						t.Errorf("the error doesn't show the moved block:\n%s", failure)
					}
				}
				if !strings.Contains(output, "already exists") {
					t.Errorf("another error:\n%s", output)
				}
				w.MustRun(0, apply...) // the deletes are done
			}
			w.wantEmptyPlan()
			names := map[string]int{}
			for _, job := range server.Jobs() {
				names[job.Name]++
			}
			for _, name := range []string{"block", "each-a", "each-b", "each-c", "counted-s", "counted-t", "x", "y"} {
				if names[name] != 1 || len(names) != 8 {
					t.Errorf("the jobs are %v", names)
				}
			}
		})
	}
}
