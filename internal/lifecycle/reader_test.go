package lifecycle_test

import (
	"context"
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

// wantCalls checks the number of GETs and lists since the last check.
func (f *fake) wantCalls(t *testing.T, when string, gets, lists int) {
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
		"few of an account of many pages": {jobs: 1000, perPage: 10, read: 100, parallel: 100, gets: 100, lists: 1},
		"many of an account of many pages": {
			jobs: 1000, perPage: 100, read: 1000, parallel: 100, pause: 10 * time.Millisecond, gets: 5, lists: 10,
		},
		"many of an account of many pages, slowly": {
			jobs: 1000, perPage: 100, read: 1000, parallel: 10, pause: 50 * time.Millisecond, gets: 18, lists: 41,
		},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency, f.perPage = 50*time.Millisecond, test.perPage
			readAll(t, c, f.addMany(test.jobs)[:test.read], test.parallel, test.pause)
			f.wantCalls(t, name, test.gets, test.lists)
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
		f.wantCalls(t, "at first", 5, 1)
		id := ids[19]
		f.outside("stop", id)
		<-time.After(1890 * time.Millisecond)
		if job, err := c.Get(limited(t), id); err != nil || job.Status != 8 {
			t.Errorf("after 1990 ms: got %v and %v, want what the list has", job, err)
		}
		f.wantCalls(t, "after 1990 ms", 0, 0)
		<-time.After(20 * time.Millisecond)
		if job, err := c.Get(limited(t), id); err != nil || job.Status != 9 {
			t.Errorf("after 2010 ms: got %v and %v, want what is true now", job, err)
		}
	})
}

// A list that started before a change of this run can't answer after it, whether it was published
// before or is still being read.
func TestOwnChangeIsSeen(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]struct {
		do   func(*lifecycle.Controller, context.Context, int64) error
		seen func(*modelarts.VisualizationJob, error) bool
	}{
		"description": {
			do: func(c *lifecycle.Controller, ctx context.Context, id int64) error {
				return c.UpdateDescription(ctx, id, "new")
			},
			seen: func(job *modelarts.VisualizationJob, err error) bool { return err == nil && job.Description == "new" },
		},
		"stop": {
			do: func(c *lifecycle.Controller, ctx context.Context, id int64) error {
				_, err := c.EnsureStopped(ctx, id, old)
				return err
			},
			seen: func(job *modelarts.VisualizationJob, err error) bool { return err == nil && job.Status == 12 },
		},
		"delete": {
			do: func(c *lifecycle.Controller, ctx context.Context, id int64) error {
				return c.EnsureDeleted(ctx, id, old)
			},
			seen: func(_ *modelarts.VisualizationJob, err error) bool {
				return is[*lifecycle.NotFoundError](err)
			},
		},
	} {
		for _, latency := range []time.Duration{0, 100 * time.Millisecond} {
			for _, pause := range []time.Duration{0, 50 * time.Millisecond, 150 * time.Millisecond, time.Second} {
				inBubble(t, name+" "+pause.String()+" after, "+latency.String(), func(t *testing.T, f *fake, c *lifecycle.Controller) {
					f.latency, f.moves = latency, 0
					ids := f.addMany(20)
					var others sync.WaitGroup
					others.Go(func() { readAll(t, c, ids[:19], 19, 0) })
					<-time.After(pause)
					id := ids[19]
					if err := change.do(c, limited(t), id); err != nil {
						t.Error(err)
					}
					if job, err := c.Get(limited(t), id); !change.seen(job, err) {
						t.Errorf("got %v and %v, which is from before", job, err)
					}
					others.Wait()
				})
			}
		}
	}
}

// Nor can a list that started while the change was in flight.
func TestSlowChangeIsSeen(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.slow = map[string]time.Duration{"update": time.Second}
		ids := f.addMany(20)
		var others sync.WaitGroup
		others.Go(func() {
			<-time.After(500 * time.Millisecond)
			readAll(t, c, ids, 20, 0)
		})
		if err := c.UpdateDescription(limited(t), ids[19], "new"); err != nil {
			t.Error(err)
		}
		if job, err := c.Get(limited(t), ids[19]); err != nil || job.Description != "new" {
			t.Errorf("got %v and %v, which is from before", job, err)
		}
		others.Wait()
	})
}

// Other reads see the effect of a request of a wait before the wait ends.
func TestOwnCallIsSeenByOthers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		operation
		from, want modelarts.Status // -1 is gone
	}{
		{operation: ensureStopped, from: 8, want: 9},
		{operation: ensureRunning, from: 12, want: 1},
		{operation: ensureDeleted, from: 12, want: -1},
	} {
		inBubble(t, test.name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency, f.moves = 50*time.Millisecond, time.Minute
			id := f.add(test.from)
			ids := append(f.addMany(19), id)
			readAll(t, c, ids, 20, 0)
			if test.want == -1 {
				f.moves = 0
			}
			var all sync.WaitGroup
			all.Go(func() { _, _ = test.do(c, limited(t), id) })
			<-time.After(70 * time.Millisecond) // the call has just been accepted
			job, err := c.Get(limited(t), id)
			switch {
			case f.changing() == "":
				t.Error("nothing was asked for: the test shows nothing")
			case test.want == -1 && !is[*lifecycle.NotFoundError](err), test.want != -1 && (err != nil || job.Status != test.want):
				t.Errorf("got %v and %v, want status %d", job, err, test.want)
			}
			all.Wait()
		})
	}
}

// A list that started before a GET can't answer after it.
func TestReadsSeeOneOrder(t *testing.T) {
	t.Parallel()
	for name, happens := range map[string]func(f *fake, id int64){
		"described": func(f *fake, id int64) { f.outside("describe", id) },
		"gone":      func(f *fake, id int64) { f.vanish(id) },
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			ids := f.addMany(20)
			o := options
			o.Name = "other"
			id := f.addJob(modelarts.VisualizationJob{Name: "other", TrainURL: options.TrainURL}, 8)
			if _, err := c.Create(limited(t), options, false); err == nil { // has the jobs listed
				t.Fatal("created what is there")
			}
			<-time.After(3 * time.Second)
			f.back = 500 * time.Millisecond
			var all sync.WaitGroup
			all.Go(func() { readAll(t, c, ids, 20, 0) })
			<-time.After(100 * time.Millisecond) // a list is made, and on its way
			happens(f, id)
			created, err := c.Create(limited(t), o, true) // looks at the job
			if err != nil || created.Adopted != (name == "described") {
				t.Fatalf("got %v and %v", created, err)
			}
			all.Wait()
			job, err := c.Get(limited(t), id)
			if name == "gone" && !is[*lifecycle.NotFoundError](err) || name == "described" && (err != nil || job.Description != "described") {
				t.Errorf("got %v and %v, which is from before", job, err)
			}
		})
	}
}

// A list that started before a create of this run doesn't prove that the job doesn't exist.
func TestOwnCreateIsSeen(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.latency = 100 * time.Millisecond
		readAll(t, c, f.addMany(20), 20, 0)
		o := options
		o.Name = "new"
		created, err := c.Create(limited(t), o, false)
		if err != nil {
			t.Fatal(err)
		}
		f.wantCalls(t, "before", 5, 1)
		if job, err := c.Get(limited(t), created.Job.ID); err != nil || job.Name != o.Name {
			t.Errorf("got %v and %v, want the new job", job, err)
		}
		f.wantCalls(t, "the new job", 0, 1)
	})
}

// A list that has to prove that a job doesn't exist has to start after the last create of this run
// and be fresh.
func TestProofIsNew(t *testing.T) {
	t.Parallel()
	for name, makeJob := range map[string]func(*testing.T, *fake, *lifecycle.Controller) int64{
		"made by this run": func(t *testing.T, _ *fake, c *lifecycle.Controller) int64 {
			t.Helper()
			o := options
			o.Name = "other"
			created, err := c.Create(limited(t), o, false)
			if err != nil {
				t.Fatal(err)
			}
			return created.Job.ID
		},
		"made by others": func(t *testing.T, f *fake, c *lifecycle.Controller) int64 {
			t.Helper()
			readAll(t, c, f.addMany(20), 20, 0)
			<-time.After(3 * time.Second)
			return f.add(8)
		},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			id := makeJob(t, f, c)
			f.failAlways("get", fault{err: refused(http.StatusBadRequest, "ModelArts.0103")})
			if job, err := c.Get(limited(t), id); err != nil || job.ID != id {
				t.Errorf("got %v and %v, want job %d, which is there", job, err, id)
			}
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
		"of another workspace":                      {elsewhere: true, gets: 1},
		"gone":                                      {gone: true, gets: 1},
		"gone, the list lacks another as well":      {gone: true, short: true, gets: 2},
		"gone, says a refusal":                      {gone: true, unknown: refused(http.StatusBadRequest, "ModelArts.0103"), gets: 1},
		"gone, says a refusal, the list lacks more": {gone: true, short: true, unknown: refused(http.StatusBadRequest, "ModelArts.0103"), gets: 1, lists: 1},
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
				f.fail("list", fault{done: true, short: true})
			}
			readAll(t, c, f.addMany(9), 9, 0)
			f.wantCalls(t, "the others", 5, 1)
			job, err := c.Get(limited(t), id)
			if is[*lifecycle.NotFoundError](err) != test.gone || !test.gone && (err != nil || job.ID != id) {
				t.Errorf("got %v and %v, gone is %t", job, err, test.gone)
			}
			f.wantCalls(t, "the job", test.gets, test.lists)
			if test.elsewhere {
				<-time.After(3 * time.Second)
				readAll(t, c, f.addMany(9), 9, 0)
				f.wantCalls(t, "others again", 5, 1)
				<-time.After(3 * time.Second)
				_, _ = c.Get(limited(t), id)
				f.wantCalls(t, "the job again", 1, 0)
			}
		})
	}
}
