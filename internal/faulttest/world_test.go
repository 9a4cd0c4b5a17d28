package faulttest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const (
	stateFile = "terraform.tfstate"

	// patient is longer than anything takes that does not hang, and impatient
	// shorter than one attempt of a request that does.
	patient   = "100s"
	impatient = "6s"

	// transition is how many calls it takes for a job to change its status.
	transition = 5 * callTime / 2
)

// retries says what the provider does by itself about a request that failed.
type retries string

const (
	onlyOnce  retries = "once"    // nothing, so that every failure gets to the operation
	byDefault retries = "retried" // what it does unless it is told otherwise, a new login included
)

// clock goes on by callTime with every call. So how many calls an operation
// makes does not depend on how fast the machine is.
type clock struct{ calls atomic.Int64 }

const callTime = time.Minute

func (c *clock) Now() time.Time {
	return time.Now().Add(time.Duration(c.calls.Load()) * callTime)
}

// world is one case: a cloud with jobs, a workspace, and what happened so far.
type world struct {
	*acctest.Workspace
	*setup

	t      *testing.T
	sim    *simulator.Simulator
	server *httptest.Server
	clock  *clock
	before map[int64]attributes // the state

	mu         sync.Mutex
	calls      int
	intercept  func(n int, w http.ResponseWriter, r *http.Request) (done bool) // nil for none
	ever       map[int64]bool                                                  // the ids of all jobs of ours there ever were
	twice      bool                                                            // there was a moment with two jobs of ours
	transcript strings.Builder
}

// newWorld puts everything into the prior state of the operation.
func newWorld(t *testing.T, s *setup, r retries) *world {
	t.Helper()
	w := &world{setup: s, t: t, clock: &clock{}, ever: map[int64]bool{}}
	w.sim = simulator.New(simulator.Options{Now: w.clock.Now, Transition: transition})
	for _, job := range append(strangers(), s.jobs...) {
		w.sim.AddJob(job)
	}
	w.look()
	w.server = httptest.NewUnstartedServer(w)
	// A request that breaks a connection that was used before is sent again by
	// net/http itself.
	w.server.Config.SetKeepAlivesEnabled(r == byDefault)
	w.server.Start()
	t.Cleanup(func() {
		w.server.CloseClientConnections()
		w.server.Close()
	})
	environment := map[string]string{
		"OS_TOKEN": w.sim.IssueToken(), "OS_MODELARTS_ENDPOINT": w.server.URL,
		"OS_PROJECT_ID": simulator.DefaultProjectID, "OS_MAX_RETRIES": "0",
	}
	if r == byDefault {
		environment = map[string]string{
			"OS_AUTH_URL": w.server.URL + "/v3", "OS_REGION_NAME": simulator.DefaultRegion,
			"OS_USERNAME": simulator.DefaultUserName, "OS_PASSWORD": simulator.DefaultPassword,
			"OS_USER_DOMAIN_NAME": simulator.DefaultDomainName, "OS_PROJECT_NAME": simulator.DefaultProjectName,
		}
	}
	environment["GOGC"] = "400" // a process that ends at once need not clean up
	w.Workspace = acctest.NewWorkspace(t, environment)
	w.configure(s.config, s.timeouts)
	if s.state != nil {
		w.Write(stateFile, string(s.state))
	}
	w.before = w.instances()
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(w.transcript.String())
		}
	})
	return w
}

// newCase is newWorld for a case, which is counted.
func newCase(t *testing.T, s *setup, r retries, kind *atomic.Int64) *world {
	t.Helper()
	w := newWorld(t, s, r)
	kind.Add(1)
	t.Cleanup(func() {
		if t.Failed() {
			total.failed.Add(1)
		}
	})
	return w
}

// strangers are jobs that are nobody's business, one of the same name and one of
// the same path.
func strangers() []simulator.Job {
	created := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	return []simulator.Job{
		{
			ID: 6001, Name: "other-job", TrainURL: jobPath, Description: "made", Status: simulator.StatusRunning,
			CreateTime: created, ResourceID: "other", ServiceURL: "https://other.invalid/",
		},
		{
			ID: 7001, Name: jobName, TrainURL: "/fault/other/", Description: "made", Status: simulator.StatusRunning,
			CreateTime: created, ResourceID: "another", ServiceURL: "https://another.invalid/",
		},
	}
}

func isOurs(job simulator.Job) bool {
	return job.Name == jobName && strings.TrimRight(job.TrainURL, "/") == strings.TrimRight(jobPath, "/")
}

// ours are the jobs of the name and path of the resource.
func (w *world) ours() []simulator.Job {
	return slices.DeleteFunc(w.sim.Jobs(), func(job simulator.Job) bool { return !isOurs(job) })
}

// configure writes the configuration.
func (w *world) configure(attributes, timeouts string) {
	w.Write("main.tf", fmt.Sprintf(`terraform {
  required_providers {
    modelarts = { source = "opentelekomcloud-community/modelarts" }
  }
}
resource "modelarts_visualization_job" "this" {
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

// ServeHTTP lets time pass with every call, and looks at what comes of it.
func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/v1/") {
		w.sim.ServeHTTP(rw, r)
		return
	}
	w.mu.Lock()
	n, intercept := w.calls, w.intercept
	w.calls++
	w.mu.Unlock()
	defer w.clock.calls.Add(1)
	defer w.look()
	if intercept == nil || !intercept(n, rw, r) {
		w.sim.ServeHTTP(rw, r)
	}
}

// look notes which jobs there are. There is never a moment for two of ours.
func (w *world) look() {
	jobs := w.ours()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, job := range jobs {
		w.ever[job.ID] = true
	}
	if len(jobs) > 1 && !w.twice {
		w.twice = true
		total.duplicates.Add(1)
		w.t.Errorf("there are %d jobs: %v", len(jobs), jobs)
	}
}

// was says whether there ever was such a job of ours.
func (w *world) was(id int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ever[id]
}

// Words that no output may have.
var crashes = regexp.MustCompile(`(?i)panic|plugin.*crashed|stack trace|this is a bug|inconsistent result|unexpected new value|goroutine \d|` +
	`plugin did not respond|provider produced|invalid plan`)

// note keeps what a run printed, and checks that no secret is in it.
func (w *world) note(output string, code int, args ...string) {
	w.t.Helper()
	w.mu.Lock()
	fmt.Fprintf(&w.transcript, "\n$ terraform %s\n%s(exit code %d)\n", strings.Join(args, " "), output, code)
	w.mu.Unlock()
	for _, secret := range []string{"simulated-", simulator.DefaultPassword} {
		if strings.Contains(output, secret) {
			w.t.Errorf("%s: the output has a secret", args[0])
		}
	}
}

// wantNoCrash checks that the provider is none that gave in.
func (w *world) wantNoCrash(output string, code int, args ...string) {
	w.t.Helper()
	if found := crashes.FindString(output); found != "" || code != 0 && code != 1 {
		total.crash.Add(1)
		w.t.Errorf("%s: exit code %d, and the output says %q", args[0], code, found)
	}
}

// run runs the CLI to its end.
func (w *world) run(args ...string) (output string, code int) {
	w.t.Helper()
	output, code = w.Run(args...)
	w.note(output, code, args...)
	w.wantNoCrash(output, code, args...)
	return output, code
}

// must is run for a command that has to end with the exit code.
func (w *world) must(code int, args ...string) (output string) {
	w.t.Helper()
	output, got := w.run(args...)
	if got != code {
		w.t.Fatalf("%s: exit code %d, want %d", args[0], got, code)
	}
	return output
}
