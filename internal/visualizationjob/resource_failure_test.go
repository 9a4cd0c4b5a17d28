package visualizationjob_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// gets has each new job that has one of the names get its status at once, and stay in it.
type gets struct {
	statuses map[string]int
	server   atomic.Pointer[simulator.Server]
	done     sync.Map // names
}

func (g *gets) onCall(call simulator.Call) {
	for name, status := range g.statuses {
		if call.Method != http.MethodPost || !strings.Contains(call.Body, `"`+name+`"`) {
			continue
		}
		if _, done := g.done.LoadOrStore(name, true); !done {
			g.server.Load().SetStatus(jobNamed(g.server.Load(), name).ID, status)
		}
	}
}

// Each failure of an apply says what is left of the job, and the next apply resumes there.
func TestResourceFailures(t *testing.T) {
	t.Parallel()
	statuses := gets{statuses: map[string]int{"fails": simulator.StatusFailed, "waits": simulator.StatusWaiting}}
	server := acctest.Simulator(t, simulator.Options{
		ShowSchedule: true, Buckets: []string{"bucket"}, Transition: 200 * time.Millisecond, OnCall: statuses.onCall,
	})
	statuses.server.Store(server)
	job := func(id int64, name string, status int) simulator.Job {
		return simulator.Job{ID: id, Name: name, TrainURL: "/bucket/logs", Description: "theirs", Status: status}
	}
	scheduled := job(8, "scheduled", simulator.StatusRunning)
	scheduled.Schedule = &simulator.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 4}
	for _, job := range []simulator.Job{
		job(5, "exists", simulator.StatusKilled), job(6, "shared", simulator.StatusRunning), job(7, "adopted", simulator.StatusKilled),
		scheduled, job(9, "undescribed", simulator.StatusRunning), job(10, "unstopped", simulator.StatusRunning),
	} {
		server.AddJob(job)
	}
	server.Inject(denied(http.MethodPut, "/visualization-jobs/9", 0))
	server.Inject(denied(http.MethodPost, "/visualization-jobs/10/stop", 0))

	const ours, adopt = "description = \"ours\"\n", "adopt_existing = true\n"
	shared := "name = \"shared\"\ntrain_url = \"/bucket/logs/\"\n" + adopt
	unchanged := board("adopted", ours+adopt+"running = true") + board("undescribed", ours+adopt+"running = false") +
		board("unstopped", ours+adopt+"running = false") + board("fails", "") +
		board("stopping", "") + board("gone", "") + board("refused", "") + board("lost", "")
	kept := func(flavor string) string {
		return board("kept", adopt+"flavor = \""+flavor+"\"\nlifecycle {\n create_before_destroy = true\n}")
	}
	w := newWorkspace(t, server, unchanged+kept("a")+board("waits", "timeouts {\n create = \"5s\"\n}")+board("exists", "")+block("one", shared)+block("two", shared)+
		board("scheduled", adopt+"schedule = { duration = 9 }")+board("bucket", `train_url = "/other/logs/"`)+
		board("resumed", `description = "first"`)+board("limited", `running = false`))
	const notInState = "nothing was added to the state. The job still exists. The next apply adopts it again"
	output := w.apply(1,
		"ID 5, status KILLED", "from = modelarts_visualization_job.OLD", "terraform import ADDRESS 5", `name = "exists"`,
		"belongs to another resource of this apply",
		`Could not adopt visualization job "scheduled" (ID 8)`, "set schedule = { duration = 4 }", notInState,
		`Could not adopt visualization job "undescribed" (ID 9)`, "not yours", notInState,
		`Could not adopt visualization job "unstopped" (ID 10)`, notInState,
		`Timed out after 5s waiting for visualization job "waits" (ID `, "to run (last status: WAITING).", "increase timeouts.create", "the next apply replaces it",
		`visualization job "fails" (ID `, "status FAILED", "ModelArts console",
		`Could not create visualization job "bucket"`, `train_url = "/other/logs/"`, "Error code: ModelArts.4311", "HTTP status: 400",
		"Request ID: ", "The OBS bucket doesn't exist. Check that",
		`Adopted visualization job "adopted" (ID 7)`)
	if n := strings.Count(output, "Error: "); n != 8 {
		t.Errorf("%d errors:\n%s", n, output)
	}
	if job := jobNamed(server, "adopted"); job.ID != 7 || job.Description != "ours" || job.Status != simulator.StatusRunning {
		t.Errorf("the adopted job is %+v", job)
	}

	before := map[string]int64{}
	for _, name := range []string{"kept", "waits", "fails"} {
		before[name] = jobNamed(server, name).ID
	}
	resumed := jobNamed(server, "resumed").ID
	server.Inject(denied(http.MethodPost, fmt.Sprintf("/visualization-jobs/%d/stop", resumed), 0))
	server.Inject(simulator.Fault{
		Method: http.MethodPost, Path: fmt.Sprintf("/visualization-jobs/%d/restart", jobNamed(server, "limited").ID),
		Code: "ModelArts.2815", Message: "too many",
	})
	server.ResetCalls()
	w.Write("main.tf", unchanged+kept("b")+board("waits", "")+board("exists", adopt)+board("scheduled", adopt+"schedule = { duration = 4 }")+
		board("bucket", "")+board("resumed", "description = \"second\"\nrunning = false")+board("limited", `running = true`))
	w.apply(1, `Could not update visualization job "resumed"`, "not yours", "Error code: ModelArts.0108", "HTTP status: 403", "resource type tensorboard",
		`Could not update visualization job "limited"`, "(last status: KILLED)", "ModelArts.2815", "run at once", "Stop jobs")
	w.wantPlan(map[string]string{
		"adopted": "no-op", "undescribed": "no-op", "unstopped": "no-op", "waits": "no-op", "fails": "no-op", "stopping": "no-op",
		"gone": "no-op", "refused": "no-op", "lost": "no-op", "kept": "no-op", "exists": "no-op", "scheduled": "no-op", "bucket": "no-op",
		"resumed": "update", "limited": "update",
	})
	w.apply(0)
	described := slices.DeleteFunc(server.Calls(), func(call simulator.Call) bool {
		return call.Method != http.MethodPut || !strings.HasSuffix(call.Path, fmt.Sprint("/", resumed))
	})
	if len(described) != 1 {
		t.Errorf("the description was set %d times, want once", len(described))
	}
	type state struct {
		id          int64
		status      int
		description string
	}
	want := map[string]state{
		"exists": {5, simulator.StatusKilled, ""}, "adopted": {7, simulator.StatusRunning, "ours"}, "scheduled": {8, simulator.StatusRunning, ""},
		"undescribed": {9, simulator.StatusKilled, "ours"}, "unstopped": {10, simulator.StatusKilled, "ours"},
		"kept": {before["kept"], simulator.StatusRunning, ""}, "resumed": {resumed, simulator.StatusKilled, "second"},
	}
	for name, want := range want {
		job := jobNamed(server, name)
		if diff := cmp.Diff(want, state{job.ID, job.Status, job.Description}, cmp.AllowUnexported(state{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, name := range []string{"waits", "fails"} {
		if job := jobNamed(server, name); job.ID == before[name] || job.Status != simulator.StatusRunning {
			t.Errorf("the tainted job %d was not replaced: %+v", before[name], job)
		}
	}

	// A job that failed is no difference in a plan, so the refresh says so, once in a run.
	server.SetStatus(jobNamed(server, "fails").ID, simulator.StatusImageFailed)
	output = w.wantEmptyPlan()
	wantOutput(t, output, "No changes.", `Warning: Failed: visualization job "fails"`,
		"The job failed with status IMAGE_FAILED: its image could not be created.", "with running = true")
	if n := strings.Count(output, "Warning: Failed:"); n != 1 {
		t.Errorf("%d warnings:\n%s", n, output)
	}

	// A delete that is refused waits until it is possible, and stops a job if that is in the way.
	path := func(name string) string { return fmt.Sprintf("/visualization-jobs/%d", jobNamed(server, name).ID) }
	server.Inject(simulator.Fault{Method: http.MethodDelete, Path: path("refused"), Code: "ModelArts.0105", Message: "This job can't be delete. job status: 8"})
	server.Inject(simulator.Fault{Method: http.MethodDelete, Path: path("lost"), Drop: true, After: true})
	server.StopJob(jobNamed(server, "stopping").ID)
	server.RemoveJob(jobNamed(server, "gone").ID)
	w.MustRun(0, "destroy", "-auto-approve")
	if jobs := server.Jobs(); len(jobs) > 0 {
		t.Errorf("left after the destroy: %+v", jobs)
	}
}

// The remedy for a read timeout in the state works as it is written.
func TestReadTimeoutOfState(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, acctest.Simulator(t, simulator.Options{}), "")
	limit := func(timeout string) { w.Write("main.tf", board("board", "timeouts {\n  read = \""+timeout+"\"\n}")) }
	limit("300ms")
	w.apply(0)
	w.Inject(simulator.Fault{Method: http.MethodGet, Path: "/visualization-jobs.*", Count: -1, After: true, Slow: time.Second})
	limit("10m") // the state still has the old one
	wantOutput(t, w.MustRun(1, "plan", "-no-color"), `Could not read visualization job "board" (ID 1)`,
		"Raise timeouts.read in the configuration, then run terraform apply -refresh=false, and check that its plan changes only timeouts.")
	w.MustRun(0, "apply", "-refresh=false", "-auto-approve")
	w.wantEmptyPlan()
}

// An invalid ID, as from a script with an unset variable, is an error before any request.
func TestImportErrors(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, acctest.Simulator(t, simulator.Options{}), board("board", ""))
	for _, id := range []string{"", "board"} {
		wantOutput(t, w.MustRun(1, "import", "-no-color", typeName+".board", id),
			fmt.Sprintf("%q isn't the ID of a visualization job, which is a number such as 197", id))
		w.wantNoCalls()
	}
	wantOutput(t, w.MustRun(1, "import", "-no-color", typeName+".board", "198"), "non-existent")
}

// A mistake is an error on its attribute, found by the plan, before any request. TestRefusedValues has all of them.
func TestResourceRefusesBadInput(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, acctest.Simulator(t, simulator.Options{}),
		block("a", "name = \"\"\ntrain_url = \"obs://bucket/logs\"")+board("b", `schedule = { duration = 2.4 }`)+
			board("c", "timeouts {\n  read = \"0s\"\n}"))
	wantOutput(t, w.MustRun(1, "plan", "-no-color"), `name = ""`, "1 to 20 characters", `train_url = "obs://bucket/logs"`, `Write "/bucket/logs/"`,
		"schedule.duration must be a whole number from 0 to 24, got 2.4.", `read = "0s"`, `timeouts.read must be a number above zero`)
	w.Write("main.tf", board("a", `train_url = "bucket/logs"`))
	wantOutput(t, w.MustRun(1, "plan", "-no-color"), `train_url = "bucket/logs"`, `Did you mean "/bucket/logs/"`)
	w.wantNoCalls()
}
