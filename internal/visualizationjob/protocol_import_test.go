package visualizationjob_test

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestImportByIdentity(t *testing.T) {
	t.Parallel()
	want := attrs{"id": "197", "project_id": simulator.DefaultProjectID}
	for _, identity := range []attrs{nil, {"id": "197"}, want, want.with(attrs{"project_id": ""})} { // an empty string is unset
		p := configured(t, simulator.Options{})
		p.AddJob(existing)
		id := ""
		if identity == nil {
			id = "197"
		}
		imported, diags := p.importBy(id, identity)
		p.wantNone(diags)
		p.wantNoCalls()
		read := p.mustRead(imported)
		wantSame(t, read.identity, want)
		if read.values["id"] != "197" || read.values["name"] != "board" || read.values["project_id"] != simulator.DefaultProjectID {
			t.Errorf("the state is %v", read.values)
		}
		wantSame(t, p.mustRead(read).identity, want)
	}
}

// An invalid ID, as from a script with an unset variable, is an error before any request.
func TestImportErrors(t *testing.T) {
	t.Parallel()
	p := configured(t, simulator.Options{})
	p.AddJob(existing)
	for _, test := range []struct {
		identity attrs
		contains []string
	}{
		{attrs{"id": "197", "project_id": elsewhere}, []string{"197 belongs to another project", elsewhere, simulator.DefaultProjectID, "tenant_id", "delegated_project"}},
		{attrs{"id": "board"}, []string{"Invalid visualization job ID", `"board" isn't the ID`, "such as 197"}},
		{attrs{"id": "0197"}, []string{`"0197" isn't the ID`}},
		{attrs{"id": "", "project_id": ""}, []string{`"" isn't the ID`}},
		{attrs{}, []string{`"" isn't the ID`}},
		{nil, []string{`"" isn't the ID`}}, // terraform import ADDRESS ""
	} {
		_, diags := p.importBy("", test.identity)
		p.wantError(diags, test.contains...)
		p.wantNoCalls()
	}
}

// A job with another schedule isn't adopted, because the next plan would replace it.
func TestAdoptionOfJobWithOtherSchedule(t *testing.T) {
	t.Parallel()
	p := configured(t, simulator.Options{ShowSchedule: true})
	p.AddJob(existing)
	adopted, diags := p.change(instance{}, boardConfig.with(attrs{"adopt_existing": true, "schedule": attrs{"duration": 9}}))
	p.wantErrorAt(diags, "schedule", `Could not adopt visualization job "board" (ID 197)`, "set schedule = { duration = 2 }")
	wantSame(t, adopted.values, nil)
	// A failed job is adopted as it is.
	p.SetStatus(197, simulator.StatusFailed)
	p.configure(nil) // for the next run
	_, diags = p.change(instance{}, boardConfig.with(attrs{"adopt_existing": true, "description": "theirs"}))
	p.wantWarning(diags, "Adopted")
	p.wantChanges()
}

// A replacement that adopts the job that it replaces keeps the job.
func TestDeleteOfAdoptedJob(t *testing.T) {
	t.Parallel()
	p := configured(t, simulator.Options{})
	created := p.must(instance{}, boardConfig)
	p.configure(nil) // for the next run
	p.ResetRequests()
	adopted, diags := p.change(instance{}, boardConfig.with(attrs{"adopt_existing": true, "flavor": "x"}))
	p.wantWarning(diags, `Adopted visualization job "board" (ID 1)`)
	wantSame(t, adopted.identity, boardIdentity)
	_, diags = p.change(created, nil)
	p.wantWarning(diags, `Did not delete visualization job "board" (ID 1)`)
	p.wantChanges()
}

// An adoption that fails or is interrupted changes neither the state nor the number of jobs. The next apply adopts the same job.
func TestDisturbedAdoption(t *testing.T) {
	t.Parallel()
	config := boardConfig.with(attrs{"adopt_existing": true, "description": "ours", "running": false})
	for name, fault := range map[string]simulator.Fault{
		"not described":        denied(http.MethodPut, "", 0),
		"not stopped":          denied(http.MethodPost, ".*/stop", 0),
		"not read":             denied(http.MethodGet, ".*/197", 0),
		"interrupted":          {Method: http.MethodPost, Path: ".*/stop", Hang: true},
		"interrupted, stopped": {Method: http.MethodPost, Path: ".*/stop", After: true, Hang: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := inMemory(t, simulator.New(simulator.Options{Transition: 20 * time.Second}), 0)
			p.AddJob(existing)
			fault.Count = -1
			p.Inject(fault)
			if fault.Hang {
				time.AfterFunc(5*time.Second, p.stop)
			}
			adopted, diags := p.change(instance{}, config)
			if !slices.ContainsFunc(diags, isError) || adopted.values != nil {
				t.Errorf("%s: the state is %v, with %d diagnostics", name, adopted.values, len(diags))
			}
			p.ClearFaults()
			next := inMemory(t, p.Simulator, 0)
			adopted, diags = next.change(instance{}, config)
			next.wantWarning(diags, `Adopted visualization job "board" (ID 197)`)
			jobs := p.Jobs()
			if len(jobs) != 1 || jobs[0].Description != "ours" || jobs[0].Status != simulator.StatusKilled || adopted.values["id"] != "197" {
				t.Errorf("%s: the jobs are %+v, and the state is %v", name, jobs, adopted.values)
			}
		})
	}
}
