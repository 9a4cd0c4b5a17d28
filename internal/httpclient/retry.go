package httpclient

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const (
	minRetryWait = 500 * time.Millisecond
	// maxUnboundedWait is how long a request is repeated after 429 if its context has no deadline. It is longer than maxPause.
	maxUnboundedWait = 2 * time.Minute
)

// retry repeats a failed request in these cases:
//
//   - The request wasn't sent, because there was no connection.
//   - The response was a 5xx or the connection broke, and the method is idempotent.
//   - The response was a 429. Such a retry doesn't count, because the service didn't process the request.
//
// Unless Config.IsPostIdempotent is true, it doesn't repeat a POST that the service can have processed, because only the caller can
// check the effect. It doesn't repeat a request that would fail in the same way, and doesn't wait beyond the deadline of the request.
type retry struct {
	next   *http.Client
	config *Config
}

func (t *retry) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, x := req.Context(), &exchange{method: req.Method, deadline: time.Now().Add(maxUnboundedWait)}
	if deadline, ok := ctx.Deadline(); ok {
		x.deadline = deadline
	}
	resp, err := (&retryablehttp.RoundTripper{Client: &retryablehttp.Client{
		HTTPClient: t.next,
		RetryMax:   math.MaxInt, // check limits the retries
		CheckRetry: func(ctx context.Context, resp *http.Response, err error) (bool, error) {
			return t.check(ctx, x, resp, err)
		},
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return x.wait },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}}).RoundTrip(req.WithContext(context.WithValue(ctx, exchangeKey{}, x)))
	if err != nil {
		return nil, &NoResponseError{Sent: x.sent.Load(), Last: x.last, Err: err}
	}
	return resp, nil
}

// check is a retryablehttp.CheckRetry, and sets wait. Its error is that of the context. If there is a response other than 429, it returns no
// error, even if the context ended, so that the caller gets the response.
func (t *retry) check(ctx context.Context, x *exchange, resp *http.Response, err error) (bool, error) {
	switch {
	case err != nil && ctx.Err() != nil:
		return false, ctx.Err()
	case err == nil && resp.StatusCode == http.StatusTooManyRequests && t.config.MaxConcurrent > 0:
		x.wait = 0 // The next attempt waits in the throttle.
		return true, nil
	case err == nil && resp.StatusCode == http.StatusTooManyRequests:
		x.wait = pauseAfter(resp.Header, x.throttled) + rand.N(time.Second/10) // Other requests were rejected at the same moment.
		x.throttled++
		return x.wait <= time.Until(x.deadline), nil
	}
	x.wait = backoff(t.config.MaxRetryWait, x.retries, resp)
	x.retries++
	return ctx.Err() == nil && x.retries <= t.config.MaxRetries && t.isRepeatable(x, resp, err), nil
}

func (t *retry) isRepeatable(x *exchange, resp *http.Response, err error) bool {
	isIdempotent := x.method != http.MethodPost || t.config.IsPostIdempotent
	if err != nil {
		return !isFinal(err) && (isIdempotent || !x.sent.Load())
	}
	return resp.StatusCode >= http.StatusInternalServerError && resp.StatusCode != http.StatusNotImplemented &&
		isIdempotent && RetryAfter(resp.Header) <= time.Until(x.deadline)
}

// isFinal reports whether the same request would fail in the same way again.
func isFinal(err error) bool {
	_, isLimit := errors.AsType[LimitError](err)
	_, isThrottled := errors.AsType[*ThrottledError](err)
	return isLimit || isThrottled || isNotProcessed(err) || isUntrusted(err) || isTLSAlert(err)
}

// backoff returns an exponential backoff of up to highest, or the time in Retry-After. Both have jitter, because other requests failed at the
// same moment.
func backoff(highest time.Duration, retries int, resp *http.Response) time.Duration {
	if resp != nil {
		if asked := RetryAfter(resp.Header); asked > 0 {
			return asked + rand.N(minRetryWait)
		}
	}
	wait := retryablehttp.DefaultBackoff(minRetryWait, highest, retries, nil)
	return wait/2 + rand.N(wait/2+1)
}
