package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// A request that the API rejects while the job moves is sent again in the next status, whatever the
// error code is.
func TestRefusalWhileMoving(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"ModelArts.0105", "ModelArts.0104"} {
		inBubble(t, code, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.moves = 5 * time.Minute
			id := f.add(1)
			time.AfterFunc(f.moves, f.heal)
			f.failAlways("stop", fault{err: refused(http.StatusBadRequest, code)})
			began := time.Now()
			job, err := c.EnsureStopped(limited(t), id, old)
			if got := end(job, err); got != "12" || f.count("stop") < 2 || time.Since(began) < f.moves {
				t.Errorf("got %q (%v) after %d stops and %s", got, err, f.count("stop"), time.Since(began))
			}
		})
	}
}

// An error response can mean that another party stopped the job between the poll and the request.
func TestRefusalIsFollowedByAPoll(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"ModelArts.0105", "ModelArts.0104"} {
		inBubble(t, code, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.moves, f.stale = time.Millisecond, 100*time.Millisecond
			id := f.add(8)
			f.outside("stop", id)
			f.failAlways("stop", fault{err: refused(http.StatusBadRequest, code)})
			job, err := c.EnsureStopped(limited(t), id, old)
			if got := f.changing() + " → " + end(job, err); got != "stop → 12" {
				t.Errorf("got %q, want %q", got, "stop → 12")
			}
		})
	}
}

func TestRefusalWithAnotherCodeIsFinal(t *testing.T) {
	t.Parallel()
	refusal := refused(http.StatusBadRequest, "ModelArts.2815")
	for _, test := range []struct {
		way    way
		op     string
		status modelarts.Status
	}{
		{ensureStopped, "stop", 8},
		{ensureRunning, "restart", 12},
		{ensureRunning, "restart", 11},
		{ensureFreshRunning, "restart", 10},
		{ensureDeleted, "delete", 12},
		{ensureDeleted, "delete", 8},
	} {
		inBubble(t, test.way.name+" from "+test.status.String(), func(t *testing.T, f *fake, c *lifecycle.Controller) {
			id := f.add(test.status)
			f.failAlways(test.op, fault{err: refusal})
			began := time.Now()
			_, err := test.way.do(c, limited(t), id)
			waited, ok := errors.AsType[*lifecycle.WaitError](err)
			if !ok || !errors.Is(waited.Err, refusal) || !errors.Is(waited.Refusal, refusal) {
				t.Fatalf("got %v, want a WaitError with the refusal", err)
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("it took %s, want at most a second", took)
			}
			if gets := f.count("get"); gets != 2 || f.changing() != test.op {
				t.Errorf("%d gets and %q, want a fresh look after the one call", gets, f.changing())
			}
		})
	}
}

// A conflict in a status that should allow the request can be temporary. It is final after a
// minute.
func TestConflictWhileSettledIsFinalLate(t *testing.T) {
	t.Parallel()
	for _, err := range []error{conflict(), refused(http.StatusConflict, "")} {
		inBubble(t, err.Error(), func(t *testing.T, f *fake, c *lifecycle.Controller) {
			id := f.add(12)
			f.failAlways("restart", fault{err: err})
			began := time.Now()
			job, got := c.EnsureRunning(limited(t), id, old)
			if !errors.Is(got, err) || end(job, got) != "wait" {
				t.Errorf("got %v, want a WaitError with the conflict", got)
			}
			if took := time.Since(began); took < time.Minute || took > 70*time.Second {
				t.Errorf("it took %s, want about a minute", took)
			}
		})
	}
}

// If a request was accepted, an error response to its repetition means that it is in progress,
// whatever the error code is.
func TestRepetitionIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range losable {
		for _, refusal := range []error{
			conflict(), refused(http.StatusBadRequest, "ModelArts.0104"), refused(http.StatusOK, "ModelArts.0104"), refused(http.StatusNotFound, ""),
		} {
			inBubble(t, fmt.Sprintf("%s from %s, %v", test.way.name, test.status, refusal), func(t *testing.T, f *fake, c *lifecycle.Controller) {
				f.stale = 4 * time.Minute
				id := f.add(test.status)
				f.fail(test.op, fault{done: true})
				f.failAlways(test.op, fault{err: refusal})
				job, err := test.way.do(c, limited(t), id)
				if got := end(job, err); got != test.want {
					t.Errorf("got %q (%v) after %q, want %q", got, err, f.changing(), test.want)
				}
				if calls := f.count(test.op); calls > 6 { // in four minutes
					t.Errorf("%d calls, want few", calls)
				}
			})
		}
	}
}

// A request whose response was not received might be in progress, too, but not forever.
func TestRepetitionOfALostCallIsRefused(t *testing.T) {
	t.Parallel()
	refusal := refused(http.StatusBadRequest, "ModelArts.0104")
	for _, test := range losable {
		if isStarting(test.status) {
			continue // what refuses a moving job is not believed at all
		}
		for _, done := range []bool{true, false} {
			inBubble(t, fmt.Sprintf("%s from %s, done %t", test.way.name, test.status, done), func(t *testing.T, f *fake, c *lifecycle.Controller) {
				f.stale, f.moves = 50*time.Second, 10*time.Second
				id := f.add(test.status)
				f.fail(test.op, fault{err: noAnswer(true), done: done})
				f.failAlways(test.op, fault{err: refusal})
				want := test.want
				if !done {
					want = "wait"
				}
				began := time.Now()
				job, err := test.way.do(c, limited(t), id)
				if got := end(job, err); got != want {
					t.Errorf("got %q (%v) after %q, want %q", got, err, f.changing(), want)
				}
				if took := time.Since(began); !done && (took < f.stale || took > 80*time.Second) {
					t.Errorf("it ended after %s, want about a minute", took)
				}
			})
		}
	}
}

// The WaitError has the last error response to the repetition of an accepted request.
func TestRefusedRepetitionInWaitError(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id := f.add(8)
		f.fail("stop", fault{})
		f.failAlways("stop", fault{err: conflict()})
		_, err := c.EnsureStopped(limited(t), id, old)
		waited, ok := errors.AsType[*lifecycle.WaitError](err)
		if !ok || !errors.Is(err, context.DeadlineExceeded) || !modelarts.IsConflict(waited.Refusal) {
			t.Errorf("got %v, want a WaitError with the conflict", err)
		}
	})
}

// A starting job that runs before its stop has an effect hasn't progressed.
func TestRunsBeforeItsStopShows(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id := f.add(1)
		f.fail("stop", fault{})
		f.failAlways("stop", fault{err: conflict()})
		time.AfterFunc(150*time.Second, f.heal)
		job, err := c.EnsureStopped(limited(t), id, old)
		if got := end(job, err); got != "12" {
			t.Errorf("got %q (%v) after %q", got, err, f.changing())
		}
	})
}

// A delete that the API rejects without a reason might be rejected for the status, so the job is
// stopped. With another reason, it isn't.
func TestRefusedDeleteWithoutACode(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"", "400"} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			id := f.add(8)
			f.failAlways("delete", fault{err: refused(http.StatusBadRequest, code)})
			time.AfterFunc(f.moves, f.heal)
			if err := c.EnsureDeleted(limited(t), id, old); err != nil || f.count("stop") != 1 {
				t.Errorf("code %q: got %v after %q", code, err, f.changing())
			}
		})
	}
}

// It is unknown whether a job exists if the API rejects the GET and the list is incomplete. That is
// temporary.
func TestUnprovenRefusalOfAGet(t *testing.T) {
	t.Parallel()
	for lasts, want := range map[time.Duration]string{30 * time.Second: "12", 2 * time.Hour: "wait"} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			id := f.add(8)
			f.failAlways("get", fault{err: refused(http.StatusBadRequest, "ModelArts.0104")})
			f.failAlways("list", fault{err: refused(http.StatusServiceUnavailable, "")})
			time.AfterFunc(lasts, f.heal)
			began := time.Now()
			job, err := c.EnsureStopped(limited(t), id, old)
			if got := end(job, err); got != want || time.Since(began) > 2*time.Minute {
				t.Errorf("got %q (%v) after %s, want %q", got, err, time.Since(began), want)
			}
		})
	}
}

// A request that had an effect doesn't excuse the rejection of the next one.
func TestConflictAfterAnEffectIsFinal(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id := f.add(12)
		time.AfterFunc(15*time.Second, func() {
			f.outside("stop", id)
			f.failAlways("restart", fault{err: conflict()})
		})
		began := time.Now()
		job, err := c.EnsureRunning(limited(t), id, old)
		if took := time.Since(began); end(job, err) != "wait" || !modelarts.IsConflict(err) || took > 3*time.Minute {
			t.Errorf("got %v after %s, want a WaitError with the conflict", err, took)
		}
	})
}

func TestConflictWhileSettledPasses(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id := f.add(12)
		f.failAlways("restart", fault{err: conflict()})
		time.AfterFunc(50*time.Second, f.heal)
		job, err := c.EnsureRunning(limited(t), id, old)
		if got := end(job, err); got != "8" {
			t.Errorf("got %q, want 8", got)
		}
	})
}

func TestDeniedEndsAtOnce(t *testing.T) {
	t.Parallel()
	for name, denied := range map[string]error{
		"401":           refused(http.StatusUnauthorized, ""),
		"403":           refused(http.StatusForbidden, ""),
		"0108 with 400": refused(http.StatusBadRequest, "ModelArts.0108"),
		"of our own":    errors.New("encode the request"),
		"no new token":  &modelarts.NoResponseError{Err: &httpclient.CredentialsError{Err: &auth.ConfigError{Summary: "wrong password"}}},
	} {
		for _, test := range []struct {
			way    way
			op     string
			status modelarts.Status
		}{
			{ensureStopped, "get", 1},
			{ensureStopped, "stop", 1},
			{ensureRunning, "restart", 12},
			{ensureDeleted, "get", 8},
			{ensureDeleted, "delete", 8},
			{waitStarted, "get", 1},
		} {
			inBubble(t, name+" to "+test.op+" of "+test.way.name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
				id := f.add(test.status)
				f.failAlways(test.op, fault{err: denied})
				began := time.Now()
				_, err := test.way.do(c, limited(t), id)
				if !is[*lifecycle.WaitError](err) || !errors.Is(err, denied) {
					t.Errorf("got %v, want a WaitError with the denial", err)
				}
				if took, calls := time.Since(began), f.count(test.op); took > 0 || calls != 1 {
					t.Errorf("%d calls in %s, want one and no wait", calls, took)
				}
			})
		}
	}
}

// Every wait ends within a second of its context, between requests and during one.
func TestContextEndsEveryWait(t *testing.T) {
	t.Parallel()
	for _, w := range []way{
		ensureStopped, ensureFreshStopped, ensureRunning, ensureFreshRunning, restart, waitStarted, ensureDeleted,
	} {
		for _, after := range []time.Duration{0, 100 * time.Millisecond, 10 * time.Second, 17 * time.Minute} {
			for _, hang := range []string{"", "get"} {
				inBubble(t, w.name+" after "+after.String()+" "+hang, func(t *testing.T, f *fake, c *lifecycle.Controller) {
					f.moves = 2 * time.Hour
					id := f.add(0)
					ctx, cancel := context.WithTimeout(t.Context(), after)
					defer cancel()
					began := time.Now()
					time.AfterFunc(after/2, func() {
						if hang != "" {
							f.failAlways(hang, fault{hang: true})
						}
					})
					job, err := w.do(c, ctx, id)
					waited, ok := errors.AsType[*lifecycle.WaitError](err)
					if !ok || !errors.Is(err, context.DeadlineExceeded) {
						t.Fatalf("got %v, want a WaitError with the context's error", err)
					}
					if late := time.Since(began) - after; late > time.Second {
						t.Errorf("it ended %s after the deadline", late)
					}
					goal := strings.Replace(w.goal, "restarted", "stopped", 1) // a restart begins with that
					if waited.Goal != goal || waited.ID != id || waited.Waited != time.Since(began) || waited.Outage != nil {
						t.Errorf("goal %q, id %d, waited %s, outage %v", waited.Goal, waited.ID, waited.Waited, waited.Outage)
					}
					if after == 0 {
						return // there was no time for a look
					}
					if waited.Last == nil || waited.Last.Status != 0 {
						t.Errorf("the last job seen is %v, want one with the status 0", waited.Last)
					}
					if w.goal != "deleted" && (job == nil || job.ID != id) {
						t.Errorf("the job returned is %v, want %d", job, id)
					}
				})
			}
		}
	}
}

func TestCancelDuringACall(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		way    way
		op     string
		status modelarts.Status
	}{{ensureStopped, "stop", 8}, {ensureRunning, "restart", 12}, {ensureDeleted, "delete", 12}} {
		inBubble(t, test.op, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			id := f.add(test.status)
			f.failAlways(test.op, fault{hang: true})
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(5*time.Second, cancel)
			began := time.Now()
			_, err := test.way.do(c, ctx, id)
			waited, ok := errors.AsType[*lifecycle.WaitError](err)
			if !ok || !errors.Is(waited.Err, context.Canceled) {
				t.Fatalf("got %v, want a WaitError with the context's error", err)
			}
			// A broken connection is how the interrupt looked to the client; it is no news.
			if diff := cmp.Diff(context.Canceled.Error(), waited.Err.Error()); diff != "" {
				t.Error(diff)
			}
			if took := time.Since(began); took > 6*time.Second || waited.Last.Status != test.status || waited.Outage != nil {
				t.Errorf("it took %s, last %s, outage %v", took, waited.Last.Status, waited.Outage)
			}
		})
	}
}
