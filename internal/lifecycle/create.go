package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"maps"
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

// EndAdoption ends the adoption of a job. If it isn't complete, other resources of this run can
// adopt or delete the job.
func (c *Controller) EndAdoption(id int64, complete bool) { c.ownership.endAdoption(id, complete) }

// existing returns the jobs with a key that exist, sorted by ID: those on a list that started after a time and those that
// this run created, if a GET confirms them. It returns at most maxConfirmed, to limit the memory that they take.
// isComplete is true if the list is complete.
func (c *Controller) existing(ctx context.Context, key jobKey, after time.Time) (jobs []modelarts.VisualizationJob, isComplete bool, err error) {
	list, err := c.reader.list(ctx, after, noLimit)
	if err != nil {
		return nil, false, err
	}
	candidates := c.ownership.created(key)
	for _, job := range list.page.Jobs {
		if keyOf(&job) == key {
			candidates[job.ID] = job
		}
	}
	for _, id := range slices.Sorted(maps.Keys(candidates)) {
		job, err := c.confirm(ctx, candidates[id])
		if err != nil {
			return nil, false, err
		}
		if job != nil {
			jobs = append(jobs, *job)
		}
		if len(jobs) == maxConfirmed {
			break
		}
	}
	return jobs, list.page.Complete, nil
}

// confirm returns a candidate as it is now, or nil if it doesn't exist.
func (c *Controller) confirm(ctx context.Context, candidate modelarts.VisualizationJob) (*modelarts.VisualizationJob, error) {
	owned := c.ownership.get(candidate.ID)
	if owned.claim == claimDeleted {
		return nil, nil // the list is older than the delete
	}
	job, err := c.reader.get(ctx, candidate.ID, false)
	switch {
	case is[*NotFoundError](err) && time.Since(owned.created) < maxStaleness:
		return &candidate, nil // the API doesn't return it yet
	case is[*NotFoundError](err):
		return nil, nil
	case err != nil:
		return nil, err
	case CheckKey(job, candidate.Name, candidate.TrainURL) != nil:
		return nil, &modelarts.NoResponseError{Operation: fmt.Sprintf("read visualization job %d", job.ID), Sent: true, Err: errInconsistent}
	case job.Schedule == (modelarts.Schedule{}):
		job.Schedule = candidate.Schedule // the documentation has it in lists only
	}
	return job, nil
}
