package simulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestParseFault(t *testing.T) {
	conflict, err := simulator.NamedFault("conflict")
	if err != nil {
		t.Fatal(err)
	}

	for text, want := range map[string]string{
		"POST /visualization-jobs conflict": "POST /visualization-jobs conflict 1 0",
		"  *  .*/stop\tconflict -1 ":        "* .*/stop conflict -1 0",
		"GET /v3.* conflict 2 30":           "GET /v3.* conflict 2 30",
		"DELETE .* conflict 3 0":            "DELETE .* conflict 3 0",
		"PUT .* conflict 1":                 "PUT .* conflict 1 0",
	} {
		got, err := simulator.ParseFault(text)
		if err != nil || got.Words() != want {
			t.Errorf("%q: fault %q, error %v, want %q", text, got.Words(), err, want)
		}

		got.Method, got.Path, got.Count, got.Skip = "", "", 0, 0
		if diff := cmp.Diff(conflict, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}

	for text, want := range map[string]string{
		"":                        "METHOD PATH KIND [COUNT [SKIP]]",
		"POST .*":                 "METHOD PATH KIND [COUNT [SKIP]]",
		"POST .* conflict 1 2 3":  "METHOD PATH KIND [COUNT [SKIP]]",
		"POST .* typo":            `unknown kind of fault "typo": it has to be one of ` + strings.Join(simulator.FaultNames(), ", "),
		"PSOT .* conflict":        "the method has to be *, GET, POST, PUT, DELETE",
		"post .* conflict":        "the method has to be",
		"POST ( conflict":         "missing closing )",
		"POST * conflict":         "missing argument to repetition operator",
		"POST .* conflict 0":      "COUNT has to be a positive number, or -1",
		"POST .* conflict -2":     "COUNT has to be",
		"POST .* conflict many":   "COUNT has to be",
		"POST .* conflict 1 -1":   "SKIP has to be a number, 0 or more",
		"POST .* conflict 1 some": "SKIP has to be",
	} {
		if _, err := simulator.ParseFault(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}

	if got := (simulator.Fault{}).Words(); got != "* /visualization-jobs.* custom 1 0" {
		t.Errorf("fault without a kind: %q", got)
	}
}

func TestControl(t *testing.T) {
	const (
		first  = "POST /visualization-jobs conflict 2 0\n"
		second = "* .*/stop drop-after -1 0\n"
		used   = "POST /visualization-jobs conflict 1 0\n"
		syntax = "METHOD PATH KIND [COUNT [SKIP]]"
		web    = "requests of web pages are refused"
	)

	f := newFixture(t, simulator.Options{Control: true, RateLimit: 1})

	for _, step := range []struct {
		name, method, body, origin string
		want                       string
	}{
		{"empty queue", "GET", "", "", "200 "},
		{"queue", "POST", "# a comment\n\nPOST /visualization-jobs conflict 2\r\n", "", "200 " + first},
		{"queue another", "POST", "* .*/stop drop-after -1", "", "200 " + first + second},
		{"create a job", "", "", "", ""},
		{"list", "GET", "", "", "200 " + used + second},
		{"invalid kind", "POST", "POST .* conflict\nPOST .* typo\n", "", `400 fault "POST .* typo": unknown kind`},
		{"second error", "POST", "POST .* typo\nPUT x\n", "", "400 fault \"PUT x\": it has to be " + syntax},
		{"no fault", "POST", "# nothing\n", "", "400 no fault: each line has to be " + syntax},
		{"large body", "POST", strings.Repeat("#", 1<<20+1), "", "400 read request body: http: request body too large"},
		{"web page", "POST", "POST .* conflict", "http://example.com", "403 " + web},
		{"web page without a host", "DELETE", "", "null", "403 " + web},
		{"method", "PUT", "POST .* conflict", "", "405 Method Not Allowed"},
		{"unchanged", "GET", "", "", "200 " + used + second},
		{"clear", "DELETE", "", "", "204 "},
		{"cleared", "GET", "", "", "200 "},
	} {
		if step.method == "" {
			f.request("POST", jobs, plainJob).want(t, "400 ModelArts.0105: This job can't be changed in its present status.")

			continue
		}

		r := httptest.NewRequest(step.method, simulator.ControlPath, strings.NewReader(step.body))
		if step.origin != "" {
			r.Header.Set("Origin", step.origin)
		}

		w := httptest.NewRecorder()
		f.ServeHTTP(w, r)

		got := fmt.Sprint(w.Code, " ", w.Body)
		if status, text, _ := strings.Cut(step.want, " "); !strings.HasPrefix(got, status) || !strings.Contains(got, text) ||
			w.Code == http.StatusOK && got != step.want {
			t.Errorf("%s: %q, want %q", step.name, got, step.want)
		}
	}

	if n := len(f.Calls()); n != 1 {
		t.Errorf("%d requests recorded, want 1", n)
	}

	newFixture(t, simulator.Options{}).send("POST", simulator.ControlPath, "* .* conflict").
		want(t, unknownAPIText+"POST /simulator/faults")
}
