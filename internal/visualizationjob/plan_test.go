package visualizationjob_test

import (
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// TestPlans changes the configuration of a job, or the job outside Terraform. The plan after the apply is empty. A saved plan can
// be older than the job, and its apply succeeds if the job already is as planned.
func TestPlans(t *testing.T) {
	t.Parallel()
	schedule := func(hours int) attrs { return attrs{"schedule": attrs{"duration": hours}} }
	become := func(status int) func(*simulator.Job) { return func(job *simulator.Job) { job.Status = status } }
	show := func(hours int) func(*simulator.Job) {
		return func(job *simulator.Job) {
			job.Schedule = &simulator.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: hours}
		}
	}
	logs, running, stopped := attrs{"train_url": "/bucket/logs"}, attrs{"running": true}, attrs{"running": false}
	const start = "resource_id running service_url status"
	for name, test := range map[string]struct {
		before, after attrs
		outside       func(*simulator.Job)
		meanwhile     int    // the status of the job before the apply; 0 for no change
		changes       string // the attributes that the plan changes; computed ones if they become unknown
		replaces      bool
	}{
		"other path":              {after: attrs{"train_url": "/bucket/other/"}, replaces: true},
		"other name":              {after: attrs{"name": "other"}, replaces: true},
		"slash removed":           {after: logs},
		"slash added":             {before: logs},
		"empty description":       {after: attrs{"description": ""}},
		"other description":       {before: attrs{"description": "x"}, after: attrs{"description": "y"}, changes: "description"},
		"description removed":     {before: attrs{"description": "x"}, changes: "description"},
		"default type":            {after: attrs{"job_type": "tensorboard"}, changes: "job_type"},
		"other type":              {after: attrs{"job_type": "mindinsight"}, replaces: true},
		"type removed":            {before: attrs{"job_type": "mindinsight"}, replaces: true},
		"flavor":                  {after: attrs{"flavor": "x"}, replaces: true},
		"schedule added":          {after: schedule(1), replaces: true},
		"other schedule":          {before: schedule(1), after: schedule(2), replaces: true},
		"schedule removed":        {before: schedule(1), replaces: true},
		"default of the schedule": {before: schedule(1), after: attrs{"schedule": attrs{"duration": 1, "type": "stop"}}},
		"timeouts":                {after: attrs{"timeouts": attrs{"delete": "1m"}}, changes: "timeouts"},
		"adopt_existing":          {after: attrs{"adopt_existing": true}, changes: "adopt_existing"},
		"stop":                    {after: stopped, changes: start},
		"restart":                 {before: stopped, after: running, changes: start},
		"running omitted":         {before: running},

		"stopped":            {before: running, after: running, outside: become(simulator.StatusKilled), changes: start},
		"stopped, unmanaged": {outside: become(simulator.StatusKilled)},
		"ended, unmanaged":   {before: schedule(1), after: schedule(1), outside: become(simulator.StatusCompleted)},
		"failed":             {before: running, after: running, outside: become(simulator.StatusFailed), changes: start},
		"undocumented":       {outside: become(99)},
		"unknown":            {before: running, after: running, outside: become(simulator.StatusUnknown)},
		"described": {
			before: attrs{"description": "ours"}, after: attrs{"description": "ours"},
			outside: func(job *simulator.Job) { job.Description = "theirs" }, changes: "description",
		},
		// A schedule that the API returns for a job that was created without one is its default.
		"default schedule":  {outside: show(4)},
		"schedule modified": {before: schedule(4), after: schedule(4), outside: show(9), replaces: true},

		"stopped meanwhile": {before: running, after: stopped, meanwhile: simulator.StatusKilled, changes: start},
		"started meanwhile": {before: stopped, after: running, meanwhile: simulator.StatusRunning, changes: start},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, simulator.Options{ShowSchedule: true})
			state := p.must(instance{}, boardConfig.with(test.before))
			if test.outside != nil {
				job, _ := p.Job(1)
				test.outside(&job)
				p.RemoveJob(1)
				p.AddJob(job)
			}
			state, diags := p.read(state)
			if name == "failed" {
				p.wantWarning(diags, `Failed: visualization job "board" (ID 1)`, "status FAILED")
			} else {
				p.wantNone(diags)
			}
			config := boardConfig.with(test.after)
			planned, replaces := p.plan(state, config)
			if (len(replaces) == 1) != test.replaces {
				t.Errorf("the job would be replaced for %q", replaces)
			}
			if test.replaces {
				return
			}
			wantDifferences(t, state, planned, strings.Fields(test.changes)...)
			if test.meanwhile != 0 {
				p.SetStatus(1, test.meanwhile)
				p.ResetRequests()
				defer p.wantChanges()
			}
			applied, diags := p.apply(state, planned, config)
			p.wantNone(diags)
			state = p.mustRead(applied)
			again, _ := p.plan(state, config)
			wantDifferences(t, state, again)
		})
	}
}

// The first apply records the values that an import can't read. A later change of them replaces the job.
func TestFirstValueAfterImport(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		showSchedule bool
		first        attrs // in the configuration of the first apply
		recorded     string
		second       attrs
		replaces     bool // in the second apply
	}{
		"not configured":              {},
		"recorded type":               {first: attrs{"job_type": "mindinsight"}, recorded: "job_type", second: attrs{"job_type": "tensorboard"}, replaces: true},
		"later recorded":              {first: attrs{"job_type": "mindinsight"}, recorded: "job_type", second: attrs{"job_type": "mindinsight", "flavor": "x"}},
		"recorded schedule":           {first: attrs{"schedule": attrs{"duration": 9}}, recorded: "schedule", replaces: true},
		"same as the shown schedule":  {showSchedule: true, first: attrs{"schedule": attrs{"duration": 2}}, second: attrs{"schedule": attrs{"duration": 2}}},
		"other than the shown one":    {showSchedule: true, first: attrs{"schedule": attrs{"duration": 9}}, recorded: "replaced"},
		"shown, and not in the block": {showSchedule: true, recorded: "replaced"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, simulator.Options{ShowSchedule: test.showSchedule})
			p.AddJob(existing)
			imported, described := p.imported("197"), boardConfig.with(attrs{"description": "theirs"})
			config := described.with(test.first)
			planned, replaces := p.plan(imported, config)
			if len(replaces) > 0 || test.recorded == "replaced" {
				if len(replaces) != 1 || test.recorded != "replaced" {
					t.Errorf("the job would be replaced for %q", replaces)
				}
				return
			}
			wantDifferences(t, imported, planned, strings.Fields(test.recorded)...)
			recorded, diags := p.apply(imported, planned, config)
			p.wantNone(diags)
			p.wantChanges()
			wantSame(t, recorded.identity, attrs{"id": "197", "project_id": simulator.DefaultProjectID})
			if _, replaces := p.plan(recorded, described.with(test.second)); (len(replaces) == 1) != test.replaces {
				t.Errorf("then the job would be replaced for %q", replaces)
			}
		})
	}
}
