package modelarts

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

var errReset = fmt.Errorf("read tcp: %w", syscall.ECONNRESET)

// fate is what happens to every attempt of a request.
type fate func(req *http.Request, attempt int) (*http.Response, error)

func status(code int) fate {
	return func(req *http.Request, attempt int) (*http.Response, error) {
		return reply(req, code, fmt.Sprintf(`{"error_code": "ModelArts.0103", "error_message": "attempt %d"}`, attempt)), nil
	}
}

func with(code int, body string) fate {
	return func(req *http.Request, _ int) (*http.Response, error) { return reply(req, code, body), nil }
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
	readsOnly := map[string]int{http.MethodPost: 1, http.MethodGet: repeats + 1, http.MethodPut: 1, http.MethodDelete: 1}
	never := map[string]int{http.MethodPost: 1, http.MethodGet: 1, http.MethodPut: 1, http.MethodDelete: 1}
	tests := []struct {
		name     string
		fate     fate
		attempts map[string]int
		status   int // of the *Error; 0 is a *NoAnswerError
		done     bool
	}{
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
		{"HTML", with(200, "<html>"), readsOnly, 0, true},
		{"empty", with(200, ""), readsOnly, 0, true},
		{"truncated JSON", with(200, `{"is_success": true, "job_id": 1`), readsOnly, 0, true},
		{"JSON of another shape", with(200, `["is_success"]`), readsOnly, 0, true},
		{"JSON of nothing", with(200, `{}`), readsOnly, 0, true},
		{"wrong types", with(200, `{"is_success": 7, "job_id": [], "jobs": 1}`), readsOnly, 0, true},
		{"HTML with 203", with(203, "<html>"), readsOnly, 0, true},
		{"HTML with 404", with(404, "<html>"), never, 404, false},
		{"hanging", hanging, idempotentOnly, 0, true},
		{"certificate", failure(false, &tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}}}), never, 0, false},
		{"TLS alert", failure(true, &net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}), never, 0, true},
		{"credentials", failure(true, fmt.Errorf("wrapped: %w", &httpclient.CredentialsError{Err: errors.New("no")})), never, 0, false},
		{"a proxy that refuses", failure(true, fmt.Errorf("wrapped: %w", &httpclient.ProxyError{Final: true, Err: errors.New("HTTP 407")})), never, 0, false},
		{"a proxy that is down", failure(false, &httpclient.ProxyError{Err: errors.New("connection refused")}), all, 0, false},
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
						if e.StatusCode != test.status || test.status >= 400 && e.Message != "" && string(e.Message) != fmt.Sprintf("attempt %d", want) {
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
			with(200, "<html>"), status(429), status(429),
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
		if err != nil || job.ID != 10 || attempts != 9 {
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
		if err := c.StopVisualizationJob(t.Context(), 10); err == nil || MayHaveBeenDone(err) || attempts != 3 {
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
				}), WithMaxRetries(1))
				if err := c.DeleteVisualizationJob(t.Context(), 10); !MayHaveBeenDone(err) || attempts != len(fates) {
					t.Errorf("%d attempts: %v", attempts, err)
				}
			})
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	in := func(d time.Duration, layout string) func() string {
		return func() string { return time.Now().Add(d).UTC().Format(layout) }
	}
	is := func(value string) func() string { return func() string { return value } }
	tests := []struct {
		name   string
		status int
		header func() string
		want   time.Duration // at least, and half a second more at most
	}{
		{"seconds", 429, is("7"), 7 * time.Second},
		{"a date", 429, in(9*time.Second, http.TimeFormat), 9 * time.Second},
		{"in a form from before HTTP/1.0", 429, in(9*time.Second, time.ANSIC), 9 * time.Second},
		{"as long as there is time", 429, is("1190"), 1190 * time.Second},
		{"seconds with 503", 503, is("11"), 11 * time.Second},
		{"seconds with 502", 502, is("11"), 11 * time.Second},
		{"as long as there is time, with 503", 503, is("1190"), 1190 * time.Second},
		// As if there were none.
		{"zero", 429, is("0"), time.Second},
		{"a date gone by", 429, is("Fri, 31 Dec 1999 23:59:59 GMT"), time.Second},
		{"negative", 429, is("-5"), time.Second},
		{"garbage", 429, is("soon"), time.Second},
		{"a fraction", 429, is("100.5"), time.Second},
		{"with a sign", 429, is("+100"), time.Second},
		{"in words", 429, is("next Friday"), time.Second},
		{"none", 429, is(""), time.Second},
		{"garbage with 503", 503, is("soon"), 0}, // a random part of the first wait of the backoff
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
				defer cancel()
				start, first := time.Now(), true
				c := clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
					if !first {
						return reply(req, http.StatusOK, samples["get"]), nil
					}
					first = false
					return reply(req, test.status, "", "Retry-After", test.header()), nil
				}))
				if _, err := c.GetVisualizationJob(ctx, 10); err != nil {
					t.Fatal(err)
				}
				if got := time.Since(start); got < test.want || got > test.want+500*time.Millisecond {
					t.Errorf("waited %v, want %v", got, test.want)
				}
			})
		})
	}
}
