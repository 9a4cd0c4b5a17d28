package simulator_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// list sends a list request that has to succeed, and returns the IDs and the total count.
func (f *fixture) list(query string) (ids []string, total string) {
	f.t.Helper()
	r := f.succeed("GET", jobs+"?"+query, "")
	rows, _ := r.body["jobs"].([]any)
	for _, row := range rows {
		ids = append(ids, fmt.Sprint(row.(map[string]any)["job_id"]))
	}
	return ids, r.number("job_total_count")
}

func TestListFilters(t *testing.T) {
	f := newFixture(t, simulator.Options{ShowSchedule: true}) // None of the jobs has one.
	f.AddJob(simulator.Job{Name: "train-a", Status: simulator.StatusRunning})
	f.AddJob(simulator.Job{Name: "train-b", Status: simulator.StatusKilled})
	f.AddJob(simulator.Job{Name: "eval-a", Status: simulator.StatusRunning, Description: "train"})
	f.AddJob(simulator.Job{Name: "train-c", Status: simulator.StatusRunning, WorkspaceID: "w1"})
	f.AddJob(simulator.Job{Name: "odd", Status: 99})
	for query, want := range map[string]string{
		"":                              "1 2 3 5",
		"status=99":                     "5",
		"status=":                       "1 2 3 5",
		"search_content=ain-":           "1 2",
		"search_content=train&status=8": "1",
		"search_content=" + url.QueryEscape(strings.Repeat("ü", 64)): "",
	} {
		ids, total := f.list(query)
		if got := strings.Join(ids, " "); got != want || total != fmt.Sprint(len(ids)) {
			t.Errorf("%q: jobs %s, job_total_count %s, want %s", query, got, total, want)
		}
	}
	for query, want := range map[string]string{
		"status=RUNNING":  "ModelArts.0104: Illegal status: RUNNING",
		"per_page=0":      "ModelArts.0104: Illegal per_page: 0",
		"sortBy=duration": "ModelArts.0104: Illegal sortBy: duration",
		"order=up":        "ModelArts.0104: Illegal order: up",
		"workspace_id=w2": "ModelArts.0102: The workspace does not exist: w2",
		"search_content=" + strings.Repeat("x", 65): "ModelArts.0104: The length of search content should be in [0,64]",
	} {
		f.request("GET", jobs+"?"+query, "").want(t, "400 "+want)
	}
}

func TestPageCap(t *testing.T) {
	type options = simulator.Options
	for _, c := range []struct {
		options simulator.Options
		query   string
		want    string // number of rows, or an error
	}{
		{options{}, "", "10"},
		{options{StrictPageCap: true}, "per_page=1000", "1000"},
		{options{}, "per_page=1001", "1000"},
		{options{PageCap: 100}, "per_page=1000&page=11", "50"},
		{options{PageCap: 100, StrictPageCap: true}, "per_page=101", "400 ModelArts.0104: Illegal per_page: 101, it should be in [1,100]"},
		{options{PageCap: 5, StrictPageCap: true}, "", "5"}, // The default isn't an error.
		{options{}, "per_page=1000&page=9223372036854775807", "0"},
	} {
		f := newFixture(t, c.options)
		for range 1050 {
			f.AddJob(simulator.Job{Status: simulator.StatusRunning})
		}
		r := f.request("GET", jobs+"?"+c.query, "")
		got := r.String()
		if rows, ok := r.body["jobs"].([]any); ok && r.number("job_total_count") == "1050" {
			got = fmt.Sprint(len(rows))
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.query, got, c.want)
		}
	}
}

// TestSortedPages checks that the pages of each order together are the complete list in that order.
// Jobs with equal values are sorted by ID.
func TestSortedPages(t *testing.T) {
	f := newFixture(t, simulator.Options{})
	for i, name := range []string{"b", "a", "b", "c", "a"} {
		f.AddJob(simulator.Job{
			Name: name, Description: []string{"2", "10", "", "2", "1"}[i], Status: []int{8, 10, 12, 8, 1}[i],
			CreateTime: start.Add(-time.Duration(i%3) * time.Second),
		})
	}
	for key, want := range map[string]string{ // in ascending order
		"": "1 2 3 4 5", "job_id": "1 2 3 4 5", "job_name": "2 5 1 3 4", "job_desc": "3 5 2 1 4", "create_time": "3 2 5 1 4", "status": "5 1 4 2 3",
	} {
		for _, order := range []string{"", "asc", "desc"} {
			if order == "desc" {
				reversed := strings.Fields(want)
				slices.Reverse(reversed)
				want = strings.Join(reversed, " ")
			}
			for parameter, size := range map[string]int{"sortBy": 2, "sort_by": 5} {
				var got []string
				for page := range 5/size + 1 {
					ids, _ := f.list(fmt.Sprintf("%s=%s&order=%s&per_page=%d&page=%d", parameter, key, order, size, page+1))
					got = append(got, ids...)
				}
				if strings.Join(got, " ") != want {
					t.Errorf("%s=%s, %s, %d per page: %q, want %s", parameter, key, order, size, got, want)
				}
			}
		}
	}
}
