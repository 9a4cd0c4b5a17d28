package visualizationjob_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestImportByIdentity(t *testing.T) {
	t.Parallel()
	want := attrs{"id": "197", "project_id": simulator.DefaultProjectID}
	for name, imports := range map[string]func(*protocol) (instance, []*tfprotov6.Diagnostic){
		"by ID":    func(p *protocol) (instance, []*tfprotov6.Diagnostic) { return p.importByID("197") },
		"ID alone": func(p *protocol) (instance, []*tfprotov6.Diagnostic) { return p.importByIdentity(attrs{"id": "197"}) },
		"both":     func(p *protocol) (instance, []*tfprotov6.Diagnostic) { return p.importByIdentity(want) },
		"a project that is unset": func(p *protocol) (instance, []*tfprotov6.Diagnostic) {
			return p.importByIdentity(want.with(attrs{"project_id": ""}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, nil)
			p.AddJob(existing)
			imported, diags := imports(p)
			p.wantNone(diags)
			p.wantNoCalls()
			read := p.mustRead(imported)
			wantSame(t, read.identity, want)
			if read.values["id"] != "197" || read.values["name"] != "board" || read.values["project_id"] != simulator.DefaultProjectID {
				t.Errorf("the state is %v", read.values)
			}
			wantSame(t, p.mustRead(read).identity, want)
		})
	}
}

func TestImportErrorsByIdentity(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	p.AddJob(existing)
	for _, test := range []struct {
		identity attrs
		says     []string
	}{
		{attrs{"id": "197", "project_id": elsewhere}, []string{"197 belongs to another project", elsewhere, simulator.DefaultProjectID, "tenant_id", "delegated_project"}},
		{attrs{"id": "board"}, []string{"Invalid visualization job ID", `"board" isn't the ID`, "such as 197"}},
		{attrs{"id": "0197"}, []string{`"0197" isn't the ID`}},
		{attrs{"id": "", "project_id": ""}, []string{`"" isn't the ID`}},
		{attrs{}, []string{`"" isn't the ID`}},
		{nil, []string{`"" isn't the ID`}},
	} {
		_, diags := p.importByIdentity(test.identity)
		p.wantError(diags, test.says...)
		p.wantNoCalls()
	}
}

// A job with another schedule isn't adopted, because the next plan would replace it.
func TestAdoptionOfJobWithOtherSchedule(t *testing.T) {
	t.Parallel()
	p := unconfiguredFor(t, simulator.Options{ShowSchedule: true}).configure(nil)
	p.AddJob(existing)
	adopted, diags := p.change(instance{}, boardConfig.with(attrs{"adopt_existing": true, "schedule": attrs{"duration": 9}}))
	p.wantErrorAt(diags, "schedule", `Could not adopt visualization job "board" (ID 197)`, "set schedule = { duration = 2 }")
	wantSame(t, adopted.values, nil)
	p.wantChanges()
}

// A replacement that adopts the job that it replaces keeps the job.
func TestDeleteOfAdoptedJob(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	created := p.must(instance{}, boardConfig)
	p.configure(nil) // for the next run
	p.ResetCalls()
	adopted, diags := p.change(instance{}, boardConfig.with(attrs{"adopt_existing": true, "flavor": "x"}))
	p.wantWarning(diags, `Adopted visualization job "board" (ID 1)`)
	wantSame(t, adopted.identity, boardIdentity)
	_, diags = p.change(created, nil)
	p.wantWarning(diags, `Did not delete visualization job "board" (ID 1)`)
	p.wantChanges()
}
