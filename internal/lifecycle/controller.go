// Package lifecycle brings visualization jobs to a wanted state and waits until they
// have reached it. It imports neither Terraform nor net/http.
//
// The API returns before an operation finishes, rejects requests in statuses that it
// doesn't document, and its responses can get lost. So this package doesn't assume that a
// stop, a restart or a delete had an effect: it polls the job after each one.
package lifecycle

import (
	"context"
	"iter"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// API is the part of the API client that a Controller needs.
type API interface {
	CreateVisualizationJob(context.Context, modelarts.CreateOptions) (*modelarts.VisualizationJob, error)
	GetVisualizationJob(ctx context.Context, id int64) (*modelarts.VisualizationJob, error)
	VisualizationJobPages(context.Context, modelarts.ListOptions) iter.Seq2[*modelarts.JobPage, error]
	UpdateVisualizationJob(ctx context.Context, id int64, description string) error
	StopVisualizationJob(ctx context.Context, id int64) error
	RestartVisualizationJob(ctx context.Context, id int64) error
	DeleteVisualizationJob(ctx context.Context, id int64) error
}

// Controller changes and reads the jobs of one project. It is safe for concurrent use. All
// operations of a run share one Controller.
type Controller struct {
	api       API
	reader    *reader
	ownership *ownership
}

// New returns a Controller for api. Shared lists can outlive the caller that starts them, so they
// use the values of ctx, such as its logger. A list ends when no caller waits for it anymore.
// The end of ctx has no effect.
func New(ctx context.Context, api API) *Controller {
	o := &ownership{reserved: make(map[jobKey]bool), jobs: make(map[int64]ownedJob), changed: make(chan struct{})}
	return &Controller{api: api, reader: newReader(context.WithoutCancel(ctx), api, &o.waits), ownership: o}
}

// Get returns the job as it is, or as it was at most two seconds ago and after the last change by
// this run. Concurrent callers share requests. The error is a *NotFoundError
// only if the service or a complete list shows that the job doesn't exist.
func (c *Controller) Get(ctx context.Context, id int64) (*modelarts.VisualizationJob, error) {
	return c.reader.read(ctx, id, maxListAge, false)
}

// List returns all jobs that match. If the list changes while it is read, List reads it
// again, once. It can still be incomplete then: see [modelarts.JobPage].
func (c *Controller) List(ctx context.Context, options modelarts.ListOptions) (*modelarts.JobPage, error) {
	list, _, err := readList(ctx, c.api, options)
	return list, err
}

// Pages yields the jobs that match page by page, each job once. It ends with the first error.
func (c *Controller) Pages(ctx context.Context, options modelarts.ListOptions) iter.Seq2[*modelarts.JobPage, error] {
	return c.api.VisualizationJobPages(ctx, options)
}

// UpdateDescription sets the description of a job. If the response is lost, it
// reads the job to find out whether the update was done. The error is a *NotFoundError
// only if the service or a complete list shows that the job doesn't exist.
func (c *Controller) UpdateDescription(ctx context.Context, id int64, description string) error {
	err := c.api.UpdateVisualizationJob(ctx, id, description)
	c.reader.expireLists(id)
	lost := modelarts.IsUncertain(err)
	if !lost && !canMeanNotFound(err) {
		return err
	}
	job, readErr := c.Get(ctx, id)
	switch {
	case is[*NotFoundError](readErr):
		return readErr
	case lost && readErr == nil && job.Description == description:
		return nil
	default:
		return err
	}
}
