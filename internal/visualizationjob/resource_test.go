package visualizationjob_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

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

func known(label, attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(typeName+"."+label, tfjsonpath.New(attribute), value)
}

func knownText(label, attribute, value string) statecheck.StateCheck {
	return known(label, attribute, knownvalue.StringExact(value))
}

func statusIs(label, status string, running bool) []statecheck.StateCheck {
	return []statecheck.StateCheck{knownText(label, "status", status), known(label, "running", knownvalue.Bool(running))}
}

func plannedValue(label, attribute string, value knownvalue.Check) plancheck.PlanCheck {
	return plancheck.ExpectKnownValue(typeName+"."+label, tfjsonpath.New(attribute), value)
}

func plannedUnknown(label, attribute string) plancheck.PlanCheck {
	return plancheck.ExpectUnknownValue(typeName+"."+label, tfjsonpath.New(attribute))
}

const (
	create  = plancheck.ResourceActionCreate
	update  = plancheck.ResourceActionUpdate
	replace = plancheck.ResourceActionReplace
	nothing = plancheck.ResourceActionNoop
)

func plansTo(label string, action plancheck.ResourceActionType) plancheck.PlanCheck {
	return plancheck.ExpectResourceAction(typeName+"."+label, action)
}

// planned expects an action for board and more of the plan, and an empty plan after the apply.
func planned(of plancheck.ResourceActionType, more ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply:             append(more, plansTo("board", of)),
		PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
	}
}

func TestResourceLifecycle(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	whole := board("whole", `
description = "größer"
job_type    = "mindinsight"
flavor      = "modelarts.vm.cpu.2u"
running     = true
schedule    = { duration = 3 }
timeouts {
  create = "1m"
}`)
	longest := block("longest", fmt.Sprintf("name = %q\ntrain_url = \"/bucket\"\ndescription = %q\nschedule = { duration = 24 }",
		strings.Repeat("x", 20), strings.Repeat("ä", 256)))
	others := whole + longest + board("stopped", "running = false")
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:           others + board("board", `description = "first"`),
			ConfigPlanChecks: planned(create, plansTo("whole", create), plansTo("longest", create), plansTo("stopped", create)),
			ConfigStateChecks: slices.Concat(statusIs("board", "RUNNING", true), statusIs("stopped", "KILLED", false), []statecheck.StateCheck{
				known("board", "id", knownvalue.StringRegexp(regexp.MustCompile(`^[1-4]$`))),
				knownText("board", "name", "board"),
				knownText("board", "train_url", "/bucket/logs/"),
				knownText("board", "description", "first"),
				known("board", "job_type", knownvalue.Null()),
				known("board", "flavor", knownvalue.Null()),
				known("board", "schedule", knownvalue.Null()),
				known("board", "adopt_existing", knownvalue.Null()),
				knownText("board", "project_id", simulator.DefaultProjectID),
				known("board", "create_time", knownvalue.StringRegexp(regexp.MustCompile(`^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$`))),
				known("board", "service_url", knownvalue.StringRegexp(regexp.MustCompile(`^https://.*/[1-4]/$`))),
				known("board", "resource_id", knownvalue.StringRegexp(regexp.MustCompile(`^[0-9a-f-]{36}$`))),
				known("whole", "schedule", knownvalue.ObjectExact(map[string]knownvalue.Check{
					"duration": knownvalue.Int64Exact(3), "time_unit": knownvalue.StringExact("HOURS"), "type": knownvalue.StringExact("stop"),
				})),
			}),
			Check: func(*terraform.State) error {
				got := jobNamed(server, "whole")
				want := simulator.Job{
					ID: got.ID, Name: "whole", TrainURL: "/bucket/logs/", Description: "größer", Type: "mindinsight",
					Flavor: "modelarts.vm.cpu.2u", Schedule: &simulator.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 3},
					WorkspaceID: "0", Status: simulator.StatusRunning,
					CreateTime: got.CreateTime, Duration: got.Duration, ServiceURL: got.ServiceURL, ResourceID: got.ResourceID,
				}
				if diff := cmp.Diff(want, got); diff != "" {
					return fmt.Errorf("the job (-want +got):\n%s", diff)
				}
				return nil
			},
		},
		{ // a description changes in place, and nothing else can
			Config: others + board("board", `description = "second"`),
			ConfigPlanChecks: planned(update,
				plannedValue("board", "status", knownvalue.StringExact("RUNNING")),
				plannedValue("board", "running", knownvalue.Bool(true)),
				plannedValue("board", "service_url", knownvalue.StringRegexp(regexp.MustCompile(`^https`))),
			),
			ConfigStateChecks: []statecheck.StateCheck{knownText("board", "description", "second")},
		},
		{ // a stop changes what a stop can change
			Config: others + board("board", "description = \"second\"\nrunning = false"),
			ConfigPlanChecks: planned(update, plannedUnknown("board", "status"), plannedUnknown("board", "service_url"),
				plannedValue("board", "id", knownvalue.StringRegexp(regexp.MustCompile(`^[1-4]$`)))),
			ConfigStateChecks: statusIs("board", "KILLED", false),
		},
		{ // both at once
			Config:            others + board("board", "description = \"third\"\nrunning = true"),
			ConfigPlanChecks:  planned(update),
			ConfigStateChecks: append(statusIs("board", "RUNNING", true), knownText("board", "description", "third")),
		},
		{ // to no longer manage whether the job runs is no change
			Config:           others + board("board", `description = "third"`),
			ConfigPlanChecks: planned(nothing),
		},
		{
			ResourceName:            typeName + ".board",
			ImportState:             true,
			ImportStateIdFunc:       func(*terraform.State) (string, error) { return fmt.Sprint(jobNamed(server, "board").ID), nil },
			ImportStateVerify:       true,
			ImportStateVerifyIgnore: []string{"timeouts"},
		},
		{ // a name can't be changed
			Config:            others + block("board", "name = \"other\"\ntrain_url = \"/bucket/logs/\""),
			ConfigPlanChecks:  planned(replace),
			ConfigStateChecks: []statecheck.StateCheck{knownText("board", "id", "5")},
		},
	}})
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

// TestResourcePlans changes the configuration of each job, or the job outside Terraform.
func TestResourcePlans(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	status := func(status int) func(int64) { return func(id int64) { server.SetStatus(id, status) } }
	stop := func(id int64) { server.StopJob(id) }
	tests := map[string]struct {
		before, after string
		outside       func(id int64)
		want          plancheck.ResourceActionType
		plan          []plancheck.PlanCheck
		state         []statecheck.StateCheck
	}{
		"other_path":        {before: `train_url = "/bucket/b"`, after: `train_url = "/bucket/c"`, want: replace},
		"slash":             {before: `train_url = "/bucket/b"`, after: `train_url = "/bucket/b/"`, want: nothing},
		"no_slash":          {before: `train_url = "/bucket/b/"`, after: `train_url = "/bucket/b"`, want: nothing},
		"empty_description": {after: `description = ""`, want: nothing},
		"no_description":    {before: `description = "x"`, want: update},
		"default_type":      {after: `job_type = "tensorboard"`, want: update},
		"other_type":        {after: `job_type = "mindinsight"`, want: replace},
		"no_type":           {before: `job_type = "mindinsight"`, want: replace},
		"flavor":            {after: `flavor = "x"`, want: replace},
		"schedule":          {after: `schedule = { duration = 1 }`, want: replace},
		"other_schedule":    {before: `schedule = { duration = 1 }`, after: `schedule = { duration = 2 }`, want: replace},
		"no_schedule":       {before: `schedule = { duration = 1 }`, want: replace},
		"default_schedule":  {before: `schedule = { duration = 1 }`, after: `schedule = { duration = 1, type = "stop" }`, want: nothing},
		"timeouts":          {after: "timeouts {\n delete = \"1m\"\n}", want: update},
		"adopt_existing":    {after: `adopt_existing = true`, want: update},

		"stopped": {
			before: `running = true`, after: `running = true`, outside: stop, want: update,
			plan:  []plancheck.PlanCheck{plannedUnknown("stopped", "status"), plannedValue("stopped", "running", knownvalue.Bool(true))},
			state: statusIs("stopped", "RUNNING", true),
		},
		"stopped_unmanaged": {outside: stop, want: nothing, state: statusIs("stopped_unmanaged", "KILLED", false)},
		"ended_unmanaged": {
			before: `schedule = { duration = 1 }`, after: `schedule = { duration = 1 }`, outside: status(simulator.StatusCompleted),
			want: nothing, state: statusIs("ended_unmanaged", "COMPLETED", false),
		},
		"described": {
			before: `description = "ours"`, after: `description = "ours"`, outside: func(id int64) { redescribe(server, id, "theirs") },
			want:  update,
			plan:  []plancheck.PlanCheck{plannedValue("described", "status", knownvalue.StringExact("RUNNING"))},
			state: []statecheck.StateCheck{knownText("described", "description", "ours")},
		},
		"deleted": {outside: func(id int64) { server.RemoveJob(id) }, want: create, state: statusIs("deleted", "RUNNING", true)},
		"failed": {
			before: `running = true`, after: `running = true`, outside: status(simulator.StatusFailed),
			want: update, state: statusIs("failed", "RUNNING", true),
		},
		"undocumented": {outside: status(99), want: nothing, state: statusIs("undocumented", "UNKNOWN(99)", true)},
		"unknown": {
			before: `running = true`, after: `running = true`, outside: status(simulator.StatusUnknown),
			want: nothing, state: statusIs("unknown", "UNKNOWN", true),
		},
	}
	var before, after string
	var plan []plancheck.PlanCheck
	var state []statecheck.StateCheck
	for label, test := range tests {
		before += board(label, test.before)
		after += board(label, test.after)
		plan = append(append(plan, plansTo(label, test.want)), test.plan...)
		state = append(state, test.state...)
	}
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{
		{Config: before},
		{
			PreConfig: func() {
				for label, test := range tests {
					if test.outside != nil {
						test.outside(jobNamed(server, label).ID)
					}
				}
			},
			Config: after,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: plan, PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			ConfigStateChecks: state,
		},
	}})
}

// redescribe changes a description as somebody else would, with a call to the API.
func redescribe(server *simulator.Server, id int64, description string) {
	url := fmt.Sprintf("%s/v1/%s/visualization-jobs/%d", server.Endpoint(), simulator.DefaultProjectID, id)
	req, err := http.NewRequest(http.MethodPut, url, strings.NewReader(fmt.Sprintf(`{"job_desc":%q}`, description)))
	if err != nil {
		panic(err)
	}
	req.Header.Set("X-Auth-Token", server.IssueToken())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	if answer, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		panic(fmt.Sprint(resp.Status, string(answer), err))
	}
}
