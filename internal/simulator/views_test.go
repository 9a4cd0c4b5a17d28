package simulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// seen is what reads show of job 1: its status and description by the details
// call, and by the list, which have to agree; or "-".
func (b *bench) seen() string {
	b.t.Helper()

	shown := "-"
	if r := b.call("GET", jobs+"/1", ""); r.status == http.StatusOK {
		shown = r.number("status") + " " + r.text("job_desc")
	} else if r.text("error_code") != "ModelArts.2775" {
		b.t.Errorf("details: %d %v", r.status, r.body)
	}

	list, ids := b.list("")
	listed := "-"

	if len(ids) > 1 {
		b.t.Errorf("listed: %v", ids)
	}

	if len(ids) > 0 {
		row := list.body["jobs"].([]any)[0].(map[string]any)
		listed = fmt.Sprint(row["status"], " ", row["job_desc"])
	}

	if got := list.number("job_total_count"); got != fmt.Sprint(len(ids)) {
		b.t.Errorf("%s jobs counted, %d listed", got, len(ids))
	}

	if shown != listed {
		b.t.Errorf("details show %q, the list %q", shown, listed)
	}

	return strings.TrimSpace(shown)
}

func TestStaleReads(t *testing.T) {
	t.Parallel()

	const stale = 20 * time.Second

	for name, c := range map[string]struct {
		transition time.Duration
		status     int
		calls      []string // ten seconds apart
		want       []string // every ten seconds from the last call on
		truth      int      // right after the last call
	}{
		"stop":    {transition, 8, []string{"stop"}, []string{"8", "8", "9", "9", "9", "9", "9", "12"}, 9},
		"restart": {transition, 12, []string{"resubmit"}, []string{"12", "12", "19", "20", "2", "4", "7", "8"}, 1},
		"delete": {
			transition, 8,
			[]string{"delete"},
			[]string{"8", "8", "9", "9", "9", "9", "9", "-"},
			9,
		},
		"delete that is soon over": {0, 8, []string{"delete"}, []string{"8", "8", "-", "-"}, -1},
		"update":                   {transition, 8, []string{"update"}, []string{"8", "8", "8 new", "8 new"}, 8},
		"update and stop":          {transition, 8, []string{"update", "stop"}, []string{"8", "8 new", "9 new", "9 new"}, 9},
		"stop and delete": {
			0, 8, []string{"stop", "delete"}, []string{"8", "12", "-", "-"}, -1,
		},
		"a refusal changes nothing": {transition, 12, []string{"refused stop"}, []string{"12", "12", "12"}, 12},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, simulator.Options{Transition: c.transition, Stale: stale})
			b.AddJob(simulator.Job{Status: c.status})

			for i, verb := range c.calls {
				if i > 0 {
					b.clock.Advance(10 * time.Second)
				}

				verb, refused := strings.CutPrefix(verb, "refused ")
				r := b.call(changes[verb][0], jobs+"/1"+changes[verb][1], `{"job_desc":"new"}`)

				if (r.status != http.StatusOK) != refused {
					t.Fatalf("%s: %d %v", verb, r.status, r.body)
				}
			}

			truth := -1
			if job, ok := b.Job(1); ok {
				truth = job.Status
			}

			if truth != c.truth || len(b.Jobs()) == 1 != (truth >= 0) {
				t.Errorf("truth: status %d, %d jobs, want status %d", truth, len(b.Jobs()), c.truth)
			}

			var got []string

			for range c.want {
				got = append(got, b.seen())
				b.clock.Advance(10 * time.Second)
			}

			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestStaleReadsEndOnTime(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{Stale: time.Minute})
	b.AddJob(simulator.Job{Status: simulator.StatusRunning, Description: "d"})
	b.clock.Advance(time.Second)
	b.accept("DELETE", jobs+"/1", "")

	b.clock.Advance(time.Minute - time.Nanosecond)

	if got := b.seen(); got != "8 d" {
		t.Errorf("just before: %q", got)
	}

	// It does not even get older.
	if got := b.call("GET", jobs+"/1", "").number("duration"); got != "1000" {
		t.Errorf("duration %s, want 1000", got)
	}

	b.clock.Advance(time.Nanosecond)

	if got := b.seen(); got != "-" {
		t.Errorf("at the end: %q", got)
	}
}

// TestTheServiceKnowsBetterThanItsReads makes the calls that reads suggest.
func TestTheServiceKnowsBetterThanItsReads(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{Stale: time.Hour, JobLimit: 1})
	b.AddJob(simulator.Job{Status: simulator.StatusRunning})
	b.accept("POST", jobs+"/1/stop", "")

	if got := b.seen(); got != "8" {
		t.Fatalf("seen: %q", got)
	}

	b.call("POST", jobs+"/1/stop", "").wantRefusal(t, http.StatusBadRequest,
		"ModelArts.0105", "This job can't be stop. job status: 12")

	for status, want := range map[string]int{"8": 1, "12": 0} {
		if _, ids := b.list("status=" + status); len(ids) != want {
			t.Errorf("list of status %s: %v", status, ids)
		}
	}

	b.accept("DELETE", jobs+"/1", "")
	b.call("DELETE", jobs+"/1", "").wantRefusal(t, http.StatusBadRequest,
		"ModelArts.2775", "The visualization job 1 does not exist")

	// There is room again.
	b.accept("POST", jobs, plainJob)

	if _, ids := b.list(""); len(ids) != 2 {
		t.Errorf("list: %v", ids)
	}
}

// TestWhatATestDoesIsSeenAtOnce is about the calls of a test, which are not
// those of a client.
func TestWhatATestDoesIsSeenAtOnce(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		do   func(b *bench)
		want string
	}{
		"SetStatus": {func(b *bench) { b.SetStatus(1, simulator.StatusFailed) }, "11 new"},
		"StopJob":   {func(b *bench) { b.StopJob(1) }, "12 new"},
		"RemoveJob": {func(b *bench) { b.RemoveJob(1) }, "-"},
		"RemoveJob and AddJob": {
			func(b *bench) { b.RemoveJob(1); b.AddJob(simulator.Job{ID: 1, Status: 7}) }, "7",
		},
		"AddJob in the place of a deleted one": {
			func(b *bench) { b.accept("DELETE", jobs+"/1", ""); b.AddJob(simulator.Job{ID: 1, Status: 7}) }, "7",
		},
		"RemoveJob of a deleted one": {
			func(b *bench) { b.accept("DELETE", jobs+"/1", ""); b.RemoveJob(1) }, "-",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, simulator.Options{Stale: time.Hour})
			b.AddJob(simulator.Job{Status: simulator.StatusRunning})
			b.accept("PUT", jobs+"/1", `{"job_desc":"new"}`)
			c.do(b)

			if got := b.seen(); got != c.want {
				t.Errorf("seen: %q, want %q", got, c.want)
			}
		})
	}
}

func TestAppear(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{Appear: time.Minute})
	b.accept("POST", jobs, plainJob)

	if got := b.seen(); got != "-" {
		t.Errorf("at once: %q", got)
	}

	b.call("GET", jobs+"/1", "").want(t, http.StatusBadRequest,
		`{"error_code":"ModelArts.2775","error_message":"The visualization job 1 does not exist"}`)

	// It is there all the same.
	if got := b.statusOf(1); got != simulator.StatusRunning {
		t.Errorf("status %d", got)
	}

	b.accept("PUT", jobs+"/1", `{"job_desc":"new"}`)
	b.accept("POST", jobs+"/1/stop", "")

	b.clock.Advance(time.Minute - time.Nanosecond)

	if got := b.seen(); got != "-" {
		t.Errorf("just before: %q", got)
	}

	b.clock.Advance(time.Nanosecond)

	if got := b.seen(); got != "12 new" {
		t.Errorf("in time: %q", got)
	}

	// A restart is no creation, and a job put in place was always there.
	b.accept("POST", jobs+"/1/restart", "")
	b.RemoveJob(1)
	b.AddJob(simulator.Job{ID: 1, Status: 7})

	if got := b.seen(); got != "7" {
		t.Errorf("of AddJob: %q", got)
	}
}

func TestAJobThatNeverAppeared(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{Appear: time.Minute, Stale: 30 * time.Second})
	b.accept("POST", jobs, plainJob)
	b.accept("DELETE", jobs+"/1", "")

	for range 10 {
		if got := b.seen(); got != "-" {
			t.Errorf("seen: %q", got)
		}

		b.clock.Advance(10 * time.Second)
	}
}
