package visualizationjob_test

import (
	"net/http"
	"regexp"
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

const (
	whole = `
description = "theirs"
job_type    = "mindinsight"
flavor      = "x"
schedule    = { duration = 2 }
`
	importByID = `
import {
  to = modelarts_visualization_job.test
  id = "197"
}
`
	importByIdentity = `
import {
  to = modelarts_visualization_job.test
  identity = { id = "197" }
}
`
)

// What the API does not return never replaces an imported job: the first apply
// records it, and from then on a change replaces.
func TestResourceImportNeverReplaces(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	server.AddJob(existing)
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:           minimal(whole) + importByID,
			ConfigPlanChecks: update,
			ConfigStateChecks: append(statusIs("RUNNING", true),
				known("id", knownvalue.StringExact("197")),
				known("job_type", knownvalue.StringExact("mindinsight")),
				known("flavor", knownvalue.StringExact("x")),
			),
		},
		{
			PreConfig: func() {
				if n := count(server.Calls(), http.MethodPost) + count(server.Calls(), http.MethodPut); n > 0 {
					t.Errorf("the import made %d changes", n)
				}
			},
			Config:           minimal(`job_type = "tensorboard"`) + importByID,
			ConfigPlanChecks: replace,
		},
	}})
}

// A configuration that leaves out what the API does not return plans nothing.
func TestResourceImportOfMinimalPlansNothing(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	server.AddJob(existing)
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:             minimal(`description = "theirs"`),
			ResourceName:       address,
			ImportState:        true,
			ImportStateId:      "197",
			ImportStatePersist: true,
		},
		{
			Config:           minimal(`description = "theirs"`),
			ConfigPlanChecks: nothing,
		},
	}})
}

func TestResourceImportByIdentity(t *testing.T) {
	acctest.NeedVersion(t, "1.12.0") // Terraform and OpenTofu have resource identities from the same number on
	server := acctest.Simulator(t, simulator.Options{})
	server.AddJob(existing)
	acctest.Test(t, server, resource.TestCase{
		Steps: []resource.TestStep{{
			Config:           minimal(whole) + importByIdentity,
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentity(address, map[string]knownvalue.Check{
					"id":         knownvalue.StringExact("197"),
					"project_id": knownvalue.StringExact(simulator.DefaultProjectID),
				}),
				statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("id")),
			},
		}},
	})
}

func TestResourceImportErrors(t *testing.T) {
	tests := map[string]struct {
		id   string
		want string
		free bool // of calls
	}{
		"a name":           {"board", `"board" is not the id`, true},
		"an empty part":    {"19 7", `"19 7" is not the id`, true},
		"leading zeros":    {"0197", `"0197" is not the id`, true},
		"a negative id":    {"-1", `"-1" is not the id`, true},
		"too large":        {"99999999999999999999", `is not the id`, true},
		"no job of the id": {"198", `(?i)non-existent`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := acctest.Simulator(t, simulator.Options{})
			acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{{
				Config:        minimal(``),
				ResourceName:  address,
				ImportState:   true,
				ImportStateId: test.id,
				ExpectError:   regexp.MustCompile(test.want),
			}}})
			if calls := server.Calls(); test.free && len(calls) > 0 {
				t.Errorf("%d calls were made, the first was %+v", len(calls), calls[0])
			}
		})
	}
}
