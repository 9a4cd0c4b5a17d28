package httpclient

import (
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// Bounds of a pause that the window in the message of a 429 determines.
const (
	minWindowPause = time.Second
	maxWindowPause = 30 * time.Second
)

// throttled starts an attempt when the Throttle grants a slot, and repeats the attempt after 429. The wait doesn't count for the timeout
// of an attempt.
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

// outcome is the outcome of an attempt. The zero value is an attempt without a response.
type outcome struct {
	responded, refused bool
	asked              time.Duration // time in the Retry-After of a 429
	window             time.Duration // minimum pause by the message of a 429
}

// outcomeOf returns the outcome of an attempt with a response.
func outcomeOf(resp *http.Response) outcome {
	if resp.StatusCode != http.StatusTooManyRequests {
		return outcome{responded: true}
	}
	return outcome{responded: true, refused: true, asked: RetryAfter(resp.Header), window: windowPause(Content(resp))}
}

// windows matches the window of a rate limit in a message such as "policy user over ratelimit,limit:60,time:1 minute".
var windows = regexp.MustCompile(`\btime: ?(\d{1,6}) ?(second|minute|hour|day)`)

// windowPause returns half of the window in a message, within bounds, or 0 if the message has no window. When the limit is used up, most
// of the window is left. The pause only saves rejected requests, and nothing else depends on the message.
func windowPause(message []byte) time.Duration {
	found := windows.FindSubmatch(message)
	if found == nil {
		return 0
	}
	number, _ := strconv.Atoi(string(found[1]))
	unit := map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[string(found[2])]
	return min(max(time.Duration(min(number, 1000))*unit/2, minWindowPause), maxWindowPause)
}
