package modelarts

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
)

// The time for which the window in the message of a 429 makes a pause last at least.
const (
	minWindowPause = time.Second
	maxWindowPause = 30 * time.Second
)

// throttle decides when an attempt begins, so that all requests of a client together ask
// no more of the service than it accepts: a limited number at a time, and none in a pause
// after a refusal (429).
//
// A refusal is not one of a request's retries: nothing was done, so the request waits,
// together with all others, until its context ends. Requests go in the order in which
// they were made, and a refused one keeps its place. When a pause is over, one attempt
// probes whether requests are accepted again. The others follow if it isn't refused.
//
// The fewer attempts at a time, the fewer are refused at once. Each refusal lowers the
// number of places by one, to at least 1. As many accepted attempts in a row as there are
// places raise it by one.
type throttle struct {
	limit int // of places

	mu       sync.Mutex
	places   int           // for attempts at a time, 1 to limit
	accepted int           // attempts since places changed
	taken    int           // of the places; more than there are when refusals took some
	queue    []*turn       // by number
	until    time.Time     // the end of the pause
	asked    bool          // until is what a Retry-After asked for
	refused  time.Time     // when the first attempt was refused; zero if none was since a probe was accepted
	refusals int           // how many probes in a row were refused
	probing  bool          // a probe is under way
	total    time.Duration // of the times in which requests were refused, without the present one
}

// turn is one attempt in the queue.
type turn struct {
	number    uint64        // of the request
	deadline  time.Time     // of the request
	isBounded bool          // the deadline is that of the context
	isProbe   bool          // the attempt finds out whether requests are accepted again
	err       error         // why there is no place
	came      chan struct{} // closed when there is a place, or an error
}

func (t *turn) compare(other *turn) int { return cmp.Compare(t.number, other.number) }

// outcome is the end of an attempt. The zero value is one without a response.
type outcome struct {
	answered, refused bool
	asked             time.Duration // by Retry-After of a refusal
	window            time.Duration // in the message of a refusal
}

func newThrottle(limit int) *throttle { return &throttle{limit: limit, places: limit} }

// acquire waits for a place, which has to be released, for an attempt of the request with
// that number. The error is that of the context, or a *ThrottledError if a Retry-After
// asks for more time than there is until the deadline. A request whose context has no
// deadline doesn't begin a pause of any kind that ends later.
func (t *throttle) acquire(ctx context.Context, number uint64, deadline time.Time) (*turn, error) {
	_, isBounded := ctx.Deadline()
	mine := &turn{number: number, deadline: deadline, isBounded: isBounded, came: make(chan struct{})}
	t.mu.Lock()
	i, _ := slices.BinarySearchFunc(t.queue, mine, (*turn).compare)
	t.queue = slices.Insert(t.queue, i, mine)
	t.dismiss()
	t.grant()
	t.mu.Unlock()
	select {
	case <-mine.came:
	case <-ctx.Done():
	}
	if ctx.Err() == nil {
		return mine, mine.err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.queue, mine); i >= 0 {
		t.queue = slices.Delete(t.queue, i, i+1)
	} else if mine.err == nil { // it came just then
		t.free(mine)
		t.grant()
	}
	return nil, ctx.Err()
}

// release gives a place back.
func (t *throttle) release(mine *turn, end outcome) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.free(mine)
	switch {
	case end.refused:
		t.pause(mine, end)
	case end.answered:
		if t.accepted++; t.accepted >= t.places {
			t.places, t.accepted = min(t.places+1, t.limit), 0
		}
		if mine.isProbe && !time.Now().Before(t.until) {
			t.total += time.Since(t.refused)
			t.refused = time.Time{}
		}
	}
	t.grant()
}

// free frees the place of an attempt. The caller holds t.mu.
func (t *throttle) free(mine *turn) {
	t.taken--
	if mine.isProbe {
		t.probing = false
	}
}

// pause keeps all attempts from beginning after a refusal, unless an earlier refusal does
// so for longer. Where requests are refused again and again, the first pause is nearly as
// long as the one that was enough the last time. The caller holds t.mu.
func (t *throttle) pause(mine *turn, end outcome) {
	now := time.Now()
	t.places, t.accepted = max(t.places-1, 1), 0
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
		pause = max(auth.Pause(t.refusals), end.window)
	}
	pause += rand.N(retryWaitMin) // others were refused at the same moment
	if until := now.Add(pause); until.After(t.until) {
		t.until, t.asked = until, end.asked > 0
		time.AfterFunc(pause, func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.grant()
		})
	}
	t.dismiss()
}

// dismiss ends the turns whose time is over before the pause is. The caller holds t.mu.
func (t *throttle) dismiss() {
	wait := time.Until(t.until)
	if wait <= 0 {
		return
	}
	t.queue = slices.DeleteFunc(t.queue, func(waiting *turn) bool {
		if !t.until.After(waiting.deadline) || !t.asked && waiting.isBounded {
			return false
		}
		waiting.err = &ThrottledError{Wait: wait}
		close(waiting.came)
		return true
	})
}

// grant gives the places that are free to those who wait. The caller holds t.mu.
func (t *throttle) grant() {
	for len(t.queue) > 0 && t.isFree() {
		next := t.queue[0]
		t.queue = t.queue[1:]
		next.isProbe, t.probing = !t.refused.IsZero(), !t.refused.IsZero()
		t.taken++
		close(next.came)
	}
}

// isFree reports whether an attempt may begin. The caller holds t.mu.
func (t *throttle) isFree() bool {
	switch {
	case time.Now().Before(t.until):
		return false
	case !t.refused.IsZero():
		return !t.probing && t.taken < t.limit
	default:
		return t.taken < t.places
	}
}

// paused returns for how long in all requests were refused.
func (t *throttle) paused() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.refused.IsZero() {
		return t.total
	}
	return t.total + time.Since(t.refused)
}

// refusal returns what the throttle has to know of a 429.
func refusal(header http.Header, message string) outcome {
	return outcome{answered: true, refused: true, asked: auth.RetryAfter(header), window: windowPause(message)}
}

// windows finds in a message such as "policy user over ratelimit,limit:60,time:1 minute"
// the window of the limit.
var windows = regexp.MustCompile(`\btime: ?(\d{1,6}) ?(second|minute|hour|day)`)

// windowPause returns half of the window that a message names, within bounds, or 0 if it
// names none: most of the window is left when its limit is used up. This is a hint that
// saves refused requests. Nothing else depends on the message.
func windowPause(message string) time.Duration {
	found := windows.FindStringSubmatch(message)
	if found == nil {
		return 0
	}
	number, _ := strconv.Atoi(found[1])
	unit := map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[found[2]]
	return min(max(time.Duration(min(number, 1000))*unit/2, minWindowPause), maxWindowPause)
}
