package httpclient

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const minRetryWait = 500 * time.Millisecond

// newRetry returns a round-tripper that repeats a request that failed:
//
//   - if it was never sent, because the dial failed;
//   - after a 5xx and a broken connection, if its method is idempotent.
//
// A POST that can have been processed is left to the caller, who can find out what it did. A request that
// would fail again in the same way isn't repeated. A 429 isn't one of the retries; see throttled and patience.
func newRetry(next http.RoundTripper, c *Config) http.RoundTripper {
	policy := &retryPolicy{isPostIdempotent: c.IsPostIdempotent}
	return &retryablehttp.RoundTripper{Client: &retryablehttp.Client{
		HTTPClient:   withoutRedirects(next),
		RetryMax:     c.MaxRetries,
		RetryWaitMin: minRetryWait,
		RetryWaitMax: c.MaxRetryWait,
		CheckRetry:   policy.check,
		Backoff:      backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}}
}

type retryPolicy struct{ isPostIdempotent bool }

// check is a retryablehttp.CheckRetry. Its error is that of the context. A response is worth more than the
// information that the context ended.
func (p *retryPolicy) check(ctx context.Context, resp *http.Response, err error) (bool, error) {
	x := exchangeFrom(ctx)
	switch {
	case ctx.Err() != nil && err == nil:
		return false, nil
	case ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil:
		return !isFinal(err) && (!x.sent.Load() || p.isIdempotent(x.method)), nil
	default:
		return resp.StatusCode >= http.StatusInternalServerError && resp.StatusCode != http.StatusNotImplemented &&
			p.isIdempotent(x.method) && time.Until(x.deadline) >= RetryAfter(resp.Header), nil
	}
}

func (p *retryPolicy) isIdempotent(method string) bool {
	switch method {
	case http.MethodGet, http.MethodPut, http.MethodDelete:
		return true
	default:
		return p.isPostIdempotent
	}
}

// isFinal reports whether the same request would fail in the same way again.
func isFinal(err error) bool {
	_, isLimit := errors.AsType[LimitError](err)
	_, isThrottled := errors.AsType[*ThrottledError](err)
	return isLimit || isThrottled || isNotProcessed(err) || IsUntrusted(err) || IsTLSAlert(err)
}

// backoff is a retryablehttp.Backoff: exponential with jitter, or what Retry-After asks for and a little
// more, because other requests failed at the same moment.
func backoff(lowest, highest time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil {
		if asked := RetryAfter(resp.Header); asked > 0 {
			return asked + rand.N(lowest)
		}
	}
	wait := retryablehttp.DefaultBackoff(lowest, highest, attempt, nil)
	return wait/2 + rand.N(wait/2+1)
}
