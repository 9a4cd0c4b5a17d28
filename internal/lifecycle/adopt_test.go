package lifecycle_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
)

// What a run adopted belongs to one resource: a second one does not get it, and
// the one that had it before does not delete it.
func TestAdoptedJobHasOneOwner(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id, err := lifecycle.New(t.Context(), f).Create(limited(t), options, false)
		if err != nil {
			t.Fatal(err)
		}
		adopted, err := c.Create(limited(t), options, true)
		if err != nil || !adopted.Adopted || adopted.Job.ID != id.Job.ID {
			t.Fatalf("got %+v and %v, want %d adopted", adopted, err, id.Job.ID)
		}
		if _, err := c.Create(limited(t), options, true); !is[*lifecycle.ExistsError](err) {
			t.Errorf("it was adopted twice: %v", err)
		}
		err = c.EnsureDeleted(limited(t), adopted.Job.ID, old)
		if kept, ok := errors.AsType[*lifecycle.AdoptedError](err); !ok || kept.ID != adopted.Job.ID || len(f.there()) != 1 {
			t.Errorf("got %v and the jobs %v, want the job kept", err, f.there())
		}
		if err := lifecycle.New(t.Context(), f).EnsureDeleted(limited(t), adopted.Job.ID, old); err != nil || len(f.there()) != 0 {
			t.Errorf("the next run: %v, jobs %v", err, f.there())
		}
	})
}

// A job that this run deletes is not adopted by another resource of it, and can be
// when the delete has failed.
func TestLeavingJobIsNotAdopted(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id := f.add(8)
		f.failAlways("delete", fault{hang: true})
		ctx, cancel := context.WithCancel(t.Context())
		var deleted sync.WaitGroup
		deleted.Go(func() { _ = c.EnsureDeleted(ctx, id, old) })
		<-time.After(100 * time.Millisecond)
		_, err := c.Create(limited(t), options, true)
		if exists, ok := errors.AsType[*lifecycle.ExistsError](err); !ok || !exists.Owned {
			t.Errorf("got %v, want an ExistsError of a job that is owned", err)
		}
		cancel()
		deleted.Wait()
		if created, err := c.Create(limited(t), options, true); err != nil || !created.Adopted {
			t.Errorf("got %+v and %v, want the job adopted", created, err)
		}
	})
}
