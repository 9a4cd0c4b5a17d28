package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// Jobs share status checks: the number of reads doesn't depend on the number of jobs. In the package lifecycle,
// TestReadsShareLists and TestWaitsShareLists count the requests for 1000 jobs.
func TestManyJobsWithCLI(t *testing.T) {
	t.Parallel()
	const jobs = 20
	// A few reads are GETs. Then all reads share a list: one every two seconds of a plan, and one for each step of a wait.
	const maxPlanned, maxWaited = 10, 25
	server := acctest.Simulator(t, simulator.Options{Transition: 2 * time.Second})
	w := acctest.NewWorkspace(t, server.Env())
	w.Write("main.tf", terraformBlock+fmt.Sprintf(`
resource "modelarts_visualization_job" "many" {
  count     = %d
  name      = "job-${count.index}"
  train_url = "/bucket/${count.index}/"
}
`, jobs))
	together := fmt.Sprintf("-parallelism=%d", jobs)
	for _, step := range []struct {
		args              []string
		changes, maxReads int
	}{
		{[]string{"apply", "-auto-approve", together}, jobs, maxWaited},
		{[]string{"plan", "-detailed-exitcode"}, 0, maxPlanned},
		// One read of each job shows that it is deleted.
		{[]string{"destroy", "-auto-approve", together}, jobs, maxPlanned + maxWaited + jobs},
	} {
		server.ResetRequests()
		w.MustRun(0, step.args...)
		reads, changes := 0, 0
		for _, call := range server.Requests() {
			switch {
			case !strings.HasPrefix(call.Path, "/v1/"):
			case call.Method == http.MethodGet:
				reads++
			default:
				changes++
			}
		}
		if changes != step.changes || reads > step.maxReads {
			t.Errorf("%s: %d changes and %d reads, want %d and at most %d", step.args[0], changes, reads, step.changes, step.maxReads)
		}
		t.Logf("%s: %d reads", step.args[0], reads)
	}
	if left := server.Jobs(); len(left) > 0 {
		t.Errorf("%d jobs are left", len(left))
	}
}
