package visualizationjob_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// Each error of an apply says whether the job exists and is in the state. The next apply resumes.
func TestResourceFailures(t *testing.T) {
	t.Parallel()
	var server *simulator.Server
	var once sync.Once
	server = acctest.Simulator(t, simulator.Options{
		Buckets: []string{"bucket"}, Transition: 200 * time.Millisecond,
		OnRequest: func(call simulator.Request) {
			if call.Method == http.MethodPost && strings.Contains(call.Body, `"fails"`) {
				once.Do(func() { server.SetStatus(jobNamed(server, "fails").ID, simulator.StatusFailed) })
			}
		},
	})
	for id, name := range []string{"exists", "shared", "adopted", "undescribed"} {
		server.AddJob(simulator.Job{ID: int64(id + 5), Name: name, TrainURL: "/bucket/logs", Description: "theirs", Status: simulator.StatusRunning})
	}
	server.Inject(denied(http.MethodPut, "/visualization-jobs/8", 0))

	const ours, adopt = "description = \"ours\"\n", "adopt_existing = true\n"
	shared := "name = \"shared\"\ntrain_url = \"/bucket/logs/\"\n" + adopt
	unchanged := board("adopted", ours+adopt+"running = false") + board("undescribed", ours+adopt+"running = false") + board("fails", "")
	w := newWorkspace(t, server, unchanged+board("exists", "")+block("one", shared)+block("two", shared)+
		board("bucket", `train_url = "/other/logs/"`)+board("resumed", `description = "first"`))
	output := w.apply(1,
		"ID 5, status RUNNING", "from = modelarts_visualization_job.OLD", "terraform import ADDRESS 5", `name = "exists"`,
		"belongs to another resource of this apply",
		`Could not adopt visualization job "undescribed" (ID 8)`, "not yours",
		"nothing was added to the state. The job still exists. The next apply tries to adopt it again",
		`visualization job "fails" (ID `, "status FAILED", "ModelArts console", "the next apply replaces it",
		`Could not create visualization job "bucket"`, `train_url = "/other/logs/"`, "Error code: ModelArts.4311", "HTTP status: 400",
		"Request ID: ", "The OBS bucket doesn't exist. Check that",
		`Adopted visualization job "adopted" (ID 7)`)
	if n := strings.Count(output, "Error: "); n != 5 {
		t.Errorf("%d errors:\n%s", n, output)
	}

	failed, resumed := jobNamed(server, "fails").ID, jobNamed(server, "resumed").ID
	server.Inject(denied(http.MethodPost, fmt.Sprintf("/visualization-jobs/%d/stop", resumed), 0))
	w.Write("main.tf", unchanged+board("exists", adopt)+board("bucket", "")+board("resumed", "description = \"second\"\nrunning = false"))
	w.apply(1, `Could not update visualization job "resumed"`, "not yours", "resource type tensorboard")
	w.apply(0, "resumed will be updated in-place", "0 added, 1 changed, 0 destroyed")
	for _, want := range []simulator.Job{
		{ID: 5, Name: "exists", Status: simulator.StatusRunning},
		{ID: 7, Name: "adopted", Status: simulator.StatusKilled, Description: "ours"},
		{ID: 8, Name: "undescribed", Status: simulator.StatusKilled, Description: "ours"},
		{ID: resumed, Name: "resumed", Status: simulator.StatusKilled, Description: "second"},
	} {
		job := jobNamed(server, want.Name)
		if diff := cmp.Diff(want, simulator.Job{ID: job.ID, Name: job.Name, Status: job.Status, Description: job.Description}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want.Name, diff)
		}
	}
	if job := jobNamed(server, "fails"); job.ID == failed || job.Status != simulator.StatusRunning {
		t.Errorf("the tainted job %d was not replaced: %+v", failed, job)
	}

	// A plan doesn't show a failed job, so the refresh warns about it, once in a run.
	server.SetStatus(jobNamed(server, "fails").ID, simulator.StatusImageFailed)
	output = w.wantEmptyPlan()
	acctest.WantOutput(t, output, "No changes.", `Warning: Failed: visualization job "fails"`,
		"The job failed with status IMAGE_FAILED.", "with running = true")
	if n := strings.Count(output, "Warning: Failed:"); n != 1 {
		t.Errorf("%d warnings:\n%s", n, output)
	}
	w.MustRun(0, "destroy", "-auto-approve")
	if jobs := server.Jobs(); len(jobs) > 0 {
		t.Errorf("left after the destroy: %+v", jobs)
	}
}

// An invalid value is an error on its attribute in the plan, before any request. TestRejectedValues has all of them.
func TestResourceRejectsBadInput(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, acctest.Simulator(t, simulator.Options{}), block("a", "name = \"\"\ntrain_url = \"obs://bucket/logs\"")+board("b", `schedule = { duration = 2.4 }`)+
		board("c", "timeouts {\n  read = \"0s\"\n}"))
	acctest.WantOutput(t, w.MustRun(1, "plan", "-no-color"), `name = ""`, "1 to 20 characters", `train_url = "obs://bucket/logs"`, `Write "/bucket/logs/"`,
		"schedule.duration must be a whole number from 0 to 24, got 2.4.", `read = "0s"`, `timeouts.read must be a number above zero`)
	w.wantNoCalls()
}
