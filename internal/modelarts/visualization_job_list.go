package modelarts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

// pageSizes are the page sizes to try, until the API accepts one: the maximum in the API reference, the maximum in the SDK reference, and
// the default of the API.
var pageSizes = []int{1000, 100, 10}

// These limits keep the memory of the process of the provider under 200 MiB for all responses of a service. The documented limit is about
// 1000 jobs, which have 3 MiB of text if all texts have the maximum length.
const (
	// maxListed is the maximum number of jobs in a list. In a data source, the framework needs 8 KiB for each job.
	maxListed = 5000
	// maxListSize is the maximum size of the JSON of all pages of a list, in bytes. In a data source, several copies exist at the same
	// time.
	maxListSize = 8 << 20
	// maxLists is the maximum number of lists that a Client reads at a time.
	maxLists = 2
)

// ListOptions select and sort jobs. The zero value selects all jobs of the default workspace, sorted by ID.
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
	CountLimit int       // number of jobs that can still be created; independent of Quotas
	Quotas     int       // number of jobs that can run at the same time
	ServerTime time.Time // time of the response by the clock of the server; zero if unknown
	// Complete is true if this page and the previous pages have all matching jobs, so that a job of the default workspace that
	// they lack doesn't exist. It is false for all pages except the last one.
	Complete bool

	total int // number of matching jobs on all pages, by the response; 0 if it has none
	size  int // of the JSON, in bytes
}

var errListTooLarge = httpclient.LimitError(fmt.Sprintf("the list is larger than %d jobs or %d KiB", maxListed, maxListSize>>10))

// rows are the jobs of a page. A page of the maximum size can have so many empty jobs that they would need a hundred times its size.
type rows []jobJSON

func (r *rows) UnmarshalJSON(data []byte) error {
	var counted []struct{} // needs no memory
	if err := json.Unmarshal(data, &counted); err != nil {
		return err
	}
	if len(counted) > maxListed {
		return errListTooLarge
	}
	return json.Unmarshal(data, (*[]jobJSON)(r))
}

// count returns a number of jobs, limited to the range from 0 to math.MaxInt32.
func count(n number) int { return int(min(max(n, 0), math.MaxInt32)) }

// Append adds the next page of a list to the pages before it.
func (p *JobPage) Append(next *JobPage) {
	p.Jobs = append(p.Jobs, next.Jobs...)
	p.ServerTime, p.Complete = next.ServerTime, next.Complete
}

// VisualizationJobPages yields the matching jobs page by page, each job once, until the last page or the first error. It yields at least one
// page or an error. The client reads only a few lists at a time, and others wait, so the caller must not start another list while it ranges
// over the pages.
//
// The API has no snapshots of a list, so jobs can be created and deleted while the client reads the pages. Complete of the last page is true
// only if the pages have exactly the number of jobs that existed during that time, according to the counts of the pages. They have fewer if
// a job was deleted between two pages, because later rows moved up, and more if a count is missing or wrong. The client can't detect a
// deletion and a creation between the same two pages.
func (c *Client) VisualizationJobPages(ctx context.Context, options ListOptions) iter.Seq2[*JobPage, error] {
	return func(yield func(*JobPage, error) bool) {
		const operation = http.MethodGet + " " + visualizationJobsPath
		select {
		case c.lists <- struct{}{}:
			defer func() { <-c.lists }()
		case <-ctx.Done():
			yield(nil, &NoResponseError{Operation: operation, Err: ctx.Err()})
			return
		}
		seen, total, before, size := make(map[int64]bool), 0, 0, 0
		page, perPage, err := c.firstPage(ctx, options)
		isConsistent := true
		for number := 1; ; number++ {
			if number > 1 {
				page, err = c.listPage(ctx, options, number, perPage)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			page.Jobs = slices.DeleteFunc(page.Jobs, func(job VisualizationJob) bool {
				isRepeated := seen[job.ID]
				seen[job.ID] = true
				return isRepeated
			})
			if size += page.size; size > maxListSize || len(seen) > maxListed {
				yield(nil, c.unusableResponse(operation, nil, errListTooLarge))
				return
			}
			// Deleted jobs stay in the total: they were read, or they caused other jobs to be skipped.
			total += max(page.total-before, 0)
			before = page.total
			isConsistent = isConsistent && len(seen) <= total
			isLast := len(page.Jobs) == 0 || len(seen) == total
			page.Complete = isConsistent && len(seen) == total
			if !yield(page, nil) || isLast {
				return
			}
		}
	}
}

// firstPage returns the first page, and the page size for the others: the accepted one, or the number of rows if the API returns fewer. If
// the API rejects another parameter, this takes two extra requests.
func (c *Client) firstPage(ctx context.Context, options ListOptions) (page *JobPage, perPage int, err error) {
	for _, perPage = range pageSizes {
		if page, err = c.listPage(ctx, options, 1, perPage); !IsParameterError(err) {
			break
		}
	}
	if err != nil {
		return nil, 0, err
	}
	return page, min(perPage, len(page.Jobs)), nil
}

func (c *Client) listPage(ctx context.Context, options ListOptions, number, perPage int) (*JobPage, error) {
	query := url.Values{
		"page":           {strconv.Itoa(number)},
		"per_page":       {strconv.Itoa(perPage)},
		"search_content": {options.SearchContent},
		"workspace_id":   {options.WorkspaceID},
		"sortBy":         {options.SortBy},
		"order":          {options.Order},
	}
	if options.Status != nil {
		query.Set("status", strconv.Itoa(int(*options.Status)))
	}
	maps.DeleteFunc(query, func(_ string, values []string) bool { return values[0] == "" })
	return send(ctx, c, http.MethodGet, visualizationJobsPath+"?"+query.Encode(), nil, parsePage)
}

// parsePage decodes a page. A job without an ID is an error.
func parsePage(resp *http.Response, body []byte) (*JobPage, error) {
	var response struct {
		JobTotalCount *number `json:"job_total_count"`
		JobCountLimit number  `json:"job_count_limit"`
		Quotas        number  `json:"quotas"`
		Jobs          rows    `json:"jobs"`
	}
	if err := json.Unmarshal(body, &response); err != nil {
		return nil, err
	}
	page := &JobPage{
		Jobs:       make([]VisualizationJob, len(response.Jobs)),
		CountLimit: count(response.JobCountLimit),
		Quotas:     count(response.Quotas),
		size:       len(body),
	}
	page.ServerTime, _ = http.ParseTime(resp.Header.Get("Date")) // zero if it isn't a date
	switch {
	case response.JobTotalCount != nil:
		page.total = count(*response.JobTotalCount)
	case response.Jobs == nil:
		return nil, errors.New("the response has neither jobs nor a job_total_count")
	}
	for i := range response.Jobs {
		if page.Jobs[i] = response.Jobs[i].job(); page.Jobs[i].ID <= 0 {
			return nil, errors.New("the response lists a job without a job_id")
		}
	}
	return page, nil
}
