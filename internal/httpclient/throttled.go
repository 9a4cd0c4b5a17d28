package httpclient

import "net/http"

// throttled starts an attempt when the Throttle grants a slot. The wait doesn't count for the timeout of an attempt.
type throttled struct {
	next     http.RoundTripper
	throttle *Throttle
}

// RoundTrip implements http.RoundTripper.
func (t *throttled) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	turn, err := t.throttle.acquire(req.Context(), exchangeFrom(req.Context()))
	if err != nil {
		return nil, NotSent(req, err)
	}
	defer func() { t.throttle.release(turn, resp) }()
	return t.next.RoundTrip(req)
}
