package simulator_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

var (
	activeStatuses  = []int{1, 2, 4, 7, 8, 15, 18, 19, 20}
	settledStatuses = []int{3, 5, 6, 10, 11, 12, 13, 14, 16, 17, 21}
	oddStatuses     = []int{0, 9, 99} // neither
)

// changes is every call for a job, with the verb of its refusal.
var changes = map[string][2]string{
	"stop": {"POST", "/stop"}, "resubmit": {"POST", "/restart"}, "delete": {"DELETE", ""}, "update": {"PUT", ""},
}

// TestRefusalProfiles goes through every documented status, and one that is not,
// with every call.
func TestRefusalProfiles(t *testing.T) {
	t.Parallel()

	in := func(statuses ...int) func(int) bool {
		return func(status int) bool { return slices.Contains(statuses, status) }
	}
	notIn := func(statuses ...int) func(int) bool {
		return func(status int) bool { return !slices.Contains(statuses, status) }
	}

	for profile, allowed := range map[simulator.RefusalProfile]map[string]func(status int) bool{
		"": {
			"stop": in(activeStatuses...), "resubmit": in(settledStatuses...), "delete": notIn(9), "update": notIn(),
		},
		simulator.RefusalsUsual: {
			"stop": in(activeStatuses...), "resubmit": in(settledStatuses...), "delete": notIn(9), "update": notIn(),
		},
		simulator.RefusalsDocumented: {
			"stop": notIn(10), "resubmit": notIn(8), "delete": notIn(9), "update": notIn(),
		},
		simulator.RefusalsStrict: {
			"stop": in(8), "resubmit": in(settledStatuses...), "delete": in(settledStatuses...),
			"update": in(append([]int{8}, settledStatuses...)...),
		},
	} {
		for verb, call := range changes {
			for _, status := range slices.Concat(activeStatuses, settledStatuses, oddStatuses) {
				b := newBench(t, simulator.Options{Transition: transition, Refusals: profile})
				id := b.AddJob(simulator.Job{Status: status})
				r := b.call(call[0], jobs+"/1"+call[1], `{"job_desc":"new"}`)

				if allowed[verb](status) {
					if r.status != http.StatusOK {
						t.Errorf("%q: %s in status %d: %d %v", profile, verb, status, r.status, r.body)
					}

					continue
				}

				r.wantRefusal(t, http.StatusBadRequest, "ModelArts.0105",
					fmt.Sprintf("This job can't be %s. job status: %d", verb, status))

				if job, _ := b.Job(id); job.Status != status || job.Description != "" {
					t.Errorf("%q: refused %s in status %d left %+v", profile, verb, status, job)
				}
			}
		}
	}
}

// TestWhatIsAcceptedDoesTheSensibleThing is about what only the documented
// profile accepts.
func TestWhatIsAcceptedDoesTheSensibleThing(t *testing.T) {
	t.Parallel()

	up := []string{"1", "18", "19", "20", "2", "4", "7", "8"}
	down := []string{"9", "9", "9", "9", "9", "9", "9", "12"}
	still := func(status string) []string { return slices.Repeat([]string{status}, 8) }
	gone := []string{"12", "12", "12", "12", "gone", "gone", "gone", "gone"}

	for name, c := range map[string]struct {
		status int
		before []string // calls, each with 30 seconds after it
		call   string
		want   []string
	}{
		"stop what was killed":         {12, nil, "stop", still("12")},
		"stop what has failed":         {11, nil, "stop", still("11")},
		"stop what is stopping":        {8, []string{"stop"}, "stop", []string{"9", "9", "9", "9", "12", "12", "12", "12"}},
		"stop the unknown":             {99, nil, "stop", down},
		"stop what is being deleted":   {12, []string{"delete"}, "stop", gone},
		"restart what starts":          {12, []string{"resubmit"}, "resubmit", up},
		"restart what is stopping":     {8, []string{"stop"}, "resubmit", up},
		"restart the unknown":          {0, nil, "resubmit", up},
		"restart what is being gone":   {12, []string{"delete"}, "resubmit", gone},
		"delete what is being deleted": {12, []string{"delete"}, "delete", gone},
		"update what is being deleted": {12, []string{"delete"}, "update", gone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, simulator.Options{Transition: transition, Refusals: simulator.RefusalsDocumented})
			b.AddJob(simulator.Job{Status: c.status})

			for _, verb := range c.before {
				b.accept(changes[verb][0], jobs+"/1"+changes[verb][1], "")
				b.clock.Advance(30 * time.Second)
			}

			b.accept(changes[c.call][0], jobs+"/1"+changes[c.call][1], `{"job_desc":"new"}`)

			if diff := cmp.Diff(c.want, b.course(1, transition)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestDeletingWhatRunsTwice is refused by the reference: the job shows KILLING.
func TestDeletingWhatRunsTwice(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{Transition: transition, Refusals: simulator.RefusalsDocumented})
	b.AddJob(simulator.Job{Status: simulator.StatusRunning})
	b.accept("DELETE", jobs+"/1", "")

	b.call("DELETE", jobs+"/1", "").wantRefusal(t, http.StatusBadRequest, "ModelArts.0105",
		"This job can't be delete. job status: 9")
}

func TestStrictRefusesEverythingWhileDeleting(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{Transition: transition, Refusals: simulator.RefusalsStrict})
	b.AddJob(simulator.Job{Status: simulator.StatusKilled})
	b.accept("DELETE", jobs+"/1", "")

	for verb, call := range changes {
		b.call(call[0], jobs+"/1"+call[1], `{"job_desc":"late"}`).wantRefusal(t, http.StatusBadRequest,
			"ModelArts.0105", fmt.Sprintf("This job can't be %s. job status: 12", verb))
	}
}
