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
		want = append(want, `Visualization job "board" (id 197): `+status)
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

func TestActionsOnUnknownJob(t *testing.T) {
	t.Parallel()
	for _, shape := range simulator.NotFoundShapes() {
		for _, verb := range []string{"stop", "restart"} {
			synctest.Test(t, func(t *testing.T) {
				p := inMemory(t, simulator.Options{NotFoundShape: shape}, 0)
				progress, diags := p.invoke(t.Context(), actionBlock(verb), byID)
				wantProgress(t, progress, "")
				p.wantErrorAt(diags, "id", "Could not "+verb+" visualization job 197", "HTTP status: ",
					"There is no job of this id in the project that the provider is configured for.")
				p.wantChanges()
			})
		}
	}
}

// An action that fails, ends at its timeout or is interrupted leaves the job where it is. A request that is sent twice is a
// warning.
func TestActionsThatFail(t *testing.T) {
	t.Parallel()
	const over = `The time of timeouts.invoke = "%s" is over. Raise it`
	const interrupted = "It was interrupted. Nothing was undone. Invoke the action again"
	for name, test := range map[string]failingAction{
		"refused stop": {
			verb: "stop", from: running, later: running, fault: denied(http.MethodPost, "", 0), progress: "RUNNING", calls: []string{stopJob},
			says: []string{
				"last seen in status RUNNING", "The wait for it to be stopped took", "API message: not yours", "Error code: ModelArts.0108",
				"HTTP status: 403", "Request ID: ", "resource type tensorboard",
			},
		},
		"refused restart": {
			verb: "restart", from: killed, later: killed, fault: denied(http.MethodPost, "", 0), progress: "KILLED", calls: []string{restartJob},
			says: []string{"last seen in status KILLED", "The wait for it to be running took", "API message: not yours"},
		},
		"failed job": {
			verb: "restart", from: killed, later: simulator.StatusImageFailed, progress: "KILLED INIT IMAGE_FAILED", calls: []string{restartJob},
			says: []string{"The job went to status IMAGE_FAILED, 3", "ModelArts console", "Nothing was undone."},
		},
		"timeout of a stop": {
			verb: "stop", from: running, later: running, timeout: "90s", takes: 90 * time.Second, progress: "RUNNING KILLING", calls: []string{stopJob},
			says: []string{"last seen in status KILLING", "to be stopped took 1m30s", fmt.Sprintf(over, "1m30s")},
		},
		"default timeout of a stop": {
			verb: "stop", from: running, later: running, takes: 20 * time.Minute, progress: "RUNNING KILLING", calls: []string{stopJob},
			says: []string{"last seen in status KILLING", fmt.Sprintf(over, "20m0s")},
		},
		"timeout of a restart while it stops": {
			verb: "restart", from: running, later: running, timeout: "10m", takes: 10 * time.Minute, progress: "RUNNING KILLING", calls: []string{stopJob},
			says: []string{"last seen in status KILLING", "to be stopped took 10m0s", fmt.Sprintf(over, "10m0s")},
		},
		"timeout of a restart while it starts": {
			verb: "restart", from: completed, later: completed, timeout: "5m", takes: 5 * time.Minute, progress: "COMPLETED INIT", calls: []string{restartJob},
			says: []string{"last seen in status INIT", "to be running took 5m0s", fmt.Sprintf(over, "5m0s")},
		},
		"stopped provider":    {verb: "stop", from: running, later: running, ending: endStop, progress: "RUNNING KILLING", calls: []string{stopJob}, says: []string{interrupted}},
		"canceled context":    {verb: "stop", from: running, later: running, ending: endCancel, progress: "RUNNING KILLING", calls: []string{stopJob}, says: []string{interrupted}},
		"interrupted restart": {verb: "restart", from: running, later: running, ending: endStop, progress: "RUNNING KILLING", calls: []string{stopJob}, says: []string{interrupted}},
		"request not received": {
			verb: "stop", from: running, later: running, fault: simulator.Fault{Drop: true}, warns: "The answer to the first one was lost",
			progress: "RUNNING KILLING KILLED", calls: []string{stopJob, stopJob}, transition: transition,
		},
		"request not processed": {
			verb: "stop", from: running, later: running, fault: simulator.Fault{Status: http.StatusOK, Body: `{"is_success":true}`},
			warns: "accepted the first one, and still showed RUNNING", progress: "RUNNING KILLING KILLED", calls: []string{stopJob, stopJob}, transition: transition,
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
	says     []string // in the error
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
		p.wantWarning(diags, `Repeated the call to stop visualization job "board" (id 197)`, test.warns, "The repeated call was accepted.")
	default:
		p.wantErrorAt(diags, "", append(test.says, "Could not "+test.verb+` visualization job "board" (id 197)`, "Invoke the action again")...)
	}
	p.wantChanges(test.calls...)
}
