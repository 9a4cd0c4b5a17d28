package lifecycle

import (
	"context"
	"sync"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

const (
	// deleteDelay is how long a create waits for a delete of the job in its way to start.
	// Terraform starts the creates and deletes of different addresses in any order, and the
	// provider learns of a delete only when it starts.
	deleteDelay = 5 * time.Second
	// giveUpInterval is the time between two creates that stop waiting. The first one frees
	// one of Terraform's slots, so the delete that another one waits for can start.
	giveUpInterval = 500 * time.Millisecond
)

// claim is what this run did or does to a job.
type claim int

const (
	claimCreated claim = iota + 1
	claimAdopting
	claimAdopted
	claimDeleting
	claimDeleted
	claimDeleteFailed
)

// ownedJob is a job that a resource of this run created, adopts or deletes.
type ownedJob struct {
	claim     claim
	deleteErr error // why the delete failed

	// Of a job that this run created.
	place place
	job   modelarts.VisualizationJob // in the response to the create
	time  time.Time                  // of the create, by our clock
}

// ownership knows which jobs this run created, adopts, adopted and deletes. A job has
// one owner in a run, and a create waits for a delete of the job in its way.
type ownership struct {
	mu       sync.Mutex
	reserved map[place]chan struct{}
	jobs     map[int64]*ownedJob
	changed  chan struct{} // closed, and replaced, when a job, waits or deletes changes

	waits   int       // how many operations of this run wait for a job
	deletes bool      // this run has begun a delete
	quiet   time.Time // when the last delete began or the last wait ended, once there was a delete
	gaveUp  time.Time // when the last create stopped waiting for a delete to start
}

func newOwnership() *ownership {
	return &ownership{
		reserved: make(map[place]chan struct{}),
		jobs:     make(map[int64]*ownedJob),
		changed:  make(chan struct{}),
	}
}

// reserve keeps others from creating a job at p until release is called, so that
// two resources of one run cannot both find the place free.
func (o *ownership) reserve(ctx context.Context, p place) (release func(), err error) {
	for {
		o.mu.Lock()
		busy, taken := o.reserved[p]
		if !taken {
			done := make(chan struct{})
			o.reserved[p] = done
			o.mu.Unlock()
			return func() {
				o.mu.Lock()
				delete(o.reserved, p)
				o.mu.Unlock()
				close(done)
			}, nil
		}
		o.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-busy:
		}
	}
}

// add records a job that this run created. A job that another resource of this run has keeps
// its owner: the response to the create had a wrong ID.
func (o *ownership) add(p place, job modelarts.VisualizationJob) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.jobs[job.ID] != nil {
		return
	}
	job.TrainURL = p.path // the response to a create has none
	o.jobs[job.ID] = &ownedJob{claim: claimCreated, place: p, job: job, time: time.Now()}
}

// removeCreated removes the record of a job that this run seemed to have created at p.
func (o *ownership) removeCreated(id int64, p place) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if owned := o.jobs[id]; owned != nil && owned.claim == claimCreated && owned.place == p {
		delete(o.jobs, id)
	}
}

// createdAt returns the jobs that this run created at p and did not delete.
func (o *ownership) createdAt(p place) []modelarts.VisualizationJob {
	o.mu.Lock()
	defer o.mu.Unlock()
	var jobs []modelarts.VisualizationJob
	for _, owned := range o.jobs {
		if owned.place == p && owned.claim != claimDeleted {
			jobs = append(jobs, owned.job)
		}
	}
	return jobs
}

// isNew reports whether this run created a job so recently that the API might not show it yet.
func (o *ownership) isNew(id int64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	owned := o.jobs[id]
	return owned != nil && time.Since(owned.time) < patience // the zero time is long ago
}

// isDeleted reports whether this run deleted a job: an old list might still have it.
func (o *ownership) isDeleted(id int64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	owned := o.jobs[id]
	return owned != nil && owned.claim == claimDeleted
}

// adopt begins the adoption of a job that no resource of this run has or deletes.
func (o *ownership) adopt(id int64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.jobs[id] != nil {
		return false
	}
	o.jobs[id] = &ownedJob{claim: claimAdopting}
	return true
}

// endAdoption ends the adoption of a job. One that isn't complete releases the job.
func (o *ownership) endAdoption(id int64, complete bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if complete {
		o.jobs[id].claim = claimAdopted
	} else {
		delete(o.jobs, id)
	}
	o.notify()
}

// beginDelete keeps a job from being adopted, and waits for the end of an adoption that
// has begun. The error is *AdoptedError if that is complete, and *WaitError if ctx ended.
func (o *ownership) beginDelete(ctx context.Context, id int64) error {
	began := time.Now()
	for {
		ends, err := o.tryDelete(id)
		if ends == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return &WaitError{Goal: "adopted", ID: id, Waited: time.Since(began), Err: ctx.Err()}
		case <-ends:
		}
	}
}

// tryDelete is beginDelete without the wait: if an adoption goes on, it returns a channel
// that is closed at the next change.
func (o *ownership) tryDelete(id int64) (changed <-chan struct{}, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.deletes, o.quiet = true, time.Now()
	owned := o.jobs[id]
	switch {
	case owned == nil:
		owned = &ownedJob{}
		o.jobs[id] = owned
	case owned.claim == claimAdopting:
		return o.changed, nil
	case owned.claim == claimAdopted:
		return nil, &AdoptedError{ID: id}
	}
	owned.claim = claimDeleting
	o.notify()
	return nil, nil
}

// endDelete ends a delete, which failed with err if that isn't nil.
func (o *ownership) endDelete(id int64, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	owned := o.jobs[id]
	owned.claim, owned.deleteErr = claimDeleted, err
	if err != nil {
		owned.claim = claimDeleteFailed
	}
	o.quiet = time.Now()
	o.notify()
}

// wait counts an operation that waits for a job until leave is called.
func (o *ownership) wait() (leave func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waits++
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.waits--
		if o.deletes {
			o.quiet = time.Now()
			o.notify()
		}
	}
}

// notify wakes all that wait for a change. The caller holds o.mu.
func (o *ownership) notify() {
	close(o.changed)
	o.changed = make(chan struct{})
}

// awaitDelete waits until this run has deleted one of the jobs at a place and deletes
// none of them anymore. The error is *WaitError if ctx ends during a delete, and
// *ExistsError if a job has another owner, a delete failed, or no delete starts.
func (o *ownership) awaitDelete(ctx context.Context, jobs []modelarts.VisualizationJob) error {
	began := time.Now()
	for {
		leaving, changed, left, err := o.nextChange(jobs, began)
		if err != nil || left == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			if leaving == nil {
				o.mu.Lock()
				defer o.mu.Unlock()
				return o.giveUp(jobs)
			}
			return &WaitError{Goal: "deleted", ID: leaving.ID, Last: leaving, Waited: time.Since(began), Err: ctx.Err()}
		case <-changed:
		case <-time.After(left):
		}
	}
}

// nextChange returns the job that is being deleted, if any, and what to wait for: a
// channel that is closed at the next change, and a time, which is 0 when the wait is over.
func (o *ownership) nextChange(jobs []modelarts.VisualizationJob, began time.Time) (leaving *modelarts.VisualizationJob, changed <-chan struct{}, left time.Duration, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	isFreed := false
	for i := range jobs {
		owned := o.jobs[jobs[i].ID]
		switch {
		case owned == nil:
		case owned.claim == claimDeleting:
			leaving = &jobs[i]
		case owned.claim == claimDeleted:
			isFreed = true
		default:
			return nil, nil, 0, &ExistsError{Jobs: jobs, Owned: len(jobs) == 1, DeleteErr: owned.deleteErr}
		}
	}
	switch {
	case leaving != nil:
		return leaving, o.changed, deleteDelay, nil
	case isFreed:
		return nil, nil, 0, nil
	}
	if left = o.delayLeft(began); left <= 0 {
		return nil, nil, 0, o.giveUp(jobs)
	}
	return nil, o.changed, left, nil
}

// giveUp ends a wait for a delete that doesn't start. The caller holds o.mu.
func (o *ownership) giveUp(jobs []modelarts.VisualizationJob) error {
	o.gaveUp = time.Now()
	return &ExistsError{Jobs: jobs}
}

// delayLeft returns how long a create that waits since began still waits for a delete to
// start. In a run that deletes, each operation that ends frees one of Terraform's slots for
// the delete, so it is worth to wait for them all. Once a create has given up, the user has
// to run another apply anyway, and the others don't hold up this one. The caller holds o.mu.
func (o *ownership) delayLeft(began time.Time) time.Duration {
	if o.deletes && o.waits > 0 && o.gaveUp.IsZero() {
		return deleteDelay
	}
	left := deleteDelay - min(time.Since(began), time.Since(o.quiet))
	return max(left, giveUpInterval-time.Since(o.gaveUp))
}
