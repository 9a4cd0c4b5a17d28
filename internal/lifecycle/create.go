package lifecycle

import (
	"cmp"
	"context"
	"slices"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// maxConfirmed is how many jobs with one name and path are read: far more than a user can have.
const maxConfirmed = 25

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
	release, err := c.ownership.reserve(ctx, key)
	if err != nil {
		return nil, err
	}
	defer release()

	existing, err := c.existing(ctx, key)
	for err == nil && len(existing) > 0 {
		if len(existing) == 1 && adopt && c.ownership.adopt(existing[0].ID) {
			return &Created{Job: existing[0], Adopted: true}, nil
		}
		if err = c.ownership.awaitDelete(ctx, existing); err == nil {
			existing, err = c.existing(ctx, key)
		}
	}
	if err != nil {
		return nil, err
	}
	created, err := c.createAndRecover(ctx, options, key)
	if err != nil {
		return nil, err
	}
	created.key = key
	c.reader.recordCreated(created.Job.ID)
	c.ownership.add(key, created.Job)
	return created, nil
}

// EndAdoption ends the adoption of a job. If it isn't complete, other resources of this run can
// adopt or delete the job.
func (c *Controller) EndAdoption(id int64, complete bool) { c.ownership.endAdoption(id, complete) }

// existing returns the jobs with a key that exist, according to a list that is at most
// maxCreateListAge old, to this run's own creates, and to a GET for each job.
func (c *Controller) existing(ctx context.Context, key jobKey) ([]modelarts.VisualizationJob, error) {
	list, err := c.reader.listForCreate(ctx)
	if err != nil {
		return nil, err
	}
	candidates := c.ownership.created(key)
	for _, job := range list.page.Jobs {
		if keyOf(&job) == key && !slices.ContainsFunc(candidates, hasID(job.ID)) {
			candidates = append(candidates, job)
		}
	}
	slices.SortFunc(candidates, func(a, b modelarts.VisualizationJob) int { return cmp.Compare(a.ID, b.ID) })
	return c.confirm(ctx, candidates)
}

// confirm reads each candidate that this run didn't delete, and returns those that exist, as
// they are now. It returns at most maxConfirmed, to limit the memory that they take.
func (c *Controller) confirm(ctx context.Context, candidates []modelarts.VisualizationJob) ([]modelarts.VisualizationJob, error) {
	var existing []modelarts.VisualizationJob
	for _, candidate := range candidates {
		if len(existing) == maxConfirmed {
			break
		}
		if c.ownership.isDeleted(candidate.ID) {
			continue // the list is older than the delete
		}
		job, err := c.reader.get(ctx, candidate.ID, false)
		switch {
		case isNotFound(err) && c.ownership.isNew(candidate.ID):
			existing = append(existing, candidate) // the API doesn't return it yet
		case isNotFound(err):
		case err != nil:
			return nil, err
		default:
			if err := CheckKey(job, candidate.Name, candidate.TrainURL); err != nil {
				return nil, err
			}
			if job.Schedule == (modelarts.Schedule{}) {
				job.Schedule = candidate.Schedule // the documentation has it in lists only
			}
			existing = append(existing, *job)
		}
	}
	return existing, nil
}

func hasID(id int64) func(modelarts.VisualizationJob) bool {
	return func(job modelarts.VisualizationJob) bool { return job.ID == id }
}
