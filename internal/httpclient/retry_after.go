package httpclient

import (
	"cmp"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const (
	minPause      = time.Second                 // the shortest documented window of a rate limit
	maxPause      = time.Minute                 // the longest documented window of a rate limit
	maxRetryAfter = math.MaxInt32 * time.Second // prevents an overflow of sums of times
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

// pauseAfter returns how long to wait after a 429: the time in Retry-After, or a second, doubled for each 429 before, up to a minute.
func pauseAfter(header http.Header, before int) time.Duration {
	return cmp.Or(RetryAfter(header), retryablehttp.DefaultBackoff(minPause, maxPause, before, nil))
}
