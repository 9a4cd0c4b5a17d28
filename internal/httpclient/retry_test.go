package httpclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

func TestRetry(t *testing.T) {
	t.Parallel()
	const retries = 3
	// The attempts for a POST, and for a method that is idempotent.
	type attempts struct{ post, idempotent int }
	all, idempotentOnly, never := attempts{retries + 1, retries + 1}, attempts{1, retries + 1}, attempts{1, 1}
	certificate := &tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}}}
	for name, test := range map[string]struct {
		fate fate
		want attempts
		sent bool // unless there is a response
	}{
		"0":                  {status(0), idempotentOnly, true},
		"101":                {status(101), idempotentOnly, true},
		"200":                {status(200), never, false},
		"304":                {status(304), never, false},
		"400":                {status(400), never, false},
		"401":                {status(401), never, false},
		"403":                {status(403), never, false},
		"408":                {status(408), never, false},
		"409":                {status(409), never, false},
		"500":                {status(500), idempotentOnly, false},
		"501":                {status(501), never, false},
		"502":                {status(502), idempotentOnly, false},
		"503":                {status(503), idempotentOnly, false},
		"999":                {status(999), idempotentOnly, false},
		"503 for too long":   {status(503, "Retry-After", "121"), never, false},
		"dial":               {failure(false, errors.New("dial tcp: connection refused")), all, false},
		"dropped":            {failure(true, errReset), idempotentOnly, true},
		"truncated":          {truncated, idempotentOnly, true},
		"hanging":            {hanging, idempotentOnly, true},
		"too large":          {tooLarge(200), never, true},
		"too large 503":      {tooLarge(503), never, true},
		"too large 429":      {tooLarge(429), never, false},
		"certificate":        {failure(false, certificate), never, false},
		"TLS alert":          {failure(true, &net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}), never, true},
		"credentials":        {failure(true, fmt.Errorf("wrapped: %w", &CredentialsError{errors.New("no")})), never, false},
		"proxy that refuses": {failure(true, fmt.Errorf("wrapped: %w", &ProxyError{Final: true, Err: errors.New("HTTP 407")})), never, false},
		"proxy that is down": {failure(false, &ProxyError{Err: errors.New("connection refused")}), all, false},
		"credentials, hanging": {func(req *http.Request, attempt int) (*http.Response, error) {
			_, err := hanging(req, attempt)
			return nil, &CredentialsError{err}
		}, never, false},
	} {
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodPost, "idempotent POST"} {
			t.Run(name+"/"+method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					want, options := test.want.idempotent, []func(*Config){withRetries(retries)}
					switch method {
					case http.MethodPost:
						want = test.want.post
					case "idempotent POST":
						method, options = http.MethodPost, append(options, withIdempotentPosts)
					}
					s, bodies := &series{fates: []fate{test.fate}}, map[string]bool{}
					err := send(t.Context(), clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
						if req.Body != nil {
							body, _ := io.ReadAll(req.Body)
							bodies[string(body)] = true
						}
						return s.RoundTrip(req)
					}), options...), method, "1")
					if s.attempts != want || len(bodies) > 1 {
						t.Errorf("%d attempts, want %d, with the bodies %v", s.attempts, want, bodies)
					}
					if failure, ok := errors.AsType[*NoResponseError](err); ok && failure.Sent != test.sent || !ok && test.sent {
						t.Errorf("sent: %v", err)
					}
					if errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("the end of an attempt is that of the context: %v", err)
					}
				})
			})
		}
	}
}

// A request ends with its context, unless there is a response.
func TestEndOfContext(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fates []fate
		sent  bool
	}{
		"in the pause after a 429": {[]fate{status(429)}, false},
		"in the attempt":           {[]fate{hanging}, true},
		"in the backoff":           {[]fate{failure(false, errReset)}, false},
		"in the next attempt":      {[]fate{status(503), hanging}, true},
		"with another error": {[]fate{func(req *http.Request, attempt int) (*http.Response, error) {
			_, _ = hanging(req, attempt)
			return nil, errReset
		}}, true},
	} {
		for _, option := range []func(*Config){withSlots(1), withoutThrottle} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					defer time.AfterFunc(2500*time.Millisecond, cancel).Stop()
					start := time.Now()
					err := put(ctx, clientOn(&series{fates: test.fates}, option, withRetries(20)), "1")
					if !errors.Is(err, context.Canceled) || wasSent(t, err) != test.sent || time.Since(start) != 2500*time.Millisecond {
						t.Errorf("ended after %v: %v", time.Since(start), err)
					}
				})
			})
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := put(ctx, clientOn(roundTripper(func(*http.Request) (*http.Response, error) {
		cancel()
		return nil, errReset
	}), withRetries(0)), "1")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the end of the context isn't the error: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	err = put(ctx, clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
		cancel()
		return reply(req, http.StatusOK, ""), nil
	})), "1")
	if err != nil {
		t.Errorf("there is a response, and an error: %v", err)
	}
}

func TestBackoffBounds(t *testing.T) {
	t.Parallel()
	const highest = 30 * time.Second
	rapid.Check(t, func(t *rapid.T) {
		attempt := rapid.IntRange(0, 5000).Draw(t, "attempt")
		longest := time.Duration(min(float64(minRetryWait)*math.Pow(2, float64(attempt)), float64(highest)))
		for _, resp := range []*http.Response{
			nil,
			{StatusCode: 503, Header: http.Header{}},
			{StatusCode: 503, Header: http.Header{"Retry-After": {"soon"}}},
			{StatusCode: 503, Header: http.Header{"Retry-After": {"-1"}}},
		} {
			if got := backoff(highest, attempt, resp); got < longest/2 || got > longest {
				t.Errorf("%v, want %v to %v", got, longest/2, longest)
			}
		}
		seconds := rapid.Int64Range(1, math.MaxInt64).Draw(t, "Retry-After")
		resp := &http.Response{StatusCode: 503, Header: http.Header{"Retry-After": {strconv.FormatInt(seconds, 10)}}}
		asked := time.Duration(min(seconds, math.MaxInt32)) * time.Second
		if got := backoff(highest, attempt, resp); got < asked || got > asked+minRetryWait {
			t.Errorf("%v when asked for %v", got, asked)
		}
	})
}

// Requests that failed at the same moment aren't repeated at the same moment.
func TestBackoffIsSpread(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"", "7"} {
		resp := &http.Response{StatusCode: 503, Header: http.Header{"Retry-After": {header}}}
		waits := map[time.Duration]bool{}
		for range 20 {
			waits[backoff(30*time.Second, 3, resp)] = true
		}
		if len(waits) < 2 {
			t.Errorf("Retry-After %q: always %v", header, waits)
		}
	}
}
