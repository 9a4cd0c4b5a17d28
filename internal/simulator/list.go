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

// listing is the response to a list request.
type listing struct {
	IsSuccess     bool      `json:"is_success"`
	JobTotalCount int       `json:"job_total_count"` // of all pages
	JobCountLimit int       `json:"job_count_limit"` // number of further jobs that can be created
	Quotas        int       `json:"quotas"`          // maximum number of running jobs
	Jobs          []details `json:"jobs"`
}

// listQuery is the query of a list request.
type listQuery struct {
	status        *int
	page, perPage int
	compare       func(a, b row) int
	search        string
	workspace     string
}

// row is a job in a read, with its status at the time that the read shows.
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

	body := listing{
		IsSuccess:     true,
		JobTotalCount: len(rows),
		JobCountLimit: max(0, s.options.JobLimit-len(s.jobs)),
		Quotas:        s.options.RunLimit,
		Jobs:          []details{},
	}
	for _, row := range q.pageOf(rows) {
		body.Jobs = append(body.Jobs, row.details(row.at, s.options.ShowSchedule))
	}

	writeJSON(w, http.StatusOK, body)

	return nil
}

// matching returns the jobs that match the query, in no order.
func (s *Simulator) matching(q listQuery, now time.Time) []row {
	return slices.DeleteFunc(s.visible(now), func(r row) bool {
		return r.WorkspaceID != q.workspace || q.status != nil && *q.status != r.status ||
			!strings.Contains(r.Name, q.search)
	})
}

// pageOf returns the rows of the requested page, which can be empty.
func (q listQuery) pageOf(rows []row) []row {
	if (q.page - 1) > len(rows)/q.perPage {
		return nil // This also prevents an overflow below.
	}

	from := (q.page - 1) * q.perPage

	return rows[from:min(from+q.perPage, len(rows))]
}

// readListQuery parses the query of a list request. A parameter without a value is ignored.
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
		return listQuery{}, invalidParameter("The length of search content should be in [0,%d]", maxSearch)
	}

	if _, ok := s.workspaces[q.workspace]; !ok {
		return listQuery{}, newAPIError(http.StatusBadRequest, codeNoWorkspace, "The workspace does not exist: %s", q.workspace)
	}

	return q, nil
}

// readStatus returns the status to filter by, or nil for all statuses.
func readStatus(v url.Values) (*int, error) {
	var status *int

	if raw := v.Get("status"); raw != "" {
		code, err := strconv.Atoi(raw)
		if err != nil {
			return nil, invalidParameter("Illegal status: %s", raw)
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
		return 0, invalidParameter("Illegal %s: %s", key, raw)
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
		return 0, invalidParameter("Illegal per_page: %d, it should be in [1,%d]", n, limit)
	}

	return min(n, limit), nil
}

// readOrder returns the comparison of rows. The parameter is sortBy in one API reference and
// sort_by in the other. Jobs with equal values are sorted by ID, so that pages neither overlap
// nor leave gaps.
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
		return nil, invalidParameter("Illegal sortBy: %s", key)
	}

	byKey := func(a, b row) int { return cmp.Or(compare(a, b), cmp.Compare(a.ID, b.ID)) }

	switch order := cmp.Or(v.Get("order"), "asc"); order {
	case "asc":
		return byKey, nil
	case "desc":
		return func(a, b row) int { return byKey(b, a) }, nil
	default:
		return nil, invalidParameter("Illegal order: %s", order)
	}
}
