package auth

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// Call describes one attempt of one request. It has no header and no body.
type Call struct {
	Method    string
	Path      string        // with the query, which holds nothing secret
	Attempt   int           // from 1
	Status    int           // HTTP status, 0 when there was no answer
	RequestID sanitize.Text // under which the service or its gateway logged the request
	Duration  time.Duration
	Err       error
}

type attemptsKey struct{}

// counted lets reported count the attempts of each request.
type counted struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t counted) RoundTrip(req *http.Request) (*http.Response, error) {
	return t.next.RoundTrip(req.WithContext(context.WithValue(req.Context(), attemptsKey{}, new(int))))
}

// reported tells onCall of every attempt.
type reported struct {
	next     http.RoundTripper
	redactor *sanitize.Redactor
	onCall   func(context.Context, Call)
}

// RoundTrip implements http.RoundTripper.
func (t *reported) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.onCall == nil {
		return t.next.RoundTrip(req)
	}
	call := Call{Method: req.Method, Path: req.URL.RequestURI(), Attempt: 1}
	if attempts, ok := req.Context().Value(attemptsKey{}).(*int); ok {
		*attempts++
		call.Attempt = *attempts
	}
	start := time.Now()
	resp, err := t.next.RoundTrip(req)
	call.Duration, call.Err = time.Since(start), t.redactor.Error(err)
	if err == nil {
		call.Status, call.RequestID = resp.StatusCode, RequestID(t.redactor, resp.Header)
	}
	t.onCall(req.Context(), call)
	return resp, err
}

// Facts returns what a response that is an error says, line by line. Empty strings are left out.
func Facts(message, code sanitize.Text, status int, requestID sanitize.Text, call string) string {
	facts := []string{"API message: " + string(cmp.Or(message, "(no message)"))}
	if code != "" {
		facts = append(facts, "Error code: "+string(code))
	}
	facts = append(facts, fmt.Sprintf("HTTP status: %d", status))
	if requestID != "" {
		facts = append(facts, "Request ID: "+string(requestID))
	}
	return strings.Join(append(facts, "Call: "+call), "\n")
}

// LongestRequestID is in bytes, and above anything that is documented.
const LongestRequestID = 200

// RequestID returns the ID under which the service, its gateway or IAM logged the
// request, or "" if the response has none.
func RequestID(redactor *sanitize.Redactor, header http.Header) sanitize.Text {
	for _, name := range []string{"X-Request-Id", "X-Openstack-Request-Id", "X-Iam-Trace-Id"} {
		if id := redactor.Text(header.Get(name), LongestRequestID); id != "" {
			return id
		}
	}
	return ""
}
