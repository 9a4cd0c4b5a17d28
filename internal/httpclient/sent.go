package httpclient

import (
	"net/http"
	"net/http/httptrace"
)

// sent records whether the server can have processed the request: the request had a connection, and wasn't rejected for its credentials
// or with 429.
type sent struct{ next http.RoundTripper }

func (t *sent) RoundTrip(req *http.Request) (*http.Response, error) {
	x := exchangeFrom(req.Context())
	before := x.sent.Load()
	resp, err := t.next.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { x.sent.Store(true) },
	})))
	x.received = resp
	if isNotProcessed(err) || err == nil && resp.StatusCode == http.StatusTooManyRequests {
		x.sent.Store(before)
	}
	return resp, err
}
