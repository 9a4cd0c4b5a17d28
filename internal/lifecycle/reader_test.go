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

// addMany adds n running jobs.
func (f *fake) addMany(n int) []int64 {
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = f.add(8)
	}
	return ids
}

// wantRequests checks the number of GETs and lists since the last check.
func (f *fake) wantRequests(t *testing.T, when string, gets, lists int) {
	t.Helper()
	if f.count("get") != gets || f.count("list") != lists {
		t.Errorf("%s: %d gets and %d lists, want %d and %d", when, f.count("get"), f.count("list"), gets, lists)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = nil
}

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

// Reads use whichever takes fewer requests: a list, or a GET for each job.
func TestReadsShareLists(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		jobs, perPage, read int
		parallel            int
		pause               time.Duration
		gets, lists         int // lists counts pages
	}{
		"one":                             {jobs: 1000, read: 1, parallel: 10, gets: 1},
		"few":                             {jobs: 1000, read: 5, parallel: 10, gets: 5},
		"a few more":                      {jobs: 1000, read: 6, parallel: 10, gets: 5, lists: 1},
		"many, all at once":               {jobs: 100, read: 100, parallel: 100, gets: 5, lists: 1},
		"many, ten at a time":             {jobs: 1000, read: 1000, parallel: 10, pause: 10 * time.Millisecond, gets: 5, lists: 1},
		"many, slowly":                    {jobs: 1000, read: 1000, parallel: 10, pause: 50 * time.Millisecond, gets: 5, lists: 3},
		"few, over a long time":           {jobs: 1000, read: 40, parallel: 1, pause: time.Second, gets: 40},
		"few of an account of many pages": {jobs: 1000, perPage: 10, read: 100, parallel: 100, gets: 5, lists: 100},
		"many of an account of many pages": {
			jobs: 1000, perPage: 100, read: 1000, parallel: 100, pause: 10 * time.Millisecond, gets: 5, lists: 10,
		},
		"many of an account of many pages, slowly": {
			jobs: 1000, perPage: 100, read: 1000, parallel: 10, pause: 50 * time.Millisecond, gets: 5, lists: 40,
		},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency, f.perPage = 50*time.Millisecond, test.perPage
			readAll(t, c, f.addMany(test.jobs)[:test.read], test.parallel, test.pause)
			f.wantRequests(t, name, test.gets, test.lists)
		})
	}
}

// A list can answer for two seconds after it started.
func TestFreshness(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.latency = 100 * time.Millisecond
		ids := f.addMany(20)
		readAll(t, c, ids, 20, 0)
		f.wantRequests(t, "at first", 5, 1)
		id := ids[19]
		f.outside("stop", id)
		<-time.After(1890 * time.Millisecond)
		if job, err := c.Get(limited(t), id); err != nil || job.Status != 8 {
			t.Errorf("after 1990 ms: got %v and %v, want what the list has", job, err)
		}
		f.wantRequests(t, "after 1990 ms", 0, 0)
		<-time.After(20 * time.Millisecond)
		if job, err := c.Get(limited(t), id); err != nil || job.Status != 9 {
			t.Errorf("after 2010 ms: got %v and %v, want what is true now", job, err)
		}
	})
}

// A list that started before a change of this run can't answer after it, whether it was published
// before or is still being read. Nor can one that started while the change was in flight.
func TestOwnChangeIsReturned(t *testing.T) {
	t.Parallel()
	update := operation{name: "update", method: func(
		c *lifecycle.Controller, ctx context.Context, id int64, _ lifecycle.SettleOptions,
	) (*modelarts.VisualizationJob, error) {
		return nil, c.UpdateDescription(ctx, id, "new")
	}}
	for want, o := range map[string]operation{"8 new": update, "12 ": ensureStopped, "not found": ensureDeleted} {
		for _, latency := range []time.Duration{0, 100 * time.Millisecond} {
			for _, pause := range []time.Duration{-500 * time.Millisecond, 0, 50 * time.Millisecond, 150 * time.Millisecond, time.Second} {
				bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
					f.latency, f.moves = latency, 0
					if pause < 0 { // The other reads start during the change.
						f.slow = map[string]time.Duration{"update": time.Second, "stop": time.Second, "delete": time.Second}
					}
					ids := f.addMany(20)
					var others sync.WaitGroup
					others.Go(func() {
						<-time.After(-pause)
						readAll(t, c, ids[:19], 19, 0)
					})
					<-time.After(pause)
					if _, err := o.do(limited(t), c, ids[19]); err != nil {
						t.Error(err)
					}
					if got := current(c.Get(limited(t), ids[19])); got != want {
						t.Errorf("%s, %s after other reads with the latency %s: got %q, want %q", o.name, pause, latency, got, want)
					}
					others.Wait()
				})
			}
		}
	}
}

// current returns what a read returned: the status and the description.
func current(job *modelarts.VisualizationJob, err error) string {
	if err == nil {
		return fmt.Sprintf("%d %s", job.Status, job.Description)
	}
	return result(job, err)
}

// Other reads return the effect of a request of a wait before the wait ends.
func TestOwnRequestIsReturnedToOthers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		operation
		from modelarts.Status
		want string
	}{{ensureStopped, 8, "9 "}, {ensureRunning, 12, "1 "}, {ensureDeleted, 12, "not found"}} {
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

// A list that started before a GET can't answer after it.
func TestReadsReturnOneOrder(t *testing.T) {
	t.Parallel()
	for want, happens := range map[string]func(f *fake, id int64){
		"8 described": func(f *fake, id int64) { f.outside("describe", id) },
		"not found":   func(f *fake, id int64) { f.vanish(id) },
	} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			ids := f.addMany(20)
			id := f.addJob(modelarts.VisualizationJob{Name: "other", TrainURL: options.TrainURL}, 8)
			if _, err := c.Create(limited(t), options, false); err == nil { // reads a list
				t.Fatal("created a job that exists")
			}
			<-time.After(3 * time.Second)
			f.back = 500 * time.Millisecond
			var all sync.WaitGroup
			all.Go(func() { readAll(t, c, ids, 20, 0) })
			<-time.After(100 * time.Millisecond) // The response of a list is on its way.
			happens(f, id)
			if created, err := c.Create(limited(t), named("other"), true); err != nil || created.Adopted != (want != "not found") { // sends a GET
				t.Fatalf("got %v and %v", created, err)
			}
			all.Wait()
			if got := current(c.Get(limited(t), id)); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// A list that started before a create of this run doesn't prove that the job doesn't exist. A list that a create has just
// read answers a single read.
func TestOwnCreateIsReturned(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.latency = 100 * time.Millisecond
		ids := f.addMany(20)
		created, err := c.Create(limited(t), named("new"), false)
		if err != nil {
			t.Fatal(err)
		}
		readAll(t, c, ids[:1], 1, 0)
		f.wantRequests(t, "before", 0, 1)
		readAll(t, c, append(ids[:9], created.Job.ID), 10, 0)
		f.wantRequests(t, "with the new job", 0, 1)
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
			f.failAlways("get", fault{err: rejected(http.StatusBadRequest, "ModelArts.0103")})
			readAll(t, c, []int64{id}, 1, 0)
		})
	}
}

// The absence of a job from a list proves nothing. A GET has to confirm it.
func TestMissingFromAList(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		elsewhere, gone, short bool
		unknown                error // what a get says of a job that is not there
		gets, lists            int
	}{
		"of another workspace":                 {elsewhere: true, gets: 1},
		"gone":                                 {gone: true, gets: 1},
		"gone, the list lacks another as well": {gone: true, short: true, gets: 2},
		"gone, says a rejection":               {gone: true, unknown: rejected(http.StatusBadRequest, "ModelArts.0103"), gets: 1},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			if test.unknown != nil {
				f.unknown = func() error { return test.unknown }
			}
			id := f.add(8)
			f.jobs[id].elsewhere = test.elsewhere
			if test.gone {
				delete(f.jobs, id)
			}
			if test.short {
				f.failAlways("list", fault{done: true, short: true})
			}
			readAll(t, c, f.addMany(9), 9, 0)
			f.wantRequests(t, "the others", 5, map[bool]int{false: 1, true: 2}[test.short])
			job, err := c.Get(limited(t), id)
			if is[*lifecycle.NotFoundError](err) != test.gone || !test.gone && (err != nil || job.ID != id) {
				t.Errorf("got %v and %v, gone is %t", job, err, test.gone)
			}
			f.wantRequests(t, "the job", test.gets, test.lists)
			if test.elsewhere {
				<-time.After(3 * time.Second)
				readAll(t, c, f.addMany(9), 9, 0)
				f.wantRequests(t, "others again", 5, 1)
				<-time.After(3 * time.Second)
				_, _ = c.Get(limited(t), id)
				f.wantRequests(t, "the job again", 1, 0)
			}
		})
	}
}
