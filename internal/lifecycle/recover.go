package lifecycle

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

const (
	// maxCreates is how often a create request is sent if its responses are not received.
	maxCreates = 2
	// clockTolerance allows for a Date header in whole seconds.
	clockTolerance = 2 * time.Second
	// maxSearchDelay is the delay before the last search for the job of a create request whose response
	// was not received. The delays before it are each half as long. A service might still create the job
	// after its gateway timed out, so only the last search can prove that there is none. Together the
	// delays take longer than maxStaleness.
	maxSearchDelay = 32 * time.Second
	// lastSearchTimeout limits the search for a job after the caller's context ended.
	lastSearchTimeout = 900 * time.Millisecond
)

// errIncomplete is returned if a list can't prove the absence of a job.
var errIncomplete = errors.New("the list of jobs is incomplete: it changed while it was read, or its total is wrong or missing")

// Duplicates returns the other jobs that have the name and path of a created job now. There was none before the
// create, so they might be the late result of a first create request whose response was not received.
func (c *Controller) Duplicates(ctx context.Context, created *Created) ([]modelarts.VisualizationJob, error) {
	jobs, err := c.search(ctx, created.key)
	return slices.DeleteFunc(jobs, func(job modelarts.VisualizationJob) bool { return job.ID == created.Job.ID }), err
}

// createNew creates a job with a key that no job has. If the response to the request is not received and there is no job,
// it sends the request again, once.
func (c *Controller) createNew(ctx context.Context, options modelarts.CreateOptions, key jobKey) (*Created, error) {
	start := c.reader.serverTime()
	created := &Created{key: key}
	for attempt := range maxCreates {
		job, err := c.api.CreateVisualizationJob(ctx, options)
		isLost := modelarts.IsUncertain(err)
		if isLost {
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
			created.Job, created.Repeated = *job, attempt > 0 && (err == nil || isLost)
			c.reader.expireLists(job.ID)
			c.ownership.add(key, *job)
			return created, nil
		case !isLost:
			return nil, err // the API rejected the request, and no earlier one had an effect
		}
	}
	return nil, &LostError{Err: created.Lost}
}

// findCreated searches for the job of a create request whose response was lost, from start by the server's clock. It returns
// the job if it certainly is the result of the request, and nil if there certainly is none. Otherwise the error is a *LostError.
func (c *Controller) findCreated(ctx context.Context, options modelarts.CreateOptions, start time.Time, lost error) (*modelarts.VisualizationJob, error) {
	defer c.reader.expireLists(unknownID) // the API can still create the job after the last search
	key := newJobKey(options.Name, options.TrainURL)
	var found []modelarts.VisualizationJob
	var err error
	for delay := time.Duration(0); len(found) == 0 && delay <= maxSearchDelay && sleep(ctx, delay) == nil; delay = max(2*delay, time.Second) {
		found, err = c.search(ctx, key)
	}
	if len(found) == 0 && ctx.Err() != nil {
		// The caller was interrupted. One short search can save the next apply from an unmanaged job.
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSearchTimeout)
		defer cancel()
		found, err = c.search(detached, key)
	}
	switch {
	case err != nil:
		return nil, &LostError{Err: lost, SearchErr: err}
	case len(found) == 0 && ctx.Err() == nil:
		return nil, nil
	case len(found) == 1 && found[0].Description == options.Description && !found[0].CreateTime.Before(start.Add(-clockTolerance)):
		return &found[0], nil // no job had the key before the request
	default:
		return nil, &LostError{Candidates: found, Err: lost}
	}
}

// search returns the jobs that have a key now, according to a new list. If there is none and the list is
// incomplete, it returns an error.
func (c *Controller) search(ctx context.Context, key jobKey) ([]modelarts.VisualizationJob, error) {
	jobs, isComplete, err := c.existing(ctx, key, time.Now())
	if err == nil && len(jobs) == 0 && !isComplete {
		return nil, errIncomplete
	}
	return jobs, err
}
