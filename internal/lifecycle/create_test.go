package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// options are those of the job that add creates.
var options = modelarts.CreateOptions{Name: "board", TrainURL: "/bucket/logs/"}

func TestCreateIfNoneExists(t *testing.T) {
	t.Parallel()
	for _, other := range []modelarts.VisualizationJob{
		{Name: "board", TrainURL: "/bucket/other/"},
		{Name: "board2", TrainURL: "/bucket/logs/"},
		{Name: "Board", TrainURL: "/bucket/logs/"},
	} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.addJob(other, 8)
			created, err := c.Create(limited(t), options, true)
			if err != nil {
				t.Fatal(err)
			}
			if created.Adopted || created.Lost != nil || created.Repeated || f.status(created.Job.ID) != 1 {
				t.Errorf("got %+v, want a new job", created)
			}
			if f.changing() != "create" || f.count("list") != 1 {
				t.Errorf("calls %q and %d lists, want one of each", f.changing(), f.count("list"))
			}
		})
	}
}

func TestCreateIfJobsExist(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/bucket/logs/", "/bucket/logs"} {
		for jobs := 1; jobs <= 2; jobs++ {
			for _, adopt := range []bool{false, true} {
				inBubble(t, fmt.Sprintf("%d jobs, path %s, adopt %t", jobs, path, adopt), func(t *testing.T, f *fake, c *lifecycle.Controller) {
					var want []int64
					for range jobs {
						want = append(want, f.add(12))
					}
					o := options
					o.TrainURL = path
					created, err := c.Create(limited(t), o, adopt)
					if f.changing() != "" {
						t.Errorf("calls %q, want none", f.changing())
					}
					if adopt && jobs == 1 {
						if err != nil || !created.Adopted || created.Job.ID != want[0] || created.Job.TrainURL != "/bucket/logs/" {
							t.Errorf("got %+v and %v, want %d adopted", created, err, want[0])
						}
						return
					}
					exists, ok := errors.AsType[*lifecycle.ExistsError](err)
					if !ok {
						t.Fatalf("got %v, want an ExistsError", err)
					}
					if diff := cmp.Diff(want, ids(exists.Jobs)); diff != "" || exists.Owned {
						t.Errorf("owned by this run: %t, jobs: %s", exists.Owned, diff)
					}
				})
			}
		}
	}
}

func ids(jobs []modelarts.VisualizationJob) []int64 {
	var ids []int64
	for _, job := range jobs {
		ids = append(ids, job.ID)
	}
	return ids
}

func TestCreateIfAListedJobIsGone(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.ghosts = []modelarts.VisualizationJob{{ID: 5, Name: "board", TrainURL: "/bucket/logs/", Status: 8}}
		created, err := c.Create(limited(t), options, false)
		if err != nil || created.Adopted || f.changing() != "create" {
			t.Errorf("got %+v and %v after %q, want a new job", created, err, f.changing())
		}
	})
}

// One 404 for a listed job isn't enough to create another one.
func TestCreateIfAListedJobSeemsGone(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id := f.add(8)
		f.fail("get", fault{err: f.unknown()})
		created, err := c.Create(limited(t), options, true)
		if err != nil || !created.Adopted || created.Job.ID != id {
			t.Errorf("got %+v and %v after %q, want %d adopted", created, err, f.changing(), id)
		}
	})
}

// If the check for existing jobs fails, Create creates none.
func TestCreateIfCheckFails(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"list", "get"} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.add(8)
			down := refused(http.StatusServiceUnavailable, "")
			f.failAlways(op, fault{err: down})
			if _, err := c.Create(limited(t), options, true); !errors.Is(err, down) || f.changing() != "" {
				t.Errorf("%s: got %v after %q", op, err, f.changing())
			}
			f.heal()
			if created, err := c.Create(limited(t), options, true); err != nil || !created.Adopted {
				t.Errorf("%s: got %+v and %v once it answers", op, created, err)
			}
		})
	}
}

func TestCreateRefused(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		quota := refused(http.StatusBadRequest, "ModelArts.2815")
		f.failAlways("create", fault{err: quota})
		if _, err := c.Create(limited(t), options, false); !errors.Is(err, quota) || f.changing() != "create" {
			t.Errorf("got %v after %q", err, f.changing())
		}
		if f.count("list") != 1 {
			t.Errorf("%d lists, want no search for what was refused", f.count("list"))
		}
	})
}

func TestConcurrentCreatesWithOneKey(t *testing.T) {
	t.Parallel()
	for _, hidden := range []time.Duration{0, 5 * time.Second} {
		for _, adopt := range []bool{false, true} {
			inBubble(t, fmt.Sprintf("hidden %s, adopt %t", hidden, adopt), func(t *testing.T, f *fake, c *lifecycle.Controller) {
				f.latency, f.hidden = 100*time.Millisecond, hidden
				ctx := limited(t)
				var all sync.WaitGroup
				var results [2]*lifecycle.Created
				var errs [2]error
				for i, path := range []string{"/bucket/logs", "/bucket/logs/"} {
					o := options
					o.TrainURL = path
					all.Go(func() { results[i], errs[i] = c.Create(ctx, o, adopt) })
				}
				all.Wait()
				if made := f.there(); len(made) != 1 || f.changing() != "create" {
					t.Errorf("jobs %v after %q, want one", made, f.changing())
				}
				for i := range results {
					if errs[i] != nil && !is[*lifecycle.ExistsError](errs[i]) {
						t.Errorf("got %v", errs[i])
					}
				}
				if (errs[0] == nil) == (errs[1] == nil) {
					t.Errorf("errors %v, want exactly one", errs)
				}
			})
		}
	}
}

// A create that waits for another one with the same name and path can be canceled.
func TestConcurrentCreateIsCancelled(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"same path": "/bucket/logs/", "other path": "/bucket/other/"} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.failAlways("list", fault{hang: true})
			first, cancelFirst := context.WithTimeout(t.Context(), time.Minute)
			defer cancelFirst()
			var both sync.WaitGroup
			both.Go(func() { _, _ = c.Create(first, options, false) })
			<-time.After(time.Second)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			began := time.Now()
			o := options
			o.TrainURL = path
			if _, err := c.Create(ctx, o, false); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the context's error", err)
			}
			if took := time.Since(began); took > 6*time.Second {
				t.Errorf("it took %s", took)
			}
			both.Wait()
		})
	}
}

// Creates that run at the same time share one list, and its failure. A later create reads another list.
func TestOneListForManyCreates(t *testing.T) {
	t.Parallel()
	for _, failure := range []error{nil, refused(http.StatusServiceUnavailable, "")} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency = 30 * time.Second
			want := 50
			if failure != nil {
				f.fail("list", fault{err: failure})
				want = 0
			}
			ctx := limited(t)
			var all sync.WaitGroup
			for i := range 50 {
				o := options
				o.Name = fmt.Sprintf("board%d", i)
				all.Go(func() {
					if _, err := c.Create(ctx, o, false); !errors.Is(err, failure) {
						t.Errorf("got %v, want %v", err, failure)
					}
				})
			}
			all.Wait()
			if f.count("list") != 1 || len(f.there()) != want || f.count("get") != 0 {
				t.Errorf("%d lists, %d gets and %d jobs, want 1, 0 and %d", f.count("list"), f.count("get"), len(f.there()), want)
			}
			if _, err := c.Create(ctx, options, false); err != nil {
				t.Errorf("the next one: %v", err)
			}
		})
	}
}

// Creates share a list for a minute. Then it is read again, because another party might have created a job.
func TestListGetsOld(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		o := options
		o.Name = "other"
		if _, err := c.Create(limited(t), o, false); err != nil {
			t.Fatal(err)
		}
		f.add(8)
		<-time.After(61 * time.Second)
		if _, err := c.Create(limited(t), options, false); !is[*lifecycle.ExistsError](err) {
			t.Errorf("got %v, want an ExistsError", err)
		}
	})
}

// A replacement deletes a job and creates another one while the list is still valid.
func TestCreateAfterDelete(t *testing.T) {
	t.Parallel()
	for _, before := range []bool{true, false} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.moves = time.Second
			var id int64
			if before {
				id = f.add(8)
			}
			o := options
			if before {
				o.Name = "other" // to have the list made
			}
			created, err := c.Create(limited(t), o, false)
			if err != nil {
				t.Fatal(err)
			}
			if !before {
				id = created.Job.ID
			}
			if err := c.EnsureDeleted(limited(t), id, old); err != nil {
				t.Fatal(err)
			}
			if again, err := c.Create(limited(t), options, false); err != nil || again.Adopted || again.Job.ID == id {
				t.Errorf("got %+v and %v, want a new job", again, err)
			}
			if f.count("list") != 1 {
				t.Errorf("%d lists, want one", f.count("list"))
			}
		})
	}
}

// An incomplete list is read again, once, because its total might always be wrong.
func TestIncompleteList(t *testing.T) {
	t.Parallel()
	for short := range 4 {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			for range short {
				f.fail("list", fault{done: true, short: true})
			}
			created, err := c.Create(limited(t), options, false)
			if lists := f.count("list"); err != nil || created.Adopted || lists != min(short, 1)+1 {
				t.Errorf("got %+v and %v after %d lists", created, err, lists)
			}
		})
	}
}

// A total that is always wrong costs one more list, not one for each create.
func TestIncompleteListIsShared(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.failAlways("list", fault{done: true, short: true})
		for i := range 10 {
			o := options
			o.Name = fmt.Sprint(i)
			if _, err := c.Create(limited(t), o, false); err != nil {
				t.Error(err)
			}
		}
		if lists := f.count("list"); lists != 2 {
			t.Errorf("%d lists, want two for all", lists)
		}
	})
}

// If the second attempt to read a list fails, Create creates no job.
func TestIncompleteListThatFails(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		down := refused(http.StatusServiceUnavailable, "")
		f.fail("list", fault{done: true, short: true}, fault{err: down})
		if created, err := c.Create(limited(t), options, false); !errors.Is(err, down) || f.changing() != "" {
			t.Errorf("got %+v and %v after %q, want none created", created, err, f.changing())
		}
	})
}
