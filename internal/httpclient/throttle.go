package httpclient

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Throttle decides when an attempt begins, so that all requests of a client together ask
// no more of the service than it accepts: a limited number at a time, and none in a pause
// after a refusal (429).
//
// A refusal is not one of a request's retries: nothing was done, so the request waits,
// together with all others, until its context ends. Requests go in the order in which
// they were made, and a refused one keeps its turn. When a pause is over, one attempt
// probes whether requests are accepted again. The others follow if it isn't refused.
//
// The fewer attempts at a time, the fewer are refused at once. Each refusal lowers the
// number of slots by one, to at least 1. As many accepted attempts in a row as there are
// slots raise it by one.
type Throttle struct {
	limit int // of slots

	mu        sync.Mutex
	requests  uint64        // begun so far
	slots     int           // for attempts at a time, 1 to limit
	accepted  int           // attempts since slots changed
	inUse     int           // of the slots; more than there are after refusals
	queue     []*turn       // by number
	until     time.Time     // the end of the pause
	requested bool          // until is what a Retry-After asked for
	refused   time.Time     // when the first attempt was refused; zero if none was since a probe was accepted
	refusals  int           // how many probes in a row were refused
	probing   bool          // a probe is under way
	total     time.Duration // of the times in which requests were refused, without the present one
}

// turn is one attempt in the queue.
type turn struct {
	*exchange
	isBounded bool          // the deadline is that of the context
	isProbe   bool          // the attempt finds out whether requests are accepted again
	err       error         // why there is no slot
	ready     chan struct{} // closed when there is a slot, or an error
}

func (t *turn) compare(other *turn) int { return cmp.Compare(t.number, other.number) }

// NewThrottle returns a Throttle for up to limit attempts at a time.
func NewThrottle(limit int) *Throttle { return &Throttle{limit: limit, slots: limit} }

// acquire waits for a slot, which has to be released, for an attempt of a request. The error is that of the context, or a *ThrottledError if a Retry-After
// asks for more time than there is until the deadline. A request whose context has no
// deadline doesn't begin a pause of any kind that ends later.
func (t *Throttle) acquire(ctx context.Context, x *exchange) (*turn, error) {
	_, isBounded := ctx.Deadline()
	mine := &turn{exchange: x, isBounded: isBounded, ready: make(chan struct{})}
	t.mu.Lock()
	if x.number == 0 {
		t.requests++
		x.number = t.requests
	}
	i, _ := slices.BinarySearchFunc(t.queue, mine, (*turn).compare)
	t.queue = slices.Insert(t.queue, i, mine)
	t.dismiss()
	t.grant()
	t.mu.Unlock()
	select {
	case <-mine.ready:
	case <-ctx.Done():
	}
	if ctx.Err() == nil {
		return mine, mine.err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.queue, mine); i >= 0 {
		t.queue = slices.Delete(t.queue, i, i+1)
	} else if mine.err == nil { // it was granted at the same moment
		t.free(mine)
		t.grant()
	}
	return nil, ctx.Err()
}

// release gives a slot back.
func (t *Throttle) release(mine *turn, end outcome) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.free(mine)
	switch {
	case end.refused:
		t.pause(mine, end)
	case end.responded:
		if t.accepted++; t.accepted >= t.slots {
			t.slots, t.accepted = min(t.slots+1, t.limit), 0
		}
		if mine.isProbe && !time.Now().Before(t.until) {
			t.total += time.Since(t.refused)
			t.refused = time.Time{}
		}
	}
	t.grant()
}

// free frees the slot of an attempt. The caller holds t.mu.
func (t *Throttle) free(mine *turn) {
	t.inUse--
	if mine.isProbe {
		t.probing = false
	}
}

// pause keeps all attempts from beginning after a refusal, unless an earlier refusal does
// so for longer. Where requests are refused again and again, the first pause is nearly as
// long as the one that was enough the last time. The caller holds t.mu.
func (t *Throttle) pause(mine *turn, end outcome) {
	now := time.Now()
	t.slots, t.accepted = max(t.slots-1, 1), 0
	switch {
	case mine.isProbe:
		t.refusals++
	case t.refused.IsZero():
		t.refusals = max(t.refusals-1, 0)
	}
	if t.refused.IsZero() {
		t.refused = now
	}
	pause := end.asked
	if pause == 0 {
		pause = max(pauseAfter(t.refusals), end.window)
	}
	pause += rand.N(minRetryWait) // others were refused at the same moment
	if until := now.Add(pause); until.After(t.until) {
		t.until, t.requested = until, end.asked > 0
		time.AfterFunc(pause, func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.grant()
		})
	}
	t.dismiss()
}

// dismiss ends the turns whose time is over before the pause is. The caller holds t.mu.
func (t *Throttle) dismiss() {
	wait := time.Until(t.until)
	if wait <= 0 {
		return
	}
	t.queue = slices.DeleteFunc(t.queue, func(waiting *turn) bool {
		if !t.until.After(waiting.deadline) || !t.requested && waiting.isBounded {
			return false
		}
		waiting.err = &ThrottledError{Wait: wait}
		close(waiting.ready)
		return true
	})
}

// grant gives the free slots to those who wait. The caller holds t.mu.
func (t *Throttle) grant() {
	for len(t.queue) > 0 && t.isFree() {
		next := t.queue[0]
		t.queue = t.queue[1:]
		next.isProbe, t.probing = !t.refused.IsZero(), !t.refused.IsZero()
		t.inUse++
		close(next.ready)
	}
}

// isFree reports whether an attempt may begin. The caller holds t.mu.
func (t *Throttle) isFree() bool {
	switch {
	case time.Now().Before(t.until):
		return false
	case !t.refused.IsZero():
		return !t.probing && t.inUse < t.limit
	default:
		return t.inUse < t.slots
	}
}

// Paused returns for how long in all it has held requests back, because the service refused some.
func (t *Throttle) Paused() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.refused.IsZero() {
		return t.total
	}
	return t.total + time.Since(t.refused)
}
