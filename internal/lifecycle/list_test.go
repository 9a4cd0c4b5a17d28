package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
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
			var all sync.WaitGroup
			for _, id := range ids {
				all.Go(func() {
					_, err := c.Get(limited(t), id)
					isThere := f.status(id) != -1
					switch {
					case isThere && err != nil:
						t.Errorf("job %d, which is there: %v", id, err)
					case err != nil && !is[*lifecycle.NotFoundError](err):
						t.Errorf("job %d: %v", id, err)
					}
				})
			}
			all.Wait()
			if f.count("list") < 5 && len(f.there()) > 0 || f.count("list") < 2 {
				t.Errorf("%d pages were read: the test shows nothing", f.count("list"))
			}
			<-time.After(3 * time.Second)
			for _, id := range ids {
				_, err := c.Get(limited(t), id)
				if isThere := f.status(id) != -1; isThere != (err == nil) || !isThere && !is[*lifecycle.NotFoundError](err) {
					t.Errorf("job %d is there: %t, got %v", id, isThere, err)
				}
			}
		})
	}
}

// vanish removes jobs as if another party had deleted them.
func (f *fake) vanish(ids ...int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range ids {
		delete(f.jobs, id)
	}
}

// If a list fails and a GET would fail as well, each waiting read returns the error once. A later
// read uses another list.
func TestListFailsForThoseWhoAsked(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]error{
		"throttled":     refused(http.StatusTooManyRequests, "APIGW.0308"),
		"no connection": noAnswer(false),
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency = 100 * time.Millisecond
			f.fail("list", fault{err: failure})
			ids := f.addMany(100)
			var failed, read int
			var mu sync.Mutex
			var all sync.WaitGroup
			for _, id := range ids {
				all.Go(func() {
					_, err := c.Get(limited(t), id)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
						read++
					case errors.Is(err, failure):
						failed++
					default:
						t.Error(err)
					}
				})
			}
			all.Wait()
			if read != 5 || failed != 95 {
				t.Errorf("%d were read and %d failed, want 5 and 95", read, failed)
			}
			f.wantCalls(t, "when it fails", 5, 1)
			readAll(t, c, ids, 100, 0)
			f.wantCalls(t, "later", 0, 1)
		})
	}
}

// If the API rejects a list, each read sends a GET, and no list is tried for a minute.
func TestListIsRefused(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]error{
		"403":         refused(http.StatusForbidden, "ModelArts.0112"),
		"404":         refused(http.StatusNotFound, ""),
		"parameter":   refused(http.StatusBadRequest, "ModelArts.0104"),
		"unavailable": refused(http.StatusServiceUnavailable, ""),
		"no answer":   noAnswer(true),
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.failAlways("list", fault{err: refusal})
			f.latency = 100 * time.Millisecond
			ids := f.addMany(100)
			readAll(t, c, ids, 100, 0)
			began := time.Now()
			readAll(t, c, ids[:1], 1, 0)
			if took := time.Since(began); took != f.latency {
				t.Errorf("the next read took %s, want no more than a look does", took)
			}
			f.wantCalls(t, "at first", 101, 1)
			<-time.After(59 * time.Second)
			readAll(t, c, ids, 100, 0)
			f.wantCalls(t, "within a minute", 100, 0)
			f.heal()
			<-time.After(2 * time.Second)
			readAll(t, c, ids, 100, 0)
			f.wantCalls(t, "after a minute", 5, 1)
		})
	}
}

// The list that was to follow a failed one isn't tried either.
func TestNoListAfterOneThatIsRefused(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.slow = map[string]time.Duration{"list": time.Second}
		f.failAlways("list", fault{err: refused(http.StatusForbidden, "ModelArts.0112")})
		ids := f.addMany(20)
		var all sync.WaitGroup
		all.Go(func() { readAll(t, c, ids, 20, 0) })
		<-time.After(100 * time.Millisecond)
		if err := c.UpdateDescription(limited(t), ids[0], "new"); err != nil {
			t.Error(err)
		}
		if job, err := c.Get(limited(t), ids[0]); err != nil || job.Description != "new" {
			t.Errorf("got %v and %v", job, err)
		}
		all.Wait()
		f.wantCalls(t, "all", 21, 1)
	})
}

// A caller that leaves doesn't disturb the others, even if it requested the list.
func TestOneLeaves(t *testing.T) {
	t.Parallel()
	for _, leaver := range []int{5, 6, 19} {
		inBubble(t, fmt.Sprint(leaver), func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency = 10 * time.Second
			var all sync.WaitGroup
			for i, id := range f.addMany(20) {
				all.Go(func() {
					began := time.Now()
					ctx := limited(t)
					if i == leaver {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, 5*time.Second)
						defer cancel()
					}
					_, err := c.Get(ctx, id)
					took := time.Since(began)
					if i == leaver {
						if !errors.Is(err, context.DeadlineExceeded) || took != 5*time.Second {
							t.Errorf("who left got %v after %s", err, took)
						}
					} else if err != nil || took > 10*time.Second {
						t.Errorf("one that stayed got %v after %s", err, took)
					}
				})
				<-time.After(time.Millisecond)
			}
			all.Wait()
			f.wantCalls(t, "with one who left", 5, 1)
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
		began := time.Now()
		for _, id := range ids[:20] {
			all.Go(func() { _, _ = c.Get(ctx, id) })
		}
		<-time.After(5 * time.Second) // the list is too old by now for those who come
		for _, id := range ids[20:] {
			all.Go(func() { _, _ = c.Get(ctx, id) })
		}
		all.Wait()
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("all had left after %s, want 10 s", took)
		}
		lists := f.count("list")
		<-time.After(3 * time.Second)
		if f.count("list") != lists {
			t.Errorf("%d lists, %d when all had left", f.count("list"), lists)
		}
		f.heal()
		f.wantCalls(t, "those who left", 10, lists)
		readAll(t, c, ids, 40, 0) // that all left says nothing of lists
		f.wantCalls(t, "those who come", 5, 1)
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
				t.Errorf("who left got %v", err)
			}
			if _, err := c.Create(limited(t), options, false); err != nil {
				t.Errorf("who came got %v", err)
			}
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
			t.Errorf("who left got %v", err)
		}
		if job, err := c.Get(limited(t), ids[0]); err != nil || job.Description != "new" {
			t.Errorf("who came got %v and %v", job, err)
		}
		all.Wait()
		if lists := f.times("list"); len(lists) != 2 || lists[1].Sub(lists[0]) < time.Second {
			t.Errorf("lists began at %v, and take a second", lists)
		}
	})
}

// leavable is an API that calls happens when a caller leaves a list after a page.
type leavable struct {
	*fake
	happens func()
}

func (l leavable) VisualizationJobPages(ctx context.Context, o modelarts.ListOptions) iter.Seq2[*modelarts.JobPage, error] {
	return func(yield func(*modelarts.JobPage, error) bool) {
		for page, err := range l.fake.VisualizationJobPages(ctx, o) {
			if !yield(page, err) {
				l.happens()
				return
			}
		}
	}
}

// Callers that need an exhaustive list and join one that is being canceled for its many pages get
// another one.
func TestExpensiveListIsCanceled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.perPage = 10
		ids := f.addMany(100)
		var all sync.WaitGroup
		var c *lifecycle.Controller
		create := func() {
			for i := range 100 {
				all.Go(func() {
					o := options
					o.Name = fmt.Sprint(i)
					if _, err := c.Create(limited(t), o, false); err != nil {
						t.Error(err)
					}
				})
			}
			<-time.After(time.Millisecond) // until all have asked
		}
		c = lifecycle.New(t.Context(), leavable{fake: f, happens: sync.OnceFunc(create)})
		readAll(t, c, ids[:10], 10, 0)
		all.Wait()
		if f.count("create") != 100 || f.count("list") != 1+10 {
			t.Errorf("%d creates and %d pages", f.count("create"), f.count("list"))
		}
	})
}

// An exhaustive list isn't canceled when reads join it to which it is too expensive.
func TestExhaustiveListIsNotCanceled(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.perPage, f.latency = 10, 100*time.Millisecond
		ids := f.addMany(100)
		var all sync.WaitGroup
		all.Go(func() {
			o := options
			o.Name = "other"
			if _, err := c.Create(limited(t), o, false); err != nil {
				t.Error(err)
			}
		})
		<-time.After(time.Millisecond)
		readAll(t, c, ids[:10], 10, 0)
		all.Wait()
		f.wantCalls(t, "all", 5, 10)
	})
}
