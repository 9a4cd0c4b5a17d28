package lifecycle_test

import (
	"context"
	"iter"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// reordering is an API whose responses take different times, so that they overtake each other.
type reordering struct {
	*fake
	maxDelay time.Duration

	mu     sync.Mutex
	random *rand.Rand
}

func (r *reordering) delay() {
	r.mu.Lock()
	delay := time.Duration(r.random.Int64N(int64(r.maxDelay)))
	r.mu.Unlock()
	<-time.After(delay)
}

func (r *reordering) GetVisualizationJob(ctx context.Context, id int64) (*modelarts.VisualizationJob, error) {
	defer r.delay()
	return r.fake.GetVisualizationJob(ctx, id)
}

func (r *reordering) VisualizationJobPages(ctx context.Context, o modelarts.ListOptions) iter.Seq2[*modelarts.JobPage, error] {
	return func(yield func(*modelarts.JobPage, error) bool) {
		for page, err := range r.fake.VisualizationJobPages(ctx, o) {
			r.delay()
			if !yield(page, err) {
				return
			}
		}
	}
}

// Several waits for one job see its statuses in one order, whichever response is received first.
func TestConcurrentWaitsSeeOneOrder(t *testing.T) {
	t.Parallel()
	order := []modelarts.Status{12, 1, 7, 8}
	for seed := range uint64(60) {
		for _, others := range []int{0, 20} { // with others, waits share lists
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				f.moves = 3 * time.Second
				c := lifecycle.New(t.Context(), &reordering{fake: f, maxDelay: 2 * time.Second, random: rand.New(rand.NewPCG(seed, 1))})
				id := f.add(12)
				var mu sync.Mutex
				last, seenAt := 0, time.Now()
				seen := func(job modelarts.VisualizationJob) {
					mu.Lock()
					defer mu.Unlock()
					status := slices.Index(order, job.Status)
					if status < last && seenAt.Before(time.Now()) {
						t.Errorf("seed %d, %d others: %s was seen %s after %s", seed, others, job.Status, time.Since(seenAt), order[last])
					}
					if status > last {
						last, seenAt = status, time.Now()
					}
				}
				var all sync.WaitGroup
				for range 3 {
					all.Go(func() { _, _ = c.EnsureRunning(limited(t), id, lifecycle.SettleOptions{OnStatus: seen}) })
				}
				for _, other := range f.addMany(others) {
					all.Go(func() { _, _ = c.EnsureStopped(limited(t), other, old) })
				}
				all.Wait()
			})
		}
	}
}

// A response that was on its way during a change of this run isn't returned after the change, neither to
// its own caller nor to another one.
func TestResponseFromBeforeAChange(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id := f.add(8)
		set := func(back time.Duration) { // and let all requests be on their way
			<-time.After(100 * time.Millisecond)
			synctest.Wait()
			f.back = back
		}
		get := func() {
			if job, err := c.Get(limited(t), id); err != nil || job.Description != "new" {
				t.Errorf("got %v and %v, want the new description", job, err)
			}
		}
		var all sync.WaitGroup
		set(time.Second)
		all.Go(get)
		set(0)
		if err := c.UpdateDescription(limited(t), id, "new"); err != nil {
			t.Error(err)
		}
		set(2 * time.Second)
		get()
		all.Wait()
	})
}
