package lifecycle

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

const (
	// maxDeleteDelay is how long a create waits for the delete of an existing job to start.
	// Terraform starts the creates and deletes of different addresses in any order, and the
	// provider learns of a delete only when it starts.
	maxDeleteDelay = 5 * time.Second
	// giveUpInterval is the time between two creates that stop waiting. The first one frees
	// one of Terraform's slots, so the delete that another one waits for can start.
	giveUpInterval = 500 * time.Millisecond
)

// jobKey is the name and path by which a create recognizes a job. The API doesn't document
// whether names are unique.
type jobKey struct{ name, path string }

func newJobKey(name, trainURL string) jobKey {
	return jobKey{name: name, path: strings.TrimRight(modelarts.OBSPath(trainURL), "/")}
}

func keyOf(job *modelarts.VisualizationJob) jobKey { return newJobKey(job.Name, job.TrainURL) }

// CheckKey returns an *OtherJobError if the job has another name or path. The API changes
// neither, so the ID is that of another job then. It ignores a name that is missing, and a path
// that is missing or has another form than the documented /bucket/prefix/.
func CheckKey(job *modelarts.VisualizationJob, name, trainURL string) error {
	want, got := newJobKey(name, trainURL), keyOf(job)
	if (got.name == "" || got.name == want.name) && (!strings.HasPrefix(got.path, "/") || got.path == want.path) {
		return nil
	}
	return &OtherJobError{Job: *job, Name: name, TrainURL: trainURL}
}

// claim is the relation of this run to a job.
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

	// Set only if this run created the job.
	key     jobKey
	job     modelarts.VisualizationJob // in the response to the create request
	created time.Time                  // by the local clock
}

// ownership knows which jobs this run created, adopts, adopted and deletes. A job has one owner
// in a run, and a create waits for the delete of an existing job with its name and path.
type ownership struct {
	waits *atomic.Int64 // operations that wait for a job

	mu       sync.Mutex
	reserved map[jobKey]chan struct{} // closed when the reservation ends
	jobs     map[int64]*ownedJob
	changed  chan struct{} // closed, and replaced, when a claim changes or a wait ends

	hasDeletes bool      // this run has started a delete
	lastChange time.Time // when the last delete started or ended, or the last wait ended after a delete
	gaveUp     time.Time // when a create last stopped waiting for a delete to start
}

func newOwnership(waits *atomic.Int64) *ownership {
	return &ownership{
		waits:    waits,
		reserved: make(map[jobKey]chan struct{}),
		jobs:     make(map[int64]*ownedJob),
		changed:  make(chan struct{}),
	}
}

// reserve keeps other resources of this run from creating a job with the same key until
// release is called. Otherwise both could find that none exists.
func (o *ownership) reserve(ctx context.Context, key jobKey) (release func(), err error) {
	for {
		o.mu.Lock()
		released, isReserved := o.reserved[key]
		if !isReserved {
			released = make(chan struct{})
			o.reserved[key] = released
		}
		o.mu.Unlock()
		if !isReserved {
			return func() {
				o.mu.Lock()
				defer o.mu.Unlock()
				delete(o.reserved, key)
				close(released)
			}, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-released:
		}
	}
}

// add records a job that this run created. A job that another resource of this run owns keeps
// its owner, because the response to the create request had a wrong ID.
func (o *ownership) add(key jobKey, job modelarts.VisualizationJob) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.jobs[job.ID] != nil {
		return
	}
	job.TrainURL = key.path // the response to a create request has none
	o.jobs[job.ID] = &ownedJob{claim: claimCreated, key: key, job: job, created: time.Now()}
}

// removeCreated removes the record of a job that this run seemed to have created with a key.
func (o *ownership) removeCreated(id int64, key jobKey) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if owned := o.jobs[id]; owned != nil && owned.claim == claimCreated && owned.key == key {
		delete(o.jobs, id)
	}
}

// created returns the jobs that this run created with a key.
func (o *ownership) created(key jobKey) []modelarts.VisualizationJob {
	o.mu.Lock()
	defer o.mu.Unlock()
	var jobs []modelarts.VisualizationJob
	for _, owned := range o.jobs {
		if owned.key == key && !owned.created.IsZero() {
			jobs = append(jobs, owned.job)
		}
	}
	return jobs
}

// isNew reports whether this run created a job so recently that the API might not return it yet.
func (o *ownership) isNew(id int64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	owned := o.jobs[id]
	return owned != nil && time.Since(owned.created) < maxStaleness // the zero time is long ago
}

// isDeleted reports whether this run deleted a job. An old list might still contain it.
func (o *ownership) isDeleted(id int64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	owned := o.jobs[id]
	return owned != nil && owned.claim == claimDeleted
}

// adopt starts the adoption of a job, and reports whether it did. It doesn't if a resource of this
// run owns or deletes the job.
func (o *ownership) adopt(id int64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.jobs[id] != nil {
		return false
	}
	o.jobs[id] = &ownedJob{claim: claimAdopting}
	return true
}

// endAdoption ends the adoption of a job. If the adoption isn't complete, the job has no owner
// anymore.
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

// beginDelete claims a job for a delete, after the end of an adoption that has started. The error is
// an *AdoptedError if the adoption is complete, and a *WaitError if ctx ends before.
func (o *ownership) beginDelete(ctx context.Context, id int64) error {
	start := time.Now()
	for {
		changed, err := o.tryDelete(id)
		if changed == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return &WaitError{Goal: "adopted", ID: id, Waited: time.Since(start), Err: ctx.Err()}
		case <-changed:
		}
	}
}

// tryDelete is beginDelete without the wait: during an adoption, it returns a channel that is
// closed at the next change.
func (o *ownership) tryDelete(id int64) (changed <-chan struct{}, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.hasDeletes, o.lastChange = true, time.Now()
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

// endDelete ends a delete. It failed if err isn't nil.
func (o *ownership) endDelete(id int64, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	owned := o.jobs[id]
	owned.claim, owned.deleteErr = claimDeleted, err
	if err != nil {
		owned.claim = claimDeleteFailed
	}
	o.lastChange = time.Now()
	o.notify()
}

// waitEnded wakes the creates that wait for a delete, because the end of an operation frees one of
// Terraform's slots.
func (o *ownership) waitEnded() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.hasDeletes {
		o.lastChange = time.Now()
		o.notify()
	}
}

// notify wakes all callers that wait for a change. The caller holds o.mu.
func (o *ownership) notify() {
	close(o.changed)
	o.changed = make(chan struct{})
}

// awaitDelete waits until this run has deleted at least one of the jobs and deletes none of them
// anymore. The error is a *WaitError if ctx ends during a delete. It is an *ExistsError if a job has
// another owner, if a delete failed, or if no delete starts.
func (o *ownership) awaitDelete(ctx context.Context, jobs []modelarts.VisualizationJob) error {
	start := time.Now()
	for {
		deleting, changed, left, err := o.nextChange(jobs, start)
		if err != nil || left == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			if deleting == nil {
				o.mu.Lock()
				defer o.mu.Unlock()
				return o.giveUp(jobs)
			}
			return &WaitError{Goal: "deleted", ID: deleting.ID, Last: deleting, Waited: time.Since(start), Err: ctx.Err()}
		case <-changed:
		case <-time.After(left):
		}
	}
}

// nextChange returns the job that this run deletes, if any, a channel that is closed at the next
// change, and how long to wait for it. That is 0 when the wait is over.
func (o *ownership) nextChange(jobs []modelarts.VisualizationJob, start time.Time) (deleting *modelarts.VisualizationJob, changed <-chan struct{}, left time.Duration, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	hasDeleted := false
	for i := range jobs {
		owned := o.jobs[jobs[i].ID]
		switch {
		case owned == nil:
		case owned.claim == claimDeleting:
			deleting = &jobs[i]
		case owned.claim == claimDeleted:
			hasDeleted = true
		default:
			return nil, nil, 0, &ExistsError{Jobs: jobs, Owned: len(jobs) == 1, DeleteErr: owned.deleteErr}
		}
	}
	switch {
	case deleting != nil:
		return deleting, o.changed, maxDeleteDelay, nil
	case hasDeleted:
		return nil, nil, 0, nil
	}
	if left = o.delayLeft(start); left <= 0 {
		return nil, nil, 0, o.giveUp(jobs)
	}
	return nil, o.changed, left, nil
}

// giveUp ends a wait for a delete that doesn't start. The caller holds o.mu.
func (o *ownership) giveUp(jobs []modelarts.VisualizationJob) error {
	o.gaveUp = time.Now()
	return &ExistsError{Jobs: jobs}
}

// delayLeft returns how long a create that has waited since start still waits for a delete to
// start. In a run that deletes, each operation that ends frees one of Terraform's slots for
// the delete, so the create waits for them all. Once a create has given up, the user has
// to run another apply anyway, and the other creates don't delay this one. The caller holds o.mu.
func (o *ownership) delayLeft(start time.Time) time.Duration {
	if o.hasDeletes && o.waits.Load() > 0 && o.gaveUp.IsZero() {
		return maxDeleteDelay
	}
	left := maxDeleteDelay - min(time.Since(start), time.Since(o.lastChange))
	return max(left, giveUpInterval-time.Since(o.gaveUp))
}
