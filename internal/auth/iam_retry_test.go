package auth

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

// Every request to IAM can be repeated: max_retries times, and after 429 as long as there is time.
func TestRetriesOfIAM(t *testing.T) {
	t.Parallel()
	type fate func(*http.Request) (*http.Response, error)
	status := func(status int, header ...string) fate {
		return func(req *http.Request) (*http.Response, error) { return reply(req, status, "{}", header...), nil }
	}
	unreachable := func(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }
	throttled, unavailable := status(429), status(503)
	for name, test := range map[string]struct {
		fates    []fate // of the requests, the last for ever; nil returns a token
		requests int
		wait     time.Duration // at least, and 1.5 s more at most
		err      string
	}{
		"503":              {fates: []fate{unavailable}, requests: 3, wait: 750 * time.Millisecond, err: "HTTP status: 503"},
		"no way":           {fates: []fate{unreachable}, requests: 3, wait: 750 * time.Millisecond, err: "no route"},
		"429 for an hour":  {fates: []fate{status(429, "Retry-After", "3600")}, requests: 1, err: "IAM asks to wait 1h0m0s. "},
		"429 for a minute": {fates: []fate{status(429, "Retry-After", "60"), nil}, requests: 2, wait: time.Minute},
		"many 429":         {fates: append(slices.Repeat([]fate{throttled}, 5), nil), requests: 6, wait: 31 * time.Second},
		"429, then 503":    {fates: []fate{throttled, throttled, unavailable}, requests: 5, wait: 3*time.Second + 750*time.Millisecond, err: "HTTP status: 503"},
		"401":              {fates: []fate{status(401)}, requests: 1, err: "HTTP status: 401"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := &cloud{iam: func(req *http.Request, n int) (*http.Response, error) {
					if fate := test.fates[min(n, len(test.fates))-1]; fate != nil {
						return fate(req)
					}
					return nil, nil
				}}
				options := user(c)
				options.MaxRetries = 2
				start := time.Now()
				_, err := Open(t.Context(), options)
				if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
					t.Errorf("%v", err)
				}
				if took := time.Since(start); len(c.iamCalls) != test.requests || took < test.wait || took > test.wait+1500*time.Millisecond {
					t.Errorf("%d requests in %v", len(c.iamCalls), took)
				}
			})
		})
	}
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
		var calls []httpclient.Attempt
		options.OnAttempt = func(_ context.Context, attempt httpclient.Attempt) { calls = append(calls, attempt) }
		open(t, options)
		if len(calls) != 2 || calls[0].Err == nil || strings.Contains(calls[0].Err.Error(), password) || calls[1].Status != http.StatusCreated {
			t.Errorf("%+v", calls)
		}
	})
}
