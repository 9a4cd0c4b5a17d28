package modelarts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
)

// limitError means that a response exceeds a limit on memory. The client doesn't repeat the
// request, because the next response would be as large.
type limitError string

// Error implements error.
func (e limitError) Error() string { return string(e) }

// maxSize returns the size in bytes up to which the client reads the body of a response.
func maxSize(operation string) int {
	if operation == listOperation {
		return maxPageSize
	}
	return maxJobSize
}

var errAttemptTimeout = fmt.Errorf("no complete answer within %s", attemptTimeout)

// exchange is what is known of one request over all its attempts.
type exchange struct {
	operation, method string
	number            uint64                     // among the requests of the client
	deadline          time.Time                  // of the context; without one, of pauses
	decode            func(*http.Response) error // the content of answer, or an error
	attempts          int
	sent              atomic.Bool // the request had a connection: it may have arrived
	answer            []byte      // the body of the last answer
	result            error       // of decode
	last              error       // how the last attempt ended that did not end the request
}

type exchangeKey struct{}

func withExchange(ctx context.Context, x *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

func exchangeFrom(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange) // which Client.do put there
	return x
}

// attemptTransport makes one attempt when it is its turn, and more of them while the
// service refuses the request because there are too many.
type attemptTransport struct {
	next   http.RoundTripper
	client *Client
}

// RoundTrip implements http.RoundTripper.
func (t *attemptTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	for {
		resp, err := t.attempt(req)
		if err != nil || resp.StatusCode != http.StatusTooManyRequests {
			return resp, err
		}
		again := *req
		if req.GetBody != nil {
			if again.Body, err = req.GetBody(); err != nil {
				return nil, fmt.Errorf("read the request again: %w", err)
			}
		}
		req = &again
	}
}

// attempt waits for its turn. It records whether the request can have reached the
// server, reads the whole answer so that a truncated one is an error the retry policy
// sees, and reports the call.
func (t *attemptTransport) attempt(req *http.Request) (*http.Response, error) {
	caller := req.Context()
	x := exchangeFrom(caller)
	// Before the attempt's own time begins: the service is not to blame for the queue.
	mine, err := t.client.throttle.acquire(caller, x.number, x.deadline)
	if err != nil {
		if req.Body != nil {
			err = errors.Join(err, req.Body.Close())
		}
		return nil, err
	}
	var end outcome
	defer func() { t.client.throttle.release(mine, end) }()
	x.attempts++
	before := x.sent.Load()
	ctx, cancel := context.WithTimeout(caller, attemptTimeout)
	defer cancel() // the answer is read by then
	traced := req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { x.sent.Store(true) },
	}))

	start := time.Now()
	resp, err := t.next.RoundTrip(traced)
	if err == nil {
		x.answer, err = content(resp, maxSize(x.operation))
	}
	if err != nil {
		err = t.client.redactor.Error(endOfAttempt(caller, ctx, err))
	}
	call := auth.Call{
		Method: req.Method, Path: req.URL.RequestURI(), Attempt: x.attempts,
		Duration: time.Since(start), Err: err,
	}
	refused := resp != nil && resp.StatusCode == http.StatusTooManyRequests
	if resp != nil {
		call.Status, call.RequestID = resp.StatusCode, auth.RequestID(t.client.redactor, resp.Header)
	}
	if refused || unauthorized(err) {
		x.sent.Store(before) // the attempt was refused at the door, or before the renewal
	}
	t.client.onCall(caller, call)
	if refused {
		e, _ := errors.AsType[*Error](t.client.decodeError(x.operation, resp, x.answer))
		x.last, end = e, refusal(resp.Header, string(e.Message))
		if !final(err) {
			err = nil // the status says enough
		}
	}
	if err != nil {
		return nil, err
	}
	end.answered = true
	if _, err := resp.Location(); err != nil {
		resp.Header.Del("Location") // http.Client would take the redirect for a broken answer
	}
	return resp, nil
}

// endOfAttempt keeps the end of an attempt's own time from being taken for the
// end of the caller's context, which has the same error.
func endOfAttempt(caller, attempt context.Context, err error) error {
	switch {
	case attempt.Err() == nil || caller.Err() != nil || auth.IsRefusedByProxy(err):
		return err
	case unauthorized(err):
		return &auth.CredentialsError{Err: errAttemptTimeout}
	default:
		return errAttemptTimeout
	}
}

// content takes the body, of up to limit bytes, out of resp. Decompressed bytes count.
func content(resp *http.Response, limit int) ([]byte, error) {
	body := resp.Body
	resp.Body = http.NoBody
	if resp.StatusCode < http.StatusOK {
		// What follows 101 is no body, and does not end with the context.
		return nil, errors.Join(fmt.Errorf("unexpected informational status %d", resp.StatusCode), body.Close())
	}
	defer body.Close() // what was read by then is what counts
	answer, err := io.ReadAll(io.LimitReader(body, int64(limit)+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the answer broke off: %w", err)
	case len(answer) > limit:
		return nil, limitError(fmt.Sprintf("the response is larger than %d KiB", limit>>10))
	}
	return answer, nil
}
