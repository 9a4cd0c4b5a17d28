package visualizationjob_test

import (
	"net/http"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// otherJob is a job of another user.
var otherJob = simulator.Job{ID: 70, Name: "theirs", TrainURL: "/bucket/theirs/", Status: simulator.StatusRunning}

// A create whose response has the ID of another user's job changes neither that job nor the state.
func TestProtocolCreateReturnsTheIDOfAnotherJob(t *testing.T) {
	t.Parallel()
	p := configured(t, simulator.Options{})
	p.AddJob(otherJob)
	p.Inject(simulator.Fault{
		Method: http.MethodPost, Path: "/visualization-jobs", After: true, Status: http.StatusOK,
		Body: `{"is_success":true,"job_id":"70","job_name":"board","status":"1","create_time":"1524189990635"}`,
	})
	config := boardConfig.with(attrs{"running": false, "adopt_existing": true})
	created, diags := p.change(instance{}, config)
	p.wantError(diags, `Could not create visualization job "board"`, `"theirs"`, `"/bucket/theirs/"`, `"/bucket/logs/"`, "nothing was added to the state")
	wantSame(t, created.values, nil)
	p.wantChanges("POST /visualization-jobs")
	p.configure(nil) // for the next run
	adopted, diags := p.change(instance{}, config)
	p.wantWarning(diags, "Adopted")
	if adopted.values["id"] != "71" {
		t.Errorf("the next apply adopted the job %v", adopted.values["id"])
	}
}

// An ID in the state that is that of another job isn't changed or deleted: Terraform would
// replace, and so destroy, a job that this state doesn't have. The provider doesn't search for a job in another project.
func TestProtocolStateWithTheIDOfAnotherJob(t *testing.T) {
	t.Parallel()
	p := configured(t, simulator.Options{})
	p.AddJob(otherJob)
	created := p.must(instance{}, boardConfig)
	for _, test := range []struct {
		changes  attrs
		contains []string
	}{
		{attrs{"id": "70"}, []string{`visualization job "board" (ID 70)`, `"theirs"`, "terraform state rm"}},
		{attrs{"id": "no"}, []string{"Invalid visualization job ID", `"no" isn't the ID`}},
		{attrs{"project_id": elsewhere}, []string{"1 belongs to another project", elsewhere, simulator.DefaultProjectID}},
		{attrs{"project_id": "../x"}, []string{"1 belongs to another project", "../x"}},
	} {
		state := instance{values: created.values.with(test.changes), private: created.private, identity: boardIdentity.with(test.changes)}
		for _, config := range []attrs{boardConfig, boardConfig.with(attrs{"running": false}), boardConfig.with(attrs{"description": "x"}), nil} {
			p.ResetRequests()
			after, diags := p.read(state)
			if config == nil || len(config) > len(boardConfig) {
				after, diags = p.change(state, config)
			}
			p.wantError(diags, test.contains...)
			wantSame(t, after.values, state.values)
			p.wantChanges()
		}
	}
}
