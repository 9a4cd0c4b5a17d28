package modelarts

import (
	"net/http"
	"slices"
	"strconv"
	"testing"
)

// changing is a list of jobs that changes before a page is read.
func changing(jobs []int, changes map[int]func([]int) []int) func(*http.Request) (*http.Response, error) {
	const most = 4

	return func(req *http.Request) (*http.Response, error) {
		page, err := strconv.Atoi(req.URL.Query().Get("page"))
		if err != nil {
			return nil, err
		}

		if change := changes[page]; change != nil {
			jobs = change(jobs)
		}

		b := &book{n: len(jobs), rows: func(page, perPage int) []int {
			perPage = min(perPage, most)

			return jobs[min((page-1)*perPage, len(jobs)):min(page*perPage, len(jobs))]
		}}

		return b.RoundTrip(req)
	}
}

// Callers take as many jobs as are counted for all jobs, and the lack of one
// among them for proof. So what was overlooked has to be missing in the count.
func TestListKnowsWhatItLacks(t *testing.T) {
	t.Parallel()

	without := func(gone ...int) func([]int) []int {
		return func(jobs []int) []int {
			return slices.DeleteFunc(slices.Clone(jobs), func(id int) bool { return slices.Contains(gone, id) })
		}
	}
	with := func(added ...int) func([]int) []int {
		return func(jobs []int) []int { return append(slices.Clone(jobs), added...) }
	}
	first := func(added int) func([]int) []int {
		return func(jobs []int) []int { return append([]int{added}, jobs...) }
	}
	ten := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	tests := []struct {
		name     string
		network  roundTripper
		complete bool
	}{
		{"nothing changes", changing(ten, nil), true},
		{"one goes before the second page", changing(ten, map[int]func([]int) []int{2: without(1)}), false},
		{"one goes before the last page", changing(ten, map[int]func([]int) []int{3: without(5)}), false},
		{"four go before the second page", changing(ten, map[int]func([]int) []int{2: without(1, 2, 3, 4)}), false},
		{"all go", changing(ten, map[int]func([]int) []int{2: without(ten...)}), false},
		{"one comes at the end", changing(ten, map[int]func([]int) []int{2: with(11)}), true},
		{"many come at the end", changing(ten, map[int]func([]int) []int{3: with(11, 12, 13, 14, 15)}), true},
		{"one comes at the beginning", changing(ten, map[int]func([]int) []int{2: first(11)}), false},
		{"one goes, then one comes", changing(ten, map[int]func([]int) []int{2: without(1), 3: with(11)}), false},
		{"one comes, then one goes", changing(ten, map[int]func([]int) []int{2: with(11), 3: without(1)}), false},
		{"the service turns no page", (&book{n: 10, rows: func(int, int) []int { return []int{1, 2, 3} }}).RoundTrip, false},
		{"nor counts", (&book{total: "-", rows: func(int, int) []int { return []int{1, 2, 3} }}).RoundTrip, false},
		{"nor counts right", (&book{total: "2", rows: func(int, int) []int { return []int{1, 2, 3} }}).RoundTrip, false},
		{"nor from below 0", (&book{total: "-7", rows: func(int, int) []int { return []int{1, 2, 3} }}).RoundTrip, false},
		{"a count, no rows", (&book{n: 5, rows: func(int, int) []int { return nil }}).RoundTrip, false},
		{"no count, all rows", (&book{n: 3, most: 2, total: "-"}).RoundTrip, true},
		{"a count beyond counting", (&book{n: 3, most: 2, total: "9223372036854775807"}).RoundTrip, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()

			got, err := clientOn(test.network).ListVisualizationJobs(t.Context(), ListOptions{})
			if err != nil {
				t.Fatal(err)
			}

			if complete := len(got.Jobs) >= got.TotalCount; complete != test.complete {
				t.Errorf("%d jobs of %d: %v", len(got.Jobs), got.TotalCount, ids(got.Jobs))
			}
		})
	}
}

// A service that counts too few, or not at all, hides nothing by that.
func TestIsComplete(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		jobs, total int
		want        bool
	}{
		{0, 0, true},
		{0, 1, false},
		{2, 3, false},
		{3, 3, true},
		{4, 3, true},
	} {
		page := &JobPage{Jobs: make([]VisualizationJob, test.jobs), TotalCount: test.total}
		if got := page.IsComplete(); got != test.want {
			t.Errorf("%d jobs of %d: got %v", test.jobs, test.total, got)
		}
	}
}
