package httpclient

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Throttle limits the requests of a client to the rate that the service accepts. It allows a limited number of attempts at a time, and
// none during a pause after a rejection with 429.
//
// A rejection doesn't count as a retry, because the service didn't process the request. The request waits with all other requests until
// its context ends. Requests are sent in the order in which they were created, and a rejected request keeps its position. After a pause,
// one attempt probes whether the service accepts requests again. If it isn't rejected, the other attempts follow.
//
// With fewer attempts at a time, fewer are rejected at once. So each rejection decreases the number of slots by one, to at least 1. As
// many accepted attempts in a row as there are slots increase the number by one.
type Throttle struct {
	limit int // of slots

	mu        sync.Mutex
	requests  uint64    // number of requests so far
	slots     int       // for attempts at a time, 1 to limit
	accepted  int       // number of accepted attempts since slots changed
	inUse     int       // number of slots in use; after rejections this can be more than slots
	queue     []*turn   // by number
	until     time.Time // the end of the pause
	requested bool      // whether until is from a Retry-After
	refused   time.Time // time of the first rejection since a probe was accepted; zero if there was none
	refusals  int       // number of rejected probes in a row
	probing   bool      // a probe is under way
}

// turn is one attempt in the queue.
type turn struct {
	*exchange
	isBounded bool          // whether the deadline is that of the context
	isProbe   bool          // whether the attempt probes if the service accepts requests again
	err       error         // reason why there is no slot
	ready     chan struct{} // closed when there is a slot or an error
}

func (t *turn) compare(other *turn) int { return cmp.Compare(t.number, other.number) }

// NewThrottle returns a Throttle for up to limit attempts at a time.
func NewThrottle(limit int) *Throttle { return &Throttle{limit: limit, slots: limit} }

// acquire waits for a slot for an attempt of a request. The caller releases the slot. The error is that of the context, or a
// *ThrottledError if a Retry-After ends after the deadline. For a context without a deadline, every pause that ends after the deadline of
// the exchange is a *ThrottledError.
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
	} else if mine.err == nil { // The slot was granted at the same moment.
		t.free(mine)
		t.grant()
	}
	return nil, ctx.Err()
}

// release frees a slot, and adapts the Throttle to the outcome of the attempt.
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

// pause starts a pause for all attempts after a rejection, unless an earlier pause ends later. If rejections recur, the first pause is
// nearly as long as the last sufficient one. The caller holds t.mu.
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
	pause += rand.N(minRetryWait) // Other clients were rejected at the same moment.
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

// dismiss ends the turns whose deadline is before the end of the pause. The caller holds t.mu.
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

// grant assigns the free slots to waiting attempts. The caller holds t.mu.
func (t *Throttle) grant() {
	for len(t.queue) > 0 && t.isFree() {
		next := t.queue[0]
		t.queue = t.queue[1:]
		next.isProbe, t.probing = !t.refused.IsZero(), !t.refused.IsZero()
		t.inUse++
		close(next.ready)
	}
}

// isFree reports whether an attempt can start. The caller holds t.mu.
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
