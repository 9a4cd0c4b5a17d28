package lifecycle

import (
	"context"
	"errors"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

const (
	// maxListAge is how old a list can be to answer a read, counted from its first request.
	maxListAge = 2 * time.Second
	// maxCreateListAge is how old the list can be that a create checks. All creates within that
	// time share one list.
	maxCreateListAge = time.Minute
	// listSpacing is the minimum time between the starts of two lists, so that callers that
	// follow each other share one.
	listSpacing = minPollInterval
)

// errListTooExpensive ends a list that takes more requests than it saves.
var errListTooExpensive = errors.New("the list takes more requests than it saves")

// sharedList is one list of all jobs of the default workspace. All callers that need
// one while it is read, or shortly after, share it.
type sharedList struct {
	done   chan struct{} // closed when the list was read, failed or was canceled
	cancel context.CancelFunc

	// Guarded by the reader's lock.
	waiting    int       // how many callers wait for it; it is canceled when there are none
	exhaustive bool      // a caller needs the absence of jobs proven, whatever that costs
	started    time.Time // zero before the first request
	revision   uint64    // at the start
	published  uint64    // the revision at the end
	err        error     // why it failed

	// Constant after the end.
	page   *modelarts.JobPage // all jobs; if it is complete, a job that it lacks doesn't exist
	byID   map[int64]int      // index into page.Jobs
	isOnce bool               // read once, although a second time could have completed it
}

// isFresh reports whether the list started after minRevision, and at most maxAge ago.
func (l *sharedList) isFresh(minRevision uint64, maxAge time.Duration) bool {
	return l.revision > minRevision && time.Since(l.started) <= maxAge
}

// job returns a copy of the job with an ID, or nil.
func (l *sharedList) job(id int64) *modelarts.VisualizationJob {
	i, listed := l.byID[id]
	if !listed {
		return nil
	}
	job := l.page.Jobs[i]
	return &job
}

// list returns a list that started after minRevision, and at most maxAge ago. If it was
// incomplete, it was read again, once, and can still be incomplete: the provider has to work
// with a service whose total is always wrong.
func (r *reader) list(ctx context.Context, minRevision uint64, maxAge time.Duration) (*sharedList, error) {
	for {
		r.mu.Lock()
		l := r.join(minRevision, maxAge, true) //nolint:contextcheck // a shared list can outlive its first caller
		r.mu.Unlock()
		err := r.await(ctx, l)
		if again, err := waitOutThrottle(ctx, err); err != nil {
			return nil, err
		} else if again {
			continue
		}
		// The list might have been canceled, or read only once, before this caller joined it.
		if errors.Is(err, errListTooExpensive) || err == nil && l.isOnce {
			continue
		}
		return l, err
	}
}

// listForCreate returns the list in which a create searches for jobs with its name and path.
func (r *reader) listForCreate(ctx context.Context) (*sharedList, error) {
	r.mu.Lock()
	minRevision := r.createRevision
	r.mu.Unlock()
	return r.list(ctx, minRevision, maxCreateListAge)
}

// waitOutThrottle waits as long as the API asked for when it throttled a list, and reports whether to send
// the list again. A list has no deadline, so the client fails earlier than most operations have to.
func waitOutThrottle(ctx context.Context, err error) (again bool, _ error) {
	throttled, ok := errors.AsType[*modelarts.ThrottledError](err)
	if deadline, bounded := ctx.Deadline(); !ok || bounded && time.Until(deadline) <= throttled.Wait {
		return false, nil
	}
	return true, sleep(ctx, throttled.Wait)
}

// join returns a list that started after minRevision and at most maxAge ago, or that will
// start. The caller has to await the list, and holds r.mu.
func (r *reader) join(minRevision uint64, maxAge time.Duration, exhaustive bool) *sharedList {
	isUsable := func(l *sharedList) bool {
		switch {
		case l == nil, l.err != nil, l != r.latest && l.waiting == 0: // none, failed or canceled
			return false
		case !l.started.IsZero() && !l.isFresh(minRevision, maxAge):
			return false
		}
		return l != r.latest || !exhaustive || !l.isOnce
	}
	l := r.latest
	if !isUsable(l) {
		l = r.requested
	}
	if !isUsable(l) {
		l = r.newList()
	}
	l.waiting++
	l.exhaustive = l.exhaustive || exhaustive
	return l
}

// newList returns a list that starts after the end of the previous one. The caller holds r.mu.
func (r *reader) newList() *sharedList {
	l := &sharedList{done: make(chan struct{})}
	ctx, cancel := context.WithCancel(r.base)
	l.cancel = cancel
	go r.run(ctx, l, r.requested)
	r.requested = l
	return l
}

// await waits for a list. Then it cancels the list if no other caller waits for it.
func (r *reader) await(ctx context.Context, l *sharedList) error {
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if l.waiting--; l.waiting == 0 {
			l.cancel()
		}
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-l.done:
		return l.err
	}
}

// run reads a list after the previous one, and publishes it.
func (r *reader) run(ctx context.Context, l, previous *sharedList) {
	err := r.start(ctx, l, previous)
	if err == nil {
		err = r.fetch(ctx, l)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	defer close(l.done)
	l.err = err
	if err == nil {
		r.publish(l)
		return
	}
	if ctx.Err() == nil && !modelarts.IsOutage(err) && !modelarts.IsThrottled(err) && !errors.Is(err, errListTooExpensive) {
		r.listFailed = time.Now()
	}
}

// start waits until a list can start, and records when it does.
func (r *reader) start(ctx context.Context, l, previous *sharedList) error {
	if previous != nil {
		<-previous.done // even if no caller waits for l: the list after l waits for l only
		if err := sleep(ctx, listSpacing-time.Since(previous.started)); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !l.exhaustive && time.Since(r.listFailed) < listCooldown {
		return errListTooExpensive // the previous one failed
	}
	l.revision, l.started = r.nextRevision(), time.Now()
	return nil
}

// fetch reads the list, and reads it again if it is incomplete and has to be exhaustive.
func (r *reader) fetch(ctx context.Context, l *sharedList) error {
	isExhaustive := func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		l.isOnce = !l.exhaustive
		return l.exhaustive
	}
	page, err := readList(ctx, r.api, modelarts.ListOptions{}, func(first *modelarts.JobPage) error {
		return r.checkCost(l, first)
	}, isExhaustive)
	if err != nil {
		return err
	}
	l.page, l.byID = page, make(map[int64]int, len(page.Jobs))
	for i := range page.Jobs {
		l.byID[page.Jobs[i].ID] = i
	}
	return nil
}

// checkCost returns errListTooExpensive if GETs take fewer requests than the list whose first
// page was received.
func (r *reader) checkCost(l *sharedList, first *modelarts.JobPage) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	rows := max(len(first.Jobs), 1)
	r.pages = max((first.TotalCount+rows-1)/rows, 1)
	if r.pages > 1 && !l.exhaustive && !r.isListCheaper() {
		return errListTooExpensive
	}
	return nil
}

// publish makes a list the latest, and wakes the polls. The caller holds r.mu.
func (r *reader) publish(l *sharedList) {
	r.latest, l.published = l, r.nextRevision()
	if !l.page.ServerTime.IsZero() {
		r.clockOffset = time.Until(l.page.ServerTime)
	}
	for id := range l.byID {
		if record := r.jobs[id]; record != nil {
			record.unlisted = false
		}
	}
	close(r.published)
	r.published = make(chan struct{})
}

// latestList returns the list that was published last, if any, and a channel that is closed when
// the next one is.
func (r *reader) latestList() (*sharedList, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.latest, r.published
}

// readList reads all pages of a list. If the list is incomplete and repeat returns true, it reads
// the list again, once. checkFirst, if set, can end it after the first page.
func readList(
	ctx context.Context, api API, options modelarts.ListOptions,
	checkFirst func(*modelarts.JobPage) error, repeat func() bool,
) (*modelarts.JobPage, error) {
	for isRepeated := false; ; isRepeated = true {
		var list *modelarts.JobPage
		for page, err := range api.VisualizationJobPages(ctx, options) {
			switch {
			case err != nil:
				return nil, err
			case list == nil:
				list = page
				if checkFirst != nil {
					if err := checkFirst(page); err != nil {
						return nil, err
					}
				}
				continue
			}
			list.Append(page)
		}
		if list.Complete || isRepeated || !repeat() {
			return list, nil
		}
	}
}
