package visualizationjob_test

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// transition is how long jobs of these tests take to start: two seconds a status, so that a poll reads each.
const transition = 14 * time.Second

// starting are the statuses of a job that starts.
const starting = "INIT CHECK_INIT CHECK_RUNNING CHECK_RUNNING_COMPLETED IMAGE_CREATING SUBMIT_TRYING WAITING RUNNING"

// wantProgress compares statuses with the progress that was reported.
func wantProgress(t *testing.T, got []string, statuses string) {
	t.Helper()
	var want []string
	for status := range strings.FieldsSeq(statuses) {
		want = append(want, `Visualization job "board" (ID 197): `+status)
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error("progress (-want +got):\n" + diff)
	}
}

// inStatus is a service with the job 197, which gets to another status by itself after a while.
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

const (
	initial, waiting, running, killing = simulator.StatusInit, simulator.StatusWaiting, simulator.StatusRunning, simulator.StatusKilling
	completed, failed, killed          = simulator.StatusCompleted, simulator.StatusFailed, simulator.StatusKilled

	stopJob, restartJob = "POST /visualization-jobs/197/stop", "POST /visualization-jobs/197/restart"
)

func TestActions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		verb        string
		from, later int
		progress    string
		calls       []string
		ends        int
	}{
		{"stop", running, running, "RUNNING KILLING KILLED", []string{stopJob}, killed},
		{"stop", waiting, waiting, "WAITING KILLING KILLED", []string{stopJob}, killed},
		{"stop", killing, killed, "KILLING KILLED", nil, killed},
		{"stop", killed, killed, "KILLED", nil, killed},
		{"stop", completed, completed, "COMPLETED", nil, completed},
		{"stop", failed, failed, "FAILED", nil, failed},
		{"stop", 99, running, "UNKNOWN(99) RUNNING KILLING KILLED", []string{stopJob}, killed},
		{"stop", 0, killed, "UNKNOWN KILLED", nil, killed},
		{"restart", running, running, "RUNNING KILLING KILLED " + starting, []string{stopJob, restartJob}, running},
		{"restart", initial, running, "INIT RUNNING", nil, running},
		{"restart", killing, killed, "KILLING KILLED " + starting, []string{restartJob}, running},
		{"restart", killed, killed, "KILLED " + starting, []string{restartJob}, running},
		{"restart", completed, completed, "COMPLETED " + starting, []string{restartJob}, running},
		{"restart", failed, failed, "FAILED " + starting, []string{restartJob}, running},
		{"restart", 99, running, "UNKNOWN(99) RUNNING KILLING KILLED " + starting, []string{stopJob, restartJob}, running},
	} {
		t.Run(fmt.Sprintf("%s from %d", test.verb, test.from), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := inStatus(t, simulator.Options{Transition: transition}, test.from, test.later)
				progress, diags := p.invoke(t.Context(), actionBlock(test.verb), byID)
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

// An action that fails, ends at its timeout or is interrupted leaves the job where it is. A request that is sent twice is a
// warning.
func TestActionsThatFail(t *testing.T) {
	t.Parallel()
	const (
		moreTime    = "If the job needs more time, increase timeouts.invoke."
		interrupted = "Interrupted after 42s waiting for visualization job \"board\" (ID 197) to stop (last status: KILLING)."
	)
	for name, test := range map[string]failingAction{
		"refused stop": {
			verb: "stop", from: running, later: running, fault: denied(http.MethodPost, "", 0), progress: "RUNNING", calls: []string{stopJob},
			contains: []string{
				"to stop (last status: RUNNING).", "API message: not yours", "Error code: ModelArts.0108",
				"HTTP status: 403", "Request ID: ", "resource type tensorboard",
			},
		},
		"refused restart": {
			verb: "restart", from: killed, later: killed, fault: denied(http.MethodPost, "", 0), progress: "KILLED", calls: []string{restartJob},
			contains: []string{"to run (last status: KILLED).", "API message: not yours"},
		},
		"failed job": {
			verb: "restart", from: killed, later: simulator.StatusImageFailed, progress: "KILLED INIT IMAGE_FAILED", calls: []string{restartJob},
			contains: []string{"The job failed 3", "ModelArts console", "The job wasn't rolled back."},
		},
		"timeout of a stop": {
			verb: "stop", from: running, later: running, timeout: "90s", takes: 90 * time.Second, progress: "RUNNING KILLING", calls: []string{stopJob},
			contains: []string{"Timed out after 1m30s waiting for visualization job \"board\" (ID 197) to stop (last status: KILLING).", moreTime},
		},
		"default timeout of a stop": {
			verb: "stop", from: running, later: running, takes: 20 * time.Minute, progress: "RUNNING KILLING", calls: []string{stopJob},
			contains: []string{"Timed out after 20m waiting", "(last status: KILLING)", moreTime},
		},
		"timeout of a restart while it stops": {
			verb: "restart", from: running, later: running, timeout: "10m", takes: 10 * time.Minute, progress: "RUNNING KILLING", calls: []string{stopJob},
			contains: []string{"Timed out after 10m waiting", "to stop (last status: KILLING)", moreTime},
		},
		"timeout of a restart while it starts": {
			verb: "restart", from: completed, later: completed, timeout: "5m", takes: 5 * time.Minute, progress: "COMPLETED INIT", calls: []string{restartJob},
			contains: []string{"Timed out after 5m waiting", "to run (last status: INIT)", moreTime},
		},
		"stopped provider":    {verb: "stop", from: running, later: running, ending: endStop, progress: "RUNNING KILLING", calls: []string{stopJob}, contains: []string{interrupted}},
		"canceled context":    {verb: "stop", from: running, later: running, ending: endCancel, progress: "RUNNING KILLING", calls: []string{stopJob}, contains: []string{interrupted}},
		"interrupted restart": {verb: "restart", from: running, later: running, ending: endStop, progress: "RUNNING KILLING", calls: []string{stopJob}, contains: []string{interrupted}},
		"request not received": {
			verb: "stop", from: running, later: running, fault: simulator.Fault{Drop: true}, warns: "The provider received no confirmation of the first request",
			progress: "RUNNING KILLING KILLED", calls: []string{stopJob, stopJob}, transition: transition,
		},
		"request not processed": {
			verb: "stop", from: running, later: running, fault: simulator.Fault{Status: http.StatusOK, Body: `{"is_success":true}`},
			warns: "accepted the first request, but the job kept status RUNNING", progress: "RUNNING KILLING KILLED", calls: []string{stopJob, stopJob}, transition: transition,
		},
		"response not received": {
			verb: "stop", from: running, later: running, fault: simulator.Fault{Drop: true, After: true},
			progress: "RUNNING KILLING KILLED", calls: []string{stopJob}, transition: transition, succeeds: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, test.run)
		})
	}
}

// failingAction is an action that is disturbed.
type failingAction struct {
	verb        string
	from, later int
	transition  time.Duration // an hour by default
	timeout     any
	fault       simulator.Fault
	ending      ending // after 42 seconds

	takes    time.Duration // 0 for any
	progress string
	calls    []string
	contains []string // in the error
	warns    string   // in place of an error
	succeeds bool
}

func (test failingAction) run(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p := inStatus(t, simulator.Options{Transition: cmp.Or(test.transition, time.Hour)}, test.from, test.later)
	if test.fault.Status != 0 || test.fault.Drop {
		test.fault.Method = http.MethodPost
		p.Inject(test.fault)
	}
	config, began := byID, time.Now()
	if test.timeout != nil {
		config = byID.with(attrs{"timeouts": attrs{"invoke": test.timeout}})
	}
	const after = 42 * time.Second
	switch test.ending {
	case endStop:
		time.AfterFunc(after, p.stop)
	case endCancel:
		time.AfterFunc(after, cancel)
	default: // it ends by itself
	}
	progress, diags := p.invoke(ctx, actionBlock(test.verb), config)
	if test.takes > 0 {
		wantTook(t, began, test.takes)
	}
	if took := time.Since(began); test.ending != endsByItself && (took < after || took > after+grace) {
		t.Errorf("it took %s, and was interrupted after %s", took, after)
	}
	wantProgress(t, progress, test.progress)
	switch {
	case test.succeeds:
		p.wantNone(diags)
	case test.warns != "":
		p.wantWarning(diags, `Repeated the request to stop visualization job "board" (ID 197)`, test.warns, "ModelArts accepted the second request.")
	default:
		p.wantErrorAt(diags, "", append(test.contains, "Could not "+test.verb+` visualization job "board" (ID 197)`, "Run the action again")...)
	}
	p.wantChanges(test.calls...)
}
