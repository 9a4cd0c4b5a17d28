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

// A rate limit whose refusals ask for no time fails nothing, and refuses few requests.
func TestRateLimitWithCLI(t *testing.T) {
	t.Parallel()
	const jobs = 25
	server := acctest.Simulator(t, simulator.Options{RateLimit: 15, RateWindow: 2 * time.Second})
	environment := server.Env()
	environment["OS_MAX_RETRIES"] = "0"
	w := acctest.NewWorkspace(t, environment)
	w.Write("main.tf", terraformBlock+fmt.Sprintf(`
resource "modelarts_visualization_job" "many" {
  count     = %d
  name      = "job-${count.index}"
  train_url = "/bucket/${count.index}/"
}
`, jobs))
	w.MustRun(0, "apply", "-auto-approve")
	refused := 0
	for _, call := range server.Calls() {
		if call.Status == http.StatusTooManyRequests {
			refused++
		}
	}
	t.Logf("%d of %d requests were refused", refused, len(server.Calls()))
	if refused == 0 || refused > jobs*3/2 || len(server.Jobs()) != jobs {
		t.Errorf("%d requests were refused, and there are %d jobs", refused, len(server.Jobs()))
	}
}

// What many jobs take is not a call for each of them at each look.
func TestManyJobsWithCLI(t *testing.T) {
	t.Parallel()
	const jobs = 40
	// A look costs about 10 calls before it is a list; a list is one call, and anew every
	// two seconds of a plan, or at each step of a wait.
	const mostPlanned, mostWaited = 10, 25
	server := acctest.Simulator(t, simulator.Options{Transition: 2 * time.Second})
	w := acctest.NewWorkspace(t, server.Env())
	write := func(attributes string) {
		w.Write("main.tf", terraformBlock+fmt.Sprintf(`
resource "modelarts_visualization_job" "many" {
  count     = %d
  name      = "job-${count.index}"
  train_url = "/bucket/${count.index}/"
  %s
}
`, jobs, attributes))
	}
	together := fmt.Sprintf("-parallelism=%d", jobs)
	for _, step := range []struct {
		name, attributes string
		args             []string
		changes, most    int
	}{
		{"create", "", []string{"apply", "-auto-approve", together}, jobs, mostWaited},
		{"plan", "", []string{"plan", "-detailed-exitcode"}, 0, mostPlanned},
		{"describe", "description = \"all\"", []string{"apply", "-auto-approve"}, jobs, mostPlanned + mostWaited},
		{"stop", "description = \"all\"\n  running = false", []string{"apply", "-auto-approve", together}, jobs, mostPlanned + mostWaited},
		{"plan a stopped one", "description = \"all\"\n  running = false", []string{"plan", "-detailed-exitcode"}, 0, mostPlanned},
		// That a job is gone takes a look at it, once.
		{"destroy", "", []string{"destroy", "-auto-approve", together}, jobs, mostPlanned + mostWaited + jobs},
	} {
		write(step.attributes)
		server.ResetCalls()
		w.MustRun(0, step.args...)
		looks, changes := 0, 0
		for _, call := range server.Calls() {
			switch {
			case !strings.HasPrefix(call.Path, "/v1/"):
			case call.Method == http.MethodGet:
				looks++
			default:
				changes++
			}
		}
		if changes != step.changes || looks > step.most {
			t.Errorf("%s: %d changes and %d looks, want %d and at most %d", step.name, changes, looks, step.changes, step.most)
		}
		t.Logf("%s: %d looks", step.name, looks)
	}
	if left := server.Jobs(); len(left) > 0 {
		t.Errorf("%d jobs are left", len(left))
	}
}
