package simulator_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// change sends a create request, or one of the requests that change job 1, and returns the status
// of the response. Or it changes job 1, and no unknown job, by a method of the simulator.
func (f *fixture) change(name string) response {
	f.t.Helper()
	var ok bool
	switch name {
	case "create":
		return f.request("POST", jobs, plainJob)
	case "schedule-0", "schedule-2":
		schedule := `"schedule":{"type":"stop","time_unit":"HOURS","duration":` + strings.TrimPrefix(name, "schedule-") + "}}"
		return f.request("POST", jobs, strings.Replace(plainJob, "}", ","+schedule, 1))
	case "delete":
		return f.request("DELETE", jobs+"/1", "")
	case "update":
		return f.request("PUT", jobs+"/1", `{"job_desc":"new"}`)
	case "SetStatus":
		ok = f.SetStatus(1, simulator.StatusFailed) && !f.SetStatus(99, simulator.StatusFailed)
	case "StopJob":
		ok = f.StopJob(1) && !f.StopJob(1) && !f.StopJob(99)
	case "RemoveJob":
		ok = f.RemoveJob(1) && !f.RemoveJob(1)
	case "AddJob":
		ok = f.AddJob(simulator.Job{ID: 1, Status: simulator.StatusWaiting}) == 1
	default:
		return f.request("POST", jobs+"/1/"+name, "")
	}
	if !ok {
		f.t.Errorf("%s: wrong result", name)
	}
	return response{status: http.StatusOK}
}

// read returns the status and the description of job 1, which the details and the list have
// to agree on, or "-".
func (f *fixture) read() string {
	f.t.Helper()
	got, listed := "-", "-"
	if r := f.request("GET", jobs+"/1", ""); r.status == http.StatusOK {
		got = strings.TrimSpace(r.number("status") + " " + r.text("job_desc"))
	} else {
		r.want(f.t, "400 bare ModelArts.2775: The visualization job 1 does not exist")
	}
	list := f.succeed("GET", jobs, "")
	rows, _ := list.body["jobs"].([]any)
	for _, v := range rows {
		row, _ := v.(map[string]any)
		listed = strings.TrimSpace(fmt.Sprint(row["status"], " ", row["job_desc"]))
	}
	if got != listed || list.number("job_total_count") != fmt.Sprint(len(rows)) {
		f.t.Errorf("details show %q, the list %q of %s jobs", got, listed, list.number("job_total_count"))
	}
	all := f.Jobs()
	if _, exists := f.Job(1); exists != (len(all) == 1) || list.number("job_count_limit") != fmt.Sprint(1000-len(all)) {
		f.t.Errorf("jobs %+v, job_count_limit %s", all, list.number("job_count_limit"))
	}
	return got
}

// TestStatusesOfAJob reads a job every ten seconds.
func TestStatusesOfAJob(t *testing.T) {
	const (
		starting = "1, 18, 19, 20, 2, 4, 7, 8"
		stopping = "9, 9, 9, 9, 9, 9, 9, 12"
	)
	documented := simulator.Options{Transition: transition, Rejections: simulator.RejectionsDocumented}
	stale := simulator.Options{Transition: transition, Stale: 20 * time.Second}
	staleAtOnce := simulator.Options{Stale: 20 * time.Second}
	normal := simulator.Options{Transition: transition}
	hidden := simulator.Options{Transition: transition, Stale: time.Hour, Appear: time.Hour}
	minutes := simulator.Options{Hour: time.Minute}
	for name, c := range map[string]struct {
		options simulator.Options
		status  int // of the job, which a request creates if it's 0
		changes string
		want    string
	}{
		"create":             {normal, 0, "create", starting + ", 8"},
		"stop":               {normal, 8, "stop", stopping + ", 12"},
		"restart":            {normal, 12, "restart", starting + ", 8"},
		"delete":             {normal, 8, "delete", "9, 9, 9, 9, 9, 9, 9, -, -"},
		"delete and restart": {normal, 12, "delete restart=400", "12, 12, 12, 12, 12, 12, 12, -"},

		"just before each status": {normal, 0, "create 9.999999999s", starting},
		"just before the stop":    {normal, 8, "stop 69.999999999s", "9, 12"},
		"just before the end":     {normal, 12, "delete 69.999999999s", "12, -"},

		"schedule":             {minutes, 0, "schedule-2 1m59.999999999s", "8, 10"},
		"schedule, restarted":  {minutes, 0, "schedule-2 1h restart 1m50s", "8, 10"},
		"schedule, stopped":    {minutes, 0, "schedule-2 stop 1h", "12"},
		"schedule of no hours": {minutes, 0, "schedule-0 20h", "8"},

		// Only the documented profile accepts these.
		"stop stopped":     {documented, 12, "stop", "12, 12"},
		"stop stopping":    {documented, 8, "stop 30s stop", "9, 9, 9, 9, 12, 12"},
		"changes deleting": {documented, 12, "delete 30s stop restart delete update", "12, 12, 12, 12, -, -"},

		"stale stop":             {stale, 8, "stop", "8, 8, 9, 9, 9, 9, 9, 12"},
		"just before its end":    {stale, 8, "stop 19.999999999s", "8, 9"},
		"stale delete":           {stale, 8, "delete", "8, 8, 9, 9, 9, 9, 9, -"},
		"stale update and stop":  {stale, 8, "update 10s stop", "8, 8 new, 9 new, 9 new"},
		"rejected, so not stale": {stale, 12, "stop=400", "12, 12, 12"},
		"stale for the reads":    {staleAtOnce, 8, "stop stop=400 delete delete=400", "8, 8, -"},
		"created, not shown":     {simulator.Options{Appear: 20 * time.Second}, 0, "create update stop", "-, -, 12 new"},
		"deleted before shown":   {simulator.Options{Appear: time.Minute, Stale: 30 * time.Second}, 0, "create delete", "-, -, -, -, -, -, -, -"},

		// Reads are never stale after a change by a test.
		"SetStatus":           {hidden, 8, "update SetStatus", "11 new, 11 new"},
		"delete after that":   {hidden, 8, "delete SetStatus delete 2h", "-"},
		"StopJob":             {hidden, 8, "update StopJob", "9 new, 9 new, 9 new, 9 new, 9 new, 9 new, 9 new, 12 new"},
		"RemoveJob":           {hidden, 8, "update RemoveJob", "-, -"},
		"RemoveJob, deleting": {hidden, 8, "delete RemoveJob 70s", "-, -"},
		"AddJob, deleted":     {hidden, 8, "delete 70s AddJob", "7"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, c.options)
			if c.status != 0 {
				f.AddJob(simulator.Job{Status: c.status})
			}
			for change := range strings.FieldsSeq(c.changes) {
				if d, err := time.ParseDuration(change); err == nil {
					f.clock.Advance(d)
					continue
				}
				change, rejected, _ := strings.Cut(change, "=")
				if want := max(rejected, "200"); fmt.Sprint(f.change(change).status) != want {
					t.Errorf("%s: not %s", change, want)
				}
			}
			var got []string
			for range strings.Count(c.want, ",") + 1 {
				got = append(got, f.read())
				f.clock.Advance(10 * time.Second)
			}
			if diff := cmp.Diff(c.want, strings.Join(got, ", ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestRejectionProfiles is exhaustive over the documented statuses, and requests.
func TestRejectionProfiles(t *testing.T) {
	active := []int{1, 2, 4, 7, 8, 15, 18, 19, 20}
	settled := []int{3, 5, 6, 10, 11, 12, 13, 14, 16, 17, 21}
	all := slices.Concat(active, settled, []int{0, 9, 99})
	except := func(status int) []int {
		return slices.DeleteFunc(slices.Clone(all), func(s int) bool { return s == status })
	}
	usual := map[string][]int{"stop": active, "restart": settled, "delete": except(9), "update": all}
	for profile, accepted := range map[simulator.RejectionProfile]map[string][]int{
		"":                             usual,
		simulator.RejectionsUsual:      usual,
		simulator.RejectionsDocumented: {"stop": except(10), "restart": except(8), "delete": except(9), "update": all},
		simulator.RejectionsStrict:     {"stop": {8}, "restart": settled, "delete": settled, "update": append([]int{8}, settled...)},
	} {
		for change, verb := range map[string]string{"stop": "stop", "restart": "resubmit", "delete": "delete", "update": "update"} {
			rejected := "400 ModelArts.0105: This job can't be " + verb + ". job status: "
			for _, status := range all {
				f := newFixture(t, simulator.Options{Transition: transition, Rejections: profile})
				f.AddJob(simulator.Job{Status: status})
				if slices.Contains(accepted[change], status) {
					f.change(change).want(t, "200 success")
					continue
				}
				f.change(change).want(t, fmt.Sprint(rejected, status))
				if job, _ := f.Job(1); job.Status != status || job.Description != "" {
					t.Errorf("%q: rejected %s in status %d left %+v", profile, change, status, job)
				}
			}
			if profile != simulator.RejectionsDocumented { // The others accept nothing for a job that is being deleted.
				f := newFixture(t, simulator.Options{Transition: transition, Rejections: profile})
				f.AddJob(simulator.Job{Status: simulator.StatusKilled})
				f.change("delete")
				f.change(change).want(t, rejected+"12")
				if f.StopJob(1) {
					t.Error("StopJob stopped a job that is being deleted")
				}
			}
		}
	}
}

func TestAddJob(t *testing.T) {
	f := newFixture(t, simulator.Options{})
	schedule := &simulator.Schedule{Duration: 3}
	f.AddJob(simulator.Job{ID: 41, Status: simulator.StatusRunning, Schedule: schedule})
	f.AddJob(simulator.Job{ID: 5, ResourceID: "r", ServiceURL: "u"})
	f.AddJob(simulator.Job{}) // The next ID is still 42.
	schedule.Duration = 4
	f.Jobs()[1].Schedule.Duration = 5
	f.clock.Advance(5 * time.Hour)
	job := func(id int64) simulator.Job {
		return simulator.Job{
			ID: id, Name: fmt.Sprint("job-", id), TrainURL: "/simulator/logs/", Type: "tensorboard", WorkspaceID: "0", CreateTime: start,
		}
	}
	given, scheduled := job(5), job(41)
	given.ResourceID, given.ServiceURL = "r", "u"
	scheduled.Status, scheduled.Schedule, scheduled.Duration = simulator.StatusCompleted, &simulator.Schedule{Duration: 3}, 3*time.Hour
	all := f.Jobs()
	if all[1].ResourceID == "" || all[1].ServiceURL == "" || all[2].ResourceID == "" || all[2].ServiceURL != "" {
		t.Errorf("jobs: %+v", all) // A job has a service URL after its first start.
	}
	all[1].ResourceID, all[1].ServiceURL, all[2].ResourceID = "", "", ""
	if diff := cmp.Diff([]simulator.Job{given, scheduled, job(42)}, all); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantPanic(t, "", func() { f.AddJob(simulator.Job{ID: 41}) })
}
