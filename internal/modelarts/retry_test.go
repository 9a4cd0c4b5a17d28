package modelarts

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
)

var errReset = fmt.Errorf("read tcp: %w", syscall.ECONNRESET)

// fate is what happens to every attempt of a request.
type fate func(req *http.Request, attempt int) (*http.Response, error)

func status(code int) fate {
	return func(req *http.Request, attempt int) (*http.Response, error) {
		return reply(req, code, fmt.Sprintf(`{"error_code": "ModelArts.0103", "error_message": "attempt %d"}`, attempt)), nil
	}
}

func failure(sent bool, err error) fate {
	return func(req *http.Request, _ int) (*http.Response, error) {
		if sent {
			connected(req)
		}

		return nil, err
	}
}

func truncated(req *http.Request, _ int) (*http.Response, error) {
	resp := reply(req, http.StatusOK, "")
	resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"is_succ`), failing{}))

	return resp, nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func hanging(req *http.Request, _ int) (*http.Response, error) {
	connected(req)
	<-req.Context().Done()

	return nil, req.Context().Err()
}

func TestRetryPolicy(t *testing.T) {
	t.Parallel()

	const repeats = 3

	all := map[string]int{http.MethodPost: repeats + 1, http.MethodGet: repeats + 1, http.MethodPut: repeats + 1, http.MethodDelete: repeats + 1}
	idempotentOnly := map[string]int{http.MethodPost: 1, http.MethodGet: repeats + 1, http.MethodPut: repeats + 1, http.MethodDelete: repeats + 1}
	never := map[string]int{http.MethodPost: 1, http.MethodGet: 1, http.MethodPut: 1, http.MethodDelete: 1}

	tests := []struct {
		name     string
		fate     fate
		attempts map[string]int
		status   int // of the *Error; 0 is a *NoAnswerError
		done     bool
	}{
		{"429", status(429), all, 429, false},
		{"500", status(500), idempotentOnly, 500, true},
		{"502", status(502), idempotentOnly, 502, true},
		{"503", status(503), idempotentOnly, 503, true},
		{"504", status(504), idempotentOnly, 504, true},
		{"501", status(501), never, 501, true},
		{"400", status(400), never, 400, false},
		{"401", status(401), never, 401, false},
		{"403", status(403), never, 403, false},
		{"408", status(408), never, 408, true},
		{"409", status(409), never, 409, false},
		{"425", status(425), never, 425, false},
		{"999", status(999), idempotentOnly, 999, true},
		{"0", status(0), idempotentOnly, 0, true},
		{"101", status(101), idempotentOnly, 0, true},
		{"300", status(300), never, 300, false},
		{"304", status(304), never, 304, false},
		{"refusal under 200", status(200), never, 200, false},
		{"redirect", status(307), never, 307, false},
		{"dial", failure(false, errors.New("dial tcp: connection refused")), all, 0, false},
		{"dropped", failure(true, errReset), idempotentOnly, 0, true},
		{"truncated", truncated, idempotentOnly, 0, true},
		{"hanging", hanging, idempotentOnly, 0, true},
		{"certificate", failure(false, &tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}}}), never, 0, false},
		{"TLS alert", failure(true, &net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}), never, 0, true},
		{"credentials", failure(true, fmt.Errorf("wrapped: %w", &auth.CredentialsError{Err: errors.New("no")})), never, 0, false},
		{"a proxy that refuses", failure(true, fmt.Errorf("wrapped: %w", &auth.ProxyError{Final: true, Err: errors.New("HTTP 407")})), never, 0, false},
		{"a proxy that is down", failure(false, &auth.ProxyError{Err: errors.New("connection refused")}), all, 0, false},
	}
	for _, test := range tests {
		for _, call := range calls {
			t.Run(test.name+"/"+call.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					attempts, bodies := 0, map[string]bool{}
					c := clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
						attempts++

						if req.Body != nil {
							body, err := io.ReadAll(req.Body)
							if err != nil {
								t.Error(err)
							}

							bodies[string(body)] = true
						}

						return test.fate(req, attempts)
					}), WithMaxRetries(repeats))
					err := call.do(t.Context(), c)

					want := test.attempts[call.method]
					if attempts != want {
						t.Errorf("%d attempts, want %d", attempts, want)
					}

					if len(bodies) > 1 {
						t.Errorf("the attempts have different bodies: %v", bodies)
					}

					if test.status != 0 {
						e := errorFrom(t, err)
						if e.StatusCode != test.status || test.status >= 400 && e.Message != fmt.Sprintf("attempt %d", want) {
							t.Errorf("not the last error: %v", err)
						}
					} else {
						noAnswerFrom(t, err)
					}

					if MayHaveBeenDone(err) != test.done {
						t.Errorf("MayHaveBeenDone is %v for %v", !test.done, err)
					}
				})
			})
		}
	}
}

func TestSuccessAfterRepeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fates := []fate{
			failure(false, errors.New("dial tcp: connection refused")), failure(true, errReset), truncated, status(503), status(429),
			func(req *http.Request, _ int) (*http.Response, error) {
				return reply(req, http.StatusOK, samples["get"]), nil
			},
		}
		attempts := 0
		c := clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
			attempts++

			return fates[attempts-1](req, attempts)
		}))
		job, err := c.GetVisualizationJob(t.Context(), 10)

		if err != nil || job.ID != 10 || attempts != 6 {
			t.Errorf("%d attempts: %+v, %v", attempts, job, err)
		}
	})
}

// Throttling is a promise that nothing was done.
func TestDialFailureAfterThrottling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		c := clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
			attempts++
			if attempts == 1 {
				return reply(req, http.StatusTooManyRequests, ""), nil
			}

			return nil, errors.New("dial tcp: connection refused")
		}), WithMaxRetries(1))

		if err := c.StopVisualizationJob(t.Context(), 10); err == nil || MayHaveBeenDone(err) || attempts != 2 {
			t.Errorf("%d attempts: %v", attempts, err)
		}
	})
}

// A call is done when any of its attempts was, not when the last one was.
func TestEarlierAttemptMayHaveBeenDone(t *testing.T) {
	t.Parallel()

	dial := failure(false, errors.New("dial tcp: connection refused"))
	for name, fates := range map[string][]fate{
		"dropped":            {failure(true, errReset), dial},
		"503":                {status(503), dial},
		"dropped, throttled": {failure(true, errReset), status(429), dial},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				attempts := 0
				c := clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
					attempts++

					return fates[attempts-1](req, attempts)
				}), WithMaxRetries(len(fates)-1))

				if err := c.DeleteVisualizationJob(t.Context(), 10); !MayHaveBeenDone(err) || attempts != len(fates) {
					t.Errorf("%d attempts: %v", attempts, err)
				}
			})
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name   string
		status int
		header func() string
		want   time.Duration // at least, and half a second more at most
	}{
		{"seconds", 429, func() string { return "7" }, 7 * time.Second},
		{"zero", 429, func() string { return "0" }, 0},
		{"a date", 429, func() string { return time.Now().Add(9 * time.Second).UTC().Format(http.TimeFormat) }, 9 * time.Second},
		{"a date gone by", 429, func() string { return "Fri, 31 Dec 1999 23:59:59 GMT" }, 0},
		{"seconds with 503", 503, func() string { return "11" }, 11 * time.Second},
		{"an hour", 429, func() string { return "3600" }, 2 * time.Minute},
		{"next year", 429, func() string { return time.Now().AddDate(1, 0, 0).UTC().Format(http.TimeFormat) }, 2 * time.Minute},
		{"beyond a duration", 429, func() string { return "10000000000" }, 2 * time.Minute},
		{"beyond any number", 429, func() string { return "99999999999999999999999" }, 2 * time.Minute},
		{"seconds with 502", 502, func() string { return "11" }, 11 * time.Second},
		{"in a form from before HTTP/1.0", 429, func() string { return time.Now().Add(9 * time.Second).UTC().Format(time.ANSIC) }, 9 * time.Second},
		// As if there were none: a random part of the first wait of the backoff.
		{"negative", 429, func() string { return "-5" }, 0},
		{"garbage", 429, func() string { return "soon" }, 0},
		{"a fraction", 429, func() string { return "100.5" }, 0},
		{"with a sign", 429, func() string { return "+100" }, 0},
		{"in words", 429, func() string { return "next Friday" }, 0},
		{"none", 429, func() string { return "" }, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start, first := time.Now(), true
				c := clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
					if !first {
						return reply(req, http.StatusOK, samples["get"]), nil
					}

					first = false

					return reply(req, test.status, "", "Retry-After", test.header()), nil
				}))
				if _, err := c.GetVisualizationJob(t.Context(), 10); err != nil {
					t.Fatal(err)
				}

				if got := time.Since(start); got < test.want || got > test.want+500*time.Millisecond {
					t.Errorf("waited %v, want %v", got, test.want)
				}
			})
		})
	}
}

func TestBackoffBounds(t *testing.T) {
	t.Parallel()

	const (
		lowest, highest = 500 * time.Millisecond, 30 * time.Second
		bound           = 2 * time.Minute
	)

	rapid.Check(t, func(t *rapid.T) {
		attempt := rapid.IntRange(0, 5000).Draw(t, "attempt")
		longest := time.Duration(min(float64(lowest)*math.Pow(2, float64(attempt)), float64(highest)))

		for _, resp := range []*http.Response{
			nil,
			{StatusCode: 503, Header: http.Header{}},
			{StatusCode: 429, Header: http.Header{"Retry-After": {"soon"}}},
			{StatusCode: 503, Header: http.Header{"Retry-After": {"-1"}}},
		} {
			if got := backoff(lowest, highest, attempt, resp); got < longest/2 || got > longest {
				t.Errorf("%v, want %v to %v", got, longest/2, longest)
			}
		}

		seconds := rapid.Int64Range(0, math.MaxInt64).Draw(t, "Retry-After")
		resp := &http.Response{StatusCode: 429, Header: http.Header{"Retry-After": {strconv.FormatInt(seconds, 10)}}}
		asked := bound

		if seconds < 120 {
			asked = time.Duration(seconds) * time.Second
		}

		if got := backoff(lowest, highest, attempt, resp); got < asked || got > asked+lowest {
			t.Errorf("%v when asked for %v", got, asked)
		}
	})
}

// A date is meant by the clock of the server, and ours may be wrong.
func TestRetryAfterByTheServersClock(t *testing.T) {
	t.Parallel()

	const noon = "Sun, 01 Mar 2026 12:00:00 GMT"

	for _, test := range []struct {
		date, after string
		want        time.Duration
	}{
		{noon, "Sun, 01 Mar 2026 12:00:07 GMT", 7 * time.Second},
		{noon, "Sunday, 01-Mar-26 12:00:07 GMT", 7 * time.Second},
		{noon, noon, 0},
		{noon, "Sun, 01 Mar 2026 11:00:00 GMT", 0},
		{noon, "Sun, 01 Mar 2026 13:00:00 GMT", 2 * time.Minute},
		{noon, "Fri, 31 Dec 9999 23:59:59 GMT", 2 * time.Minute},
		{noon, "Sat, 01 Jan 0000 00:00:00 GMT", 0},
		{noon, "9", 9 * time.Second},
		{"Sat, 01 Jan 0000 00:00:00 GMT", noon, 2 * time.Minute},
		{"Fri, 31 Dec 9999 23:59:59 GMT", noon, 0},
		{"", noon, 0}, // by our own clock, which is past that
		{"soon", noon, 0},
	} {
		got, ok := retryAfter(http.Header{"Date": {test.date}, "Retry-After": {test.after}})
		if got != test.want || !ok {
			t.Errorf("at %s, until %s: %v, %v", test.date, test.after, got, ok)
		}
	}
}

// All that were throttled at once must not come back at once.
func TestBackoffIsSpread(t *testing.T) {
	t.Parallel()

	for _, header := range []string{"", "7"} {
		resp := &http.Response{StatusCode: 429, Header: http.Header{"Retry-After": {header}}}
		waits := map[time.Duration]bool{}

		for range 20 {
			waits[backoff(500*time.Millisecond, 30*time.Second, 3, resp)] = true
		}

		if len(waits) < 2 {
			t.Errorf("Retry-After %q: always %v", header, waits)
		}
	}
}
