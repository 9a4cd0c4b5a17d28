package visualizationjob_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// transition is how long jobs of these tests take to start: two seconds a status,
// so that each is seen.
const transition = 14 * time.Second

// starting are the statuses of a job that starts.
const starting = "INIT CHECK_INIT CHECK_RUNNING CHECK_RUNNING_COMPLETED IMAGE_CREATING SUBMIT_TRYING WAITING RUNNING"

// actionType is the name of an action, stop or restart.
func actionType(verb string) string { return typeName + "_" + verb }

func (p *protocol) actions() tfprotov6.ActionServer { return p.provider.(tfprotov6.ActionServer) }

// actionConfig is the configuration of an action.
func (p *protocol) actionConfig(verb string, config attrs) *tfprotov6.DynamicValue {
	p.t.Helper()
	typ := p.schemas.ActionSchemas[actionType(verb)].Schema.ValueType()
	if limit, ok := config["timeouts"].(string); ok {
		block := typ.(tftypes.Object).AttributeTypes["timeouts"]
		config = config.with(attrs{"timeouts": tftypes.NewValue(block, map[string]tftypes.Value{
			"invoke": tftypes.NewValue(tftypes.String, limit),
		})})
	}
	return p.encode(typ, config)
}

// prepare validates and plans an action.
func (p *protocol) prepare(ctx context.Context, verb string, config attrs) []*tfprotov6.Diagnostic {
	p.t.Helper()
	validated, err := p.actions().ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{
		ActionType: actionType(verb), Config: p.actionConfig(verb, config),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	if len(validated.Diagnostics) > 0 {
		return validated.Diagnostics
	}
	planned, err := p.actions().PlanAction(ctx, &tfprotov6.PlanActionRequest{
		ActionType: actionType(verb), Config: p.actionConfig(verb, config),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return planned.Diagnostics
}

// invoke does what Terraform does for an action, and returns the progress and the
// diagnostics at the end.
func (p *protocol) invoke(ctx context.Context, verb string, config attrs) (progress []string, diags []*tfprotov6.Diagnostic) {
	p.t.Helper()
	p.wantNone(p.prepare(ctx, verb, config))
	p.wantNoCalls()
	stream, err := p.actions().InvokeAction(ctx, &tfprotov6.InvokeActionRequest{
		ActionType: actionType(verb), Config: p.actionConfig(verb, config),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	completed := false
	for event := range stream.Events {
		if completed {
			p.t.Errorf("an event after the end: %+v", event)
		}
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			completed, diags = true, event.Diagnostics
		}
	}
	if !completed {
		p.t.Error("there was no end")
	}
	return progress, diags
}

// wantProgress compares statuses with what was told of them.
func wantProgress(t *testing.T, got []string, statuses string) {
	t.Helper()
	var want []string
	for status := range strings.FieldsSeq(statuses) {
		want = append(want, `Visualization job "board" (id 197): `+status)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("progress (-want +got):\n" + diff)
	}
}

// inStatus is a service with the job 197, which gets to another status by itself
// after a while.
func inStatus(t *testing.T, options simulator.Options, from, later int) *protocol {
	t.Helper()
	p := inMemory(t, options, 0)
	job := watched
	job.Status = from
	p.AddJob(job)
	if later != from {
		time.AfterFunc(30*time.Second, func() { p.SetStatus(197, later) })
	}
	return p
}

func TestActions(t *testing.T) {
	t.Parallel()
	const (
		initial, waiting, running, killing = simulator.StatusInit, simulator.StatusWaiting, simulator.StatusRunning, simulator.StatusKilling
		completed, failed, killed          = simulator.StatusCompleted, simulator.StatusFailed, simulator.StatusKilled
	)
	stop, restart := "POST /visualization-jobs/197/stop", "POST /visualization-jobs/197/restart"
	for _, test := range []struct {
		verb        string
		from, later int
		progress    string
		calls       []string
		ends        int
	}{
		{"stop", running, running, "RUNNING KILLING KILLED", []string{stop}, killed},
		{"stop", waiting, waiting, "WAITING KILLING KILLED", []string{stop}, killed},
		{"stop", killing, killed, "KILLING KILLED", nil, killed},
		{"stop", killed, killed, "KILLED", nil, killed},
		{"stop", completed, completed, "COMPLETED", nil, completed},
		{"stop", failed, failed, "FAILED", nil, failed},
		{"stop", 99, running, "UNKNOWN(99) RUNNING KILLING KILLED", []string{stop}, killed},
		{"stop", 0, killed, "UNKNOWN KILLED", nil, killed},
		{"restart", running, running, "RUNNING KILLING KILLED " + starting, []string{stop, restart}, running},
		{"restart", initial, running, "INIT RUNNING", nil, running},
		{"restart", killing, killed, "KILLING KILLED " + starting, []string{restart}, running},
		{"restart", killed, killed, "KILLED " + starting, []string{restart}, running},
		{"restart", completed, completed, "COMPLETED " + starting, []string{restart}, running},
		{"restart", failed, failed, "FAILED " + starting, []string{restart}, running},
		{"restart", 99, running, "UNKNOWN(99) RUNNING KILLING KILLED " + starting, []string{stop, restart}, running},
	} {
		t.Run(fmt.Sprintf("%s from %d", test.verb, test.from), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := inStatus(t, simulator.Options{Transition: transition}, test.from, test.later)
				progress, diags := p.invoke(t.Context(), test.verb, byID)
				p.wantNone(diags)
				wantProgress(t, progress, test.progress)
				p.wantChanges(test.calls...)
				if job, _ := p.Job(197); job.Status != test.ends {
					t.Errorf("the job has the status %d, want %d", job.Status, test.ends)
				}
			})
		})
	}
}

func TestActionsOnUnknownJob(t *testing.T) {
	t.Parallel()
	for _, shape := range simulator.NotFoundShapes() {
		for _, verb := range []string{"stop", "restart"} {
			t.Run(verb+" "+string(shape), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := inMemory(t, simulator.Options{NotFoundShape: shape}, 0)
					progress, diags := p.invoke(t.Context(), verb, byID)
					wantProgress(t, progress, "")
					p.wantErrorAt(diags, "id", "Could not "+verb+" visualization job 197", "HTTP status: ",
						"There is no job of this id in the project that the provider is configured for.")
					p.wantChanges()
				})
			})
		}
	}
}

func TestActionsRefused(t *testing.T) {
	t.Parallel()
	for verb, test := range map[string]struct {
		from     int
		progress string
		waits    string
	}{
		"stop":    {simulator.StatusRunning, "RUNNING", "The wait for it to be stopped took"},
		"restart": {simulator.StatusKilled, "KILLED", "The wait for it to be running took"},
	} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := inStatus(t, simulator.Options{Transition: transition}, test.from, test.from)
				p.Inject(denied(http.MethodPost, "", 0))
				progress, diags := p.invoke(t.Context(), verb, byID)
				wantProgress(t, progress, test.progress)
				calls := p.Calls()
				p.wantErrorNowhere(diags, "Could not "+verb+` visualization job "board" (id 197)`, "last seen in status "+test.progress, test.waits,
					"API message: not yours", "Error code: ModelArts.0108", "HTTP status: 403", "Request ID: "+calls[len(calls)-1].RequestID,
					"resource type tensorboard", "Invoke the action again")
				p.wantChanges("POST /visualization-jobs/197/" + verb)
			})
		})
	}
}

func TestRestartOfJobThatFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := inStatus(t, simulator.Options{Transition: time.Hour}, simulator.StatusKilled, simulator.StatusImageFailed)
		progress, diags := p.invoke(t.Context(), "restart", byID)
		wantProgress(t, progress, "KILLED INIT IMAGE_FAILED")
		p.wantErrorNowhere(diags, `Could not restart visualization job "board" (id 197)`, "The job went to status IMAGE_FAILED, 3",
			"ModelArts console", "Nothing was undone. Invoke the action again: it goes on from what is there.")
		p.wantChanges("POST /visualization-jobs/197/restart")
	})
}

func TestActionsOutOfTime(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		verb     string
		from     int
		timeouts any
		takes    time.Duration
		says     []string
	}{
		"stop": {
			"stop", simulator.StatusRunning, "90s", 90 * time.Second,
			[]string{"last seen in status KILLING", "to be stopped took 1m30s", `The time of timeouts.invoke = "1m30s" is over. Raise it`},
		},
		"stop, by default": {
			"stop", simulator.StatusRunning, nil, 20 * time.Minute,
			[]string{"last seen in status KILLING", `The time of timeouts.invoke = "20m0s" is over. Raise it`},
		},
		"restart, in its first half": {
			"restart", simulator.StatusRunning, "10m", 10 * time.Minute,
			[]string{"last seen in status KILLING", "to be stopped took 10m0s", `The time of timeouts.invoke = "10m0s" is over. Raise it`},
		},
		"restart, in its second half": {
			"restart", simulator.StatusCompleted, nil, 20 * time.Minute,
			[]string{"last seen in status CHECK_", "to be running took 20m0s", `The time of timeouts.invoke = "20m0s" is over. Raise it`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := inStatus(t, simulator.Options{Transition: time.Hour}, test.from, test.from)
				began := time.Now()
				_, diags := p.invoke(t.Context(), test.verb, byID.with(attrs{"timeouts": test.timeouts}))
				p.wantErrorNowhere(diags, append(test.says, "Could not "+test.verb+` visualization job "board" (id 197)`, "Invoke the action again")...)
				if took := time.Since(began); took != test.takes {
					t.Errorf("it took %s, want %s", took, test.takes)
				}
			})
		})
	}
}

// Ctrl-C and the end of Terraform end an action, and leave the job where it is.
func TestActionsInterrupted(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"stop", "restart"} {
		for _, how := range []ending{endStop, endCancel} {
			t.Run(verb+" "+string(how), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					p := inStatus(t, simulator.Options{Transition: time.Hour}, simulator.StatusRunning, simulator.StatusRunning)
					const after = 42 * time.Second
					began := time.Now()
					time.AfterFunc(after, func() {
						if how == endCancel {
							cancel()
						} else if _, err := p.provider.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
							t.Error(err)
						}
					})
					progress, diags := p.invoke(ctx, verb, byID)
					wantProgress(t, progress, "RUNNING KILLING")
					p.wantErrorNowhere(diags, "last seen in status KILLING", "It was interrupted. Nothing was undone. Invoke the action again")
					if took := time.Since(began); took < after || took > after+grace {
						t.Errorf("it took %s, and was interrupted after %s", took, after)
					}
					p.wantChanges("POST /visualization-jobs/197/stop")
				})
			})
		}
	}
}

// A call that is made twice is a warning at the end, and one whose answer alone was
// lost is none.
func TestActionsWithLostAnswers(t *testing.T) {
	t.Parallel()
	const stop = "POST /visualization-jobs/197/stop"
	for name, test := range map[string]struct {
		fault simulator.Fault
		warns string // "" for no warning
		calls []string
	}{
		"lost, and not done":   {simulator.Fault{Drop: true}, "The answer to the first one was lost", []string{stop, stop}},
		"lost, and done":       {simulator.Fault{Drop: true, After: true}, "", []string{stop}},
		"accepted, and undone": {simulator.Fault{Status: http.StatusOK, Body: `{"is_success":true}`}, "accepted the first one, and still showed RUNNING", []string{stop, stop}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := inStatus(t, simulator.Options{Transition: transition}, simulator.StatusRunning, simulator.StatusRunning)
				test.fault.Method = http.MethodPost
				p.Inject(test.fault)
				progress, diags := p.invoke(t.Context(), "stop", byID)
				wantProgress(t, progress, "RUNNING KILLING KILLED")
				if test.warns == "" {
					p.wantNone(diags)
				} else {
					p.wantWarning(diags, `Repeated the call to stop visualization job "board" (id 197)`, test.warns, "The repeated call was accepted.")
				}
				p.wantChanges(test.calls...)
			})
		})
	}
}

func TestActionsValidation(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	for _, verb := range []string{"stop", "restart"} {
		for _, test := range []struct {
			config attrs
			at     string
			says   string
		}{
			{attrs{"id": "board"}, "id", `"board" is not the id`},
			{attrs{"id": ""}, "id", `"" is not the id`},
			{attrs{"id": "0197"}, "id", `"0197" is not the id`},
			{byID.with(attrs{"timeouts": "30"}), "timeouts", `timeouts.invoke must be a number above zero`},
			{byID.with(attrs{"timeouts": "soon"}), "timeouts", `got "soon"`},
		} {
			p.wantErrorAt(p.prepare(t.Context(), verb, test.config), test.at, test.says)
		}
		// The id of a job that is yet to be created is known later.
		p.wantNone(p.prepare(t.Context(), verb, attrs{"id": tftypes.UnknownValue}))
	}
	p.wantNoCalls()
}

func TestActionsWithoutConfiguration(t *testing.T) {
	t.Parallel()
	for name, start := range notConfiguredYet {
		for _, verb := range []string{"stop", "restart"} {
			t.Run(verb+" "+name, func(t *testing.T) {
				t.Parallel()
				p := start(t)
				progress, diags := p.invoke(t.Context(), verb, byID)
				wantProgress(t, progress, "")
				p.wantErrorNowhere(diags, "The provider is not configured yet", "-target")
				p.wantNoCalls()
			})
		}
	}
}
