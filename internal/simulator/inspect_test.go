package simulator_test

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestAddJobFillsWhatIsZero(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})
	b.AddJob(simulator.Job{ID: 41, Status: simulator.StatusFailed})

	id := b.AddJob(simulator.Job{Status: simulator.StatusWaiting})
	want := simulator.Job{
		ID: 42, Name: "job-42", TrainURL: "/simulator/logs/", Type: "tensorboard", WorkspaceID: "0",
		Status: simulator.StatusWaiting, CreateTime: start,
	}

	b.clock.Advance(time.Hour) // The status stays as given.

	got, ok := b.Job(id)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(simulator.Job{}, "ResourceID", "ServiceURL")); diff != "" || !ok {
		t.Errorf("(-want +got):\n%s", diff)
	}

	if got.ResourceID == "" {
		t.Error("no resource id")
	}

	// An old id does not set the count back.
	b.AddJob(simulator.Job{ID: 5})
	b.AddJob(simulator.Job{})

	if diff := cmp.Diff([]int64{5, 41, 42, 43}, idsOf(b.Jobs())); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}

	defer func() {
		if recover() == nil {
			t.Error("an id was given twice")
		}
	}()

	b.AddJob(simulator.Job{ID: 41})
}

func idsOf(jobs []simulator.Job) []int64 {
	var ids []int64
	for _, job := range jobs {
		ids = append(ids, job.ID)
	}

	return ids
}

func TestAddedRunningJobFollowsItsSchedule(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})
	id := b.AddJob(simulator.Job{Status: simulator.StatusRunning, Schedule: &simulator.Schedule{Duration: 3}})

	b.clock.Advance(5 * time.Hour)

	if job, _ := b.Job(id); job.Status != simulator.StatusCompleted || job.Duration != 3*time.Hour {
		t.Errorf("status %d after %s", job.Status, job.Duration)
	}
}

func TestJobsAreCopies(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})
	schedule := &simulator.Schedule{Duration: 3}
	id := b.AddJob(simulator.Job{Status: simulator.StatusKilled, Schedule: schedule})
	schedule.Duration = 4

	job, _ := b.Job(id)
	job.Schedule.Duration = 5
	b.Jobs()[0].Schedule.Duration = 6

	if job, _ := b.Job(id); job.Schedule.Duration != 3 {
		t.Errorf("duration %d, want 3", job.Schedule.Duration)
	}
}

func TestSetStatusFreezesUntilTheNextCall(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{Transition: transition})
	b.accept("POST", jobs, plainJob)

	if b.SetStatus(2, simulator.StatusLost) {
		t.Error("SetStatus found a job that does not exist")
	}

	if !b.SetStatus(1, simulator.StatusLost) {
		t.Fatal("SetStatus did not find the job")
	}

	b.clock.Advance(time.Hour)

	if got := b.statusOf(1); got != simulator.StatusLost {
		t.Errorf("status %d, want LOST", got)
	}

	b.accept("POST", jobs+"/1/restart", "")
	b.clock.Advance(transition)

	if got := b.statusOf(1); got != simulator.StatusRunning {
		t.Errorf("status %d, want RUNNING", got)
	}
}

func TestSetStatusCallsADeletionOff(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{Transition: transition})
	id := b.AddJob(simulator.Job{Status: simulator.StatusRunning})
	b.accept("DELETE", jobs+"/1", "")
	b.SetStatus(id, simulator.StatusDeleteFailed)
	b.clock.Advance(time.Hour)

	if got := b.statusOf(id); got != simulator.StatusDeleteFailed {
		t.Errorf("status %d, want DELETE_FAILED", got)
	}

	b.accept("DELETE", jobs+"/1", "")
	b.clock.Advance(transition)

	if _, ok := b.Job(id); ok {
		t.Error("the second delete had no effect")
	}
}

func TestOutsideChanges(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{Transition: transition})
	id := b.AddJob(simulator.Job{Status: simulator.StatusRunning})

	if !b.StopJob(id) || b.StopJob(id) || b.StopJob(99) {
		t.Error("StopJob: want true, then false, and false for an unknown job")
	}

	b.clock.Advance(transition)

	if got := b.statusOf(id); got != simulator.StatusKilled {
		t.Errorf("status %d, want KILLED", got)
	}

	b.accept("DELETE", jobs+"/1", "")

	if !b.RemoveJob(id) || b.RemoveJob(id) {
		t.Error("RemoveJob: want true, then false")
	}

	b.clock.Advance(transition) // The deletion must not trip over the missing job.

	if got := len(b.Jobs()); got != 0 {
		t.Errorf("%d jobs, want none", got)
	}
}

func TestCalls(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})
	b.logIn(byID, projectByID)
	b.send("POST", "/identity"+"/v3/auth/tokens", byID)
	b.clock.Advance(time.Second)
	b.call("POST", jobs+"?a=b&a=c", plainJob)

	created := "/v1/" + simulator.DefaultProjectID + jobs
	want := []simulator.Call{
		{Time: start, Method: "POST", Path: "/v3/auth/tokens", Query: url.Values{}, Status: http.StatusCreated},
		{Time: start, Method: "POST", Path: "/identity/v3/auth/tokens", Query: url.Values{}, Status: http.StatusNotFound},
		{
			Time: start.Add(time.Second), Method: "POST", Path: created, Query: url.Values{"a": {"b", "c"}},
			Status: http.StatusOK, Body: plainJob,
		},
	}

	calls := b.Calls()
	if diff := cmp.Diff(want, calls, cmpopts.IgnoreFields(simulator.Call{}, "RequestID")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	if r := b.call("GET", jobs, ""); b.Calls()[3].RequestID != r.header.Get("X-Request-Id") {
		t.Errorf("request id %q was sent as %q", b.Calls()[3].RequestID, r.header.Get("X-Request-Id"))
	}

	b.ResetCalls()

	if got := b.Calls(); len(got) != 0 {
		t.Errorf("after a reset: %v", got)
	}
}

func TestForgetCalls(t *testing.T) {
	t.Parallel()

	var told []string

	b := newBench(t, simulator.Options{ForgetCalls: true, OnCall: func(c simulator.Call) { told = append(told, c.Path) }})
	b.send("GET", "/a", "")
	b.send("GET", "/b", "")

	if diff := cmp.Diff([]string{"/a", "/b"}, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}

	if kept := b.Calls(); len(kept) != 0 {
		t.Errorf("kept: %v", kept)
	}
}

// TestConcurrentUse is for the race detector, and checks that nothing is lost.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{Transition: transition})
	b.Inject(simulator.Fault{Method: "PUT", Status: 503, Count: 4})

	const workers = 8

	var workersDone sync.WaitGroup

	for range workers {
		workersDone.Go(func() {
			id := b.call("POST", jobs, plainJob).text("job_id")
			b.call("PUT", jobs+"/"+id, `{"job_desc":"mine"}`)
			b.call("GET", jobs+"?sortBy=status", "")
			b.call("POST", jobs+"/"+id+"/stop", "")
			b.clock.Advance(transition)
			b.IssueToken()
			b.AddJob(simulator.Job{Status: simulator.StatusRunning})
			b.Jobs()
			b.Calls()
			b.Faults()
		})
	}

	workersDone.Wait()

	described := 0

	for _, job := range b.Jobs() {
		if job.Description == "mine" {
			described++
		}
	}

	got := fmt.Sprint(len(b.Jobs()), len(b.Calls()), described, len(b.Faults()))
	if want := fmt.Sprint(2*workers, 4*workers, workers-4, 0); got != want {
		t.Errorf("jobs, calls, described, faults = %s, want %s", got, want)
	}
}
