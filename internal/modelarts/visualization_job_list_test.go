package modelarts

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// book is a service with the jobs 1 to n.
type book struct {
	n, max  int    // the number of jobs, and of rows on a page
	total   string // the count in a response; empty for n, "-" for none, "-1" for none on page 1
	strict  int    // a per_page above it is rejected, unless 0
	pages   [][]int64
	changes map[string]func([]int64) []int64 // of the jobs, before a page is read
	fates   map[string]fate                  // of the requests for a page

	jobs      []int64
	requested []string // "page/per_page" of each request
}

func (b *book) RoundTrip(req *http.Request) (*http.Response, error) {
	query := req.URL.Query()
	b.requested = append(b.requested, query.Get("page")+"/"+query.Get("per_page"))
	page, _ := strconv.Atoi(query.Get("page"))
	perPage, _ := strconv.Atoi(query.Get("per_page"))
	if fate := b.fates[query.Get("page")]; fate != nil {
		return fate(req, page)
	}
	if b.strict > 0 && perPage > b.strict {
		return acctest.Reply(req, http.StatusBadRequest, `{"error_code": "ModelArts.0104"}`), nil
	}
	if b.jobs == nil {
		b.jobs = upTo(b.n)
	}
	if change := b.changes[query.Get("page")]; change != nil {
		b.jobs = change(slices.Clone(b.jobs))
	}
	perPage = min(perPage, b.max)
	shown := b.jobs[min((page-1)*perPage, len(b.jobs)):min(page*perPage, len(b.jobs))]
	if b.pages != nil {
		shown = b.pages[min(page, len(b.pages))-1]
	}
	rows := make([]string, len(shown))
	for i, id := range shown {
		rows[i] = fmt.Sprintf(`{"job_id": %d, "status": 8}`, id)
	}
	total := fmt.Sprintf(`"job_total_count": %d, `, len(b.jobs))
	if b.total == "-" || b.total == "-"+query.Get("page") {
		total = ""
	} else if b.total != "" && b.total[0] != '-' {
		total = `"job_total_count": ` + b.total + `, `
	}
	return acctest.Reply(req, http.StatusOK, `{"is_success": true, `+total+`"jobs": [`+strings.Join(rows, ",")+`]}`), nil
}

func ids(jobs []VisualizationJob) (ids []int64) {
	for _, job := range jobs {
		ids = append(ids, job.ID)
	}
	return ids
}

func upTo(n int) (ids []int64) {
	for id := range int64(n) {
		ids = append(ids, id+1)
	}
	return ids
}

// A list has every job once. A complete list without a job proves that there is none.
func TestList(t *testing.T) {
	t.Parallel()
	without := func(gone ...int64) func([]int64) []int64 {
		return func(jobs []int64) []int64 {
			return slices.DeleteFunc(jobs, func(id int64) bool { return slices.Contains(gone, id) })
		}
	}
	with := func(added ...int64) func([]int64) []int64 {
		return func(jobs []int64) []int64 { return append(jobs, added...) }
	}
	rejected := func(status int, code string) fate {
		return acctest.Responds(status, fmt.Sprintf(`{"is_success": false, "error_code": %q}`, code))
	}
	type changes = map[string]func([]int64) []int64
	same := [][]int64{{1, 2, 3}}
	for name, test := range map[string]struct {
		book      book
		jobs      []int64
		requested string // empty: any
		complete  bool
		err       string // the end of an error's text
	}{
		"none":                {book{max: 1000}, nil, "1/1000", true, ""},
		"capped silently":     {book{n: 250, max: 100, total: `"250"`}, upTo(250), "1/1000 2/100 3/100", true, ""},
		"rejected above 100":  {book{n: 250, max: 100, strict: 100}, upTo(250), "1/1000 1/100 2/100 3/100", true, ""},
		"rejected above 99":   {book{n: 25, max: 100, strict: 99}, upTo(25), "1/1000 1/100 1/10 2/10 3/10", true, ""},
		"the same page again": {book{n: 10, pages: same}, upTo(3), "1/1000 2/3", false, ""},
		"more than requested": {book{n: 3000, pages: [][]int64{upTo(1500), upTo(3000)[1500:]}}, upTo(3000), "1/1000 2/1000", true, ""},
		"overlapping pages":   {book{n: 5, pages: [][]int64{{1, 2}, {2, 3}, {4, 5}}}, upTo(5), "1/1000 2/2 3/2", true, ""},
		"a count, no rows":    {book{n: 5, pages: [][]int64{nil}}, nil, "1/1000", false, ""},
		"a count too high":    {book{n: 3, max: 2, total: "9223372036854775807"}, upTo(3), "1/1000 2/2 3/2", false, ""},
		"a count too low":     {book{n: 2500, max: 1000, total: "1"}, upTo(2500), "1/1000 2/1000 3/1000 4/1000", false, ""},
		"no count, no rows":   {book{total: "-"}, nil, "1/1000", true, ""},
		"no count, one page":  {book{n: 3, max: 1000, total: "-"}, upTo(3), "1/1000 2/3", false, ""},
		"no count at first":   {book{n: 10, max: 4, total: "-1", changes: changes{"2": without(1)}}, []int64{1, 2, 3, 4, 6, 7, 8, 9, 10}, "", false, ""},
		"an error":            {book{fates: map[string]fate{"1": rejected(403, "ModelArts.0108")}}, nil, "1/1000", false, "(ModelArts.0108, HTTP 403)"},
		"another parameter":   {book{fates: map[string]fate{"1": rejected(400, "ModelArts.0104")}}, nil, "1/1000 1/100 1/10", false, "(ModelArts.0104, HTTP 400)"},
		"error on page 2":     {book{n: 9, max: 4, fates: map[string]fate{"2": rejected(400, "ModelArts.0104")}}, nil, "1/1000 2/4", false, "(ModelArts.0104, HTTP 400)"},
		"unusable on page 2":  {book{n: 9, max: 4, fates: map[string]fate{"2": acctest.Responds(200, "{}")}}, nil, "1/1000 2/4", false, "nor a job_total_count"},

		"one goes before the second page":   {book{n: 10, max: 4, changes: changes{"2": without(1)}}, []int64{1, 2, 3, 4, 6, 7, 8, 9, 10}, "", false, ""},
		"all go":                            {book{n: 10, max: 4, changes: changes{"2": without(upTo(10)...)}}, upTo(4), "", false, ""},
		"one comes":                         {book{n: 10, max: 4, changes: changes{"2": with(11)}}, upTo(11), "", true, ""},
		"one comes, then one of these goes": {book{n: 10, max: 4, changes: changes{"2": with(11), "3": without(1)}}, []int64{1, 2, 3, 4, 5, 6, 7, 8, 10, 11}, "", false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := listAll(t.Context(), clientOn(&test.book, withRetries(0)), ListOptions{})
			if (err != nil) != (test.err != "") || err != nil && !strings.HasSuffix(err.Error(), test.err) {
				t.Fatalf("requested %q: %v", test.book.requested, err)
			}
			if err != nil {
				got = &JobPage{}
			}
			if diff := cmp.Diff(test.jobs, ids(got.Jobs)); diff != "" || got.Complete != test.complete {
				t.Errorf("complete %t, jobs (-want +got):\n%.500s", got.Complete, diff)
			}
			if requested := strings.Join(test.book.requested, " "); test.requested != "" && requested != test.requested || len(test.book.requested) > 6 {
				t.Errorf("requested %s, want %s", requested, test.requested)
			}
		})
	}
	// The list ends when the caller does.
	b := &book{n: 250, max: 100}
	for page, err := range clientOn(b).VisualizationJobPages(t.Context(), ListOptions{}) {
		if err != nil || len(b.requested) != 1 || len(page.Jobs) != 100 || page.total != 250 || page.Complete {
			t.Errorf("requested %q: %+v, %v", b.requested, page, err)
		}
		break
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		date, body string
		want       JobPage
	}{
		"documented": {
			"Sun, 01 Mar 2026 12:00:00 GMT",
			`{"quotas": 100, "is_success": true, "job_total_count": 1, "job_count_limit": 999, "jobs": [{"job_id": 1}]}`,
			JobPage{total: 1, CountLimit: 999, Quotas: 100, ServerTime: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Jobs: []VisualizationJob{{ID: 1}}},
		},
		"null":       {"", `{"job_total_count": 0, "jobs": null}`, JobPage{}},
		"no count":   {"", `{"jobs": []}`, JobPage{}},
		"odd counts": {"", `{"job_total_count": 0, "job_count_limit": -5, "quotas": 99999999999}`, JobPage{Quotas: math.MaxInt32}},
	} {
		test.want.Complete = true
		got, err := listAll(t.Context(), clientOn(always(http.StatusOK, test.body, "Date", test.date), withRetries(0)), ListOptions{})
		if diff := cmp.Diff(&test.want, got, cmpopts.IgnoreUnexported(JobPage{}), cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("%s: error %v, page (-want +got):\n%s", name, err, diff)
		}
	}
}
