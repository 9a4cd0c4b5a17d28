package auth

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestIAMIsAskedAgain(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name   string
		answer func(*http.Request) (*http.Response, error)
		calls  int
		wait   time.Duration // at least, and a second more at most
	}{
		{"503", func(req *http.Request) (*http.Response, error) { return reply(req, 503, ""), nil }, 3, 1500 * time.Millisecond},
		{"no way", func(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }, 3, 1500 * time.Millisecond},
		{
			"429 for an hour", func(req *http.Request) (*http.Response, error) {
				return reply(req, 429, "", "Retry-After", "3600"), nil
			},
			3, 2 * time.Minute,
		},
		{"401", func(req *http.Request) (*http.Response, error) { return reply(req, 401, refusal), nil }, 1, 0},
		{
			"a TLS alert", func(*http.Request) (*http.Response, error) {
				return nil, &net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}
			},
			1, 0,
		},
		{
			"a proxy that refuses", func(*http.Request) (*http.Response, error) {
				return nil, &ProxyError{Final: true, Err: errors.New("HTTP 407")}
			},
			1, 0,
		},
		{
			"a proxy that is down", func(*http.Request) (*http.Response, error) {
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
				c := &cloud{iam: func(req *http.Request, _ int) (*http.Response, error) { return test.answer(req) }}
				options := user(c)
				options.MaxRetries = 2

				if _, err := Open(t.Context(), options); err == nil {
					t.Error("no error")
				}

				if iam, _ := c.counts(); iam != test.calls || time.Since(start) < test.wait || time.Since(start) > test.wait+time.Second {
					t.Errorf("%d calls in %v", iam, time.Since(start))
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
