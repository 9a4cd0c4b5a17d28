package simulator_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestFaultAnswers(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		fault  simulator.Fault
		status int
		body   string
		header map[string]string
	}{
		"status and body": {
			simulator.Fault{Status: 503, Body: "<html>", Header: http.Header{"content-type": {"text/html"}}},
			503, "<html>",
			map[string]string{"Content-Type": "text/html"},
		},
		"status alone":       {simulator.Fault{Status: 502}, 502, "", map[string]string{"Content-Type": ""}},
		"nothing but a path": {simulator.Fault{Path: jobs}, 500, "", nil},
		"success that is none": {
			simulator.Fault{Status: 200, Code: "ModelArts.0010", Message: "Internal error."},
			200, `{"is_success":false,"error_message":"Internal error.","error_code":"ModelArts.0010"}`, nil,
		},
		"code": {
			simulator.Fault{Code: "ModelArts.0112", Message: "100%"},
			400, `{"is_success":false,"error_message":"100%","error_code":"ModelArts.0112"}`,
			map[string]string{"Content-Type": "application/json"},
		},
		"throttling": {
			simulator.Fault{
				Status: 429, Code: "APIGW.0308", Message: "slow",
				Header: http.Header{"Retry-After": {"3"}, "X-Request-Id": {"r"}},
			},
			429, `{"error_msg":"slow","error_code":"APIGW.0308","request_id":"ID"}`,
			map[string]string{"Retry-After": "3", "X-Request-Id": "r"},
		},
		"code of an older gateway": {
			simulator.Fault{Status: 401, Code: "APIG.0301", Message: "m"},
			401, `{"error_msg":"m","error_code":"APIG.0301","request_id":"ID"}`, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			for _, after := range []bool{false, true} {
				s := serve(t, simulator.Options{})
				c.fault.After = after
				s.Inject(c.fault)

				response, body, err := create(t.Context(), s.URL(), s.IssueToken(), plainJob)
				if err != nil {
					t.Fatal(err)
				}

				id := s.Calls()[0].RequestID

				if got := strings.ReplaceAll(body, id, "ID"); response.StatusCode != c.status || got != c.body {
					t.Errorf("after=%t: %d %s", after, response.StatusCode, body)
				}

				for key, want := range c.header {
					if got := response.Header.Get(key); got != want {
						t.Errorf("after=%t: %s = %q, want %q", after, key, got, want)
					}
				}

				if processed := len(s.Jobs()) == 1; processed != after {
					t.Errorf("after=%t: processed: %t", after, processed)
				}
			}
		})
	}
}

func TestFaultDropsTheConnection(t *testing.T) {
	t.Parallel()

	for _, after := range []bool{false, true} {
		s := serve(t, simulator.Options{})
		s.Inject(simulator.Fault{Drop: true, After: after})

		if _, _, err := create(t.Context(), s.URL(), s.IssueToken(), plainJob); !errors.Is(err, io.EOF) {
			t.Errorf("after=%t: error %v, want an end of file", after, err)
		}

		if processed := len(s.Jobs()) == 1; processed != after {
			t.Errorf("after=%t: processed: %t", after, processed)
		}

		if calls := s.Calls(); len(calls) != 1 || calls[0].Status != 0 {
			t.Errorf("after=%t: calls %+v", after, calls)
		}
	}
}

func TestWhichFaultHappens(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})
	b.AddJob(simulator.Job{Status: simulator.StatusRunning})
	b.Inject(simulator.Fault{Method: "GET", Path: `/visualization-jobs/\d+`, Status: 501, Count: 2})
	b.Inject(simulator.Fault{Path: "/v3/auth/.*", Status: 502})
	b.Inject(simulator.Fault{Path: ".*/stop", Status: 503, Count: -1})
	b.Inject(simulator.Fault{Status: 504})

	got := []int{
		b.call("GET", jobs+"/1", "").status,       // the first
		b.call("POST", jobs+"/1/stop", "").status, // the third
		b.call("GET", jobs+"/1", "").status,       // the first, for the last time
		b.call("POST", jobs+"/1/stop", "").status, // the third, for ever
		b.send("GET", "/v3", "").status,           // none: a path has to fit as a whole
		b.call("GET", jobs+"/1", "").status,       // the fourth
		b.call("GET", jobs+"/1", "").status,       // none is left
		b.logIn(byID, "").status,                  // the second
		b.logIn(byID, "").status,                  // none is left
	}
	if diff := cmp.Diff([]int{501, 503, 501, 503, 200, 504, 200, 502, 201}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	if left := b.Faults(); len(left) != 1 || left[0].Path != ".*/stop" {
		t.Errorf("left: %+v", left)
	}

	b.ClearFaults()
	b.accept("POST", jobs+"/1/stop", "")
}

func TestInjectPanicsOnNonsense(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})

	for _, f := range []simulator.Fault{
		{Path: "("}, {Status: 42}, {Status: 600}, {Skip: -1}, {Slow: -1}, {Size: -1},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v was taken", f)
				}
			}()

			b.Inject(f)
		}()
	}
}

func TestSkipCountAndAfterGoTogether(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})
	b.Inject(simulator.Fault{Method: "POST", Status: 501, Skip: 1, Count: 2, After: true})
	b.Inject(simulator.Fault{Method: "POST", Status: 502, Skip: 2})
	b.Inject(simulator.Fault{Path: jobs, Status: 503, Skip: 4, Count: -1})

	var got []string

	for _, method := range []string{"POST", "GET", "POST", "POST", "POST", "POST", "GET", "POST"} {
		status := b.call(method, jobs, plainJob).status
		got = append(got, method+" "+strconv.Itoa(status)+" "+strconv.Itoa(len(b.Jobs())))
	}

	want := []string{
		"POST 200 1", // skipped by the first, the second and the third
		"GET 200 1",  // skipped by the third
		"POST 501 2", // the first, processed
		"POST 501 3", // the first, for the last time
		"POST 200 4", // skipped by the second and the third
		"POST 502 4", // the second
		"GET 200 4",  // skipped by the third, for the last time
		"POST 503 4", // the third
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	if left := b.Faults(); len(left) != 1 || left[0].Status != 503 || left[0].Skip != 0 || left[0].Count != -1 {
		t.Errorf("left: %+v", left)
	}
}

// TestFaultsTellTheTime checks that whatever arrives is dated by the simulator's
// clock, unless the fault says otherwise.
func TestFaultsTellTheTime(t *testing.T) {
	t.Parallel()

	const now, other = "Sun, 01 Mar 2026 12:00:00 GMT", "Mon, 02 Mar 2026 12:00:00 GMT"

	s := simulator.New(simulator.Options{Clock: stillClock{}})

	for _, kind := range simulator.FaultKinds() {
		f := kind.Fault
		if f.Drop || f.Hang {
			continue
		}

		f.Path, f.Size = ".*", min(f.Size, 1000)

		for _, target := range []string{ownJobs, "/v3/auth/tokens", "/nothing"} {
			s.Inject(f)

			if got := dateOf(t, s, target); got != now {
				t.Errorf("%s of %s: Date %q", kind.Name, target, got)
			}
		}
	}

	s.Inject(simulator.Fault{Path: ".*", Header: http.Header{"Date": {other}}})

	if got := dateOf(t, s, ownJobs); got != other {
		t.Errorf("a fault with a Date: %q", got)
	}
}

// dateOf returns the Date of an answer, which need not be whole.
func dateOf(t *testing.T, s *simulator.Simulator, target string) string {
	t.Helper()

	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", target, http.NoBody))

	return w.Header().Get("Date")
}
