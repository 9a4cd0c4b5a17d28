package httpclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// maxUnboundedWait is how long a request is repeated after 429 if its context has no deadline. It is longer than the window of a rate
// limit, which is a minute.
const maxUnboundedWait = 2 * time.Minute

// exchange has the facts about one request over all of its attempts.
type exchange struct {
	deadline time.Time      // of the context, or the time after which no pause begins
	number   uint64         // position among the requests of a Throttle, from 1
	attempts int            // started so far
	received *http.Response // of the current attempt; nil if there is none. Its body might be unreadable.
	last     error          // of the previous attempt that didn't end with the context; nil if it had a response
	sent     atomic.Bool    // whether the server can have received the request
}

type exchangeKey struct{}

// exchangeFrom returns the exchange that exchanger put into the context.
func exchangeFrom(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// exchanger creates the exchange of a request, and puts it into the context.
type exchanger struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t *exchanger) RoundTrip(req *http.Request) (*http.Response, error) {
	x := &exchange{}
	var ok bool
	if x.deadline, ok = req.Context().Deadline(); !ok {
		x.deadline = time.Now().Add(maxUnboundedWait)
	}
	resp, err := t.next.RoundTrip(req.WithContext(context.WithValue(req.Context(), exchangeKey{}, x)))
	if err != nil {
		return nil, &NoResponseError{Sent: x.sent.Load(), Last: x.last, Err: err}
	}
	return resp, nil
}

// NoResponseError means that there is no complete response to a request.
type NoResponseError struct {
	Sent bool  // whether the server can have received the request
	Last error // of the previous attempt if Err is the end of the context; nil if there was none or it had a response
	Err  error
}

// Error implements error.
func (e *NoResponseError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *NoResponseError) Unwrap() error { return e.Err }

// Rewind returns a copy of a request that was sent, with its body at the beginning, so that it can be sent again.
func Rewind(req *http.Request) (*http.Request, error) {
	next := req.Clone(req.Context())
	if req.GetBody != nil {
		var err error
		if next.Body, err = req.GetBody(); err != nil {
			return nil, fmt.Errorf("read the body of the request again: %w", err)
		}
	}
	return next, nil
}

// notSent closes the body of a request that a round-tripper doesn't send because of err, and returns err.
func notSent(req *http.Request, err error) error {
	if req.Body == nil {
		return err
	}
	return errors.Join(err, req.Body.Close())
}
