package httpclient

import (
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
	seconds, _ := strconv.ParseUint(value, 10, 31) // 0 if it isn't a number, and the maximum if it is larger
	return time.Duration(seconds) * time.Second
}

// pauseAfter returns how long to wait after a 429 without Retry-After: a second, doubled for each of the 429s in a row before, up to a
// minute. These are the shortest and the longest documented window of a rate limit.
func pauseAfter(before int) time.Duration {
	return min(time.Second<<min(before, 6), maxPause)
}
