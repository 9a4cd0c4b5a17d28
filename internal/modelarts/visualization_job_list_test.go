package modelarts

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

// book is a service with the jobs 1 to n.
type book struct {
	n, max int    // the number of jobs, and of rows on a page
	total  string // the count in a response; empty for n, "-" for none
	strict int    // a per_page above it is refused, unless 0
	code   string // of that refusal
	rows   func(page, perPage int) []int
	asked  []string // "page/per_page" of each request
}

func (b *book) page(page, perPage int) []int {
	if b.rows != nil {
		return b.rows(page, perPage)
	}
	perPage = min(perPage, b.max)
	var ids []int
	for id := (page-1)*perPage + 1; id <= min(page*perPage, b.n); id++ {
		ids = append(ids, id)
	}
	return ids
}

func (b *book) RoundTrip(req *http.Request) (*http.Response, error) { return b.respond(req, 0) }

func (b *book) respond(req *http.Request, _ int) (*http.Response, error) {
	query := req.URL.Query()
	b.asked = append(b.asked, query.Get("page")+"/"+query.Get("per_page"))
	page, err := strconv.Atoi(query.Get("page"))
	if err != nil || page < 1 {
		return reply(req, http.StatusBadRequest, `{"error_code": "ModelArts.0104", "error_message": "page"}`), nil
	}
	perPage, err := strconv.Atoi(query.Get("per_page"))
	if err != nil || perPage < 1 || perPage > 1000 {
		return reply(req, http.StatusBadRequest, `{"error_code": "ModelArts.0104", "error_message": "per_page"}`), nil
	}
	if b.strict > 0 && perPage > b.strict {
		return reply(req, http.StatusBadRequest, fmt.Sprintf(`{"error_code": %q, "error_message": "asked for %d"}`, b.code, perPage)), nil
	}
	var rows []string
	for _, id := range b.page(page, perPage) {
		rows = append(rows, fmt.Sprintf(`{"job_id": %d, "status": 8}`, id))
	}
	total := fmt.Sprintf(`"job_total_count": %d, `, b.n)
	if b.total == "-" {
		total = ""
	} else if b.total != "" {
		total = `"job_total_count": ` + b.total + `, `
	}
	return reply(req, http.StatusOK, `{"is_success": true, `+total+`"jobs": [`+strings.Join(rows, ",")+`]}`), nil
}

func ids(jobs []VisualizationJob) []int64 {
	var ids []int64
	for _, job := range jobs {
		ids = append(ids, job.ID)
	}
	return ids
}

func upTo(n int) []int64 {
	var ids []int64
	for id := range int64(n) {
		ids = append(ids, id+1)
	}
	return ids
}

func TestListAll(t *testing.T) {
	t.Parallel()
	same := func(int, int) []int { return []int{1, 2, 3} }
	tests := []struct {
		name  string
		book  book
		jobs  int
		asked string // empty: any
	}{
		{"none", book{max: 1000}, 0, "1/1000"},
		{"one page", book{n: 3, max: 1000}, 3, "1/1000"},
		{"a full page", book{n: 1000, max: 1000}, 1000, "1/1000"},
		{"three pages", book{n: 2001, max: 1000}, 2001, "1/1000 2/1000 3/1000"},
		{"total in quotes", book{n: 1001, max: 1000, total: `"1001"`}, 1001, "1/1000 2/1000"},
		{"capped silently", book{n: 250, max: 100}, 250, "1/1000 2/100 3/100"},
		{"capped at the number of jobs", book{n: 100, max: 100}, 100, "1/1000"},
		{"capped at 1", book{n: 3, max: 1}, 3, "1/1000 2/1 3/1"},
		{"0101 above 100", book{n: 250, max: 100, strict: 100, code: "ModelArts.0101"}, 250, "1/1000 1/100 2/100 3/100"},
		{"0104 above 100", book{n: 250, max: 100, strict: 100, code: "ModelArts.0104"}, 250, "1/1000 1/100 2/100 3/100"},
		{"0107 above 100", book{n: 250, max: 100, strict: 100, code: "ModelArts.0107"}, 250, "1/1000 1/100 2/100 3/100"},
		{"ignores the page", book{n: 10, rows: same}, 3, "1/1000 2/3"},
		{"ignores the page, one row", book{n: 10, rows: func(int, int) []int { return []int{1} }}, 1, "1/1000 2/1"},
		{"more than asked for", book{n: 3000, rows: func(page, _ int) []int {
			var rows []int
			for id := (page-1)*1500 + 1; id <= min(page*1500, 3000); id++ {
				rows = append(rows, id)
			}
			return rows
		}}, 3000, "1/1000 2/1000"},
		{"a total too high", book{n: 3, max: 1000, total: "5"}, 3, "1/1000 2/3"},
		{"no total", book{n: 3, max: 1000, total: "-"}, 3, ""},
		{"no total, nothing", book{max: 1000, total: "-"}, 0, ""},
		{"total 0, with jobs", book{n: 3, max: 1000, total: "0"}, 3, ""},
		{"no total, three pages", book{n: 2001, max: 1000, total: "-"}, 2001, ""},
		{"no total, full pages", book{n: 2000, max: 1000, total: "-"}, 2000, ""},
		{"no total, ignores the page", book{total: "-", rows: same}, 3, ""},
		{"no total, capped silently", book{n: 250, max: 100, total: "-"}, 250, ""},
		{"a total, no rows", book{n: 5, rows: func(int, int) []int { return nil }}, 0, ""},
		{"0104 above 10", book{n: 25, max: 100, strict: 10, code: "ModelArts.0104"}, 25, "1/1000 1/100 1/10 2/10 3/10"},
		{"0101 above 99", book{n: 25, max: 100, strict: 99, code: "ModelArts.0101"}, 25, "1/1000 1/100 1/10 2/10 3/10"},
		{"a total too low", book{n: 2500, max: 1000, total: "1"}, 2500, "1/1000 2/1000 3/1000 4/1000"},
		{"a total below 0", book{n: 3, max: 1000, total: "-1"}, 3, "1/1000 2/3"},
		{"a total beyond counting", book{n: 3, max: 1000, total: "9223372036854775807"}, 3, "1/1000 2/3"},
		{"a job twice on a page", book{n: 3, rows: func(page, _ int) []int {
			return [][]int{{1, 1, 2}, {3}, nil}[min(page, 3)-1]
		}}, 3, "1/1000 2/3"},
		{"rows again, and new ones later", book{n: 4, rows: func(page, _ int) []int {
			return [][]int{{1, 2}, {2, 3}, {4}, nil}[min(page, 4)-1]
		}}, 4, "1/1000 2/2 3/2"},
		{"overlapping pages", book{n: 5, rows: func(page, _ int) []int {
			return [][]int{{1, 2}, {2, 3}, {4, 5}, nil}[min(page, 4)-1]
		}}, 5, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := listAll(t.Context(), clientOn(&test.book), ListOptions{})
			if err != nil {
				t.Fatalf("asked for %q: %v", test.book.asked, err)
			}
			if diff := cmp.Diff(upTo(test.jobs), ids(got.Jobs)); diff != "" {
				t.Errorf("jobs (-want +got):\n%.500s", diff)
			}
			if asked := strings.Join(test.book.asked, " "); test.asked != "" && asked != test.asked {
				t.Errorf("asked for %s, want %s", asked, test.asked)
			}
			if len(test.book.asked) > 10 {
				t.Errorf("asked %d times", len(test.book.asked))
			}
		})
	}
}

func TestListLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := &book{n: rapid.IntRange(0, 150).Draw(t, "n"), max: rapid.IntRange(1, 200).Draw(t, "most")}
		got, err := listAll(t.Context(), clientOn(b), ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(upTo(b.n), ids(got.Jobs)); diff != "" {
			t.Errorf("jobs (-want +got):\n%.500s", diff)
		}
		if most := b.n/b.max + 1; len(b.asked) > most {
			t.Errorf("asked %d times, at most %d were needed", len(b.asked), most)
		}
	})
}

func TestListErrors(t *testing.T) {
	t.Parallel()
	refused := func(status int, code string) fate {
		return with(status, fmt.Sprintf(`{"is_success": false, "error_code": %q}`, code))
	}
	first := with(200, `{"job_total_count": 2, "jobs": [{"job_id": 1}]}`)
	for name, test := range map[string]struct {
		fates []fate
		asked string
		code  string // of the *Error; "-" for a *NoResponseError
	}{
		"no right":                {[]fate{refused(403, "ModelArts.0108")}, "1/1000", "ModelArts.0108"},
		"another 400":             {[]fate{refused(400, "ModelArts.0103")}, "1/1000", "ModelArts.0103"},
		"another parameter":       {[]fate{refused(400, "ModelArts.0104")}, "1/1000 1/100 1/10", "ModelArts.0104"},
		"no code":                 {[]fate{refused(400, "")}, "1/1000", ""},
		"on the second page":      {[]fate{first, refused(400, "ModelArts.0104")}, "1/1000 2/1", "ModelArts.0104"},
		"a job without an ID":     {[]fate{with(200, `{"job_total_count": 2, "jobs": [{"job_id": 1}, {"job_name": "a"}]}`)}, "1/1000 1/1000", "-"},
		"an unusable second page": {[]fate{first, with(200, "<html>")}, "1/1000 2/1 2/1", "-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var asked []string
				client := clientOn(on(func(req *http.Request, n int) (*http.Response, error) {
					query := req.URL.Query()
					asked = append(asked, query.Get("page")+"/"+query.Get("per_page"))
					return test.fates[min(n, len(test.fates))-1](req, n)
				}), withRetries(1))
				page, err := listAll(t.Context(), client, ListOptions{})
				if got := strings.Join(asked, " "); page != nil || got != test.asked {
					t.Errorf("requested %s, want %s, and got the page %+v", got, test.asked, page)
				}
				if test.code == "-" {
					noResponseFrom(t, err)
				} else if e := errorFrom(t, err); string(e.Code) != test.code {
					t.Errorf("%v", err)
				}
			})
		})
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	job := VisualizationJob{
		ID: 1, Name: "visualization-job", Status: StatusInit, CreateTime: time.Date(1970, 6, 24, 18, 13, 59, 923_000_000, time.UTC),
		ResourceID: "4787c885-e18d-4ef1-aa12-c4ed0c364b27", Duration: 1502*time.Second + 323*time.Millisecond,
		Description: "This is a visualization job", ServiceURL: "https://XXX/modelarts/tensoarbod/xxxx/111", TrainURL: "/obs/name/",
	}
	for name, test := range map[string]struct {
		date, body string
		want       JobPage
	}{
		"documented": {
			"Sun, 01 Mar 2026 12:00:00 GMT",
			`{"quotas": 100, "is_success": true, "job_total_count": 1, "job_count_limit": 999, "jobs": [{"job_id": 1,
				"job_name": "visualization-job", "status": 1, "create_time": 15099239923,
				"resource_id": "4787c885-e18d-4ef1-aa12-c4ed0c364b27", "duration": 1502323,
				"job_desc": "This is a visualization job", "service_url": "https://XXX/modelarts/tensoarbod/xxxx/111", "train_url": "/obs/name/"}]}`,
			JobPage{
				TotalCount: 1, CountLimit: 999, Quotas: 100, ServerTime: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
				Jobs: []VisualizationJob{job},
			},
		},
		"no date":    {"", `{"job_total_count": 0, "jobs": []}`, JobPage{}},
		"odd date":   {"yesterday", `{"job_total_count": 0, "jobs": []}`, JobPage{}},
		"null":       {"", `{"job_total_count": 0, "jobs": null}`, JobPage{}},
		"no jobs":    {"", `{"job_total_count": 0}`, JobPage{}},
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

func TestPagesEndWithTheCaller(t *testing.T) {
	t.Parallel()
	b := &book{n: 250, max: 100}
	for page, err := range clientOn(b).VisualizationJobPages(t.Context(), ListOptions{}) {
		if err != nil || len(page.Jobs) != 100 || page.TotalCount != 250 || page.Complete {
			t.Errorf("%+v, %v", page, err)
		}
		break
	}
	if len(b.asked) != 1 {
		t.Errorf("asked for %q", b.asked)
	}
}

func TestEveryPageHasTheQuery(t *testing.T) {
	t.Parallel()
	running, network := StatusRunning, on((&book{n: 3, max: 1}).respond)
	_, err := listAll(t.Context(), clientOn(network), ListOptions{Status: &running, WorkspaceID: "7", Order: "desc"})
	for _, r := range network.requests {
		if !strings.Contains(r.URI, "?order=desc&") || !strings.HasSuffix(r.URI, "&status=8&workspace_id=7") {
			t.Error(r.URI)
		}
	}
	if err != nil || len(network.requests) != 3 {
		t.Fatalf("%d pages, %v", len(network.requests), err)
	}
}

// A list can have up to 5000 jobs, on one page if the service ignores how many are requested.
func TestListedJobs(t *testing.T) {
	t.Parallel()
	upTo := func(n int) func(int, int) []int {
		return func(page, _ int) (rows []int) {
			for i := range n {
				rows = append(rows, page*n+i)
			}
			return rows
		}
	}
	for name, test := range map[string]struct {
		book  *book
		pages int
		ok    bool
	}{
		"more than requested": {&book{n: 1001, rows: upTo(1001)}, 1, true},
		"the limit on a page": {&book{n: maxListed, rows: upTo(maxListed)}, 1, true},
		"more on a page":      {&book{n: maxListed + 1, rows: upTo(maxListed + 1)}, 1, false},
		"without an end":      {&book{n: 1e9, rows: upTo(1000)}, maxListed/1000 + 1, false},
	} {
		list, err := listAll(t.Context(), clientOn(test.book), ListOptions{})
		if len(test.book.asked) != test.pages || (err == nil) != test.ok || test.ok && len(list.Jobs) != test.book.n || !test.ok && !is[httpclient.LimitError](err) {
			t.Errorf("%s: %d pages: %v", name, len(test.book.asked), err)
		}
	}
}
