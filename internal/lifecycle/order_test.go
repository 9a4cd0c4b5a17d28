package lifecycle_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// Several waits for one job get its statuses in one order, whichever response is received first.
func TestConcurrentWaitsGetOneOrder(t *testing.T) {
	t.Parallel()
	order := []modelarts.Status{12, 1, 7, 8}
	for seed := range uint64(60) {
		for _, others := range []int{0, 20} { // with others, waits share lists
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				f.moves = 3 * time.Second
				c, random := lifecycle.New(t.Context(), f), rand.New(rand.NewPCG(seed, 1))
				delay := func() { // Responses overtake each other.
					f.mu.Lock()
					delay := time.Duration(random.Int64N(int64(2 * time.Second)))
					f.mu.Unlock()
					<-time.After(delay)
				}
				f.onGet, f.onPage = delay, func(context.Context) { delay() }
				id := f.add(12)
				var mu sync.Mutex
				last, since := 0, time.Now()
				record := func(job modelarts.VisualizationJob) {
					mu.Lock()
					defer mu.Unlock()
					status := slices.Index(order, job.Status)
					if status < last && since.Before(time.Now()) {
						t.Errorf("seed %d, %d others: %s was returned %s after %s", seed, others, job.Status, time.Since(since), order[last])
					}
					if status > last {
						last, since = status, time.Now()
					}
				}
				var all sync.WaitGroup
				for range 3 {
					all.Go(func() { _, _ = c.EnsureRunning(limited(t), id, lifecycle.SettleOptions{OnStatus: record}) })
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
