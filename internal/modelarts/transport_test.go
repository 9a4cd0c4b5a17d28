package modelarts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

// endless is a body without an end that takes no memory.
type endless struct {
	read   *int
	closed *bool
}

func (e endless) Read(p []byte) (int, error) {
	clear(p)
	*e.read += len(p)
	return len(p), nil
}

func (e endless) Close() error {
	*e.closed = true
	return nil
}

func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	for _, call := range calls {
		limit := 256 << 10
		if call.name == "list" {
			limit = 8 << 20
		}
		for _, status := range []int{200, 404, 429, 503} {
			t.Run(fmt.Sprint(call.name, status), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var (
						attempts, read int
						closed         bool
					)
					err := call.do(t.Context(), clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
						attempts++
						resp := reply(req, status, "")
						resp.Body = endless{&read, &closed}
						return resp, nil
					})))
					e := noAnswerFrom(t, err)
					if !strings.Contains(e.Error(), fmt.Sprintf("larger than %d KiB", limit>>10)) || attempts != 1 {
						t.Errorf("%d attempts: %v", attempts, err)
					}
					if read > limit+limit/2+1<<16 || !closed {
						t.Errorf("read %d bytes, closed %v", read, closed)
					}
				})
			})
		}
	}
}

// The limits must not refuse what the API can send.
func TestLargeAnswer(t *testing.T) {
	t.Parallel()
	for _, call := range calls {
		spaces := 250 << 10
		if call.name == "list" {
			spaces = 7 << 20
		}
		body := strings.Replace(samples[call.name], "{", "{"+strings.Repeat(" ", spaces), 1)
		if err := call.do(t.Context(), clientOn(always(http.StatusOK, body))); err != nil {
			t.Error(err)
		}
	}
}

func TestRedirectIsRefused(t *testing.T) {
	t.Parallel()
	elsewhere := serve(t, sample)
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, call := range calls {
			t.Run(fmt.Sprint(status, call.name), func(t *testing.T) {
				t.Parallel()
				s := serve(t, func(w http.ResponseWriter, r *http.Request) {
					http.Redirect(w, r, elsewhere.URL+r.URL.Path, status)
				})
				err := call.do(t.Context(), s.client(t))
				e := errorFrom(t, err)
				if e.StatusCode != status || !strings.Contains(string(e.Message), strings.TrimPrefix(elsewhere.URL, "http://")) {
					t.Errorf("%v", err)
				}
				if len(s.seen()) != 1 || MayHaveBeenDone(err) {
					t.Errorf("%d requests, MayHaveBeenDone %v", len(s.seen()), MayHaveBeenDone(err))
				}
			})
		}
	}
	t.Cleanup(func() {
		for _, r := range elsewhere.seen() {
			t.Errorf("the other host was sent %s %s with the token %q", r.Method, r.URI, r.Header.Get("X-Auth-Token"))
		}
	})
}

// To its own host a redirect is as undocumented.
func TestRedirectToTheSameHostIsRefused(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) })
	err := s.client(t).StopVisualizationJob(t.Context(), 10)
	if errorFrom(t, err).StatusCode != http.StatusFound || len(s.seen()) != 1 {
		t.Errorf("%d requests: %v", len(s.seen()), err)
	}
}

// What a real connection does decides whether a create can have made a job.
func TestMayHaveBeenDoneOverTheWire(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    bool
	}{
		{"dropped", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, true},
		{"truncated", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			answer(http.StatusOK, samples["create"])(w, nil)
		}, true},
		{"no HTTP", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			_, _ = io.WriteString(conn, "SSH-2.0-OpenSSH_9.6\r\n")
			_ = conn.Close()
		}, true},
		{"HTML", answer(200, "<html>"), true},
		{"no id", answer(200, success), true},
		{"500", answer(500, ""), true},
		{"502", answer(502, "<html>"), true},
		{"503", answer(503, ""), true},
		{"504", answer(504, ""), true},
		{"400", answer(400, ""), false},
		{"404", answer(404, "<html>"), false},
		{"refusal under 200", answer(200, `{"is_success": false}`), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, test.handler)
			_, err := s.client(t).CreateVisualizationJob(t.Context(), CreateOptions{Name: "a", TrainURL: "/b/"})
			if err == nil || MayHaveBeenDone(err) != test.want {
				t.Errorf("MayHaveBeenDone is %v for %v", !test.want, err)
			}
			if n := len(s.seen()); n != 1 {
				t.Errorf("sent %d times", n)
			}
		})
	}
}

func TestRefusedConnection(t *testing.T) {
	t.Parallel()
	s := serve(t, sample)
	s.Close()
	for _, call := range calls {
		err := call.do(t.Context(), s.client(t, WithMaxRetries(0)))
		if e := noAnswerFrom(t, err); e.Sent || MayHaveBeenDone(err) || IsRefusal(err) || !is[*net.OpError](err) {
			t.Errorf("%s: %v", call.name, err)
		}
	}
}

// http.Transport tells a failed dial from a broken connection; a create that
// never left is repeated.
func TestFailedDialIsRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dials := 0
		c := clientOn(&http.Transport{DialTLSContext: func(context.Context, string, string) (net.Conn, error) {
			dials++
			return nil, errors.New("no route to host")
		}}, WithMaxRetries(2))
		if err := c.StopVisualizationJob(t.Context(), 10); err == nil || MayHaveBeenDone(err) || dials != 3 {
			t.Errorf("%d dials: %v", dials, err)
		}
	})
}

func TestRequestIDHeaders(t *testing.T) {
	t.Parallel()
	for want, header := range map[string][]string{
		"r1": {"X-Request-Id", "r1", "X-Openstack-Request-Id", "r2"},
		"r2": {"X-Openstack-Request-Id", "r2"},
		"":   nil,
	} {
		err := clientOn(always(http.StatusBadRequest, "", header...)).StopVisualizationJob(t.Context(), 10)
		if got := string(errorFrom(t, err).RequestID); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestCallLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var logged []httpclient.Call
		attempts := 0
		c := clientOn(authenticated(roundTripper(func(req *http.Request) (*http.Response, error) {
			attempts++
			switch attempts {
			case 1:
				<-time.After(2 * time.Second)
				return reply(req, http.StatusServiceUnavailable, "secret body", "X-Request-Id", "r1"), nil
			case 2:
				return nil, errReset
			default:
				return reply(req, http.StatusOK, samples["list"], "X-Request-Id", "r3"), nil
			}
		})), WithCallLog(func(_ context.Context, c httpclient.Call) { logged = append(logged, c) }))
		if _, err := c.ListVisualizationJobs(t.Context(), ListOptions{SearchContent: "a b"}); err != nil {
			t.Fatal(err)
		}
		path := "/v1/" + project + "/visualization-jobs?page=1&per_page=1000&search_content=a+b"
		want := []httpclient.Call{
			{Method: "GET", Path: path, Attempt: 1, Status: 503, RequestID: "r1", Duration: 2 * time.Second},
			{Method: "GET", Path: path, Attempt: 2, Err: errReset},
			{Method: "GET", Path: path, Attempt: 3, Status: 200, RequestID: "r3"},
		}
		if diff := cmp.Diff(want, logged, cmp.Comparer(func(a, b error) bool { return errors.Is(b, a) || errors.Is(a, b) })); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		if text := fmt.Sprintf("%+v", logged); strings.Contains(text, "secret") {
			t.Errorf("the log tells too much: %s", text)
		}
	})
}

// A log shows what comes from outside, and must not be led by it.
func TestCallLogIsPrintable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const odd = "malformed \x1b[2J\n"
		var logged []httpclient.Call
		c := clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
			if len(logged) == 0 {
				return nil, errors.New(odd + strings.Repeat("x", 5000))
			}
			return reply(req, http.StatusBadRequest, "", "X-Request-Id", odd+strings.Repeat("x", 5000)), nil
		}), WithCallLog(func(_ context.Context, c httpclient.Call) { logged = append(logged, c) }))
		if err := c.DeleteVisualizationJob(t.Context(), 10); err == nil || len(logged) != 2 {
			t.Fatalf("%d calls, %v", len(logged), err)
		}
		checkShown(t, logged[0].Err.Error(), 1010, false)
		checkShown(t, logged[1].RequestID, 210, false)
	})
}
