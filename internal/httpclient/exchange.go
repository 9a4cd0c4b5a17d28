package httpclient

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

// exchange has the facts about one request over all of its attempts.
type exchange struct {
	method    string
	deadline  time.Time      // of the context, or the time by which a pause has to end
	number    uint64         // position among the requests of a throttle, from 1
	attempts  int            // started so far
	retries   int            // without those after 429
	throttled int            // number of 429s without a throttle
	wait      time.Duration  // before the next attempt
	received  *http.Response // of the current attempt; nil if there is none. Its body might be unreadable.
	last      error          // of the last attempt that didn't end with the context; nil if it had a response
	sent      atomic.Bool    // whether the server can have processed the request
}

type exchangeKey struct{}

// exchangeFrom returns the exchange that retry put into the context.
func exchangeFrom(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// NoResponseError means that there is no complete response to a request.
type NoResponseError struct {
	Sent bool  // whether the server can have processed the request
	Last error // of the last attempt that didn't end with the context; nil if there was none or it had a response
	Err  error
}

func (e *NoResponseError) Error() string { return e.Err.Error() }

func (e *NoResponseError) Unwrap() error { return e.Err }

// notSent closes the body of a request that a round-tripper doesn't send because of err, and returns err.
func notSent(req *http.Request, err error) error {
	if req.Body == nil {
		return err
	}
	return errors.Join(err, req.Body.Close())
}
