package lifecycle_test

import (
	"context"
	"fmt"
	"net/http"
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
		"one":                        {jobs: 1000, read: 1, parallel: 10, gets: 1, laterGets: 1},
		"few":                        {jobs: 1000, read: 5, parallel: 10, gets: 5, laterGets: 5},
		"a few more":                 {jobs: 1000, read: 6, parallel: 10, gets: 5, lists: 1, laterGets: 5},
		"many, all at once":          {jobs: 100, read: 100, parallel: 100, gets: 5, lists: 1, laterGets: 5},
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

// current returns the result of a read: the status and the description.
func current(job *modelarts.VisualizationJob, err error) string {
	if err == nil {
		return fmt.Sprintf("%d %s", job.Status, job.Description)
	}
	return result(job, err)
}

// Other reads return the effect of a request of this run as soon as the API has accepted it.
func TestOwnRequestIsReturnedToOthers(t *testing.T) {
	t.Parallel()
	update := operation{name: "update", method: func(
		c *lifecycle.Controller, ctx context.Context, id int64, _ lifecycle.SettleOptions,
	) (*modelarts.VisualizationJob, error) {
		return nil, c.UpdateDescription(ctx, id, "new")
	}}
	for _, test := range []struct {
		operation
		from modelarts.Status
		want string
	}{{ensureStopped, 8, "9 "}, {ensureRunning, 12, "1 "}, {ensureDeleted, 12, "not found"}, {update, 8, "8 new"}} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency, f.moves = 50*time.Millisecond, time.Minute
			id := f.add(test.from)
			ids := append(f.addMany(19), id)
			readAll(t, c, ids, 20, 0)
			if test.goal == "deleted" {
				f.moves = 0
			}
			var all sync.WaitGroup
			all.Go(func() { _, _ = test.do(limited(t), c, id) })
			<-time.After(70 * time.Millisecond) // The request has just been accepted.
			if got := current(c.Get(limited(t), id)); got != test.want || f.changing() == "" {
				t.Errorf("%s: got %q after %q, want %q", test.name, got, f.changing(), test.want)
			}
			all.Wait()
		})
	}
}

// A list from before the end of a delete doesn't return the job after it.
func TestDeletedJobIsNotReturned(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.moves = time.Second
		id := f.add(12)
		time.AfterFunc(900*time.Millisecond, func() { _, _ = c.Create(limited(t), named("other"), false) }) // reads a list with the job
		if err := c.EnsureDeleted(limited(t), id, old); err != nil || f.count("list") != 1 {
			t.Fatalf("got %v after %d lists", err, f.count("list"))
		}
		if job, err := c.Get(limited(t), id); !is[*lifecycle.NotFoundError](err) {
			t.Errorf("got %v and %v, want no job", job, err)
		}
	})
}

// A list that has to prove that a job doesn't exist has to start after the last create of this run
// and be fresh.
func TestProofIsNew(t *testing.T) {
	t.Parallel()
	for _, isOwn := range []bool{true, false} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			id := f.lastID + 1
			if isOwn {
				if _, err := c.Create(limited(t), options, false); err != nil {
					t.Fatal(err)
				}
			} else {
				readAll(t, c, f.addMany(20), 20, 0)
				<-time.After(3 * time.Second)
				id = f.add(8)
			}
			f.fail("get", fault{err: rejected(http.StatusBadRequest, "ModelArts.0103"), always: true})
			readAll(t, c, []int64{id}, 1, 0)
		})
	}
}
