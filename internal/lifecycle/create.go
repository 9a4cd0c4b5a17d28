package lifecycle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// maxConfirmed is how many jobs with one name and path are read: far more than a user can have.
const maxConfirmed = 25

// errInconsistent is the error of a GET that returns another job than the list.
var errInconsistent = errors.New("the API returns another name or path than in its list of jobs")

// Created is the result of a create.
type Created struct {
	Job modelarts.VisualizationJob
	// Adopted is true if the job existed before.
	Adopted bool
	// Lost is set if the response to a create request was not received, and says why. The job
	// is the result of that request or of a later one.
	Lost error
	// Repeated is true if a second create request was sent that might have been done, because the
	// first one seemed to have had no effect. See [Controller.Duplicates].
	Repeated bool

	key jobKey
}

// Create creates a job. If a job with the same name and path exists, Create adopts it or returns an
// *ExistsError. It doesn't adopt a job that this run created or adopted, because the
// job would have two owners. If this run deletes the existing job, or starts to within
// moments, Create waits for the end of the delete. It doesn't wait until the job runs.
//
// The caller ends an adoption with [Controller.EndAdoption].
//
// If the response to the create request is not received, Create searches for the job. It returns a job
// that certainly is the result of the request. It sends the request again only if there certainly
// is none. Otherwise it returns a *LostError.
func (c *Controller) Create(ctx context.Context, options modelarts.CreateOptions, adopt bool) (*Created, error) {
	key := newJobKey(options.Name, options.TrainURL)
	if err := c.ownership.reserve(ctx, key); err != nil {
		return nil, err
	}
	defer c.ownership.release(key)
	for {
		existing, _, err := c.existing(ctx, key, c.reader.oldest(unknownID, maxCreateListAge))
		switch {
		case err != nil:
			return nil, err
		case len(existing) == 0:
			return c.createNew(ctx, options, key)
		case len(existing) == 1 && adopt && c.ownership.adopt(existing[0].ID):
			return &Created{Job: existing[0], Adopted: true}, nil
		}
		if err := c.ownership.awaitDelete(ctx, existing); err != nil {
			return nil, err
		}
	}
}

// createNew creates a job with a key that no job has.
func (c *Controller) createNew(ctx context.Context, options modelarts.CreateOptions, key jobKey) (*Created, error) {
	created, err := c.createAndRecover(ctx, options)
	if err != nil {
		return nil, err
	}
	created.key = key
	c.reader.expireLists(created.Job.ID)
	c.ownership.add(key, created.Job)
	return created, nil
}

// EndAdoption ends the adoption of a job. If it isn't complete, other resources of this run can
// adopt or delete the job.
func (c *Controller) EndAdoption(id int64, complete bool) { c.ownership.endAdoption(id, complete) }

// existing returns the jobs with a key that exist, according to a list that started after a time,
// to this run's own creates, and to a GET for each job. isComplete is true if the list is complete.
func (c *Controller) existing(ctx context.Context, key jobKey, after time.Time) (jobs []modelarts.VisualizationJob, isComplete bool, err error) {
	list, err := c.reader.list(ctx, after, noLimit)
	if err != nil {
		return nil, false, err
	}
	candidates := c.ownership.created(key)
	for _, job := range list.page.Jobs {
		if keyOf(&job) == key && !slices.ContainsFunc(candidates, hasID(job.ID)) {
			candidates = append(candidates, job)
		}
	}
	slices.SortFunc(candidates, func(a, b modelarts.VisualizationJob) int { return cmp.Compare(a.ID, b.ID) })
	jobs, err = c.confirm(ctx, candidates)
	return jobs, list.page.Complete, err
}

// confirm reads each candidate that this run didn't delete, and returns those that exist, as
// they are now. It returns at most maxConfirmed, to limit the memory that they take.
func (c *Controller) confirm(ctx context.Context, candidates []modelarts.VisualizationJob) ([]modelarts.VisualizationJob, error) {
	var existing []modelarts.VisualizationJob
	for _, candidate := range candidates {
		if len(existing) == maxConfirmed {
			break
		}
		owned := c.ownership.get(candidate.ID)
		if owned.claim == claimDeleted {
			continue // the list is older than the delete
		}
		job, err := c.reader.get(ctx, candidate.ID, false)
		switch {
		case is[*NotFoundError](err) && time.Since(owned.created) < maxStaleness:
			existing = append(existing, candidate) // the API doesn't return it yet
			continue
		case is[*NotFoundError](err):
			continue
		case err == nil && CheckKey(job, candidate.Name, candidate.TrainURL) != nil:
			err = &modelarts.NoResponseError{Operation: fmt.Sprintf("read visualization job %d", job.ID), Sent: true, Err: errInconsistent}
		}
		if err != nil {
			return nil, err
		}
		if job.Schedule == (modelarts.Schedule{}) {
			job.Schedule = candidate.Schedule // the documentation has it in lists only
		}
		existing = append(existing, *job)
	}
	return existing, nil
}

func hasID(id int64) func(modelarts.VisualizationJob) bool {
	return func(job modelarts.VisualizationJob) bool { return job.ID == id }
}
