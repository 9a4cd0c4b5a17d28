package httpclient

import (
	"net/http"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	const noon = "Sun, 01 Mar 2026 12:00:00 GMT"
	for _, test := range []struct {
		date, after string
		want        time.Duration
	}{
		// A date is by the clock of the server, and ours can be wrong.
		{noon, "Sun, 01 Mar 2026 12:00:07 GMT", 7 * time.Second},
		{noon, "Fri, 31 Dec 9999 23:59:59 GMT", maxRetryAfter},
		{"Sat, 01 Jan 0000 00:00:00 GMT", noon, maxRetryAfter},
		{"soon", noon, 0}, // by our own clock, which is past that
		{noon, "9", 9 * time.Second},
		{noon, "10000000000", maxRetryAfter},
		{noon, "-5", 0},
		{noon, "", 0},
	} {
		if got := RetryAfter(http.Header{"Date": {test.date}, "Retry-After": {test.after}}); got != test.want {
			t.Errorf("at %s, %q: %v", test.date, test.after, got)
		}
	}
}
