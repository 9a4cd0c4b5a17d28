package visualizationjob_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"pgregory.net/rapid"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// TestConverges draws changes outside Terraform, faults of the service and the network, interrupts and kills. No job is lost or
// created twice, and the first apply afterwards converges.
func TestConverges(t *testing.T) {
	t.Parallel()
	types := newProtocol(t, nil)
	rapid.Check(t, func(rt *rapid.T) {
		s := drawScript(rt)
		var failures error
		synctest.Test(t, func(t *testing.T) { failures = newScenario(t, types, s).run(s) })
		if failures != nil {
			rt.Fatalf("%v", failures)
		}
	})
}

// scenario is one random case: the service, the changes outside Terraform, and the record of both.
type scenario struct {
	*protocol // to encode and decode; it has no server

	sim       *simulator.Simulator
	token     string
	began     time.Time
	resources []*managed
	unmanaged map[int64]bool // jobs that others created
	left      map[int64]bool // jobs that are rightly in no state

	mu           sync.Mutex
	failures     []error
	record       []string
	descriptions map[int64]map[string]bool // of each job that ever existed
	named        map[int64]bool            // jobs whose import command was in a diagnostic
}

// newScenario starts the service of a script, and adds the existing jobs.
func newScenario(t *testing.T, types *protocol, s script) *scenario {
	t.Helper()
	sc := &scenario{
		protocol: types.during(t), began: time.Now(), unmanaged: map[int64]bool{}, left: map[int64]bool{},
		descriptions: map[int64]map[string]bool{}, named: map[int64]bool{},
	}
	s.service.ForgetRequests, s.service.OnRequest = true, sc.called
	sc.sim = simulator.New(s.service)
	sc.token = sc.sim.IssueToken()
	for i, exists := range s.existing {
		sc.resources = append(sc.resources, &managed{name: nameOf(i)})
		if exists {
			id := sc.sim.AddJob(simulator.Job{Name: nameOf(i), TrainURL: "/bucket/logs/", Description: "theirs", Status: simulator.StatusRunning})
			sc.unmanaged[id], sc.descriptions[id] = true, map[string]bool{"theirs": true}
		}
	}
	return sc
}

// run runs a script and returns the failures of the provider.
func (sc *scenario) run(s script) error {
	var timers []*time.Timer
	for i, step := range s.steps {
		sc.notef("step %d", i)
		for _, fault := range step.faults {
			sc.sim.Inject(fault)
		}
		for _, e := range step.events {
			timers = append(timers, time.AfterFunc(e.at, func() { sc.changeOutside(e) }))
		}
		for i, r := range sc.resources {
			r.config = step.configs[i]
		}
		sc.apply(step)
		sc.checkJobs()
		// The next run can't find a job that the API doesn't list yet.
		<-time.After(max(step.rest, s.service.Appear))
	}
	for _, timer := range timers {
		timer.Stop()
	}
	sc.sim.ClearFaults()
	<-time.After(10 * time.Second) // for the requests of others
	for _, job := range sc.sim.Jobs() {
		if job.Status == undocumented {
			sc.sim.SetStatus(job.ID, simulator.StatusRunning) // it doesn't end by itself
		}
	}
	<-time.After(s.service.Transition + s.service.Stale + s.service.Appear + 3*time.Minute)
	sc.converge(s)
	if len(sc.failures) == 0 {
		return nil
	}
	return fmt.Errorf("%w\n\n%s", errors.Join(sc.failures...), strings.Join(sc.record, "\n"))
}

// converge checks that one apply converges, that the next plan is empty, and that a destroy leaves no managed job.
func (sc *scenario) converge(s script) {
	for i, r := range sc.resources {
		r.config = s.final[i]
		for _, job := range sc.sim.Jobs() {
			if job.Name != r.name || job.ID == r.id() {
				continue
			}
			if r.config == nil && !sc.unmanaged[job.ID] {
				r.config = boardConfig.with(attrs{"name": r.name})
			}
			if r.config != nil {
				r.config = r.config.with(attrs{"adopt_existing": true})
			}
		}
	}
	last := step{retries: 5} // the default
	sc.notef("the last apply")
	if !sc.apply(last) {
		sc.failf("the last apply did not succeed")
	}
	sc.checkJobs()
	<-time.After(s.service.Stale)
	sc.notef("the plan after it")
	if !sc.plan(last) {
		sc.failf("the last plan did not succeed")
	}
	for _, r := range sc.resources {
		sc.checkFinal(r)
		r.config = nil
	}
	sc.notef("destroy")
	if !sc.apply(last) {
		sc.failf("the destroy did not succeed")
	}
	for _, job := range sc.sim.Jobs() {
		if !sc.unmanaged[job.ID] {
			sc.failf("the job %d, %q, is left after the destroy", job.ID, job.Name)
		}
	}
}

// checkFinal compares a job with the configuration.
func (sc *scenario) checkFinal(r *managed) {
	job, there := sc.sim.Job(r.id())
	description, _ := r.config["description"].(string)
	running, configured := r.config["running"].(bool)
	switch {
	case r.changes != nil:
		sc.failf("%s: the plan after the last apply is not empty: %s", r.name, r.changes[0].verb)
	case there != (r.config != nil) || r.tainted:
		sc.failf("%s: the job %d is there: %t, tainted: %t", r.name, r.id(), there, r.tainted)
	case !there:
	case job.Name != r.name, job.Description != description, configured && running != (job.Status == simulator.StatusRunning):
		sc.failf("%s: the job is %+v", r.name, job)
	}
}

// checkJobs checks that each job is in a state or in a diagnostic, and that no state claims more than the API confirmed.
func (sc *scenario) checkJobs() {
	synctest.Wait() // until the requests of a killed process arrive
	owners := map[int64]*managed{}
	for _, r := range sc.resources {
		if r.values == nil {
			continue
		}
		description, _ := r.values["description"].(string)
		if owners[r.id()] != nil || !sc.descriptions[r.id()][description] {
			sc.failf("%s: the state has the ID %d, which has another owner or never had the description %q", r.name, r.id(), description)
		}
		owners[r.id()] = r
	}
	names := map[string]int{}
	for _, job := range sc.sim.Jobs() {
		if sc.unmanaged[job.ID] {
			continue
		}
		if names[job.Name]++; names[job.Name] > 1 {
			sc.failf("there are %d jobs named %q", names[job.Name], job.Name)
		}
		for _, r := range sc.resources {
			if job.Name == r.name && (r.killed || r.unconfirmed || sc.named[job.ID]) {
				sc.left[job.ID] = true
			}
		}
		if owners[job.ID] == nil && !sc.left[job.ID] {
			sc.failf("the job %d, %q, is neither in a state nor named in a diagnostic", job.ID, job.Name)
		}
	}
}

// failf records a failure of the provider.
func (sc *scenario) failf(format string, args ...any) {
	sc.notef("WRONG: "+format, args...)
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.failures = append(sc.failures, fmt.Errorf(format, args...))
}

// notef adds a line to the record.
func (sc *scenario) notef(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.record = append(sc.record, fmt.Sprintf("%10s %s", time.Since(sc.began).Round(time.Millisecond), line))
}

// called records the jobs and their descriptions after each request.
func (sc *scenario) called(call simulator.Request) {
	sc.notef("    %s %s %d %s", call.Method, call.Path[strings.LastIndex(call.Path, "/visual"):], call.Status, call.Body)
	jobs := sc.sim.Jobs()
	sc.mu.Lock()
	defer sc.mu.Unlock()
	for i := range jobs {
		if sc.descriptions[jobs[i].ID] == nil {
			sc.descriptions[jobs[i].ID] = map[string]bool{}
		}
		sc.descriptions[jobs[i].ID][jobs[i].Description] = true
	}
	if call.Method == http.MethodPut && call.Status == http.StatusOK { // has no effect on a job that is being deleted
		var update struct {
			Description string `json:"job_desc"`
		}
		id, err := strconv.ParseInt(path.Base(call.Path), 10, 64)
		if err = errors.Join(err, json.Unmarshal([]byte(call.Body), &update)); err != nil {
			sc.failures = append(sc.failures, err)
			return
		}
		sc.descriptions[id][update.Description] = true
	}
}

var importCommand = regexp.MustCompile(`terraform import ADDRESS (\d+)`)

// check checks a diagnostic, and records the jobs that it names.
func (sc *scenario) check(name string, d *tfprotov6.Diagnostic) {
	text := d.Summary + "\n" + d.Detail
	if strings.Contains(text, sc.token) || notForUsers.MatchString(text) {
		sc.failf("%s: %s", name, text)
	}
	sc.mu.Lock()
	defer sc.mu.Unlock()
	for _, command := range importCommand.FindAllStringSubmatch(text, -1) {
		if id, err := strconv.ParseInt(command[1], 10, 64); err == nil {
			sc.named[id] = true
		}
	}
}

// changeOutside changes a job outside Terraform.
func (sc *scenario) changeOutside(e event) {
	jobs := sc.sim.Jobs()
	if len(jobs) == 0 {
		return
	}
	id := jobs[e.on%len(jobs)].ID
	sc.notef("  outside: %s of %d", e.what, id)
	switch {
	case e.to != 0:
		sc.sim.SetStatus(id, e.to)
	case e.call[0] == "":
		sc.sim.RemoveJob(id)
	default:
		ctx, cancel := context.WithTimeout(sc.t.Context(), 5*time.Second)
		defer cancel()
		url := fmt.Sprintf("%s/v1/%s/visualization-jobs/%d%s", endpointInMemory, simulator.DefaultProjectID, id, e.call[1])
		req, err := http.NewRequestWithContext(ctx, e.call[0], url, strings.NewReader(`{"job_desc":"theirs"}`))
		if err != nil {
			panic(err)
		}
		// Errors of another user don't matter.
		if resp, err := newNetwork(sc.t, sc.sim, sc.token).RoundTrip(req); err == nil {
			resp.Body.Close()
		}
	}
}
