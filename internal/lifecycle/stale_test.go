package lifecycle_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

var staleness = []time.Duration{
	0, time.Second, 10 * time.Second, 59 * time.Second, 61 * time.Second,
	2 * time.Minute, 3 * time.Minute, 5 * time.Minute, 10 * time.Minute,
}

// The same holds for a running job that has to be stopped before it is deleted.
func TestOldStatusWhileStoppingToDelete(t *testing.T) {
	t.Parallel()
	for _, stale := range staleness {
		inBubble(t, stale.String(), func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.moves = 10 * time.Second
			f.refuses = func(op string, s modelarts.Status) bool {
				return op == "delete" && !isStopped(s) && !isFailed(s)
			}
			id := f.add(8)
			f.stale = stale
			if err := c.EnsureDeleted(limited(t), id, old); err != nil {
				t.Errorf("got %v (%s)", err, f.changing())
			}
			stops := f.times("stop")
			for _, at := range f.times("delete")[1:] {
				if early := stops[0].Add(stale).Sub(at); early > 0 {
					t.Errorf("a delete %s before the stop can show", early)
				}
			}
			if len(stops) > 1 && stops[1].Sub(stops[0]) < time.Minute {
				t.Errorf("a second stop after %s, want none within a minute", stops[1].Sub(stops[0]))
			}
		})
	}
}

// An accepted request without effect is repeated, after twice the time each time.
func TestAcceptedCallIsRepeated(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		way    way
		op     string
		status modelarts.Status
		want   string
	}{
		{ensureStopped, "stop", 8, "12"},
		{ensureRunning, "restart", 12, "8"},
		{ensureDeleted, "delete", 12, "gone"},
	} {
		inBubble(t, test.op, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			id := f.add(test.status)
			began := time.Now()
			f.fail(test.op, fault{}, fault{}, fault{})
			job, err := test.way.do(c, limited(t), id)
			if got := end(job, err); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			times := f.times(test.op)
			if len(times) != 4 {
				t.Fatalf("%d calls, want 4", len(times))
			}
			wait := time.Minute
			for i := range 3 {
				late := max(time.Second, times[i+1].Sub(began)/10)
				if gap := times[i+1].Sub(times[i]); gap < wait || gap > wait+late {
					t.Errorf("repetition %d came after %s, want %s to %s", i+1, gap, wait, wait+late)
				}
				wait *= 2
			}
		})
	}
}

// OnRepeat is called for each repeated request, unless the first one had an effect.
func TestOnRepeat(t *testing.T) {
	t.Parallel()
	lost := noAnswer(true)
	for name, test := range map[string]struct {
		faults []fault
		stale  time.Duration
		want   []error // how the call before was lost
	}{
		"once":                               {faults: []fault{{done: true}}},
		"accepted without effect":            {faults: []fault{{}}, want: []error{nil}},
		"accepted twice without effect":      {faults: []fault{{}, {}}, want: []error{nil, nil}},
		"lost":                               {faults: []fault{{err: lost}}, want: []error{lost}},
		"lost and done":                      {faults: []fault{{err: lost, done: true}}},
		"lost and done, shown late":          {faults: []fault{{err: lost, done: true}}, stale: 5 * time.Minute},
		"done, shown late":                   {faults: []fault{{done: true}}, stale: 5 * time.Minute},
		"not sent":                           {faults: []fault{{err: noAnswer(false)}}},
		"refused":                            {faults: []fault{{err: conflict()}}},
		"lost, refused, made":                {faults: []fault{{err: lost}, {err: refused(429, "")}}, want: []error{lost}},
		"lost, then accepted without effect": {faults: []fault{{err: lost}, {}}, want: []error{lost, nil}},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			id := f.add(12)
			f.stale = test.stale
			f.fail("restart", test.faults...)
			var told []error
			o := lifecycle.SettleOptions{OnRepeat: func(r lifecycle.Repetition) {
				if r.Call != "restart" || r.Job.ID != id || r.Job.Status != 12 {
					t.Errorf("told of %+v", r)
				}
				told = append(told, r.Lost)
			}}
			if _, err := c.EnsureRunning(limited(t), id, o); err != nil {
				t.Error(err)
			}
			if !slices.Equal(told, test.want) {
				t.Errorf("told %v, want %v", told, test.want)
			}
		})
	}
}

// OnRepeat names the request.
func TestOnRepeatNamesTheRequest(t *testing.T) {
	t.Parallel()
	for call, test := range map[string]struct {
		from modelarts.Status
		way  func(lifecycle.SettleOptions) func(*lifecycle.Controller, context.Context, int64) (*modelarts.VisualizationJob, error)
	}{
		"stop":    {8, stop},
		"restart": {12, run},
		"delete": {12, func(o lifecycle.SettleOptions) func(*lifecycle.Controller, context.Context, int64) (*modelarts.VisualizationJob, error) {
			return func(c *lifecycle.Controller, ctx context.Context, id int64) (*modelarts.VisualizationJob, error) {
				return nil, c.EnsureDeleted(ctx, id, o)
			}
		}},
	} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			id := f.add(test.from)
			f.fail(call, fault{}) // accepted without effect
			var told []string
			o := lifecycle.SettleOptions{OnRepeat: func(r lifecycle.Repetition) { told = append(told, r.Call) }}
			if _, err := test.way(o)(c, limited(t), id); err != nil || !slices.Equal(told, []string{call}) {
				t.Errorf("told %q of a %s, ended with %v", told, call, err)
			}
		})
	}
}

// If the API rejects a second delete while it deletes, and still returns the job as running, the
// job isn't stopped and the wait continues.
func TestRefusedWhileDeleting(t *testing.T) {
	t.Parallel()
	for _, stale := range staleness {
		for _, lost := range []bool{false, true} {
			inBubble(t, stale.String()+fmt.Sprintf(", lost %t", lost), func(t *testing.T, f *fake, c *lifecycle.Controller) {
				f.stale = stale
				f.refusesWhileDeleting = true
				id := f.add(8)
				if lost {
					f.fail("delete", fault{err: noAnswer(true), done: true})
				}
				if err := c.EnsureDeleted(limited(t), id, old); err != nil {
					t.Errorf("got %v (%s)", err, f.changing())
				}
				if stale <= time.Minute && f.count("stop") > 0 {
					t.Errorf("a job that is deleted was stopped: %s", f.changing())
				}
			})
		}
	}
}

// The rejections of a delete don't count for the stop.
func TestRefusalsOfTwoCalls(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id := f.add(8)
		f.failAlways("delete", fault{err: conflict()})
		f.failAlways("stop", fault{err: noAnswer(false)})
		time.AfterFunc(50*time.Second, func() {
			f.heal()
			f.failAlways("stop", fault{err: conflict()})
		})
		time.AfterFunc(100*time.Second, f.heal)
		if err := c.EnsureDeleted(limited(t), id, old); err != nil {
			t.Errorf("got %v after %q", err, f.changing())
		}
	})
}

// A restart that ends in a failed status isn't repeated forever.
func TestFailsAfterRestart(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		way          way
		status, ends modelarts.Status
	}{
		{ensureRunning, 12, 11},
		{ensureRunning, 11, 11},
		{ensureRunning, 11, 5},
		{ensureRunning, 9, 21},
		{ensureFreshRunning, 12, 11},
		{ensureFreshRunning, 9, 3},
	} {
		for _, stale := range []time.Duration{0, 10 * time.Second} {
			inBubble(t, test.way.name+" "+test.status.String()+" "+test.ends.String()+" "+stale.String(), func(t *testing.T, f *fake, c *lifecycle.Controller) {
				id := f.add(test.status)
				f.ends, f.stale = test.ends, stale
				job, err := test.way.do(c, limited(t), id)
				if want := fmt.Sprintf("failed %d", int(test.ends)); end(job, err) != want || job == nil || job.Status != test.ends {
					t.Errorf("got %v and %v, want %s", job, err, want)
				}
				if f.changing() != "restart" {
					t.Errorf("calls %q, want one restart", f.changing())
				}
			})
		}
	}
}

// The one restart of a failed job can be the one whose response was not received.
func TestFailsAfterLostRestart(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id := f.add(11)
		f.ends = 11
		f.fail("restart", fault{err: noAnswer(true), done: true})
		job, err := c.EnsureRunning(limited(t), id, old)
		if got := f.changing() + " → " + end(job, err); got != "restart → failed 11" {
			t.Errorf("got %q, want %q", got, "restart → failed 11")
		}
	})
}

// The API might not return a new job yet. Any other job that it doesn't return is gone.
func TestNotShown(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		way    way
		hidden time.Duration
		want   string
	}{
		{waitStarted, 20 * time.Second, "8"},
		{ensureFreshRunning, 50 * time.Second, "8"},
		{ensureFreshStopped, 20 * time.Second, "12"},
		{waitStarted, timeout, "not found"},
		{ensureFreshStopped, timeout, "not found"},
		{ensureStopped, 20 * time.Second, "not found"},
		{ensureRunning, 20 * time.Second, "not found"},
		{ensureDeleted, timeout, "gone"},
	} {
		inBubble(t, test.way.name+" hidden "+test.hidden.String(), func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.hidden = test.hidden
			created, err := f.CreateVisualizationJob(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			job, err := test.way.do(c, limited(t), created.ID)
			if got := end(job, err); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// The wait for a job that vanishes ends.
func TestVanishes(t *testing.T) {
	t.Parallel()
	for _, w := range []way{ensureStopped, ensureFreshStopped, ensureRunning, ensureFreshRunning, waitStarted} {
		inBubble(t, w.name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.moves = 10 * time.Minute
			f.refuses = func(op string, _ modelarts.Status) bool { return op == "stop" }
			id := f.add(1)
			time.AfterFunc(5*time.Minute, func() {
				f.mu.Lock()
				defer f.mu.Unlock()
				delete(f.jobs, id)
			})
			began := time.Now()
			job, err := w.do(c, limited(t), id)
			if got := end(job, err); got != "not found" || time.Since(began) > 6*time.Minute {
				t.Errorf("got %q after %s", got, time.Since(began))
			}
		})
	}
}

// A wait notices a change at most a second, or a tenth of its duration, late.
func TestLag(t *testing.T) {
	t.Parallel()
	for _, moves := range []time.Duration{100 * time.Millisecond, 2 * time.Second, 30 * time.Second, 4 * time.Minute} {
		inBubble(t, moves.String(), func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.moves = moves
			id := f.add(8)
			began := time.Now()
			if _, err := c.EnsureStopped(limited(t), id, old); err != nil {
				t.Fatal(err)
			}
			if late := time.Since(began) - moves; late > max(time.Second, moves/9) {
				t.Errorf("a stop of %s was noticed %s late", moves, late)
			}
			gets := f.times("get")
			if !slices.IsSortedFunc(gets, time.Time.Compare) || len(gets) > 60 {
				t.Errorf("%d looks for %s", len(gets), moves)
			}
		})
	}
}
