//go:build unix

package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// compared is a configuration with all that belongs to it.
type compared struct {
	want      map[string]*wanted
	state     map[string]known
	jobs      []simulator.Job
	strangers map[int64]simulator.Job
}

func newCompared() *compared {
	stranger := simulator.Job{ID: 9, Name: "stranger", Status: simulator.StatusRunning}
	return &compared{
		want: map[string]*wanted{
			"runs":      {Name: "a", TrainURL: "/b/a/", Running: new(true), Description: new("text")},
			"stopped":   {Name: "b", TrainURL: "/b/b/", Running: new(false)},
			"scheduled": {Name: "c", TrainURL: "/b/c/", Hours: new(3)},
		},
		state: map[string]known{"runs": {id: 1}, "stopped": {id: 2}, "scheduled": {id: 3}},
		jobs: []simulator.Job{
			{ID: 1, Name: "a", TrainURL: "/b/a", Description: "text", Status: simulator.StatusRunning},
			{ID: 2, Name: "b", TrainURL: "/b/b/", Status: simulator.StatusKilled},
			{ID: 3, Name: "c", TrainURL: "/b/c/", Schedule: &simulator.Schedule{Duration: 3}, Status: simulator.StatusCompleted},
			stranger,
		},
		strangers: map[int64]simulator.Job{9: stranger},
	}
}

func (c *compared) complaints() []string { return compare(c.want, c.state, c.jobs, c.strangers) }

func TestCompareAsConfigured(t *testing.T) {
	t.Parallel()
	c := newCompared()
	c.jobs[3].Duration++ // of a stranger that goes on running
	if wrong := c.complaints(); len(wrong) > 0 {
		t.Errorf("%q", wrong)
	}
}

// Whatever is not as configured is said, once.
func TestCompareComplains(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil func(*compared)
		says  string
	}{
		"lost": {func(c *compared) {
			c.jobs = append(c.jobs, simulator.Job{ID: 7, Name: "a", TrainURL: "/b/a/"})
		}, "the job 7 is lost"},
		"gone": {func(c *compared) { c.jobs = slices.Delete(c.jobs, 0, 1) }, "runs is the job 1 in the state, and there is none"},
		"not configured": {func(c *compared) {
			delete(c.want, "stopped")
			c.jobs = slices.Delete(c.jobs, 1, 2)
		}, "stopped is in the state, and not in the configuration"},
		"not in the state": {func(c *compared) {
			delete(c.state, "stopped")
			c.jobs = slices.Delete(c.jobs, 1, 2)
		}, "stopped is not in the state"},
		"one for two": {func(c *compared) {
			c.state["stopped"] = known{id: 1}
			c.jobs = slices.Delete(c.jobs, 1, 2)
		}, "another key has it"},
		"tainted":           {func(c *compared) { c.state["runs"] = known{1, true} }, "runs is tainted"},
		"name":              {func(c *compared) { c.jobs[0].Name = "z" }, "the name is z, want a"},
		"path":              {func(c *compared) { c.jobs[0].TrainURL = "/z/" }, "the path is /z, want /b/a"},
		"description":       {func(c *compared) { c.jobs[0].Description = "" }, "the description is , want text"},
		"description extra": {func(c *compared) { c.jobs[1].Description = "z" }, "the description is z, want "},
		"stopped":           {func(c *compared) { c.jobs[0].Status = simulator.StatusKilled }, "the status is 12, want 8"},
		"runs":              {func(c *compared) { c.jobs[1].Status = simulator.StatusRunning }, "the status is 8, want that of a stopped job"},
		"stops":             {func(c *compared) { c.jobs[1].Status = simulator.StatusKilling }, "the status is 9, want that of a stopped job"},
		"schedule":          {func(c *compared) { c.jobs[2].Schedule.Duration = 4 }, "the schedule is 4, want 3"},
		"schedule missing":  {func(c *compared) { c.jobs[2].Schedule = nil }, "the schedule is -1, want 3"},
		"schedule extra":    {func(c *compared) { c.jobs[1].Schedule = &simulator.Schedule{} }, "the schedule is 0, want -1"},
		"stranger changed":  {func(c *compared) { c.jobs[3].Status = simulator.StatusKilled }, "something happened to a stranger"},
		"stranger gone":     {func(c *compared) { c.jobs = c.jobs[:3] }, "something happened to a stranger"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCompared()
			test.spoil(c)
			if wrong := c.complaints(); len(wrong) != 1 || !strings.Contains(wrong[0], test.says) {
				t.Errorf("%q, want one that says %q", wrong, test.says)
			}
		})
	}
}

func TestReadState(t *testing.T) {
	t.Parallel()
	instance := func(more string) string { return `{"index_key": "a", "attributes": {"id": "7"}` + more + `}` }
	state := func(instances ...string) string {
		return `{"resources": [{"instances": [` + strings.Join(instances, ",") + `]}, {"instances": []}]}`
	}
	for name, test := range map[string]struct {
		content string
		want    map[string]known // nil is an error
	}{
		"empty":   {`{"resources": []}`, map[string]known{}},
		"one":     {state(instance("")), map[string]known{"a": {id: 7}}},
		"tainted": {state(instance(`, "status": "tainted"`)), map[string]known{"a": {id: 7, tainted: true}}},
		"twice":   {state(instance(""), instance("")), nil},
		"deposed": {state(instance(`, "deposed": "1a2b"`)), nil},
		"no id":   {state(`{"index_key": "a", "attributes": {}}`), nil},
		"no JSON": {`{`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := readState([]byte(test.content))
			if (err != nil) != (test.want == nil) || !maps.Equal(got, test.want) {
				t.Errorf("%v, %v, want %v", got, err, test.want)
			}
		})
	}
}

func TestIDsInTheOrderOfKeys(t *testing.T) {
	t.Parallel()
	if got := idsOf(map[string]known{"b": {id: 1}, "a": {id: 3}, "c": {id: 2}}); !slices.Equal(got, []int64{3, 1, 2}) {
		t.Errorf("%v", got)
	}
}
