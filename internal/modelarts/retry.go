package modelarts

import (
	"context"
	"crypto/tls"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
)

const (
	retryWaitMin = 500 * time.Millisecond
	retryWaitMax = 30 * time.Second
	// retryAfterMax bounds what a server can make us wait with Retry-After.
	retryAfterMax = 2 * time.Minute
)

// retryPolicy is a retryablehttp.CheckRetry. Repeating must never do a thing
// twice, so it looks at the method and at whether the request can have arrived:
//
//   - a request that never left (the dial failed) is repeated;
//   - 429 says that nothing was done: any method is repeated;
//   - 5xx and broken connections: only methods that are idempotent by HTTP.
//
// A POST (create, stop, restart) that may have arrived is left to the caller,
// who can look at what it did.
func retryPolicy(ctx context.Context, resp *http.Response, err error) (bool, error) {
	x := exchangeFrom(ctx)
	if ctx.Err() != nil {
		if err == nil {
			return false, nil // there is an answer, which says more than that the context ended
		}
		if !errors.Is(err, ctx.Err()) {
			x.last = err
		}
		return false, ctx.Err()
	}
	if !repeatable(x, resp, err) {
		return false, nil
	}
	// Should the context end before the next attempt does, this is what is known.
	x.last = err
	if err == nil {
		x.last = decodeError(x.operation, resp, x.answer)
	}
	return true, nil
}

// repeatable reports whether another attempt may follow one that ended so.
func repeatable(x *exchange, resp *http.Response, err error) bool {
	if err != nil {
		return !final(err) && (!x.sent.Load() || idempotent(x.method))
	}
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		return true
	case resp.StatusCode >= http.StatusInternalServerError && resp.StatusCode != http.StatusNotImplemented:
		return idempotent(x.method)
	default:
		return false
	}
}

// final reports whether the same request would fail in the same way again.
func final(err error) bool {
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	return certificate || errors.Is(err, errAnswerTooLarge) || auth.IsTLSAlert(err) || unauthorized(err)
}

// unauthorized reports whether there are no credentials for a request, or none that a proxy
// accepts. It was refused for that or not sent.
func unauthorized(err error) bool {
	_, ok := errors.AsType[*auth.CredentialsError](err)
	return ok || auth.IsRefusedByProxy(err)
}

func idempotent(method string) bool {
	switch method {
	case http.MethodGet, http.MethodPut, http.MethodDelete:
		return true
	default:
		return false
	}
}

// backoffAlone is a retryablehttp.Backoff. After 429 all requests wait, and the
// throttle sees to that.
func backoffAlone(lowest, highest time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil && resp.StatusCode == http.StatusTooManyRequests {
		return 0
	}
	return backoff(lowest, highest, attempt, resp)
}

// backoff is how long to wait after an attempt, the first of which is 0: exponential
// with jitter, or what Retry-After asks for and a little more, as others were asked
// for the same.
func backoff(lowest, highest time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil {
		if asked, ok := retryAfter(resp.Header); ok {
			return asked + rand.N(lowest)
		}
	}
	wait := retryablehttp.DefaultBackoff(lowest, highest, attempt, nil)
	return wait/2 + rand.N(wait/2+1)
}

// retryAfter reads Retry-After, within retryAfterMax. It is false when the header
// asks for nothing that makes sense.
func retryAfter(header http.Header) (time.Duration, bool) {
	value := header.Get("Retry-After")
	if date, err := http.ParseTime(value); err == nil {
		// The date is by the server's clock, which Date tells. Ours may be wrong.
		now, err := http.ParseTime(header.Get("Date"))
		if err != nil {
			now = time.Now()
		}
		return min(max(date.Sub(now), 0), retryAfterMax), true
	}
	seconds, err := strconv.ParseUint(value, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return min(time.Duration(min(seconds, math.MaxInt32))*time.Second, retryAfterMax), true
}
