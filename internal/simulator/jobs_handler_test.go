package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const plainJob = `{"job_name":"board","train_url":"/bucket/logs/"}`

func TestCreateAnswersNumbersAsStrings(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})

	b.call("POST", jobs, plainJob).want(t, http.StatusOK, `{
		"is_success": true,
		"job_id": "1",
		"job_name": "board",
		"status": "1",
		"create_time": "1772366400000"
	}`)
}

func TestCreateKeepsWhatItIsGiven(t *testing.T) {
	t.Parallel()

	const schedule = `{"type":"stop","time_unit":"HOURS","duration":2}`

	want := simulator.Job{
		ID: 1, Name: "board", Description: "über alles", TrainURL: "/bucket/logs", Type: "mindinsight",
		Flavor:      "modelarts.vm.small",
		Schedule:    &simulator.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 2},
		WorkspaceID: "0", Status: simulator.StatusRunning, CreateTime: start,
	}

	for name, schedule := range map[string]string{"object": schedule, "array of one": "[" + schedule + "]"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, simulator.Options{})
			r := b.call("POST", jobs, `{"job_name":"board","job_desc":"über alles","train_url":"/bucket/logs",
				"job_type":"mindinsight","flavor":{"code":"modelarts.vm.small"},"schedule":`+schedule+`,"more":[]}`)

			if r.status != http.StatusOK {
				t.Fatalf("create: %d %v", r.status, r.body)
			}

			got, _ := b.Job(1)
			if got.ResourceID == "" || got.ServiceURL == "" {
				t.Errorf("resource id %q, service url %q: both should be set", got.ResourceID, got.ServiceURL)
			}

			got.ResourceID, got.ServiceURL = "", ""
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("job (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCreateAllowsEqualNamesAndCountsUp(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})

	for i := range 3 {
		if got, want := b.call("POST", jobs, plainJob).text("job_id"), fmt.Sprint(i+1); got != want {
			t.Errorf("job_id = %q, want %q", got, want)
		}
	}

	// The id of a job that is gone is not given out again.
	b.RemoveJob(3)

	if got := b.call("POST", jobs, plainJob).text("job_id"); got != "4" {
		t.Errorf("job_id = %q, want 4", got)
	}
}

func TestCreateRefusesWhatTheProjectCannotHold(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{JobLimit: 1, Buckets: []string{"bucket"}})

	b.call("POST", jobs, `{"job_name":"board","train_url":"/other/logs/"}`).
		wantRefusal(t, http.StatusBadRequest, "ModelArts.4311", "OBS bucket does not exist: other")

	if r := b.call("POST", jobs, plainJob); r.status != http.StatusOK {
		t.Fatalf("first job: %d %v", r.status, r.body)
	}

	b.call("POST", jobs, plainJob).
		wantRefusal(t, http.StatusBadRequest, "ModelArts.0118", "The expected 2 jobs exceed the quota limit of 1.")

	if got := len(b.Jobs()); got != 1 {
		t.Errorf("%d jobs, want 1", got)
	}
}

// As many jobs as may run at once are no reason against one that is stopped.
func TestNoMoreJobsRunThanMay(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{RunLimit: 2, Transition: transition})
	b.AddJob(simulator.Job{ID: 1, Status: simulator.StatusKilled})
	b.AddJob(simulator.Job{ID: 2, Status: simulator.StatusRunning})
	b.accept("POST", jobs, plainJob)

	const message = "Exceed the quota limit of 2 running jobs."

	b.call("POST", jobs, plainJob).wantRefusal(t, http.StatusBadRequest, "ModelArts.2815", message)
	b.call("POST", jobs+"/1/restart", "").wantRefusal(t, http.StatusBadRequest, "ModelArts.2815", message)

	if got := b.call("GET", jobs, "").number("job_count_limit"); got != "997" {
		t.Errorf("%s more may be created", got)
	}

	b.accept("POST", jobs+"/2/stop", "")
	b.accept("POST", jobs+"/1/restart", "")
}

func TestShowSchedule(t *testing.T) {
	t.Parallel()

	for isShown, schedule := range map[bool]any{
		true:  []any{map[string]any{"type": "stop", "timeUnit": "HOURS", "duration": json.Number("4")}},
		false: nil,
	} {
		b := newBench(t, simulator.Options{ShowSchedule: isShown})
		b.AddJob(simulator.Job{ID: 1, Schedule: &simulator.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 4}})
		b.AddJob(simulator.Job{ID: 2})

		list, _ := b.list("")
		rows, _ := list.body["jobs"].([]any)

		for i, want := range []any{schedule, nil} {
			row, _ := rows[i].(map[string]any)
			if diff := cmp.Diff([]any{want, want}, []any{b.call("GET", fmt.Sprint(jobs, "/", i+1), "").body["schedule"], row["schedule"]}); diff != "" {
				t.Errorf("shown %t, job %d (-want +got):\n%s", isShown, i+1, diff)
			}
		}
	}
}

func TestDetailsAnswersNumbers(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{Transition: transition})
	b.call("POST", jobs, `{"job_name":"board","job_desc":"d","train_url":"/bucket/logs/",
		"schedule":{"type":"stop","time_unit":"HOURS","duration":1}}`)

	job, _ := b.Job(1)
	b.call("GET", jobs+"/1", "").want(t, http.StatusOK, `{
		"job_id": 1, "job_name": "board", "job_desc": "d", "train_url": "/bucket/logs/", "status": 1,
		"create_time": 1772366400000, "duration": 0, "remaining_duration": null,
		"service_url": "`+job.ServiceURL+`",
		"resource_id": "`+job.ResourceID+`"
	}`)

	b.clock.Advance(transition + 1500*time.Millisecond)

	job, _ = b.Job(1)
	b.call("GET", jobs+"/1", "").want(t, http.StatusOK, `{
		"job_id": 1, "job_name": "board", "job_desc": "d", "train_url": "/bucket/logs/", "status": 8,
		"create_time": 1772366400000, "duration": 1500, "remaining_duration": 3598500,
		"service_url": "`+job.ServiceURL+`",
		"resource_id": "`+job.ResourceID+`"
	}`)
}

func TestChangingCallsAnswerOnlySuccess(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})
	id := b.AddJob(simulator.Job{Status: simulator.StatusRunning, Description: "old"})
	path := fmt.Sprint(jobs, "/", id)

	b.call("PUT", path, `{"job_desc":"new","job_name":"ignored"}`).want(t, http.StatusOK, `{"is_success":true}`)

	if job, _ := b.Job(id); job.Description != "new" || job.Name != "job-1" {
		t.Errorf("after PUT: description %q, name %q", job.Description, job.Name)
	}

	b.call("PUT", path, `{"job_desc":""}`).want(t, http.StatusOK, `{"is_success":true}`)

	if job, _ := b.Job(id); job.Description != "" {
		t.Errorf("after PUT: description %q, want none", job.Description)
	}

	b.call("POST", path+"/stop", "").want(t, http.StatusOK, `{"is_success":true}`)

	if got := b.statusOf(id); got != simulator.StatusKilled {
		t.Errorf("after stop: status %d", got)
	}

	b.call("POST", path+"/restart", "null").want(t, http.StatusOK, `{"is_success":true}`)

	if got := b.statusOf(id); got != simulator.StatusRunning {
		t.Errorf("after restart: status %d", got)
	}

	b.call("DELETE", path, "").want(t, http.StatusOK, `{"is_success":true}`)

	if job, ok := b.Job(id); ok {
		t.Errorf("after delete: %+v", job)
	}
}

func TestUnknownJob(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})

	const (
		message = "The visualization job 7 does not exist"
		illegal = "Illegal job id: seven"
	)

	for _, call := range [][2]string{
		{"PUT", ""}, {"DELETE", ""}, {"POST", "/stop"}, {"POST", "/restart"},
	} {
		b.call(call[0], jobs+"/7"+call[1], `{"job_desc":""}`).
			wantRefusal(t, http.StatusBadRequest, "ModelArts.2775", message)
		b.call(call[0], jobs+"/seven"+call[1], `{"job_desc":""}`).
			wantRefusal(t, http.StatusBadRequest, "ModelArts.0104", illegal)
	}

	// The details call fails without is_success.
	b.call("GET", jobs+"/7", "").want(t, http.StatusBadRequest,
		`{"error_code":"ModelArts.2775","error_message":"`+message+`"}`)
	b.call("GET", jobs+"/seven", "").want(t, http.StatusBadRequest,
		`{"error_code":"ModelArts.0104","error_message":"`+illegal+`"}`)
}
