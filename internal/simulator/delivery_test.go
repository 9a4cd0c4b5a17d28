package simulator_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// aborts says whether the handler cut the connection.
func aborts(h http.Handler, w http.ResponseWriter, r *http.Request) (aborted bool) {
	defer func() {
		if v := recover(); v != nil {
			err, _ := v.(error)
			if aborted = errors.Is(err, http.ErrAbortHandler); !aborted {
				panic(v)
			}
		}
	}()

	h.ServeHTTP(w, r)

	return false
}

func TestHangLastsUntilTheClientGoes(t *testing.T) {
	t.Parallel()

	for _, after := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := simulator.New(simulator.Options{})
			s.Inject(simulator.Fault{Hang: true, After: after, Status: 200, Body: "never seen"})

			ctx, cancel := context.WithTimeout(t.Context(), 48*time.Hour)
			defer cancel()

			began := time.Now()
			w := httptest.NewRecorder()

			if !aborts(s, w, createRequest(ctx, "", s.IssueToken(), plainJob)) || w.Body.Len() > 0 {
				t.Errorf("after=%t: answered %q", after, w.Body)
			}

			if waited := time.Since(began); waited != 48*time.Hour {
				t.Errorf("after=%t: ended after %s", after, waited)
			}

			if processed := len(s.Jobs()) == 1; processed != after {
				t.Errorf("after=%t: processed: %t", after, processed)
			}

			if calls := s.Calls(); len(calls) != 1 || calls[0].Status != 0 {
				t.Errorf("after=%t: calls %+v", after, calls)
			}
		})
	}
}

func TestServerEndsWhatHangs(t *testing.T) {
	t.Parallel()

	for name, end := range map[string]func(s *simulator.Server) error{
		"Close":    func(s *simulator.Server) error { s.Close(); return nil },
		"Shutdown": func(s *simulator.Server) error { return s.Shutdown(context.Background()) },
	} {
		for body, size := range map[string]int{"read": 0, "not read to its end": 2 << 20} {
			t.Run(name+" with a body "+body, func(t *testing.T) {
				t.Parallel()

				told := make(chan struct{}, 1)
				s := serve(t, simulator.Options{OnCall: func(simulator.Call) { told <- struct{}{} }})
				s.Inject(simulator.Fault{Hang: true})

				failed := make(chan error, 1)

				go func() {
					_, _, err := create(t.Context(), s.URL(), s.IssueToken(), plainJob+strings.Repeat(" ", size))
					failed <- err
				}()

				<-told

				ended := make(chan error, 1)
				go func() { ended <- end(s) }()

				if err := <-ended; err != nil {
					t.Error(err)
				}

				if err := <-failed; err == nil {
					t.Error("the request was answered")
				}
			})
		}
	}
}

func TestTruncate(t *testing.T) {
	t.Parallel()

	const (
		honest = `{"is_success":true,"job_id":"1","job_name":"board","status":"1","create_time":"1772366400000"}`
		madeUp = `{"is_success":true,"job_id":"1","job_name":"truncated","status":"1","create_time":"0"}`
	)

	for name, c := range map[string]struct {
		fault     simulator.Fault
		status    int
		whole     string // what is announced
		processed bool
	}{
		"the honest answer": {simulator.Fault{After: true}, 200, honest, true},
		"nothing":           {simulator.Fault{}, 200, madeUp, false},
		"a status":          {simulator.Fault{Status: 502}, 502, madeUp, false},
		"a body":            {simulator.Fault{Status: 503, Body: "0123456789"}, 503, "0123456789", false},
		"a body for After":  {simulator.Fault{Status: 503, Body: "0123456789", After: true}, 503, "0123456789", true},
		"a code": {
			simulator.Fault{Code: "ModelArts.0010", Message: "m"},
			400,
			`{"is_success":false,"error_message":"m","error_code":"ModelArts.0010"}`, false,
		},
		"a size":           {simulator.Fault{Size: 40, Body: "x"}, 200, "x" + strings.Repeat("a", 39), false},
		"slowly":           {simulator.Fault{Slow: time.Microsecond}, 200, honest, true},
		"hardly anything":  {simulator.Fault{Status: 200, Body: "{"}, 200, "{", false},
		"a body to resize": {simulator.Fault{Size: 4, Body: "0123456789"}, 200, "0123", false},
	} {
		for writer, wrap := range map[string]func(http.Handler) http.Handler{
			"flusher": func(h http.Handler) http.Handler { return h }, "no flusher": withoutFlusher,
		} {
			t.Run(name+", "+writer, func(t *testing.T) {
				t.Parallel()

				s := simulator.New(simulator.Options{Clock: stillClock{}})
				fault := c.fault
				fault.Truncate = true
				s.Inject(fault)

				server := httptest.NewServer(wrap(s))
				defer server.Close()

				response, body, err := create(t.Context(), server.URL, s.IssueToken(), plainJob)
				if !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Fatalf("error %v, want an unexpected end", err)
				}

				if response.StatusCode != c.status || response.ContentLength != int64(len(c.whole)) {
					t.Errorf("status %d, length %d, want %d, %d",
						response.StatusCode, response.ContentLength, c.status, len(c.whole))
				}

				if want := c.whole[:len(c.whole)/2]; body != want {
					t.Errorf("body %q, want %q", body, want)
				}

				if processed := len(s.Jobs()) == 1; processed != c.processed {
					t.Errorf("processed: %t", processed)
				}
			})
		}
	}
}

// withoutFlusher hides all that a writer can do but the least.
func withoutFlusher(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(struct{ http.ResponseWriter }{w}, r)
	})
}

func TestTruncateOfAnEmptyAnswer(t *testing.T) {
	t.Parallel()

	s := serve(t, simulator.Options{ErrorShape: simulator.ErrorShapeEmpty})
	s.Inject(simulator.Fault{Truncate: true, After: true})

	response, body, err := create(t.Context(), s.URL(), s.IssueToken(), "{}")
	if !errors.Is(err, io.ErrUnexpectedEOF) || response.StatusCode != http.StatusBadRequest || body != "" {
		t.Errorf("%v %q: error %v", response, body, err)
	}
}

// TestAHeaderMayAnnounceMore checks that the length that a fault announces is
// not put right.
func TestAHeaderMayAnnounceMore(t *testing.T) {
	t.Parallel()

	s := serve(t, simulator.Options{})
	s.Inject(simulator.Fault{
		Status: http.StatusOK, Body: "ab", Slow: time.Microsecond, Header: http.Header{"Content-Length": {"9"}},
	})

	response, body, err := create(t.Context(), s.URL(), s.IssueToken(), plainJob)
	if !errors.Is(err, io.ErrUnexpectedEOF) || response.ContentLength != 9 || body != "ab" {
		t.Errorf("%v %q: error %v", response, body, err)
	}
}
