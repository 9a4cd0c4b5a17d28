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

// manyJobs returns a configuration of so many jobs.
func manyJobs(jobs int, attributes string) string {
	return terraformBlock + fmt.Sprintf(`
resource "modelarts_visualization_job" "many" {
  count     = %d
  name      = "job-${count.index}"
  train_url = "/bucket/${count.index}/"
  %s
}
`, jobs, attributes)
}

// With a rate limit without Retry-After, all creates succeed and few requests get 429.
func TestRateLimitWithCLI(t *testing.T) {
	t.Parallel()
	const jobs = 25
	server := acctest.Simulator(t, simulator.Options{RateLimit: 15, RateWindow: 2 * time.Second})
	environment := server.Env()
	environment["OS_MAX_RETRIES"] = "0"
	w := acctest.NewWorkspace(t, environment)
	w.Write("main.tf", manyJobs(jobs, ""))
	w.MustRun(0, "apply", "-auto-approve")
	limited := 0
	for _, call := range server.Requests() {
		if call.Status == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited == 0 || limited > jobs*3/2 || len(server.Jobs()) != jobs {
		t.Errorf("%d requests got 429, and there are %d jobs", limited, len(server.Jobs()))
	}
}

// Jobs share status checks: the number of reads doesn't depend on the number of jobs. In the package lifecycle,
// TestReadsShareLists and TestWaitsShareLists count the requests for 1000 jobs.
func TestManyJobsWithCLI(t *testing.T) {
	t.Parallel()
	const jobs = 30
	// A few reads are GETs. Then all reads share a list: one every two seconds of a plan, and one for each step of a wait.
	const maxPlanned, maxWaited = 10, 25
	server := acctest.Simulator(t, simulator.Options{Transition: 2 * time.Second})
	w := acctest.NewWorkspace(t, server.Env())
	together := fmt.Sprintf("-parallelism=%d", jobs)
	for _, step := range []struct {
		name, attributes  string
		args              []string
		changes, maxReads int
	}{
		{"create", "", []string{"apply", "-auto-approve", together}, jobs, maxWaited},
		{"plan", "", []string{"plan", "-detailed-exitcode"}, 0, maxPlanned},
		// One read of each job shows that it is deleted.
		{"destroy", "", []string{"destroy", "-auto-approve", together}, jobs, maxPlanned + maxWaited + jobs},
	} {
		w.Write("main.tf", manyJobs(jobs, step.attributes))
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
			t.Errorf("%s: %d changes and %d reads, want %d and at most %d", step.name, changes, reads, step.changes, step.maxReads)
		}
		t.Logf("%s: %d reads", step.name, reads)
	}
	if left := server.Jobs(); len(left) > 0 {
		t.Errorf("%d jobs are left", len(left))
	}
}
