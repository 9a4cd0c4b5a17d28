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

// lostAnswer is what a create says that lost its answer and knows no job that
// may have come of it.
const lostAnswer = "The provider received no response to the request to create the job, so the job might exist."

// usualRetries is how often the provider repeats a request by default.
const usualRetries = 5

// run is one terraform apply, up to the end of its plan or to its own.
type run struct {
	retries  int
	pause    time.Duration
	ending   scriptedEnding
	planOnly bool
}

// play runs a script and returns what is wrong with the provider.
func (s script) play(t *testing.T, types *protocol) error {
	t.Helper()
	w := newWorld(t, types, s.service)
	resources := w.resources(s)
	for i, step := range s.steps {
		w.notef("step %d", i)
		w.schedule(step)
		w.play(resources, step)
		w.account(resources)
		if w.isWrong() {
			return w.verdict()
		}
		// A job that is not shown yet cannot be found by the next run.
		<-time.After(max(step.rest, s.service.Appear))
	}
	w.heal(s.service)
	w.converge(s, resources)
	return w.verdict()
}

// resources are those of the script, with the jobs that others made in their places.
func (w *world) resources(s script) []*managed {
	var resources []*managed
	for i, exists := range s.existing {
		resources = append(resources, &managed{index: i, name: fmt.Sprintf("board%d", i)})
		if exists {
			id := w.sim.AddJob(simulator.Job{
				Name: nameOf(i, 0), TrainURL: "/bucket/logs/", Description: "theirs", Status: simulator.StatusRunning,
			})
			w.theirs[id], w.ever[id] = true, map[string]bool{"theirs": true}
		}
	}
	return resources
}

// play is a step: what a user does, and the apply.
func (w *world) play(resources []*managed, s step) {
	for i, r := range resources {
		r.config = w.config(i, s.wishes[i])
		if id, ok := w.leftBehind(resources, r); ok {
			r.config = w.keepName(r.config, id)
			if s.imports && w.isNamed(id) {
				w.take(r, id, s.retries)
			}
		}
	}
	w.apply(resources, run{retries: s.retries, pause: s.pause, ending: s.ending})
}

// leftBehind returns the job in no state that was created for a resource.
func (w *world) leftBehind(resources []*managed, r *managed) (int64, bool) {
	for id, owner := range w.owner {
		if _, there := w.sim.Job(id); !there || owner != r.index || r.state.exists() {
			continue
		}
		if !slices.ContainsFunc(resources, func(other *managed) bool { return other.state.id() == strconv.FormatInt(id, 10) }) {
			return id, true
		}
	}
	return 0, false
}

// keepName makes the configuration one that finds a job that was left behind: who
// wants another one has to look after it by hand.
func (w *world) keepName(config attrs, id int64) attrs {
	if config == nil {
		config = w.config(0, wish{})
	}
	job, _ := w.sim.Job(id)
	return config.with(attrs{"name": job.Name})
}

// take imports a job.
func (w *world) take(r *managed, id int64, retries int) bool {
	p := w.start(retries)
	defer p.cancel()
	return p.take(r, strconv.FormatInt(id, 10))
}

// each runs do for all resources at once, as Terraform does, and tells whether it
// was true for all of them.
func each(resources []*managed, do func(int, *managed) bool) bool {
	results := make([]bool, len(resources))
	var group sync.WaitGroup
	for i, r := range resources {
		group.Go(func() { results[i] = do(i, r) })
	}
	group.Wait()
	return !slices.Contains(results, false)
}

// apply is terraform apply: it tells whether it went through, and returns what
// was planned, for as far as it came.
func (w *world) apply(resources []*managed, how run) ([]*change, bool) {
	for _, r := range resources {
		r.created, r.killed = nil, false
	}
	changes := make([]*change, len(resources))
	refreshed := make([]object, len(resources))
	p := w.start(how.retries)
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
		w.notef("%s: %s", r.name, changes[i].action)
	}
	p = w.start(how.retries)
	defer p.cancel()
	timer = p.arm(how.ending, false)
	defer timer.Stop()
	return changes, each(resources, func(i int, r *managed) bool { return p.apply(r, changes[i]) })
}

// arm has the process end as the script says, if it is in this walk.
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

// checkRead checks that a refresh dropped no job that is there.
func (w *world) checkRead(r *managed, from object, read attrs) {
	for name, value := range read {
		if unknown(value) {
			w.failf("%s: %s is unknown after a read", r.name, name)
		}
	}
	id, _ := strconv.ParseInt(from.id(), 10, 64)
	if _, there := w.sim.Job(id); there && read == nil {
		w.failf("%s: the job %d is there, and was dropped from the state", r.name, id)
	}
}

// account checks that no job is unaccounted for after a run, and that no state
// says more than the service did.
func (w *world) account(resources []*managed) {
	synctest.Wait() // what a process had sent when it was killed arrives
	held := map[int64]*managed{}
	for _, r := range resources {
		if !r.state.exists() {
			continue
		}
		id, err := strconv.ParseInt(r.state.id(), 10, 64)
		description := r.state.values["description"]
		there, described := w.wasThere(id, description)
		switch {
		case err != nil || !there:
			w.failf("%s: the state has the id %q, and there never was such a job", r.name, r.state.id())
		case held[id] != nil:
			w.failf("%s and %s have the same job %d in their states", held[id].name, r.name, id)
		case !described:
			w.failf("%s: the state has the description %q, which the job %d never had", r.name, description, id)
		}
		held[id] = r
	}
	places := map[string]int{}
	for _, job := range w.sim.Jobs() {
		if w.theirs[job.ID] {
			continue
		}
		if places[job.Name]++; places[job.Name] > 1 {
			w.failf("there are %d jobs named %q", places[job.Name], job.Name)
		}
		_, known := w.owner[job.ID]
		if held[job.ID] == nil && !known && !w.accountFor(resources, job) {
			w.failf("the job %d, %q, is neither in a state nor named in a diagnostic", job.ID, job.Name)
		}
	}
}

// accountFor finds the resource that a job in no state was created for, and
// tells whether its create could not put it into the state or name it.
func (w *world) accountFor(resources []*managed, job simulator.Job) bool {
	for _, r := range resources {
		if r.created == nil || r.config["name"] != job.Name || r.state.exists() {
			continue
		}
		if r.killed || w.isNamed(job.ID) || r.created.says(lostAnswer) {
			w.notef("the job %d of %s is in no state", job.ID, r.name)
			w.owner[job.ID] = r.index
			return true
		}
	}
	return false
}
