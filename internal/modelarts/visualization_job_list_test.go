package modelarts

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// book has jobs 1 to n, and turns its pages as a service would.
type book struct {
	n, most int    // most rows it puts on a page
	total   string // as it says; empty is n, "-" is nothing
	strict  int    // a per_page above it is refused, unless 0
	code    string // of that refusal
	rows    func(page, perPage int) []int
	asked   []string
}

func (b *book) page(page, perPage int) []int {
	if b.rows != nil {
		return b.rows(page, perPage)
	}
	perPage = min(perPage, b.most)
	var ids []int
	for id := (page-1)*perPage + 1; id <= min(page*perPage, b.n); id++ {
		ids = append(ids, id)
	}
	return ids
}

func (b *book) RoundTrip(req *http.Request) (*http.Response, error) {
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
		{"none", book{most: 1000}, 0, "1/1000"},
		{"one page", book{n: 3, most: 1000}, 3, "1/1000"},
		{"a full page", book{n: 1000, most: 1000}, 1000, "1/1000"},
		{"three pages", book{n: 2001, most: 1000}, 2001, "1/1000 2/1000 3/1000"},
		{"total in quotes", book{n: 1001, most: 1000, total: `"1001"`}, 1001, "1/1000 2/1000"},
		{"capped silently", book{n: 250, most: 100}, 250, "1/1000 2/100 3/100"},
		{"capped at the number of jobs", book{n: 100, most: 100}, 100, "1/1000"},
		{"capped at 1", book{n: 3, most: 1}, 3, "1/1000 2/1 3/1"},
		{"0101 above 100", book{n: 250, most: 100, strict: 100, code: "ModelArts.0101"}, 250, "1/1000 1/100 2/100 3/100"},
		{"0104 above 100", book{n: 250, most: 100, strict: 100, code: "ModelArts.0104"}, 250, "1/1000 1/100 2/100 3/100"},
		{"0107 above 100", book{n: 250, most: 100, strict: 100, code: "ModelArts.0107"}, 250, "1/1000 1/100 2/100 3/100"},
		{"ignores the page", book{n: 10, rows: same}, 3, "1/1000 2/3"},
		{"ignores the page, one row", book{n: 10, rows: func(int, int) []int { return []int{1} }}, 1, "1/1000 2/1"},
		{"more than asked for", book{n: 3000, rows: func(page, _ int) []int {
			var rows []int
			for id := (page-1)*1500 + 1; id <= min(page*1500, 3000); id++ {
				rows = append(rows, id)
			}
			return rows
		}}, 3000, "1/1000 2/1000"},
		{"a total too high", book{n: 3, most: 1000, total: "5"}, 3, "1/1000 2/3"},
		{"no total", book{n: 3, most: 1000, total: "-"}, 3, ""},
		{"no total, nothing", book{most: 1000, total: "-"}, 0, ""},
		{"total 0, with jobs", book{n: 3, most: 1000, total: "0"}, 3, ""},
		{"no total, three pages", book{n: 2001, most: 1000, total: "-"}, 2001, ""},
		{"no total, full pages", book{n: 2000, most: 1000, total: "-"}, 2000, ""},
		{"no total, ignores the page", book{total: "-", rows: same}, 3, ""},
		{"no total, capped silently", book{n: 250, most: 100, total: "-"}, 250, ""},
		{"a total, no rows", book{n: 5, rows: func(int, int) []int { return nil }}, 0, ""},
		{"0104 above 10", book{n: 25, most: 100, strict: 10, code: "ModelArts.0104"}, 25, "1/1000 1/100 1/10 2/10 3/10"},
		{"0101 above 99", book{n: 25, most: 100, strict: 99, code: "ModelArts.0101"}, 25, "1/1000 1/100 1/10 2/10 3/10"},
		{"a total too low", book{n: 2500, most: 1000, total: "1"}, 2500, "1/1000 2/1000 3/1000 4/1000"},
		{"a total below 0", book{n: 3, most: 1000, total: "-1"}, 3, "1/1000 2/3"},
		{"a total beyond counting", book{n: 3, most: 1000, total: "9223372036854775807"}, 3, "1/1000 2/3"},
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
			got, err := clientOn(&test.book).ListVisualizationJobs(t.Context(), ListOptions{})
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
		b := &book{n: rapid.IntRange(0, 150).Draw(t, "n"), most: rapid.IntRange(1, 200).Draw(t, "most")}
		got, err := clientOn(b).ListVisualizationJobs(t.Context(), ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(upTo(b.n), ids(got.Jobs)); diff != "" {
			t.Errorf("jobs (-want +got):\n%.500s", diff)
		}
		if most := b.n/b.most + 1; len(b.asked) > most {
			t.Errorf("asked %d times, at most %d were needed", len(b.asked), most)
		}
	})
}

func TestListErrors(t *testing.T) {
	t.Parallel()
	refuse := func(status int, code string) func(int) (int, string) {
		return func(int) (int, string) { return status, fmt.Sprintf(`{"is_success": false, "error_code": %q}`, code) }
	}
	tests := []struct {
		name   string
		answer func(n int) (int, string)
		asked  []string
		code   string // of the *Error; empty is a *NoResponseError
	}{
		{"no right", refuse(403, "ModelArts.0108"), []string{"1/1000"}, "ModelArts.0108"},
		{"another 400", refuse(400, "ModelArts.0103"), []string{"1/1000"}, "ModelArts.0103"},
		{"another parameter", refuse(400, "ModelArts.0104"), []string{"1/1000", "1/100", "1/10"}, "ModelArts.0104"},
		{"on the second page", func(n int) (int, string) {
			if n == 1 {
				return 200, `{"job_total_count": 2, "jobs": [{"job_id": 1}]}`
			}
			return 400, `{"error_code": "ModelArts.0104"}`
		}, []string{"1/1000", "2/1"}, "ModelArts.0104"},
		{"a job without an id", func(int) (int, string) {
			return 200, `{"job_total_count": 2, "jobs": [{"job_id": 1}, {"job_name": "a"}]}`
		}, []string{"1/1000", "1/1000"}, ""},
		{"rows of another kind", func(int) (int, string) { return 200, `{"job_total_count": 1, "jobs": {"job_id": 1}}` }, []string{"1/1000", "1/1000"}, ""},
		// To a caller a complete list without a job is proof that the job is gone.
		{"neither rows nor a total", func(int) (int, string) { return 200, `{}` }, []string{"1/1000", "1/1000"}, ""},
		{"null", func(int) (int, string) { return 200, `null` }, []string{"1/1000", "1/1000"}, ""},
		{"an unusable second page", func(n int) (int, string) {
			if n == 1 {
				return 200, `{"job_total_count": 2, "jobs": [{"job_id": 1}]}`
			}
			return 200, "<html>"
		}, []string{"1/1000", "2/1", "2/1"}, ""},
		{"a yes alone", func(int) (int, string) { return 200, success }, []string{"1/1000", "1/1000"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var asked []string
				page, err := clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
					query := req.URL.Query()
					asked = append(asked, query.Get("page")+"/"+query.Get("per_page"))
					status, body := test.answer(len(asked))
					return reply(req, status, body), nil
				}), WithMaxRetries(1)).ListVisualizationJobs(t.Context(), ListOptions{})
				if page != nil {
					t.Errorf("a page with an error: %+v", page)
				}
				if diff := cmp.Diff(test.asked, asked); diff != "" {
					t.Errorf("asked (-want +got):\n%s", diff)
				}
				if test.code == "" {
					noResponseFrom(t, err)
				} else if e := errorFrom(t, err); string(e.Code) != test.code {
					t.Errorf("%v", err)
				}
			})
		})
	}
}

func TestListAnswer(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", "Sun, 01 Mar 2026 12:00:00 GMT")
		answer(http.StatusOK, `{
			"quotas": 100,
			"is_success": true,
			"job_total_count": 1,
			"job_count_limit": 999,
			"jobs": [
				{
					"job_id": 1,
					"job_name": "visualization-job",
					"status": 1,
					"create_time": 15099239923,
					"resource_id": "4787c885-e18d-4ef1-aa12-c4ed0c364b27",
					"duration": 1502323,
					"job_desc": "This is a visualization job",
					"service_url": "https://XXX/modelarts/tensoarbod/xxxx/111",
					"train_url": "/obs/name/"
				}
			]
		}`)(w, r)
	})
	got, err := s.client(t).ListVisualizationJobs(t.Context(), ListOptions{})
	want := &JobPage{
		TotalCount: 1, CountLimit: 999, Quotas: 100, ServerTime: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Complete: true, counted: true,
		Jobs: []VisualizationJob{{
			ID: 1, Name: "visualization-job", Status: StatusInit, CreateTime: time.Date(1970, 6, 24, 18, 13, 59, 923_000_000, time.UTC),
			ResourceID: "4787c885-e18d-4ef1-aa12-c4ed0c364b27", Duration: 1502*time.Second + 323*time.Millisecond,
			Description: "This is a visualization job", ServiceURL: "https://XXX/modelarts/tensoarbod/xxxx/111", TrainURL: "/obs/name/",
		}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(JobPage{})); diff != "" || err != nil {
		t.Errorf("error %v, page (-want +got):\n%s", err, diff)
	}
}

func TestListServerTime(t *testing.T) {
	t.Parallel()
	for _, date := range []string{"", "yesterday"} {
		page, err := clientOn(always(http.StatusOK, samples["list"], "Date", date)).ListVisualizationJobs(t.Context(), ListOptions{})
		if err != nil || !page.ServerTime.IsZero() {
			t.Errorf("Date %q: %v, %v", date, page, err)
		}
	}
}

// A null list is how some servers write an empty one.
func TestListOfNull(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"job_total_count": 0, "jobs": null}`, `{"job_total_count": 0}`, `{"jobs": []}`} {
		page, err := clientOn(always(http.StatusOK, body), WithMaxRetries(0)).ListVisualizationJobs(t.Context(), ListOptions{})
		if err != nil || len(page.Jobs) != 0 {
			t.Errorf("%s: %+v, %v", body, page, err)
		}
	}
}

func TestPagesEndWithTheCaller(t *testing.T) {
	t.Parallel()
	b := &book{n: 250, most: 100}
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
	b, running := &book{n: 3, most: 1}, StatusRunning
	var queries []url.Values
	_, err := clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
		queries = append(queries, req.URL.Query())
		return b.RoundTrip(req)
	})).ListVisualizationJobs(t.Context(), ListOptions{Status: &running, WorkspaceID: "7", Order: "desc"})
	if err != nil || len(queries) != 3 {
		t.Fatalf("%d pages, %v", len(queries), err)
	}
	for _, query := range queries {
		if query.Get("status") != "8" || query.Get("workspace_id") != "7" || query.Get("order") != "desc" {
			t.Errorf("%v", query)
		}
	}
}
