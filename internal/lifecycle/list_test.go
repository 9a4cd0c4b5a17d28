package lifecycle_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// If a list fails, each read sends a GET, and no list is tried for a minute. If a GET would fail as well, the reads return
// the error of the list, and a later read uses another list.
func TestListFails(t *testing.T) {
	t.Parallel()
	for failure, isShared := range map[error]bool{
		rejected(http.StatusTooManyRequests, "APIGW.0308"): true, noAnswer(false): true,
		rejected(http.StatusForbidden, "ModelArts.0112"): false, rejected(http.StatusNotFound, ""): false,
		rejected(http.StatusServiceUnavailable, ""): false, noAnswer(true): false,
	} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency = 100 * time.Millisecond
			f.fail("list", fault{err: failure, always: true})
			ids := f.addMany(100)
			results := make(chan error, len(ids))
			for _, id := range ids {
				go func() {
					_, err := c.Get(limited(t), id)
					results <- err
				}()
			}
			failed := 0
			for range ids {
				if err := <-results; errors.Is(err, failure) {
					failed++
				} else if err != nil {
					t.Error(err)
				}
			}
			if want := map[bool]int{true: 95}[isShared]; failed != want {
				t.Errorf("%v: %d reads failed, want %d", failure, failed, want)
			}
			f.wantRequests(t, "when it fails", map[bool]int{true: 5, false: 100}[isShared], 1)
			if !isShared {
				<-time.After(59 * time.Second)
				readAll(t, c, ids, 100, 0)
				f.wantRequests(t, "within a minute", 100, 0)
				<-time.After(3 * time.Second)
			}
			f.heal()
			readAll(t, c, ids, 100, 0)
			f.wantRequests(t, "later", map[bool]int{false: 5}[isShared], 1)
		})
	}
}

// Lists never run at the same time. That holds for a list after a canceled one, too.
func TestOneListAtATime(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.slowList = time.Second
		ids := f.addMany(20)
		var all sync.WaitGroup
		all.Go(func() { readAll(t, c, ids, 20, 0) })
		<-time.After(100 * time.Millisecond)
		if err := c.UpdateDescription(limited(t), ids[0], "new"); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := c.Get(ctx, ids[0]); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the caller that left got %v", err)
		}
		if job, err := c.Get(limited(t), ids[0]); err != nil || job.Description != "new" {
			t.Errorf("the caller that came got %v and %v", job, err)
		}
		all.Wait()
		if lists := f.times("list"); len(lists) != 2 || lists[1].Sub(lists[0]) < time.Second {
			t.Errorf("lists started at %v, and take a second", lists)
		}
	})
}

// When all callers have left, the list is canceled and the following one doesn't start. A caller that arrives just then gets
// another list.
func TestAllLeave(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.fail("list", fault{hang: true, always: true})
		ids := f.addMany(40)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var all sync.WaitGroup
		start := time.Now()
		for _, id := range ids[:20] {
			all.Go(func() { _, _ = c.Get(ctx, id) })
		}
		<-time.After(5 * time.Second) // The list is too old by now for the next callers.
		for _, id := range ids[20:] {
			all.Go(func() { _, _ = c.Get(ctx, id) })
		}
		all.Wait()
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("all had left after %s, want 10 s", took)
		}
		f.wantRequests(t, "callers that left", 10, 1)
		f.heal()
		if _, err := c.Create(limited(t), options, false); !is[*lifecycle.ExistsError](err) {
			t.Errorf("the caller that came got %v", err)
		}
		<-time.After(3 * time.Second)
		f.forget()
		readAll(t, c, ids, 40, 0) // That all left isn't a failure of the list.
		f.wantRequests(t, "later callers", 5, 1)
	})
}

// When all callers have left a list that waits for another one, its goroutine ends. The test runs alone, because it counts the lists of
// all tests.
func TestNoGoroutineOutlivesItsCallers(t *testing.T) { //nolint:paralleltest // see above
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.slowList = time.Minute
		var first sync.WaitGroup
		first.Go(func() { _, _ = c.Create(limited(t), options, false) })
		<-time.After(10 * time.Second)
		synctest.Wait()
		before := runningLists()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		f.fail("get", fault{err: rejected(http.StatusBadRequest, "ModelArts.0104"), always: true})
		_, _ = c.Get(ctx, f.add(8)) // needs a newer list
		synctest.Wait()
		if after := runningLists(); before != 1 || after != 1 || f.count("get") != 1 {
			t.Errorf("%d lists, and %d before the read", after, before)
		}
		first.Wait()
	})
}

// runningLists returns the number of goroutines that read or await a list.
func runningLists() int {
	stacks := make([]byte, 1<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), ".(*reader).run(")
}

// caller is the key of the caller in a context.
type caller struct{}

// A shared list uses the values of the context of New, even after that context and the caller that
// requested the list are gone. The other callers get the list.
func TestListKeepsItsContext(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, _ *lifecycle.Controller) {
		from := func(ctx context.Context, name string) context.Context { return context.WithValue(ctx, caller{}, name) }
		f.perPage, f.slowList = 10, time.Second
		f.addMany(30)
		f.onPage = func(ctx context.Context) {
			if ctx.Err() != nil || ctx.Value(caller{}) != "provider" {
				t.Errorf("the context of a page is of %v and its error is %v", ctx.Value(caller{}), ctx.Err())
			}
		}
		base, end := context.WithCancel(from(t.Context(), "provider"))
		c := lifecycle.New(base, f)
		end()
		first, cancel := context.WithTimeout(from(t.Context(), "first"), 1500*time.Millisecond)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := c.Create(first, options, false); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the first caller got %v", err)
			}
		})
		<-time.After(time.Millisecond)
		if _, err := c.Create(from(limited(t), "second"), named("other"), false); err != nil {
			t.Error(err)
		}
		all.Wait()
		f.wantRequests(t, "both", 0, 3)
	})
}

// A read waits for a list for half a minute, and then sends a GET instead. If the API throttles the list, reads wait.
func TestSlowLists(t *testing.T) {
	t.Parallel()
	throttled := fault{err: &modelarts.NoResponseError{Err: &modelarts.ThrottledError{Wait: 3 * time.Minute}}}
	for name, test := range map[string]struct {
		list        time.Duration
		faults      []fault
		gets, lists int
		took        time.Duration
	}{
		"the list hangs": {list: 10 * time.Minute, gets: 100, lists: 1, took: 30 * time.Second},
		"throttled":      {faults: []fault{throttled}, gets: 5, lists: 2, took: 3 * time.Minute},
	} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.slowList = test.list
			f.fail("list", test.faults...)
			start := time.Now()
			readAll(t, c, f.addMany(100), 100, 0)
			if took := time.Since(start); took != test.took {
				t.Errorf("%s: it took %s, want %s", name, took, test.took)
			}
			f.wantRequests(t, name, test.gets, test.lists)
		})
	}
}

// A create whose list is throttled for longer than the context lasts ends immediately. Otherwise it waits.
func TestCreateWhenThrottled(t *testing.T) {
	t.Parallel()
	throttled := &modelarts.NoResponseError{Err: &modelarts.ThrottledError{Wait: 10 * time.Minute}}
	for limit, want := range map[time.Duration]time.Duration{5 * time.Minute: 0, 20 * time.Minute: 10 * time.Minute} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.fail("list", fault{err: throttled})
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			start := time.Now()
			_, err := c.Create(ctx, options, false)
			if took := time.Since(start).Truncate(time.Minute); took != want || errors.Is(err, throttled) != (want == 0) || want > 0 && err != nil {
				t.Errorf("got %v after %s, want %s", err, took, want)
			}
		})
	}
}
