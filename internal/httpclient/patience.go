package httpclient

import (
	"math/rand/v2"
	"net/http"
	"time"
)

// patience repeats a request after 429 until the deadline of the request. If a pause would end after the deadline, it returns the 429.
type patience struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t *patience) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	deadline := exchangeFrom(ctx).deadline
	for refusals := 0; ; refusals++ {
		resp, err := t.next.RoundTrip(req)
		if err != nil || resp.StatusCode != http.StatusTooManyRequests {
			return resp, err
		}
		pause := RetryAfter(resp.Header)
		if pause == 0 {
			pause = pauseAfter(refusals)
		}
		pause += rand.N(time.Second / 10) // Other requests were rejected at the same moment.
		if time.Until(deadline) < pause {
			return resp, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
		if req, err = Rewind(req); err != nil {
			return nil, err
		}
	}
}
