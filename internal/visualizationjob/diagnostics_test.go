package visualizationjob

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

var update = flag.Bool("update", false, "write testdata/diagnostics.txt")

// rejected is an error response.
func rejected(code, message string) *modelarts.Error {
	return &modelarts.Error{
		Operation: "POST /visualization-jobs", Host: "ma.example.com", Code: sanitize.Text(code), Message: sanitize.Text(message),
		StatusCode: http.StatusBadRequest, RequestID: "req-1",
	}
}

// operations can fail, on the job that all errors here are about. A create has no job yet, and a wait is the part
// of a create that has one.
var operations = map[string]operation{
	"create":  {kind: creating, name: "board", timeout: 20 * time.Minute},
	"wait":    {kind: settling, name: "board", id: 197, timeout: 20 * time.Minute},
	"adopt":   {kind: adopting, name: "board", id: 197, timeout: 20 * time.Minute},
	"refresh": {kind: refreshing, name: "board", id: 197, timeout: 20 * time.Minute},
	"update":  {kind: updating, name: "board", id: 197, timeout: 20 * time.Minute},
	"delete":  {kind: deleting, name: "board", id: 197, timeout: 20 * time.Minute},
	"read":    {kind: reading, name: "board", id: 197, timeout: 5 * time.Minute},
	"list":    listJobs,
	"stop":    {kind: invoking("stop"), name: "board", id: 197, timeout: 20 * time.Minute},
	"restart": {kind: invoking("restart"), name: "board", id: 197, timeout: 20 * time.Minute},
}

// at returns the attribute of a diagnostic, "" for none.
func at(d diag.Diagnostic) string {
	if with, ok := d.(diag.DiagnosticWithPath); ok {
		return with.Path().String()
	}
	return ""
}

var (
	artefact = regexp.MustCompile(`\S {2,}| \n|%!|<nil>|\{\}|\(MISSING\)`)
	// onlyResources is text that only a user who manages the job as a resource can act on.
	onlyResources = regexp.MustCompile(`in the state\b|taint|terraform |adopt|next apply|timeouts\.(create|read|update|delete)`)
	settings      = regexp.MustCompile(`timeouts\.\w+`)
)

// wantWellWritten checks what holds for each diagnostic of a failed operation.
func wantWellWritten(t *testing.T, d diag.Diagnostic, o operation) {
	t.Helper()
	text := d.Detail()
	if d.Summary() != o.summary() || d.Severity() != diag.SeverityError || text == "" || text != strings.TrimSpace(text) {
		t.Errorf("the diagnostic is %s: %q\n%q", d.Severity(), d.Summary(), text)
	}
	if found := artefact.FindString(strings.ReplaceAll(text, movedBlock, "")); found != "" {
		t.Errorf("%q is in %q", found, text)
	}
	if unique := slices.Compact(slices.Sorted(strings.SplitSeq(text, "\n\n"))); len(unique) != strings.Count(text, "\n\n")+1 {
		t.Errorf("a paragraph is there twice:\n%s", text)
	}
	if strings.Contains(text, "tainted") && o.kind != settling {
		t.Errorf("the job isn't tainted:\n%s", text)
	}
	for _, setting := range settings.FindAllString(text, -1) {
		if setting != o.setting {
			t.Errorf("%s is the timeout of another operation:\n%s", setting, text)
		}
	}
	if o.isManaging() {
		return
	}
	if found := onlyResources.FindString(text); found != "" {
		t.Errorf("%q is about a resource:\n%s", found, text)
	}
	if where := at(d); where != "" && where != "id" {
		t.Errorf("it is at %q, which is no argument", where)
	}
}

// dialTimeout is the error of a connection that was not established in time. errors.Is also takes it for the end of a context,
// which it is not.
func dialTimeout(t *testing.T) error {
	t.Helper()
	_, err := (&net.Dialer{Timeout: time.Nanosecond}).DialContext(context.Background(), "tcp", "127.0.0.1:1")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("%v is not what this test is about", err)
	}
	none := noResponse(err)
	none.Sent = false
	return none
}

func noResponse(err error) *modelarts.NoResponseError {
	return &modelarts.NoResponseError{Operation: "GET /visualization-jobs/197", Host: "ma.example.com", Sent: true, Err: err}
}

func jobIn(status modelarts.Status) *modelarts.VisualizationJob {
	return &modelarts.VisualizationJob{
		ID: 197, Name: "board", TrainURL: "/bucket/", Status: status, CreateTime: time.Date(2024, 2, 29, 23, 30, 15, 0, time.UTC),
	}
}

func jobsIn(ids ...int64) []modelarts.VisualizationJob {
	var jobs []modelarts.VisualizationJob
	for _, id := range ids {
		job := *jobIn(modelarts.StatusKilled)
		job.ID = id
		jobs = append(jobs, job)
	}
	return jobs
}

// Each error has a diagnostic for each operation that it can end. The whole texts are in testdata/diagnostics.txt, as users read
// them, because text that is right in its parts can read badly.
func TestDiagnostics(t *testing.T) {
	t.Parallel()
	texts := map[string]string{}
	add := func(name string, d diag.Diagnostic) {
		where := at(d)
		if where != "" {
			where = " at " + where
		}
		texts[name] = fmt.Sprintf("%s%s: %s\n\n%s", d.Severity(), where, d.Summary(), d.Detail())
	}
	cases := diagnosticCases(t)
	for key := range errorCodes {
		code, _, _ := strings.Cut(key, ":")
		cases[key] = diagnosticCase{err: rejected(code, "It cannot be."), anywhere: true}
	}
	for name, test := range cases {
		for verb := range strings.FieldsSeq(test.of) {
			o := operations[verb]
			d := errorDiagnostic(o, test.err)
			wantWellWritten(t, d, o)
			add(name+", "+verb, d)
		}
		if !test.anywhere {
			continue
		}
		for verb, o := range operations {
			d := errorDiagnostic(o, fmt.Errorf("wrapped: %w", test.err))
			wantWellWritten(t, d, o)
			if t.Failed() {
				t.Fatalf("%s of %s", name, verb)
			}
		}
	}
	for name, d := range warningCases() {
		add(name, d)
	}
	var all strings.Builder
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		fmt.Fprintf(&all, "=== %s ===\n%s\n\n", name, texts[name])
	}
	const file = "testdata/diagnostics.txt"
	if *update {
		if err := os.WriteFile(file, []byte(all.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(acctest.Read(t, file), all.String()); diff != "" {
		t.Errorf("the texts (-want +got), which go test -update writes:\n%s", diff)
	}
}

// A message determines the attribute of a diagnostic if its code is about parameters and the message names exactly one.
func TestDiagnosticAttributeFromMessage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ code, message, want string }{
		{"ModelArts.0104", "Illegal name: x", "name"},
		{"ModelArts.0101", "illegal NAME: x", "name"},
		{"ModelArts.0107", "job_name is too long", "name"},
		{"ModelArts.0104", "The length of job_desc should be in [0,256]", "description"},
		{"ModelArts.0104", "OBS path x is wrong", "train_url"},
		{"ModelArts.0104", "Illegal job_type: x", "job_type"},
		{"ModelArts.0104", "Either flavor or schedule is wrong", ""},
		{"ModelArts.0104", "Illegal name: my-schedule", ""},             // the user's word, or the API's
		{"ModelArts.0104", "The schedule of jobs is wrong", "schedule"}, // jobs are not on OBS
		{"ModelArts.0105", "Illegal name: x", ""},                       // not about parameters
		{"ModelArts.9999", "Illegal name: x", ""},
		{"ModelArts.4311", "Illegal name: x", "train_url"},
	} {
		if got := at(errorDiagnostic(operations["create"], rejected(test.code, test.message))); got != test.want {
			t.Errorf("%s, %q: it is at %q, want %q", test.code, test.message, got, test.want)
		}
	}
}
