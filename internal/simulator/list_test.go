package simulator_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// list makes a list call that has to succeed, and returns it with the ids.
func (b *bench) list(query string) (reply, []string) {
	b.t.Helper()

	r := b.call("GET", jobs+"?"+query, "")
	rows, ok := r.body["jobs"].([]any)

	if r.status != http.StatusOK || !ok {
		b.t.Fatalf("list %s: %d %v", query, r.status, r.body)
	}

	ids := []string{}

	for _, v := range rows {
		row, _ := v.(map[string]any)
		id, _ := row["job_id"].(json.Number)
		ids = append(ids, id.String())
	}

	return r, ids
}

func TestListAnswer(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{JobLimit: 5, RunLimit: 3})
	b.call("GET", jobs, "").want(t, http.StatusOK, `{
		"is_success": true, "job_total_count": 0, "job_count_limit": 5, "quotas": 3, "jobs": []
	}`)

	b.AddJob(simulator.Job{
		ID: 197, Name: "board", Description: "d", TrainURL: "/bucket/logs/", Status: simulator.StatusKilled,
		CreateTime: start.Add(-time.Hour), Duration: 33 * time.Second,
		ServiceURL: "https://board.invalid/", ResourceID: "r-1",
	})
	b.call("GET", jobs, "").want(t, http.StatusOK, `{
		"is_success": true, "job_total_count": 1, "job_count_limit": 4, "quotas": 3, "jobs": [{
			"job_id": 197, "job_name": "board", "job_desc": "d", "train_url": "/bucket/logs/", "status": 12,
			"create_time": 1772362800000, "duration": 33000, "remaining_duration": null,
			"service_url": "https://board.invalid/", "resource_id": "r-1"
		}]
	}`)
}

func TestListFilters(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})
	b.AddJob(simulator.Job{Name: "train-a", Status: simulator.StatusRunning})
	b.AddJob(simulator.Job{Name: "train-b", Status: simulator.StatusKilled})
	b.AddJob(simulator.Job{Name: "eval-a", Status: simulator.StatusRunning, Description: "train"})
	b.AddJob(simulator.Job{Name: "train-c", Status: simulator.StatusRunning, WorkspaceID: "w1"})
	b.AddJob(simulator.Job{Name: "odd", Status: 99})

	for query, want := range map[string][]string{
		"":                              {"1", "2", "3", "5"},
		"status=8":                      {"1", "3"},
		"status=99":                     {"5"},
		"status=7":                      {},
		"status=":                       {"1", "2", "3", "5"},
		"search_content=train":          {"1", "2"},
		"search_content=ain-":           {"1", "2"},
		"search_content=Train":          {},
		"search_content=train&status=8": {"1"},
		"workspace_id=0":                {"1", "2", "3", "5"},
		"workspace_id=w1":               {"4"},
		"search_content=" + url.QueryEscape(strings.Repeat("ü", 64)): {},
	} {
		r, ids := b.list(query)
		if diff := gocmp.Diff(want, ids); diff != "" {
			t.Errorf("%q (-want +got):\n%s", query, diff)
		}

		if got := r.number("job_total_count"); got != fmt.Sprint(len(want)) {
			t.Errorf("%q: job_total_count = %s", query, got)
		}
	}
}

func TestListChecks(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})

	for query, want := range map[string][2]string{
		"status=RUNNING":  {"ModelArts.0104", "Illegal status: RUNNING"},
		"status=7,8":      {"ModelArts.0104", "Illegal status: 7,8"},
		"per_page=0":      {"ModelArts.0104", "Illegal per_page: 0"},
		"per_page=ten":    {"ModelArts.0104", "Illegal per_page: ten"},
		"page=0":          {"ModelArts.0104", "Illegal page: 0"},
		"page=-1":         {"ModelArts.0104", "Illegal page: -1"},
		"page=1.5":        {"ModelArts.0104", "Illegal page: 1.5"},
		"sortBy=duration": {"ModelArts.0104", "Illegal sortBy: duration"},
		"sort_by=name":    {"ModelArts.0104", "Illegal sortBy: name"},
		"order=up":        {"ModelArts.0104", "Illegal order: up"},
		"workspace_id=w1": {"ModelArts.0102", "The workspace does not exist: w1"},
		"search_content=" + strings.Repeat("x", 65): {"ModelArts.0104", "The length of search content should be in [0,64]"},
	} {
		b.call("GET", jobs+"?"+query, "").wantRefusal(t, http.StatusBadRequest, want[0], want[1])
	}
}

func TestPageCap(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		options simulator.Options
		query   string
		rows    int
		refusal string
	}{
		"default is 10":            {simulator.Options{}, "", 10, ""},
		"1000 is allowed":          {simulator.Options{StrictPageCap: true}, "per_page=1000", 1000, ""},
		"1001 is lowered":          {simulator.Options{}, "per_page=1001", 1000, ""},
		"1001 is refused":          {simulator.Options{StrictPageCap: true}, "per_page=1001", 0, "Illegal per_page: 1001, it should be in [1,1000]"},
		"cap lowers":               {simulator.Options{PageCap: 100}, "per_page=1000", 100, ""},
		"cap is where pages start": {simulator.Options{PageCap: 100}, "per_page=1000&page=11", 50, ""},
		"cap refuses":              {simulator.Options{PageCap: 100, StrictPageCap: true}, "per_page=101", 0, "Illegal per_page: 101, it should be in [1,100]"},
		"cap allows itself":        {simulator.Options{PageCap: 100, StrictPageCap: true}, "per_page=100", 100, ""},
		"cap under the default":    {simulator.Options{PageCap: 5, StrictPageCap: true}, "", 5, ""},
		"page after the last":      {simulator.Options{}, "per_page=1000&page=3", 0, ""},
		"page far away":            {simulator.Options{}, "per_page=1000&page=9223372036854775807", 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, c.options)
			for range 1050 {
				b.AddJob(simulator.Job{Status: simulator.StatusRunning})
			}

			if c.refusal != "" {
				b.call("GET", jobs+"?"+c.query, "").wantRefusal(t, http.StatusBadRequest, "ModelArts.0104", c.refusal)

				return
			}

			r, ids := b.list(c.query)
			if len(ids) != c.rows {
				t.Errorf("%d rows, want %d", len(ids), c.rows)
			}

			if got := r.number("job_total_count"); got != "1050" {
				t.Errorf("job_total_count = %s", got)
			}
		})
	}
}

// TestPagesAreTheSortedWhole checks, for jobs at random, that the pages of each
// order are together the whole list in that order.
func TestPagesAreTheSortedWhole(t *testing.T) {
	t.Parallel()

	keys := map[string]func(x, y simulator.Job) int{
		"":            func(simulator.Job, simulator.Job) int { return 0 },
		"job_id":      func(simulator.Job, simulator.Job) int { return 0 },
		"job_name":    func(x, y simulator.Job) int { return strings.Compare(x.Name, y.Name) },
		"job_desc":    func(x, y simulator.Job) int { return strings.Compare(x.Description, y.Description) },
		"create_time": func(x, y simulator.Job) int { return x.CreateTime.Compare(y.CreateTime) },
		"status":      func(x, y simulator.Job) int { return x.Status - y.Status },
	}
	random := rand.New(rand.NewPCG(1, 2))
	b := newBench(t, simulator.Options{})

	for range 57 {
		b.AddJob(simulator.Job{ // Few values, so that many are equal.
			Name: fmt.Sprint("n", random.IntN(5)), Description: fmt.Sprint(random.IntN(5)),
			Status: random.IntN(22), CreateTime: start.Add(time.Duration(random.IntN(5)) * time.Second),
		})
	}

	for key, compare := range keys {
		sorted := b.Jobs()
		slices.SortFunc(sorted, func(x, y simulator.Job) int { return cmp.Or(compare(x, y), cmp.Compare(x.ID, y.ID)) })

		for _, order := range []string{"", "asc", "desc"} {
			if order == "desc" {
				slices.Reverse(sorted)
			}

			want := make([]string, len(sorted))
			for i, job := range sorted {
				want[i] = fmt.Sprint(job.ID)
			}

			for _, parameter := range []string{"sortBy", "sort_by"} {
				for _, size := range []int{1, 7, 10, 57, 100} {
					query := url.Values{parameter: {key}, "order": {order}, "per_page": {fmt.Sprint(size)}}
					if diff := gocmp.Diff(want, b.allPages(query, size)); diff != "" {
						t.Errorf("%v (-want +got):\n%s", query, diff)
					}
				}
			}
		}
	}
}

func (b *bench) allPages(query url.Values, size int) []string {
	b.t.Helper()

	var all []string

	for page := 1; ; page++ {
		query.Set("page", fmt.Sprint(page))

		_, ids := b.list(query.Encode())
		all = append(all, ids...)

		if len(ids) < size {
			return all
		}
	}
}
