package visualizationjob

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// refused is an answer that says no.
func refused(code, message string) *modelarts.Error {
	return &modelarts.Error{
		Operation: "POST /visualization-jobs", Code: sanitize.Text(code), Message: sanitize.Text(message), StatusCode: http.StatusBadRequest, RequestID: "req-1",
	}
}

// operationOf is work on the job that all errors here are about.
func operationOf(verb string) operation {
	o := operation{kind: invoking, action: verb, name: "board", id: "197", timeout: 20 * time.Minute}
	for _, managing := range []kind{creating, adopting, refreshing, updating, deleting} {
		if verbs[managing] == verb {
			o.kind, o.action = managing, ""
		}
	}
	return o
}

// wantText checks a whole diagnostic, as users see it.
func wantText(t *testing.T, d diag.Diagnostic, summary, detail string) {
	t.Helper()
	if diff := cmp.Diff(summary, d.Summary()); diff != "" {
		t.Error("summary (-want +got):\n" + diff)
	}
	if diff := cmp.Diff(detail, d.Detail()); diff != "" {
		t.Error("detail (-want +got):\n" + diff)
	}
}

// at returns the attribute of a diagnostic, "" for none.
func at(d diag.Diagnostic) string {
	if with, ok := d.(diag.DiagnosticWithPath); ok {
		return with.Path().String()
	}
	return ""
}

var (
	gap      = regexp.MustCompile(`\S {2,}| \n`)
	artefact = regexp.MustCompile(`%!|<nil>|\{\}|\(MISSING\)`)
)

// wantWellWritten checks what holds for each diagnostic.
func wantWellWritten(t *testing.T, d diag.Diagnostic, o operation) {
	t.Helper()
	if want := "Could not " + o.verb() + ` visualization job "board"`; !strings.HasPrefix(d.Summary(), want) {
		t.Errorf("the summary %q does not begin with %q", d.Summary(), want)
	}
	if want := "(id " + o.id + ")"; o.id != "" && !strings.HasSuffix(d.Summary(), want) {
		t.Errorf("the summary %q does not end with %q", d.Summary(), want)
	}
	for _, text := range []string{d.Summary(), d.Detail()} {
		if text == "" || text != strings.TrimSpace(text) {
			t.Errorf("%q is empty, or begins or ends with space", text)
		}
		for _, bad := range []*regexp.Regexp{gap, artefact} {
			if found := bad.FindString(strings.ReplaceAll(text, movedBlock, "")); found != "" {
				t.Errorf("%q is in %q", found, text)
			}
		}
	}
	if seen := strings.Split(strings.ReplaceAll(d.Detail(), "The last refusal on the way:\n", ""), "\n\n"); len(slices.Compact(slices.Sorted(slices.Values(seen)))) != len(seen) {
		t.Errorf("it says something twice:\n%s", d.Detail())
	}
}

func wantSays(t *testing.T, d diag.Diagnostic, says ...string) {
	t.Helper()
	for _, say := range says {
		if !strings.Contains(d.Detail(), say) {
			t.Errorf("it does not say %q:\n%s", say, d.Detail())
		}
	}
}

// A message tells where a diagnostic is shown, when its code is about parameters
// and it names exactly one.
func TestDiagnosticAttributeFromMessage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ code, message, want string }{
		{"ModelArts.0104", "Illegal name: x", "name"},
		{"ModelArts.0101", "illegal NAME: x", "name"},
		{"ModelArts.0107", "job_name is too long", "name"},
		{"ModelArts.0104", "The length of job_desc should be in [0,256]", "description"},
		{"ModelArts.0104", "Illegal train_url: x", "train_url"},
		{"ModelArts.0104", "OBS path x is wrong", "train_url"},
		{"ModelArts.0104", "Illegal flavor: x", "flavor"},
		{"ModelArts.0104", "Illegal schedule: x", "schedule"},
		{"ModelArts.0104", "Illegal job_type: x", "job_type"},
		{"ModelArts.0104", "Either flavor or schedule is wrong", ""},
		{"ModelArts.0104", "Illegal name: my-schedule", ""}, // it cannot be told whose word it is
		{"ModelArts.0104", "Something is wrong", ""},
		{"ModelArts.0104", "", ""},
		{"ModelArts.0104", "The schedule of jobs is wrong", "schedule"}, // jobs are not on OBS
		{"ModelArts.0107", "Too many jobs", ""},
		{"ModelArts.0105", "Illegal name: x", ""}, // not about parameters
		{"ModelArts.9999", "Illegal name: x", ""},
		{"ModelArts.4311", "Illegal name: x", "train_url"},
	} {
		d := errorDiagnostic(operationOf("create"), refused(test.code, test.message))
		if got := at(d); got != test.want {
			t.Errorf("%s, %q: it is at %q, want %q", test.code, test.message, got, test.want)
		}
	}
}

// dialTimeout is the error of a connection that came to nothing in time. It
// claims to be the end of a context as well, which it is not.
func dialTimeout(t *testing.T) error {
	t.Helper()
	_, err := (&net.Dialer{Timeout: time.Nanosecond}).DialContext(context.Background(), "tcp", "127.0.0.1:1")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("%v is not what this test is about", err)
	}
	return &modelarts.NoAnswerError{Operation: "GET /visualization-jobs/197", Err: err}
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

// errorCase is an error, and what is said of it when a resource meets it.
type errorCase struct {
	err   error
	verbs []string // that can meet it; all when there are none
	at    string
	says  []string
}

// eachError has every kind of error, and its variants.
func eachError(t *testing.T) map[string]errorCase {
	t.Helper()
	noAnswer := &modelarts.NoAnswerError{Operation: "POST /visualization-jobs", Sent: true, Err: errors.New("connection reset")}
	unreadable := &modelarts.NoAnswerError{Operation: "GET /visualization-jobs/197", RequestID: "req-2", Err: errors.New("no JSON")}
	over := &modelarts.NoAnswerError{Operation: "GET /visualization-jobs/197", Err: fmt.Errorf("get: %w", context.DeadlineExceeded)}
	conflict := refused("ModelArts.0105", "This job can't be stop. job status: 10")
	unknownCode := refused("ModelArts.9999", "It cannot be.")
	other := &lifecycle.OtherJobError{
		Job: modelarts.VisualizationJob{ID: 197, Name: "theirs", TrainURL: "/theirs/"}, Name: "board", TrainURL: "/bucket/logs/",
	}
	bare := &modelarts.Error{Operation: "GET /visualization-jobs/197", StatusCode: http.StatusForbidden}
	return map[string]errorCase{
		"unknown code": {
			err: unknownCode, says: []string{
				"API message: It cannot be.", "Error code: ModelArts.9999", "HTTP status: 400", "Request ID: req-1", "give the request id to support.",
			},
		},
		"neither code nor message": {err: bare, says: []string{"API message: (no message)\nHTTP status: 403\nCall: GET /visualization-jobs/197"}},
		"401 without a code": {
			err: &modelarts.Error{Operation: "GET /visualization-jobs/197", StatusCode: http.StatusUnauthorized}, says: []string{"HTTP status: 401", askAuth},
		},
		"400 without anything": {
			err: &modelarts.Error{Operation: "GET /visualization-jobs/197", StatusCode: http.StatusBadRequest}, says: []string{"HTTP status: 400", "check endpoint and region of the provider."},
		},
		"a key that was refused before": {
			err:  &modelarts.NoAnswerError{Operation: "GET /visualization-jobs/197", Err: &auth.CredentialsError{Err: &auth.RefusedKeyError{}}},
			says: []string{"was refused with HTTP 401 before, and none is sent with it any more", askAuth},
		},
		"no answer":           {err: noAnswer, says: []string{"connection reset", "endpoint and region", "run it again"}},
		"unreadable answer":   {err: unreadable, says: []string{"no JSON", "req-2"}},
		"time over in a call": {err: over, says: []string{"not done within 20m0s.", "Raise timeouts."}},
		"time over between two attempts": {
			err: &modelarts.NoAnswerError{
				Operation: "GET /visualization-jobs/197", Err: context.DeadlineExceeded,
				Last: refused("APIGW.0308", "Too many requests"),
			},
			says: []string{"not done within 20m0s.\n\nThe attempt before ended with: ", "Too many requests", "APIGW.0308", "Raise timeouts."},
		},
		"asked to wait for longer": {
			err: &modelarts.NoAnswerError{
				Operation: "GET /visualization-jobs/197", Err: fmt.Errorf("get: %w", &modelarts.ThrottledError{Wait: time.Hour}),
				Last: refused("APIGW.0308", "Too many requests"),
			},
			says: []string{
				"asks to wait 1h0m0s. The operation has less time.\n\nAPI message: Too many requests", "Error code: APIGW.0308",
				"Raise timeouts.", " to more than 1h0m0s, or run it again after that time.",
			},
		},
		"others were asked to wait for longer": {
			err:  &modelarts.NoAnswerError{Operation: "GET /visualization-jobs/197", Err: &modelarts.ThrottledError{Wait: 90 * time.Second}},
			says: []string{"asks to wait 1m30s. The operation has less time.", " to more than 1m30s"},
		},
		"interrupted in a call": {err: fmt.Errorf("get: %w", context.Canceled), says: []string{"interrupted", "Run it again"}},
		"no connection in time": {err: dialTimeout(t), says: []string{"gave no usable answer", "i/o timeout", "endpoint and region"}},
		"plain":                 {err: errors.New("out of paper"), says: []string{"out of paper"}},
		"gone": {
			err: &lifecycle.NotFoundError{ID: 197, Err: bare}, verbs: []string{"read", "update", "delete"},
			says: []string{"does not exist any more", "terraform plan"},
		},
		"the ID of another job": {
			err: other, verbs: []string{"read", "update", "delete"},
			says: []string{
				`The job 197 has the name "theirs" and the train_url "/theirs/". The expected job has the name "board" and the train_url "/bucket/logs/".`,
				"didn't change the job 197", "The ID in the state", "terraform state rm <address of the resource>",
			},
		},
		"the ID of another job after a create": {
			err: other, verbs: []string{"create"},
			says: []string{`"theirs"`, `"/theirs/"`, "nothing was added to the state", `whether a job named "board" exists now`},
		},
		"the ID of another job in an adoption": {
			err: other, verbs: []string{"adopt"},
			says: []string{`"theirs"`, "added nothing to the state"},
		},
		"gone after a create": {
			err: &lifecycle.NotFoundError{ID: 197, Err: bare}, verbs: []string{"create"},
			says: []string{"does not show the job", "The job 197 is in the state and marked as tainted", "terraform untaint"},
		},

		"wait over": {
			err:  &lifecycle.WaitError{Goal: "stopped", ID: 197, Last: jobIn(modelarts.StatusKilling), Waited: 20*time.Minute + 300*time.Millisecond, Err: context.DeadlineExceeded},
			says: []string{"last seen in status KILLING. The wait for it to be stopped took 20m0s.", `= "20m0s" is over`, "aise it", "The job 197 is in the state"},
		},
		"wait over, refused on the way": {
			err:  &lifecycle.WaitError{Goal: "stopped", ID: 197, Last: jobIn(modelarts.StatusRunning), Waited: time.Second, Accepted: 2, Refusal: conflict, Err: context.DeadlineExceeded},
			says: []string{"accepted 2 call(s)", "The last refusal on the way:\nAPI message: This job can't be stop. job status: 10\n", "ModelArts.0105", "is over"},
		},
		"wait over, never seen": {
			err:  &lifecycle.WaitError{Goal: "running", ID: 197, Waited: 12 * time.Millisecond, Err: context.DeadlineExceeded},
			says: []string{"The job was never seen. The wait for it to be running took 12ms.", "is over"},
		},
		"wait interrupted": {
			err:  &lifecycle.WaitError{Goal: "running", ID: 197, Last: jobIn(modelarts.StatusInit), Waited: time.Minute, Err: context.Canceled},
			says: []string{"last seen in status INIT. The wait for it to be running took 1m0s.", "It was interrupted.", "The job 197 is in the state"},
		},
		"wait interrupted, never seen, refused on the way": {
			err:  &lifecycle.WaitError{Goal: "running", ID: 197, Refusal: bare, Err: context.Canceled},
			says: []string{"never seen", "The last refusal on the way:\nAPI message: (no message)\nHTTP status: 403", "interrupted"},
		},
		"wait over in an outage": {
			err: &lifecycle.WaitError{
				Goal: "stopped", ID: 197, Last: jobIn(modelarts.StatusRunning), Waited: time.Second, Outage: noAnswer, Err: context.DeadlineExceeded,
			},
			says: []string{"last seen in status RUNNING", "did not answer any more in the end:\nThe API gave no usable answer: ", "connection reset", "is over"},
		},
		"wait ended by an outage": { // which is told once
			err:  &lifecycle.WaitError{Goal: "stopped", ID: 197, Last: jobIn(modelarts.StatusRunning), Waited: time.Second, Outage: noAnswer, Err: noAnswer},
			says: []string{"last seen in status RUNNING", "connection reset", "The job 197 is in the state"},
		},
		"wait ended by an answer": {
			err:  &lifecycle.WaitError{Goal: "running", ID: 197, Last: jobIn(modelarts.StatusInit), Waited: time.Minute, Err: refused("ModelArts.0108", "not yours")},
			says: []string{"INIT", "API message: not yours", errorCodes["ModelArts.0108"].meaning, errorCodes["ModelArts.0108"].remedy, "The job 197 is in the state"},
		},
		"wait ended by the refusal on the way": { // which is told once
			err:  &lifecycle.WaitError{Goal: "running", ID: 197, Last: jobIn(modelarts.StatusInit), Waited: time.Minute, Refusal: conflict, Err: conflict},
			says: []string{"INIT", "job status: 10", errorCodes["ModelArts.0105"].meaning},
		},
		"wait ended by no connection in time": {
			err:  &lifecycle.WaitError{Goal: "running", ID: 197, Waited: time.Minute, Err: dialTimeout(t)},
			says: []string{"gave no usable answer", "i/o timeout", "The job 197 is in the state"},
		},

		"failed at create": {
			err: &lifecycle.FailedError{Job: *jobIn(modelarts.StatusImageFailed), Waited: 3 * time.Second}, verbs: []string{"create"},
			says: []string{"IMAGE_FAILED, 3s after", "no reason", "ModelArts console", "train_url", "tainted", "replaces it"},
		},
		"failed at update": {
			err: &lifecycle.FailedError{Job: *jobIn(modelarts.StatusFailed), Waited: 3 * time.Second}, verbs: []string{"update"},
			says: []string{"status FAILED", "Run terraform apply to have it started again."},
		},
		"exists once": {
			err: &lifecycle.ExistsError{Jobs: jobsIn(7)}, verbs: []string{"create"}, at: "name",
			says: []string{"  - id 7, status KILLED, created 2024-02-29T23:30:15Z", "\n  terraform import <address of the resource> 7", "adopt_existing = true", "\n" + movedBlock + "\n"},
		},
		"exists without a time": {
			err: &lifecycle.ExistsError{Jobs: []modelarts.VisualizationJob{{ID: 7, Status: modelarts.StatusKilled}}}, verbs: []string{"create"}, at: "name",
			says: []string{"  - id 7, status KILLED\n"},
		},
		"exists more than once": {
			err: &lifecycle.ExistsError{Jobs: jobsIn(7, 8)}, verbs: []string{"create"}, at: "name",
			says: []string{"  - id 7, ", "  - id 8, ", "More than one cannot be adopted", "<address of the resource> 7", "<address of the resource> 8"},
		},
		"exists for another resource": {
			err: &lifecycle.ExistsError{Jobs: jobsIn(7), Owned: true}, verbs: []string{"create"}, at: "name",
			says: []string{"  - id 7, ", "belongs to another resource of this apply", "another name"},
		},
		"exists as its delete was refused": {
			err: &lifecycle.ExistsError{Jobs: jobsIn(7), Owned: true, DeleteErr: &lifecycle.WaitError{Err: refused("ModelArts.0108", "not yours")}}, verbs: []string{"create"}, at: "name",
			says: []string{"  - id 7, ", "tried to delete the job for another resource, and failed:\nAPI message: not yours\nError code: ModelArts.0108\n", "still in the state"},
		},
		"exists as its delete took too long": {
			err:   &lifecycle.ExistsError{Jobs: jobsIn(7), Owned: true, DeleteErr: &lifecycle.WaitError{Goal: "deleted", ID: 7, Last: jobIn(modelarts.StatusKilling), Waited: time.Minute, Err: context.DeadlineExceeded}},
			verbs: []string{"create"}, at: "name",
			says: []string{"and failed:\nvisualization job 7 is not deleted after 1m0s, last status KILLING"},
		},
		"failed at adopt": {
			err: &lifecycle.FailedError{Job: *jobIn(modelarts.StatusFailed), Waited: 3 * time.Second}, verbs: []string{"adopt"},
			says: []string{"status FAILED", "added nothing to the state. The job 197 still exists. The next apply adopts it again, unless this apply also destroys it under another address."},
		},
		"refused at adopt": {
			err: refused("ModelArts.0108", "not yours"), verbs: []string{"adopt"},
			says: []string{"API message: not yours", "added nothing to the state. The job 197 still exists. The next apply adopts it again, unless this apply also destroys it under another address."},
		},
		"no time to adopt": {
			err: &lifecycle.WaitError{Goal: "running", ID: 197, Last: jobIn(modelarts.StatusInit), Waited: 20 * time.Minute, Err: context.DeadlineExceeded}, verbs: []string{"adopt"},
			says: []string{"status INIT", `timeouts.create = "20m0s"`, "added nothing to the state. The job 197 still exists. The next apply adopts it again, unless this apply also destroys it under another address."},
		},
		"no time to wait for an adoption": {
			err: &lifecycle.WaitError{Goal: "adopted", ID: 197, Waited: 20 * time.Minute, Err: context.DeadlineExceeded}, verbs: []string{"delete"},
			says: []string{"Another resource of this apply adopts the job. The wait for it to be adopted took 20m0s.", `timeouts.delete = "20m0s"`, "The job 197 is in the state"},
		},
		"lost, and no time to look": {
			err: &lifecycle.LostError{Err: noAnswer, SearchErr: over}, verbs: []string{"create"},
			says: []string{"was lost", "The look for the job failed:\nThere was no time left for it."},
		},
		"wait ended by a code about an attribute": {
			err: &lifecycle.WaitError{Goal: "running", ID: 197, Err: refused("ModelArts.4311", "no such bucket")}, at: "train_url",
			says: []string{"no such bucket", "The job 197 is in the state"},
		},
		"lost without a trace": {
			err: &lifecycle.LostError{Err: noAnswer}, verbs: []string{"create"},
			says: []string{"was lost", "connection reset", "Run apply again: a create looks first"},
		},
		"lost, and nobody can look": {
			err: &lifecycle.LostError{Err: noAnswer, SearchErr: refused("ModelArts.0010", "out of order")}, verbs: []string{"create"},
			says: []string{"was lost", "connection reset", "The look for the job failed:\nAPI message: out of order", "Run apply again: a create looks first"},
		},
		"lost with candidates": {
			err: &lifecycle.LostError{Err: noAnswer, Candidates: jobsIn(7, 8)}, verbs: []string{"create"},
			says: []string{"was lost", "connection reset", "  - id 7, ", "  - id 8, ", "<address of the resource> 8"},
		},
	}
}

func TestDiagnosticOfEachKind(t *testing.T) {
	t.Parallel()
	for name, test := range eachError(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			verbs := test.verbs
			if verbs == nil {
				verbs = []string{"create", "read", "update", "delete"}
			}
			for _, verb := range verbs {
				o := operationOf(verb)
				d := errorDiagnostic(o, test.err)
				wantWellWritten(t, d, o)
				wantSays(t, d, test.says...)
				if got := at(d); got != test.at {
					t.Errorf("%s: it is at %q, want %q", verb, got, test.at)
				}
				if d.Severity() != diag.SeverityError {
					t.Errorf("%s: it is no error", verb)
				}
				// Only a resource whose create failed is tainted.
				_, wait := errors.AsType[*lifecycle.WaitError](test.err)
				known := wait || name == "unknown code"
				if known && strings.Contains(d.Detail(), "tainted") != (verb == "create") {
					t.Errorf("%s: wrong about the taint:\n%s", verb, d.Detail())
				}
				if wrong := "timeouts."; strings.Contains(d.Detail(), wrong) && !strings.Contains(d.Detail(), o.setting()) {
					t.Errorf("%s: the timeout is another operation's:\n%s", verb, d.Detail())
				}
			}
		})
	}
}
