package lifecycle

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

const (
	// maxListAge is how old a list may be, counted from its first request, to answer a look.
	maxListAge = 2 * time.Second
	// listSpacing is how far apart lists begin at least, so that those who ask one after
	// the other share one.
	listSpacing = firstPoll
	// forever is how long a list is waited for that nothing can replace.
	forever = math.MaxInt64
)

var (
	// errListTooExpensive ends a list that takes more calls than it saves.
	errListTooExpensive = errors.New("the list takes more calls than it saves")
	// errListTooSlow ends the wait for a list.
	errListTooSlow = errors.New("the list takes too long")
)

// listing is one list of all jobs of the default workspace. Those who look while it is
// read, or a little later, share it.
type listing struct {
	done   chan struct{} // closed when it was read, failed or was given up
	cancel context.CancelFunc

	// Guarded by the observer.
	waiting int                  // how many wait for it; without any it is given up
	whole   bool                 // somebody has to know which jobs there are not, whatever it takes
	began   time.Time            // zero until it did
	took    func() time.Duration // since it began, see stopwatch
	number  uint64               // by the observer's clock, when it began
	err     error                // why it failed

	// Constant once it is over.
	jobs       map[int64]modelarts.VisualizationJob
	reads      int           // how often it was read: 1 or 2
	isComplete bool          // a job that it lacks does not exist
	ahead      time.Duration // of the server's clock before ours
}

// isFresh reports whether a list began after since, and at most maxAge ago.
func (l *listing) isFresh(since uint64, maxAge time.Duration) bool {
	return l.number > since && time.Since(l.began) <= maxAge
}

// job returns the job as listed, or nil.
func (l *listing) job(id int64) *modelarts.VisualizationJob {
	if job, listed := l.jobs[id]; listed {
		return &job
	}
	return nil
}

// list returns a list that began after since, and at most maxAge ago. It was read twice
// if it lacked a job, and may lack it still: a total that is always wrong must not keep
// anybody from working.
func (o *observer) list(ctx context.Context, since uint64, maxAge time.Duration) (*listing, error) {
	for {
		o.mu.Lock()
		l := o.join(since, maxAge, true) //nolint:contextcheck // a shared list can outlive its first caller
		o.mu.Unlock()
		err := o.await(ctx, l, forever)
		if again, err := outlast(ctx, err); err != nil {
			return nil, err
		} else if again {
			continue
		}
		// It may have been given up, or read but once, before it was known to be wanted whole.
		again := errors.Is(err, errListTooExpensive) || err == nil && !l.isComplete && l.reads < 2
		if !again {
			return l, err
		}
	}
}

// outlast waits as long as the API asked for when it refused a list, and reports whether to list again.
// A list has no deadline, and gives up earlier than most operations have to.
func outlast(ctx context.Context, err error) (again bool, _ error) {
	throttled, ok := errors.AsType[*modelarts.ThrottledError](err)
	if deadline, bounded := ctx.Deadline(); !ok || bounded && time.Until(deadline) <= throttled.Wait {
		return false, nil
	}
	return true, sleep(ctx, throttled.Wait)
}

// join returns a list that began after since and at most maxAge ago, or that is to
// begin. Who joins it has to await it. The caller holds o.mu.
func (o *observer) join(since uint64, maxAge time.Duration, whole bool) *listing {
	isUseful := func(l *listing) bool {
		switch {
		case l == nil, l.err != nil, l != o.latest && l.waiting == 0: // none, failed or given up
			return false
		case !l.began.IsZero() && !l.isFresh(since, maxAge):
			return false
		}
		return l != o.latest || !whole || l.isComplete || l.reads > 1
	}
	l := o.latest
	if !isUseful(l) {
		l = o.newest
	}
	if !isUseful(l) {
		l = o.newListing()
	}
	l.waiting++
	l.whole = l.whole || whole
	return l
}

// newListing makes a list that is read when the one before is over. The caller holds o.mu.
func (o *observer) newListing() *listing {
	l := &listing{done: make(chan struct{})}
	ctx, cancel := context.WithCancel(o.base)
	l.cancel = cancel
	go o.run(ctx, l, o.newest)
	o.newest = l
	return l
}

// await waits for a list for so long by a stopwatch, and gives it up when nobody else
// waits for it.
func (o *observer) await(ctx context.Context, l *listing, most time.Duration) error {
	defer func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		if l.waiting--; l.waiting == 0 {
			l.cancel()
		}
	}()
	took := o.stopwatch()
	timer := time.NewTimer(most)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.done:
			return l.err
		case <-timer.C:
			left := most - took()
			if left <= 0 {
				return errListTooSlow
			}
			timer.Reset(left)
		}
	}
}

// run is the life of a list.
func (o *observer) run(ctx context.Context, l, before *listing) {
	err := o.begin(ctx, l, before)
	if err == nil {
		err = o.fetch(ctx, l)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	defer close(l.done)
	l.err = err
	if err == nil {
		o.publish(l)
		return
	}
	if ctx.Err() == nil && !modelarts.IsOutage(err) && !modelarts.IsThrottled(err) && !errors.Is(err, errListTooExpensive) {
		o.listsUselessSince = time.Now()
	}
}

// publish makes a list the latest, and wakes those who watch. The caller holds o.mu.
func (o *observer) publish(l *listing) {
	o.latest = l
	if took := l.took(); took > maxListAge {
		o.late = took
	}
	for id := range o.unlisted {
		if l.job(id) != nil {
			delete(o.unlisted, id)
		}
	}
	close(o.published)
	o.published = make(chan struct{})
}

// begin waits until a list may begin, and notes when it does.
func (o *observer) begin(ctx context.Context, l, before *listing) error {
	if before != nil {
		<-before.done // also if nobody waits for l: the one after l waits for l alone
		if err := sleep(ctx, listSpacing-time.Since(before.began)); err != nil {
			return err
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if !l.whole && time.Since(o.listsUselessSince) < listCooldown {
		return errListTooExpensive // the one before failed or was slow
	}
	l.number, l.began, l.took = o.tick(), time.Now(), o.stopwatch()
	return nil
}

// fetch reads the list, and once more if it may lack a job and somebody has to know.
func (o *observer) fetch(ctx context.Context, l *listing) error {
	if err := o.readPages(ctx, l); err != nil || l.isComplete || !o.isWhole(l) {
		return err
	}
	return o.readPages(ctx, l)
}

func (o *observer) readPages(ctx context.Context, l *listing) error {
	l.reads++
	l.jobs = make(map[int64]modelarts.VisualizationJob)
	isFirst := true
	for page, err := range o.api.VisualizationJobPages(ctx, modelarts.ListOptions{}) {
		if err != nil {
			return err
		}
		if isFirst && o.isTooExpensive(l, page) {
			return errListTooExpensive
		}
		isFirst = false
		for _, job := range page.Jobs {
			l.jobs[job.ID] = job
		}
		l.isComplete = page.Complete
		if !page.ServerTime.IsZero() {
			l.ahead = time.Until(page.ServerTime)
		}
	}
	return nil
}

// isTooExpensive reports whether looks at single jobs take fewer calls than the list whose
// first page came.
func (o *observer) isTooExpensive(l *listing, first *modelarts.JobPage) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	rows := max(len(first.Jobs), 1)
	o.pages = max((first.TotalCount+rows-1)/rows, 1)
	return o.pages > 1 && !l.whole && !o.listsPay()
}

func (o *observer) isWhole(l *listing) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return l.whole
}
