package auth

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
	// MaxUnboundedWait is for how long a request that is refused with 429 is repeated if
	// its context has no deadline. It is longer than a window of a minute.
	MaxUnboundedWait = 2 * time.Minute
	// maxPause covers the longest window of a rate limit that is documented.
	maxPause = time.Minute
	// maxRetryAfter keeps sums of times from overflowing.
	maxRetryAfter = math.MaxInt32 * time.Second
)

// RetryAfter returns how long the header Retry-After asks to wait, or 0 if it asks for
// no time.
func RetryAfter(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if date, err := http.ParseTime(value); err == nil {
		// The date is by the server's clock, which Date has. Ours can be wrong.
		now, err := http.ParseTime(header.Get("Date"))
		if err != nil {
			now = time.Now()
		}
		return min(max(date.Sub(now), 0), maxRetryAfter)
	}
	seconds, err := strconv.ParseUint(value, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0
	}
	return time.Duration(min(seconds, math.MaxInt32)) * time.Second
}

// Pause returns how long to wait after a 429 that asks for no time, if so many refusals
// in a row came before: a second, and twice as long each time, up to a minute. These are
// the shortest and the longest documented window of a rate limit.
func Pause(refusals int) time.Duration {
	return min(time.Second<<min(refusals, 6), maxPause)
}

// patient repeats requests that IAM refuses with 429, until the context ends or
// MaxUnboundedWait is over. A pause that would take longer isn't begun.
type patient struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t patient) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(MaxUnboundedWait)
	}
	for refusals := 0; ; refusals++ {
		resp, err := t.next.RoundTrip(req)
		if err != nil || resp.StatusCode != http.StatusTooManyRequests {
			return resp, err
		}
		pause := RetryAfter(resp.Header)
		if pause == 0 {
			pause = Pause(refusals)
		}
		pause += rand.N(time.Second / 10) // others were refused at the same moment
		if time.Until(deadline) < pause {
			return resp, nil
		}
		_, err = io.Copy(io.Discard, resp.Body) // the connection can then be used again
		if err = errors.Join(err, resp.Body.Close()); err != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
		req = req.Clone(ctx)
		if req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, fmt.Errorf("read the request again: %w", err)
			}
		}
	}
}
