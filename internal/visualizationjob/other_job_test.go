package visualizationjob_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// otherJob is a job of another user.
var otherJob = simulator.Job{ID: 70, Name: "theirs", TrainURL: "/bucket/theirs/", Status: simulator.StatusRunning}

// createdAs has the response to the next create say that it created the job 70.
func createdAs(name string) simulator.Fault {
	return simulator.Fault{
		Method: http.MethodPost, Path: "/visualization-jobs", After: true, Status: http.StatusOK,
		Body: fmt.Sprintf(`{"is_success":true,"job_id":"70","job_name":%q,"status":"1","create_time":"1524189990635"}`, name),
	}
}

// A create whose response has the ID of another user's job changes neither that job nor the state.
func TestProtocolCreateReturnsTheIDOfAnotherJob(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]attrs{
		"not managed whether it runs": boardConfig,
		"stopped":                     boardConfig.with(attrs{"running": false}),
		"adopting":                    boardConfig.with(attrs{"adopt_existing": true, "running": true}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, nil)
			p.AddJob(otherJob)
			before, _ := p.Job(70)
			p.Inject(createdAs("board"))
			planned, _ := p.plan(instance{}, config)
			created, diags := p.apply(instance{}, planned, config)
			p.wantError(diags, `Could not create visualization job "board"`, `"theirs"`, `"/bucket/theirs/"`, `"/bucket/logs/"`, "nothing was added to the state")
			if created.values != nil {
				t.Errorf("the state has %v", created.values)
			}
			p.wantChanges("POST /visualization-jobs")
			if after, _ := p.Job(70); after.Status != before.Status {
				t.Errorf("the job of another user has the status %v", after.Status)
			}
			p.configure(nil) // for the next run
			adopted, diags := p.change(instance{}, config.with(attrs{"adopt_existing": true}))
			p.wantWarning(diags, "Adopted")
			if adopted.values["id"] != "71" {
				t.Errorf("the next apply adopted the job %v", adopted.values["id"])
			}
		})
	}
}

// If the response has another name, the provider searches for the job as if there were no response.
func TestProtocolCreateReturnsAnotherName(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	p.AddJob(otherJob)
	p.Inject(createdAs("theirs"))
	planned, _ := p.plan(instance{}, boardConfig)
	created, diags := p.apply(instance{}, planned, boardConfig)
	p.wantWarning(diags, "Recovered", "job 70, which has another name")
	if job, ok := p.Job(71); !ok || created.values["id"] != "71" || job.Name != "board" {
		t.Errorf("the state has %v, want the job 71", created.values)
	}
	p.wantChanges("POST /visualization-jobs")
}

// An ID in the state that is that of another job isn't changed or deleted: Terraform would
// replace, and so destroy, a job that this state doesn't have.
func TestProtocolStateWithTheIDOfAnotherJob(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	p.AddJob(otherJob)
	state := p.must(instance{}, boardConfig)
	state.values["id"] = "70"
	state.identity = attrs{"id": "70", "project_id": simulator.DefaultProjectID}
	stopped, described := boardConfig.with(attrs{"running": false}), boardConfig.with(attrs{"description": "changed"})
	stop, _ := p.plan(state, stopped)
	describe, _ := p.plan(state, described)
	destroy, _ := p.plan(state, nil)
	p.ResetRequests()
	for name, operate := range map[string]func() (instance, []*tfprotov6.Diagnostic){
		"read":     func() (instance, []*tfprotov6.Diagnostic) { return p.read(state) },
		"stop":     func() (instance, []*tfprotov6.Diagnostic) { return p.apply(state, stop, stopped) },
		"describe": func() (instance, []*tfprotov6.Diagnostic) { return p.apply(state, describe, described) },
		"delete":   func() (instance, []*tfprotov6.Diagnostic) { return p.apply(state, destroy, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			after, diags := operate()
			p.wantError(diags, `visualization job "board" (ID 70)`, `"theirs"`, "terraform state rm")
			p.wantChanges()
			if diff := cmp.Diff(state.values, after.values); diff != "" {
				t.Error("the state changed (-before +after):\n" + diff)
			}
		})
	}
}
