package lifecycle_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// readAll reads jobs as Terraform does: so many at a time, with a pause for Terraform's own work.
func readAll(t *testing.T, c *lifecycle.Controller, ids []int64, parallel int, pause time.Duration) {
	t.Helper()
	queue := make(chan int64, len(ids))
	for _, id := range ids {
		queue <- id
	}
	close(queue)
	var all sync.WaitGroup
	for range parallel {
		all.Go(func() {
			for id := range queue {
				if job, err := c.Get(limited(t), id); err != nil || job.ID != id {
					t.Errorf("got %v and %v, want job %d", job, err, id)
				}
				<-time.After(pause)
			}
		})
	}
	all.Wait()
}

// Reads use whichever takes fewer requests: a list, or a GET for each job. A list is valid for two seconds.
func TestReadsShareLists(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		jobs, perPage, read int
		parallel            int
		pause               time.Duration
		gets, lists         int // lists counts pages
		laterGets           int // if the jobs are read again; lists are the same
	}{
		"a few more":                 {jobs: 1000, read: 6, parallel: 10, gets: 5, lists: 1, laterGets: 5},
		"many, ten at a time":        {jobs: 1000, read: 1000, parallel: 10, pause: 10 * time.Millisecond, gets: 5, lists: 1, laterGets: 5},
		"many, slowly":               {jobs: 1000, read: 1000, parallel: 10, pause: 50 * time.Millisecond, gets: 5, lists: 3, laterGets: 5},
		"few, over a long time":      {jobs: 1000, read: 40, parallel: 1, pause: time.Second, gets: 40, laterGets: 40},
		"as many as pages save":      {jobs: 100, perPage: 10, read: 18, parallel: 20, gets: 5, lists: 10, laterGets: 18},
		"one more than pages save":   {jobs: 100, perPage: 10, read: 19, parallel: 20, gets: 5, lists: 10, laterGets: 18},
		"many of an account of many": {jobs: 1000, perPage: 100, read: 1000, parallel: 100, pause: 10 * time.Millisecond, gets: 5, lists: 10, laterGets: 18},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency, f.perPage = 50*time.Millisecond, test.perPage
			ids := f.addMany(test.jobs)[:test.read]
			readAll(t, c, ids, test.parallel, test.pause)
			f.wantRequests(t, "at first", test.gets, test.lists)
			<-time.After(3 * time.Second)
			readAll(t, c, ids, test.parallel, test.pause)
			if test.laterGets == test.read {
				test.lists = 0
			}
			f.wantRequests(t, "later", test.laterGets, test.lists)
		})
	}
}

// Other reads return the effect of a request of a wait as soon as the API has accepted it.
func TestOwnRequestIsReturnedToOthers(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.latency = 50 * time.Millisecond
		ids := f.addMany(20)
		readAll(t, c, ids, 20, 0)
		var all sync.WaitGroup
		all.Go(func() { _, _ = c.EnsureStopped(limited(t), ids[19], old) })
		<-time.After(70 * time.Millisecond) // The request has just been accepted.
		if job, err := c.Get(limited(t), ids[19]); err != nil || job.Status != 9 || f.changing() == "" {
			t.Errorf("got %v and %v after %q, want KILLING", job, err, f.changing())
		}
		all.Wait()
	})
}

// Concurrent waits share lists, and none of them notices a change later than alone: a second, or a tenth of its duration.
func TestWaitsShareLists(t *testing.T) {
	t.Parallel()
	create := operation{goal: "created", method: func(
		c *lifecycle.Controller, ctx context.Context, id int64, _ lifecycle.SettleOptions,
	) (*modelarts.VisualizationJob, error) {
		created, err := c.Create(ctx, named(strconv.FormatInt(id, 10)), false)
		if err != nil {
			return nil, err
		}
		return c.EnsureRunning(ctx, created.Job.ID, lifecycle.SettleOptions{Fresh: true})
	}}
	for name, test := range map[string]struct {
		operation
		jobs         int
		moves, apart time.Duration // how long each job takes, and between the starts
		elsewhere    bool          // no list contains the jobs
		hang         bool          // lists hang
		gets, lists  int           // at most
	}{
		"one, short":           {operation: ensureStopped, jobs: 1, moves: 100 * time.Millisecond, gets: 5},
		"one, long":            {operation: ensureStopped, jobs: 1, moves: 50 * time.Minute, gets: 160},
		"few":                  {operation: ensureStopped, jobs: 5, moves: 20 * time.Second, gets: 5 * 30},
		"many, short":          {operation: ensureStopped, jobs: 100, moves: 5 * time.Second, gets: 5, lists: 11},
		"many, apart":          {operation: ensureStopped, jobs: 100, moves: 20 * time.Second, apart: 10 * time.Millisecond, gets: 10, lists: 35},
		"many, long":           {operation: ensureStopped, jobs: 100, moves: 5 * time.Minute, apart: 50 * time.Millisecond, gets: 10, lists: 90},
		"a thousand":           {operation: ensureStopped, jobs: 1000, moves: 20 * time.Second, apart: time.Millisecond, gets: 10, lists: 35},
		"deletes":              {operation: ensureDeleted, jobs: 100, moves: 20 * time.Second, gets: 5 + 2*100, lists: 30}, // up to two GETs in the end
		"creates":              {operation: create, jobs: 100, moves: 5 * time.Second, apart: 10 * time.Millisecond, gets: 10, lists: 18},
		"of another workspace": {operation: ensureStopped, jobs: 20, moves: 20 * time.Second, elsewhere: true, gets: 1000, lists: 30},
		"lists hang":           {operation: ensureStopped, jobs: 20, moves: 5 * time.Minute, hang: true, gets: 1000, lists: 1000},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency, f.moves = 50*time.Millisecond, test.moves
			lag := time.Second
			if test.hang {
				f.fail("list", fault{hang: true, always: true})
				lag = time.Minute
			}
			ids := make([]int64, test.jobs)
			for i := range ids {
				if ids[i] = int64(i); test.goal != "created" {
					ids[i] = f.add(8)
					f.jobs[ids[i]].elsewhere = test.elsewhere
				}
			}
			var all sync.WaitGroup
			for _, id := range ids {
				all.Go(func() {
					start := time.Now()
					job, err := test.do(limited(t), c, id, old)
					if err != nil {
						t.Error(err)
					} else if job != nil {
						id = job.ID
					}
					waited := time.Since(start)
					if late := time.Since(f.settled(id)); late > max(lag, waited/10) {
						t.Errorf("job %d: a wait of %s noticed the end %s late", id, waited, late)
					}
				})
				<-time.After(test.apart)
			}
			all.Wait()
			if gets, lists := f.count("get"), f.count("list"); gets > test.gets || lists > test.lists {
				t.Errorf("%d GETs and %d lists, want at most %d and %d", gets, lists, test.gets, test.lists)
			}
			// Waits that have ended need no list. A single read sends a GET then.
			<-time.After(3 * time.Second)
			f.forget()
			_, _ = c.Get(limited(t), 197)
			if lists := f.count("list"); lists > 0 {
				t.Errorf("%d lists for one read", lists)
			}
		})
	}
}

// The lists of other waits don't make a wait repeat a request more often if the API rejects it or
// its response isn't received.
func TestSharedPollsRepeatNoRequests(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err         error
		slow        time.Duration // latency of a restart
		least, most int           // number of restarts
	}{
		{err: conflict(), least: 10, most: 25},
		{err: noResponse(true), least: 10, most: 25},
		{err: conflict(), slow: 2 * time.Second, least: 5, most: 8},
	} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.moves, f.slow = 100*time.Millisecond, map[string]time.Duration{"restart": test.slow}
			f.fail("restart", fault{err: test.err, always: true})
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
			if restarts := f.count("restart"); restarts < test.least || restarts > test.most || f.count("list") < 40 {
				t.Errorf("%d restarts and %d lists in 20 s", restarts, f.count("list"))
			}
		})
	}
}
