// Package lifecycle brings visualization jobs to the state somebody wants, and
// waits until they are there. It knows no Terraform and no HTTP.
//
// The API answers before it has done what it was asked, refuses calls in statuses
// it does not document, and can lose answers. So nothing here assumes what a stop,
// a restart or a delete did: after each one the job is looked at again.
package lifecycle

import (
	"context"
	"errors"
	"iter"
	"slices"

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
	api   API
	known *index
}

// New returns a Controller on api.
func New(api API) *Controller {
	return &Controller{api: api, known: newIndex(api)}
}

// Get returns the job as it is now. The error is *NotFoundError when it is
// certain that there is none.
func (c *Controller) Get(ctx context.Context, id int64) (*modelarts.VisualizationJob, error) {
	job, err := c.api.GetVisualizationJob(ctx, id)
	if modelarts.IsNotFound(err) {
		// It has to say so twice: what is taken for gone is dropped from the state, and
		// made and billed once more.
		job, err = c.api.GetVisualizationJob(ctx, id)
	}
	switch {
	case err == nil:
		return job, nil
	case !mayMeanGone(err):
		return nil, err
	case modelarts.IsNotFound(err):
		return nil, &NotFoundError{ID: id, Err: err}
	}
	// No code for an unknown job is documented. A refusal proves nothing by its
	// words; a complete list without the job does.
	list, listErr := c.api.ListVisualizationJobs(ctx, modelarts.ListOptions{})
	if listErr != nil {
		return nil, err
	}
	switch i := slices.IndexFunc(list.Jobs, hasID(id)); {
	case i >= 0:
		return &list.Jobs[i], nil
	case list.IsComplete():
		return nil, &NotFoundError{ID: id, Err: err}
	default:
		return nil, err
	}
}

// List returns all jobs that match. One that changed while it was read is read again,
// once, and may be incomplete all the same: [modelarts.JobPage.IsComplete].
func (c *Controller) List(ctx context.Context, options modelarts.ListOptions) (*modelarts.JobPage, error) {
	return listAll(ctx, c.api, options)
}

// listAll is List for everybody here. A total that is always wrong is no error: it
// must not keep anybody from working with the jobs there are.
func listAll(ctx context.Context, api API, options modelarts.ListOptions) (*modelarts.JobPage, error) {
	list, err := api.ListVisualizationJobs(ctx, options)
	if err != nil || list.IsComplete() {
		return list, err
	}
	return api.ListVisualizationJobs(ctx, options)
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
	var gone *NotFoundError
	switch {
	case errors.As(lookErr, &gone):
		return gone
	case lost && lookErr == nil && job.Description == description:
		return nil
	default:
		return err
	}
}

// mayMeanGone reports whether err can be the API's way to say that it knows no
// such job. The gateway knows no jobs, but may speak for what is behind it.
func mayMeanGone(err error) bool {
	return modelarts.IsRefusal(err) && !modelarts.IsDenied(err) && !modelarts.IsTemporary(err)
}
