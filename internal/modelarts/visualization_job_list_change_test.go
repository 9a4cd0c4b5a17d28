package modelarts

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// changing is a list of jobs that changes before a page is read.
func changing(jobs []int, changes map[int]func([]int) []int) fate {
	return func(req *http.Request, _ int) (*http.Response, error) {
		page, err := strconv.Atoi(req.URL.Query().Get("page"))
		if err != nil {
			return nil, err
		}
		if change := changes[page]; change != nil {
			jobs = change(jobs)
		}
		b := &book{n: len(jobs), rows: func(page, perPage int) []int {
			perPage = min(perPage, 4)
			return jobs[min((page-1)*perPage, len(jobs)):min(page*perPage, len(jobs))]
		}}
		return b.RoundTrip(req)
	}
}

// uncounted has no count on one page.
func uncounted(page int, response fate) fate {
	return func(req *http.Request, attempt int) (*http.Response, error) {
		resp, err := response(req, attempt)
		if err != nil || req.URL.Query().Get("page") != strconv.Itoa(page) {
			return resp, err
		}
		body, err := io.ReadAll(resp.Body)
		return reply(req, resp.StatusCode, strings.Replace(string(body), "job_total_count", "x", 1)), err
	}
}

// A complete list without a job proves that there is none.
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
		network  http.RoundTripper
		complete bool
	}{
		{"nothing changes", on(changing(ten, nil)), true},
		{"one goes before the second page", on(changing(ten, map[int]func([]int) []int{2: without(1)})), false},
		{"one goes before the last page", on(changing(ten, map[int]func([]int) []int{3: without(5)})), false},
		{"four go before the second page", on(changing(ten, map[int]func([]int) []int{2: without(1, 2, 3, 4)})), false},
		{"all go", on(changing(ten, map[int]func([]int) []int{2: without(ten...)})), false},
		{"one comes at the end", on(changing(ten, map[int]func([]int) []int{2: with(11)})), true},
		{"many come at the end", on(changing(ten, map[int]func([]int) []int{3: with(11, 12, 13, 14, 15)})), true},
		{"one comes at the beginning", on(changing(ten, map[int]func([]int) []int{2: first(11)})), false},
		{"one goes, then one comes", on(changing(ten, map[int]func([]int) []int{2: without(1), 3: with(11)})), false},
		{"one comes, then one goes", on(changing(ten, map[int]func([]int) []int{2: with(11), 3: without(1)})), false},
		{"the service turns no page", &book{n: 10, rows: func(int, int) []int { return []int{1, 2, 3} }}, false},
		{"nor counts", &book{total: "-", rows: func(int, int) []int { return []int{1, 2, 3} }}, false},
		{"nor counts right", &book{total: "2", rows: func(int, int) []int { return []int{1, 2, 3} }}, false},
		{"nor from below 0", &book{total: "-7", rows: func(int, int) []int { return []int{1, 2, 3} }}, false},
		{"a count, no rows", &book{n: 5, rows: func(int, int) []int { return nil }}, false},
		{"no count, one page", &book{n: 3, max: 1000, total: "-"}, false},
		{"no count, no rows", &book{total: "-"}, true},
		{"no count, a full page", &book{n: 1000, max: 1000, total: "-"}, false},
		{"no count, several pages", &book{n: 3, max: 2, total: "-"}, false},
		{"no count at first, one goes before the second page", on(uncounted(1, changing(ten, map[int]func([]int) []int{2: without(1)}))), false},
		{"no count in between", on(uncounted(2, changing(ten, nil))), false},
		{"a count beyond counting", &book{n: 3, max: 2, total: "9223372036854775807"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := listAll(t.Context(), clientOn(test.network), ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if got.Complete != test.complete {
				t.Errorf("complete: %t, %d jobs of %d: %v", got.Complete, len(got.Jobs), got.TotalCount, ids(got.Jobs))
			}
		})
	}
}
