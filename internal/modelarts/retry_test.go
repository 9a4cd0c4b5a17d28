package modelarts

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

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
		status   int // of the *Error; 0 is a *NoResponseError
		done     bool
	}{
		{"500", status(500), idempotentOnly, 500, true},
		{"502", status(502), idempotentOnly, 502, true},
		{"503", status(503), idempotentOnly, 503, true},
		{"400", status(400), never, 400, false},
		{"401", status(401), never, 401, false},
		{"408", status(408), never, 408, true},
		{"refusal under 200", status(200), never, 200, false},
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
		{"credentials", failure(true, fmt.Errorf("wrapped: %w", &httpclient.CredentialsError{Err: errors.New("no")})), never, 0, false},
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
						noResponseFrom(t, err)
					}
					if MayHaveBeenDone(err) != test.done {
						t.Errorf("MayHaveBeenDone is %v for %v", !test.done, err)
					}
				})
			})
		}
	}
}
