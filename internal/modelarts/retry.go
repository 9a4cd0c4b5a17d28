package modelarts

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
)

const (
	retryWaitMin = 500 * time.Millisecond
	retryWaitMax = 30 * time.Second
)

// retryPolicy is a retryablehttp.CheckRetry. Repeating must never do a thing
// twice, so it looks at the method and at whether the request can have arrived:
//
//   - a request that never left (the dial failed) is repeated;
//   - 5xx and broken connections: only methods that are idempotent by HTTP;
//   - a response to a GET that says yes and can't be used, such as the HTML page of a
//     proxy, counts as a broken connection.
//
// A POST (create, stop, restart) that may have arrived is left to the caller,
// who can look at what it did. A 429 doesn't get here: see throttle.
func retryPolicy(ctx context.Context, resp *http.Response, err error) (bool, error) {
	x := exchangeFrom(ctx)
	if err == nil {
		x.result = x.decode(resp)
	}
	if ctx.Err() != nil {
		if err == nil {
			return false, nil // there is an answer, which says more than that the context ended
		}
		if !errors.Is(err, ctx.Err()) {
			x.last = err
		}
		return false, ctx.Err()
	}
	if err == nil {
		err = x.result
	}
	if !repeatable(x, resp, err) {
		return false, nil
	}
	// Should the context end before the next attempt does, this is what is known.
	x.last = err
	if unusable, ok := errors.AsType[*NoAnswerError](err); ok {
		x.last = unusable.Err // without the operation
	}
	return true, nil
}

// repeatable reports whether another attempt may follow one that ended so.
func repeatable(x *exchange, resp *http.Response, err error) bool {
	_, unusable := errors.AsType[*NoAnswerError](err)
	switch {
	case err == nil || final(err) || IsThrottled(err):
		return false
	case resp == nil:
		return !x.sent.Load() || idempotent(x.method)
	case unusable:
		return x.method == http.MethodGet
	default:
		return resp.StatusCode >= http.StatusInternalServerError && resp.StatusCode != http.StatusNotImplemented &&
			idempotent(x.method) && time.Until(x.deadline) >= auth.RetryAfter(resp.Header)
	}
}

// final reports whether the same request would fail in the same way again.
func final(err error) bool {
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, limit := errors.AsType[limitError](err)
	return certificate || limit || auth.IsTLSAlert(err) || unauthorized(err)
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

// backoff is how long to wait after an attempt, the first of which is 0: exponential
// with jitter, or what Retry-After asks for and a little more, as others were asked
// for the same.
func backoff(lowest, highest time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil {
		if asked := auth.RetryAfter(resp.Header); asked > 0 {
			return asked + rand.N(lowest)
		}
	}
	wait := retryablehttp.DefaultBackoff(lowest, highest, attempt, nil)
	return wait/2 + rand.N(wait/2+1)
}
