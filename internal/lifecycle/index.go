package lifecycle

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// indexAge is how old the list may be that a create looks into. Within it, all
// creates share one list.
const indexAge = time.Minute

// place is what tells jobs apart for a create. The API itself does not say
// whether names are unique.
type place struct{ name, path string }

func placeOf(name, trainURL string) place {
	return place{name: name, path: strings.TrimRight(trainURL, "/")}
}

// creation is a job that this run created.
type creation struct {
	place place
	job   modelarts.VisualizationJob // as it was then
	time  time.Time                  // by our clock
}

// index keeps what this run created, adopted and deletes, and finds with the observer's
// list which jobs are at a place. They may be gone by now.
type index struct {
	observer *observer

	mu       *sync.Mutex    // the observer's
	expired  uint64         // by the observer's clock: lists that began before may lack a job that was created since
	ahead    time.Duration  // of the server's clock before ours
	adopted  map[int64]bool // jobs that this run found and took over
	deleting map[int64]bool // jobs that this run deletes, or has deleted
	creating map[place]chan struct{}
}

func newIndex(o *observer) *index {
	return &index{
		observer: o,
		mu:       &o.mu,
		adopted:  make(map[int64]bool),
		deleting: make(map[int64]bool),
		creating: make(map[place]chan struct{}),
	}
}

// reserve keeps others from creating a job at p until release is called, so that
// two resources of one run cannot both find the place free.
func (x *index) reserve(ctx context.Context, p place) (release func(), err error) {
	for {
		x.mu.Lock()
		busy, taken := x.creating[p]
		if !taken {
			done := make(chan struct{})
			x.creating[p] = done
			x.mu.Unlock()
			return func() {
				x.mu.Lock()
				delete(x.creating, p)
				x.mu.Unlock()
				close(done)
			}, nil
		}
		x.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-busy:
		}
	}
}

// at returns the jobs known at p, from a list that is at most indexAge old. Those
// who wait for a list share it, and its failure.
func (x *index) at(ctx context.Context, p place) ([]modelarts.VisualizationJob, error) {
	x.mu.Lock()
	expired := x.expired
	x.mu.Unlock()
	list, err := x.observer.list(ctx, expired, indexAge)
	if err != nil {
		return nil, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.ahead = list.ahead
	var found []modelarts.VisualizationJob
	for _, created := range x.observer.created {
		if created.place == p {
			found = append(found, created.job)
		}
	}
	for id, job := range list.jobs {
		if placeOf(job.Name, job.TrainURL) == p && !slices.ContainsFunc(found, hasID(id)) {
			found = append(found, job)
		}
	}
	slices.SortFunc(found, func(a, b modelarts.VisualizationJob) int { return cmp.Compare(a.ID, b.ID) })
	return found, nil
}

// serverTime returns the time by the server's clock, as far as it is known.
func (x *index) serverTime() time.Time {
	x.mu.Lock()
	defer x.mu.Unlock()
	return time.Now().Add(x.ahead)
}

// add makes a job known that this run created.
func (x *index) add(p place, job modelarts.VisualizationJob) {
	x.mu.Lock()
	defer x.mu.Unlock()
	job.TrainURL = p.path // the answer to a create has none
	x.observer.created[job.ID] = creation{place: p, job: job, time: time.Now()}
	x.observer.since[job.ID] = x.observer.tick()
}

// isFresh reports whether this run created a job so lately that it may not be shown yet.
func (x *index) isFresh(id int64) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return time.Since(x.observer.created[id].time) < patience // the zero time is long ago
}

// adopt makes a job one of this run, unless it is already, or is being deleted.
func (x *index) adopt(id int64) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ownedLocked(id) {
		return false
	}
	x.adopted[id] = true
	return true
}

// isOwned reports whether the job is another resource's of this run.
func (x *index) isOwned(id int64) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.ownedLocked(id)
}

func (x *index) ownedLocked(id int64) bool {
	_, created := x.observer.created[id]
	return created || x.adopted[id] || x.deleting[id]
}

// markDeleting keeps a job that is to be deleted from being adopted. It reports false
// when it was adopted before.
func (x *index) markDeleting(id int64) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.adopted[id] {
		return false
	}
	x.deleting[id] = true
	return true
}

// unmarkDeleting ends markDeleting for a job that was not deleted.
func (x *index) unmarkDeleting(id int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.deleting, id)
}

// expire has the next create list again: a lost create may have made a job.
func (x *index) expire() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.expired = x.observer.clock
}

// forget keeps a job that is gone from being taken for one that is not shown yet.
func (x *index) forget(id int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.observer.created, id)
}

func hasID(id int64) func(modelarts.VisualizationJob) bool {
	return func(job modelarts.VisualizationJob) bool { return job.ID == id }
}
