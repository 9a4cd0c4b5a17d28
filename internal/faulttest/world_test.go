//go:build unix

package faulttest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const (
	stateFile = "terraform.tfstate"

	// patient is a timeout that is longer than any operation that ends, and impatient one that is
	// shorter than one attempt of a request without a response.
	patient   = "100s"
	impatient = "6s"

	// Each request moves the clock, so the number of requests of an operation doesn't depend on the
	// speed of the machine.
	requestTime = time.Minute
	transition  = 5 * requestTime / 2
)

// world is one case: a simulator with jobs, and a workspace.
type world struct {
	*acctest.Workspace
	*setup

	t      *testing.T
	sim    *simulator.Simulator
	server *httptest.Server
	before map[int64]attributes // the state

	sent      atomic.Int64 // ModelArts requests
	passed    atomic.Int64 // nanoseconds on the clock
	intercept atomic.Pointer[interceptor]
}

// interceptor responds to the request with this number, or returns false.
type interceptor func(number int64, w http.ResponseWriter, r *http.Request) bool

// newWorld returns a world in the prior state of the operation. Unless the provider retries requests,
// and logs in again, the operation meets every failure.
func newWorld(t *testing.T, s *setup, retries bool) *world {
	t.Helper()
	w := &world{setup: s, t: t}
	w.sim = simulator.New(simulator.Options{Now: w.now, Transition: transition})
	for _, job := range append(otherJobs(), s.jobs...) {
		w.sim.AddJob(job)
	}
	w.server = httptest.NewUnstartedServer(w)
	// net/http itself repeats a request that breaks a connection that was used before.
	w.server.Config.SetKeepAlivesEnabled(retries)
	w.server.Start()
	t.Cleanup(func() {
		w.server.CloseClientConnections()
		w.server.Close()
	})
	environment := map[string]string{
		"OS_TOKEN": w.sim.IssueToken(), "OS_MODELARTS_ENDPOINT": w.server.URL,
		"OS_PROJECT_ID": simulator.DefaultProjectID, "OS_MAX_RETRIES": "0",
	}
	if retries {
		environment = map[string]string{
			"OS_AUTH_URL": w.server.URL + "/v3", "OS_REGION_NAME": simulator.DefaultRegion,
			"OS_USERNAME": simulator.DefaultUserName, "OS_PASSWORD": simulator.DefaultPassword,
			"OS_USER_DOMAIN_NAME": simulator.DefaultDomainName, "OS_PROJECT_NAME": simulator.DefaultProjectName,
		}
	}
	environment["GOGC"] = "400" // A short process needs no garbage collection.
	w.Workspace = acctest.NewWorkspace(t, environment)
	w.configure(s.config, s.timeouts)
	if s.state != "" {
		w.Write(stateFile, s.state)
	}
	w.before = w.instances()
	return w
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.passed.Load())) }

// otherJobs are jobs that no operation is allowed to change: one with the same path, and one with
// the same name.
func otherJobs() []simulator.Job {
	other := simulator.Job{
		ID: 6001, Name: "other-job", TrainURL: jobPath, Description: "made", Status: simulator.StatusRunning,
		CreateTime: time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC), ResourceID: "other", ServiceURL: "https://other.invalid/",
	}
	another := other
	another.ID, another.Name, another.TrainURL = 7001, jobName, "/fault/other/"
	return []simulator.Job{other, another}
}

// ours returns the jobs with the name and path of the resource.
func (w *world) ours() []simulator.Job {
	return slices.DeleteFunc(w.sim.Jobs(), func(job simulator.Job) bool {
		return job.Name != jobName || strings.TrimRight(job.TrainURL, "/") != strings.TrimRight(jobPath, "/")
	})
}

const requiredProviders = `terraform {
  required_providers {
    modelarts = { source = "` + acctest.ProviderSource + `" }
  }
}
`

// configure writes the configuration.
func (w *world) configure(attributes, timeouts string) {
	w.Write("main.tf", requiredProviders+fmt.Sprintf(`resource "modelarts_visualization_job" "this" {
name      = %q
train_url = %q
%s
timeouts {
  create = %[4]q
  read   = %[4]q
  update = %[4]q
  delete = %[4]q
}
}
`, jobName, jobPath, attributes, timeouts))
}

// ServeHTTP moves the clock with every request to ModelArts, and checks that it leaves no duplicate.
func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/v1/") {
		w.sim.ServeHTTP(rw, r)
		return
	}
	number := w.sent.Add(1) - 1
	defer func() {
		if jobs := w.ours(); len(jobs) > 1 {
			w.t.Errorf("there are %d jobs: %v", len(jobs), jobs)
		}
		w.passed.Add(int64(requestTime))
	}()
	if intercept := w.intercept.Load(); intercept == nil || !(*intercept)(number, rw, r) {
		w.sim.ServeHTTP(rw, r)
	}
}

// crashes finds words that no output is allowed to have.
var crashes = regexp.MustCompile(`(?i)panic|plugin.*crashed|stack trace|this is a bug|inconsistent result|unexpected new value|goroutine \d|` +
	`plugin did not respond|provider produced|invalid plan`)

// record logs the output of a run, and checks that it has no secret and, unless the CLI or the
// provider was killed, no crash.
func (w *world) record(output string, code int, args ...string) {
	w.t.Helper()
	w.t.Logf("terraform %s: exit code %d\n%s", strings.Join(args, " "), code, output)
	for _, secret := range []string{"simulated-", simulator.DefaultPassword} {
		if strings.Contains(output, secret) {
			w.t.Errorf("%s: the output has a secret", args[0])
		}
	}
	if found := crashes.FindString(output); args[0] != syscall.SIGKILL.String() && (found != "" || code != 0 && code != 1) {
		w.t.Errorf("%s: exit code %d, and the output has %q", args[0], code, found)
	}
}

// run runs the CLI.
func (w *world) run(args ...string) (output string, code int) {
	w.t.Helper()
	output, code = w.Run(args...)
	w.record(output, code, args...)
	return output, code
}

// must runs the CLI, which has to end with this exit code.
func (w *world) must(code int, args ...string) (output string) {
	w.t.Helper()
	output, got := w.run(args...)
	if got != code {
		w.t.Fatalf("%s: exit code %d, want %d", args[0], got, code)
	}
	return output
}
