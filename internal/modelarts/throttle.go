package modelarts

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// throttle says when an attempt may begin, so that all requests of a client together
// ask no more of the service than it takes: a limited number at a time, and none in
// a pause that an answer asked for.
//
// Requests go in the order in which they were made, and a retry keeps the place of its
// request: a refused one must not use up its retries while later ones pass. And the
// fewer at a time, the fewer are refused at once: each refusal lowers the number of
// places by one, to at least 1; each attempt that is not refused raises it by one.
type throttle struct {
	limit int // of places

	mu     sync.Mutex
	places int       // for attempts at a time, 1 to limit
	taken  int       // of the places; more than there are when refusals took some
	until  time.Time // the end of the pause
	queue  []turn    // by number
}

// turn is one attempt in the queue.
type turn struct {
	number uint64        // of the request
	came   chan struct{} // closed when there is a place
}

func (t turn) compare(other turn) int { return cmp.Compare(t.number, other.number) }

func newThrottle(limit int) *throttle { return &throttle{limit: limit, places: limit} }

// acquire waits for a place, which has to be released, for an attempt of the request
// of that number. The error is that of the context: there is no place then.
func (t *throttle) acquire(ctx context.Context, number uint64) error {
	mine := turn{number, make(chan struct{})}
	t.mu.Lock()
	i, _ := slices.BinarySearchFunc(t.queue, mine, turn.compare)
	t.queue = slices.Insert(t.queue, i, mine)
	t.grant()
	t.mu.Unlock()
	select {
	case <-mine.came:
	case <-ctx.Done():
	}
	if ctx.Err() == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.queue, mine); i >= 0 {
		t.queue = slices.Delete(t.queue, i, i+1)
	} else { // it came just then
		t.taken--
		t.grant()
	}
	return ctx.Err()
}

// release gives a place back. A refusal asks for a pause, which keeps all attempts
// from beginning unless an earlier one does so for longer; 0 is no refusal.
func (t *throttle) release(pause time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.taken--
	if pause == 0 {
		t.places = min(t.places+1, t.limit)
		t.grant()
		return
	}
	t.places = max(t.places-1, 1)
	if until := time.Now().Add(pause); until.After(t.until) {
		t.until = until
		time.AfterFunc(pause, func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.grant()
		})
	}
}

// grant gives the places that are free to those who wait. The caller holds t.mu.
func (t *throttle) grant() {
	for len(t.queue) > 0 && t.taken < t.places && !time.Now().Before(t.until) {
		close(t.queue[0].came)
		t.queue = t.queue[1:]
		t.taken++
	}
}
