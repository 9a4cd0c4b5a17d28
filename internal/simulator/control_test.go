package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestParseFault(t *testing.T) {
	t.Parallel()

	conflict, err := simulator.NamedFault("conflict")
	if err != nil {
		t.Fatal(err)
	}

	like := func(method, path string, count, skip int) simulator.Fault {
		f := conflict
		f.Method, f.Path, f.Count, f.Skip = method, path, count, skip

		return f
	}

	for words, c := range map[string]struct {
		want  simulator.Fault
		words string // as they are given back
	}{
		"POST /visualization-jobs conflict": {
			like("POST", "/visualization-jobs", 1, 0), "POST /visualization-jobs conflict 1 0",
		},
		"  *  .*/stop\tconflict -1 ": {like("", ".*/stop", -1, 0), "* .*/stop conflict -1 0"},
		"GET /v3.* conflict 2 30":    {like("GET", "/v3.*", 2, 30), "GET /v3.* conflict 2 30"},
		"DELETE .* conflict 3 0":     {like("DELETE", ".*", 3, 0), "DELETE .* conflict 3 0"},
		"PUT .* conflict 1":          {like("PUT", ".*", 1, 0), "PUT .* conflict 1 0"},
	} {
		got, err := simulator.ParseFault(words)
		if err != nil {
			t.Errorf("%s: %v", words, err)
		}

		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", words, diff)
		}

		if diff := cmp.Diff(c.words, got.Words()); diff != "" {
			t.Errorf("%s, given back (-want +got):\n%s", words, diff)
		}
	}

	if got, want := (simulator.Fault{}).Words(), "* /visualization-jobs.* custom 1 0"; got != want {
		t.Errorf("words of a fault without a kind: %q, want %q", got, want)
	}
}

func TestParseFaultRefuses(t *testing.T) {
	t.Parallel()

	for words, want := range map[string]string{
		"":                           "METHOD PATH KIND [COUNT [SKIP]]",
		"POST .*":                    "METHOD PATH KIND [COUNT [SKIP]]",
		"POST .* conflict 1 2 3":     "METHOD PATH KIND [COUNT [SKIP]]",
		"POST .* typo":               "unknown kind of fault \"typo\": it has to be one of drop-before, ",
		"PSOT .* conflict":           "the method has to be *, GET, POST, PUT, DELETE",
		"post .* conflict":           "the method has to be",
		"POST ( conflict":            "missing closing )",
		`POST \Q conflict`:           "missing closing )",
		"POST * conflict":            "missing argument to repetition operator",
		"POST .* conflict 0":         "COUNT has to be a positive number, or -1",
		"POST .* conflict -2":        "COUNT has to be",
		"POST .* conflict many":      "COUNT has to be",
		"POST .* conflict 1 -1":      "SKIP has to be a number, 0 or more",
		"POST .* conflict 1 some":    "SKIP has to be",
		"POST .* conflict 1.5":       "COUNT has to be",
		"POST .* conflict 99999999x": "COUNT has to be",
	} {
		if _, err := simulator.ParseFault(words); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", words, err, want)
		}
	}
}

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
