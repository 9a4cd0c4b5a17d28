package lifecycle_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// The documented response to a GET has no schedule, so an adopted job has that of the list.
func TestAdoptedJobHasTheScheduleOfTheList(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.schedulesInListsOnly = true
		want := modelarts.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 4}
		f.addJob(modelarts.VisualizationJob{Name: "board", TrainURL: "/bucket/logs/", Schedule: want}, 8)
		created, err := c.Create(limited(t), options, true)
		if err != nil || !created.Adopted || created.Job.Schedule != want {
			t.Errorf("got %+v and %v, want the schedule %+v", created, err, want)
		}
	})
}

// An adopted job belongs to one resource of a run: a second one can't adopt it, and the
// one that had it before doesn't delete it.
func TestAdoptedJobHasOneOwner(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id := f.add(8)
		adopted, err := c.Create(limited(t), options, true)
		if err != nil || !adopted.Adopted || adopted.Job.ID != id {
			t.Fatalf("got %+v and %v, want %d adopted", adopted, err, id)
		}
		wantOwned := func(when string) {
			_, err := c.Create(limited(t), options, true)
			if exists, ok := errors.AsType[*lifecycle.ExistsError](err); !ok || !exists.Owned {
				t.Errorf("%s: got %v, want an ExistsError of a job that is owned", when, err)
			}
		}
		wantOwned("during the adoption")
		c.EndAdoption(id, true)
		wantOwned("after the adoption")
		err = c.EnsureDeleted(limited(t), id, old)
		if kept, ok := errors.AsType[*lifecycle.AdoptedError](err); !ok || kept.ID != id || len(f.there()) != 1 {
			t.Errorf("got %v and the jobs %v, want the job kept", err, f.there())
		}
		if err := lifecycle.New(t.Context(), f).EnsureDeleted(limited(t), id, old); err != nil || len(f.there()) != 0 {
			t.Errorf("the next run: %v, jobs %v", err, f.there())
		}
	})
}

// Another create of the run can adopt a job whose adoption failed.
func TestFailedAdoptionReleasesTheJob(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id := f.add(8)
		for range 2 {
			if adopted, err := c.Create(limited(t), options, true); err != nil || !adopted.Adopted || adopted.Job.ID != id {
				t.Errorf("got %+v and %v, want %d adopted", adopted, err, id)
			}
			c.EndAdoption(id, false)
		}
		if err := c.EnsureDeleted(limited(t), id, old); err != nil || f.changing() != "delete" {
			t.Errorf("got %v after %q, want the job deleted", err, f.changing())
		}
	})
}

// A delete waits for the end of an adoption. If that is complete, the job stays.
func TestDeleteWaitsForAdoption(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		complete  bool
		interrupt bool // of the delete
		want      string
		calls     string
	}{
		"complete":    {complete: true, want: "visualization job 197 was adopted in the same run"},
		"failed":      {want: "gone", calls: "delete"},
		"interrupted": {interrupt: true, want: "wait"},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			id := f.add(8)
			if _, err := c.Create(limited(t), options, true); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(limited(t))
			defer cancel()
			ended := make(chan error, 1)
			go func() { ended <- c.EnsureDeleted(ctx, id, old) }()
			<-time.After(30 * time.Second)
			synctest.Wait()
			if len(ended) > 0 || f.changing() != "" {
				t.Fatalf("the delete did not wait: calls %q", f.changing())
			}
			if test.interrupt {
				cancel()
			} else {
				c.EndAdoption(id, test.complete)
			}
			if err := <-ended; result(nil, err) != test.want || f.changing() != test.calls {
				t.Errorf("got %v after %q", err, f.changing())
			}
		})
	}
}
