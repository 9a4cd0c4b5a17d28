package simulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// meter is a writer that notes how much was written at each flush, and when.
type meter struct {
	httptest.ResponseRecorder

	began   time.Time
	flushes []flush
}

type flush struct {
	After time.Duration
	Bytes int
}

func newMeter() *meter {
	return &meter{ResponseRecorder: *httptest.NewRecorder(), began: time.Now()}
}

func (m *meter) Flush() {
	m.flushes = append(m.flushes, flush{time.Since(m.began), m.Body.Len()})
}

func TestSlowSendsPieces(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		fault     simulator.Fault
		body      string
		processed bool
		flushes   []int // bytes so far, every second
	}{
		"the honest answer": {
			simulator.Fault{Header: http.Header{"X-More": {"1"}}},
			`{"is_success":true,"job_id":"1","job_name":"board","status":"1","create_time":"946684800000"}`, true,
			[]int{10, 19, 28, 38, 47, 56, 66, 75, 84, 93},
		},
		"a body": {
			simulator.Fault{Status: 503, Body: strings.Repeat("b", 100)},
			strings.Repeat("b", 100), false,
			[]int{10, 20, 30, 40, 50, 60, 70, 80, 90, 100},
		},
		"a short body": {simulator.Fault{Body: "abc"}, "abc", false, []int{1, 1, 1, 2, 2, 2, 3, 3, 3, 3}},
		"no body":      {simulator.Fault{Status: 200}, "", false, []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
		"a code": {
			simulator.Fault{Code: "ModelArts.0010"},
			`{"is_success":false,"error_message":"","error_code":"ModelArts.0010"}`, false,
			[]int{7, 14, 21, 28, 35, 42, 49, 56, 63, 69},
		},
		"a size": {
			simulator.Fault{Size: 40},
			`{"is_success": true, "padding": "aaaaa"}`, false,
			[]int{4, 8, 12, 16, 20, 24, 28, 32, 36, 40},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			synctest.Test(t, func(t *testing.T) {
				s := simulator.New(simulator.Options{})
				c.fault.Slow = 9 * time.Second
				s.Inject(c.fault)

				m := newMeter()
				s.ServeHTTP(m, createRequest(t.Context(), "", s.IssueToken(), plainJob))

				want := make([]flush, len(c.flushes))
				for i, n := range c.flushes {
					want[i] = flush{time.Duration(i) * time.Second, n}
				}

				if diff := cmp.Diff(want, m.flushes); diff != "" {
					t.Errorf("flushes (-want +got):\n%s", diff)
				}

				if got := m.Body.String(); got != c.body {
					t.Errorf("body %q, want %q", got, c.body)
				}

				if c.fault.Header != nil && m.Header().Get("X-More") != "1" {
					t.Errorf("header: %v", m.Header())
				}

				if processed := len(s.Jobs()) == 1; processed != c.processed {
					t.Errorf("processed: %t", processed)
				}
			})
		})
	}
}

func TestSlowFollowsTheClock(t *testing.T) {
	t.Parallel()

	clock := simulator.NewManualClock(start)
	s := serve(t, simulator.Options{Clock: clock})
	s.Inject(simulator.Fault{Slow: 9 * time.Second})

	type result struct {
		body string
		err  error
	}

	ended := make(chan result, 1)

	go func() {
		_, body, err := create(t.Context(), s.URL(), s.IssueToken(), plainJob)
		ended <- result{body, err}
	}()

	// The handler may not wait yet, so the clock moves until it answers.
	for {
		select {
		case got := <-ended:
			if got.err != nil || !json.Valid([]byte(got.body)) {
				t.Errorf("body %q, error %v", got.body, got.err)
			}

			if passed := clock.Now().Sub(start); passed < 9*time.Second {
				t.Errorf("answered after %s", passed)
			}

			return
		case <-time.After(time.Millisecond):
			clock.Advance(time.Second)
		}
	}
}

func TestSlowEndsWhenTheClientGoes(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		s := simulator.New(simulator.Options{})
		s.Inject(simulator.Fault{Slow: 9 * time.Hour})

		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Minute)
		defer cancel()

		m := newMeter()
		if !aborts(s, m, createRequest(ctx, "", s.IssueToken(), plainJob)) {
			t.Error("the connection was not cut")
		}

		if waited := time.Since(m.began); waited != 90*time.Minute || len(m.flushes) != 2 {
			t.Errorf("ended after %s: %v", waited, m.flushes)
		}
	})
}

func TestCloseEndsWhatIsSlow(t *testing.T) {
	t.Parallel()

	s := serve(t, simulator.Options{Clock: simulator.NewManualClock(start)})
	s.Inject(simulator.Fault{Slow: time.Hour})

	response, err := transport.RoundTrip(createRequest(t.Context(), s.URL(), s.IssueToken(), plainJob))
	if err != nil {
		t.Fatal(err) // The header comes at once.
	}
	defer response.Body.Close()

	first := make([]byte, 5)
	if _, err := io.ReadFull(response.Body, first); err != nil || string(first) != `{"is_` {
		t.Errorf("first piece %q, error %v", first, err)
	}

	s.Close()

	if rest, err := io.ReadAll(response.Body); err == nil {
		t.Errorf("the answer ended well: %q", rest)
	}
}

func TestSize(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		fault  simulator.Fault
		status int
		body   string
		length int64 // as announced; -1 is not at all
	}{
		"a JSON object":   {simulator.Fault{Size: 40}, 200, `{"is_success": true, "padding": "aaaaa"}`, -1},
		"the smallest":    {simulator.Fault{Size: 35}, 200, `{"is_success": true, "padding": ""}`, -1},
		"too small":       {simulator.Fault{Size: 5}, 200, `{"is_`, -1},
		"a status":        {simulator.Fault{Size: 5, Status: 502}, 502, `{"is_`, -1},
		"a body filled":   {simulator.Fault{Size: 5, Body: "<>"}, 200, "<>aaa", -1},
		"a body cut":      {simulator.Fault{Size: 2, Body: "<html>"}, 200, "<h", -1},
		"a known length":  {simulator.Fault{Size: 5, Header: http.Header{"Content-Length": {"5"}}}, 200, `{"is_`, 5},
		"after":           {simulator.Fault{Size: 5, After: true}, 200, `{"is_`, -1},
		"a code, cut off": {simulator.Fault{Size: 5, Code: "ModelArts.0010"}, 400, `{"is_`, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := serve(t, simulator.Options{})
			s.Inject(c.fault)

			response, body, err := create(t.Context(), s.URL(), s.IssueToken(), plainJob)
			if err != nil {
				t.Fatal(err)
			}

			if response.StatusCode != c.status || body != c.body {
				t.Errorf("%d %q, want %d %q", response.StatusCode, body, c.status, c.body)
			}

			if response.ContentLength != c.length {
				t.Errorf("announced %d bytes, want %d", response.ContentLength, c.length)
			}

			if processed := len(s.Jobs()) == 1; processed != c.fault.After {
				t.Errorf("processed: %t", processed)
			}
		})
	}
}

// counter is a writer that keeps nothing but the ends.
type counter struct {
	header      http.Header
	total       int64
	first, last []byte
}

func (c *counter) Header() http.Header { return c.header }
func (c *counter) WriteHeader(int)     {}

func (c *counter) Write(p []byte) (int, error) {
	if c.total == 0 {
		c.first = bytes.Clone(p[:1])
	}

	c.total += int64(len(p))
	c.last = append(c.last[:0], p[len(p)-1])

	return len(p), nil
}

// TestGibibyteTakesNoMemory does not run beside others, whose memory would count.
func TestGibibyteTakesNoMemory(t *testing.T) {
	s := simulator.New(simulator.Options{})
	s.Inject(simulator.Fault{Size: 1 << 30})

	r := createRequest(t.Context(), "", s.IssueToken(), plainJob)
	w := &counter{header: make(http.Header)}

	var before, after runtime.MemStats

	runtime.ReadMemStats(&before)
	s.ServeHTTP(w, r)
	runtime.ReadMemStats(&after)

	if w.total != 1<<30 || string(w.first) != "{" || string(w.last) != "}" {
		t.Errorf("%d bytes from %q to %q", w.total, w.first, w.last)
	}

	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes of memory", used)
	}
}

func TestGibibyteEndsWhenTheClientGoes(t *testing.T) {
	t.Parallel()

	s := serve(t, simulator.Options{})
	s.Inject(simulator.Fault{Size: 1 << 40})

	response, err := transport.RoundTrip(createRequest(t.Context(), s.URL(), s.IssueToken(), plainJob))
	if err != nil {
		t.Fatal(err)
	}

	if n, err := io.CopyN(io.Discard, response.Body, 8<<20); err != nil {
		t.Errorf("only %d bytes: %v", n, err)
	}

	response.Body.Close()

	if err := s.Shutdown(t.Context()); err != nil {
		t.Errorf("the answer goes on: %v", err)
	}
}
