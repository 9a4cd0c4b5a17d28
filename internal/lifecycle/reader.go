package lifecycle

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

const (
	// maxSingleReads is how many jobs are read with a GET each, however short the list is.
	maxSingleReads = 5
	// listCooldown is how long the reader sends no list request for reads after one failed.
	listCooldown = time.Minute
	// maxListWait is how long a read waits for a list before it sends a GET instead.
	maxListWait = 30 * time.Second
	// unknownID stands for the jobs that this run might have created without a response.
	unknownID = 0
	// noLimit is for a wait that only the context ends.
	noLimit = time.Duration(math.MaxInt64)
)

// reader returns jobs as they are. Concurrent callers share a list of all jobs if that
// takes fewer requests than a GET for each job.
//
// A returned job is at most maxListAge older than the call, and newer than each GET or change of the job by this run
// that ended before the call. A list proves that a job exists. That a job doesn't exist takes a GET as well.
type reader struct {
	api   API
	base  context.Context // of shared lists, which belong to no single caller
	waits *atomic.Int64   // operations that wait for a job and poll again and again
	turn  chan struct{}   // full while a list is read

	listStarted time.Time // when a list started last; guarded by turn

	mu          sync.Mutex
	expired     map[int64]time.Time // a list has to start later to be valid for the job with an ID, or for unknownID
	clockOffset time.Duration       // of the server's clock, ahead of the local one
	reads       []time.Time         // when the reads of the last maxListAge started
	next        *sharedList         // the last one that was requested; nil after its end
	latest      *sharedList         // the last one that was read
	listed      chan struct{}       // closed, and replaced, when a list was read
	pages       int                 // requests that a list takes, as far as known
	listFailed  time.Time           // when a list failed last
}

func newReader(base context.Context, api API, waits *atomic.Int64) *reader {
	return &reader{
		api:     api,
		base:    base,
		waits:   waits,
		turn:    make(chan struct{}, 1),
		expired: make(map[int64]time.Time),
		listed:  make(chan struct{}),
	}
}

// read returns the job as it is, or as it was at most maxAge ago. The error is a *NotFoundError if the job certainly doesn't exist.
func (r *reader) read(ctx context.Context, id int64, maxAge time.Duration) (*modelarts.VisualizationJob, error) {
	after := r.oldest(id, maxAge)
	if !r.prefersList(after) {
		return r.get(ctx, id, false)
	}
	l, err := r.list(ctx, after, maxListWait)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case modelarts.IsOutage(err), modelarts.IsThrottled(err): // a GET would fail as well
		return nil, err
	case err != nil:
		return r.get(ctx, id, false) // the credentials might allow a GET, but no list
	}
	if job := l.job(id); job != nil {
		return job, nil
	}
	return r.get(ctx, id, l.page.Complete)
}

// poll returns the job as it is after an interval. It returns earlier if a list of another caller that
// started after the call contains the job. It returns the errors of read.
func (r *reader) poll(ctx context.Context, id int64, interval time.Duration) (*modelarts.VisualizationJob, error) {
	called, due := time.Now(), time.After(interval)
	for {
		r.mu.Lock()
		l, listed := r.latest, r.listed
		r.mu.Unlock()
		if l != nil && l.started.After(called) {
			if job := l.job(id); job != nil {
				return job, nil
			}
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-due:
			return r.read(ctx, id, min(time.Since(called), maxListAge))
		case <-listed:
		}
	}
}

// get reads one job with a GET. isUnlisted is true if a complete list lacks the job. One 404 of
// the service is enough then to prove that the job doesn't exist.
func (r *reader) get(ctx context.Context, id int64, isUnlisted bool) (*modelarts.VisualizationJob, error) {
	job, err := r.api.GetVisualizationJob(ctx, id)
	if modelarts.IsNotFound(err) && !isUnlisted {
		// Terraform drops a job that doesn't exist from the state, and then creates and
		// bills another one. So it takes two responses.
		job, err = r.api.GetVisualizationJob(ctx, id)
	}
	r.expireLists(id)
	switch {
	case !canMeanNotFound(err): // also without an error
		return job, err
	case modelarts.IsNotFound(err) || isUnlisted:
		return nil, &NotFoundError{ID: id, Err: err}
	}
	// No error code for an unknown job is documented, so an error response alone proves
	// nothing. A complete list without the job does.
	l, listErr := r.list(ctx, r.oldest(id, maxListAge), noLimit)
	switch {
	case listErr != nil:
		return nil, err
	case l.job(id) != nil:
		return l.job(id), nil
	case l.page.Complete:
		return nil, &NotFoundError{ID: id, Err: err}
	default:
		return nil, err
	}
}

// oldest returns the time after which a list has to start to be valid for a job.
func (r *reader) oldest(id int64, maxAge time.Duration) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	after := time.Now().Add(-maxAge)
	if expired := r.expired[id]; expired.After(after) {
		return expired
	}
	return after
}

// expireLists records that a GET of a job, or a request of this run to change it, ended.
func (r *reader) expireLists(id int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expired[id] = time.Now()
}

// countRead counts a read that no wait sends.
func (r *reader) countRead() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reads = append(r.reads, time.Now())
}

// prefersList reports whether there is a list that started after a time, or whether a list takes fewer requests than a GET for each
// job that an operation waits for and for as many jobs as were read lately: the next reads follow soon.
func (r *reader) prefersList(after time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.latest != nil && r.latest.started.After(after) {
		return true
	}
	now := time.Now()
	r.reads = slices.DeleteFunc(r.reads, func(started time.Time) bool { return now.Sub(started) > maxListAge })
	// Each page after the first must save two GETs, because some of the jobs that are counted
	// will be read before the list is there.
	isCheaper := len(r.reads)+int(r.waits.Load()) > max(maxSingleReads, 2*(r.pages-1))
	return isCheaper && now.Sub(r.listFailed) >= listCooldown
}

// serverTime returns the time by the server's clock, as far as it is known.
func (r *reader) serverTime() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Now().Add(r.clockOffset)
}
