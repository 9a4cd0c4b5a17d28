package simulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestParseFault(t *testing.T) {
	for text, want := range map[string]string{
		"POST /visualization-jobs conflict": "POST /visualization-jobs conflict 1 0",
		"  *  .*/stop\tconflict -1 ":        "* .*/stop conflict -1 0",
		"DELETE .* conflict 3 0":            "DELETE .* conflict 3 0",

		"POST .*":                "error: it has to be METHOD PATH KIND [COUNT [SKIP]]",
		"POST .* conflict 1 2 3": "error: it has to be METHOD PATH KIND [COUNT [SKIP]]",
		"POST .* typo":           `error: unknown kind of fault "typo": it has to be one of ` + strings.Join(simulator.FaultNames(), ", "),
		"post .* conflict":       "error: the method has to be *, GET, POST, PUT, DELETE",
		"POST ( conflict":        `error: fault with path "(": error parsing regexp: missing closing ): ` + "`^(?:()$`",
		"POST .* conflict 0":     "error: COUNT has to be a positive number, or -1 for all",
		"POST .* conflict -2":    "error: COUNT has to be a positive number, or -1 for all",
		"POST .* conflict 1 -1":  "error: SKIP has to be a number, 0 or more",
	} {
		f, err := simulator.ParseFault(text)
		got := f.String()
		if err != nil {
			got = strings.Replace(err.Error(), fmt.Sprintf("fault %q: ", text), "error: ", 1)
		}
		if got != want || err == nil && (f.Code != "ModelArts.0105" || f.Status != http.StatusBadRequest) {
			t.Errorf("%q: %s with code %q, want %s", text, got, f.Code, want)
		}
	}
	if got := (simulator.Fault{}).String(); got != "* /visualization-jobs.* custom 1 0" {
		t.Errorf("fault without a kind: %q", got)
	}
}

func TestControl(t *testing.T) {
	const (
		first  = "POST /visualization-jobs conflict 2 0\n"
		second = "* .*/stop drop-after -1 0\n"
		used   = "POST /visualization-jobs conflict 1 0\n"
		syntax = "METHOD PATH KIND [COUNT [SKIP]]"
		web    = "403 requests of web pages are refused"
	)
	f := newFixture(t, simulator.Options{Control: true, RateLimit: 1})
	for _, step := range []struct{ name, method, body, origin, want string }{
		{"empty queue", "GET", "", "", "200 "},
		{"queue", "POST", "# a comment\n\nPOST /visualization-jobs conflict 2\r\n", "", "200 " + first},
		{"queue another", "POST", "* .*/stop drop-after -1", "", "200 " + first + second},
		{"create a job", "", "", "", ""},
		{"list", "GET", "", "", "200 " + used + second},
		{"invalid kind", "POST", "POST .* conflict\nPOST .* typo\n", "", `400 fault "POST .* typo": unknown kind`},
		{"no fault", "POST", "# nothing\n", "", "400 no fault: each line has to be " + syntax},
		{"large body", "POST", strings.Repeat("#", 1<<20+1), "", "400 read request body: http: request body too large"},
		{"web page", "POST", "POST .* conflict", "http://example.com", web},
		{"method", "PUT", "POST .* conflict", "", "405 the method has to be GET, POST or DELETE"},
		{"clear", "DELETE", "", "", "204 "},
		{"cleared", "GET", "", "", "200 "},
	} {
		if step.method == "" {
			f.request("POST", jobs, plainJob).want(t, "400 ModelArts.0105: This job can't be changed in its present status.")
			continue
		}
		w, r := httptest.NewRecorder(), httptest.NewRequest(step.method, simulator.ControlPath, strings.NewReader(step.body))
		if step.origin != "" {
			r.Header.Set("Origin", step.origin)
		}
		f.ServeHTTP(w, r)
		got := fmt.Sprint(w.Code, " ", w.Body)
		if status, text, _ := strings.Cut(step.want, " "); !strings.HasPrefix(got, status) || !strings.Contains(got, text) ||
			w.Code == http.StatusOK && got != step.want {
			t.Errorf("%s: %q, want %q", step.name, got, step.want)
		}
	}
	if n := len(f.Requests()); n != 1 {
		t.Errorf("%d requests recorded, want 1", n)
	}
	newFixture(t, simulator.Options{}).send("POST", simulator.ControlPath, "* .* conflict").
		want(t, unknownAPIText+"POST /simulator/faults")
}
