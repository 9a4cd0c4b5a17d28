package lifecycle

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

const (
	// patience is how long the status from before an accepted call may still be
	// shown before the call is made again; it doubles with each repetition.
	patience = time.Minute
	// longestOutage is how long looks, or calls, may stay without an answer before the wait
	// ends.
	longestOutage = time.Minute
)

// settlement is one run of settle.
type settlement struct {
	c       *Controller
	id      int64
	goal    goal
	options SettleOptions
	start   time.Time
	last    *modelarts.VisualizationJob

	// The pending call is the last that may have been done, until the job has moved.
	call       step
	callTime   time.Time        // when it was accepted; zero when its answer was lost
	callLost   error            // how its answer was lost; nil when it was accepted
	callStatus modelarts.Status // of the job when it was made
	moved      bool             // the job has since had a status that it does not get by itself
	repeated   int              // how often it was accepted again

	excused  bool // a refused delete was taken for one that is under way, which happens once
	accepted int  // how many calls the API accepted
	refusal  refusal

	called bool      // a call was made after the last look
	again  time.Time // when the next may be made, whatever lists of others show before

	looks, calls outage
}

// refusal is the last answer of the API that said no.
type refusal struct {
	err     error
	call    step
	status  modelarts.Status // of the job
	since   time.Time        // of the first in an unbroken row
	current bool             // the job has had no other status since
}

// outage is an unbroken row of requests that nothing was answered to.
type outage struct {
	since time.Time
	err   error // how the last of them ended; nil when there is none
}

// lost notes a request without an answer, and reports whether the row is too long.
func (o *outage) lost(err error) bool {
	if o.err == nil {
		o.since = time.Now()
	}
	o.err = err
	return time.Since(o.since) > longestOutage
}

// over notes an answer, which ends the row.
func (o *outage) over() { o.err = nil }

// settle looks at a job and makes the calls that the goal asks for until it is reached. It
// returns the job as last seen, also with an error. The error is *NotFoundError,
// *OtherJobError, *FailedError or *WaitError.
func (c *Controller) settle(ctx context.Context, id int64, o SettleOptions, g goal) (*modelarts.VisualizationJob, error) {
	s := &settlement{c: c, id: id, goal: g, options: o, start: time.Now()}
	defer c.observer.wait()()
	defer c.owned.wait()()
	job, err := c.observer.look(ctx, id, 0, false)
	for {
		done, final := s.see(ctx, job, err)
		switch {
		case final != nil:
			return s.last, s.explain(ctx, final)
		case done:
			return s.last, nil
		}
		job, err = c.observer.watch(ctx, id, s.due())
	}
}

// due returns when to look again.
func (s *settlement) due() time.Time {
	due := time.Now().Add(pollInterval(time.Since(s.start)))
	if s.called {
		s.called, s.again = false, due
	}
	return due
}

// see takes in what a look ended with and makes the call that the status asks for, if any.
func (s *settlement) see(ctx context.Context, job *modelarts.VisualizationJob, err error) (done bool, _ error) {
	switch {
	case isGone(err) && s.options.Fresh && time.Since(s.start) < patience:
		s.looks.over()
		return false, nil // created, and not shown yet, or not everywhere
	case isGone(err) || ctx.Err() != nil && err != nil:
		return false, err
	case modelarts.IsTemporary(err) || mayMeanGone(err):
		// Nobody could say whether it is there.
		if s.looks.lost(err) {
			return false, err
		}
		return false, nil
	case err != nil:
		return false, err
	}
	s.looks.over()
	if err := s.checkPlace(job); err != nil {
		return false, err
	}
	s.note(job)
	if s.final() {
		return false, s.refusal.err
	}
	next := s.goal.next(s.situation())
	switch next {
	case stepReached:
		return true, nil
	case stepFailed:
		return false, &FailedError{Job: *job, Waited: time.Since(s.start)}
	case stepWait:
		s.calls.over() // nothing is to be called
		return false, nil
	default:
	}
	if next == s.call && time.Since(s.callTime) < patience<<s.repeated {
		return false, nil // accepted, and not shown yet
	}
	if time.Now().Before(s.again) {
		return false, nil
	}
	return false, s.do(ctx, next)
}

// checkPlace returns an *OtherJobError if the job has another name or path than the options.
// This run then doesn't own the job, even if the response to a create had its ID.
func (s *settlement) checkPlace(job *modelarts.VisualizationJob) error {
	if s.options.Name == "" {
		return nil
	}
	err := CheckPlace(job, s.options.Name, s.options.TrainURL)
	if err != nil {
		s.c.owned.removeCreated(s.id, placeOf(s.options.Name, s.options.TrainURL))
	}
	return err
}

// note takes in what a look showed.
func (s *settlement) note(job *modelarts.VisualizationJob) {
	if s.options.OnStatus != nil && (s.last == nil || s.last.Status != job.Status) {
		s.options.OnStatus(*job)
	}
	s.last = job
	if s.call != stepWait && job.Status != s.callStatus && !comesByItself(s.callStatus.Class(), job.Status) {
		s.moved = true
	}
	if job.Status != s.refusal.status {
		s.refusal.current = false
	}
}

// comesByItself reports whether a job gets from a class to a status without a call.
func comesByItself(from modelarts.Class, to modelarts.Status) bool {
	if to == modelarts.StatusDeleteFailed {
		return false
	}
	switch class := to.Class(); from {
	case modelarts.ClassStarting:
		return class == modelarts.ClassStarting || class == modelarts.ClassRunning || class == modelarts.ClassFailed
	case modelarts.ClassStopping:
		return class == modelarts.ClassStopping || class == modelarts.ClassStopped || class == modelarts.ClassFailed
	default:
		return from == modelarts.ClassChanging
	}
}

func (s *settlement) situation() situation {
	return situation{class: s.last.Status.Class(), moved: s.moved, refused: s.refusal.current}
}

// final reports whether a refusal that still meets the job will not be taken
// back: the status will not change by itself, no accepted call is under way, and
// the status, or a call that may have been done, is not what is in the way, or has
// been for long.
func (s *settlement) final() bool {
	pending := s.call != stepWait && !s.moved
	switch {
	case !s.refusal.current || s.last.Status.Class().Moving() || pending && s.callLost == nil:
		return false
	case pending || modelarts.MayBeConflict(s.refusal.err):
		return time.Since(s.refusal.since) > patience
	default:
		return true
	}
}

// do makes one call. It returns an error only if it makes no sense to go on.
func (s *settlement) do(ctx context.Context, next step) error {
	s.called = true
	err := s.c.perform(ctx, next, s.id)
	switch {
	case err == nil:
		if next == s.call && s.options.OnRepeat != nil {
			s.options.OnRepeat(Repetition{Call: next.String(), Job: *s.last, Lost: s.callLost})
		}
		s.accepted++
		s.accept(next)
	case s.isDone(next, err):
		s.refusal.err = err
		s.accept(next)
	case ctx.Err() != nil || modelarts.IsDenied(err):
		return err
	case modelarts.IsTemporary(err):
		return s.lose(next, err)
	case modelarts.IsRefusal(err):
		s.refuse(next, err)
	default:
		return err
	}
	return nil
}

// isDone reports whether a call is refused because it is done already, and only
// not shown yet. If its answer was lost, only a conflict says so. Of a delete that
// is believed once: what is in its way may also be that the job has to be stopped.
func (s *settlement) isDone(next step, err error) bool {
	switch {
	case next == stepDelete && modelarts.IsNotFound(err):
		return true
	case next != s.call || s.moved || !mayMeanGone(err) || s.callLost != nil && !modelarts.IsConflict(err):
		return false
	case next == stepDelete && s.excused:
		return false
	}
	s.excused = s.excused || next == stepDelete
	return true
}

// accept notes that the call is made, and gives it time to show.
func (s *settlement) accept(next step) {
	s.repeated++
	if next != s.call || s.callLost != nil {
		s.repeated = 0
	}
	s.call, s.callTime, s.callLost, s.callStatus = next, time.Now(), nil, s.last.Status
	s.moved = false
	s.calls.over()
}

// lose notes that the answer was lost. The next look tells whether the call was
// done, and none of the calls does harm twice; but an outage ends the wait.
func (s *settlement) lose(next step, err error) error {
	if modelarts.MayHaveBeenDone(err) {
		s.call, s.callTime, s.callLost, s.callStatus = next, time.Time{}, err, s.last.Status
		s.moved = false
	}
	if s.calls.lost(err) {
		return err
	}
	return nil
}

// refuse notes a refusal, which a fresh look answers: the status may be another
// one by now.
func (s *settlement) refuse(next step, err error) {
	since := time.Now()
	if s.refusal.current && s.refusal.call == next {
		since = s.refusal.since
	}
	s.calls.over()
	s.refusal = refusal{err: err, call: next, status: s.last.Status, since: since, current: true}
}

// explain gives the error that ends the wait what is known of the job.
func (s *settlement) explain(ctx context.Context, err error) error {
	if _, failed := errors.AsType[*FailedError](err); failed || isGone(err) || isOther(err) {
		return err
	}
	outage := cmp.Or(s.looks.err, s.calls.err)
	if ctx.Err() != nil {
		if none, ok := errors.AsType[*modelarts.NoResponseError](err); ok {
			outage = cmp.Or(outage, none.Last)
		}
		err = ctx.Err()
	}
	return &WaitError{
		Goal: s.goal.name, ID: s.id, Last: s.last, Waited: time.Since(s.start),
		Accepted: s.accepted, Refusal: s.refusal.err, Outage: outage, Err: err,
	}
}
