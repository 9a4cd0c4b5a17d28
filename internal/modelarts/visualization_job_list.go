package modelarts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

const listOperation = http.MethodGet + " " + visualizationJobsPath

// pageSizes are what is asked for, until one is not refused: what the API reference
// allows, what the SDK reference does, and what the API takes by itself.
var pageSizes = []int{1000, 100, 10}

// These limits keep the memory of the provider's process under 200 MiB whatever a service
// returns. The service documents a limit of about 1000 jobs, which have 3 MiB of text if each
// is as long as possible.
const (
	// maxListed is how many jobs a list can have. In a data source, Terraform's framework
	// needs 8 KiB for each.
	maxListed = 5000
	// maxListText is how many bytes of text the jobs of a list can have. In a data source,
	// several copies exist at the same time.
	maxListText = 8 << 20
	// maxPageSize is how many bytes the JSON of a page can have.
	maxPageSize = 8 << 20
	// maxLists is how many lists a Client reads at a time.
	maxLists = 2
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

// JobPage is a list of jobs, or a page of one.
type JobPage struct {
	Jobs       []VisualizationJob
	TotalCount int       // how many jobs match, on all pages; 0 when the response does not say
	CountLimit int       // how many more jobs may be created; independent of Quotas
	Quotas     int       // how many jobs may run at once
	ServerTime time.Time // the server's clock at the response; zero if unknown
	// Complete is true when this page and those before it have every job that matches: what
	// they lack does not exist. It is false for all pages but the last.
	Complete bool

	counted bool // TotalCount is what the response says
}

var (
	errTooManyJobs     = httpclient.LimitError(fmt.Sprintf("more than %d jobs", maxListed))
	errTooMuchListText = httpclient.LimitError(fmt.Sprintf("more than %d KiB of text in the jobs of a list", maxListText>>10))
	errJobTooLarge     = httpclient.LimitError(fmt.Sprintf("a job with more than %d KiB of JSON", maxJobSize>>10))
)

type listResponse struct {
	JobTotalCount *number `json:"job_total_count"`
	JobCountLimit number  `json:"job_count_limit"`
	Quotas        number  `json:"quotas"`
	Jobs          rows    `json:"jobs"`
}

// rows are the jobs of a page. The largest page can hold so many empty jobs that they would
// need a hundred times the memory, and the decoder copies each job before it decodes it.
type rows []jobJSON

// UnmarshalJSON implements json.Unmarshaler.
func (r *rows) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	rest := &io.LimitedReader{R: bytes.NewReader(data), N: maxJobSize}
	decoder := json.NewDecoder(rest)
	if start, err := decoder.Token(); err != nil || start != json.Delim('[') {
		return errors.New("jobs is not an array")
	}
	jobs := rows{}
	for decoder.More() {
		if len(jobs) == maxListed {
			return errTooManyJobs
		}
		jobs = append(jobs, jobJSON{})
		switch err := decoder.Decode(&jobs[len(jobs)-1]); {
		case err != nil && rest.N == 0:
			return errJobTooLarge
		case err != nil:
			return err
		}
		rest.N = maxJobSize
	}
	if _, err := decoder.Token(); err != nil {
		return errJobTooLarge // or as much space before it: the end of rest is all that can go wrong
	}
	*r = jobs
	return nil
}

// count brings a number of jobs into the range in which it makes sense.
func count(n number) int { return int(min(max(n, 0), math.MaxInt32)) }

// ListVisualizationJobs returns all jobs that match, on one page.
//
// The API has no snapshot of a list. TotalCount is how many jobs there were on the
// way, as far as the counts of the pages tell. The list is not complete when there are
// fewer in Jobs, as a job was deleted between two pages, so that later rows moved up;
// when one of several pages has no count; or when the service turned no page. Only a
// deletion and a creation between the same two pages hide each other. A list of one
// page, which has up to 1000 jobs, is of one moment, and needs no count if there was
// room for more.
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
		all.TotalCount, all.ServerTime, all.Complete = page.TotalCount, page.ServerTime, page.Complete
	}
	return all, nil
}

// VisualizationJobPages yields the matching jobs page by page, each job once, and
// ends with the first error. It yields at least one page or an error. What
// ListVisualizationJobs says of TotalCount holds for the last page. While a few other lists
// are read, it waits: the caller must not begin a list while it ranges over the pages.
//
// It trusts what comes back and not what it asked for: a service that gives fewer
// rows a page than asked for is asked for that many from then on, and a count is
// the end only when exactly so many jobs have come.
func (c *Client) VisualizationJobPages(ctx context.Context, options ListOptions) iter.Seq2[*JobPage, error] {
	return func(yield func(*JobPage, error) bool) {
		select {
		case c.lists <- struct{}{}:
			defer func() { <-c.lists }()
		case <-ctx.Done():
			yield(nil, &NoResponseError{Operation: listOperation, Err: ctx.Err()})
			return
		}
		seen, total, before, text := make(map[int64]bool), 0, 0, 0
		page, perPage, err := c.firstPage(ctx, options)
		isCounted, isOnePage := true, false
		for number := 1; ; number++ {
			if number > 1 {
				page, err = c.listPage(ctx, options, number, perPage)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			received := len(page.Jobs)
			page.Jobs = unseen(page.Jobs, seen)
			text += textOf(page.Jobs)
			if err := exceeds(len(seen), text); err != nil {
				yield(nil, c.unusableResponse(listOperation, nil, err))
				return
			}
			// What was deleted stays in the total: it was read, or others took its place unread.
			total += max(page.TotalCount-before, 0)
			before, page.TotalCount = page.TotalCount, total
			isCounted = isCounted && page.counted
			switch {
			case number == 1:
				isOnePage = received < perPage
				perPage = min(perPage, received)
			case received > 0:
				isOnePage = false
			}
			isTurned := len(page.Jobs) > 0 || received == 0
			isLast := received == 0 || !isTurned || len(seen) == total
			page.Complete = isLast && isTurned && len(seen) >= total && (isCounted || isOnePage)
			if !yield(page, nil) || isLast {
				return
			}
		}
	}
}

// firstPage returns the first page, and the number of rows that was asked for
// in the end. A refusal of another parameter costs two calls in vain.
func (c *Client) firstPage(ctx context.Context, options ListOptions) (page *JobPage, perPage int, err error) {
	for _, perPage = range pageSizes {
		page, err = c.listPage(ctx, options, 1, perPage)
		if !mayRefuseParameter(err) {
			break
		}
	}
	return page, perPage, err
}

// mayRefuseParameter reports whether err refuses a parameter, or is a refusal of the
// request that does not say why.
func mayRefuseParameter(err error) bool {
	refusal, ok := errors.AsType[*Error](err)
	return ok && (IsParameterError(err) || refusal.StatusCode == http.StatusBadRequest && !refusal.isCoded())
}

// exceeds returns the limit that a list of so many jobs with so many bytes of text exceeds, or nil.
func exceeds(jobs, text int) error {
	switch {
	case jobs > maxListed:
		return errTooManyJobs
	case text > maxListText:
		return errTooMuchListText
	default:
		return nil
	}
}

// textOf returns how many bytes of text the jobs have.
func textOf(jobs []VisualizationJob) (size int) {
	for i := range jobs {
		for _, text := range jobs[i].texts() {
			size += len(text)
		}
	}
	return size
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

// values returns the query of a page.
func (o *ListOptions) values(number, perPage int) url.Values {
	query := url.Values{
		"page":     {strconv.Itoa(number)},
		"per_page": {strconv.Itoa(perPage)},
	}
	if o.Status != nil {
		query.Set("status", strconv.Itoa(int(*o.Status)))
	}
	for key, value := range map[string]string{
		"search_content": o.SearchContent,
		"workspace_id":   o.WorkspaceID,
		"sortBy":         o.SortBy,
		"order":          o.Order,
	} {
		if value != "" {
			query.Set(key, value)
		}
	}
	return query
}

// listPage asks for one page.
func (c *Client) listPage(ctx context.Context, options ListOptions, number, perPage int) (*JobPage, error) {
	var page *JobPage
	header, err := c.do(ctx, http.MethodGet, visualizationJobsPath, options.values(number, perPage), nil, func(body []byte) error {
		var response listResponse
		err := json.Unmarshal(body, &response)
		if err == nil {
			page, err = response.page()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		page.ServerTime = date
	}
	return page, nil
}

// page returns the page.
func (r *listResponse) page() (*JobPage, error) {
	if r.JobTotalCount == nil && r.Jobs == nil {
		return nil, errors.New("the response has neither jobs nor a job_total_count")
	}
	page := &JobPage{
		Jobs:       make([]VisualizationJob, 0, len(r.Jobs)),
		CountLimit: count(r.JobCountLimit),
		Quotas:     count(r.Quotas),
	}
	if r.JobTotalCount != nil {
		page.TotalCount, page.counted = count(*r.JobTotalCount), true
	}
	for i := range r.Jobs {
		if r.Jobs[i].JobID <= 0 {
			return nil, errors.New("the response lists a job without a job_id")
		}
		job, err := r.Jobs[i].job()
		if err != nil {
			return nil, err
		}
		page.Jobs = append(page.Jobs, job)
	}
	return page, nil
}
