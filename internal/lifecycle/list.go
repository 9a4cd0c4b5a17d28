package lifecycle

import (
	"context"
	"errors"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

const (
	// maxListAge is the maximum age of a list that is used for a read, counted from its first request.
	maxListAge = 2 * time.Second
	// maxCreateListAge is how old the list can be that a create checks. All creates within that
	// time share one list.
	maxCreateListAge = time.Minute
	// listSpacing is the minimum time between the starts of two lists, so that callers that
	// follow each other share one.
	listSpacing = minPollInterval
)

// sharedList is one list of all jobs of the default workspace. All callers that need
// one while it is read, or shortly after, share it.
type sharedList struct {
	done   chan struct{} // closed at the end
	cancel context.CancelFunc

	// Guarded by the reader's lock.
	waiting int       // how many callers wait for the end
	started time.Time // zero before the first request

	// Constant after the end.
	err  error              // why it failed
	page *modelarts.JobPage // all jobs; if it is complete, a job that it lacks doesn't exist
	byID map[int64]int      // index into page.Jobs
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
	if err := sleep(ctx, listSpacing-time.Since(r.listStarted)); err != nil {
		return nil, 0, err
	}
	r.listStarted = time.Now()
	r.mu.Lock()
	l.started = r.listStarted
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
