package visualizationjob_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
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

const address = "modelarts_visualization_job.test"

// job is the resource under test with the given body.
func job(body string) string {
	return "resource \"modelarts_visualization_job\" \"test\" {\n" + body + "\n}\n"
}

// minimal is a body with what is required, and more lines.
func minimal(more string) string {
	return job("name = \"board\"\ntrain_url = \"/bucket/logs/\"\n" + more)
}

func known(attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), value)
}

func statusIs(status string, running bool) []statecheck.StateCheck {
	return []statecheck.StateCheck{
		known("status", knownvalue.StringExact(status)),
		known("running", knownvalue.Bool(running)),
	}
}

// planned expects an action, and an empty plan after it.
func planned(action plancheck.ResourceActionType, more ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply:             append(more, plancheck.ExpectResourceAction(address, action)),
		PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
	}
}

func plannedValue(attribute string, value knownvalue.Check) plancheck.PlanCheck {
	return plancheck.ExpectKnownValue(address, tfjsonpath.New(attribute), value)
}

func plannedUnknown(attribute string) plancheck.PlanCheck {
	return plancheck.ExpectUnknownValue(address, tfjsonpath.New(attribute))
}

var (
	create  = planned(plancheck.ResourceActionCreate)
	update  = planned(plancheck.ResourceActionUpdate)
	replace = planned(plancheck.ResourceActionReplace)
	nothing = planned(plancheck.ResourceActionNoop)
)

func TestResourceLifecycle(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:           minimal(`description = "first"`),
			ConfigPlanChecks: create,
			ConfigStateChecks: append(statusIs("RUNNING", true),
				known("id", knownvalue.StringExact("1")),
				known("name", knownvalue.StringExact("board")),
				known("train_url", knownvalue.StringExact("/bucket/logs/")),
				known("description", knownvalue.StringExact("first")),
				known("job_type", knownvalue.Null()),
				known("flavor", knownvalue.Null()),
				known("schedule", knownvalue.Null()),
				known("adopt_existing", knownvalue.Null()),
				known("project_id", knownvalue.StringExact(simulator.DefaultProjectID)),
				known("create_time", knownvalue.StringRegexp(regexp.MustCompile(`^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$`))),
				known("service_url", knownvalue.StringRegexp(regexp.MustCompile(`^https://.*/1/$`))),
				known("resource_id", knownvalue.StringRegexp(regexp.MustCompile(`^[0-9a-f-]{36}$`))),
			),
		},
		{
			Config:           minimal(`description = "first"`),
			ConfigPlanChecks: nothing,
		},
		{ // a description changes in place, and nothing else can
			Config: minimal(`description = "second"`),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate,
				plannedValue("status", knownvalue.StringExact("RUNNING")),
				plannedValue("running", knownvalue.Bool(true)),
				plannedValue("service_url", knownvalue.StringRegexp(regexp.MustCompile(`/1/$`))),
			),
			ConfigStateChecks: []statecheck.StateCheck{known("description", knownvalue.StringExact("second"))},
		},
		{ // a stop changes what a stop can change
			Config: minimal("description = \"second\"\nrunning = false"),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate,
				plannedUnknown("status"), plannedUnknown("service_url"),
				plannedValue("id", knownvalue.StringExact("1")),
			),
			ConfigStateChecks: statusIs("KILLED", false),
		},
		{ // both at once
			Config:            minimal("description = \"third\"\nrunning = true"),
			ConfigPlanChecks:  update,
			ConfigStateChecks: append(statusIs("RUNNING", true), known("description", knownvalue.StringExact("third"))),
		},
		{ // no longer caring is no change
			Config:           minimal(`description = "third"`),
			ConfigPlanChecks: nothing,
		},
		{
			ResourceName:            address,
			ImportState:             true,
			ImportStateId:           "1",
			ImportStateVerify:       true,
			ImportStateVerifyIgnore: []string{"timeouts"},
		},
		{ // a name cannot be changed
			Config:            job("name = \"other\"\ntrain_url = \"/bucket/logs/\""),
			ConfigPlanChecks:  replace,
			ConfigStateChecks: []statecheck.StateCheck{known("id", knownvalue.StringExact("2"))},
		},
	}})
}

func TestResourceCreatesStoppedJob(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{{
		Config:            minimal(`running = false`),
		ConfigPlanChecks:  create,
		ConfigStateChecks: statusIs("KILLED", false),
	}}})
}

func TestResourceSendsWholeConfiguration(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{{
		Config: minimal(`
description = "größer"
job_type    = "mindinsight"
flavor      = "modelarts.vm.cpu.2u"
running     = true
schedule    = { duration = 3 }
timeouts {
  create = "1m"
}`),
		ConfigPlanChecks: create,
		ConfigStateChecks: []statecheck.StateCheck{known("schedule", knownvalue.ObjectExact(map[string]knownvalue.Check{
			"duration":  knownvalue.Int64Exact(3),
			"time_unit": knownvalue.StringExact("HOURS"),
			"type":      knownvalue.StringExact("stop"),
		}))},
		Check: func(*terraform.State) error {
			got := server.Jobs()[0]
			want := simulator.Job{
				ID: 1, Name: "board", TrainURL: "/bucket/logs/", Description: "größer", Type: "mindinsight",
				Flavor: "modelarts.vm.cpu.2u", Schedule: got.Schedule, WorkspaceID: "0", Status: simulator.StatusRunning,
				CreateTime: got.CreateTime, Duration: got.Duration, ServiceURL: got.ServiceURL, ResourceID: got.ResourceID,
			}
			return equal(got, want, *got.Schedule, simulator.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 3})
		},
	}}})
}

func TestResourceDrift(t *testing.T) {
	tests := map[string]struct {
		config  string
		disturb func(server *simulator.Server)
		want    resource.ConfigPlanChecks
		state   []statecheck.StateCheck
	}{
		"stopped outside, and running is wanted": {
			config:  minimal(`running = true`),
			disturb: func(s *simulator.Server) { s.StopJob(1) },
			want: planned(plancheck.ResourceActionUpdate,
				plannedUnknown("status"), plannedValue("running", knownvalue.Bool(true))),
			state: statusIs("RUNNING", true),
		},
		"stopped outside, and nobody cares": {
			config:  minimal(``),
			disturb: func(s *simulator.Server) { s.StopJob(1) },
			want:    nothing,
			state:   statusIs("KILLED", false),
		},
		"stopped by its schedule, and nobody cares": {
			config:  minimal(`schedule = { duration = 1 }`),
			disturb: func(s *simulator.Server) { s.SetStatus(1, simulator.StatusCompleted) },
			want:    nothing,
			state:   statusIs("COMPLETED", false),
		},
		"described otherwise": {
			config:  minimal(`description = "ours"`),
			disturb: func(s *simulator.Server) { redescribe(s, 1, "theirs") },
			want:    planned(plancheck.ResourceActionUpdate, plannedValue("status", knownvalue.StringExact("RUNNING"))),
			state:   []statecheck.StateCheck{known("description", knownvalue.StringExact("ours"))},
		},
		"deleted": {
			config:  minimal(``),
			disturb: func(s *simulator.Server) { s.RemoveJob(1) },
			want:    create,
			state:   []statecheck.StateCheck{known("id", knownvalue.StringExact("2"))},
		},
		"failed, and running is wanted": {
			config:  minimal(`running = true`),
			disturb: func(s *simulator.Server) { s.SetStatus(1, simulator.StatusFailed) },
			want:    update,
			state:   statusIs("RUNNING", true),
		},
		"in a status that the documentation does not have": {
			config:  minimal(``),
			disturb: func(s *simulator.Server) { s.SetStatus(1, 99) },
			want:    nothing,
			state:   statusIs("UNKNOWN(99)", true),
		},
		"in an unknown status, and configured": {
			config:  minimal(`running = true`),
			disturb: func(s *simulator.Server) { s.SetStatus(1, simulator.StatusUnknown) },
			want:    nothing,
			state:   statusIs("UNKNOWN", true),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := acctest.Simulator(t, simulator.Options{})
			acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{
				{Config: test.config, ConfigPlanChecks: create},
				{
					PreConfig:         func() { test.disturb(server) },
					Config:            test.config,
					ConfigPlanChecks:  test.want,
					ConfigStateChecks: test.state,
				},
			}})
		})
	}
}

func TestResourceReplacement(t *testing.T) {
	tests := map[string]struct {
		before, after string
		want          resource.ConfigPlanChecks
	}{
		"another path":                   {job("name = \"b\"\ntrain_url = \"/bucket/b\""), job("name = \"b\"\ntrain_url = \"/bucket/c\""), replace},
		"a trailing slash":               {job("name = \"b\"\ntrain_url = \"/bucket/b\""), job("name = \"b\"\ntrain_url = \"/bucket/b/\""), nothing},
		"without the trailing slash":     {job("name = \"b\"\ntrain_url = \"/bucket/b/\""), job("name = \"b\"\ntrain_url = \"/bucket/b\""), nothing},
		"an empty description":           {minimal(``), minimal(`description = ""`), nothing},
		"a description removed":          {minimal(`description = "x"`), minimal(``), update},
		"the default type spelled out":   {minimal(``), minimal(`job_type = "tensorboard"`), update},
		"another type":                   {minimal(``), minimal(`job_type = "mindinsight"`), replace},
		"a type removed":                 {minimal(`job_type = "mindinsight"`), minimal(``), replace},
		"a flavor":                       {minimal(``), minimal(`flavor = "x"`), replace},
		"a schedule":                     {minimal(``), minimal(`schedule = { duration = 1 }`), replace},
		"another schedule":               {minimal(`schedule = { duration = 1 }`), minimal(`schedule = { duration = 2 }`), replace},
		"a schedule removed":             {minimal(`schedule = { duration = 1 }`), minimal(``), replace},
		"the schedule's default spelled": {minimal(`schedule = { duration = 1 }`), minimal(`schedule = { duration = 1, type = "stop" }`), nothing},
		"timeouts":                       {minimal(``), minimal("timeouts {\n delete = \"1m\"\n}"), update},
		"adopt_existing":                 {minimal(``), minimal(`adopt_existing = true`), update},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := acctest.Simulator(t, simulator.Options{})
			acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{
				{Config: test.before, ConfigPlanChecks: create},
				{Config: test.after, ConfigPlanChecks: test.want},
			}})
		})
	}
}

// equal compares pairs of what is and what should be.
func equal(pairs ...any) error {
	for i := 0; i < len(pairs); i += 2 {
		if diff := cmp.Diff(pairs[i+1], pairs[i]); diff != "" {
			return fmt.Errorf("unexpected (-want +got):\n%s", diff)
		}
	}
	return nil
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
