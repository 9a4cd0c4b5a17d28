package httpclient

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// throttle limits the requests of a client to the rate that the service accepts. It allows a limited number of attempts at a time, and
// none during a pause after a rejection with 429.
//
// The requests wait together until their contexts end. Requests are sent in the order in which they were created, and a rejected request
// keeps its position. After a pause, one attempt probes whether the service accepts requests again. After a response
// other than 429, the other attempts follow.
type throttle struct {
	next  http.RoundTripper
	limit int // of attempts at a time

	mu         sync.Mutex
	requests   uint64    // number of requests so far
	inUse      int       // number of attempts under way
	queue      []*turn   // by number
	until      time.Time // the end of the pause
	limited    bool      // whether a request was rejected, and no probe was accepted since
	rejections int       // number of rejected probes in a row
	probing    bool      // a probe is under way
}

// turn is one attempt in the queue.
type turn struct {
	*exchange
	isProbe bool          // whether the attempt probes if the service accepts requests again
	err     error         // reason why there is no slot
	ready   chan struct{} // closed when there is a slot or an error
}

// RoundTrip starts an attempt when there is a slot. The wait doesn't count for the timeout of the attempt.
func (t *throttle) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	turn, err := t.acquire(req.Context(), exchangeFrom(req.Context()))
	if err != nil {
		return nil, notSent(req, err)
	}
	defer func() { t.release(turn, resp) }()
	return t.next.RoundTrip(req)
}

// acquire waits for a slot for an attempt of a request. The caller releases the slot. The error is that of the context, or a
// *ThrottledError if the pause ends after the deadline of the exchange.
func (t *throttle) acquire(ctx context.Context, x *exchange) (*turn, error) {
	mine := &turn{exchange: x, ready: make(chan struct{})}
	t.mu.Lock()
	if x.number == 0 {
		t.requests++
		x.number = t.requests
	}
	i, _ := slices.BinarySearchFunc(t.queue, x.number, func(waiting *turn, number uint64) int { return cmp.Compare(waiting.number, number) })
	t.queue = slices.Insert(t.queue, i, mine)
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
	isGranted := !slices.Contains(t.queue, mine) && mine.err == nil // at the same moment
	t.queue = slices.DeleteFunc(t.queue, func(waiting *turn) bool { return waiting == mine })
	t.mu.Unlock()
	if isGranted {
		t.release(mine, nil)
	}
	return nil, ctx.Err()
}

// release frees a slot, and adapts the throttle to the response of the attempt, which is nil if there is none.
func (t *throttle) release(mine *turn, resp *http.Response) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inUse--
	t.probing = t.probing && !mine.isProbe
	switch {
	case resp == nil:
	case resp.StatusCode == http.StatusTooManyRequests:
		t.pause(mine, resp.Header)
	case mine.isProbe:
		t.limited = false
	}
	t.grant()
}

// pause starts a pause for all attempts after a rejection, unless an earlier pause ends later. If rejections recur, the first pause is
// nearly as long as the last sufficient one. The caller holds t.mu.
func (t *throttle) pause(mine *turn, header http.Header) {
	switch {
	case mine.isProbe:
		t.rejections++
	case !t.limited:
		t.rejections = max(t.rejections-1, 0)
	}
	t.limited = true
	pause := pauseAfter(header, t.rejections) + rand.N(minRetryWait) // Other clients were rejected at the same moment.
	if until := time.Now().Add(pause); until.After(t.until) {
		t.until = until
		time.AfterFunc(pause, func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.grant()
		})
	}
}

// grant assigns the free slots to waiting attempts. During a pause, it ends the attempts whose deadline is before the end of the pause. The
// caller holds t.mu.
func (t *throttle) grant() {
	if wait := time.Until(t.until); wait > 0 {
		t.queue = slices.DeleteFunc(t.queue, func(waiting *turn) bool {
			isTooLate := t.until.After(waiting.deadline)
			if isTooLate {
				waiting.err = &ThrottledError{Wait: wait}
				close(waiting.ready)
			}
			return isTooLate
		})
		return
	}
	for len(t.queue) > 0 && t.inUse < t.limit && !t.probing {
		next := t.queue[0]
		t.queue = t.queue[1:]
		next.isProbe, t.probing = t.limited, t.limited
		t.inUse++
		close(next.ready)
	}
}
