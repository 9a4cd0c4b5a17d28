package lifecycle_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// If jobs are created or deleted while a list is read, its rows move between the pages. Reads still
// return all jobs that exist, and no others.
func TestListThatChanges(t *testing.T) {
	t.Parallel()
	for name, between := range map[string]func(f *fake, ids []int64, page int){
		"the first goes":       func(f *fake, ids []int64, page int) { f.vanish(ids[page-1]) },
		"the last goes":        func(f *fake, ids []int64, page int) { f.vanish(ids[len(ids)-page]) },
		"one of the next goes": func(f *fake, ids []int64, page int) { f.vanish(ids[10*page]) },
		"one comes":            func(f *fake, _ []int64, _ int) { f.add(8) },
		"one goes and one comes": func(f *fake, ids []int64, page int) {
			f.vanish(ids[page-1])
			f.add(8)
		},
		"ten go": func(f *fake, ids []int64, page int) {
			if page == 1 {
				f.vanish(ids[:10]...)
			}
		},
		"all go": func(f *fake, ids []int64, _ int) { f.vanish(ids...) },
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency, f.perPage = 100*time.Millisecond, 10
			ids := f.addMany(60)
			for page := 1; page < 6; page++ {
				time.AfterFunc(time.Duration(page)*f.latency+f.latency/2, func() { between(f, ids, page) })
			}
			get := func(id int64) (exists bool) {
				_, err := c.Get(limited(t), id)
				if exists = f.status(id) != -1; exists && err != nil || err != nil && !is[*lifecycle.NotFoundError](err) {
					t.Errorf("job %d exists: %t, got %v", id, exists, err)
				}
				return err == nil
			}
			var all sync.WaitGroup
			for _, id := range ids {
				all.Go(func() { get(id) })
			}
			all.Wait()
			if f.count("list") < 5 && len(f.there()) > 0 || f.count("list") < 2 {
				t.Errorf("%d pages were read: the test proves nothing", f.count("list"))
			}
			<-time.After(3 * time.Second)
			for _, id := range ids {
				if got, exists := get(id), f.status(id) != -1; got != exists {
					t.Errorf("job %d exists: %t, and is returned: %t", id, exists, got)
				}
			}
		})
	}
}

// If a list fails and a GET would fail as well, each waiting read returns the error once. A later
// read uses another list.
func TestListFailsForItsCallers(t *testing.T) {
	t.Parallel()
	for _, failure := range []error{rejected(http.StatusTooManyRequests, "APIGW.0308"), noAnswer(false)} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency = 100 * time.Millisecond
			f.fail("list", fault{err: failure})
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
			if failed != 95 {
				t.Errorf("%v: %d reads failed, want 95", failure, failed)
			}
			f.wantRequests(t, "when it fails", 5, 1)
			readAll(t, c, ids, 100, 0)
			f.wantRequests(t, "later", 0, 1)
		})
	}
}

// If the API rejects a list, each read sends a GET, and no list is tried for a minute.
func TestListIsRejected(t *testing.T) {
	t.Parallel()
	for _, rejection := range []error{
		rejected(http.StatusForbidden, "ModelArts.0112"), rejected(http.StatusNotFound, ""), rejected(http.StatusBadRequest, "ModelArts.0104"),
		rejected(http.StatusServiceUnavailable, ""), noAnswer(true),
	} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.failAlways("list", fault{err: rejection})
			f.latency = 100 * time.Millisecond
			ids := f.addMany(100)
			readAll(t, c, ids, 100, 0)
			start := time.Now()
			readAll(t, c, ids[:1], 1, 0)
			if took := time.Since(start); took != f.latency {
				t.Errorf("%v: the next read took %s, want one GET", rejection, took)
			}
			f.wantRequests(t, "at first", 101, 1)
			<-time.After(59 * time.Second)
			readAll(t, c, ids, 100, 0)
			f.wantRequests(t, "within a minute", 100, 0)
			f.heal()
			<-time.After(2 * time.Second)
			readAll(t, c, ids, 100, 0)
			f.wantRequests(t, "after a minute", 5, 1)
		})
	}
}

// Lists never run at the same time. That holds for a list after a canceled one, too.
func TestOneListAtATime(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.slow = map[string]time.Duration{"list": time.Second}
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

// A caller that leaves doesn't disturb the others, even if it requested the list.
func TestOneLeaves(t *testing.T) {
	t.Parallel()
	for _, leaver := range []int{5, 6, 19} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency = 10 * time.Second
			var all sync.WaitGroup
			for i, id := range f.addMany(20) {
				all.Go(func() {
					start, ctx := time.Now(), limited(t)
					if i == leaver {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, 5*time.Second)
						defer cancel()
					}
					_, err := c.Get(ctx, id)
					took := time.Since(start)
					if left := errors.Is(err, context.DeadlineExceeded) && took == 5*time.Second; left != (i == leaver) || !left && (err != nil || took > f.latency) {
						t.Errorf("caller %d of which %d leaves got %v after %s", i, leaver, err, took)
					}
				})
				<-time.After(time.Millisecond)
			}
			all.Wait()
			f.wantRequests(t, "all", 5, 1)
		})
	}
}

// When all callers have left, the list is canceled and the following one doesn't start.
func TestAllLeave(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.failAlways("list", fault{hang: true})
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
		lists := f.count("list")
		<-time.After(3 * time.Second)
		f.wantRequests(t, "callers that left", 10, lists)
		f.heal()
		readAll(t, c, ids, 40, 0) // That all left isn't a failure of the list.
		f.wantRequests(t, "later callers", 5, 1)
	})
}

// A caller that arrives when all others have just left doesn't get the canceled list.
func TestJoinWhenAllLeave(t *testing.T) {
	t.Parallel()
	for range 200 {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency = 10 * time.Second
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			if _, err := c.Create(ctx, options, false); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the caller that left got %v", err)
			}
			if _, err := c.Create(limited(t), options, false); err != nil {
				t.Errorf("the caller that came got %v", err)
			}
		})
	}
}

// caller is the key of the caller in a context.
type caller struct{}

// A shared list uses the values of the context of New, even after that context and the caller that
// requested the list are gone.
func TestListKeepsItsContext(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, _ *lifecycle.Controller) {
		from := func(ctx context.Context, name string) context.Context { return context.WithValue(ctx, caller{}, name) }
		f.perPage, f.slow = 10, map[string]time.Duration{"list": time.Second}
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
		latency, list   time.Duration
		faults          []fault
		parallel        int
		gets, lists     int // at most
		minTime, maxEnd time.Duration
	}{
		"the list hangs":   {list: 10 * time.Minute, parallel: 100, gets: 100, lists: 1, minTime: 30 * time.Second, maxEnd: 30 * time.Second},
		"throttled":        {latency: 100 * time.Millisecond, faults: []fault{throttled}, parallel: 100, gets: 10, lists: 3, minTime: 3 * time.Minute, maxEnd: 4 * time.Minute},
		"all requests are": {latency: 3 * time.Second, parallel: 10, gets: 70, lists: 20, maxEnd: 5 * time.Minute},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency, f.slow = test.latency, map[string]time.Duration{"list": test.list}
			f.fail("list", test.faults...)
			start := time.Now()
			readAll(t, c, f.addMany(1000)[:100], test.parallel, 0)
			if took := time.Since(start); took < test.minTime || took > test.maxEnd {
				t.Errorf("it took %s, want %s to %s", took, test.minTime, test.maxEnd)
			}
			if gets, lists := f.count("get"), f.count("list"); gets > test.gets || lists > test.lists || lists == 0 {
				t.Errorf("%d GETs and %d lists, want at most %d and %d", gets, lists, test.gets, test.lists)
			}
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

// When all callers have left a list that waits for another one, its goroutine ends. The test runs alone, because it counts goroutines.
func TestNoGoroutineOutlivesItsCallers(t *testing.T) { //nolint:paralleltest // see above
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.slow = map[string]time.Duration{"list": time.Minute}
		var first sync.WaitGroup
		first.Go(func() { _, _ = c.Create(limited(t), options, false) })
		<-time.After(10 * time.Second)
		synctest.Wait()
		before := runtime.NumGoroutine()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		f.failAlways("get", fault{err: rejected(http.StatusBadRequest, "ModelArts.0104")})
		_, _ = c.Get(ctx, f.add(8)) // needs a newer list
		synctest.Wait()
		if after := runtime.NumGoroutine(); after != before || f.count("get") != 1 {
			t.Errorf("%d goroutines, and %d before the read", after, before)
		}
		first.Wait()
	})
}
