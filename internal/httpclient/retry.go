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

// newRetry returns a round-tripper that repeats a failed request in these cases:
//
//   - The request wasn't sent, because there was no connection.
//   - The response was a 5xx or the connection broke, and the method is idempotent.
//
// It doesn't repeat a POST that the service can have processed, because only the caller can check the effect. It doesn't repeat a
// request that would fail in the same way. For 429, see throttled and patience.
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

// check is a retryablehttp.CheckRetry. Its error is that of the context. If there is a response, it returns no error, even if the
// context ended, so that the caller gets the response.
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

// backoff is a retryablehttp.Backoff. It returns an exponential backoff with jitter, or the time in Retry-After with jitter, because
// other requests failed at the same moment.
func backoff(lowest, highest time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil {
		if asked := RetryAfter(resp.Header); asked > 0 {
			return asked + rand.N(lowest)
		}
	}
	wait := retryablehttp.DefaultBackoff(lowest, highest, attempt, nil)
	return wait/2 + rand.N(wait/2+1)
}
