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
	// lastSearchTimeout limits the search for a job after the caller's context ended.
	lastSearchTimeout = 900 * time.Millisecond
)

// searchDelays are the delays before each search for the job of a create request whose response
// was not received. A service might still create the job after its gateway timed out, so only the last search
// can prove that there is none. Together the delays take maxStaleness.
var searchDelays = []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second, 30 * time.Second}

// errIncomplete is returned if a list can't prove the absence of a job.
var errIncomplete = errors.New("the list of jobs is incomplete: it changed while it was read, or its total is wrong or missing")

// Duplicates returns the other jobs that have the name and path of a created job now. There was none before the
// create, so they might be the late result of a first create request whose response was not received.
func (c *Controller) Duplicates(ctx context.Context, created *Created) ([]modelarts.VisualizationJob, error) {
	jobs, err := c.search(ctx, created.key)
	return slices.DeleteFunc(jobs, hasID(created.Job.ID)), err
}

// createAndRecover creates a job with a key that no job has. If the response to the request is not
// received and there is no job, it sends the request again, once.
func (c *Controller) createAndRecover(ctx context.Context, options modelarts.CreateOptions, key jobKey) (*Created, error) {
	s := &search{c: c, options: options, key: key, start: c.reader.serverTime()}
	defer func() {
		if s.lost != nil {
			c.reader.recordUnknownCreate() // the API can still create the job after the last search
		}
	}()
	for attempt := range maxCreates {
		job, err := c.api.CreateVisualizationJob(ctx, options)
		switch {
		case err == nil:
			return &Created{Job: *job, Lost: s.lost, Repeated: attempt > 0}, nil
		case modelarts.IsUncertain(err):
			s.lost = err
		case s.lost == nil:
			return nil, err
		}
		job, searchErr := s.run(ctx)
		switch {
		case searchErr != nil:
			return nil, searchErr
		case job != nil:
			return &Created{Job: *job, Lost: s.lost, Repeated: attempt > 0 && modelarts.IsUncertain(err)}, nil
		case !modelarts.IsUncertain(err):
			return nil, err // the API rejected the second request, and the first one had no effect
		}
	}
	return nil, &LostError{Err: s.lost}
}

// search is the search for the job of a create request whose response was not received.
type search struct {
	c       *Controller
	options modelarts.CreateOptions
	key     jobKey
	start   time.Time // of the create, by the server's clock
	lost    error     // why the response was not received
}

// run searches until it has found the job, or there certainly is none: then the job is nil. Otherwise the
// error is a *LostError.
func (s *search) run(ctx context.Context) (*modelarts.VisualizationJob, error) {
	var job *modelarts.VisualizationJob
	var err error
	for _, delay := range searchDelays {
		if sleep(ctx, delay) != nil {
			break
		}
		job, err = s.once(ctx)
		if job != nil || isConclusive(err) {
			return job, err
		}
	}
	if ctx.Err() == nil {
		return nil, err
	}
	// The caller was interrupted. One short search can save the next apply from an unmanaged job.
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSearchTimeout)
	defer cancel()
	job, err = s.once(detached)
	if err == nil && job == nil {
		err = &LostError{Err: s.lost}
	}
	return job, err
}

// isConclusive reports whether another search can't find more than the one that ended with err.
func isConclusive(err error) bool {
	lost, ok := errors.AsType[*LostError](err)
	return ok && (len(lost.Candidates) > 0 || modelarts.IsDenied(lost.SearchErr))
}

// once searches one time. The job is certainly the result of the request if it is the only one with the
// key, which no job had before, has the same description, and was created after the
// request by the server's clock.
func (s *search) once(ctx context.Context) (*modelarts.VisualizationJob, error) {
	candidates, err := s.c.search(ctx, s.key)
	if err != nil {
		return nil, &LostError{Err: s.lost, SearchErr: err}
	}
	if len(candidates) == 0 {
		return nil, nil
	}
	if job := &candidates[0]; len(candidates) == 1 && job.Description == s.options.Description &&
		!job.CreateTime.Before(s.start.Add(-clockTolerance)) {
		return job, nil
	}
	return nil, &LostError{Candidates: candidates, Err: s.lost}
}

// search returns the jobs that have a key now, according to a new list and a GET for each job. If
// there is none and the list is incomplete, it returns an error.
func (c *Controller) search(ctx context.Context, key jobKey) ([]modelarts.VisualizationJob, error) {
	list, err := c.reader.list(ctx, c.reader.now(), maxListAge)
	if err != nil {
		return nil, err
	}
	var candidates []modelarts.VisualizationJob
	for _, job := range list.page.Jobs {
		if keyOf(&job) == key {
			candidates = append(candidates, job)
		}
	}
	existing, err := c.confirm(ctx, candidates)
	if err == nil && len(existing) == 0 && !list.page.Complete {
		return nil, errIncomplete
	}
	return existing, err
}
