package httpclient

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// Attempt describes one attempt of one request, without headers and bodies.
type Attempt struct {
	Method    string
	Path      string        // with the query, which has no secrets
	Number    int           // from 1
	Status    int           // HTTP status; 0 if there was no response
	RequestID sanitize.Text // in the log of the service or its gateway; empty if the response has none
	Duration  time.Duration
	Err       error // nil if there was a response
}

// requestLog reports each attempt to onAttempt, removes credentials from the error of the attempt, and keeps the error in the exchange.
type requestLog struct {
	next      http.RoundTripper
	redactor  *sanitize.Redactor
	onAttempt func(context.Context, Attempt)
}

func (t *requestLog) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	x := exchangeFrom(ctx)
	x.attempts++
	attempt := Attempt{Method: req.Method, Path: req.URL.RequestURI(), Number: x.attempts}
	start := time.Now()
	resp, err := t.next.RoundTrip(req)
	err = t.redactor.Error(err)
	if err == nil || !errors.Is(err, ctx.Err()) {
		x.last = err
	}
	attempt.Duration, attempt.Err = time.Since(start), err
	if x.received != nil { // even if its body can't be read
		attempt.Status, attempt.RequestID = x.received.StatusCode, RequestID(t.redactor, x.received.Header)
	}
	if t.onAttempt != nil {
		t.onAttempt(ctx, attempt)
	}
	return resp, err
}

// MaxRequestIDSize is in bytes, and longer than any documented request ID.
const MaxRequestIDSize = 200

// RequestID returns the request ID in the header of a response of ModelArts, its gateway or IAM, or "" if the header has none.
func RequestID(redactor *sanitize.Redactor, header http.Header) sanitize.Text {
	for _, name := range []string{"X-Request-Id", "X-Openstack-Request-Id", "X-Iam-Trace-Id"} {
		if id := redactor.Text(header.Get(name), MaxRequestIDSize); id != "" {
			return id
		}
	}
	return ""
}
