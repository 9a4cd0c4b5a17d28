// Package lifecycle brings visualization jobs to the state somebody wants, and
// waits until they are there. It knows no Terraform and no HTTP.
//
// The API answers before it has done what it was asked, refuses calls in statuses
// it does not document, and can lose answers. So nothing here assumes what a stop,
// a restart or a delete did: after each one the job is looked at again.
package lifecycle

import (
	"context"
	"iter"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// API is what a Controller needs of the client.
type API interface {
	CreateVisualizationJob(context.Context, modelarts.CreateOptions) (*modelarts.VisualizationJob, error)
	GetVisualizationJob(ctx context.Context, id int64) (*modelarts.VisualizationJob, error)
	ListVisualizationJobs(context.Context, modelarts.ListOptions) (*modelarts.JobPage, error)
	VisualizationJobPages(context.Context, modelarts.ListOptions) iter.Seq2[*modelarts.JobPage, error]
	UpdateVisualizationJob(ctx context.Context, id int64, description string) error
	StopVisualizationJob(ctx context.Context, id int64) error
	RestartVisualizationJob(ctx context.Context, id int64) error
	DeleteVisualizationJob(ctx context.Context, id int64) error
}

// Controller changes and observes the jobs of one project. It is safe for
// concurrent use, and meant to be shared by all that goes on in one run.
type Controller struct {
	api      API
	observer *observer
	known    *index
	owned    *ownership
}

// New returns a Controller on api. Shared lists can outlive the caller that starts them, so they run with
// the values of ctx, such as its logger, and end when no caller waits for them any more. The end of ctx
// ends nothing.
func New(ctx context.Context, api API) *Controller {
	o, owned := newObserver(context.WithoutCancel(ctx), api), newOwnership()
	return &Controller{
		api: changer{API: api, observer: o}, observer: o, known: &index{observer: o, owned: owned}, owned: owned,
	}
}

// Get returns the job as it is, or was less than a few seconds ago if it was not changed
// by this run since. Those who ask at about the same time share their calls. The error is
// *NotFoundError when it is certain that there is none.
func (c *Controller) Get(ctx context.Context, id int64) (*modelarts.VisualizationJob, error) {
	return c.observer.read(ctx, id)
}

// List returns all jobs that match. One that changed while it was read is read again,
// once, and may be incomplete all the same: see [modelarts.JobPage].
func (c *Controller) List(ctx context.Context, options modelarts.ListOptions) (*modelarts.JobPage, error) {
	list, err := c.api.ListVisualizationJobs(ctx, options)
	if err != nil || list.Complete {
		return list, err
	}
	return c.api.ListVisualizationJobs(ctx, options)
}

// Pages yields the jobs that match page by page, each job once, and ends with the
// first error.
func (c *Controller) Pages(ctx context.Context, options modelarts.ListOptions) iter.Seq2[*modelarts.JobPage, error] {
	return c.api.VisualizationJobPages(ctx, options)
}

// UpdateDescription sets the description of a job. When the answer is lost, the
// job tells whether it was done. The error is *NotFoundError when it is certain
// that there is no such job.
func (c *Controller) UpdateDescription(ctx context.Context, id int64, description string) error {
	err := c.api.UpdateVisualizationJob(ctx, id, description)
	lost := modelarts.MayHaveBeenDone(err) && ctx.Err() == nil
	if !lost && !mayMeanGone(err) {
		return err
	}
	job, lookErr := c.Get(ctx, id)
	switch {
	case isGone(lookErr):
		return lookErr
	case lost && lookErr == nil && job.Description == description:
		return nil
	default:
		return err
	}
}
