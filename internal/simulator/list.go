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

// listQuery is the query of a list request.
type listQuery struct {
	status        *int
	page, perPage int
	compare       func(a, b view) int
	search        string
	workspace     string
}

func (s *Simulator) listJobs(w http.ResponseWriter, r *http.Request, now time.Time) error {
	q, err := s.readListQuery(r.URL.Query())
	if err != nil {
		return err
	}

	rows := s.matching(q, now)
	slices.SortFunc(rows, q.compare)

	page := []details{}
	for _, v := range q.pageOf(rows) {
		page = append(page, s.details(v))
	}

	writeJSON(w, http.StatusOK, object{
		"is_success":      true,
		"job_total_count": len(rows),                              // of all pages
		"job_count_limit": max(0, s.options.JobLimit-len(s.jobs)), // number of further jobs that can be created
		"quotas":          s.options.RunLimit,                     // maximum number of running jobs
		"jobs":            page,
	})

	return nil
}

// matching returns the jobs that match the query, in no order.
func (s *Simulator) matching(q listQuery, now time.Time) []view {
	return slices.DeleteFunc(s.visible(now), func(v view) bool {
		return v.WorkspaceID != q.workspace || q.status != nil && *q.status != v.Status ||
			!strings.Contains(v.Name, q.search)
	})
}

// pageOf returns the rows of the requested page, which can be empty.
func (q listQuery) pageOf(rows []view) []view {
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
func readOrder(v url.Values) (func(a, b view) int, error) {
	key := cmp.Or(v.Get("sortBy"), v.Get("sort_by"), "job_id")

	compare, ok := map[string]func(a, b view) int{
		"job_id":      func(view, view) int { return 0 },
		"job_name":    func(a, b view) int { return cmp.Compare(a.Name, b.Name) },
		"job_desc":    func(a, b view) int { return cmp.Compare(a.Description, b.Description) },
		"create_time": func(a, b view) int { return a.CreateTime.Compare(b.CreateTime) },
		"status":      func(a, b view) int { return cmp.Compare(a.Status, b.Status) },
	}[key]
	if !ok {
		return nil, invalidParameter("Illegal sortBy: %s", key)
	}

	byKey := func(a, b view) int { return cmp.Or(compare(a, b), cmp.Compare(a.ID, b.ID)) }

	switch order := cmp.Or(v.Get("order"), "asc"); order {
	case "asc":
		return byKey, nil
	case "desc":
		return func(a, b view) int { return byKey(b, a) }, nil
	default:
		return nil, invalidParameter("Illegal order: %s", order)
	}
}
