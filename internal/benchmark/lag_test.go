//go:build unix

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

var began = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)

// completed is what the CLI prints when a job is done.
func completed(id int, after time.Duration) string {
	return fmt.Sprintf(`{"@timestamp":%q,"type":"apply_complete","hook":{"id_key":"id","id_value":"%d"}}`+"\n",
		began.Add(after).Format(time.RFC3339Nano), id)
}

func TestLags(t *testing.T) {
	t.Parallel()
	const transition = 5 * time.Second
	jobs := []simulator.Job{{ID: 1, Name: "job-0"}, {ID: 2, Name: "job-1"}}
	calls := []simulator.Call{
		{Time: began, Method: "POST", Path: "/v1/p/visualization-jobs", Status: 429, Body: `{"job_name":"job-0"}`},
		{Time: began.Add(time.Second), Method: "POST", Path: "/v1/p/visualization-jobs", Status: 200, Body: `{"job_name":"job-0"}`},
		{Time: began.Add(time.Second), Method: "GET", Path: "/v1/p/visualization-jobs/1", Status: 200},
		{Time: began.Add(2 * time.Second), Method: "POST", Path: "/v1/p/visualization-jobs/2/stop", Status: 200},
		{Time: began, Method: "POST", Path: "/v3/auth/tokens", Status: 200},
	}
	output := "a line of the log\n" + `{"type":"version"}` + "\n" +
		completed(1, 6500*time.Millisecond) + completed(2, 7250*time.Millisecond)

	got, err := lags([]byte(output), calls, jobs, transition)
	if err != nil {
		t.Fatal(err)
	}
	if want := []time.Duration{500 * time.Millisecond, 250 * time.Millisecond}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for name, output := range map[string]string{
		"a job is missing":       completed(1, 7*time.Second),
		"one was never changed":  completed(1, 7*time.Second) + completed(3, 8*time.Second),
		"one had not settled":    completed(1, 5*time.Second) + completed(2, 8*time.Second),
		"one has no id":          completed(1, 7*time.Second) + strings.Replace(completed(2, 8*time.Second), `"2"`, `""`, 1),
		"a line is cut in half":  completed(1, 7*time.Second) + completed(2, 8*time.Second) + `{"type":`,
		"nothing was printed":    "",
		"one is done once again": completed(1, 7*time.Second) + completed(2, 8*time.Second) + completed(2, 8*time.Second),
	} {
		if got, err := lags([]byte(output), calls, jobs, transition); err == nil {
			t.Errorf("%s: got %v, want an error", name, got)
		}
	}
}

func TestCountCalls(t *testing.T) {
	t.Parallel()
	got := countCalls([]simulator.Call{
		{Method: "POST", Path: "/v3/auth/tokens", Status: 201},
		{Method: "GET", Path: "/v1/p/visualization-jobs", Status: 429},
		{Method: "GET", Path: "/v1/p/visualization-jobs", Status: 200},
		{Method: "GET", Path: "/v1/p/visualization-jobs/7", Status: 200},
		{Method: "POST", Path: "/v1/p/visualization-jobs", Status: 200},
		{Method: "POST", Path: "/v1/p/visualization-jobs/7/stop", Status: 429},
	})
	if want := (calls{iam: 1, lists: 2, gets: 1, changes: 2, throttled: 2}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
