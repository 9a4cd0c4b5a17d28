package httpclient

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// Without a Throttle a request waits for up to two minutes, and ends with the 429. Retries don't count.
func TestPatience(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fates    []fate
		attempts int
		wait     time.Duration // at least, and a second more at most
		err      string
	}{
		"as long as asked": {[]fate{status(429, "Retry-After", "7"), status(200)}, 2, 7 * time.Second, ""},
		"two minutes":      {[]fate{status(429)}, 7, 63 * time.Second, "HTTP 429"}, // another minute is too long
		"longer":           {[]fate{status(429, "Retry-After", "3600")}, 1, 0, "HTTP 429"},
		"many":             {append(slices.Repeat([]fate{status(429)}, 6), status(200)), 7, 63 * time.Second, ""},
		"and a 503":        {[]fate{status(429, "Retry-After", "7"), status(503)}, 2, 7 * time.Second, "HTTP 503"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start, s := time.Now(), &series{fates: test.fates}
				got := ""
				if err := send(t.Context(), clientOn(s, withoutThrottle, withRetries(0)), http.MethodPost, "1"); err != nil {
					got = err.Error()
				}
				if took := time.Since(start); got != test.err || s.attempts != test.attempts || took < test.wait || took > test.wait+time.Second {
					t.Errorf("%d attempts in %v: %s", s.attempts, took, got)
				}
			})
		})
	}
}
