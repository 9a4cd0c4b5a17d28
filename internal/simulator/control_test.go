package simulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

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
		if err != nil || got.String() != want {
			t.Errorf("%q: fault %q, error %v, want %q", text, got.String(), err, want)
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

	if n := len(f.Requests()); n != 1 {
		t.Errorf("%d requests recorded, want 1", n)
	}

	newFixture(t, simulator.Options{}).send("POST", simulator.ControlPath, "* .* conflict").
		want(t, unknownAPIText+"POST /simulator/faults")
}

// TestNamedFaults lists the outcome of each kind of fault.
func TestNamedFaults(t *testing.T) {
	const (
		inJSON      = " application/json, "
		created     = `{"is_success":true,"job_id":"1","job_name":"board","status":"1","create_time":"1772366400000"}`
		conflict    = "ModelArts.0105: This job can't be changed in its present status."
		loginPage   = " text/html, <!DOCTYPE html>\n<htm... 125 bytes"
		gatewayPage = " text/html, <html>\r\n<head><title... 114 bytes"
	)

	want := map[string]string{
		"drop-before": "lost, EOF",
		"drop-after":  "processed, EOF",
		"hang-before": "lost, context canceled",
		"hang-after":  "processed, context canceled",
		"truncate":    "processed, 200" + inJSON + `announced 94, {"is_success":true,"job_id":"1","job_name":"boa, unexpected EOF`,
		"slow":        "processed, 200" + inJSON + created,
		"redirect":    "lost, 307 http://127.0.0.1:9/, ",
		"html":        "lost, 200" + loginPage,
		"html-after":  "processed, 200" + loginPage,
		"html-502":    "lost, 502" + gatewayPage,
		"empty":       "processed, 200, ",
		"not-json":    "processed, 200 text/plain; charset=utf-8, Your request was received.\n",
		"wrong-types": "processed, 200" + inJSON + `{"is_success":["true... 477 bytes`,
		"null":        "processed, 200" + inJSON + "null",
		"deep":        "processed, 200 application/json, no length, " + `{"is_success":true,"... 200027 bytes`,
		"huge":        "processed, 200 application/json, no length, " + `{"is_success": true,... 1000 bytes`,

		"no-success-200":    "lost, 200" + inJSON + conflict,
		"conflict":          "lost, 400" + inJSON + conflict,
		"conflict-409":      "lost, 409" + inJSON + `{"error_message":"This job can't be changed in its present status."}`,
		"parameter":         "lost, 400" + inJSON + "ModelArts.0104: Illegal parameter",
		"denied":            "lost, 403" + inJSON + "ModelArts.0108: You are not authorized to perform the operation.",
		"unauthorized":      "lost, 401" + inJSON + "gateway APIGW.0301: Incorrect IAM authentication information",
		"token-expired":     "lost, 401" + inJSON + "gateway APIGW.0307: The token must be updated.",
		"token-invalid":     "lost, 403" + inJSON + "ModelArts.0203: Invalid token.",
		"not-found":         "lost, 404" + inJSON + "ModelArts.0104: The visualization job does not exist",
		"not-found-bare":    "lost, 404, ",
		"not-found-gateway": "lost, 404" + inJSON + "gateway APIGW.0101: The API does not exist or is not published in this environment",
		"throttled":         "lost, 429 application/json 1, gateway APIGW.0308: The throttling threshold has been reached",

		"throttled-by-window": "lost, 429" + inJSON + "gateway APIGW.0308: policy user over ratelimit,limit:1,time:1 second",

		"internal-error":     "lost, 500" + inJSON + "ModelArts.0010: Internal error.",
		"bad-gateway-before": "lost, 502" + gatewayPage,
		"bad-gateway-after":  "processed, 502" + gatewayPage,
		"unavailable-before": "lost, 503" + gatewayPage,
		"unavailable-after":  "processed, 503" + gatewayPage,
		"timeout-before":     "lost, 504" + gatewayPage,
		"timeout-after":      "processed, 504" + gatewayPage,
	}
	got := make(map[string]string)

	for _, kind := range simulator.FaultNames() {
		f, err := simulator.NamedFault(kind)
		if err != nil || f.Kind != kind || f.Method != "" || f.Path != "" || f.Count != 0 || f.Skip != 0 {
			t.Errorf("%s: fault %q for %q %q, %d after %d; %v", kind, f.Kind, f.Method, f.Path, f.Count, f.Skip, err)
		}

		if f.Size != 0 && f.Size != 1<<30 || f.Slow != 0 && f.Slow != 5*time.Second {
			t.Errorf("%s: size %d, slow %s", kind, f.Size, f.Slow)
		}

		f.Size = min(f.Size, 1000) // A test has no time for more.
		got[kind] = outcome(t, f, func(h http.Handler) http.Handler { return h })

		// The caller can change the fault.
		for name := range f.Header {
			f.Header.Set(name, "changed")
		}
	}

	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	if f, err := simulator.NamedFault("throttled"); err != nil || f.Header.Get("Retry-After") != "1" {
		t.Errorf("header %v, error %v", f.Header, err)
	}
}

// TestWrongTypes compares the fault with every response that has keys of its own.
func TestWrongTypes(t *testing.T) {
	fault, err := simulator.NamedFault("wrong-types")
	if err != nil {
		t.Fatal(err)
	}

	wrong, f := object(t, []byte(fault.Body)), newFixture(t, simulator.Options{})

	for name, r := range map[string]response{
		"create":       f.request("POST", jobs, plainJob),
		"list":         f.request("GET", jobs, ""),
		"details":      f.request("GET", jobs+"/1", ""),
		"error":        f.request("POST", jobs+"/1/restart", ""),
		"gateway":      f.send("GET", "/v1/p"+jobs, ""),
		"create token": f.logIn(byID, projectByID),
		"IAM error":    f.logIn(`{"methods":[]}`, noScope),
		"projects":     f.send("GET", "/v3/projects", "", "X-Auth-Token", f.token),
		"version":      f.send("GET", "/v3", ""),
		"versions":     f.send("GET", "/", ""),
	} {
		for key, right := range r.body {
			if v, ok := wrong[key]; !ok || fmt.Sprintf("%T", v) == fmt.Sprintf("%T", right) {
				t.Errorf("%s: %s is %T, as in the response", name, key, v)
			}
		}
	}
}
