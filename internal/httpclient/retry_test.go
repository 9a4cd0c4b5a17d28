package httpclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
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
		"a redirect":         {status(302, "Location", "https://other.example.com"), never, false},
		"an odd redirect":    {status(307, "Location", "http://[::1"), idempotentOnly, true},
		"500":                {status(500), idempotentOnly, false},
		"501":                {status(501), never, false},
		"503":                {status(503), idempotentOnly, false},
		"503 for too long":   {status(503, "Retry-After", "121"), never, false},
		"dial":               {acctest.Fails(false, errors.New("dial tcp: connection refused")), all, false},
		"dropped":            {acctest.Fails(true, errReset), idempotentOnly, true},
		"truncated":          {carrying(200, truncated), idempotentOnly, true},
		"hanging":            {acctest.Hangs, idempotentOnly, true},
		"too large":          {carrying(200, func() io.Reader { return &endless{} }), never, true},
		"certificate":        {acctest.Fails(false, certificate), never, false},
		"TLS alert":          {acctest.Fails(true, &net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}), never, true},
		"credentials":        {acctest.Fails(true, fmt.Errorf("wrapped: %w", &CredentialsError{Err: errors.New("no")})), never, false},
		"proxy that rejects": {acctest.Fails(true, fmt.Errorf("wrapped: %w", &ProxyError{Final: true, Err: errors.New("HTTP 407")})), never, false},
		"proxy that is down": {acctest.Fails(false, &ProxyError{Err: errors.New("connection refused")}), all, false},
		"credentials, hanging": {func(req *http.Request, attempt int) (*http.Response, error) {
			_, err := acctest.Hangs(req, attempt)
			return nil, &CredentialsError{Err: err}
		}, never, false},
	} {
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodPost, "idempotent POST"} {
			t.Run(name+"/"+method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					want, isPostIdempotent := test.want.idempotent, method == "idempotent POST"
					if isPostIdempotent {
						method = http.MethodPost
					} else if method == http.MethodPost {
						want = test.want.post
					}
					network := &acctest.Network{Fates: []fate{test.fate}}
					err := send(t.Context(), clientOn(network, withRetries(retries), func(c *Config) { c.IsPostIdempotent = isPostIdempotent }), method, "1")
					if len(network.Requests) != want {
						t.Errorf("%d attempts, want %d", len(network.Requests), want)
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

// A request ends with its context, unless there is a response or no attempt could succeed. The error of the previous attempt is kept. The
// request was sent if any of its attempts was. A 429 and a failed dial are no such attempts. Each attempt has the whole body.
func TestEndOfContext(t *testing.T) {
	t.Parallel()
	dial, dropped := acctest.Fails(false, errReset), acctest.Fails(true, errReset)
	credentials := acctest.Fails(true, &CredentialsError{Err: errReset})
	for name, test := range map[string]struct {
		fates []fate
		err   error // errReset without the end of the context
		sent  bool
		last  error
	}{
		"in the pause after a 429":      {[]fate{status(429)}, context.Canceled, false, nil},
		"in the attempt":                {[]fate{acctest.Hangs}, context.Canceled, true, nil},
		"in the backoff":                {[]fate{dial}, context.Canceled, false, errReset},
		"in the next attempt":           {[]fate{status(503), acctest.Hangs}, context.Canceled, true, nil},
		"in the attempt after an error": {[]fate{dropped, acctest.Hangs}, context.Canceled, true, errReset},
		"with another error": {[]fate{func(req *http.Request, attempt int) (*http.Response, error) {
			_, _ = acctest.Hangs(req, attempt)
			return nil, errReset
		}}, context.Canceled, true, errReset},
		"dropped, dial":             {[]fate{dropped, dial}, context.Canceled, true, errReset},
		"503, dial":                 {[]fate{status(503), dial}, context.Canceled, true, errReset},
		"dropped, credentials":      {[]fate{dropped, credentials}, errReset, true, errReset},
		"429, credentials":          {[]fate{status(429), credentials}, errReset, false, errReset},
		"dial, proxy's final error": {[]fate{dial, acctest.Fails(true, &ProxyError{Final: true, Err: errReset})}, errReset, false, errReset},
	} {
		for _, option := range []func(*Config){withSlots(1), withoutThrottle} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					defer time.AfterFunc(2500*time.Millisecond, cancel).Stop()
					start, network := time.Now(), &acctest.Network{Fates: test.fates}
					err := put(ctx, clientOn(network, option, withRetries(20)), "1")
					isEnd := time.Since(start) == 2500*time.Millisecond
					if !errors.Is(err, test.err) || wasSent(t, err) != test.sent || isEnd != errors.Is(err, context.Canceled) {
						t.Errorf("ended after %v: %v", time.Since(start), err)
					}
					if failure, _ := errors.AsType[*NoResponseError](err); !errors.Is(failure.Last, test.last) {
						t.Errorf("the previous error is %v", failure.Last)
					}
					for _, request := range network.Requests {
						if request.Body != "body of 1" {
							t.Errorf("the body is %q", request.Body)
						}
					}
				})
			})
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := put(ctx, clientOn(&acctest.Network{Fates: []fate{func(req *http.Request, _ int) (*http.Response, error) {
		cancel()
		return acctest.Reply(req, http.StatusServiceUnavailable, ""), nil
	}}}), "1"); fmt.Sprint(err) != "HTTP 503" {
		t.Errorf("there is a response, and the error is %v", err)
	}
}

// Without a Throttle, a request waits after 429 for up to two minutes, and ends with the 429. Retries don't count.
func TestPauseWithoutThrottle(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fates    []fate
		attempts int
		wait     time.Duration // at least, and a second more at most
		err      string
	}{
		"as long as asked": {[]fate{status(429, "Retry-After", "7"), status(200)}, 2, 7 * time.Second, "<nil>"},
		"two minutes":      {[]fate{status(429)}, 7, 63 * time.Second, "HTTP 429"}, // another minute is too long
		"longer":           {[]fate{status(429, "Retry-After", "3600")}, 1, 0, "HTTP 429"},
		"and a 503":        {[]fate{status(429, "Retry-After", "7"), status(503)}, 2, 7 * time.Second, "HTTP 503"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start, network := time.Now(), &acctest.Network{Fates: test.fates}
				err := send(t.Context(), clientOn(network, withoutThrottle, withRetries(0)), http.MethodPost, "1")
				if took := time.Since(start); fmt.Sprint(err) != test.err || len(network.Requests) != test.attempts || took < test.wait || took > test.wait+time.Second {
					t.Errorf("%d attempts in %v: %v", len(network.Requests), took, err)
				}
			})
		})
	}
}

// The backoff doubles up to a maximum, and differs for requests that failed at the same moment. Retry-After takes precedence.
func TestBackoff(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		retries         int
		header          string
		lowest, highest time.Duration
	}{
		{0, "", minRetryWait / 2, minRetryWait},
		{3, "soon", 2 * time.Second, 4 * time.Second},
		{5000, "", 15 * time.Second, 30 * time.Second},
		{9, "7", 7 * time.Second, 7*time.Second + minRetryWait},
	} {
		waits := make([]time.Duration, 1000)
		for i := range waits {
			waits[i] = backoff(30*time.Second, test.retries, &http.Response{Header: http.Header{"Retry-After": {test.header}}})
		}
		lowest, highest, tenth := slices.Min(waits), slices.Max(waits), (test.highest-test.lowest)/10
		if lowest < test.lowest || lowest > test.lowest+tenth || highest > test.highest || highest < test.highest-tenth {
			t.Errorf("%d retries, Retry-After %q: from %v to %v", test.retries, test.header, lowest, highest)
		}
	}
}
