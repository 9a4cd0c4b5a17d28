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

// A schedule that the API shows is imported and compared; one that it does not show is
// recorded by the first apply.
func TestResourceImportsSchedule(t *testing.T) {
	theirs := func(more string) string { return minimal("description = \"theirs\"\n"+more) + importByID }
	for name, test := range map[string]struct {
		isShown bool
		config  string
		checks  resource.ConfigPlanChecks
	}{
		"the same":               {true, theirs(`schedule = { duration = 2 }`), nothing},
		"another":                {true, theirs(`schedule = { duration = 9 }`), replace},
		"none":                   {true, theirs(``), replace},
		"another, and not shown": {false, theirs(`schedule = { duration = 9 }`), update},
		"none, and not shown":    {false, theirs(``), nothing},
	} {
		t.Run(name, func(t *testing.T) {
			server := acctest.Simulator(t, simulator.Options{ShowSchedule: test.isShown})
			server.AddJob(existing)
			acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{{Config: test.config, ConfigPlanChecks: test.checks}}})
		})
	}
}

// A schedule that another tool changed is planned to be replaced. What the API shows of a
// job that was created without one is its default, and no difference.
func TestResourceScheduleDrift(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{ShowSchedule: true})
	reschedule := func(id int64, hours int) {
		job, _ := server.Job(id)
		job.Schedule = &simulator.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: hours}
		server.RemoveJob(id)
		server.AddJob(job)
	}
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{
		{Config: minimal(`schedule = { duration = 4 }`), ConfigPlanChecks: create},
		{PreConfig: func() { reschedule(1, 9) }, Config: minimal(`schedule = { duration = 4 }`), ConfigPlanChecks: replace},
		{Config: minimal(``), ConfigPlanChecks: replace},
		{PreConfig: func() { reschedule(3, 0) }, Config: minimal(``), ConfigPlanChecks: nothing},
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
