package visualizationjob_test

import (
	"strconv"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// converge checks that after all that was, one apply brings everything to the
// configuration, that a second one has nothing to do, and that a destroy leaves
// nothing.
func (w *world) converge(s script, resources []*managed) {
	for i, r := range resources {
		r.config = w.config(i, s.final[i])
		if id, ok := w.leftBehind(resources, r); ok {
			r.config = w.keepName(r.config, id)
			if s.imports && w.isNamed(id) && !w.take(r, id, usualRetries) {
				w.failf("%s: the job %d was not imported", r.name, id)
			}
		}
		w.allowAdoption(r)
	}
	w.notef("the last apply")
	if _, ok := w.apply(resources, run{retries: usualRetries}); !ok {
		w.failf("the last apply did not succeed")
	}
	w.account(resources)
	<-time.After(s.service.Stale)
	w.notef("the plan after it")
	changes, ok := w.apply(resources, run{retries: usualRetries, planOnly: true})
	for i, r := range resources {
		if !ok || changes[i].action != actionNone {
			w.failf("%s: the plan after the last apply is not empty", r.name)
		}
	}
	w.match(resources)
	if w.isWrong() {
		return
	}
	for _, r := range resources {
		r.config = nil
	}
	w.notef("destroy")
	if _, ok := w.apply(resources, run{retries: usualRetries}); !ok {
		w.failf("the destroy did not succeed")
	}
	for _, job := range w.sim.Jobs() {
		if !w.theirs[job.ID] {
			w.failf("the job %d, %q, is left after the destroy", job.ID, job.Name)
		}
	}
}

// allowAdoption has the configuration take over a job in the place of a resource
// that is not its own.
func (w *world) allowAdoption(r *managed) {
	for _, job := range w.sim.Jobs() {
		if r.config == nil || job.Name != r.config["name"] || strconv.FormatInt(job.ID, 10) == r.state.id() {
			continue
		}
		r.config = r.config.with(attrs{"adopt_existing": true})
	}
}

// match compares the jobs with the configuration.
func (w *world) match(resources []*managed) {
	held := map[int64]bool{}
	for _, r := range resources {
		if r.config == nil {
			if r.state.exists() {
				w.failf("%s is in the state, and not in the configuration", r.name)
			}
			continue
		}
		id, _ := strconv.ParseInt(r.state.id(), 10, 64)
		job, there := w.sim.Job(id)
		held[id] = true
		description, _ := r.config["description"].(string)
		runs := job.Status == simulator.StatusRunning
		switch running, configured := r.config["running"].(bool); {
		case !there:
			w.failf("%s: there is no job %q", r.name, r.state.id())
		case job.Name != r.config["name"], job.Description != description:
			w.failf("%s: the job is %+v", r.name, job)
		case configured && running != runs:
			w.failf("%s: the job has the status %d", r.name, job.Status)
		case r.state.tainted:
			w.failf("%s is tainted", r.name)
		}
	}
	for _, job := range w.sim.Jobs() {
		if !held[job.ID] && !w.theirs[job.ID] {
			w.failf("the job %d, %q, is in no state", job.ID, job.Name)
		}
	}
}
