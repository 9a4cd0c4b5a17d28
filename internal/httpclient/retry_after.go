package httpclient

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"
)

const (
	// maxPause covers the longest documented window of a rate limit.
	maxPause = time.Minute
	// maxRetryAfter keeps sums of times from overflowing.
	maxRetryAfter = math.MaxInt32 * time.Second
)

// RetryAfter returns how long the header Retry-After asks to wait, or 0 if it asks for no time.
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

// pauseAfter returns how long to wait after a 429 without Retry-After, if so many refusals in a row came
// before: a second, and twice as long each time, up to a minute. These are the shortest and the longest
// documented window of a rate limit.
func pauseAfter(refusals int) time.Duration {
	return min(time.Second<<min(refusals, 6), maxPause)
}
