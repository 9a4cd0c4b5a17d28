package httpclient

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"
)

const (
	// maxPause is the longest documented window of a rate limit.
	maxPause = time.Minute
	// maxRetryAfter prevents an overflow of sums of times.
	maxRetryAfter = math.MaxInt32 * time.Second
)

// RetryAfter returns the time to wait according to the header Retry-After, which is in seconds or a date. It returns 0 without a valid
// header.
func RetryAfter(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if date, err := http.ParseTime(value); err == nil {
		// Retry-After and Date are both from the clock of the server. The clock of this machine can be wrong.
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

// pauseAfter returns how long to wait after a 429 without Retry-After. It returns a second if refusals, the number of 429s in a row
// before, is 0, and doubles this for each of them, up to a minute. These are the shortest and the longest documented window of a rate
// limit.
func pauseAfter(refusals int) time.Duration {
	return min(time.Second<<min(refusals, 6), maxPause)
}
