package lifecycle

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

const (
	// maxCreates is how often a create is sent whose answers are lost.
	maxCreates = 2
	// clockTolerance covers that the Date header has whole seconds.
	clockTolerance = 2 * time.Second
	// lastLook bounds the look for a lost job after the caller's context ended.
	lastLook = 900 * time.Millisecond
	// maxConfirmed is how many jobs of one name and path are confirmed: far more than a user can have.
	maxConfirmed = 25
)

// recoveryLooks are the waits before each look for the job of a lost answer. A
// gateway that gave up on a service may be overtaken by it, so absence is
// believed after the last one alone. Together they take as long as a new job may be
// hidden, which is patience.
var recoveryLooks = []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second, 30 * time.Second}

// Created is the outcome of a create.
type Created struct {
	Job modelarts.VisualizationJob
	// Adopted is true when the job existed before.
	Adopted bool
	// Lost is set when the answer to a create was lost: the error that it ended
	// with. The job is what came of that create, or of another one.
	Lost error
	// Repeated is true when a second create was sent that may have been done, because
	// nothing seemed to have come of the first; see [Controller.Twins].
	Repeated bool

	place place
}

// Create creates a job, unless one of that name and path exists: that is an
// *ExistsError, or is adopted. A job that this run created or adopted is not
// adopted again: two would own it. If this run deletes the job, or begins to within
// moments, Create waits for the end of the delete. Create does not wait for the job to run.
//
// The caller ends an adoption with [Controller.EndAdoption].
//
// When the answer to the create is lost, it looks for the job. It takes what is
// certainly its own, creates again only when there is certainly none, and
// otherwise returns a *LostError.
func (c *Controller) Create(ctx context.Context, options modelarts.CreateOptions, adopt bool) (*Created, error) {
	p := placeOf(options.Name, options.TrainURL)
	release, err := c.owned.reserve(ctx, p)
	if err != nil {
		return nil, err
	}
	defer release()

	existing, err := c.existing(ctx, p)
	for err == nil && len(existing) > 0 {
		if len(existing) == 1 && adopt && c.owned.adopt(existing[0].ID) {
			return &Created{Job: existing[0], Adopted: true}, nil
		}
		if err = c.owned.awaitDelete(ctx, existing); err == nil {
			existing, err = c.existing(ctx, p)
		}
	}
	if err != nil {
		return nil, err
	}
	created, err := c.createAndRecover(ctx, options, p)
	if err != nil {
		return nil, err
	}
	created.place = p
	c.observer.add(created.Job.ID)
	c.owned.add(p, created.Job)
	return created, nil
}

// EndAdoption ends the adoption of a job. If it isn't complete, other resources of this run can
// adopt or delete the job.
func (c *Controller) EndAdoption(id int64, complete bool) { c.owned.endAdoption(id, complete) }

// existing returns the jobs at p, each looked at just now.
func (c *Controller) existing(ctx context.Context, p place) ([]modelarts.VisualizationJob, error) {
	known, err := c.known.at(ctx, p)
	if err != nil {
		return nil, err
	}
	return c.confirm(ctx, known)
}

// confirm looks at each candidate that this run did not delete, and returns those that
// are there, as they are now: at most maxConfirmed, so that they don't fill the memory.
func (c *Controller) confirm(ctx context.Context, candidates []modelarts.VisualizationJob) ([]modelarts.VisualizationJob, error) {
	var there []modelarts.VisualizationJob
	for _, candidate := range candidates {
		if len(there) == maxConfirmed {
			break
		}
		if c.owned.isDeleted(candidate.ID) {
			continue // the list is older than the delete
		}
		job, err := c.observer.get(ctx, candidate.ID)
		switch {
		case isGone(err) && c.owned.isNew(candidate.ID):
			there = append(there, candidate) // not shown yet
		case isGone(err):
		case err != nil:
			return nil, err
		default:
			if err := CheckPlace(job, candidate.Name, candidate.TrainURL); err != nil {
				return nil, err
			}
			if job.Schedule == (modelarts.Schedule{}) {
				job.Schedule = candidate.Schedule // which the documentation shows in a list only
			}
			there = append(there, *job)
		}
	}
	return there, nil
}

// Twins returns the jobs that are now at the place of created besides it. That
// place was free before, so they may be what a first create, whose answer was lost,
// made after all, later than it was looked for.
func (c *Controller) Twins(ctx context.Context, created *Created) ([]modelarts.VisualizationJob, error) {
	jobs, err := c.look(ctx, created.place)
	return slices.DeleteFunc(jobs, hasID(created.Job.ID)), err
}

// createAndRecover creates a job at a place that is free. After a lost answer
// that left no job it tries once more.
func (c *Controller) createAndRecover(ctx context.Context, options modelarts.CreateOptions, p place) (*Created, error) {
	began := c.known.serverTime()
	var lost error
	for attempt := range maxCreates {
		job, err := c.api.CreateVisualizationJob(ctx, options)
		switch {
		case err == nil:
			return &Created{Job: *job, Lost: lost, Repeated: attempt > 0}, nil
		case modelarts.MayHaveBeenDone(err):
			lost = err
			c.known.expire()
		case lost == nil:
			return nil, err
		}
		job, findErr := c.findAfterLoss(ctx, options, p, began, lost)
		switch {
		case findErr != nil:
			return nil, findErr
		case job != nil:
			return &Created{Job: *job, Lost: lost, Repeated: attempt > 0 && modelarts.MayHaveBeenDone(err)}, nil
		case !modelarts.MayHaveBeenDone(err):
			return nil, err // the second create was refused, and nothing came of the first
		}
	}
	return nil, &LostError{Err: lost}
}

// findAfterLoss looks for the job of a create whose answer was lost. It returns nil
// when there is certainly none, and otherwise a *LostError.
func (c *Controller) findAfterLoss(ctx context.Context, options modelarts.CreateOptions, p place, began time.Time, lost error) (*modelarts.VisualizationJob, error) {
	var job *modelarts.VisualizationJob
	var err error
	for _, wait := range recoveryLooks {
		if sleep(ctx, wait) != nil {
			break
		}
		job, err = c.findLost(ctx, options, p, began, lost)
		if job != nil || isCertain(err) {
			return job, err
		}
	}
	if ctx.Err() == nil {
		return nil, err
	}
	// Interrupted: one short look saves the next apply the search.
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
	defer cancel()
	job, err = c.findLost(detached, options, p, began, lost)
	if err == nil && job == nil {
		err = &LostError{Err: lost}
	}
	return job, err
}

// isCertain reports whether another look would find out no more than the one that
// ended with err.
func isCertain(err error) bool {
	lost, ok := errors.AsType[*LostError](err)
	return ok && (len(lost.Candidates) > 0 || modelarts.IsDenied(lost.Look))
}

// findLost looks once for the job that a lost create made. Certainly ours is the
// one job at a place that was free, with our description, created since we
// asked by the server's clock.
func (c *Controller) findLost(ctx context.Context, options modelarts.CreateOptions, p place, began time.Time, lost error) (*modelarts.VisualizationJob, error) {
	candidates, err := c.look(ctx, p)
	if err != nil {
		return nil, &LostError{Err: lost, Look: err}
	}
	if len(candidates) == 0 {
		return nil, nil
	}
	if len(candidates) == 1 && candidates[0].Description == options.Description &&
		!candidates[0].CreateTime.Before(began.Add(-clockTolerance)) {
		return &candidates[0], nil
	}
	return nil, &LostError{Candidates: candidates, Err: lost}
}

// errIncomplete means that the absence of a job could not be found out.
var errIncomplete = errors.New("the list of jobs is incomplete: it changed while it was read, or its total is wrong or missing")

// look returns the jobs at p that a GET confirms. None, from an incomplete list, is an
// error.
func (c *Controller) look(ctx context.Context, p place) ([]modelarts.VisualizationJob, error) {
	list, err := c.api.ListVisualizationJobs(ctx, modelarts.ListOptions{})
	if err != nil {
		return nil, err
	}
	elsewhere := func(job modelarts.VisualizationJob) bool { return placeOf(job.Name, job.TrainURL) != p }
	there, err := c.confirm(ctx, slices.DeleteFunc(list.Jobs, elsewhere))
	if err == nil && len(there) == 0 && !list.Complete {
		return nil, errIncomplete
	}
	return there, err
}
