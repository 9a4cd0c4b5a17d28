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
		"  *  .*/stop\tconflict -1 0 ":      "* .*/stop conflict -1 0",

		"POST .*":                "error: it has to be METHOD PATH KIND [COUNT [SKIP]]",
		"POST .* conflict 1 2 3": "error: it has to be METHOD PATH KIND [COUNT [SKIP]]",
		"POST .* typo":           `error: unknown kind of fault "typo": it has to be one of ` + strings.Join(simulator.FaultNames(), ", "),
		"post .* conflict":       "error: the method has to be *, GET, POST, PUT, DELETE",
		"POST ( conflict":        `error: fault with path "(": error parsing regexp: missing closing ): ` + "`^(?:()$`",
		"POST .* conflict 0":     "error: COUNT has to be a positive number, or -1 for all",
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
	)
	f := newFixture(t, simulator.Options{Control: true, RateLimit: 1})
	control := func(method, body, want string, header ...string) {
		t.Helper()
		w, r := httptest.NewRecorder(), httptest.NewRequest(method, simulator.ControlPath, strings.NewReader(body))
		for _, name := range header {
			r.Header.Set(name, "http://example.com")
		}
		f.ServeHTTP(w, r)
		if got := fmt.Sprint(w.Code, " ", w.Body); !strings.HasPrefix(got, want) || w.Code == http.StatusOK && got != want {
			t.Errorf("%s %.100s: %q, want %q", method, body, got, want)
		}
	}
	control("GET", "", "200 ")
	control("POST", "# a comment\n\nPOST /visualization-jobs conflict 2\r\n", "200 "+first)
	control("POST", "* .*/stop drop-after -1", "200 "+first+second)
	f.change("create").want(t, "400 ModelArts.0105: This job can't be changed in its present status.")
	control("GET", "", "200 "+strings.Replace(first, "2", "1", 1)+second)

	control("POST", "POST .* conflict\nPOST .* typo\n", `400 fault "POST .* typo": unknown kind`)
	control("POST", "# nothing\n", "400 no fault: each line has to be METHOD PATH KIND [COUNT [SKIP]]")
	control("POST", strings.Repeat("#", 1<<20+1), "400 read request body: http: request body too large")
	control("POST", "POST .* conflict", "403 requests of web pages are rejected", "Origin")
	control("PUT", "", "405 the method has to be GET, POST or DELETE")
	control("DELETE", "", "204 ")
	control("GET", "", "200 ")
	if n := len(f.Requests()); n != 1 {
		t.Errorf("%d requests recorded, want 1", n)
	}
	newFixture(t, simulator.Options{}).send("POST", simulator.ControlPath, "* .* conflict").
		want(t, unknownAPIText+"POST /simulator/faults")
}
