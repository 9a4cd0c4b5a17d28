package lifecycle

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

const (
	// fewJobs is how many jobs are looked at one by one whatever a list takes.
	fewJobs = 5
	// listCooldown is how long no list is tried after one failed or was slow.
	listCooldown = time.Minute
	// longestList is how long a look waits for a list before it goes without.
	longestList = 30 * time.Second
	// A late list is blamed only if it took more than muchSlower times as long as a single
	// GET right after it.
	muchSlower = 4
)

// observer tells how jobs are. Those who ask at about the same time share one list of
// all jobs, where that takes fewer calls than a look at each.
//
// What it tells was so at most maxListAge before it was asked, after the last change
// of the job by this run, and never before what was told earlier. A list shows that
// a job is there; that it is gone takes a look at the job.
type observer struct {
	api  API
	base context.Context // of lists, which belong to no single caller
	few  int             // fewJobs

	mu                sync.Mutex
	clock             uint64           // counts what happens: a list begins, a look or a change ends
	since             map[int64]uint64 // by job: a list has to begin later to tell how it is
	unlisted          map[int64]bool   // jobs that are there and on no list, as those of other workspaces
	created           map[int64]bool   // by this run: lists will have them
	reads             []time.Time      // when the reads of the last maxListAge were asked for
	waits             int              // how many wait for a job, and look again and again
	newest            *listing         // the last that was asked for
	latest            *listing         // the last that was published
	published         chan struct{}    // closed when the next one is
	pages             int              // how many calls a list takes, as far as is known
	late              time.Duration    // how long a list took that was older than maxListAge when published; 0 once compared
	listsUselessSince time.Time        // when the last one failed or was slow
}

func newObserver(base context.Context, api API) *observer {
	return &observer{
		api:       api,
		base:      base,
		few:       fewJobs,
		since:     make(map[int64]uint64),
		unlisted:  make(map[int64]bool),
		created:   make(map[int64]bool),
		published: make(chan struct{}),
	}
}

// read returns the job as it is now, or was a moment ago. The error is *NotFoundError
// when it is certain that there is none.
func (o *observer) read(ctx context.Context, id int64) (*modelarts.VisualizationJob, error) {
	return o.look(ctx, id, 0, true)
}

// wait counts a wait, which looks again and again, until leave is called.
func (o *observer) wait() (leave func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waits++
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.waits--
	}
}

// watch returns the job as it is at the time due, or earlier if a list shows it that
// began after the call and that others wanted. Its errors are those of read.
func (o *observer) watch(ctx context.Context, id int64, due time.Time) (*modelarts.VisualizationJob, error) {
	asked := o.now()
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	for {
		job, published := o.news(id, asked)
		if job != nil {
			return job, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timer.C:
			return o.look(ctx, id, asked, false)
		case <-published:
		}
	}
}

// news returns the job if the latest list began after since and has it. Otherwise the
// channel is closed when the next list is published.
func (o *observer) news(id int64, since uint64) (*modelarts.VisualizationJob, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if l := o.latest; l != nil && l.number > since {
		if job := l.job(id); job != nil {
			return job, nil
		}
	}
	return nil, o.published
}

// look returns the job as of tick since or later. isRead counts the call as a read; a wait
// is counted by wait.
func (o *observer) look(ctx context.Context, id int64, since uint64, isRead bool) (*modelarts.VisualizationJob, error) {
	l, late := o.listFor(id, since, isRead) //nolint:contextcheck // a shared list can outlive its first caller
	if l == nil {
		return o.compare(ctx, id, late)
	}
	err := o.await(ctx, l, longestList)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case modelarts.IsOutage(err):
		return nil, err
	case modelarts.IsThrottled(err): // single requests would be refused as well
		if again, waitErr := outlast(ctx, err); !again || waitErr != nil {
			return nil, cmp.Or(waitErr, err)
		}
		return o.look(ctx, id, since, isRead)
	case errors.Is(err, errListTooSlow):
		return o.compare(ctx, id, longestList)
	case err != nil:
		return o.get(ctx, id) // who may not list, or cannot, may still look
	}
	if job := l.job(id); job != nil {
		return job, nil
	}
	return o.getUnlisted(ctx, id, l.isComplete)
}

// listFor joins the list that is to tell how a job is after since. It is nil if a single
// look is better; late is then how long a list took that is to be compared with it, or 0.
func (o *observer) listFor(id int64, since uint64, isRead bool) (l *listing, late time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if isRead {
		o.reads = append(o.reads, time.Now())
	}
	if late, o.late = o.late, 0; late > 0 {
		return nil, late
	}
	since = max(since, o.since[id])
	isThere := o.latest != nil && o.latest.isFresh(since, maxListAge)
	if o.unlisted[id] || !isThere && !o.listsPay() {
		return nil, 0
	}
	return o.join(since, maxListAge, false), 0
}

// compare looks at one job. If that is much faster than a list that took so long, the list
// is to blame, and not a service that is slow, or asked too often.
func (o *observer) compare(ctx context.Context, id int64, list time.Duration) (*modelarts.VisualizationJob, error) {
	took := o.stopwatch()
	job, err := o.get(ctx, id)
	if list > muchSlower*took() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.listsUselessSince = time.Now()
	}
	return job, err
}

// stopwatch returns a function that returns the time since, without the times in which
// requests were held back because the API refused some as too many: those say nothing of
// how fast it is.
func (o *observer) stopwatch() func() time.Duration {
	began, paused := time.Now(), o.api.Paused()
	return func() time.Duration { return time.Since(began) - (o.api.Paused() - paused) }
}

// listsPay reports whether a list takes fewer calls than a look at each job that somebody
// waits for, and at as many as were read lately: the next reads follow soon. The caller
// holds o.mu.
func (o *observer) listsPay() bool {
	now := time.Now()
	o.reads = slices.DeleteFunc(o.reads, func(asked time.Time) bool { return now.Sub(asked) > maxListAge })
	if now.Sub(o.listsUselessSince) < listCooldown {
		return false
	}
	// Each page beyond the first must save two GETs: some of those counted will be answered
	// before the list comes.
	return len(o.reads)+o.waits > max(o.few, 2*(o.pages-1))
}

// get looks at one job.
func (o *observer) get(ctx context.Context, id int64) (*modelarts.VisualizationJob, error) {
	return o.getUnlisted(ctx, id, false)
}

// getUnlisted looks at a job that a list lacks. If that list is complete, it is proven that
// there is none as soon as the service says so as well.
func (o *observer) getUnlisted(ctx context.Context, id int64, isComplete bool) (*modelarts.VisualizationJob, error) {
	job, err := o.api.GetVisualizationJob(ctx, id)
	if modelarts.IsNotFound(err) && !isComplete {
		// It takes two answers: what is taken for gone is dropped from the state, and made
		// and billed once more.
		job, err = o.api.GetVisualizationJob(ctx, id)
	}
	switch {
	case err == nil:
		o.saw(id, isComplete)
		return job, nil
	case !mayMeanGone(err):
		return nil, err
	case modelarts.IsNotFound(err), isComplete:
		o.saw(id, false)
		return nil, &NotFoundError{ID: id, Err: err}
	}
	// No code for an unknown job is documented, so the words of a refusal prove nothing. A
	// complete list without the job does.
	l, listErr := o.list(ctx, o.lastSeen(id), maxListAge)
	switch {
	case listErr != nil:
		return nil, err
	case l.job(id) != nil:
		return l.job(id), nil
	case l.isComplete:
		return nil, &NotFoundError{ID: id, Err: err}
	default:
		return nil, err
	}
}

// saw notes that a look or a change ended: lists that began before do not know of it. A job
// that is there and unlisted is from now on looked at by itself.
func (o *observer) saw(id int64, unlisted bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.since[id] = o.tick()
	if unlisted && !o.created[id] {
		o.unlisted[id] = true
	}
}

// add notes that this run created a job.
func (o *observer) add(id int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.created[id] = true
	o.since[id] = o.tick()
}

func (o *observer) lastSeen(id int64) uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.since[id]
}

// now returns the time by o.clock: lists that begin from now on have a later one.
func (o *observer) now() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.clock
}

// tick returns the next time by o.clock. The caller holds o.mu.
func (o *observer) tick() uint64 {
	o.clock++
	return o.clock
}

// changer is an API whose changes an observer knows of. What it creates nobody asks for
// before it is added to the index.
type changer struct {
	API
	observer *observer
}

// UpdateVisualizationJob implements API.
func (c changer) UpdateVisualizationJob(ctx context.Context, id int64, description string) error {
	defer c.observer.saw(id, false)
	return c.API.UpdateVisualizationJob(ctx, id, description)
}

// StopVisualizationJob implements API.
func (c changer) StopVisualizationJob(ctx context.Context, id int64) error {
	defer c.observer.saw(id, false)
	return c.API.StopVisualizationJob(ctx, id)
}

// RestartVisualizationJob implements API.
func (c changer) RestartVisualizationJob(ctx context.Context, id int64) error {
	defer c.observer.saw(id, false)
	return c.API.RestartVisualizationJob(ctx, id)
}

// DeleteVisualizationJob implements API.
func (c changer) DeleteVisualizationJob(ctx context.Context, id int64) error {
	defer c.observer.saw(id, false)
	return c.API.DeleteVisualizationJob(ctx, id)
}
