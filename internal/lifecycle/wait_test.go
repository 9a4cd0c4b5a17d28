package lifecycle_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
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

	request string        // that fails:
	first   []fault       // at first, one after the other,
	always  error         // and then always,
	heals   time.Duration // until the API is healthy again, unless it is 0
	setup   func(f *fake, id int64)

	want     string        // the requests that change the job and the result, as in "stop → 12"; "... → 12" ignores the requests
	err      error         // that the error wraps
	most     int           // how often the request is sent, unless it is 0
	min, max time.Duration // of the wait; max is ignored if it is 0
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
			f.log = nil
		} else {
			f.add(w.from)
		}
		f.fail(w.request, w.first...)
		if w.always != nil {
			f.failAlways(w.request, fault{err: w.always})
		}
		if w.setup != nil {
			w.setup(f, id)
		}
		if w.heals > 0 {
			time.AfterFunc(w.heals, f.heal)
		}
		start := time.Now()
		job, err := w.do(limited(t), c, id)
		took, got := time.Since(start), f.changing()+" → "+result(job, err)
		if want, ignored := strings.CutPrefix(w.want, "..."); got != w.want && (!ignored || !strings.HasSuffix(got, want)) {
			t.Errorf("got %q (%v), want %q", got, err, w.want)
		}
		if w.err != nil && !errors.Is(err, w.err) {
			t.Errorf("got %v, want an error that wraps %v", err, w.err)
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

// Each cell has the requests and the result of a wait from a status.
func TestFromEveryStatus(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		from                                                  modelarts.Status
		stopped, running, restarted, created, started, remove string
	}{
		{0, "stop → 12", " → 8", "stop restart → 8", " → 8", " → 8", "delete delete → gone"},
		{1, "stop → 12", " → 8", " → 8", " → 8", " → 8", "delete → gone"},
		{2, "stop → 12", " → 8", " → 8", " → 8", " → 8", "delete → gone"},
		{3, " → 3", "restart → 8", "restart → 8", " → failed 3", " → failed 3", "delete → gone"},
		{4, "stop → 12", " → 8", " → 8", " → 8", " → 8", "delete → gone"},
		{5, " → 5", "restart → 8", "restart → 8", " → failed 5", " → failed 5", "delete → gone"},
		{6, " → 6", "restart → 8", "restart → 8", " → failed 6", " → failed 6", "delete → gone"},
		{7, "stop → 12", " → 8", " → 8", " → 8", " → 8", "delete → gone"},
		{8, "stop → 12", " → 8", "stop restart → 8", " → 8", " → 8", "delete → gone"},
		{9, " → 12", "restart → 8", "restart → 8", "restart → 8", " → 12", "delete delete → gone"},
		{10, " → 10", "restart → 8", "restart → 8", "restart → 8", " → 10", "delete → gone"},
		{11, " → 11", "restart → 8", "restart → 8", " → failed 11", " → failed 11", "delete → gone"},
		{12, " → 12", "restart → 8", "restart → 8", "restart → 8", " → 12", "delete → gone"},
		{13, " → 13", "restart → 8", "restart → 8", "restart → 8", " → 13", "delete → gone"},
		{14, " → 14", "restart → 8", "restart → 8", " → failed 14", " → failed 14", "delete → gone"},
		{15, "stop → 12", " → 8", " → 8", " → 8", " → 8", "delete → gone"},
		{16, " → 16", "restart → 8", "restart → 8", " → failed 16", " → failed 16", "delete → gone"},
		{17, " → 17", "restart → 8", "restart → 8", " → failed 17", " → failed 17", "delete → gone"},
		{18, "stop → 12", " → 8", " → 8", " → 8", " → 8", "delete → gone"},
		{19, "stop → 12", " → 8", " → 8", " → 8", " → 8", "delete → gone"},
		{20, "stop → 12", " → 8", " → 8", " → 8", " → 8", "delete → gone"},
		{21, " → 21", "restart → 8", "restart → 8", " → failed 21", " → failed 21", "delete → gone"},
		{99, "stop → 12", " → 8", "stop restart → 8", " → 8", " → 8", "delete delete → gone"},
	} {
		wait{operation: ensureStopped, from: row.from, want: row.stopped}.run(t)
		wait{operation: ensureFreshStopped, from: row.from, want: row.stopped}.run(t)
		wait{operation: ensureRunning, from: row.from, want: row.running}.run(t)
		wait{operation: restart, from: row.from, want: row.restarted}.run(t)
		wait{operation: ensureFreshRunning, from: row.from, want: row.created}.run(t)
		wait{operation: waitStarted, from: row.from, want: row.started}.run(t)
		wait{operation: ensureDeleted, from: row.from, want: row.remove}.run(t)
	}
	// If the API deletes only jobs that don't run, the job is stopped first. KILLING and KILLED are each tried once.
	for status, want := range map[modelarts.Status]string{
		1: "delete stop delete delete → gone", 7: "delete stop delete delete → gone",
		8: "delete stop delete delete → gone", 9: "delete delete → gone",
	} {
		wait{name: "strict", operation: ensureDeleted, from: status, want: want, setup: func(f *fake, _ int64) {
			f.rejects = func(request string, s modelarts.Status) bool {
				return request == "delete" && !isStopped(s) && !isFailed(s)
			}
		}}.run(t)
	}
}

// A wait for a failed job ends. A restart that ends in a failed status isn't repeated.
func TestFailedJobs(t *testing.T) {
	t.Parallel()
	for _, stale := range []time.Duration{0, 10 * time.Second} {
		runAll(t,
			wait{operation: ensureRunning, from: 12, ends: 11, stale: stale, want: "restart → failed 11"},
			wait{operation: ensureRunning, from: 11, ends: 11, stale: stale, want: "restart → failed 11"},
			wait{operation: ensureRunning, from: 9, ends: 21, stale: stale, want: "restart → failed 21"},
			wait{operation: ensureFreshRunning, from: 12, ends: 11, stale: stale, want: "restart → failed 11"},
			wait{operation: restart, from: 8, ends: 11, stale: stale, want: "stop restart → failed 11"},
			wait{operation: waitFoundStarted, from: 1, ends: 11, stale: stale, want: " → failed 11"})
	}
	wait{operation: ensureRunning, from: 11, ends: 11, want: "restart → failed 11", request: "restart", first: []fault{{err: noAnswer(true), done: true}}}.run(t)
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
	for name, test := range map[string]struct {
		operation
		from    modelarts.Status
		stale   time.Duration
		stopped time.Duration // when another party stops the job
		want    string
	}{
		"a stop":                                {operation: ensureStopped, from: 8, want: "8 9 12"},
		"a stop of a stopped job":               {operation: ensureStopped, from: 12, want: "12"},
		"a stop with stale polls":               {operation: ensureStopped, from: 8, stale: 30 * time.Second, want: "8 12"},
		"a restart":                             {operation: restart, from: 8, want: "8 9 12 1 7 8"},
		"a restart of a stopped job":            {operation: restart, from: 10, want: "10 1 7 8"},
		"a restart of a stopping job":           {operation: restart, from: 9, want: "9 12 1 7 8"},
		"a restart of a starting job":           {operation: restart, from: 7, want: "7 8"},
		"a restart of a failed job":             {operation: restart, from: 11, want: "11 1 7 8"},
		"a restart with stale polls":            {operation: restart, from: 8, stale: 30 * time.Second, want: "8 12 8"},
		"a restart that another party reverses": {operation: restart, from: 8, stopped: 35 * time.Second, want: "8 9 12 1 7 9 12 1 7 8"},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.stale = test.stale
			id := f.add(test.from)
			if test.stopped > 0 {
				time.AfterFunc(test.stopped, func() { f.outside("stop", id) })
			}
			var statuses []string
			o := lifecycle.SettleOptions{OnStatus: func(job modelarts.VisualizationJob) {
				statuses = append(statuses, fmt.Sprint(int(job.Status)))
			}}
			if _, err := test.doWith(limited(t), c, id, o); err != nil {
				t.Error(err)
			}
			if got := strings.Join(statuses, " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// A request without effect is repeated. If it was accepted, that takes a minute, and twice the time each time. OnRepeat is called for
// each repeated request, unless the first one had an effect.
func TestOnRepeat(t *testing.T) {
	t.Parallel()
	lost := noAnswer(true)
	thrice := []error{nil, nil, nil}
	for name, test := range map[string]struct {
		operation
		from   modelarts.Status
		faults []fault
		stale  time.Duration
		fails  bool    // the job gets the status DELETE_FAILED
		want   []error // why the earlier response wasn't received
		min    time.Duration
	}{
		"once":                               {operation: ensureRunning, from: 12, faults: []fault{{done: true}}},
		"stop accepted without effect":       {operation: ensureStopped, from: 8, faults: []fault{{}, {}, {}}, want: thrice, min: 7 * time.Minute},
		"restart accepted without effect":    {operation: ensureRunning, from: 12, faults: []fault{{}, {}, {}}, want: thrice, min: 7 * time.Minute},
		"delete accepted without effect":     {operation: ensureDeleted, from: 12, faults: []fault{{}, {}, {}}, want: thrice, min: 7 * time.Minute},
		"lost":                               {operation: ensureRunning, from: 12, faults: []fault{{err: lost}}, want: []error{lost}},
		"lost and done":                      {operation: ensureRunning, from: 12, faults: []fault{{err: lost, done: true}}},
		"lost and done, stale":               {operation: ensureRunning, from: 12, faults: []fault{{err: lost, done: true}}, stale: 5 * time.Minute},
		"done, stale":                        {operation: ensureRunning, from: 12, faults: []fault{{done: true}}, stale: 5 * time.Minute},
		"not sent":                           {operation: ensureRunning, from: 12, faults: []fault{{err: noAnswer(false)}}},
		"rejected":                           {operation: ensureRunning, from: 12, faults: []fault{{err: conflict()}}},
		"lost, throttled, done":              {operation: ensureRunning, from: 12, faults: []fault{{err: lost}, {err: rejected(429, "")}}, want: []error{lost}},
		"lost, then accepted without effect": {operation: ensureRunning, from: 12, faults: []fault{{err: lost}, {}}, want: []error{lost, nil}, min: time.Minute},
		"a delete that visibly failed":       {operation: ensureDeleted, from: 8, faults: []fault{{}}, fails: true, min: time.Minute},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			request := map[string]string{"stopped": "stop", "running": "restart", "deleted": "delete"}[test.goal]
			id := f.add(test.from)
			f.stale = test.stale
			f.fail(request, test.faults...)
			if test.fails {
				f.become(5*time.Second, id, modelarts.StatusDeleteFailed)
			}
			var got []error
			o := lifecycle.SettleOptions{OnRepeat: func(r lifecycle.Repetition) {
				if r.Request != request || r.Job.ID != id || r.Job.Status != test.from {
					t.Errorf("got %+v", r)
				}
				got = append(got, r.Lost)
			}}
			start := time.Now()
			if _, err := test.doWith(limited(t), c, id, o); err != nil || !slices.Equal(got, test.want) {
				t.Errorf("got %v and %v, want %v", got, err, test.want)
			}
			if took := time.Since(start) - test.stale; took < test.min || took > test.min*11/10+40*time.Second {
				t.Errorf("it took %s after %q, want at least %s", took, f.changing(), test.min)
			}
		})
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
						time.AfterFunc(after/2, func() { f.failAlways(hangs, fault{hang: true}) })
						if hangs != "get" {
							f.failAlways(hangs, fault{hang: true})
						}
						ctx, cancel := context.WithCancel(t.Context())
						time.AfterFunc(after, cancel)
						if after == 0 {
							cancel()
						}
						start := time.Now()
						job, err := o.do(ctx, c, id)
						if err == nil {
							return
						}
						took := time.Since(start)
						waited, ok := errors.AsType[*lifecycle.WaitError](err)
						if !ok || waited.Err != context.Canceled || took > after+time.Second || //nolint:errorlint // Err is the context's error itself.
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
