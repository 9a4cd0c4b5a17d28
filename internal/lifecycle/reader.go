package lifecycle

import (
	"cmp"
	"context"
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
)

// reader returns jobs as they are. Concurrent callers share a list of all jobs if that
// takes fewer requests than a GET for each job.
//
// A job that it returns was so at most maxListAge before the call and after the last change
// by this run. It is never older than one that the reader returned before, to any caller. A
// list proves that a job exists. That a job doesn't exist takes a GET as well.
type reader struct {
	api            API
	base           context.Context // of shared lists, which belong to no single caller
	waits          *atomic.Int64   // operations that wait for a job and poll again and again
	maxSingleReads int

	mu             sync.Mutex
	revision       uint64 // counts events: a list starts or ends, a GET or a change ends
	jobs           map[int64]*jobRecord
	createRevision uint64        // a list for a create has to start after it
	clockOffset    time.Duration // of the server's clock, ahead of the local one
	reads          []time.Time   // when the reads of the last maxListAge started
	requested      *sharedList   // requested last
	latest         *sharedList   // published last
	published      chan struct{} // closed, and replaced, when a list is published
	pages          int           // requests that a list takes, as far as known
	listFailed     time.Time     // when a list failed last
}

// jobRecord is the reader's knowledge of one job.
type jobRecord struct {
	minRevision uint64 // a list has to start after it to answer for the job
	created     bool   // by this run, so lists will contain the job
	unlisted    bool   // exists and is on no list, like the jobs of other workspaces

	// The newest job that was returned, unless the job changed since.
	job      modelarts.VisualizationJob
	isKnown  bool
	knownFor uint64 // the revision at which its response, or the change, ended
}

func newReader(base context.Context, api API, waits *atomic.Int64) *reader {
	return &reader{
		api:            api,
		base:           base,
		waits:          waits,
		maxSingleReads: maxSingleReads,
		jobs:           make(map[int64]*jobRecord),
		published:      make(chan struct{}),
	}
}

// read returns the job as it is after minRevision. isNew is false if a wait sends the read,
// which is counted as a wait already. The error is a *NotFoundError if the job certainly
// doesn't exist.
func (r *reader) read(ctx context.Context, id int64, minRevision uint64, isNew bool) (*modelarts.VisualizationJob, error) {
	for {
		l := r.listFor(id, minRevision, isNew) //nolint:contextcheck // a shared list can outlive its first caller
		if l == nil {
			return r.get(ctx, id, false)
		}
		limited, cancel := context.WithTimeout(ctx, maxListWait)
		err := r.await(limited, l)
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case modelarts.IsOutage(err):
			return nil, err
		case modelarts.IsThrottled(err): // a GET would be rejected as well
			if again, waitErr := waitOutThrottle(ctx, err); !again || waitErr != nil {
				return nil, cmp.Or(waitErr, err)
			}
			continue
		case err != nil:
			return r.get(ctx, id, false) // the credentials might allow a GET, but no list
		case l.job(id) == nil:
			return r.get(ctx, id, l.page.Complete)
		}
		if job := r.fromList(id, l); job != nil {
			return job, nil
		}
	}
}

// poll returns the job as it is at the time due. It returns earlier if a list of another caller that
// started after the call contains the job. It returns the errors of read.
func (r *reader) poll(ctx context.Context, id int64, due time.Time) (*modelarts.VisualizationJob, error) {
	called := r.now()
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	for {
		l, published := r.latestList()
		if l != nil && l.revision > called {
			if job := r.fromList(id, l); job != nil {
				return job, nil
			}
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timer.C:
			return r.read(ctx, id, called, false)
		case <-published:
		}
	}
}

// get reads one job with a GET. isUnlisted is true if a complete list lacks the job. One 404 of
// the service is enough then to prove that the job doesn't exist.
func (r *reader) get(ctx context.Context, id int64, isUnlisted bool) (*modelarts.VisualizationJob, error) {
	for {
		sent := r.now()
		job, err := r.api.GetVisualizationJob(ctx, id)
		if modelarts.IsNotFound(err) && !isUnlisted {
			// Terraform drops a job that doesn't exist from the state, and then creates and
			// bills another one. So it takes two responses.
			job, err = r.api.GetVisualizationJob(ctx, id)
		}
		switch {
		case err == nil:
			if job := r.recordGet(id, sent, job, isUnlisted); job != nil {
				return job, nil
			}
			continue
		case !canMeanNotFound(err):
			return nil, err
		case modelarts.IsNotFound(err), isUnlisted:
			r.recordChange(id)
			return nil, &NotFoundError{ID: id, Err: err}
		}
		// No error code for an unknown job is documented, so an error response alone proves
		// nothing. A complete list without the job does.
		l, listErr := r.list(ctx, r.minRevision(id), maxListAge)
		switch {
		case listErr != nil, l.job(id) == nil && !l.page.Complete:
			return nil, err
		case l.job(id) == nil:
			return nil, &NotFoundError{ID: id, Err: err}
		}
		if job := r.fromList(id, l); job != nil {
			return job, nil
		}
	}
}

// listFor returns the list that answers for a job after minRevision, or nil if a GET is better.
func (r *reader) listFor(id int64, minRevision uint64, isNew bool) *sharedList {
	r.mu.Lock()
	defer r.mu.Unlock()
	if isNew {
		r.reads = append(r.reads, time.Now())
	}
	record := r.record(id)
	minRevision = max(minRevision, record.minRevision)
	isFresh := r.latest != nil && r.latest.isFresh(minRevision, maxListAge)
	if record.unlisted || !isFresh && !r.isListCheaper() {
		return nil
	}
	return r.join(minRevision, maxListAge, false)
}

// isListCheaper reports whether a list takes fewer requests than a GET for each job that an
// operation waits for and for as many jobs as were read lately: the next reads follow soon.
// The caller holds r.mu.
func (r *reader) isListCheaper() bool {
	now := time.Now()
	r.reads = slices.DeleteFunc(r.reads, func(started time.Time) bool { return now.Sub(started) > maxListAge })
	if now.Sub(r.listFailed) < listCooldown {
		return false
	}
	// Each page after the first must save two GETs, because some of the jobs that are counted
	// will be read before the list is there.
	return len(r.reads)+int(r.waits.Load()) > max(r.maxSingleReads, 2*(r.pages-1))
}

// newest returns the job of a response, or the newest job that was returned before if the two
// responses overlapped: then the later one might be older. It returns nil if the job changed
// while the request was in flight. sent and received are revisions. The caller holds r.mu.
func (r *reader) newest(id int64, sent, received uint64, job *modelarts.VisualizationJob) *modelarts.VisualizationJob {
	record := r.record(id)
	switch {
	case record.knownFor <= sent:
		record.job, record.isKnown, record.knownFor = *job, true, received
		return job
	case record.isKnown:
		*job = record.job
		return job
	default:
		return nil
	}
}

// fromList returns the job that a published list contains, or a newer one. It returns nil if the list
// doesn't contain the job, or if the job changed after the list started.
func (r *reader) fromList(id int64, l *sharedList) *modelarts.VisualizationJob {
	job := l.job(id)
	if job == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.newest(id, l.revision, l.published, job)
}

// recordGet records the response to a GET. Lists that started earlier can't answer for the job
// anymore. If isUnlisted, the job is read with a GET from now on. It returns the
// newest job, or nil if the job changed while the GET was in flight.
func (r *reader) recordGet(id int64, sent uint64, job *modelarts.VisualizationJob, isUnlisted bool) *modelarts.VisualizationJob {
	r.mu.Lock()
	defer r.mu.Unlock()
	record := r.record(id)
	record.minRevision = r.nextRevision()
	record.unlisted = record.unlisted || isUnlisted && !record.created
	return r.newest(id, sent, record.minRevision, job)
}

// recordChange records that a request of this run to change a job ended, or that the job is
// gone. Responses to requests that started earlier don't count anymore.
func (r *reader) recordChange(id int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	record := r.record(id)
	record.minRevision = r.nextRevision()
	record.knownFor, record.isKnown = record.minRevision, false
}

// recordCreated records that this run created a job.
func (r *reader) recordCreated(id int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.record(id).created = true
	r.record(id).minRevision = r.nextRevision()
}

// recordUnknownCreate makes the next create read a new list, because this run might have created
// a job whose ID it doesn't know.
func (r *reader) recordUnknownCreate() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.createRevision = r.revision
}

// serverTime returns the time by the server's clock, as far as it is known.
func (r *reader) serverTime() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Now().Add(r.clockOffset)
}

func (r *reader) minRevision(id int64) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.record(id).minRevision
}

// now returns the current revision. Lists that start from now on have a later one.
func (r *reader) now() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.revision
}

// nextRevision counts an event. The caller holds r.mu.
func (r *reader) nextRevision() uint64 {
	r.revision++
	return r.revision
}

// record returns the record of a job. The caller holds r.mu.
func (r *reader) record(id int64) *jobRecord {
	record := r.jobs[id]
	if record == nil {
		record = &jobRecord{}
		r.jobs[id] = record
	}
	return record
}
