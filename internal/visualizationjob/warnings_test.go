package visualizationjob

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

func wantWarning(t *testing.T, d diag.Diagnostic, summary string, says ...string) {
	t.Helper()
	if d == nil || d.Severity() != diag.SeverityWarning || d.Summary() != summary {
		t.Errorf("got %v, want the warning %q", d, summary)
		return
	}
	wantSays(t, d, says...)
}

func TestCreateWarning(t *testing.T) {
	t.Parallel()
	o := operationOf("create")
	if d := createWarning(o, &lifecycle.Created{Job: *jobIn(modelarts.StatusInit)}); d != nil {
		t.Errorf("a create without incidents warns: %s", d.Summary())
	}
	lost := errors.New("connection reset")
	wantWarning(t, createWarning(o, &lifecycle.Created{Adopted: true}),
		`Adopted visualization job "board" (id 197)`, "adopt_existing = true", "job_type, flavor and schedule")
	wantWarning(t, createWarning(o, &lifecycle.Created{Lost: lost}),
		`Recovered the creation of visualization job "board" (id 197)`, "connection reset", "found it: nothing was created twice.")
	wantWarning(t, createWarning(o, &lifecycle.Created{Lost: lost, Repeated: true}),
		`Recovered the creation of visualization job "board" (id 197)`, "connection reset", "found none, and created it with another call.")
}

func TestTwinWarning(t *testing.T) {
	t.Parallel()
	summary := `A second job may exist beside visualization job "board" (id 197)`
	wantWarning(t, twinDiagnostic(operationOf("create"), jobsIn(7), nil), summary,
		"  - id 7, status KILLED", "billed while it runs", "terraform import <address of the resource> 7")
	wantWarning(t, twinDiagnostic(operationOf("create"), nil, errors.New("connection reset")), summary,
		"could not be found out: connection reset", "ModelArts console")
}

// places is an API that lists jobs of the place of a Created that has none.
type places struct {
	lifecycle.API
	jobs []modelarts.VisualizationJob
	err  error
}

func (p places) VisualizationJobPages(context.Context, modelarts.ListOptions) iter.Seq2[*modelarts.JobPage, error] {
	return func(yield func(*modelarts.JobPage, error) bool) { yield(&modelarts.JobPage{Jobs: p.jobs}, p.err) }
}

func (p places) GetVisualizationJob(_ context.Context, id int64) (*modelarts.VisualizationJob, error) {
	return &modelarts.VisualizationJob{ID: id}, nil
}

// Only a create that was sent twice can have a twin, and nobody is left to guess.
func TestTwinsAreLookedFor(t *testing.T) {
	t.Parallel()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	own := modelarts.VisualizationJob{ID: 197}
	both := []modelarts.VisualizationJob{own, {ID: 198}}
	for name, test := range map[string]struct {
		ctx   context.Context
		api   places
		once  bool
		warns string // "" for no warning
	}{
		"sent once":     {ctx: t.Context(), api: places{jobs: both}, once: true},
		"no twin":       {ctx: t.Context(), api: places{jobs: both[:1]}},
		"a twin":        {ctx: t.Context(), api: places{jobs: both}, warns: "  - id 198, "},
		"no list":       {ctx: t.Context(), api: places{err: errors.New("connection reset")}, warns: "could not be found out: connection reset"},
		"no time":       {ctx: over, api: places{jobs: both[:1]}, warns: "there was no time to look"},
		"over and once": {ctx: over, api: places{jobs: both}, once: true},
	} {
		r := &Resource{data: &ProviderData{Controller: lifecycle.New(t.Context(), test.api)}}
		diags := r.twinWarning(test.ctx, operationOf("create"), &lifecycle.Created{Job: own, Repeated: !test.once})
		if len(diags) > 1 || (len(diags) == 1) != (test.warns != "") {
			t.Errorf("%s: %d diagnostics", name, len(diags))
			continue
		}
		if test.warns != "" {
			wantWarning(t, diags[0], `A second job may exist beside visualization job "board" (id 197)`, test.warns)
		}
	}
}

// Each failed status is explained, and no other.
func TestFailedWarning(t *testing.T) {
	t.Parallel()
	for status := range modelarts.Status(100) {
		meaning, ok := failures[status]
		if ok != (status.Class() == modelarts.ClassFailed) {
			t.Errorf("%s: %q", status, meaning)
		}
		if ok {
			wantWarning(t, failedWarning(operationOf("read"), jobIn(status)), `Failed: visualization job "board" (id 197)`,
				"The job has the status "+status.String()+": "+meaning+".", "ModelArts console", "set running = true")
		}
	}
}

func TestInterruptWarning(t *testing.T) {
	t.Parallel()
	wantWarning(t, interruptWarning(operationOf("create"), jobIn(modelarts.StatusInit)),
		`Interrupted while waiting for visualization job "board" (id 197)`, "in the state", "status INIT", "next plan")
}

func TestRepetitionWarning(t *testing.T) {
	t.Parallel()
	summary := `Repeated the call to stop visualization job "board" (id 197)`
	for lost, says := range map[error]string{
		nil:                            "accepted the first one, and still showed RUNNING",
		errors.New("connection reset"): "lost, and the job still had the status RUNNING: connection reset",
	} {
		unnamed := operationOf("stop")
		unnamed.name = ""
		for _, o := range []operation{operationOf("update"), unnamed} {
			var diags diag.Diagnostics
			o.settleOptions(&diags).OnRepeat(lifecycle.Repetition{
				Call: "stop", Job: *jobIn(modelarts.StatusRunning), Lost: lost,
			})
			if len(diags) != 1 {
				t.Fatalf("%d diagnostics, want one", len(diags))
			}
			wantWarning(t, diags[0], summary, says, "The repeated call was accepted.")
		}
	}
}

// Only what somebody interrupted is an interrupt, and not what took too long.
func TestIsInterrupt(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]bool{
		&lifecycle.WaitError{Err: context.Canceled}:                 true,
		fmt.Errorf("get: %w", context.Canceled):                     true,
		&lifecycle.WaitError{Err: context.DeadlineExceeded}:         false,
		&lifecycle.FailedError{Job: *jobIn(modelarts.StatusFailed)}: false,
		dialTimeout(t): false,
	} {
		if got := isInterrupt(err); got != want {
			t.Errorf("%v: got %t", err, got)
		}
	}
}

// A job that is interrupted on its way is tainted unless nothing is left but to wait.
func TestAgreesWith(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		running types.Bool
		status  modelarts.Status
		undone  bool // the description is not set yet
		want    bool
	}{
		"starting, to run":       {running: types.BoolValue(true), status: modelarts.StatusInit, want: true},
		"starting, all the same": {running: types.BoolUnknown(), status: modelarts.StatusInit, want: true},
		"failed, all the same":   {running: types.BoolUnknown(), status: modelarts.StatusFailed, want: true},
		"starting, to stop":      {running: types.BoolValue(false), status: modelarts.StatusInit},
		"stopping, to stop":      {running: types.BoolValue(false), status: modelarts.StatusKilling, want: true},
		"stopping, to run":       {running: types.BoolValue(true), status: modelarts.StatusKilling},
		"running, not described": {running: types.BoolValue(true), status: modelarts.StatusRunning, undone: true},
		"unknown status, to run": {running: types.BoolValue(true), status: 99},
	} {
		plan := resourceModel{jobModel: jobModel{Description: types.StringValue("ours"), Running: test.running}}
		model := plan
		if test.undone {
			model.Description = types.StringValue("theirs")
		}
		if got := model.agreesWith(&plan, jobIn(test.status)); got != test.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}
