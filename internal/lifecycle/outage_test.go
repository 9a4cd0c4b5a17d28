package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

var losable = []struct {
	way    way
	op     string
	status modelarts.Status
	want   string
}{
	{ensureStopped, "stop", 8, "12"},
	{ensureStopped, "stop", 1, "12"},
	{ensureRunning, "restart", 12, "8"},
	{ensureRunning, "restart", 11, "8"},
	{ensureFreshRunning, "restart", 12, "8"},
	{ensureDeleted, "delete", 12, "gone"},
	{ensureDeleted, "delete", 8, "gone"},
}

func TestMissingResponsesEndTheWait(t *testing.T) {
	t.Parallel()
	for _, test := range losable {
		inBubble(t, test.way.name+" from "+test.status.String(), func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.moves = 2 * timeout // a job that moves would be waited for
			id := f.add(test.status)
			lost := noAnswer(true)
			f.failAlways(test.op, fault{err: lost})
			began := time.Now()
			job, err := test.way.do(c, limited(t), id)
			if end(job, err) != "wait" || !errors.Is(err, lost) {
				t.Errorf("got %v, want a WaitError with the loss", err)
			}
			// A gateway that restarts takes less than a minute; one that is gone takes for ever.
			if waited := time.Since(began); waited < time.Minute || waited > 70*time.Second {
				t.Errorf("gave up after %s and %d calls, want about a minute", waited, f.count(test.op))
			}
		})
	}
}

// Error responses end an outage: an unreliable gateway still works.
func TestMissingResponsesBetweenRefusals(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		way    way
		op     string
		status modelarts.Status
		code   string
		losses int
		want   string
	}{
		{ensureRunning, "restart", 12, "ModelArts.0105", 6, "8"},
		{ensureStopped, "stop", 1, "ModelArts.0104", 40, "12"},
	} {
		inBubble(t, test.op, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.moves = 30 * time.Minute // the stop is refused in a moving status alone
			id := f.add(test.status)
			for range test.losses {
				f.fail(test.op, fault{err: noAnswer(true)}, fault{err: refused(http.StatusBadRequest, test.code)})
			}
			job, err := test.way.do(c, limited(t), id)
			if got := end(job, err); got != test.want {
				t.Errorf("got %q (%v) after %q, want %s", got, err, f.changing(), test.want)
			}
		})
	}
}

// An outage of less than a minute doesn't end a wait.
func TestOutage(t *testing.T) {
	t.Parallel()
	for _, outage := range []error{
		noAnswer(false), noAnswer(true), refused(http.StatusServiceUnavailable, ""), refused(http.StatusTooManyRequests, "APIGW.0308"),
	} {
		for _, test := range losable {
			for _, op := range []string{test.op, "get"} {
				for lasts, survived := range map[time.Duration]bool{55 * time.Second: true, 2 * time.Hour: false} {
					inBubble(t, fmt.Sprintf("%v of %s for %s, %s from %s", outage, op, lasts, test.way.name, test.status), func(t *testing.T, f *fake, c *lifecycle.Controller) {
						f.moves = 10 * time.Second
						id := f.add(test.status)
						f.failAlways(op, fault{err: outage})
						time.AfterFunc(lasts, f.heal)
						began := time.Now()
						job, err := test.way.do(c, limited(t), id)
						if got := end(job, err); survived && got != test.want {
							t.Errorf("got %q (%v), want %q", got, err, test.want)
						}
						took := time.Since(began)
						if !survived && (end(job, err) != "wait" || !errors.Is(err, outage) || took < time.Minute || took > 80*time.Second) {
							t.Errorf("got %v after %s, want a WaitError after about a minute", err, took)
						}
					})
				}
			}
		}
	}
}

// Two short outages aren't a long one.
func TestOutagesOfPolls(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.moves = 5 * time.Minute
		id := f.add(8)
		for _, begins := range []time.Duration{10 * time.Second, 80 * time.Second, 150 * time.Second} {
			time.AfterFunc(begins, func() { f.failAlways("get", fault{err: noAnswer(true)}) })
			time.AfterFunc(begins+40*time.Second, f.heal)
		}
		job, err := c.EnsureStopped(limited(t), id, old)
		if got := f.changing() + " → " + end(job, err); got != "stop → 12" {
			t.Errorf("got %q (%v)", got, err)
		}
	})
}

// A 404 for a new job is a response that ends an outage as well.
func TestOutagesOfPollsOfANewJob(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.hidden = 30 * time.Second
		created, err := f.CreateVisualizationJob(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		lost := fault{err: noAnswer(true)}
		f.failAlways("get", lost)
		time.AfterFunc(2*time.Second, f.heal)
		time.AfterFunc(20*time.Second, func() { f.failAlways("get", lost) })
		time.AfterFunc(70*time.Second, f.heal)
		job, err := c.WaitStarted(limited(t), created.ID, fresh)
		if got := end(job, err); got != "8" {
			t.Errorf("got %q (%v), want 8", got, err)
		}
	})
}

// The WaitError of a wait that times out in an outage has its error.
func TestWaitErrorInAnOutage(t *testing.T) {
	t.Parallel()
	lost := noAnswer(true)
	for _, op := range []string{"get", "stop", ""} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.moves = timeout
			id := f.add(8)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if op == "stop" {
				f.failAlways(op, fault{err: lost})
			}
			time.AfterFunc(10*time.Second, func() { f.failAlways(op, fault{err: lost}) })
			_, err := c.EnsureStopped(ctx, id, old)
			waited, ok := errors.AsType[*lifecycle.WaitError](err)
			if !ok || !errors.Is(err, context.DeadlineExceeded) || (waited.Outage != nil) != (op != "") {
				t.Errorf("%q: got %v, outage %v", op, err, waited.Outage)
			}
		})
	}
}

// A missing response is no outage if all later requests had responses.
func TestOldMissingResponseIsNoOutage(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.moves = timeout
		id := f.add(8)
		f.fail("stop", fault{err: noAnswer(true), done: true})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		_, err := c.EnsureStopped(ctx, id, old)
		waited, ok := errors.AsType[*lifecycle.WaitError](err)
		if !ok || waited.Outage != nil {
			t.Errorf("got %v, outage %v", err, waited.Outage)
		}
	})
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id := f.add(12)
		f.moves = 3 * time.Minute
		f.fail("restart", fault{err: noAnswer(true), done: true}, fault{err: noAnswer(true), done: true})
		time.AfterFunc(time.Minute, func() { f.outside("stop", id) })
		if job, err := c.EnsureRunning(limited(t), id, old); end(job, err) != "8" {
			t.Errorf("got %v after %q", err, f.changing())
		}
	})
}

// A request that certainly was not sent isn't pending: a job that had failed before is restarted.
func TestRequestThatWasNotSent(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id := f.add(11)
		f.fail("restart", fault{err: noAnswer(false)})
		time.AfterFunc(100*time.Millisecond, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.set(f.jobs[id], 5)
		})
		job, err := c.EnsureRunning(limited(t), id, old)
		if got := f.changing() + " → " + end(job, err); got != "restart restart → 8" {
			t.Errorf("got %q (%v)", got, err)
		}
	})
}

// A 404 means success for a delete only. A stop that gets one fails.
func TestStopOfUnknownJob(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id, began := f.add(8), time.Now()
		unknown := f.unknown()
		f.failAlways("stop", fault{err: unknown})
		job, err := c.EnsureStopped(limited(t), id, old)
		if end(job, err) != "wait" || !errors.Is(err, unknown) || time.Since(began) > time.Second {
			t.Errorf("got %v and %v after %s, want the refusal at once", job, err, time.Since(began))
		}
	})
}

func TestDeleteOfMissingJob(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		if err := c.EnsureDeleted(limited(t), 4711, old); err != nil || f.changing() != "" {
			t.Errorf("got %v after %q, want success without a call", err, f.changing())
		}
	})
}

// A delete can get a 404 while GETs still return the job.
func TestDeleteAnswersNotFoundWhileShown(t *testing.T) {
	t.Parallel()
	for _, shown := range []time.Duration{time.Second, 30 * time.Second, 5 * time.Minute} {
		inBubble(t, shown.String(), func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.moves, f.stale = 0, shown
			id := f.add(12)
			f.outside("delete", id)
			began := time.Now()
			if err := c.EnsureDeleted(limited(t), id, old); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took < shown {
				t.Errorf("it ended after %s, while the job was still shown", took)
			}
			if times := f.times("delete"); len(times) > 1 && times[1].Sub(times[0]) < time.Minute {
				t.Errorf("a second delete after %s", times[1].Sub(times[0]))
			}
		})
	}
}

// A delete that the service starts and that then fails is sent again.
func TestDeleteFailedIsRepeated(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id := f.add(12)
		f.fail("delete", fault{})
		time.AfterFunc(time.Second, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.set(f.jobs[id], 6)
		})
		if err := c.EnsureDeleted(limited(t), id, old); err != nil || f.changing() != "delete delete" {
			t.Errorf("got %v after %q", err, f.changing())
		}
	})
}

// DELETE_FAILED ends a pending delete, from whichever status.
func TestDeleteFailedAndRefused(t *testing.T) {
	t.Parallel()
	for _, from := range []modelarts.Status{1, 8, 12} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			id := f.add(from)
			f.fail("delete", fault{})
			f.failAlways("delete", fault{err: conflict()})
			time.AfterFunc(time.Second, func() {
				f.mu.Lock()
				defer f.mu.Unlock()
				f.set(f.jobs[id], 6)
			})
			began := time.Now()
			err := c.EnsureDeleted(limited(t), id, old)
			if took := time.Since(began); !modelarts.IsConflict(err) || took > 3*time.Minute {
				t.Errorf("from %s: got %v after %s", from, err, took)
			}
		})
	}
}

func TestWaitErrorCountsAndQuotes(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.moves = 2 * timeout
		id := f.add(8)
		f.refuses = func(op string, _ modelarts.Status) bool { return op == "delete" }
		err := c.EnsureDeleted(limited(t), id, old)
		waited, ok := errors.AsType[*lifecycle.WaitError](err)
		if !ok {
			t.Fatalf("got %v, want a WaitError", err)
		}
		if waited.Accepted != 1 || !modelarts.IsConflict(waited.Refusal) || waited.Last.Status != 9 {
			t.Errorf("accepted %d, refusal %v, last %s; want the stop, the refused delete, KILLING",
				waited.Accepted, waited.Refusal, waited.Last.Status)
		}
	})
}
