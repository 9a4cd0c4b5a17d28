package lifecycle_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
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
		rejected(http.StatusForbidden, "ModelArts.0112"): false, rejected(http.StatusServiceUnavailable, ""): false, noAnswer(true): false,
	} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency = 100 * time.Millisecond
			f.fail("list", fault{err: failure, always: true})
			ids := f.addMany(100)
			var all sync.WaitGroup
			var failed atomic.Int64
			for _, id := range ids {
				all.Go(func() {
					if _, err := c.Get(limited(t), id); errors.Is(err, failure) {
						failed.Add(1)
					} else if err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if want := map[bool]int64{true: 95}[isShared]; failed.Load() != want {
				t.Errorf("%v: %d reads failed, want %d", failure, failed.Load(), want)
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

// When all callers have left, the list is canceled and the following one doesn't start. A caller that arrives just then gets
// another list. That all left isn't a failure of the list.
func TestAllLeave(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.fail("list", fault{hang: true, always: true})
		var all sync.WaitGroup
		for _, limit := range []time.Duration{100 * time.Second, 30 * time.Second} { // The second create needs a newer list, and leaves first.
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				_, _ = c.Create(ctx, named(limit.String()), false)
			})
			<-time.After(61 * time.Second)
		}
		all.Wait()
		f.heal()
		if _, err := c.Create(limited(t), options, false); err != nil {
			t.Errorf("the caller that came got %v", err)
		}
		f.wantRequests(t, "creates", 0, 2)
		<-time.After(3 * time.Second)
		readAll(t, c, f.addMany(40), 40, 0)
		f.wantRequests(t, "reads", 5, 1)
	})
}

// A shared list uses the values of the context of New, even after that context and the caller that
// requested the list are gone. The other callers get the list.
func TestListKeepsItsContext(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, _ *lifecycle.Controller) {
		type caller struct{}
		from := func(name string) context.Context { return context.WithValue(limited(t), caller{}, name) }
		f.perPage, f.slowList = 10, time.Second
		f.addMany(30)
		f.onPage = func(ctx context.Context) {
			if ctx.Err() != nil || ctx.Value(caller{}) != "provider" {
				t.Errorf("the context of a page is of %v and its error is %v", ctx.Value(caller{}), ctx.Err())
			}
		}
		base, end := context.WithCancel(from("provider"))
		c := lifecycle.New(base, f)
		end()
		first, cancel := context.WithTimeout(from("first"), 1500*time.Millisecond)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := c.Create(first, options, false); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the first caller got %v", err)
			}
		})
		<-time.After(time.Millisecond)
		if _, err := c.Create(from("second"), named("other"), false); err != nil {
			t.Error(err)
		}
		all.Wait()
		f.wantRequests(t, "both", 0, 3)
	})
}

// A read waits for a list for half a minute, and then sends a GET instead. If the API throttles the list, reads and creates wait,
// unless their contexts end before.
func TestSlowLists(t *testing.T) {
	t.Parallel()
	throttled := &modelarts.NoResponseError{Err: &modelarts.ThrottledError{Wait: 3 * time.Minute}}
	for name, test := range map[string]struct {
		list        time.Duration
		faults      []fault
		limit       time.Duration // of a create; 100 reads if it is 0
		gets, lists int
		took        time.Duration
		err         error
	}{
		"the list hangs":                 {list: 10 * time.Minute, gets: 100, lists: 1, took: 30 * time.Second},
		"throttled":                      {faults: []fault{{err: throttled}}, gets: 5, lists: 2, took: 3 * time.Minute},
		"create, throttled":              {faults: []fault{{err: throttled}}, limit: 4 * time.Minute, lists: 2, took: 3 * time.Minute},
		"create, throttled for too long": {faults: []fault{{err: throttled}}, limit: 2 * time.Minute, lists: 1, err: throttled},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.slowList = test.list
			f.fail("list", test.faults...)
			start := time.Now()
			if test.limit == 0 {
				readAll(t, c, f.addMany(100), 100, 0)
			} else {
				ctx, cancel := context.WithTimeout(t.Context(), test.limit)
				defer cancel()
				if _, err := c.Create(ctx, options, false); !errors.Is(err, test.err) {
					t.Errorf("got %v, want %v", err, test.err)
				}
			}
			if took := time.Since(start); took != test.took {
				t.Errorf("it took %s, want %s", took, test.took)
			}
			f.wantRequests(t, name, test.gets, test.lists)
		})
	}
}
