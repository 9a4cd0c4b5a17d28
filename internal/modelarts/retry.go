package modelarts

import (
	"context"
	"crypto/tls"
	"errors"
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
	if ctx.Err() != nil {
		if err == nil {
			return false, nil // the answer is here; what it says is worth more than the cancel
		}
		return false, ctx.Err()
	}
	exchange := exchangeFrom(ctx)
	if err != nil {
		if final(err) {
			return false, nil
		}
		return !exchange.sent.Load() || idempotent(exchange.method), nil
	}
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		return true, nil
	case resp.StatusCode >= http.StatusInternalServerError && resp.StatusCode != http.StatusNotImplemented:
		return idempotent(exchange.method), nil
	default:
		return false, nil
	}
}

// final tells the failures that the same request would meet again.
func final(err error) bool {
	var certificate *tls.CertificateVerificationError
	return errors.Is(err, errAnswerTooLarge) || errors.As(err, &certificate) || unauthorized(err)
}

// unauthorized tells the failures to get credentials for a request that was
// refused without them.
func unauthorized(err error) bool {
	var renewal *auth.RenewError
	return errors.As(err, &renewal)
}

func idempotent(method string) bool {
	switch method {
	case http.MethodGet, http.MethodPut, http.MethodDelete:
		return true
	default:
		return false
	}
}

// backoff is a retryablehttp.Backoff: exponential with jitter, or what
// Retry-After asks for, within retryAfterMax.
func backoff(lowest, highest time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil && resp.Header.Get("Retry-After") != "" {
		asked := retryablehttp.DefaultBackoff(lowest, retryAfterMax, attempt, resp)
		// DefaultBackoff overflows with more seconds than a Duration has.
		seconds, err := strconv.ParseInt(resp.Header.Get("Retry-After"), 10, 64)
		if err == nil && seconds > int64(retryAfterMax/time.Second) {
			asked = retryAfterMax
		}
		return min(asked, retryAfterMax) + rand.N(lowest)
	}
	wait := retryablehttp.DefaultBackoff(lowest, highest, attempt, nil)
	return wait/2 + rand.N(wait/2+1)
}
