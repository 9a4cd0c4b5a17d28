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

// Where lists alone are so slow that they are old when they come, they are not tried again
// for a minute.
func TestSlowLists(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		perPage int
		slow    time.Duration
		lists   int           // pages, at most, in the first minute
		most    time.Duration // of the first 600 reads, which take 3 s one by one
	}{
		"many pages":   {perPage: 20, lists: 1 + 60, most: 7 * time.Second}, // one page too early
		"one page":     {slow: 4 * time.Second, lists: 2, most: 12 * time.Second},
		"no end of it": {slow: 10 * time.Minute, lists: 1, most: 34 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
				f.perPage, f.latency = test.perPage, 50*time.Millisecond
				f.slow = map[string]time.Duration{"list": test.slow}
				ids := f.addMany(1200)
				began := time.Now()
				readAll(t, c, ids[:600], 10, 0)
				if took := time.Since(began); took > test.most {
					t.Errorf("it took %s", took)
				}
				lists := f.count("list")
				if lists > test.lists || f.count("get") < 500 {
					t.Errorf("%d pages and %d gets", lists, f.count("get"))
				}
				<-time.After(time.Minute)
				readAll(t, c, ids[600:], 10, 0)
				if f.count("list") == lists {
					t.Error("lists were not tried again")
				}
			})
		})
	}
}

// A list that takes long because calls are held back is waited for, and not blamed.
func TestPausedLists(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.latency, f.pausedFrom, f.pausedFor = 50*time.Millisecond, time.Now(), 70*time.Second
		ids := f.addMany(200)
		readAll(t, c, ids[:100], 10, 0)
		readAll(t, c, ids[100:], 10, 0)
		if gets, lists := f.count("get"), f.count("list"); gets > 10 || lists > 5 {
			t.Errorf("%d gets and %d lists", gets, lists)
		}
	})
}

// A list that is refused because there are too many requests isn't replaced by many of them.
func TestThrottledListOfReads(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		ids := f.addMany(100)
		f.fail("list", fault{err: &modelarts.NoResponseError{Err: &modelarts.ThrottledError{Wait: 3 * time.Minute}}})
		readAll(t, c, ids, len(ids), 0)
		if gets, lists := f.count("get"), f.count("list"); gets > 10 || lists > 3 {
			t.Errorf("%d gets and %d lists", gets, lists)
		}
	})
}

// A service that is slow as a whole, or asked too often, is spared by lists all the same.
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

// A wait goes on by itself when a list does not come.
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

// A wait that runs out of time while requests are refused as too many says so.
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

// A request that is to wait for longer than there is time ends the wait at once. A create
// waits as long as it has time, also for the list that it shares.
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
