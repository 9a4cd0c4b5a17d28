package lifecycle_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// waitForAll waits for jobs, which start so far apart, and checks how late each wait notices the end.
func waitForAll(t *testing.T, f *fake, c *lifecycle.Controller, o operation, ids []int64, apart, maxLag time.Duration) {
	t.Helper()
	var all sync.WaitGroup
	for _, id := range ids {
		all.Go(func() {
			start := time.Now()
			if _, err := o.do(limited(t), c, id); err != nil {
				t.Error(err)
			}
			waited := time.Since(start)
			if late := time.Since(f.settled(id)); late > max(maxLag, waited/10) {
				t.Errorf("job %d: a wait of %s noticed the end %s late", id, waited, late)
			}
		})
		<-time.After(apart)
	}
	all.Wait()
}

// Concurrent waits share lists, and none of them notices a change later than alone: a second, or a tenth of its duration.
func TestWaitsShareLists(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		operation
		jobs         int
		moves, apart time.Duration // how long each job takes, and between the starts
		elsewhere    bool          // no list contains the jobs
		hang         bool          // lists hang
		gets, lists  int           // at most
	}{
		"one, short":           {operation: ensureStopped, jobs: 1, moves: 100 * time.Millisecond, gets: 5},
		"one":                  {operation: ensureStopped, jobs: 1, moves: 20 * time.Second, gets: 30},
		"one, long":            {operation: ensureStopped, jobs: 1, moves: 4 * time.Minute, gets: 60},
		"few":                  {operation: ensureStopped, jobs: 5, moves: 20 * time.Second, gets: 5 * 30},
		"many, short":          {operation: ensureStopped, jobs: 100, moves: 5 * time.Second, gets: 5, lists: 11},
		"many":                 {operation: ensureStopped, jobs: 100, moves: 20 * time.Second, gets: 5, lists: 30},
		"many, apart":          {operation: ensureStopped, jobs: 100, moves: 20 * time.Second, apart: 10 * time.Millisecond, gets: 10, lists: 35},
		"many, long":           {operation: ensureStopped, jobs: 100, moves: 5 * time.Minute, apart: 50 * time.Millisecond, gets: 10, lists: 90},
		"a thousand":           {operation: ensureStopped, jobs: 1000, moves: 20 * time.Second, apart: time.Millisecond, gets: 10, lists: 35},
		"restarts":             {operation: ensureRunning, jobs: 100, moves: 20 * time.Second, gets: 5, lists: 30},
		"deletes":              {operation: ensureDeleted, jobs: 100, moves: 20 * time.Second, gets: 5 + 2*100, lists: 30}, // up to two GETs in the end
		"of another workspace": {operation: ensureStopped, jobs: 20, moves: 20 * time.Second, elsewhere: true, gets: 1000, lists: 30},
		"lists hang":           {operation: ensureStopped, jobs: 20, moves: 5 * time.Minute, hang: true, gets: 1000, lists: 1000},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency, f.moves = 50*time.Millisecond, test.moves
			var ids []int64
			for range test.jobs {
				id := f.add(map[string]modelarts.Status{"stopped": 8, "running": 12, "deleted": 12}[test.goal])
				f.jobs[id].elsewhere = test.elsewhere
				ids = append(ids, id)
			}
			lag := time.Second
			if test.hang {
				f.fail("list", fault{hang: true, always: true})
				lag = time.Minute
			}
			waitForAll(t, f, c, test.operation, ids, test.apart, lag)
			if gets, lists := f.count("get"), f.count("list"); gets > test.gets || lists > test.lists {
				t.Errorf("%d GETs and %d lists, want at most %d and %d", gets, lists, test.gets, test.lists)
			}
			// Waits that have ended need no list. A single read sends a GET then.
			<-time.After(3 * time.Second)
			f.forget()
			_, _ = c.Get(limited(t), ids[0])
			if lists := f.count("list"); lists > 0 {
				t.Errorf("%d lists for one read", lists)
			}
		})
	}
}

// Creates that end one after the other share the lists that follow.
func TestCreatesShareTheListsOfWaits(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.moves = 5 * time.Second
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				created, err := c.Create(limited(t), named(fmt.Sprint(i)), false)
				if err == nil {
					_, err = ensureFreshRunning.do(limited(t), c, created.Job.ID)
				}
				if err != nil {
					t.Error(err)
				}
			})
			<-time.After(10 * time.Millisecond)
		}
		all.Wait()
		if gets, lists := f.count("get"), f.count("list"); gets > 5 || lists > 18 {
			t.Errorf("%d GETs and %d lists, want at most 5 and 18", gets, lists)
		}
	})
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
				t.Errorf("the wait ended %s late", late)
			}
		})
		<-time.After(20 * time.Minute)
		f.moves = 10 * time.Second
		waitForAll(t, f, c, ensureStopped, ids[1:], 0, time.Second)
		all.Wait()
	})
}

// The lists of other waits don't make a wait repeat a request more often if the API rejects it or
// its response isn't received.
func TestSharedPollsRepeatNoRequests(t *testing.T) {
	t.Parallel()
	for _, err := range []error{conflict(), noAnswer(true)} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.moves = 100 * time.Millisecond
			f.fail("restart", fault{err: err, always: true})
			id := f.add(12)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			var all sync.WaitGroup
			all.Go(func() { _, _ = c.EnsureRunning(ctx, id, old) })
			for range 80 { // other waits that poll often, because they are young
				for _, other := range f.addMany(5) {
					all.Go(func() { _, _ = c.EnsureStopped(ctx, other, old) })
				}
				<-time.After(250 * time.Millisecond)
			}
			all.Wait()
			if restarts := f.count("restart"); restarts < 10 || restarts > 25 || f.count("list") < 40 {
				t.Errorf("%d restarts and %d lists in 20 s", restarts, f.count("list"))
			}
		})
	}
}
