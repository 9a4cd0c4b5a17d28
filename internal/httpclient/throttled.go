package httpclient

import (
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// The time for which the window in the message of a 429 makes a pause last at least.
const (
	minWindowPause = time.Second
	maxWindowPause = 30 * time.Second
)

// throttled begins an attempt when its turn has come, and repeats it while the service refuses it with 429.
// Waiting takes none of the time of an attempt.
type throttled struct {
	next     http.RoundTripper
	throttle *Throttle
}

// RoundTrip implements http.RoundTripper.
func (t *throttled) RoundTrip(req *http.Request) (*http.Response, error) {
	for {
		resp, err := t.attempt(req)
		if err != nil || resp.StatusCode != http.StatusTooManyRequests {
			return resp, err
		}
		if req, err = Rewind(req); err != nil {
			return nil, err
		}
	}
}

func (t *throttled) attempt(req *http.Request) (*http.Response, error) {
	turn, err := t.throttle.acquire(req.Context(), exchangeFrom(req.Context()))
	if err != nil {
		return nil, NotSent(req, err)
	}
	var end outcome
	defer func() { t.throttle.release(turn, end) }()
	resp, err := t.next.RoundTrip(req)
	if err == nil {
		end = outcomeOf(resp)
	}
	return resp, err
}

// outcome is the end of an attempt. The zero value is one without a response.
type outcome struct {
	responded, refused bool
	asked              time.Duration // by Retry-After of a refusal
	window             time.Duration // in the message of a refusal
}

// outcomeOf returns the outcome of an attempt with a response.
func outcomeOf(resp *http.Response) outcome {
	if resp.StatusCode != http.StatusTooManyRequests {
		return outcome{responded: true}
	}
	return outcome{responded: true, refused: true, asked: RetryAfter(resp.Header), window: windowPause(Content(resp))}
}

// windows finds in a message such as "policy user over ratelimit,limit:60,time:1 minute"
// the window of the limit.
var windows = regexp.MustCompile(`\btime: ?(\d{1,6}) ?(second|minute|hour|day)`)

// windowPause returns half of the window that a message names, within bounds, or 0 if it
// names none: most of the window is left when its limit is used up. This is a hint that
// saves refused requests. Nothing else depends on the message.
func windowPause(message []byte) time.Duration {
	found := windows.FindSubmatch(message)
	if found == nil {
		return 0
	}
	number, _ := strconv.Atoi(string(found[1]))
	unit := map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[string(found[2])]
	return min(max(time.Duration(min(number, 1000))*unit/2, minWindowPause), maxWindowPause)
}
