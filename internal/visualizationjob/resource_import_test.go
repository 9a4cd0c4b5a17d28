package visualizationjob_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// existing is a job that somebody made with everything set.
var existing = simulator.Job{
	ID: 197, Name: "board", TrainURL: "/bucket/logs/", Description: "theirs", Type: "mindinsight", Flavor: "x",
	Schedule: &simulator.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 2}, Status: simulator.StatusRunning,
}

const whole = `
description = "theirs"
job_type    = "mindinsight"
flavor      = "x"
schedule    = { duration = 2 }
`

// addExisting adds copies of the existing job with the names, and returns blocks that import them.
func addExisting(server *simulator.Server, names ...string) (imports string) {
	for _, name := range names {
		job := existing
		job.ID, job.Name = 0, name
		imports += fmt.Sprintf("import {\n  to = %s.%s\n  id = \"%d\"\n}\n", typeName, name, server.AddJob(job))
	}
	return imports
}

// What the API doesn't return never replaces an imported job: the first apply records it, and from then on a
// change replaces.
func TestResourceImport(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	imports := addExisting(server, "board", "omitted", "other_schedule")
	others := board("omitted", `description = "theirs"`) + board("other_schedule", "description = \"theirs\"\nschedule = { duration = 9 }")
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:           board("board", whole) + others + imports,
			ConfigPlanChecks: planned(update, plansTo("omitted", nothing), plansTo("other_schedule", update)),
			ConfigStateChecks: append(statusIs("board", "RUNNING", true),
				knownText("board", "job_type", "mindinsight"), knownText("board", "flavor", "x")),
		},
		{
			PreConfig: func() {
				if calls := server.Calls(); count(calls, http.MethodPost)+count(calls, http.MethodPut) > 0 {
					t.Error("the import changed a job")
				}
			},
			Config:           board("board", `job_type = "tensorboard"`) + others,
			ConfigPlanChecks: planned(replace, plansTo("omitted", nothing), plansTo("other_schedule", nothing)),
		},
	}})
}

// A schedule that the API shows is imported and compared. One that another tool changed is planned to be replaced.
// What the API shows of a job that was created without one is its default, and no difference.
func TestResourceShownSchedule(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{ShowSchedule: true})
	reschedule := func(name string, hours int) {
		job := jobNamed(server, name)
		job.Schedule = &simulator.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: hours}
		server.RemoveJob(job.ID)
		server.AddJob(job)
	}
	imports := addExisting(server, "same", "other", "none")
	config := board("board", `schedule = { duration = 4 }`) + board("default", ``) +
		board("same", "description = \"theirs\"\nschedule = { duration = 2 }") +
		board("other", "description = \"theirs\"\nschedule = { duration = 9 }") + board("none", `description = "theirs"`)
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: config + imports,
			ConfigPlanChecks: planned(create, plansTo("default", create),
				plansTo("same", nothing), plansTo("other", replace), plansTo("none", replace)),
		},
		{
			PreConfig:        func() { reschedule("board", 9); reschedule("default", 0) },
			Config:           config,
			ConfigPlanChecks: planned(replace, plansTo("default", nothing)),
		},
	}})
}

func TestResourceImportByIdentity(t *testing.T) {
	acctest.NeedVersion(t, "1.12.0") // Terraform and OpenTofu have resource identities from the same number on
	server := acctest.Simulator(t, simulator.Options{})
	server.AddJob(existing)
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{{
		Config:           board("board", whole) + "import {\n  to = " + typeName + ".board\n  identity = { id = \"197\" }\n}\n",
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plansTo("board", update)}},
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectIdentity(typeName+".board", map[string]knownvalue.Check{
				"id": knownvalue.StringExact("197"), "project_id": knownvalue.StringExact(simulator.DefaultProjectID),
			}),
			statecheck.ExpectIdentityValueMatchesState(typeName+".board", tfjsonpath.New("id")),
		},
	}}})
}
