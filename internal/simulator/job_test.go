package simulator_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// course returns the statuses the details call shows now and every ten seconds
// until d has passed; "gone" stands for a job that is.
func (b *bench) course(id int64, d time.Duration) []string {
	b.t.Helper()

	var seen []string

	for passed := time.Duration(0); ; passed += 10 * time.Second {
		r := b.call("GET", fmt.Sprint(jobs, "/", id), "")
		if r.text("error_code") == "ModelArts.2775" {
			seen = append(seen, "gone")
		} else {
			seen = append(seen, r.number("status"))
		}

		if passed >= d {
			return seen
		}

		b.clock.Advance(10 * time.Second)
	}
}

// accept makes a call that has to succeed.
func (b *bench) accept(method, path, body string) {
	b.t.Helper()

	if r := b.call(method, path, body); r.status != http.StatusOK || r.body["is_success"] != true {
		b.t.Fatalf("%s %s: %d %v", method, path, r.status, r.body)
	}
}

func TestCourseOfAJob(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{Transition: transition})
	path := jobs + "/1"

	up := []string{"1", "18", "19", "20", "2", "4", "7", "8", "8"}
	down := []string{"9", "9", "9", "9", "9", "9", "9", "12", "12"}

	for _, step := range []struct {
		name, method, path string
		want               []string
	}{
		{"create", "POST", jobs, up},
		{"stop", "POST", path + "/stop", down},
		{"restart", "POST", path + "/restart", up},
		{"stop again", "POST", path + "/stop", down},
		{"delete when stopped", "DELETE", path, []string{"12", "12", "12", "12", "12", "12", "12", "gone", "gone"}},
	} {
		b.accept(step.method, step.path, plainJob)

		if diff := cmp.Diff(step.want, b.course(1, transition+10*time.Second)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
}

func TestCourseIsCutShort(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		after        time.Duration // since the create
		method, call string
		want         []string
	}{
		"stop at once":       {0, "POST", "/stop", []string{"9", "9", "9", "9", "9", "9", "9", "12"}},
		"stop while queuing": {65 * time.Second, "POST", "/stop", []string{"9", "9", "9", "9", "9", "9", "9", "12"}},
		"delete at once":     {0, "DELETE", "", []string{"9", "9", "9", "9", "9", "9", "9", "gone"}},
		"delete RUNNING":     {transition, "DELETE", "", []string{"9", "9", "9", "9", "9", "9", "9", "gone"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, simulator.Options{Transition: transition})
			b.accept("POST", jobs, plainJob)
			b.clock.Advance(c.after)
			b.accept(c.method, jobs+"/1"+c.call, "")

			if diff := cmp.Diff(c.want, b.course(1, transition)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAJobBeingDeletedRefusesEverything(t *testing.T) {
	t.Parallel()

	for _, status := range []int{simulator.StatusRunning, simulator.StatusKilled} {
		b := newBench(t, simulator.Options{Transition: transition})
		id := b.AddJob(simulator.Job{Status: status})
		b.accept("DELETE", jobs+"/1", "")

		shown := b.statusOf(id)

		for verb, call := range changes {
			b.call(call[0], jobs+"/1"+call[1], `{"job_desc":"late"}`).wantRefusal(t, http.StatusBadRequest,
				"ModelArts.0105", fmt.Sprintf("This job can't be %s. job status: %d", verb, shown))
		}

		if b.StopJob(id) {
			t.Error("StopJob stopped a job that is being deleted")
		}

		b.clock.Advance(transition - time.Millisecond)

		if got := b.call("GET", jobs, "").number("job_total_count"); got != "1" {
			t.Errorf("just before its end: %s jobs listed", got)
		}

		b.clock.Advance(time.Millisecond)

		if got := b.call("GET", jobs, "").number("job_total_count"); got != "0" {
			t.Errorf("at its end: %s jobs listed", got)
		}
	}
}

func TestSchedule(t *testing.T) {
	t.Parallel()

	const schedule = `{"job_name":"board","train_url":"/bucket/logs/",
		"schedule":{"type":"stop","time_unit":"HOURS","duration":%d}}`

	t.Run("stops the job, and again after a restart", func(t *testing.T) {
		t.Parallel()

		b := newBench(t, simulator.Options{Transition: transition, Hour: time.Minute})
		b.accept("POST", jobs, fmt.Sprintf(schedule, 2))

		for round := range 2 {
			b.clock.Advance(transition + 2*time.Minute - time.Millisecond)

			if got := b.statusOf(1); got != simulator.StatusRunning {
				t.Fatalf("round %d: status %d before the schedule's end", round, got)
			}

			b.clock.Advance(time.Millisecond)

			if got := b.statusOf(1); got != simulator.StatusCompleted {
				t.Fatalf("round %d: status %d at the schedule's end", round, got)
			}

			b.clock.Advance(time.Hour) // Does not count as running.

			job, _ := b.Job(1)
			if want := time.Duration(round+1) * 2 * time.Minute; job.Duration != want {
				t.Errorf("round %d: duration %s, want %s", round, job.Duration, want)
			}

			b.accept("POST", jobs+"/1/restart", "")
		}
	})

	t.Run("ends with a stop", func(t *testing.T) {
		t.Parallel()

		b := newBench(t, simulator.Options{Hour: time.Minute})
		b.accept("POST", jobs, fmt.Sprintf(schedule, 1))
		b.clock.Advance(30 * time.Second)
		b.accept("POST", jobs+"/1/stop", "")
		b.clock.Advance(time.Hour)

		if got := b.statusOf(1); got != simulator.StatusKilled {
			t.Errorf("status %d, want KILLED", got)
		}
	})

	t.Run("of 0 never stops the job", func(t *testing.T) {
		t.Parallel()

		b := newBench(t, simulator.Options{})
		b.accept("POST", jobs, fmt.Sprintf(schedule, 0))
		b.clock.Advance(1000 * time.Hour)

		if got := b.statusOf(1); got != simulator.StatusRunning {
			t.Errorf("status %d, want RUNNING", got)
		}
	})
}

// A job has its address as soon as it starts, and keeps it.
func TestServiceURLComesEarlyAndStays(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{Transition: transition, Hour: time.Minute})
	b.accept("POST", jobs, `{"job_name":"board","train_url":"/bucket/logs/","schedule":{"type":"stop","time_unit":"HOURS","duration":1}}`)

	url := func() string { return b.call("GET", jobs+"/1", "").text("service_url") }

	first := url()
	if first == "" || b.statusOf(1) != simulator.StatusInit {
		t.Errorf("%q in status %d", first, b.statusOf(1))
	}

	b.clock.Advance(transition + time.Minute)

	if got := url(); got != first || b.statusOf(1) != simulator.StatusCompleted {
		t.Errorf("%q in status %d, before %q", got, b.statusOf(1), first)
	}

	b.accept("POST", jobs+"/1/restart", "")

	if got := url(); got != first {
		t.Errorf("after a restart %q, before %q", got, first)
	}

	b.AddJob(simulator.Job{ID: 7, Status: simulator.StatusKilled})

	if got := b.call("GET", jobs+"/7", "").text("service_url"); got != "" {
		t.Errorf("of a job that never started: %q", got)
	}
}

func TestTransitionOfZeroSettlesAtTheNextLook(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})

	if got := b.call("POST", jobs, plainJob).text("status"); got != "1" {
		t.Errorf("answer to create: status %q, want 1", got)
	}

	if got := b.call("GET", jobs+"/1", "").number("status"); got != "8" {
		t.Errorf("next look: status %q, want 8", got)
	}
}

// TestMachineClock runs on the default clock, which is the bubble's.
func TestMachineClock(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		s := simulator.New(simulator.Options{Transition: transition, Latency: time.Second})
		began := time.Now()
		r := send(t, s, "POST", "/v1/"+simulator.DefaultProjectID+jobs, plainJob, "X-Auth-Token", s.IssueToken())

		if r.status != http.StatusOK || time.Since(began) != time.Second {
			t.Errorf("create: %d after %s", r.status, time.Since(began))
		}

		<-time.After(transition - time.Second)
		synctest.Wait()

		if job, _ := s.Job(1); job.Status != simulator.StatusRunning {
			t.Errorf("status %d, want RUNNING", job.Status)
		}
	})
}
