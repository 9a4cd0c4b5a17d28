package visualizationjob_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// block is a resource block with a body.
func block(label, body string) string {
	return fmt.Sprintf("resource %q %q {\n%s\n}\n", typeName, label, body)
}

// board is the block of a job with its label as the name, and more lines.
func board(label, more string) string {
	if !strings.Contains(more, "train_url") {
		more = "train_url = \"/bucket/logs/\"\n" + more
	}
	return block(label, fmt.Sprintf("name = %q\n%s", label, more))
}

// existing is an unmanaged job with every attribute set.
var existing = simulator.Job{
	ID: 197, Name: "board", TrainURL: "/bucket/logs/", Description: "theirs", Type: "mindinsight", Flavor: "x",
	Schedule: &simulator.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 2}, Status: simulator.StatusRunning,
}

// jobNamed returns the job with a name. Terraform creates resources in any order.
func jobNamed(server *simulator.Server, name string) simulator.Job {
	for _, job := range server.Jobs() {
		if job.Name == name {
			return job
		}
	}
	panic("there is no job " + name)
}

// TestResourceLifecycle creates, reads, changes, imports, replaces and deletes jobs.
// TestPlans has the plan of every other change.
func TestResourceLifecycle(t *testing.T) {
	t.Parallel()
	const full = `
description = "größer"
job_type    = "mindinsight"
flavor      = "modelarts.vm.cpu.2u"
running     = true
schedule    = { duration = 3 }
timeouts {
  create = "1m"
}`
	unchanged := board("full", full) + board("outside", "running = true") + board("deleted", "")
	server := acctest.Simulator(t, simulator.Options{})
	imported := existing
	imported.Name = "existing"
	server.AddJob(imported)
	w := newWorkspace(t, server, unchanged+board("board", `description = "first"`)+board("stopped", "running = false")+board("replaced", ""))
	w.apply(0, "6 added, 0 changed, 0 destroyed")

	created := w.values(typeName + ".board")
	for attribute, pattern := range map[string]string{
		"id": `^\d+$`, "create_time": `^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$`, "service_url": `^https://.*/\d+/$`, "resource_id": `^[0-9a-f-]{36}$`,
	} {
		if text, _ := created[attribute].(string); !regexp.MustCompile(pattern).MatchString(text) {
			t.Errorf("%s is %q", attribute, text)
		}
		delete(created, attribute)
	}
	wantSame(t, created, attrs{
		"name": "board", "train_url": "/bucket/logs/", "description": "first", "job_type": nil, "flavor": nil, "schedule": nil, "timeouts": nil,
		"adopt_existing": nil, "project_id": simulator.DefaultProjectID, "running": true, "status": "RUNNING",
	})
	if schedule := w.values(typeName + ".full")["schedule"]; !cmp.Equal(schedule, map[string]any{"duration": 3.0, "time_unit": "HOURS", "type": "stop"}) {
		t.Errorf("the schedule is %v", schedule)
	}
	got := jobNamed(server, "full")
	if diff := cmp.Diff(simulator.Job{
		ID: got.ID, Name: "full", TrainURL: "/bucket/logs/", Description: "größer", Type: "mindinsight", Flavor: "modelarts.vm.cpu.2u",
		Schedule: &simulator.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 3}, WorkspaceID: "0", Status: simulator.StatusRunning,
		CreateTime: got.CreateTime, Duration: got.Duration, ServiceURL: got.ServiceURL, ResourceID: got.ResourceID,
	}, got); diff != "" {
		t.Errorf("the job (-want +got):\n%s", diff)
	}

	server.StopJob(jobNamed(server, "outside").ID)
	server.RemoveJob(jobNamed(server, "deleted").ID)
	w.Write("main.tf", unchanged+board("board", "description = \"second\"\nrunning = false")+board("stopped", "running = true")+
		block("replaced", "name = \"other\"\ntrain_url = \"/bucket/logs/\"")+
		board("existing", "description = \"theirs\"\njob_type = \"mindinsight\"\nflavor = \"x\"\nschedule = { duration = 2 }")+
		"import {\n  to = "+typeName+".existing\n  id = \"197\"\n}\n")
	acctest.WantOutput(t, w.MustRun(0, "plan", "-out=saved", "-no-color"), "Plan: 1 to import, 2 to add, 4 to change, 1 to destroy.",
		".outside will be updated in-place", ".deleted will be created", ".board will be updated in-place", ".stopped will be updated in-place",
		".replaced must be replaced", ".existing will be updated in-place")
	w.MustRun(0, "apply", "saved")
	for label, want := range map[string]attrs{
		"board":    {"description": "second", "status": "KILLED", "running": false},
		"stopped":  {"status": "RUNNING", "running": true},
		"outside":  {"status": "RUNNING", "running": true},
		"replaced": {"name": "other"},
		"existing": {"id": "197", "job_type": "mindinsight", "flavor": "x"}, // which the API doesn't return
	} {
		for attribute, value := range want {
			if got := w.values(typeName + "." + label)[attribute]; got != value {
				t.Errorf("%s of %s is %v, want %v", attribute, label, got, value)
			}
		}
	}
	w.wantEmptyPlan()
	w.MustRun(0, "destroy", "-auto-approve", "-refresh=false")
	if jobs := server.Jobs(); len(jobs) > 0 {
		t.Errorf("left after the destroy: %+v", jobs)
	}
}
