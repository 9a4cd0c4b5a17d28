package visualizationjob

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// onlyResources is what nobody can do, or is left with, who manages no resource.
var onlyResources = regexp.MustCompile(`in the state\b|taint|terraform |adopt|next apply|timeouts\.(create|read|update|delete)`)

// byNobodyElse tells whether only a resource meets the error of a kind.
func byNobodyElse(k kind, err error) bool {
	_, exists := errors.AsType[*lifecycle.ExistsError](err)
	_, lost := errors.AsType[*lifecycle.LostError](err)
	waited, wait := errors.AsType[*lifecycle.WaitError](err)
	_, failed := errors.AsType[*lifecycle.FailedError](err)
	_, other := errors.AsType[*lifecycle.OtherJobError](err)
	return exists || lost || other || (wait || failed) && k != invoking || wait && waited.Goal == "adopted"
}

func TestDiagnosticOnBehalfOfOthers(t *testing.T) {
	t.Parallel()
	errs := map[string]error{}
	for name, test := range eachError(t) {
		errs[name] = test.err
	}
	for code := range errorCodes {
		errs[code] = fmt.Errorf("wrapped: %w", refused(strings.Fields(code)[0], "Illegal train_url, job_name"))
	}
	errs["a parameter that is none of theirs"] = refused("ModelArts.0104", "Illegal flavor: x")
	errs["no such gateway"] = refused("", "x")
	errs["out of order"] = &modelarts.Error{Operation: "GET /visualization-jobs/197", StatusCode: http.StatusBadGateway}
	for name, err := range errs {
		for _, o := range []operation{{kind: reading}, {kind: listing}, {kind: invoking, action: "stop"}, {kind: invoking, action: "restart"}} {
			if byNobodyElse(o.kind, err) {
				continue
			}
			t.Run(o.verb()+" "+name, func(t *testing.T) {
				t.Parallel()
				o.name, o.id, o.timeout = "board", "197", 20*time.Minute
				d := errorDiagnostic(o, err)
				wantWellWritten(t, d, o)
				wantOnBehalfOfOthers(t, d, o.kind, err)
			})
		}
	}
}

func wantOnBehalfOfOthers(t *testing.T, d diag.Diagnostic, k kind, err error) {
	t.Helper()
	if found := onlyResources.FindString(d.Detail()); found != "" {
		t.Errorf("%q is about a resource:\n%s", found, d.Detail())
	}
	// Only an id, and a timeout, are in their schemas.
	want := ""
	if _, gone := errors.AsType[*lifecycle.NotFoundError](err); gone {
		want = "id"
	}
	if got := at(d); got != want {
		t.Errorf("it is at %q, want %q", got, want)
	}
	isOver := errors.Is(err, context.DeadlineExceeded) && !strings.Contains(err.Error(), "dial") // which is no end of the operation
	if _, ok := errors.AsType[*modelarts.ThrottledError](err); ok {
		isOver = true // or would be before the next request
	}
	if got := strings.Contains(d.Detail(), "timeouts.invoke"); got != (isOver && k == invoking) {
		t.Errorf("it speaks of the timeout: %v\n%s", got, d.Detail())
	}
	if k != invoking && strings.Contains(d.Detail(), "goes on from") {
		t.Errorf("nothing goes on when it is read again:\n%s", d.Detail())
	}
	if d.Severity() != diag.SeverityError {
		t.Error("it is no error")
	}
}

func TestDiagnosticTextsOnBehalfOfOthers(t *testing.T) {
	t.Parallel()
	read := operation{kind: reading, id: "197", timeout: 5 * time.Minute}
	stop := operation{kind: invoking, action: "stop", id: "197", name: "board", timeout: 20 * time.Minute}
	restart := stop
	restart.action = "restart"
	over := &modelarts.NoAnswerError{Operation: "GET /visualization-jobs/197", Err: context.DeadlineExceeded}
	absent := &lifecycle.NotFoundError{ID: 197, Err: refused("ModelArts.0104", "The visualization job 197 does not exist")}
	const answer = `API message: The visualization job 197 does not exist
Error code: ModelArts.0104
HTTP status: 400
Request ID: req-1
Call: POST /visualization-jobs

There is no job of this id in the project that the provider is configured for.`
	tests := map[string]struct {
		operation operation
		err       error
		summary   string
		detail    string
	}{
		"no such job to read":      {read, absent, `Could not read visualization job 197`, answer},
		"no such job to stop":      {stop, absent, `Could not stop visualization job "board" (id 197)`, answer},
		"time over in a read":      {read, over, `Could not read visualization job 197`, "It was not done within 5m0s.\n\nRun it again."},
		"time over in a list":      {listJobs, over, `Could not list visualization jobs`, "It was not done within 5m0s.\n\nRun it again."},
		"interrupted in a read":    {read, context.Canceled, `Could not read visualization job 197`, "It was interrupted.\n\nRun it again."},
		"interrupted in an action": {stop, context.Canceled, `Could not stop visualization job "board" (id 197)`, "It was interrupted.\n\nRun it again: it goes on from what is there."},
		"time over in an action": {
			stop, over, `Could not stop visualization job "board" (id 197)`,
			"It was not done within 20m0s.\n\nRaise timeouts.invoke, or run it again.",
		},
		"no such workspace": {
			listJobs, refused("ModelArts.0102", "The workspace does not exist: 7"), `Could not list visualization jobs`,
			`API message: The workspace does not exist: 7
Error code: ModelArts.0102
HTTP status: 400
Request ID: req-1
Call: POST /visualization-jobs

The workspace does not exist. The ModelArts console lists the workspaces. Without a workspace_id it is the default one, 0.`,
		},
		"a gateway out of order": {
			listJobs, &modelarts.Error{Operation: "GET /visualization-jobs", StatusCode: http.StatusBadGateway}, `Could not list visualization jobs`,
			"API message: (no message)\nHTTP status: 502\nCall: GET /visualization-jobs\n\nRun it again.",
		},
		"no answer": {
			read, &modelarts.NoAnswerError{Operation: "GET /visualization-jobs/197", Err: errors.New("connection reset")},
			`Could not read visualization job 197`,
			"The API gave no usable answer: GET /visualization-jobs/197: connection reset\n\n" +
				"Check the network, and endpoint and region of the provider. If those are right, run it again.",
		},
		"a wait that is over": {
			stop,
			&lifecycle.WaitError{Goal: "stopped", ID: 197, Last: jobIn(modelarts.StatusKilling), Waited: 20 * time.Minute, Accepted: 1, Err: context.DeadlineExceeded},
			`Could not stop visualization job "board" (id 197)`,
			`The job was last seen in status KILLING. The wait for it to be stopped took 20m0s. The API accepted 1 call(s) on the way.

The time of timeouts.invoke = "20m0s" is over. Raise it if the job only needs longer. Nothing was undone. Invoke the action again: it goes on from what is there.`,
		},
		"a wait that was interrupted": {
			restart,
			&lifecycle.WaitError{Goal: "running", ID: 197, Last: jobIn(modelarts.StatusInit), Waited: time.Minute, Err: context.Canceled},
			`Could not restart visualization job "board" (id 197)`,
			`The job was last seen in status INIT. The wait for it to be running took 1m0s.

It was interrupted. Nothing was undone. Invoke the action again: it goes on from what is there.`,
		},
		"a job that fails": {
			restart, &lifecycle.FailedError{Job: *jobIn(modelarts.StatusFailed), Waited: 3 * time.Second},
			`Could not restart visualization job "board" (id 197)`,
			`The job went to status FAILED, 3s after the wait began. The API gives no reason.

Look at the job in the ModelArts console. Often the cause is that train_url does not exist, holds no event files, or may not be read by ModelArts.

Nothing was undone. Invoke the action again: it goes on from what is there.`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantText(t, errorDiagnostic(test.operation, test.err), test.summary, test.detail)
		})
	}
}
