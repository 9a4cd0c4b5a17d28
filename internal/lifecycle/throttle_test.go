package lifecycle_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// A read waits for a list for half a minute, and then sends a GET instead.
func TestListThatHangs(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.slow = map[string]time.Duration{"list": 10 * time.Minute}
		start := time.Now()
		readAll(t, c, f.addMany(20), 20, 0)
		if took := time.Since(start); took != 30*time.Second {
			t.Errorf("it took %s, want 30 s", took)
		}
		if gets, lists := f.count("get"), f.count("list"); gets != 20 || lists != 1 {
			t.Errorf("%d gets and %d lists", gets, lists)
		}
	})
}

// A list that takes long because the client holds requests back is used again.
func TestPausedLists(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.latency, f.pausedFrom, f.pausedFor = 50*time.Millisecond, time.Now(), 70*time.Second
		ids := f.addMany(200)
		readAll(t, c, ids[:100], 10, 0)
		readAll(t, c, ids[100:], 10, 0)
		if gets, lists := f.count("get"), f.count("list"); gets > 20 || lists > 5 {
			t.Errorf("%d gets and %d lists", gets, lists)
		}
	})
}

// If the API throttles a list, the reads wait. They don't send GETs instead.
func TestThrottledListOfReads(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.latency = 100 * time.Millisecond // so that all reads wait for the list that fails
		ids := f.addMany(100)
		f.fail("list", fault{err: &modelarts.NoResponseError{Err: &modelarts.ThrottledError{Wait: 3 * time.Minute}}})
		readAll(t, c, ids, len(ids), 0)
		if gets, lists := f.count("get"), f.count("list"); gets > 10 || lists > 3 {
			t.Errorf("%d gets and %d lists", gets, lists)
		}
	})
}

// Lists are used for a service that is slow as a whole.
func TestSlowService(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.latency = 3 * time.Second
		readAll(t, c, f.addMany(1000)[:100], 10, 0)
		if gets, lists := f.count("get"), f.count("list"); gets > 70 || lists < 9 {
			t.Errorf("%d gets and %d lists", gets, lists)
		}
	})
}

// A wait sends GETs if a list doesn't arrive.
func TestWaitsDoNotHang(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.moves = 5 * time.Minute
		f.failAlways("list", fault{hang: true})
		ids := f.addMany(20)
		done := make(chan time.Duration)
		for _, id := range ids {
			go func() {
				if _, err := c.EnsureStopped(limited(t), id, old); err != nil {
					t.Error(err)
				}
				done <- time.Since(f.settled(id))
			}()
		}
		for range ids {
			if late := <-done; late > time.Minute {
				t.Errorf("it was noticed %s late", late)
			}
		}
	})
}

// The WaitError of a wait that times out while requests are throttled has the last 429.
func TestWaitErrorWhenThrottled(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id := f.add(8)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		last := refused(http.StatusTooManyRequests, "APIGW.0308")
		f.failAlways("stop", fault{hang: true, err: &modelarts.NoResponseError{Err: context.DeadlineExceeded, Last: last}})
		_, err := c.EnsureStopped(ctx, id, old)
		if waited, ok := errors.AsType[*lifecycle.WaitError](err); !ok || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(waited.Outage, last) {
			t.Errorf("got %v", err)
		}
	})
}

// A request that would be throttled for longer than the context lasts ends the wait immediately. A
// create waits as long as it can, also for the shared list.
func TestWaitsWhenThrottled(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id := f.add(8)
		tooLong := &modelarts.NoResponseError{Err: &modelarts.ThrottledError{Wait: 10 * time.Minute}}
		for _, op := range []string{"get", "stop"} {
			f.fail(op, fault{err: tooLong})
			began := time.Now()
			_, err := c.EnsureStopped(t.Context(), id, old)
			if !errors.Is(err, tooLong) || time.Since(began) > time.Second {
				t.Errorf("%s: got %v after %s", op, err, time.Since(began))
			}
		}
		for _, test := range []struct{ time, takes time.Duration }{{5 * time.Minute, 0}, {20 * time.Minute, 10 * time.Minute}} {
			f.fail("list", fault{err: tooLong})
			ctx, cancel := context.WithTimeout(t.Context(), test.time)
			defer cancel()
			began := time.Now()
			_, err := c.Create(ctx, modelarts.CreateOptions{Name: "other", TrainURL: "/bucket/logs/"}, false)
			if took := time.Since(began).Truncate(time.Minute); took != test.takes || errors.Is(err, tooLong) != (took == 0) || took > 0 && err != nil {
				t.Errorf("got %v after %s", err, took)
			}
		}
	})
}
