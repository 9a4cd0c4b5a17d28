package modelarts

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	// pageSize is what the API reference allows, smallPageSize what the SDK reference does.
	pageSize      = 1000
	smallPageSize = 100
)

// ListOptions select and sort jobs. The zero value selects every job of the
// default workspace, by id.
type ListOptions struct {
	Status        *Status
	SearchContent string // part of a name, up to 64 characters
	WorkspaceID   string // the API's default is "0"
	SortBy        string // job_id, job_name, job_desc, create_time or status
	Order         string // asc or desc
}

// JobPage is a part of a list of jobs.
type JobPage struct {
	Jobs       []VisualizationJob
	TotalCount int       // how many jobs match, on all pages
	CountLimit int       // how many more jobs may be created
	Quotas     int       // how many jobs the project may have
	ServerTime time.Time // the server's clock when it answered; zero when it did not say
}

type listAnswer struct {
	JobTotalCount *number            `json:"job_total_count"`
	JobCountLimit number             `json:"job_count_limit"`
	Quotas        number             `json:"quotas"`
	Jobs          []visualizationJob `json:"jobs"`
}

// ListVisualizationJobs returns all jobs that match, on one page.
func (c *Client) ListVisualizationJobs(ctx context.Context, options ListOptions) (*JobPage, error) {
	var all *JobPage
	for page, err := range c.VisualizationJobPages(ctx, options) {
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = page
			continue
		}
		all.Jobs = append(all.Jobs, page.Jobs...)
		all.TotalCount, all.ServerTime = page.TotalCount, page.ServerTime
	}
	return all, nil
}

// VisualizationJobPages yields the matching jobs page by page, each job once, and
// ends with the first error. It yields at least one page or an error.
//
// It trusts what comes back and not what it asked for: a service that gives fewer
// rows a page than asked for is asked for that many from then on.
func (c *Client) VisualizationJobPages(ctx context.Context, options ListOptions) iter.Seq2[*JobPage, error] {
	return func(yield func(*JobPage, error) bool) {
		seen := make(map[int64]bool)
		perPage, rows := pageSize, 0
		for number := 1; ; number++ {
			page, err := c.listPage(ctx, options, number, perPage)
			if number == 1 && IsParameterError(err) {
				perPage = smallPageSize
				page, err = c.listPage(ctx, options, number, perPage)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			received := len(page.Jobs)
			rows += received
			page.Jobs = unseen(page.Jobs, seen)
			// A page without a new job ends the list: the total was wrong, or the
			// service does not turn pages.
			if len(page.Jobs) == 0 && number > 1 {
				return
			}
			// Without a total, only a page without a row is known to be the last.
			last := received == 0 || page.TotalCount > 0 && rows >= page.TotalCount
			if !yield(page, nil) || last {
				return
			}
			if number == 1 {
				perPage = min(perPage, received)
			}
		}
	}
}

func unseen(jobs []VisualizationJob, seen map[int64]bool) []VisualizationJob {
	fresh := jobs[:0]
	for _, job := range jobs {
		if !seen[job.ID] {
			seen[job.ID] = true
			fresh = append(fresh, job)
		}
	}
	return fresh
}

func (c *Client) listPage(ctx context.Context, options ListOptions, number, perPage int) (*JobPage, error) {
	query := url.Values{
		"page":     {strconv.Itoa(number)},
		"per_page": {strconv.Itoa(perPage)},
	}
	if options.Status != nil {
		query.Set("status", strconv.Itoa(int(*options.Status)))
	}
	for key, value := range map[string]string{
		"search_content": options.SearchContent,
		"workspace_id":   options.WorkspaceID,
		"sortBy":         options.SortBy,
		"order":          options.Order,
	} {
		if value != "" {
			query.Set(key, value)
		}
	}
	var answer listAnswer
	header, err := c.do(ctx, http.MethodGet, visualizationJobsPath, query, nil, &answer)
	if err != nil {
		return nil, err
	}
	if answer.JobTotalCount == nil && answer.Jobs == nil {
		return nil, &NoAnswerError{
			Operation: http.MethodGet + " " + visualizationJobsPath, Sent: true, RequestID: requestID(header),
			Err: errors.New("the answer has neither jobs nor a job_total_count"),
		}
	}
	page := &JobPage{
		Jobs:       make([]VisualizationJob, 0, len(answer.Jobs)),
		CountLimit: int(answer.JobCountLimit),
		Quotas:     int(answer.Quotas),
	}
	if answer.JobTotalCount != nil {
		page.TotalCount = int(*answer.JobTotalCount)
	}
	for i := range answer.Jobs {
		if answer.Jobs[i].JobID <= 0 {
			return nil, &NoAnswerError{
				Operation: http.MethodGet + " " + visualizationJobsPath, Sent: true,
				Err: errors.New("the answer lists a job without a job_id"),
			}
		}
		page.Jobs = append(page.Jobs, answer.Jobs[i].job())
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		page.ServerTime = date
	}
	return page, nil
}
