package simulator

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const defaultPerPage = 10

// listing is the answer to a list call.
type listing struct {
	IsSuccess     bool      `json:"is_success"`
	JobTotalCount int       `json:"job_total_count"` // matching jobs, on all pages
	JobCountLimit int       `json:"job_count_limit"` // how many more may be created
	Quotas        int       `json:"quotas"`          // how many may run at once
	Jobs          []details `json:"jobs"`
}

// listQuery is what a list call asks for.
type listQuery struct {
	status        *int
	page, perPage int
	compare       func(a, b row) int
	search        string
	workspace     string
}

// row is a job as a read shows it, with its status then.
type row struct {
	*job
	status int
	at     time.Time
}

func (s *Simulator) listJobs(w http.ResponseWriter, r *http.Request, now time.Time) error {
	q, err := s.readListQuery(r.URL.Query())
	if err != nil {
		return err
	}

	rows := s.matching(q, now)
	slices.SortFunc(rows, q.compare)

	answer := listing{
		IsSuccess:     true,
		JobTotalCount: len(rows),
		JobCountLimit: max(0, s.options.JobLimit-len(s.jobs)),
		Quotas:        s.options.RunLimit,
		Jobs:          []details{},
	}
	for _, row := range q.cut(rows) {
		answer.Jobs = append(answer.Jobs, row.details(row.at, s.options.ShowSchedule))
	}

	writeJSON(w, http.StatusOK, answer)

	return nil
}

// matching returns the jobs that the query does not filter out, in no order.
func (s *Simulator) matching(q listQuery, now time.Time) []row {
	return slices.DeleteFunc(s.visible(now), func(r row) bool {
		return r.WorkspaceID != q.workspace || q.status != nil && *q.status != r.status ||
			!strings.Contains(r.Name, q.search)
	})
}

// cut returns the rows of the page that is asked for, which may be none.
func (q listQuery) cut(rows []row) []row {
	if (q.page - 1) > len(rows)/q.perPage {
		return nil // Also keeps a huge page from overflowing below.
	}

	from := (q.page - 1) * q.perPage

	return rows[from:min(from+q.perPage, len(rows))]
}

// readListQuery reads the query of a list call. A parameter without a value
// counts as absent.
func (s *Simulator) readListQuery(v url.Values) (listQuery, error) {
	q := listQuery{
		search:    v.Get("search_content"),
		workspace: cmp.Or(v.Get("workspace_id"), defaultWorkspace),
	}

	var err error
	if q.status, err = readStatus(v); err != nil {
		return listQuery{}, err
	}

	if q.page, err = readCount(v, "page", 1); err != nil {
		return listQuery{}, err
	}

	if q.perPage, err = s.readPerPage(v); err != nil {
		return listQuery{}, err
	}

	if q.compare, err = readOrder(v); err != nil {
		return listQuery{}, err
	}

	if utf8.RuneCountInString(q.search) > maxSearch {
		return listQuery{}, refuseParameter("The length of search content should be in [0,%d]", maxSearch)
	}

	if _, ok := s.workspaces[q.workspace]; !ok {
		return listQuery{}, refusef(http.StatusBadRequest, codeNoWorkspace, "The workspace does not exist: %s", q.workspace)
	}

	return q, nil
}

// readStatus returns the status to filter by, and nil for all of them.
func readStatus(v url.Values) (*int, error) {
	var status *int

	if raw := v.Get("status"); raw != "" {
		code, err := strconv.Atoi(raw)
		if err != nil {
			return nil, refuseParameter("Illegal status: %s", raw)
		}

		status = &code
	}

	return status, nil
}

func readCount(v url.Values, key string, absent int) (int, error) {
	raw := v.Get(key)
	if raw == "" {
		return absent, nil
	}

	n, err := strconv.Atoi(raw)
	if err != nil || n < 1 {
		return 0, refuseParameter("Illegal %s: %s", key, raw)
	}

	return n, nil
}

func (s *Simulator) readPerPage(v url.Values) (int, error) {
	n, err := readCount(v, "per_page", defaultPerPage)
	if err != nil {
		return 0, err
	}

	limit := s.options.PageCap
	if n > limit && s.options.StrictPageCap && v.Get("per_page") != "" {
		return 0, refuseParameter("Illegal per_page: %d, it should be in [1,%d]", n, limit)
	}

	return min(n, limit), nil
}

// readOrder returns how the rows are to be compared. The key is sortBy in one
// documentation and sort_by in the other; jobs that are equal in it are in the
// order of their ids, so that pages neither overlap nor leave gaps.
func readOrder(v url.Values) (func(a, b row) int, error) {
	key := cmp.Or(v.Get("sortBy"), v.Get("sort_by"), "job_id")

	compare, ok := map[string]func(a, b row) int{
		"job_id":      func(row, row) int { return 0 },
		"job_name":    func(a, b row) int { return cmp.Compare(a.Name, b.Name) },
		"job_desc":    func(a, b row) int { return cmp.Compare(a.Description, b.Description) },
		"create_time": func(a, b row) int { return a.CreateTime.Compare(b.CreateTime) },
		"status":      func(a, b row) int { return cmp.Compare(a.status, b.status) },
	}[key]
	if !ok {
		return nil, refuseParameter("Illegal sortBy: %s", key)
	}

	byKey := func(a, b row) int { return cmp.Or(compare(a, b), cmp.Compare(a.ID, b.ID)) }

	switch order := cmp.Or(v.Get("order"), "asc"); order {
	case "asc":
		return byKey, nil
	case "desc":
		return func(a, b row) int { return byKey(b, a) }, nil
	default:
		return nil, refuseParameter("Illegal order: %s", order)
	}
}
