package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

const (
	// patience is how long the status from before an accepted call may still be
	// shown before the call is made again; it doubles with each repetition.
	patience = time.Minute
	// silence is for how long calls may stay without an answer before it is given up.
	silence = time.Minute
)

// step is what to do about a job in a certain situation.
type step int

const (
	stepWait step = iota
	stepStop
	stepRestart
	stepDelete
	stepReached
	stepFailed
)

// situation is what a goal decides on.
type situation struct {
	class   modelarts.Class
	pending step // the last call that may have been done, while the status it found is still shown
	moved   bool // another status than the one that call found has been seen since
	refused bool // the last call was refused
}

// goal is a state to bring a job to.
type goal struct {
	name string
	next func(situation) step
	// fresh is true for a job that was created just now: it may not be shown yet.
	fresh bool
}

// WaitStarted waits until a job that was created just now runs. A job that was
// stopped on the way is none of its business.
func (c *Controller) WaitStarted(ctx context.Context, id int64) (*modelarts.VisualizationJob, error) {
	return c.settle(ctx, id, goal{name: "running", fresh: true, next: func(s situation) step {
		switch s.class {
		case modelarts.ClassRunning, modelarts.ClassStopped:
			return stepReached
		case modelarts.ClassFailed:
			return stepFailed
		default:
			return stepWait
		}
	}})
}

// EnsureRunning brings a job to the class running. A job that failed is
// restarted once.
func (c *Controller) EnsureRunning(ctx context.Context, id int64) (*modelarts.VisualizationJob, error) {
	return c.settle(ctx, id, goal{name: "running", next: nextToRunning})
}

// EnsureCreatedRunning is EnsureRunning for a job that was created just now: one
// that fails is not restarted.
func (c *Controller) EnsureCreatedRunning(ctx context.Context, id int64) (*modelarts.VisualizationJob, error) {
	return c.settle(ctx, id, goal{name: "running", fresh: true, next: func(s situation) step {
		if s.class == modelarts.ClassFailed {
			return stepFailed
		}
		return nextToRunning(s)
	}})
}

func nextToRunning(s situation) step {
	switch s.class {
	case modelarts.ClassRunning:
		return stepReached
	case modelarts.ClassStopped:
		return stepRestart
	case modelarts.ClassFailed:
		if s.moved {
			return stepFailed
		}
		return stepRestart
	default:
		return stepWait
	}
}

// EnsureStopped brings a job to a status in which it is not billed: one of the
// class stopped, or failed. fresh says that it was created just now.
func (c *Controller) EnsureStopped(ctx context.Context, id int64, fresh bool) (*modelarts.VisualizationJob, error) {
	return c.settle(ctx, id, goal{name: "stopped", fresh: fresh, next: func(s situation) step {
		switch s.class {
		case modelarts.ClassStopped, modelarts.ClassFailed:
			return stepReached
		case modelarts.ClassRunning, modelarts.ClassStarting:
			return stepStop
		default:
			return stepWait
		}
	}})
}

// EnsureDeleted deletes a job and returns when it is gone. A job that is gone
// already is a success. One whose deletion is refused while it runs is stopped
// first. One that this run adopted is left alone: that is an *AdoptedError.
func (c *Controller) EnsureDeleted(ctx context.Context, id int64) error {
	if c.known.isAdopted(id) {
		return &AdoptedError{ID: id}
	}
	_, err := c.settle(ctx, id, goal{name: "deleted", next: func(s situation) step {
		switch {
		case !s.refused && s.pending != stepStop:
			return stepDelete
		case s.class == modelarts.ClassRunning || s.class == modelarts.ClassStarting:
			return stepStop
		case s.class.Moving():
			return stepWait
		default:
			return stepDelete
		}
	}})
	var gone *NotFoundError
	if errors.As(err, &gone) {
		c.known.forget(id)
		return nil
	}
	return err
}

// settlement is one run of settle.
type settlement struct {
	c     *Controller
	id    int64
	goal  goal
	start time.Time
	last  *modelarts.VisualizationJob

	call       step             // the last call that may have been done
	callTime   time.Time        // when it was accepted; zero when its answer was lost
	callStatus modelarts.Status // and the status it was made in
	moved      bool             // another status has been seen since
	accepted   int              // how many calls were
	repeated   int              // how often the same call was accepted again
	lostSince  time.Time        // when the first of a row of answers was lost; zero after an answer
	refusal    refusal
}

// refusal is the last answer of the API that said no.
type refusal struct {
	err     error
	status  modelarts.Status // of the job
	since   time.Time        // the first of an unbroken row
	current bool             // nothing has happened since: no other status, no accepted call
}

// final reports whether a refusal that meets job still will not be taken back:
// the status will not change by itself, and it is either not what is said to be
// in the way, or has been for long.
func (r *refusal) final(job *modelarts.VisualizationJob) bool {
	return r.current && !job.Status.Class().Moving() &&
		(!modelarts.IsConflict(r.err) || time.Since(r.since) > patience)
}

// settle looks at a job and does what the goal says, until it is reached. It
// returns the job as last seen, also with an error. The error is *NotFoundError,
// *FailedError or *WaitError.
func (c *Controller) settle(ctx context.Context, id int64, g goal) (*modelarts.VisualizationJob, error) {
	s := &settlement{c: c, id: id, goal: g, start: time.Now()}
	for looks := 0; ; looks++ {
		done, err := s.look(ctx)
		if err == nil && !done {
			err = sleep(ctx, pollInterval(looks, time.Since(s.start)))
		}
		switch {
		case err == nil && done:
			return s.last, nil
		case err != nil:
			return s.last, s.explain(ctx, err)
		}
	}
}

// look gets the job and makes the call that its status asks for, if any.
func (s *settlement) look(ctx context.Context) (done bool, err error) {
	job, err := s.c.Get(ctx, s.id)
	var gone *NotFoundError
	switch {
	case errors.As(err, &gone) && s.goal.fresh && s.last == nil && time.Since(s.start) < patience:
		return false, nil // created, and not shown yet
	case err != nil:
		return false, err
	}
	s.last = job
	if s.call != stepWait && job.Status != s.callStatus {
		s.moved = true
	}
	pending := s.call
	if s.moved {
		pending = stepWait
	}
	if job.Status != s.refusal.status {
		s.refusal.current = false
	}
	if s.refusal.final(job) {
		return false, s.refusal.err
	}
	next := s.goal.next(situation{
		class: job.Status.Class(), pending: pending, moved: s.moved, refused: s.refusal.current,
	})
	switch next {
	case stepReached:
		return true, nil
	case stepFailed:
		return false, &FailedError{Job: *job, Waited: time.Since(s.start)}
	case stepWait:
		return false, nil
	default:
	}
	if next == s.call && time.Since(s.callTime) < patience<<s.repeated {
		return false, nil // accepted a moment ago: give it time to show
	}
	return false, s.do(ctx, next)
}

// do makes one call. It returns an error only if it makes no sense to go on.
func (s *settlement) do(ctx context.Context, next step) error {
	err := s.c.perform(ctx, next, s.id)
	// What is refused because it is done already, and only not shown yet.
	done := next == stepDelete && modelarts.IsNotFound(err) ||
		next != stepDelete && next == s.call && modelarts.IsConflict(err)
	switch {
	case err == nil:
		s.accepted++
		s.accept(next)
	case done:
		s.accept(next)
	case ctx.Err() != nil || modelarts.IsDenied(err):
		return err
	case modelarts.MayHaveBeenDone(err):
		return s.lose(next, err)
	case modelarts.IsRefusal(err):
		s.refuse(err)
	default:
		return err
	}
	return nil
}

// accept notes that the call is made, and gives it time to show.
func (s *settlement) accept(next step) {
	s.repeated++
	if next != s.call || s.callTime.IsZero() {
		s.repeated = 0
	}
	s.call, s.callTime, s.callStatus = next, time.Now(), s.last.Status
	s.moved, s.lostSince, s.refusal.current = false, time.Time{}, false
}

// lose notes that the answer was lost. The next look tells whether the call was
// done, and none of the calls does harm twice; but silence ends the wait.
func (s *settlement) lose(next step, err error) error {
	s.call, s.callTime, s.callStatus, s.moved = next, time.Time{}, s.last.Status, false
	if s.lostSince.IsZero() {
		s.lostSince = time.Now()
	}
	if time.Since(s.lostSince) > silence {
		return err
	}
	return nil
}

// refuse notes a refusal, which a fresh look answers: the status may be another
// one by now.
func (s *settlement) refuse(err error) {
	since := time.Now()
	if s.refusal.current {
		since = s.refusal.since
	}
	s.lostSince = time.Time{}
	s.refusal = refusal{err: err, status: s.last.Status, since: since, current: true}
}

// explain gives the error that ends the wait what is known of the job.
func (s *settlement) explain(ctx context.Context, err error) error {
	var gone *NotFoundError
	var failed *FailedError
	if errors.As(err, &gone) || errors.As(err, &failed) {
		return err
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return &WaitError{
		Goal: s.goal.name, ID: s.id, Last: s.last, Waited: time.Since(s.start),
		Accepted: s.accepted, Refusal: s.refusal.err, Err: err,
	}
}

// perform makes the call of a step.
func (c *Controller) perform(ctx context.Context, next step, id int64) error {
	switch next {
	case stepStop:
		return c.api.StopVisualizationJob(ctx, id)
	case stepRestart:
		return c.api.RestartVisualizationJob(ctx, id)
	case stepDelete:
		return c.api.DeleteVisualizationJob(ctx, id)
	default:
		panic(fmt.Sprintf("step %d is no call", next))
	}
}
