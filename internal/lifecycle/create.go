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

const (
	// maxConfirmed is how many jobs with one name and path are read: far more than a user can have.
	maxConfirmed = 25
	// maxCreates is how often a create request is sent if its responses are lost.
	maxCreates = 2
	// dateTolerance allows for a Date header in whole seconds.
	dateTolerance = 2 * time.Second
	// maxSearchDelay is the delay before the last search for the job of a create request whose response
	// was lost. The delays before it are each half as long. A service might still create the job
	// after its gateway timed out, so only the last search can prove that there is none. Together the
	// delays take longer than maxStaleness.
	maxSearchDelay = 32 * time.Second
	// lastSearchTimeout limits the search for a job after the caller's context ended.
	lastSearchTimeout = 900 * time.Millisecond
)

// errInconsistent is the error of a GET that returns another job than the list.
var errInconsistent = errors.New("the API returns another name or path than in its list of jobs")

// errIncomplete is returned if a list can't prove the absence of a job.
var errIncomplete = errors.New("the list of jobs is incomplete: it changed while it was read, or its total is wrong or missing")

// Created is the result of a create.
type Created struct {
	Job modelarts.VisualizationJob
	// Adopted is true if the job existed before.
	Adopted bool
	// Lost is set if the response to a create request was lost, and says why. The job
	// is the result of that request or of a later one.
	Lost error
	// Repeated is true if a second create request was sent that might have been done, because the
	// first one seemed to have had no effect. See [Controller.Duplicates].
	Repeated bool

	key jobKey
}

// Create creates a job. If a job with the same name and path exists, Create adopts it or returns an
// *ExistsError. It doesn't adopt a job that this run created or adopted, because the
// job would have two owners. The caller ends an adoption with [Controller.EndAdoption]. If this run deletes
// the existing job, or starts to within moments, Create waits for the end of the delete. It doesn't wait
// until the job runs.
//
// If the response to the create request is lost, which [modelarts.IsUncertain] reports, Create searches for
// the job. It returns the only job with the name and path, if it is as requested and not older than the request. It
// sends the request again only if a complete list has no such job. Otherwise it returns a *LostError.
func (c *Controller) Create(ctx context.Context, options modelarts.CreateOptions, adopt bool) (*Created, error) {
	key := newJobKey(options.Name, options.TrainURL)
	if err := c.ownership.reserve(ctx, key); err != nil {
		return nil, err
	}
	defer c.ownership.release(key)
	for {
		existing, err := c.existing(ctx, key, c.reader.oldest(unknownID, maxCreateListAge), false)
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

// Duplicates returns the other jobs that have the name and path of a created job now. There was none before the
// create, so they might be the late result of a first create request whose response was lost.
func (c *Controller) Duplicates(ctx context.Context, created *Created) ([]modelarts.VisualizationJob, error) {
	jobs, err := c.existing(ctx, created.key, time.Now(), true)
	return slices.DeleteFunc(jobs, func(job modelarts.VisualizationJob) bool { return job.ID == created.Job.ID }), err
}

// createNew creates a job with a key that no job has. If the response to the request is lost and there is no job,
// it sends the request again, once.
func (c *Controller) createNew(ctx context.Context, options modelarts.CreateOptions, key jobKey) (*Created, error) {
	start := c.reader.serverTime()
	created := &Created{key: key}
	for attempt := range maxCreates {
		job, err := c.api.CreateVisualizationJob(ctx, options)
		isRejected := err != nil && !modelarts.IsUncertain(err)
		if err != nil && !isRejected {
			created.Lost = err
		}
		if err != nil && created.Lost != nil {
			var searchErr error
			if job, searchErr = c.findCreated(ctx, options, start, created.Lost); searchErr != nil {
				return nil, searchErr
			}
		}
		switch {
		case job != nil:
			created.Job, created.Repeated = *job, attempt > 0 && !isRejected
			c.reader.expireLists(job.ID)
			c.ownership.add(key, *job)
			return created, nil
		case isRejected:
			return nil, err // no earlier request had an effect
		}
	}
	return nil, &LostError{Err: created.Lost}
}

// findCreated searches for the job of a create request whose response was lost, from start by the server's clock. It returns
// the job, or nil if a complete list lacks it. Otherwise the error is a *LostError.
func (c *Controller) findCreated(ctx context.Context, options modelarts.CreateOptions, start time.Time, lost error) (*modelarts.VisualizationJob, error) {
	defer c.reader.expireLists(unknownID) // the API can still create the job after the last search
	key := newJobKey(options.Name, options.TrainURL)
	var found []modelarts.VisualizationJob
	var err error
	for delay := time.Duration(0); len(found) == 0 && delay <= maxSearchDelay && sleep(ctx, delay) == nil; delay = max(2*delay, time.Second) {
		found, err = c.existing(ctx, key, time.Now(), true)
	}
	if len(found) == 0 && ctx.Err() != nil {
		// The caller was interrupted. One short search can save the next apply from an unmanaged job.
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSearchTimeout)
		defer cancel()
		found, err = c.existing(detached, key, time.Now(), true)
	}
	switch {
	case err != nil:
		return nil, &LostError{Err: lost, SearchErr: err}
	case len(found) == 0 && ctx.Err() == nil:
		return nil, nil
	case len(found) == 1 && found[0].Description == options.Description && !found[0].CreateTime.Before(start.Add(-dateTolerance)):
		return &found[0], nil // no job had the key before the request
	default:
		return nil, &LostError{Candidates: found, Err: lost}
	}
}

// existing returns the jobs with a key that exist, sorted by ID: those on a list that started after a time and those that
// this run created, if a GET confirms them. It returns at most maxConfirmed, to limit the memory that they take. If isProof
// is true, an incomplete list without such a job is an error.
func (c *Controller) existing(ctx context.Context, key jobKey, after time.Time, isProof bool) ([]modelarts.VisualizationJob, error) {
	list, err := c.reader.list(ctx, after, noLimit)
	if err != nil {
		return nil, err
	}
	var existing []modelarts.VisualizationJob
	candidates := c.ownership.created(key)
	for _, job := range list.page.Jobs {
		if keyOf(&job) == key {
			candidates[job.ID] = job
		}
	}
	for _, id := range slices.Sorted(maps.Keys(candidates)) {
		job, err := c.confirm(ctx, candidates[id])
		if err != nil {
			return nil, err
		}
		if job != nil {
			existing = append(existing, *job)
		}
		if len(existing) == maxConfirmed {
			break
		}
	}
	if isProof && len(existing) == 0 && !list.page.Complete {
		return nil, errIncomplete
	}
	return existing, nil
}

// confirm returns a candidate as it is now, or nil if it doesn't exist.
func (c *Controller) confirm(ctx context.Context, candidate modelarts.VisualizationJob) (*modelarts.VisualizationJob, error) {
	owned := c.ownership.get(candidate.ID)
	if owned.claim == claimDeleted {
		return nil, nil // the list is older than the delete
	}
	job, err := c.reader.get(ctx, candidate.ID, false)
	isMissing := is[*NotFoundError](err)
	switch {
	case isMissing && time.Since(owned.created) < maxStaleness:
		return &candidate, nil // the API doesn't return it yet
	case isMissing:
		return nil, nil
	case err != nil:
		return nil, err
	case CheckKey(job, candidate.Name, candidate.TrainURL) != nil: // A new job might be a duplicate of this one.
		return nil, &modelarts.NoResponseError{Operation: fmt.Sprintf("GET /visualization-jobs/%d", job.ID), Sent: true, Err: errInconsistent}
	case job.Schedule == (modelarts.Schedule{}):
		job.Schedule = candidate.Schedule // the documentation has it in lists only
	}
	return job, nil
}
