package auth

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
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
		wait   time.Duration // at least, and 1.5 s more at most
	}{
		{"503", func(req *http.Request, _ int) (*http.Response, error) { return reply(req, 503, ""), nil }, 3, 750 * time.Millisecond},
		{"no way", func(*http.Request, int) (*http.Response, error) { return nil, errors.New("no route") }, 3, 750 * time.Millisecond},
		{"429 for an hour", throttled("3600"), 1, 0},
		{"429 for a minute", throttled("60"), 2, time.Minute},
		{"429", throttled(""), 7, 63 * time.Second}, // after 1, 2, 4, 8, 16 and 32 s; another minute is too much
		{"429, then 503", func(req *http.Request, n int) (*http.Response, error) {
			if n < 5 {
				return throttled("")(req, n)
			}
			return reply(req, 503, ""), nil
		}, 4 + 3, 15*time.Second + 750*time.Millisecond},
		{"401", func(req *http.Request, _ int) (*http.Response, error) { return reply(req, 401, refusal), nil }, 1, 0},
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
				if iam, _ := c.counts(); iam != test.calls || time.Since(start) < test.wait || time.Since(start) > test.wait+1500*time.Millisecond {
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

// The log has each attempt of a request to IAM, without the credentials.
func TestCallsOfIAM(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		options := user(&cloud{iam: func(_ *http.Request, n int) (*http.Response, error) {
			if n == 1 {
				return nil, errors.New("the proxy was sent " + password)
			}
			return nil, nil
		}})
		options.MaxRetries = 1
		var calls []httpclient.Call
		options.OnCall = func(_ context.Context, call httpclient.Call) { calls = append(calls, call) }
		open(t, options)
		if len(calls) != 2 || calls[0].Err == nil || strings.Contains(calls[0].Err.Error(), password) || calls[1].Status != http.StatusCreated {
			t.Errorf("%+v", calls)
		}
	})
}
