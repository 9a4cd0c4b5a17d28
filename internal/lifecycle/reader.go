package lifecycle

import (
	"context"
	"errors"
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
	// listCooldown is how long the reader sends no list request for reads after one failed, except after a rejected GET.
	listCooldown = time.Minute
	// maxListWait is how long a read waits for a list before it sends a GET instead. After a rejected GET, only the
	// context limits the wait, because only a list can prove then that the job doesn't exist.
	maxListWait = 30 * time.Second
	// unknownID stands for the jobs that this run might have created without a response.
	unknownID = 0
	// maxListAge is the maximum age of a list that is used for a read, counted from its first request.
	maxListAge = 2 * time.Second
	// maxCreateListAge is how old the list can be that a create checks. All creates within that
	// time share one list.
	maxCreateListAge = time.Minute
	// listSpacing is the minimum time between the starts of two lists, so that callers that
	// follow each other share one.
	listSpacing = minPollInterval
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
	turn  chan struct{}   // full while a list is read; guards previous

	previous time.Time // when the last list started

	mu          sync.Mutex
	expired     map[int64]time.Time // a list has to start later to be valid for the job with an ID, or for unknownID
	clockOffset time.Duration       // of the server's clock, ahead of the local one
	reads       []time.Time         // when the reads of the last maxListAge started, without those of waits
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

// read returns the job as it is, or as it was at most maxAge ago. isWait is true if an operation that waits for the job
// sends it. The error is a *NotFoundError only if the service or a complete list shows that the job doesn't exist.
func (r *reader) read(ctx context.Context, id int64, maxAge time.Duration, isWait bool) (*modelarts.VisualizationJob, error) {
	after := r.oldest(id, maxAge)
	if !r.prefersList(after, isWait) {
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
			return r.read(ctx, id, min(time.Since(called), maxListAge), true)
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

// prefersList reports whether there is a list that started after a time, or whether a list takes fewer requests than a GET for each
// job that an operation waits for and for as many jobs as were read lately: the next reads follow soon. In the same step, it counts
// a read that no wait sends: concurrent reads would otherwise all see the count of the last one.
func (r *reader) prefersList(after time.Time, isWait bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if !isWait {
		r.reads = append(r.reads, now)
	}
	if r.latest != nil && r.latest.started.After(after) {
		return true
	}
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

// sharedList is one list of all jobs of the default workspace. All callers that need
// one while it is read, or shortly after, share it.
type sharedList struct {
	done   chan struct{} // closed at the end
	cancel context.CancelFunc

	// Guarded by the reader's lock. started is constant after the end.
	waiting int       // how many callers wait for the end
	started time.Time // zero before the first request

	// Constant after the end.
	err  error              // why it failed
	page *modelarts.JobPage // all jobs; see modelarts.JobPage.Complete
	byID map[int64]int      // index into page.Jobs
}

// job returns a copy of the job with an ID, or nil.
func (l *sharedList) job(id int64) *modelarts.VisualizationJob {
	if i, listed := l.byID[id]; listed {
		job := l.page.Jobs[i]
		return &job
	}
	return nil
}

// list returns a list that started after a time. The error is context.DeadlineExceeded if the list takes
// longer than maxWait.
func (r *reader) list(ctx context.Context, after time.Time, maxWait time.Duration) (*sharedList, error) {
	for {
		l := r.join(after) //nolint:contextcheck // a shared list can outlive its first caller
		var err error
		select {
		case <-l.done:
			err = l.err
		case <-ctx.Done():
			err = ctx.Err()
		case <-time.After(maxWait):
			err = context.DeadlineExceeded
		}
		r.leave(l)
		// A list has no deadline, so the client fails earlier than most callers have to.
		throttled, ok := errors.AsType[*modelarts.ThrottledError](err)
		if deadline, bounded := ctx.Deadline(); !ok || bounded && time.Until(deadline) <= throttled.Wait {
			return l, err
		}
		if err := sleep(ctx, throttled.Wait); err != nil {
			return nil, err
		}
	}
}

// join returns a list that started after a time, or that will start. The caller has to leave it.
func (r *reader) join(after time.Time) *sharedList {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.latest
	if l == nil || !l.started.After(after) {
		l = r.next
	}
	if l == nil || !l.started.IsZero() && !l.started.After(after) {
		ctx, cancel := context.WithCancel(r.base)
		l = &sharedList{done: make(chan struct{}), cancel: cancel}
		r.next = l
		go r.run(ctx, l)
	}
	l.waiting++
	return l
}

// leave cancels a list for which no caller waits anymore.
func (r *reader) leave(l *sharedList) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l.waiting--
	if l.waiting > 0 {
		return
	}
	l.cancel()
	if r.next == l {
		r.next = nil
	}
}

// run reads a list and makes it the latest. Without an error, it wakes the polls.
func (r *reader) run(ctx context.Context, l *sharedList) {
	defer close(l.done)
	defer l.cancel()
	page, pages, err := r.fetch(ctx, l)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next == l {
		r.next = nil
	}
	if err != nil {
		l.err = err
		if ctx.Err() == nil && !modelarts.IsOutage(err) && !modelarts.IsThrottled(err) {
			r.listFailed = time.Now()
		}
		return
	}
	l.page, l.byID = page, make(map[int64]int, len(page.Jobs))
	for i := range page.Jobs {
		l.byID[page.Jobs[i].ID] = i
	}
	if !page.ServerTime.IsZero() {
		r.clockOffset = time.Until(page.ServerTime)
	}
	r.latest, r.pages = l, pages
	close(r.listed)
	r.listed = make(chan struct{})
}

// fetch waits for the end of the list before, and reads the list.
func (r *reader) fetch(ctx context.Context, l *sharedList) (list *modelarts.JobPage, pages int, err error) {
	select {
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	}
	if err := sleep(ctx, listSpacing-time.Since(r.previous)); err != nil {
		return nil, 0, err
	}
	r.previous = time.Now()
	r.mu.Lock()
	l.started = r.previous
	r.mu.Unlock()
	return readList(ctx, r.api, modelarts.ListOptions{})
}

// readList reads all pages of a list, and returns their number. If the list is incomplete, it reads the list again, once. The
// list can still be incomplete then: the provider has to work with a service whose total is always wrong.
func readList(ctx context.Context, api API, options modelarts.ListOptions) (list *modelarts.JobPage, pages int, err error) {
	for range 2 {
		list, pages = nil, 0
		for page, err := range api.VisualizationJobPages(ctx, options) {
			if err != nil {
				return nil, 0, err
			}
			if pages++; pages == 1 {
				list = page
			} else {
				list.Append(page)
			}
		}
		if list.Complete {
			break
		}
	}
	return list, pages, nil
}
