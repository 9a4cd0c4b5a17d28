package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// control sends a request to the control endpoint.
func control(t *testing.T, h http.Handler, method, body string, header ...string) (int, string) {
	t.Helper()

	r := httptest.NewRequestWithContext(t.Context(), method, simulator.ControlPath, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}

	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)

	return w.Code, w.Body.String()
}

func TestControl(t *testing.T) {
	t.Parallel()

	const (
		first  = "POST /visualization-jobs conflict 2 0\n"
		second = "* .*/stop drop-after -1 0\n"
	)

	b := newBench(t, simulator.Options{Control: true})

	for _, step := range []struct {
		name, method, body string
		status             int
		answer             string
	}{
		{"nothing yet", "GET", "", 200, ""},
		{"queue", "POST", "# a comment\n\nPOST /visualization-jobs conflict 2\r\n", 200, first},
		{"queue more", "POST", "* .*/stop drop-after -1", 200, first + second},
		{"list", "GET", "", 200, first + second},
	} {
		status, answer := control(t, b, step.method, step.body)
		if status != step.status || answer != step.answer {
			t.Errorf("%s: %d %q, want %d %q", step.name, status, answer, step.status, step.answer)
		}
	}

	b.call("POST", jobs, plainJob).wantRefusal(t, http.StatusBadRequest,
		"ModelArts.0105", "This job can't be changed in its present status.")

	want := strings.Replace(first, "2", "1", 1) + second
	if _, answer := control(t, b, "GET", ""); answer != want {
		t.Errorf("left: %q, want %q", answer, want)
	}

	if status, answer := control(t, b, "DELETE", ""); status != http.StatusNoContent || answer != "" {
		t.Errorf("clear: %d %q", status, answer)
	}

	if left := b.Faults(); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}

	if calls := b.Calls(); len(calls) != 1 {
		t.Errorf("calls on record: %+v", calls)
	}
}

func TestControlRefuses(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{Control: true, RateLimit: 1})
	b.Inject(simulator.Fault{Path: ".*", Drop: true}) // Does not happen to the control.

	for name, c := range map[string]struct {
		method, body string
		header       []string
		status       int
		answer       string
	}{
		"one that is wrong": {
			"POST", "POST .* conflict\nPOST .* typo\nPUT x\n", nil,
			400, `fault "POST .* typo": unknown kind`,
		},
		"another one": {"POST", "POST .* conflict\nPOST .* typo\nPUT x\n", nil, 400, `fault "PUT x": it has to be METHOD`},
		"nothing":     {"POST", "# nothing\n", nil, 400, "no fault: each line has to be METHOD PATH KIND"},
		"too much":    {"POST", strings.Repeat("#", 1<<20+1), nil, 400, "too large"},
		"a web page":  {"POST", "POST .* conflict", []string{"Origin", "http://example.com"}, 403, "web pages"},
		"a web page that is nowhere": {
			"DELETE", "", []string{"Origin", "null"}, 403, "web pages",
		},
		"another method": {"PUT", "POST .* conflict", nil, 405, "Method Not Allowed"},
	} {
		status, answer := control(t, b, c.method, c.body, c.header...)
		if status != c.status || !strings.Contains(answer, c.answer) {
			t.Errorf("%s: %d %q, want %d %q", name, status, answer, c.status, c.answer)
		}

		if left := b.Faults(); len(left) != 1 || !left[0].Drop {
			t.Fatalf("%s: left: %+v", name, left)
		}
	}
}

// TestNoControlUnlessAskedFor checks that the path is no API otherwise.
func TestNoControlUnlessAskedFor(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})

	r := b.send("POST", simulator.ControlPath, "* .* conflict")
	r.want(t, http.StatusNotFound, gatewayRefusal(r, "APIGW.0101",
		"The API does not exist or is not published in this environment: POST /simulator/faults"))

	if left := b.Faults(); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}
}
