package visualizationjob_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// exactly is the check for an object with these attributes and no others.
func exactly(values attrs) map[string]knownvalue.Check {
	checks := map[string]knownvalue.Check{}
	for name, value := range values {
		switch value := value.(type) {
		case string:
			checks[name] = knownvalue.StringExact(value)
		case bool:
			checks[name] = knownvalue.Bool(value)
		case int64:
			checks[name] = knownvalue.Int64Exact(value)
		default:
			checks[name] = knownvalue.Null()
		}
	}
	return checks
}

func knownData(source, attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data."+source, tfjsonpath.New(attribute), value)
}

func TestDataSourcesWithCLI(t *testing.T) {
	server := acctest.Simulator(t, standing())
	server.AddJob(watched)
	stopped := named(198, "board-2")
	stopped.Status = simulator.StatusKilled
	server.AddJob(stopped)
	stoppedData := watchedData.with(attrs{
		"id": "198", "name": "board-2", "running": false, "status": "KILLED", "status_code": int64(12),
	})

	checks := []statecheck.StateCheck{
		knownData("modelarts_visualization_job.created", "id", knownvalue.StringExact("199")),
		knownData("modelarts_visualization_job.created", "status", knownvalue.StringExact("RUNNING")),
		knownData("modelarts_visualization_jobs.stopped_first", "ids", knownvalue.ListExact([]knownvalue.Check{
			knownvalue.StringExact("198"), knownvalue.StringExact("197"),
		})),
		knownData("modelarts_visualization_jobs.stopped_first", "jobs", knownvalue.ListExact([]knownvalue.Check{
			knownvalue.ObjectExact(exactly(stoppedData)), knownvalue.ObjectExact(exactly(watchedData)),
		})),
		knownData("modelarts_visualization_jobs.stopped_first", "total_count", knownvalue.Int64Exact(2)),
		knownData("modelarts_visualization_jobs.none", "ids", knownvalue.ListExact([]knownvalue.Check{})),
		knownData("modelarts_visualization_jobs.none", "jobs", knownvalue.ListExact([]knownvalue.Check{})),
	}
	for attribute, value := range exactly(watchedData) {
		checks = append(checks,
			knownData("modelarts_visualization_job.by_id", attribute, value),
			knownData("modelarts_visualization_job.by_name", attribute, value))
	}
	acctest.Test(t, server, resource.TestCase{
		CheckDestroy: func(*terraform.State) error {
			if jobs := server.Jobs(); len(jobs) != 2 {
				return fmt.Errorf("%d jobs are left, want those of before", len(jobs))
			}
			return nil
		},
		Steps: []resource.TestStep{
			{
				Config: board("fresh", "") + `
data "modelarts_visualization_job" "by_id" {
  id = "197"
}
data "modelarts_visualization_job" "by_name" {
  name = "board"
}
data "modelarts_visualization_job" "created" { # in the same apply: there is none of this name before
  name = trimsuffix("fresh${modelarts_visualization_job.fresh.id}", modelarts_visualization_job.fresh.id)
}
data "modelarts_visualization_jobs" "stopped_first" {
  status         = ["RUNNING", "KILLED"]
  search_content = "board"
  sort_by        = "status"
  order          = "desc"
}
data "modelarts_visualization_jobs" "none" {
  status = ["LOST"]
}
`,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plansTo("fresh", create),
					plancheck.ExpectResourceAction("data.modelarts_visualization_job.created", plancheck.ResourceActionRead),
				}},
				ConfigStateChecks: checks,
			},
			{
				Config: "data \"modelarts_visualization_job\" \"wrong\" {\n  name = \"boa\"\n}\n",
				ExpectError: regexp.MustCompile(`(?s)Could not find visualization job "boa".*name = "boa".*No job in the default workspace` +
					`.*- "board", ID 197.*- "board-2", ID 198`),
			},
		},
	})
}
