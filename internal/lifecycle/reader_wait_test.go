package lifecycle_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
)

// Concurrent waits share lists, and none of them notices a change later than alone.
func TestWaitsShareLists(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		jobs         int
		moves, apart time.Duration // how long each job takes, and between the starts
		gets, lists  int           // at most
	}{
		{jobs: 1, moves: 20 * time.Second, gets: 30},
		{jobs: 5, moves: 20 * time.Second, gets: 5 * 30},
		{jobs: 100, moves: 5 * time.Second, gets: 5, lists: 11},
		{jobs: 100, moves: 20 * time.Second, gets: 5, lists: 30},
		{jobs: 100, moves: 20 * time.Second, apart: 10 * time.Millisecond, gets: 10, lists: 35},
		{jobs: 100, moves: 5 * time.Minute, apart: 50 * time.Millisecond, gets: 10, lists: 90},
		{jobs: 1000, moves: 20 * time.Second, apart: time.Millisecond, gets: 10, lists: 35},
	} {
		inBubble(t, fmt.Sprintf("%d jobs, %s, %s apart", test.jobs, test.moves, test.apart), func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency, f.moves = 50*time.Millisecond, test.moves
			var all sync.WaitGroup
			for _, id := range f.addMany(test.jobs) {
				all.Go(func() {
					began := time.Now()
					job, err := c.EnsureStopped(limited(t), id, old)
					if err != nil || job.ID != id || job.Status != 12 {
						t.Errorf("got %v and %v, want job %d stopped", job, err, id)
					}
					waited := time.Since(began)
					if late := time.Since(f.settled(id)); late > max(time.Second, waited/10) {
						t.Errorf("job %d: what happened in a wait of %s was found out %s late", id, waited, late)
					}
				})
				<-time.After(test.apart)
			}
			all.Wait()
			if gets, lists := f.count("get"), f.count("list"); gets > test.gets || lists > test.lists {
				t.Errorf("%d gets and %d lists, want at most %d and %d", gets, lists, test.gets, test.lists)
			}
		})
	}
}

// Waits for a restart or a delete share lists, too. A delete takes up to two GETs in the end.
func TestOtherWaitsShareLists(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		operation
		gets, lists int // at most
	}{
		{operation: ensureRunning, gets: 5, lists: 30},
		{operation: ensureDeleted, gets: 5 + 2*100, lists: 30},
	} {
		inBubble(t, test.name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency = 50 * time.Millisecond
			var all sync.WaitGroup
			for range 100 {
				id := f.add(12)
				all.Go(func() {
					if _, err := test.do(c, limited(t), id); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if gets, lists := f.count("get"), f.count("list"); gets > test.gets || lists > test.lists {
				t.Errorf("%d gets and %d lists, want at most %d and %d", gets, lists, test.gets, test.lists)
			}
		})
	}
}

// Waits that have ended need no list. A single read sends a GET then.
func TestWaitsThatEndedShareNothing(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		var all sync.WaitGroup
		ids := f.addMany(20)
		for _, id := range ids {
			all.Go(func() { _, _ = c.EnsureStopped(limited(t), id, old) })
		}
		all.Wait()
		<-time.After(3 * time.Second)
		lists, gets := f.count("list"), f.count("get")
		if _, err := c.Get(limited(t), ids[0]); err != nil {
			t.Error(err)
		}
		if f.count("list") != lists || f.count("get") != gets+1 {
			t.Errorf("%d lists and %d gets more, want one get", f.count("list")-lists, f.count("get")-gets)
		}
	})
}

// createMany creates jobs one after the other, and waits until all run.
func createMany(t *testing.T, c *lifecycle.Controller, created func(id int64)) {
	t.Helper()
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			o := options
			o.Name = fmt.Sprint(i)
			job, err := c.Create(limited(t), o, false)
			if err != nil {
				t.Error(err)
				return
			}
			created(job.Job.ID)
			if _, err := c.EnsureRunning(limited(t), job.Job.ID, lifecycle.SettleOptions{Fresh: true}); err != nil {
				t.Error(err)
			}
		})
		<-time.After(10 * time.Millisecond)
	}
	all.Wait()
}

// Creates that end one after the other share the lists that follow.
func TestCreatesShareLists(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.moves = 5 * time.Second
		createMany(t, c, func(int64) {})
		if gets, lists := f.count("get"), f.count("list"); gets > 5 || lists > 18 {
			t.Errorf("%d gets and %d lists", gets, lists)
		}
	})
}

// Jobs that no list contains aren't listed again and again.
func TestWaitsForUnlistedJobs(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		ids := f.addMany(20)
		for _, id := range ids {
			f.jobs[id].elsewhere = true
		}
		var all sync.WaitGroup
		for _, id := range ids {
			all.Go(func() {
				if _, err := c.EnsureStopped(limited(t), id, old); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if lists := f.count("list"); lists > 2 {
			t.Errorf("%d lists, of which none has any of the jobs", lists)
		}
	})
}

// settled returns when the job reached its last status.
func (f *fake) settled(id int64) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	changes := f.jobs[id].changes
	return changes[len(changes)-1].at
}

// A list of other waits wakes a wait that polls every half a minute.
func TestWaitIsWokenByAList(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.moves = 20*time.Minute + time.Second
		ids := f.addMany(20)
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := c.EnsureStopped(limited(t), ids[0], old); err != nil {
				t.Error(err)
			}
			if late := time.Since(f.settled(ids[0])); late > 2*time.Second {
				t.Errorf("it was told after %s", late)
			}
		})
		<-time.After(20 * time.Minute)
		f.moves = 10 * time.Second
		for _, id := range ids[1:] {
			all.Go(func() {
				if _, err := c.EnsureStopped(limited(t), id, old); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	})
}

// The lists of other waits don't make a wait repeat a request more often if the API rejects it or
// its response is not received.
func TestSharedPollsRepeatNoRequests(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{"refused": conflict(), "lost": noAnswer(true)} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.moves = 100 * time.Millisecond
			f.failAlways("restart", fault{err: err})
			id := f.add(12)
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
			defer cancel()
			var all sync.WaitGroup
			all.Go(func() { _, _ = c.EnsureRunning(ctx, id, old) })
			for range 200 { // other waits that poll often, because they are young
				for _, other := range f.addMany(5) {
					all.Go(func() { _, _ = c.EnsureStopped(ctx, other, old) })
				}
				<-time.After(250 * time.Millisecond)
			}
			all.Wait()
			restarts := f.times("restart")
			if len(restarts) < 15 || len(restarts) > 40 {
				t.Errorf("%d restarts in 50 s", len(restarts))
			}
			if f.count("list") < 100 {
				t.Errorf("%d lists: the test shows nothing", f.count("list"))
			}
		})
	}
}

// Jobs that this run created and that lists return later than GETs don't count as jobs of another
// workspace.
func TestCreatesThatAreListedLate(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.moves = 5 * time.Minute
		show := func(id int64, elsewhere bool) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.jobs[id].elsewhere = elsewhere
		}
		createMany(t, c, func(id int64) {
			show(id, true)
			time.AfterFunc(2*time.Second, func() { show(id, false) })
		})
		if gets, lists := f.count("get"), f.count("list"); gets > 600 || lists > 100 {
			t.Errorf("%d gets and %d lists", gets, lists)
		}
	})
}
