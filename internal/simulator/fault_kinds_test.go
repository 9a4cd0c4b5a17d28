package simulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// TestNamedFaults makes a create call under each kind, and writes down what
// became of the request and what the client got.
func TestNamedFaults(t *testing.T) {
	t.Parallel()

	want := map[string]string{
		"drop-before": "lost, EOF",
		"drop-after":  "processed, EOF",
		"hang-before": "lost, nothing",
		"hang-after":  "processed, nothing",
		"truncate":    "processed, 200 application/json, unexpected EOF",
		"slow":        "processed, 200 application/json, JSON with is_success true",
		"redirect":    "lost, 307 to http://127.0.0.1:9/, empty",
		"html":        "lost, 200 text/html, a page",
		"html-after":  "processed, 200 text/html, a page",
		"html-502":    "lost, 502 text/html, a page",
		"empty":       "processed, 200, empty",
		"not-json":    "processed, 200 text/plain; charset=utf-8, other",
		"wrong-types": "processed, 200 application/json, JSON with is_success [true]",
		"null":        "processed, 200 application/json, JSON",
		"deep":        "processed, 200 application/json, 100000 levels",
		"huge":        "processed, 200 application/json, JSON with is_success true",

		"no-success-200":    "lost, 200 application/json, JSON with is_success false, ModelArts.0105",
		"conflict":          "lost, 400 application/json, JSON with is_success false, ModelArts.0105",
		"conflict-409":      "lost, 409 application/json, JSON",
		"parameter":         "lost, 400 application/json, JSON with is_success false, ModelArts.0104",
		"denied":            "lost, 403 application/json, JSON with is_success false, ModelArts.0108",
		"unauthorized":      "lost, 401 application/json, JSON, APIGW.0301",
		"token-expired":     "lost, 401 application/json, JSON, APIGW.0307",
		"token-invalid":     "lost, 403 application/json, JSON with is_success false, ModelArts.0203",
		"not-found":         "lost, 404 application/json, JSON with is_success false, ModelArts.0104",
		"not-found-bare":    "lost, 404, empty",
		"not-found-gateway": "lost, 404 application/json, JSON, APIGW.0101",
		"throttled":         "lost, 429 application/json after 1 s, JSON, APIGW.0308",

		"throttled-by-window": "lost, 429 application/json, JSON, APIGW.0308",

		"internal-error":     "lost, 500 application/json, JSON with is_success false, ModelArts.0010",
		"bad-gateway-before": "lost, 502 text/html, a page",
		"bad-gateway-after":  "processed, 502 text/html, a page",
		"unavailable-before": "lost, 503 text/html, a page",
		"unavailable-after":  "processed, 503 text/html, a page",
		"timeout-before":     "lost, 504 text/html, a page",
		"timeout-after":      "processed, 504 text/html, a page",
	}

	got := make(map[string]string)

	for _, kind := range simulator.FaultNames() {
		f, err := simulator.NamedFault(kind)
		if err != nil {
			t.Errorf("%s: %v", kind, err)

			continue
		}

		if f.Kind != kind || f.Method != "" || f.Path != "" || f.Count != 0 || f.Skip != 0 {
			t.Errorf("%s is more than an effect, or less: kind %q, %q %q, %d after %d",
				kind, f.Kind, f.Method, f.Path, f.Count, f.Skip)
		}

		got[kind] = outcome(t, f)
	}

	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// outcome says what a fault does to a create call.
func outcome(t *testing.T, f simulator.Fault) string {
	t.Helper()

	if f.Size != 0 && f.Size != 1<<30 || f.Slow != 0 && f.Slow != 5*time.Second {
		t.Errorf("%s: size %d, slow %s", f.Kind, f.Size, f.Slow)
	}

	// As much as a test has time for.
	f.Size, f.Slow = min(f.Size, 1000), min(f.Slow, time.Millisecond)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	s := serve(t, simulator.Options{OnCall: func(simulator.Call) {
		if f.Hang {
			cancel()
		}
	}})
	s.Inject(f)

	response, body, err := create(ctx, s.URL(), s.IssueToken(), plainJob)

	fate := "lost"
	if len(s.Jobs()) == 1 {
		fate = "processed"
	}

	switch {
	case errors.Is(err, context.Canceled):
		return fate + ", nothing"
	case errors.Is(err, io.EOF):
		return fate + ", EOF"
	case response == nil:
		return fate + ", " + err.Error()
	}

	head := strings.TrimSpace(fmt.Sprint(fate, ", ", response.StatusCode, " ", response.Header.Get("Content-Type")))
	if location := response.Header.Get("Location"); location != "" {
		head += " to " + location
	}

	if seconds := response.Header.Get("Retry-After"); seconds != "" {
		head += " after " + seconds + " s"
	}

	if err != nil {
		return head + ", " + err.Error()
	}

	return head + ", " + nature(body)
}

// nature says what kind of body it is.
func nature(body string) string {
	var answer struct {
		IsSuccess any `json:"is_success"`
		ErrorCode any `json:"error_code"`
	}

	switch {
	case body == "":
		return "empty"
	case strings.HasPrefix(body, "<") && strings.HasSuffix(body, "</html>\n") || strings.HasSuffix(body, "</html>\r\n"):
		return "a page"
	case strings.Count(body, "[") > 1000 && strings.Count(body, "[") == strings.Count(body, "]"):
		return fmt.Sprint(strings.Count(body, "["), " levels")
	case json.Unmarshal([]byte(body), &answer) != nil:
		return "other"
	}

	nature := "JSON"
	if answer.IsSuccess != nil {
		nature += fmt.Sprint(" with is_success ", answer.IsSuccess)
	}

	if code, ok := answer.ErrorCode.(string); ok {
		nature += ", " + code
	}

	return nature
}

func TestUnknownKindOfFault(t *testing.T) {
	t.Parallel()

	_, err := simulator.NamedFault("dropp")
	if err == nil {
		t.Fatal("no error")
	}

	for _, want := range append(simulator.FaultNames(), `"dropp"`) {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %s in: %v", want, err)
		}
	}
}

func TestEachKindOfFaultIsExplainedInASentence(t *testing.T) {
	t.Parallel()

	var seen []string

	for _, k := range simulator.FaultKinds() {
		if slices.Contains(seen, k.Name) {
			t.Errorf("%s is there twice", k.Name)
		}

		seen = append(seen, k.Name)

		if strings.Count(k.Description, ". ") > 0 || !strings.HasSuffix(k.Description, ".") || strings.Contains(k.Description, "\t") {
			t.Errorf("%s: %q is no sentence", k.Name, k.Description)
		}
	}

	if diff := cmp.Diff(seen, simulator.FaultNames()); diff != "" {
		t.Errorf("names (-kinds +names):\n%s", diff)
	}
}

// TestAFaultIsTheCallersOwn checks that a change to one does not get into the
// next of its kind.
func TestAFaultIsTheCallersOwn(t *testing.T) {
	t.Parallel()

	f, err := simulator.NamedFault("throttled")
	if err != nil {
		t.Fatal(err)
	}

	f.Header.Set("Retry-After", "60")

	again, err := simulator.NamedFault("throttled")
	if err != nil || again.Header.Get("Retry-After") != "1" {
		t.Errorf("header %v, error %v", again.Header, err)
	}
}

// TestWrongTypesAreWrongEverywhere compares with every answer that has keys of
// its own.
func TestWrongTypesAreWrongEverywhere(t *testing.T) {
	t.Parallel()

	f, err := simulator.NamedFault("wrong-types")
	if err != nil {
		t.Fatal(err)
	}

	wrong := object(t, []byte(f.Body))
	kind := func(v any) string { return strings.TrimLeft(fmt.Sprintf("%T", v), "*") }

	b := newBench(t, simulator.Options{})
	for name, r := range map[string]reply{
		"create":   b.call("POST", jobs, plainJob),
		"list":     b.call("GET", jobs, ""),
		"details":  b.call("GET", jobs+"/1", ""),
		"refusal":  b.call("POST", jobs+"/1/restart", ""),
		"gateway":  b.send("GET", "/v1/p"+jobs, ""),
		"token":    b.logIn(byID, projectByID),
		"log in":   b.logIn(`{"methods":[]}`, ""),
		"projects": b.send("GET", "/v3/projects", "", "X-Auth-Token", b.token),
		"version":  b.send("GET", "/v3", ""),
		"versions": b.send("GET", "/", ""),
	} {
		for key, right := range r.body {
			if v, ok := wrong[key]; !ok || kind(v) == kind(right) {
				t.Errorf("%s: %s is %T, as ever", name, key, v)
			}
		}
	}
}
