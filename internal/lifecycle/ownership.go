package lifecycle

import (
	"context"
	"errors"
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
// neither, so the ID is that of another job then. An empty name is for any job. CheckKey ignores a name
// that the job lacks, and a path that is missing or has another form than the documented /bucket/prefix/.
func CheckKey(job *modelarts.VisualizationJob, name, trainURL string) error {
	want, got := newJobKey(name, trainURL), keyOf(job)
	if name == "" || (got.name == "" || got.name == want.name) && (!strings.HasPrefix(got.path, "/") || got.path == want.path) {
		return nil
	}
	return &OtherJobError{Job: *job, Name: name, TrainURL: trainURL}
}

// claim is the relation of this run to a job.
type claim int

const (
	claimNone  claim = iota
	claimOwned       // this run created the job, or its delete failed
	claimAdopting
	claimAdopted
	claimDeleting
	claimDeleted
)

// ownedJob is a job that a resource of this run created, adopts or deletes.
type ownedJob struct {
	claim     claim
	deleteErr error // why the delete failed

	// Set only if this run created the job.
	job     modelarts.VisualizationJob // in the response to the create request, with the name and path of the request
	created time.Time                  // by the local clock
}

// ownership knows which jobs this run created, adopts, adopted and deletes. A job has one owner
// in a run, and a create waits for the delete of an existing job with its name and path.
type ownership struct {
	waits atomic.Int64 // operations that wait for a job

	mu       sync.Mutex
	reserved map[jobKey]bool
	jobs     map[int64]ownedJob
	changed  chan struct{} // closed, and replaced, when a claim or a reservation changes

	delayFrom time.Time // when maxDeleteDelay begins: the start of the last delete, or the end of a later wait; zero before the first delete
	gaveUp    time.Time // when a create last gave up, because no delete started
}

// await calls try until it returns 0 or an error: after each change, and at the latest after the time that try
// returned. The error is that of try or of ctx.
func (o *ownership) await(ctx context.Context, try func() (left time.Duration, err error)) error {
	for {
		o.mu.Lock()
		left, err := try()
		changed := o.changed
		o.mu.Unlock()
		if err != nil || left == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		case <-time.After(left):
		}
	}
}

// notify wakes all callers that wait for a change. The caller holds o.mu.
func (o *ownership) notify() {
	close(o.changed)
	o.changed = make(chan struct{})
}

// reserve keeps other resources of this run from creating a job with the same key until the key is
// released. Otherwise both could find that none exists.
func (o *ownership) reserve(ctx context.Context, key jobKey) error {
	return o.await(ctx, func() (time.Duration, error) {
		if o.reserved[key] {
			return noLimit, nil
		}
		o.reserved[key] = true
		return 0, nil
	})
}

func (o *ownership) release(key jobKey) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.reserved, key)
	o.notify()
}

// add records a job that this run created. A job that another resource of this run owns keeps
// its owner, because the response to the create request had a wrong ID.
func (o *ownership) add(key jobKey, job modelarts.VisualizationJob) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.jobs[job.ID].claim != claimNone {
		return
	}
	job.Name, job.TrainURL = key.name, key.path
	o.jobs[job.ID] = ownedJob{claim: claimOwned, job: job, created: time.Now()}
}

// created returns the jobs that this run created with a key, by ID.
func (o *ownership) created(key jobKey) map[int64]modelarts.VisualizationJob {
	o.mu.Lock()
	defer o.mu.Unlock()
	jobs := make(map[int64]modelarts.VisualizationJob)
	for id, owned := range o.jobs {
		if keyOf(&owned.job) == key {
			jobs[id] = owned.job
		}
	}
	return jobs
}

// get returns this run's record of a job. It is the zero value for a job that it doesn't own.
func (o *ownership) get(id int64) ownedJob {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.jobs[id]
}

// adopt starts the adoption of a job, and reports whether it did. It doesn't if a resource of this
// run owns or deletes the job.
func (o *ownership) adopt(id int64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.jobs[id].claim != claimNone {
		return false
	}
	o.jobs[id] = ownedJob{claim: claimAdopting}
	return true
}

func (o *ownership) endAdoption(id int64, complete bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.jobs, id)
	if complete {
		o.jobs[id] = ownedJob{claim: claimAdopted}
	}
	o.notify()
}

// beginDelete claims a job for a delete, after the end of an adoption that has started. The error is
// ErrAdopted if the adoption is complete, and a *WaitError if ctx ends before.
func (o *ownership) beginDelete(ctx context.Context, id int64) error {
	start := time.Now()
	err := o.await(ctx, func() (time.Duration, error) {
		o.delayFrom = time.Now()
		owned := o.jobs[id]
		switch owned.claim {
		case claimAdopting:
			return noLimit, nil
		case claimAdopted:
			return 0, ErrAdopted
		default:
		}
		owned.claim = claimDeleting
		o.jobs[id] = owned
		o.notify()
		return 0, nil
	})
	if err == nil || errors.Is(err, ErrAdopted) {
		return err
	}
	return &WaitError{Goal: "adopted", ID: id, Waited: time.Since(start), Err: err}
}

// endDelete ends a delete. It failed if err isn't nil.
func (o *ownership) endDelete(id int64, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	owned := o.jobs[id]
	owned.claim, owned.deleteErr = claimDeleted, err
	if err != nil {
		owned.claim = claimOwned
	}
	o.jobs[id] = owned
	o.notify()
}

// endWait ends an operation that waited for a job. The creates that wait for a delete wait longer then, because the
// end of an operation frees one of Terraform's slots.
func (o *ownership) endWait() {
	o.waits.Add(-1)
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.delayFrom.IsZero() {
		o.delayFrom = time.Now()
	}
}

// awaitDelete waits until this run has deleted at least one of the jobs and deletes none of them
// anymore. The error is a *WaitError if ctx ends during a delete. It is an *ExistsError if a job has
// another owner, if a delete failed, or if no delete starts.
func (o *ownership) awaitDelete(ctx context.Context, jobs []modelarts.VisualizationJob) error {
	start := time.Now()
	var deleting *modelarts.VisualizationJob
	err := o.await(ctx, func() (time.Duration, error) {
		deleting = nil
		hasDeleted := false
		for i := range jobs {
			switch owned := o.jobs[jobs[i].ID]; owned.claim {
			case claimNone:
			case claimDeleting:
				deleting = &jobs[i]
			case claimDeleted:
				hasDeleted = true
			default:
				return 0, &ExistsError{Jobs: jobs, Owned: len(jobs) == 1, DeleteErr: owned.deleteErr}
			}
		}
		switch left := o.delayLeft(start); {
		case deleting != nil:
			return noLimit, nil
		case hasDeleted:
			return 0, nil
		case left > 0:
			return left, nil
		}
		o.gaveUp = time.Now()
		return 0, &ExistsError{Jobs: jobs}
	})
	switch {
	case err == nil || is[*ExistsError](err):
		return err
	case deleting == nil:
		return &ExistsError{Jobs: jobs}
	default:
		return &WaitError{Goal: "deleted", ID: deleting.ID, Last: deleting, Waited: time.Since(start), Err: err}
	}
}

// delayLeft returns how long a create that has waited since start still waits for a delete to
// start. In a run that deletes, each operation that ends frees one of Terraform's slots for
// the delete, so the create waits for them all. The caller holds o.mu.
func (o *ownership) delayLeft(start time.Time) time.Duration {
	if !o.delayFrom.IsZero() && o.waits.Load() > 0 {
		return maxDeleteDelay
	}
	left := maxDeleteDelay - min(time.Since(start), time.Since(o.delayFrom))
	return max(left, giveUpInterval-time.Since(o.gaveUp))
}
