package visualizationjob_test

import (
	"strconv"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// converge checks that one apply converges, that the next plan is empty, and that a destroy leaves no managed job.
func (sc *scenario) converge(s script, resources []*managed) {
	for i, r := range resources {
		r.config = sc.config(i, s.final[i])
		if id, ok := sc.leftJob(resources, r); ok {
			r.config = sc.keepName(r.config, id)
			if s.imports && sc.isNamed(id) && !sc.importJob(r, id, defaultRetries) {
				sc.failf("%s: the job %d was not imported", r.name, id)
			}
		}
		sc.allowAdoption(r)
	}
	sc.notef("the last apply")
	if _, ok := sc.apply(resources, applyOptions{retries: defaultRetries}); !ok {
		sc.failf("the last apply did not succeed")
	}
	sc.checkJobs(resources)
	<-time.After(s.service.Stale)
	sc.notef("the plan after it")
	changes, ok := sc.apply(resources, applyOptions{retries: defaultRetries, planOnly: true})
	for i, r := range resources {
		if !ok || changes[i].action != actionNone {
			sc.failf("%s: the plan after the last apply is not empty", r.name)
		}
	}
	sc.checkFinal(resources)
	if sc.hasFailures() {
		return
	}
	for _, r := range resources {
		r.config = nil
	}
	sc.notef("destroy")
	if _, ok := sc.apply(resources, applyOptions{retries: defaultRetries}); !ok {
		sc.failf("the destroy did not succeed")
	}
	for _, job := range sc.sim.Jobs() {
		if !sc.unmanaged[job.ID] {
			sc.failf("the job %d, %q, is left after the destroy", job.ID, job.Name)
		}
	}
}

// allowAdoption sets adopt_existing if another job has the name and path of the resource.
func (sc *scenario) allowAdoption(r *managed) {
	for _, job := range sc.sim.Jobs() {
		if r.config == nil || job.Name != r.config["name"] || strconv.FormatInt(job.ID, 10) == r.state.id() {
			continue
		}
		r.config = r.config.with(attrs{"adopt_existing": true})
	}
}

// checkFinal compares the jobs with the configuration.
func (sc *scenario) checkFinal(resources []*managed) {
	inState := map[int64]bool{}
	for _, r := range resources {
		if r.config == nil {
			if r.state.exists() {
				sc.failf("%s is in the state, and not in the configuration", r.name)
			}
			continue
		}
		id, _ := strconv.ParseInt(r.state.id(), 10, 64)
		job, there := sc.sim.Job(id)
		inState[id] = true
		description, _ := r.config["description"].(string)
		runs := job.Status == simulator.StatusRunning
		switch running, configured := r.config["running"].(bool); {
		case !there:
			sc.failf("%s: there is no job %q", r.name, r.state.id())
		case job.Name != r.config["name"], job.Description != description:
			sc.failf("%s: the job is %+v", r.name, job)
		case configured && running != runs:
			sc.failf("%s: the job has the status %d", r.name, job.Status)
		case r.state.tainted:
			sc.failf("%s is tainted", r.name)
		}
	}
	for _, job := range sc.sim.Jobs() {
		if !inState[job.ID] && !sc.unmanaged[job.ID] {
			sc.failf("the job %d, %q, is in no state", job.ID, job.Name)
		}
	}
}
