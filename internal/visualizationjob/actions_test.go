package visualizationjob_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

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

const stopJob, restartJob = "POST /visualization-jobs/197/stop", "POST /visualization-jobs/197/restart"

// actionTest is an action on the job 197. The tests of lifecycle have more statuses.
type actionTest struct {
	verb    string
	from    int
	becomes int    // the status of the job after half a minute; 0 for none
	slow    bool   // the job takes an hour to start
	timeout string // "" for the default
	fault   simulator.Fault
	stopped time.Duration // when Terraform requests the provider to stop, as after Ctrl-C; 0 for never

	progress string
	changes  []string
	ends     int           // status of the job
	takes    time.Duration // 0 for any
	fails    []string      // in the error
}

func TestActions(t *testing.T) {
	t.Parallel()
	const running, killing, killed = simulator.StatusRunning, simulator.StatusKilling, simulator.StatusKilled
	const starting = "INIT CHECK_INIT CHECK_RUNNING CHECK_RUNNING_COMPLETED IMAGE_CREATING SUBMIT_TRYING WAITING RUNNING"
	for name, test := range map[string]actionTest{
		"stop":               {verb: "stop", from: running, progress: "RUNNING KILLING KILLED", changes: []string{stopJob}, ends: killed},
		"stop of stopped":    {verb: "stop", from: killed, progress: "KILLED", ends: killed},
		"stop of odd":        {verb: "stop", from: 99, becomes: killed, progress: "UNKNOWN(99) KILLED", ends: killed},
		"restart of running": {verb: "restart", from: running, progress: "RUNNING KILLING KILLED " + starting, changes: []string{stopJob, restartJob}, ends: running},

		"rejected": {
			verb: "restart", from: killed, fault: denied(http.MethodPost, "", 0), progress: "KILLED", changes: []string{restartJob}, ends: killed,
			fails: []string{"to run (last status: KILLED).", "API message: not yours", "Error code: ModelArts.0108", "HTTP status: 403", "Request ID: ", "resource type tensorboard"},
		},
		"failed job": {
			verb: "restart", from: killed, becomes: simulator.StatusImageFailed, slow: true, progress: "KILLED INIT IMAGE_FAILED",
			changes: []string{restartJob}, ends: simulator.StatusImageFailed, fails: []string{"The job failed ", "ModelArts console", "The action isn't complete, and ModelArts doesn't undo it."},
		},
		"timeout": {
			verb: "stop", from: killing, timeout: "90s", takes: 90 * time.Second, progress: "KILLING", ends: killing,
			fails: []string{`Timed out after 1m30s waiting for visualization job "board" (ID 197) to stop (last status: KILLING).`, "increase timeouts.invoke."},
		},
		"default timeout": {verb: "restart", from: killing, takes: 20 * time.Minute, progress: "KILLING", ends: killing, fails: []string{"Timed out after 20m waiting"}},
		"interrupted": {
			verb: "stop", from: killing, stopped: 42 * time.Second, takes: 42 * time.Second, progress: "KILLING", ends: killing,
			fails: []string{`Interrupted after 42s waiting for visualization job "board" (ID 197) to stop (last status: KILLING).`},
		},
		"not received": {
			verb: "stop", from: running, fault: simulator.Fault{Method: http.MethodPost, Drop: true}, progress: "RUNNING KILLING KILLED",
			changes: []string{stopJob, stopJob}, ends: killed,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, test.run)
		})
	}
}

func (test actionTest) run(t *testing.T) {
	options := simulator.Options{Transition: 14 * time.Second} // two seconds a status, so that a poll reads each
	if test.slow {
		options.Transition = time.Hour
	}
	p := inMemory(t, simulator.New(options), 0)
	job := watched
	job.Status = test.from
	p.AddJob(job)
	p.SetStatus(197, test.from) // for good
	if test.becomes != 0 {
		time.AfterFunc(30*time.Second, func() { p.SetStatus(197, test.becomes) })
	}
	if test.fault.Method != "" {
		p.Inject(test.fault)
	}
	config, began := byID, time.Now()
	if test.timeout != "" {
		config = byID.with(attrs{"timeouts": attrs{"invoke": test.timeout}})
	}
	if test.stopped > 0 {
		time.AfterFunc(test.stopped, p.stop)
	}
	progress, diags := p.invoke(actionBlock(test.verb), config)
	if test.takes > 0 {
		wantTook(t, began, test.takes)
	}
	wantProgress(t, progress, test.progress)
	if test.fails != nil {
		p.wantErrorAt(diags, "", append(test.fails, "Could not "+test.verb+` visualization job "board" (ID 197)`, "If you run it again")...)
	} else {
		p.wantNone(diags)
	}
	p.wantChanges(test.changes...)
	if job, _ := p.Job(197); job.Status != test.ends {
		t.Errorf("the job has the status %d, want %d", job.Status, test.ends)
	}
}
