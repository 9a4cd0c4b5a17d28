//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const stateFile = "terraform.tfstate"

// known is a job in the state.
type known struct {
	id      int64
	tainted bool
}

// readState returns the jobs of a state, by the key of the instance. A job that is there
// twice, or that a replacement has left over, is an error.
func readState(content []byte) (map[string]known, error) {
	var state struct {
		Resources []struct {
			Instances []struct {
				Key        string `json:"index_key"`
				Status     string `json:"status"`
				Deposed    string `json:"deposed"`
				Attributes struct {
					ID string `json:"id"`
				} `json:"attributes"`
			} `json:"instances"`
		} `json:"resources"`
	}
	if err := json.Unmarshal(content, &state); err != nil {
		return nil, fmt.Errorf("read the state: %w", err)
	}
	jobs := map[string]known{}
	for _, resource := range state.Resources {
		for _, instance := range resource.Instances {
			id, err := strconv.ParseInt(instance.Attributes.ID, 10, 64)
			switch _, twice := jobs[instance.Key]; {
			case err != nil:
				return nil, fmt.Errorf("the state has the id %q for %s", instance.Attributes.ID, instance.Key)
			case twice || instance.Deposed != "":
				return nil, fmt.Errorf("the state has more than one job for %s", instance.Key)
			}
			jobs[instance.Key] = known{id: id, tainted: instance.Status == "tainted"}
		}
	}
	return jobs, nil
}

// idsOf returns the ids of the jobs, in the order of their keys.
func idsOf(state map[string]known) []int64 {
	ids := make([]int64, 0, len(state))
	for _, key := range slices.Sorted(maps.Keys(state)) {
		ids = append(ids, state[key].id)
	}
	return ids
}

// compare says what is wrong when everything should be as configured: the state and the
// service have the same jobs, each is as it is to be, and nothing happened to strangers.
func compare(want map[string]*wanted, state map[string]known, have []simulator.Job, strangers map[int64]simulator.Job) (wrong []string) {
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	jobs := make(map[int64]simulator.Job, len(have))
	for _, job := range have {
		jobs[job.ID] = job
	}
	for id, stranger := range strangers {
		now, ok := jobs[id]
		delete(jobs, id)
		now.Duration = stranger.Duration // goes on
		if !ok || now != stranger {
			complain("something happened to a stranger: %+v, want %+v", now, stranger)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(state)) {
		if want[key] == nil {
			complain("%s is in the state, and not in the configuration", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		in, ok := state[key]
		if !ok {
			complain("%s is not in the state", key)
			continue
		}
		job, ok := jobs[in.id]
		delete(jobs, in.id) // so that no other key has it
		switch {
		case !ok:
			complain("%s is the job %d in the state, and there is none, or another key has it", key, in.id)
			continue
		case in.tainted:
			complain("%s is tainted", key)
		}
		if difference := want[key].differs(job); difference != "" {
			complain("%s, job %d: %s", key, in.id, difference)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(jobs)) {
		complain("the job %d is lost: it is in no state: %+v", id, jobs[id])
	}
	return wrong
}

// differs says in what a job is not as configured, or nothing.
func (w *wanted) differs(job simulator.Job) string {
	var differences []string
	expect := func(what string, got, want any) {
		if got != want {
			differences = append(differences, fmt.Sprintf("the %s is %v, want %v", what, got, want))
		}
	}
	expect("name", job.Name, w.Name)
	expect("path", strings.TrimRight(job.TrainURL, "/"), strings.TrimRight(w.TrainURL, "/"))
	description, hours, scheduled := "", -1, -1
	if w.Description != nil {
		description = *w.Description
	}
	if w.Hours != nil {
		hours = *w.Hours
	}
	if job.Schedule != nil {
		scheduled = job.Schedule.Duration
	}
	expect("description", job.Description, description)
	expect("schedule", scheduled, hours)
	if w.Running != nil && *w.Running {
		expect("status", job.Status, simulator.StatusRunning)
	}
	if w.Running != nil && !*w.Running && !costsNothing(job.Status) {
		expect("status", job.Status, "that of a stopped job")
	}
	return strings.Join(differences, ", ")
}

// costsNothing says whether a job with this status has stopped.
func costsNothing(status int) bool {
	switch status {
	case simulator.StatusKilled, simulator.StatusCompleted, simulator.StatusFailed:
		return true
	default:
		return false
	}
}
