package visualizationjob_test

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// noResponse is in the error of a create that received no response and found no job.
const noResponse = "The provider received no confirmation of the request to create the job, so the job might exist and be billed while it runs."

// defaultRetries is the default of max_retries.
const defaultRetries = 5

// applyOptions are the options of one terraform apply, or plan.
type applyOptions struct {
	retries  int
	pause    time.Duration
	ending   scriptedEnding
	planOnly bool
}

// run runs a script and returns the failures of the provider.
func (s script) run(t *testing.T, types *protocol) error {
	t.Helper()
	sc := newScenario(t, types, s.service)
	resources := sc.resources(s)
	for i, step := range s.steps {
		sc.notef("step %d", i)
		sc.schedule(step)
		sc.applyStep(resources, step)
		sc.checkJobs(resources)
		if sc.hasFailures() {
			return sc.result()
		}
		// The next run can't find a job that the API doesn't list yet.
		<-time.After(max(step.rest, s.service.Appear))
	}
	sc.settle(s.service)
	sc.converge(s, resources)
	return sc.result()
}

// resources returns the resources of the script, and adds the existing jobs with their names and paths.
func (sc *scenario) resources(s script) []*managed {
	var resources []*managed
	for i, exists := range s.existing {
		resources = append(resources, &managed{index: i, name: fmt.Sprintf("board%d", i)})
		if exists {
			id := sc.sim.AddJob(simulator.Job{
				Name: nameOf(i, 0), TrainURL: "/bucket/logs/", Description: "theirs", Status: simulator.StatusRunning,
			})
			sc.unmanaged[id], sc.descriptions[id] = true, map[string]bool{"theirs": true}
		}
	}
	return resources
}

// applyStep changes the configuration, imports jobs, and applies.
func (sc *scenario) applyStep(resources []*managed, s step) {
	for i, r := range resources {
		r.config = sc.config(i, s.configs[i])
		if id, ok := sc.leftJob(resources, r); ok {
			r.config = sc.keepName(r.config, id)
			if s.imports && sc.isNamed(id) {
				sc.importJob(r, id, s.retries)
			}
		}
	}
	sc.apply(resources, applyOptions{retries: s.retries, pause: s.pause, ending: s.ending})
}

// leftJob returns the job that was created for a resource and is in no state.
func (sc *scenario) leftJob(resources []*managed, r *managed) (int64, bool) {
	for id, owner := range sc.owner {
		if _, there := sc.sim.Job(id); !there || owner != r.index || r.state.exists() {
			continue
		}
		if !slices.ContainsFunc(resources, func(other *managed) bool { return other.state.id() == strconv.FormatInt(id, 10) }) {
			return id, true
		}
	}
	return 0, false
}

// keepName gives the configuration the name of a job that is in no state, so that the provider finds the job.
func (sc *scenario) keepName(config attrs, id int64) attrs {
	if config == nil {
		config = sc.config(0, resourceConfig{})
	}
	job, _ := sc.sim.Job(id)
	return config.with(attrs{"name": job.Name})
}

// importJob imports a job.
func (sc *scenario) importJob(r *managed, id int64, retries int) bool {
	p := sc.start(retries)
	defer p.cancel()
	return p.importJob(r, strconv.FormatInt(id, 10))
}

// each calls do for all resources at the same time, as Terraform does, and reports whether all calls returned true.
func each(resources []*managed, do func(int, *managed) bool) bool {
	results := make([]bool, len(resources))
	var group sync.WaitGroup
	for i, r := range resources {
		group.Go(func() { results[i] = do(i, r) })
	}
	group.Wait()
	return !slices.Contains(results, false)
}

// apply is terraform apply. It returns the planned changes and reports whether it succeeded.
func (sc *scenario) apply(resources []*managed, how applyOptions) ([]*change, bool) {
	for _, r := range resources {
		r.created, r.killed = nil, false
	}
	changes := make([]*change, len(resources))
	refreshed := make([]object, len(resources))
	p := sc.start(how.retries)
	timer := p.arm(how.ending, true)
	ok := each(resources, func(i int, r *managed) (ok bool) {
		refreshed[i], changes[i], ok = p.prepare(r)
		return ok
	})
	timer.Stop()
	ended := p.isEnding()
	p.cancel()
	if !ok || ended || how.planOnly {
		return changes, ok && !ended
	}
	<-time.After(how.pause)
	for i, r := range resources {
		r.state = refreshed[i]
		sc.notef("%s: %s", r.name, changes[i].action)
	}
	p = sc.start(how.retries)
	defer p.cancel()
	timer = p.arm(how.ending, false)
	defer timer.Stop()
	return changes, each(resources, func(i int, r *managed) bool { return p.apply(r, changes[i]) })
}

// arm ends the process as scripted, if the script ends it in this walk.
func (p *process) arm(s scriptedEnding, inPlan bool) *time.Timer {
	switch {
	case s.how == endsByItself || s.inPlan != inPlan:
		return time.NewTimer(0)
	case s.request == 0:
		return time.AfterFunc(s.at, func() { p.end(s.how) })
	}
	end := func(n int) {
		if n == s.request {
			p.end(s.how)
		}
	}
	if s.after {
		p.after = end
	} else {
		p.before = end
	}
	return time.NewTimer(0)
}

// prepare validates, refreshes and plans a resource.
func (p *process) prepare(r *managed) (object, *change, bool) {
	c := &rpc{name: r.name + " validate"}
	if r.config != nil && (!p.call(c, func() { c.diags = p.validate(resourceBlock, r.config) }) || c.failed()) {
		return object{}, nil, false
	}
	refreshed := r.state
	if refreshed.exists() {
		var ok bool
		if p.isEnding() {
			return object{}, nil, false
		}
		if refreshed, ok = p.refresh(r, r.state); !ok {
			return object{}, nil, false
		}
	}
	if p.isEnding() {
		return object{}, nil, false
	}
	ch, ok := p.plan(r, refreshed)
	return refreshed, ch, ok
}

// checkRead checks that a refresh removed no existing job from the state.
func (sc *scenario) checkRead(r *managed, from object, read attrs) {
	for name, value := range read {
		if unknown(value) {
			sc.failf("%s: %s is unknown after a read", r.name, name)
		}
	}
	id, _ := strconv.ParseInt(from.id(), 10, 64)
	if _, there := sc.sim.Job(id); there && read == nil {
		sc.failf("%s: the job %d is there, and was dropped from the state", r.name, id)
	}
}

// checkJobs checks that each job is in a state or in a diagnostic, and that no state claims more than the API confirmed.
func (sc *scenario) checkJobs(resources []*managed) {
	synctest.Wait() // until the requests of a killed process arrive
	inState := map[int64]*managed{}
	for _, r := range resources {
		if !r.state.exists() {
			continue
		}
		id, err := strconv.ParseInt(r.state.id(), 10, 64)
		description := r.state.values["description"]
		there, described := sc.existed(id, description)
		switch {
		case err != nil || !there:
			sc.failf("%s: the state has the ID %q, but no such job ever existed", r.name, r.state.id())
		case inState[id] != nil:
			sc.failf("%s and %s have the same job %d in their states", inState[id].name, r.name, id)
		case !described:
			sc.failf("%s: the state has the description %q, but the job %d never had it", r.name, description, id)
		}
		inState[id] = r
	}
	names := map[string]int{}
	for _, job := range sc.sim.Jobs() {
		if sc.unmanaged[job.ID] {
			continue
		}
		if names[job.Name]++; names[job.Name] > 1 {
			sc.failf("there are %d jobs named %q", names[job.Name], job.Name)
		}
		_, known := sc.owner[job.ID]
		if inState[job.ID] == nil && !known && !sc.isAccountedFor(resources, job) {
			sc.failf("the job %d, %q, is neither in a state nor named in a diagnostic", job.ID, job.Name)
		}
	}
}

// isAccountedFor finds the resource that a job in no state was created for. It reports whether the create was killed, received
// no response, or named the job.
func (sc *scenario) isAccountedFor(resources []*managed, job simulator.Job) bool {
	for _, r := range resources {
		if r.created == nil || r.config["name"] != job.Name || r.state.exists() {
			continue
		}
		if r.killed || sc.isNamed(job.ID) || r.created.contains(noResponse) {
			sc.notef("the job %d of %s is in no state", job.ID, r.name)
			sc.owner[job.ID] = r.index
			return true
		}
	}
	return false
}
