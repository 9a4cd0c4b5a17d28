package visualizationjob_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// addEach puts in place a job of each kind that an import may meet.
func addEach(server *simulator.Server) {
	server.AddJob(existing) // runs, with everything
	server.AddJob(simulator.Job{ID: 198, Name: "stopped", TrainURL: "/bucket/logs", Status: simulator.StatusKilled})
	server.AddJob(simulator.Job{ID: 199, Name: "failed", TrainURL: "/bucket/a b/ä/", Status: simulator.StatusFailed})
	server.AddJob(simulator.Job{
		ID: 200, Name: "odd", TrainURL: "b//${not}\t\"c\"/", Status: 99, // no new job can have this path
		Description: "two\nlines, \"quoted\", ${not} a %{template}",
	})
}

// wantImported applies what was generated for the jobs of addEach: an import and no more. The next plan is empty.
func (w *workspace) wantImported() {
	w.t.Helper()
	w.ResetRequests()
	w.apply(0, "Resources: 4 imported, 0 added, 0 changed, 0 destroyed.")
	w.wantEmptyPlan()
	w.wantNoChanges()
}

// The configuration that the CLI generates for an import needs no edit.
func TestGenerateConfigForImport(t *testing.T) {
	acctest.NeedVersion(t, "1.5.0")
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	addEach(server)
	var imports strings.Builder
	for _, job := range server.Jobs() {
		fmt.Fprintf(&imports, "import {\n  to = %s.%s\n  id = \"%d\"\n}\n", typeName, job.Name, job.ID)
	}
	w := newWorkspace(t, server, imports.String())
	wantOutput(t, w.MustRun(0, "plan", "-generate-config-out=generated.tf", "-no-color"), "Plan: 4 to import, 0 to add, 0 to change, 0 to destroy.")
	w.wantImported()
}

func TestQuery(t *testing.T) {
	acctest.NeedTerraform(t, "1.14.0")
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{PageCap: 3})
	addEach(server)
	w := newWorkspace(t, server, "")
	w.Write("jobs.tfquery.hcl", `
list "modelarts_visualization_job" "all" {
  provider = modelarts
}
`)
	const some = `
list "modelarts_visualization_job" "some" {
  provider = modelarts
  limit    = 1
  config {
    status = ["KILLED", "FAILED"]
  }
}
`
	w.Write("some.tfquery.hcl", some)
	output := w.MustRun(0, "query", "-no-color")
	wantOutput(t, output,
		"list.modelarts_visualization_job.all id=197,project_id="+simulator.DefaultProjectID+" board",
		"list.modelarts_visualization_job.all id=200,project_id="+simulator.DefaultProjectID+" odd",
		"list.modelarts_visualization_job.some id=198,project_id="+simulator.DefaultProjectID+" stopped")
	if n := strings.Count(output, "list.modelarts_visualization_job."); n != 4+1 {
		t.Errorf("%d jobs are listed:\n%s", n, output)
	}
	if n := len(server.Requests()); n != 2+1 {
		t.Errorf("%d pages were read", n) // of which Terraform needs one less
	}
	w.Write("some.tfquery.hcl", "")
	w.MustRun(0, "query", "-generate-config-out=generated.tf")
	w.wantImported()

	w.ResetRequests()
	w.Write("jobs.tfquery.hcl", strings.ReplaceAll(some, "KILLED", "running"))
	wantOutput(t, w.MustRun(1, "validate", "-query", "-no-color"), "Invalid Attribute Value Match", `status[0] value must be one of: ["UNKNOWN"`, `got: "running"`)
	w.wantNoCalls()
	// An error after the first page fails the command. Terraform shows no part of a list.
	w.Write("jobs.tfquery.hcl", strings.ReplaceAll(some, "limit    = 1\n", ""))
	server.Inject(denied("", "", 1))
	wantOutput(t, w.MustRun(1, "query", "-no-color"),
		"Could not list visualization jobs", "API message: not yours", "Error code: ModelArts.0108", "HTTP status: 403")
}
