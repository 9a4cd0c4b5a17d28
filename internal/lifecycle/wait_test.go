package lifecycle_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// wait is one wait for one job, and the API that it meets.
type wait struct {
	name string
	operation
	from   modelarts.Status
	moves  time.Duration    // from an accepted request to its end, 20 s if it is 0
	stale  time.Duration    // how long polls return the status from before an accepted request
	hidden time.Duration    // if set, the job was created just now, and polls don't return it so long
	ends   modelarts.Status // of a start, 8 if it is 0
	limit  time.Duration    // of the context, an hour if it is 0

	request string        // that fails:
	first   []fault       // at first, one after the other,
	always  error         // and then always,
	heals   time.Duration // until the API is healthy again, unless it is 0
	setup   func(f *fake, id int64)

	want     string        // the requests that change the job and the result, as in "stop → 12"; "... → 12" ignores the requests
	err      error         // that the error wraps
	facts    *facts        // of the WaitError, unless it is nil
	statuses string        // that OnStatus gets, unless it is empty
	most     int           // how often the request is sent, unless it is 0
	min, max time.Duration // of the wait; max is ignored if it is 0
}

// facts are those of a WaitError.
type facts struct {
	goal              string
	last              modelarts.Status
	accepted          int
	rejection, outage error
}

func (w wait) run(t *testing.T) {
	t.Helper()
	inBubble(t, strings.TrimSpace(fmt.Sprintf("%s %s from %s %s %v", w.name, w.operation.name, w.from, w.request, w.always)), func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.moves, f.ends = cmp.Or(w.moves, f.moves), cmp.Or(w.ends, f.ends)
		f.stale, f.hidden = w.stale, w.hidden
		id := f.lastID + 1
		if w.hidden > 0 {
			if _, err := f.CreateVisualizationJob(t.Context(), options); err != nil {
				t.Fatal(err)
			}
			f.forget()
		} else {
			f.add(w.from)
		}
		f.fail(w.request, w.first...)
		if w.always != nil {
			f.fail(w.request, fault{err: w.always, always: true})
		}
		if w.setup != nil {
			w.setup(f, id)
		}
		if w.heals > 0 {
			time.AfterFunc(w.heals, f.heal)
		}
		statuses := ""
		o := lifecycle.SettleOptions{
			OnStatus: func(job modelarts.VisualizationJob) { statuses += fmt.Sprintf("%d ", job.Status) },
		}
		ctx, cancel := context.WithTimeout(t.Context(), cmp.Or(w.limit, timeout))
		defer cancel()
		start := time.Now()
		job, err := w.do(ctx, c, id, o)
		took, got := time.Since(start), f.changing()+" → "+result(job, err)
		if want, ignored := strings.CutPrefix(w.want, "..."); got != w.want && (!ignored || !strings.HasSuffix(got, want)) {
			t.Errorf("got %q (%v), want %q", got, err, w.want)
		}
		if all := strings.TrimSpace(statuses); w.statuses != "" && all != w.statuses {
			t.Errorf("the statuses were %q, want %q", all, w.statuses)
		}
		if w.err != nil && !errors.Is(err, w.err) {
			t.Errorf("got %v, want an error that wraps %v", err, w.err)
		}
		if e, ok := errors.AsType[*lifecycle.WaitError](err); ok && w.facts != nil {
			if got := (facts{e.Goal, e.Last.Status, e.Accepted, e.Rejection, e.Outage}); !reflect.DeepEqual(got, *w.facts) {
				t.Errorf("got %+v, want %+v", got, *w.facts)
			}
		}
		if took < w.min || w.max > 0 && took > w.max {
			t.Errorf("it took %s after %q, want %s to %s", took, f.changing(), w.min, w.max)
		}
		if sent := f.count(w.request); w.most > 0 && sent > w.most {
			t.Errorf("%d requests to %s, want at most %d", sent, w.request, w.most)
		}
	})
}

func runAll(t *testing.T, waits ...wait) {
	t.Helper()
	for _, w := range waits {
		w.run(t)
	}
}

// A wait for a failed job ends. A restart that ends in a failed status isn't repeated.
func TestFailedJobs(t *testing.T) {
	t.Parallel()
	for _, stale := range []time.Duration{0, 10 * time.Second} {
		runAll(t,
			wait{operation: ensureRunning, from: 11, ends: 11, stale: stale, want: "restart → failed 11"},
			wait{operation: ensureRunning, from: 9, ends: 21, stale: stale, want: "restart → failed 21"},
			wait{operation: restart, from: 8, ends: 11, stale: stale, want: "stop restart → failed 11"},
			wait{operation: waitFoundStarted, from: 1, ends: 11, stale: stale, want: " → failed 11"})
	}
	wait{operation: ensureRunning, from: 11, ends: 11, want: "restart → failed 11", request: "restart", first: []fault{{err: noResponse(true), done: true}}}.run(t)
}

// The API might not return a new job yet. Any other job that it doesn't return is gone, also if it vanishes during the wait.
func TestJobIsNotReturned(t *testing.T) {
	t.Parallel()
	runAll(t,
		wait{operation: waitStarted, hidden: 20 * time.Second, want: "... → 8"},
		wait{operation: ensureFreshRunning, hidden: 50 * time.Second, want: "... → 8"},
		wait{operation: ensureFreshStopped, hidden: 20 * time.Second, want: "... → 12"},
		wait{name: "never", operation: waitStarted, hidden: timeout, want: " → not found"},
		wait{operation: ensureStopped, hidden: 20 * time.Second, want: " → not found"},
		wait{operation: ensureDeleted, hidden: timeout, want: " → gone"})
	for _, o := range []operation{ensureStopped, ensureFreshStopped, ensureRunning, ensureFreshRunning, waitStarted} {
		wait{
			name: "vanishes", operation: o, from: 1, moves: 10 * time.Minute, request: "stop", always: conflict(),
			setup: func(f *fake, id int64) { time.AfterFunc(5*time.Minute, func() { f.vanish(id) }) },
			want:  "... → not found", max: 6 * time.Minute,
		}.run(t)
	}
}

// OnStatus gets each status once, in order, however many polls return it, and again if it returns.
func TestOnStatus(t *testing.T) {
	t.Parallel()
	runAll(t,
		wait{operation: ensureStopped, from: 12, want: " → 12", statuses: "12"},
		wait{operation: restart, from: 8, want: "stop restart → 8", statuses: "8 9 12 1 8"},
		wait{name: "stale", operation: restart, from: 8, stale: 30 * time.Second, want: "stop restart → 8", statuses: "8 12 8"},
		wait{
			name: "reversed by another party", operation: restart, from: 8, want: "stop restart restart → 8", statuses: "8 9 12 1 9 12 1 8",
			setup: func(f *fake, id int64) { time.AfterFunc(35*time.Second, func() { f.outside("stop", id) }) },
		})
}

// A request without effect is repeated. If it was accepted, that takes a minute, and twice the time each time.
func TestRepeatedRequests(t *testing.T) {
	t.Parallel()
	lost, none := fault{err: noResponse(true)}, fault{}
	lostDone := fault{err: lost.err, done: true}
	const seven, lag = 7 * time.Minute, 9 * time.Minute
	runAll(t,
		wait{name: "thrice", operation: ensureStopped, from: 8, request: "stop", first: []fault{none, none, none}, want: "stop stop stop stop → 12", min: seven, max: lag},
		wait{name: "thrice", operation: ensureDeleted, from: 12, request: "delete", first: []fault{none, none, none}, want: "delete delete delete delete → gone", min: seven, max: lag})
	for _, w := range []wait{
		{name: "thrice", first: []fault{none, none, none}, want: "restart restart restart restart → 8", min: seven, max: lag},
		{name: "lost", first: []fault{lost}, want: "restart restart → 8", max: time.Minute},
		{name: "lost and done, stale", first: []fault{lostDone}, stale: 5 * time.Minute, want: "restart restart restart restart → 8"},
		{name: "stale", stale: 5 * time.Minute, want: "restart restart restart → 8"},
		{name: "not sent", first: []fault{{err: noResponse(false)}}, want: "restart restart → 8"},
		{name: "rejected", first: []fault{{err: conflict()}}, want: "restart restart → 8"},
		{name: "lost, not sent", first: []fault{lost, {err: noResponse(false)}}, want: "restart restart restart → 8"},
		{name: "lost, then without effect", first: []fault{lost, none}, want: "restart restart restart → 8", min: time.Minute},
	} {
		w.operation, w.from, w.request = ensureRunning, 12, "restart"
		w.run(t)
	}
}

// Every wait ends within a second of its context, between requests and during one. The error has the facts of the wait.
func TestContextEndsEveryWait(t *testing.T) {
	t.Parallel()
	for _, o := range []operation{ensureStopped, ensureFreshStopped, ensureRunning, ensureFreshRunning, restart, waitStarted, ensureDeleted} {
		for _, after := range []time.Duration{0, 100 * time.Millisecond, 17 * time.Minute} {
			for _, from := range []modelarts.Status{0, 8, 12} {
				for _, hangs := range []string{"", "get", "stop", "restart", "delete"} {
					bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
						f.moves = 2 * time.Hour
						id := f.add(from)
						hang := func() { f.fail(hangs, fault{hang: true, always: true}) }
						if hangs == "get" {
							time.AfterFunc(after/2, hang)
						} else {
							hang()
						}
						ctx, cancel := context.WithTimeout(t.Context(), after)
						defer cancel()
						start := time.Now()
						job, err := o.do(ctx, c, id, old)
						if err == nil {
							return
						}
						took := time.Since(start)
						waited, ok := errors.AsType[*lifecycle.WaitError](err)
						if !ok || waited.Err != context.DeadlineExceeded || took > after+time.Second || //nolint:errorlint // Err is the context's error itself.
							waited.ID != id || waited.Waited > took || waited.Outage != nil ||
							after > 0 && (waited.Last == nil || o.goal != "deleted" && job.ID != id) {
							t.Errorf("%s from %s, %s hangs: got %+v (%v) and the job %v after %s", o.name, from, hangs, waited, err, job, took)
						}
					})
				}
			}
		}
	}
}
