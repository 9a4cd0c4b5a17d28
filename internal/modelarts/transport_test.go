package modelarts

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
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
		read := 0
		err := call.do(t.Context(), clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
			resp := reply(req, http.StatusOK, "")
			resp.Body = endless{&read, new(bool)}
			return resp, nil
		})))
		if e := noResponseFrom(t, err); !strings.Contains(e.Error(), fmt.Sprintf("larger than %d KiB", limit>>10)) || read > limit+limit/2+1<<16 {
			t.Errorf("read %d bytes: %v", read, err)
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
	for _, call := range calls {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
		})
		err := call.do(t.Context(), s.client(t))
		if e := errorFrom(t, err); e.StatusCode != http.StatusTemporaryRedirect ||
			!strings.Contains(string(e.Message), strings.TrimPrefix(elsewhere.URL, "http://")) {
			t.Errorf("%v", err)
		}
		if len(s.seen()) != 1 || MayHaveBeenDone(err) {
			t.Errorf("%d requests, MayHaveBeenDone %v", len(s.seen()), MayHaveBeenDone(err))
		}
	}
	for _, r := range elsewhere.seen() {
		t.Errorf("the other host was sent %s %s with the token %q", r.Method, r.URI, r.Header.Get("X-Auth-Token"))
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
