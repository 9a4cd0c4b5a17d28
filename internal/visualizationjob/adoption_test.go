package visualizationjob_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// adoption is an adoption that is disturbed at one of its requests.
type adoption struct {
	status  int // of the job
	running any // in the configuration
	request int // the number of the disturbed one; 0 for none
	fault   string
	always  bool // the fault happens to all later requests, too
	retries int
	ending  ending
	after   bool // the run ends after the request
}

// play adopts the job again and again while it is disturbed, then undisturbed.
func (a adoption) play(t *testing.T, types *protocol) error {
	t.Helper()
	w := newWorld(t, types, simulator.Options{Transition: 20 * time.Second, Latency: 50 * time.Millisecond})
	id := w.sim.AddJob(simulator.Job{Name: "board", TrainURL: "/bucket/logs/", Description: "theirs", Status: a.status})
	w.ever[id] = map[string]bool{"theirs": true}
	r := &managed{name: "board", config: w.config(0, wish{create: "2m", running: a.running, adopts: true, description: "ours"})}
	r.config["name"] = "board"
	resources := []*managed{r}
	for range 2 {
		how := run{retries: a.retries}
		if a.fault != "" {
			f := scriptedFault{call: "any", kind: a.fault, skip: a.request - 1, count: 1}
			if a.always {
				f.count = -1
			}
			w.sim.Inject(f.fault())
		} else if a.ending != endsByItself {
			how.ending = scriptedEnding{how: a.ending, request: a.request, after: a.after}
		}
		w.apply(resources, how)
		w.sim.ClearFaults()
		synctest.Wait()
		w.wantAdopted(r, id, false)
		if a.request == 0 || w.isWrong() {
			break
		}
	}
	if _, ok := w.apply(resources, run{}); !ok {
		w.failf("the last apply did not succeed")
	}
	w.wantAdopted(r, id, true)
	return w.verdict()
}

// wantAdopted checks that the job is there, alone, and that the state has it as it is, if at all.
func (w *world) wantAdopted(r *managed, id int64, complete bool) {
	jobs := w.sim.Jobs()
	running, _ := r.config["running"].(bool)
	switch {
	case len(jobs) != 1 || jobs[0].ID != id:
		w.failf("the jobs are %+v, want %d alone", jobs, id)
	case r.state.tainted:
		w.failf("the adopted job is tainted")
	case !r.state.exists() && !complete:
		return
	case r.state.id() != fmt.Sprint(id) || jobs[0].Description != "ours":
		w.failf("the state is %v, and the job %+v", r.state.values, jobs[0])
	case complete && r.config["running"] != nil && running != (jobs[0].Status == simulator.StatusRunning):
		w.failf("the job has the status %d", jobs[0].Status)
	}
}

// Nothing that goes wrong during an adoption costs anyone the job: it is there after any
// number of applies, and adopted by the first one that isn't disturbed. TestConverges draws more faults.
func TestDisturbedAdoption(t *testing.T) {
	t.Parallel()
	types := newProtocol(t, nil, newBareProvider(nil))
	for _, from := range []adoption{
		{status: simulator.StatusRunning, running: false},
		{status: simulator.StatusKilled, running: true},
	} {
		t.Run(fmt.Sprintf("status %d, running %v", from.status, from.running), func(t *testing.T) {
			t.Parallel()
			check := func(a adoption) {
				var wrong error
				synctest.Test(t, func(t *testing.T) { wrong = a.play(t, types) })
				if wrong != nil {
					t.Errorf("%+v: %v", a, wrong)
				}
			}
			check(from)
			// The list, GET, PUT, stop or restart, and a few polls, which are all alike.
			for request := 1; request <= 6 && !t.Failed(); request++ {
				a := from
				a.request = request
				for _, a.ending = range []ending{endStop, endKill} {
					a.after = a.ending == endKill
					check(a)
				}
				a.ending = endsByItself
				for _, a.fault = range []string{"drop-after", "denied"} {
					a.always = a.fault == "denied"
					check(a)
				}
			}
		})
	}
}
