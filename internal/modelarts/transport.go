package modelarts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// maxAnswerSize bounds the memory one answer may take, in bytes. A page of 1000
// jobs is about 1 MiB with the longest values the API allows.
const maxAnswerSize = 16 << 20

// errAnswerTooLarge is not retried: the next answer would be as large.
var errAnswerTooLarge = fmt.Errorf("the answer is larger than %d MiB", maxAnswerSize>>20)

// exchange is what is known of one request over all its attempts.
type exchange struct {
	method   string
	attempts int
	sent     atomic.Bool // a connection was given to the request: it may have arrived
}

type exchangeKey struct{}

func withExchange(ctx context.Context, e *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, e)
}

func exchangeFrom(ctx context.Context) *exchange {
	if e, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return e
	}
	return &exchange{}
}

// attemptTransport makes one attempt: it notes whether the request can have
// reached the server, reads the whole answer so that a truncated one is an error
// the retry policy sees, and reports the call.
type attemptTransport struct {
	next   http.RoundTripper
	client *Client
}

// RoundTrip implements http.RoundTripper.
func (t *attemptTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	exchange := exchangeFrom(ctx)
	exchange.attempts++
	before := exchange.sent.Load()
	traced := req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { exchange.sent.Store(true) },
	}))

	start := time.Now()
	resp, err := t.next.RoundTrip(traced)
	if err == nil {
		err = buffer(resp)
	}
	call := Call{
		Method: req.Method, Path: req.URL.RequestURI(), Attempt: exchange.attempts,
		Duration: time.Since(start), Err: err,
	}
	if resp != nil {
		call.Status, call.RequestID = resp.StatusCode, requestID(resp.Header)
		if resp.StatusCode == http.StatusTooManyRequests {
			exchange.sent.Store(before) // this attempt was refused at the door
		}
	}
	if unauthorized(err) {
		exchange.sent.Store(before) // so was the attempt before the renewal
	}
	t.client.onCall(ctx, call)
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// buffer replaces the body of resp by its content.
func buffer(resp *http.Response) error {
	content, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerSize+1))
	closeErr := resp.Body.Close()
	switch {
	case err != nil:
		return fmt.Errorf("the answer broke off: %w", err)
	case len(content) > maxAnswerSize:
		return errAnswerTooLarge
	case closeErr != nil:
		return errors.Join(errors.New("close the answer"), closeErr)
	}
	resp.Body = io.NopCloser(bytes.NewReader(content))
	return nil
}

// requestID returns the id under which the service or its gateway logged the request.
func requestID(header http.Header) string {
	for _, name := range []string{"X-Request-Id", "X-Openstack-Request-Id"} {
		if id := header.Get(name); id != "" {
			return id
		}
	}
	return ""
}
