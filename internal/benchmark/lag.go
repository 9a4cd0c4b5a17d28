//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// event is a line of what the CLI prints with -json.
type event struct {
	Type string    `json:"type"`
	Time time.Time `json:"@timestamp"`
	Hook struct {
		IDValue string `json:"id_value"`
	} `json:"hook"`
}

// lags returns how long after each job had settled the CLI said that it was done. A job
// settles a transition after the call was accepted; the simulator knows of the call by
// its arrival, so that a lag has the processing of the call in it.
func lags(output []byte, made []simulator.Call, jobs []simulator.Job, transition time.Duration) ([]time.Duration, error) {
	began, err := acceptances(made, jobs)
	if err != nil {
		return nil, err
	}
	var all []time.Duration
	for line := range bytes.Lines(output) {
		var e event
		if line[0] != '{' {
			continue // of the provider's log, or a warning of the CLI itself
		}
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("read what the CLI printed: %w: %s", err, line)
		}
		if e.Type != "apply_complete" {
			continue
		}
		id, err := strconv.ParseInt(e.Hook.IDValue, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the CLI completed a job without an id: %s", line)
		}
		accepted, ok := began[id]
		lag := e.Time.Sub(accepted.Add(transition))
		if !ok || lag < 0 {
			return nil, fmt.Errorf("the CLI completed job %d %s before it had settled", id, -lag)
		}
		all = append(all, lag)
	}
	if len(all) != len(jobs) {
		return nil, fmt.Errorf("the CLI completed %d of %d jobs", len(all), len(jobs))
	}
	return all, nil
}

// acceptances returns when the change of each job was accepted.
func acceptances(made []simulator.Call, jobs []simulator.Job) (map[int64]time.Time, error) {
	ids := make(map[string]int64)
	for _, job := range jobs {
		ids[job.Name] = job.ID
	}
	accepted := make(map[int64]time.Time)
	for _, call := range made {
		if call.Method != http.MethodPost || call.Status != http.StatusOK {
			continue
		}
		switch path.Base(call.Path) {
		case "stop":
			id, err := strconv.ParseInt(path.Base(path.Dir(call.Path)), 10, 64)
			if err != nil {
				return nil, fmt.Errorf("stop of %s: %w", call.Path, err)
			}
			accepted[id] = call.Time
		case "visualization-jobs":
			var create struct {
				Name string `json:"job_name"`
			}
			if err := json.Unmarshal([]byte(call.Body), &create); err != nil {
				return nil, fmt.Errorf("read a create: %w", err)
			}
			accepted[ids[create.Name]] = call.Time
		}
	}
	return accepted, nil
}
