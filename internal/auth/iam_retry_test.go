package auth

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// throttled refuses with 429.
func throttled(retryAfter string) func(*http.Request, int) (*http.Response, error) {
	return func(req *http.Request, _ int) (*http.Response, error) {
		return reply(req, 429, `{"error_msg": "too many"}`, "Retry-After", retryAfter), nil
	}
}

func TestIAMIsAskedAgain(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name   string
		answer func(req *http.Request, n int) (*http.Response, error)
		calls  int
		wait   time.Duration // at least, and two seconds of jitter more at most
	}{
		{"503", func(req *http.Request, _ int) (*http.Response, error) { return reply(req, 503, ""), nil }, 3, 1500 * time.Millisecond},
		{"no way", func(*http.Request, int) (*http.Response, error) { return nil, errors.New("no route") }, 3, 1500 * time.Millisecond},
		{"429 for an hour", throttled("3600"), 1, 0},
		{"429 for a minute", throttled("60"), 2, time.Minute},
		{"429", throttled(""), 7, 63 * time.Second}, // after 1, 2, 4, 8, 16 and 32 s; another minute is too much
		{"429, then 503", func(req *http.Request, n int) (*http.Response, error) {
			if n < 5 {
				return throttled("")(req, n)
			}

			return reply(req, 503, ""), nil
		}, 4 + 3, 15*time.Second + 1500*time.Millisecond},
		{"401", func(req *http.Request, _ int) (*http.Response, error) { return reply(req, 401, refusal), nil }, 1, 0},
		{
			"a TLS alert", func(*http.Request, int) (*http.Response, error) {
				return nil, &net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}
			},
			1, 0,
		},
		{
			"a proxy that refuses", func(*http.Request, int) (*http.Response, error) {
				return nil, &ProxyError{Final: true, Err: errors.New("HTTP 407")}
			},
			1, 0,
		},
		{
			"a proxy that is down", func(*http.Request, int) (*http.Response, error) {
				return nil, &ProxyError{Err: errors.New("connection refused")}
			},
			3, 1500 * time.Millisecond,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				c := &cloud{iam: test.answer}
				options := user(c)
				options.MaxRetries = 2

				_, err := Open(t.Context(), options)
				if err == nil {
					t.Error("no error")
				}

				if iam, _ := c.counts(); iam != test.calls || time.Since(start) < test.wait || time.Since(start) > test.wait+2*time.Second {
					t.Errorf("%d calls in %v: %v", iam, time.Since(start), err)
				}

				for _, call := range c.iamCalls {
					if call.Body != c.iamCalls[0].Body {
						t.Errorf("a repeat has another body: %d bytes", len(call.Body))
					}
				}
			})
		})
	}
}

// How often IAM refuses a request as one too many is not a matter of max_retries.
func TestIAMThrottles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{iam: func(req *http.Request, n int) (*http.Response, error) {
			if n <= 5 {
				return throttled("")(req, n)
			}

			return nil, nil //nolint:nilnil // as usual
		}}
		options := user(c)
		options.MaxRetries = 0

		if _, err := Open(t.Context(), options); err != nil {
			t.Error(err)
		}

		c.iam = throttled("3600")
		if _, err := Open(t.Context(), options); err == nil || !strings.Contains(err.Error(), "IAM asks you to wait 1h0m0s. ") {
			t.Error(err)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()

	const noon = "Sun, 01 Mar 2026 12:00:00 GMT"

	for _, test := range []struct {
		date, after string
		want        time.Duration
	}{
		// A date is by the clock of the server, and ours can be wrong.
		{noon, "Sun, 01 Mar 2026 12:00:07 GMT", 7 * time.Second},
		{noon, "Sunday, 01-Mar-26 12:00:07 GMT", 7 * time.Second},
		{noon, noon, 0},
		{noon, "Sun, 01 Mar 2026 11:00:00 GMT", 0},
		{noon, "Sun, 01 Mar 2026 13:00:00 GMT", time.Hour},
		{noon, "Fri, 31 Dec 9999 23:59:59 GMT", maxRetryAfter},
		{noon, "Sat, 01 Jan 0000 00:00:00 GMT", 0},
		{noon, "9", 9 * time.Second},
		{"Sat, 01 Jan 0000 00:00:00 GMT", noon, maxRetryAfter},
		{"Fri, 31 Dec 9999 23:59:59 GMT", noon, 0},
		{"", noon, 0}, // by our own clock, which is past that
		{"soon", noon, 0},
		{noon, "3600", time.Hour},
		{noon, "10000000000", maxRetryAfter},
		{noon, "99999999999999999999999", maxRetryAfter},
		{noon, "-5", 0},
		{noon, "soon", 0},
		{noon, "", 0},
	} {
		if got := RetryAfter(http.Header{"Date": {test.date}, "Retry-After": {test.after}}); got != test.want {
			t.Errorf("at %s, %q: %v", test.date, test.after, got)
		}
	}
}

// An answer that nobody waits for any more is closed: it would hold its connection.
func TestAnswerAfterTheEndIsClosed(t *testing.T) {
	t.Parallel()

	ctx, cancel := context.WithCancel(t.Context())
	body := &closing{}
	options := user(roundTripper(func(req *http.Request) (*http.Response, error) {
		cancel()

		resp := reply(req, http.StatusCreated, "")
		resp.Body = body

		return resp, nil
	}))

	if _, err := Open(ctx, options); !errors.Is(err, context.Canceled) || !body.closed {
		t.Errorf("%v, closed %t", err, body.closed)
	}
}

func TestOpenCanBeCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer time.AfterFunc(3*time.Second, cancel).Stop()

		start := time.Now()
		options := user(&cloud{iam: func(req *http.Request, _ int) (*http.Response, error) {
			return reply(req, 429, "", "Retry-After", "50"), nil
		}})
		options.MaxRetries = 2

		if _, err := Open(ctx, options); !errors.Is(err, context.Canceled) || time.Since(start) != 3*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}
