package lifecycle

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

const (
	// maxStaleness is how long the API can still return the state from before an accepted
	// request. Then the waiter sends the request again, and waits twice as long each time.
	maxStaleness = time.Minute
	// maxOutage is how long all polls, or all other requests, can fail before the wait ends.
	maxOutage = time.Minute

	minPollInterval = 250 * time.Millisecond
	maxPollInterval = 30 * time.Second
	// pollShare is the share of the allowed delay that a wait spends between two polls. The rest
	// is for the request.
	pollShare = 0.9
)

// waiter brings one job to a goal: it polls the job and sends the requests that the goal needs.
type waiter struct {
	c       *Controller
	id      int64
	goal    goal
	options SettleOptions
	start   time.Time
	last    *modelarts.VisualizationJob // as polled last

	started       bool // see situation
	pending       pendingRequest
	rejection     rejection
	deleteAssumed bool // a rejected delete was taken for one in progress, which happens once
	accepted      int  // how many requests the API accepted

	nextAttempt time.Time // the earliest time for the next request, even if a list of others arrives before

	pollOutage, requestOutage outage
}

// outage is an unbroken series of requests without a response.
type outage struct {
	start time.Time
	err   error // of the last request; nil if there is no outage
}

// record records a request without a response, and reports whether the outage is too long.
func (o *outage) record(err error) bool {
	if o.err == nil {
		o.start = time.Now()
	}
	o.err = err
	return time.Since(o.start) > maxOutage
}

// settle brings a job to one goal after the other. It returns the job as polled last, also with an error. The error is
// a *NotFoundError, *OtherJobError, *FailedError or *WaitError.
func (c *Controller) settle(ctx context.Context, id int64, o SettleOptions, goals ...goal) (last *modelarts.VisualizationJob, err error) {
	c.ownership.waits.Add(1)
	defer c.ownership.endWait()
	for _, g := range goals {
		w := &waiter{c: c, id: id, goal: g, options: o, start: time.Now(), last: last, started: o.Fresh}
		err = w.run(ctx)
		last = w.last
		if err != nil {
			break
		}
	}
	return last, err
}

// run polls the job and sends the requests that the goal needs until it is reached.
func (w *waiter) run(ctx context.Context) error {
	job, err := w.c.reader.read(ctx, w.id, maxListAge, true)
	for {
		done, final := w.step(ctx, job, err)
		switch {
		case final != nil:
			return w.waitError(ctx, final)
		case done:
			return nil
		}
		job, err = w.c.reader.poll(ctx, w.id, max(pollInterval(time.Since(w.start)), time.Until(w.nextAttempt)))
	}
}

// step handles the result of a poll, and sends the request that the goal needs, if any. An
// error ends the wait.
func (w *waiter) step(ctx context.Context, job *modelarts.VisualizationJob, err error) (done bool, _ error) {
	if err != nil {
		return false, w.recordFailedPoll(ctx, err)
	}
	w.pollOutage = outage{}
	if err := CheckKey(job, w.options.Name, w.options.TrainURL); err != nil {
		return false, err // this run doesn't own the job, even if the response to a create request had its ID
	}
	w.record(job)
	if w.rejection.isFinal(job.Status.Class(), &w.pending) {
		return false, w.rejection.err
	}
	next := w.goal.next(situation{
		class:      job.Status.Class(),
		started:    w.started,
		progressed: w.pending.progressed,
		rejected:   w.rejection.applies,
	})
	switch next {
	case actionDone:
		return true, nil
	case actionFail:
		return false, &FailedError{Job: *job, Waited: time.Since(w.start)}
	case actionWait:
		w.requestOutage = outage{} // there is no request to send
		return false, nil
	default:
	}
	if w.pending.isInEffect(next) || time.Now().Before(w.nextAttempt) {
		return false, nil
	}
	return false, w.send(ctx, next)
}

// recordFailedPoll returns the error of a poll if it ends the wait.
func (w *waiter) recordFailedPoll(ctx context.Context, err error) error {
	switch {
	case is[*NotFoundError](err) && w.options.Fresh && time.Since(w.start) < maxStaleness:
		w.pollOutage = outage{}
		return nil // the job is new, and the API might not return it yet
	case is[*NotFoundError](err) || errors.Is(err, ctx.Err()):
		return err
	case (modelarts.IsTemporary(err) || canMeanNotFound(err)) && !w.pollOutage.record(err):
		return nil // it is unknown whether the job exists
	default:
		return err
	}
}

func (w *waiter) record(job *modelarts.VisualizationJob) {
	if w.options.OnStatus != nil && (w.last == nil || w.last.Status != job.Status) {
		w.options.OnStatus(*job)
	}
	w.last = job
	w.started = w.started || job.Status.Class() == modelarts.ClassStarting
	w.pending.observe(job.Status)
	w.rejection.applies = w.rejection.applies && job.Status == w.rejection.status
}

// send sends one request. An error ends the wait.
func (w *waiter) send(ctx context.Context, next action) error {
	err := requests[next](w.c.api, ctx, w.id)
	w.nextAttempt = time.Now().Add(pollInterval(time.Since(w.start)))
	w.c.reader.expireLists(w.id)
	switch {
	case err == nil:
		w.accepted++
		w.requestOutage = outage{}
		w.pending.accept(next, w.last.Status)
	case w.isInProgress(next, err):
		w.rejection.err = err
		w.requestOutage = outage{}
		w.pending.accept(next, w.last.Status)
	case errors.Is(err, ctx.Err()) || modelarts.IsDenied(err):
		return err
	case modelarts.IsTemporary(err):
		// None of the requests does harm if it is sent twice, so the next poll decides.
		if modelarts.IsUncertain(err) {
			w.pending = pendingRequest{action: next, status: w.last.Status}
		}
		if w.requestOutage.record(err) {
			return err
		}
	case modelarts.IsRejection(err):
		// The status might have changed before the request, so the next poll decides.
		w.requestOutage = outage{}
		w.rejection.record(next, w.last.Status, err)
	default:
		return err
	}
	return nil
}

// isInProgress reports whether the API rejects a request because it is in progress already,
// which polls don't show yet. If the response to the earlier request was lost, only a
// conflict proves that. It is assumed of a delete only once, because the API
// might reject the delete until the job is stopped.
func (w *waiter) isInProgress(next action, err error) bool {
	switch {
	case next == actionDelete && modelarts.IsNotFound(err):
		return true
	case next != w.pending.action || w.pending.progressed || !canMeanNotFound(err),
		w.pending.accepted.IsZero() && !modelarts.IsConflict(err),
		next == actionDelete && w.deleteAssumed:
		return false
	}
	w.deleteAssumed = w.deleteAssumed || next == actionDelete
	return true
}

// waitError adds the facts of the wait to the error that ends it.
func (w *waiter) waitError(ctx context.Context, err error) error {
	if is[*FailedError](err) || is[*NotFoundError](err) || is[*OtherJobError](err) {
		return err
	}
	outage := cmp.Or(w.pollOutage.err, w.requestOutage.err)
	if errors.Is(err, ctx.Err()) {
		if none, ok := errors.AsType[*modelarts.NoResponseError](err); ok {
			outage = cmp.Or(outage, none.Last)
		}
		err = ctx.Err()
	}
	return &WaitError{
		Goal: w.goal.name, ID: w.id, Last: w.last, Waited: time.Since(w.start),
		Accepted: w.accepted, Rejection: w.rejection.err, Outage: outage, Err: err,
	}
}

// pendingRequest is the last request that the API accepted or might have received. The zero
// value is for none.
type pendingRequest struct {
	action     action
	accepted   time.Time        // zero if the response was lost
	status     modelarts.Status // of the job before the request
	progressed bool             // the job has since had a status that it reaches only by the request
	repeats    int              // how often it was accepted again, or taken for one in progress
}

func (p *pendingRequest) accept(next action, status modelarts.Status) {
	repeats := 0
	if next == p.action && !p.accepted.IsZero() {
		repeats = p.repeats + 1
	}
	*p = pendingRequest{action: next, accepted: time.Now(), status: status, repeats: repeats}
}

func (p *pendingRequest) observe(status modelarts.Status) {
	if p.action != actionWait && status != p.status && !isAutomatic(p.status.Class(), status) {
		p.progressed = true
	}
}

// isInEffect reports whether an action was accepted so recently that polls might not show it yet.
func (p *pendingRequest) isInEffect(next action) bool {
	return next == p.action && time.Since(p.accepted) < maxStaleness<<p.repeats
}

// isAutomatic reports whether a job of a class reaches a status without a request.
func isAutomatic(from modelarts.Class, to modelarts.Status) bool {
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

// rejection is the last error response with which the API rejected a request.
type rejection struct {
	err     error
	action  action
	status  modelarts.Status // of the job before the request
	first   time.Time        // when the unbroken series of rejections of this action started
	applies bool             // the job has had the same status since
}

func (r *rejection) record(next action, status modelarts.Status, err error) {
	first := time.Now()
	if r.applies && r.action == next {
		first = r.first
	}
	*r = rejection{err: err, action: next, status: status, first: first, applies: true}
}

// isFinal reports whether the API will keep rejecting the request for a job of a class: the status
// doesn't change by itself and no accepted request is in progress. If the reason can be the status, or a
// request whose response was lost, that takes a minute of rejections.
func (r *rejection) isFinal(class modelarts.Class, pending *pendingRequest) bool {
	isPending := pending.action != actionWait && !pending.progressed
	switch {
	case !r.applies || class.IsTransient() || isPending && !pending.accepted.IsZero():
		return false
	case isPending || modelarts.CanBeConflict(r.err):
		return time.Since(r.first) > maxStaleness
	default:
		return true
	}
}

// pollInterval returns the time until the next poll of a wait that has taken elapsed. The
// interval starts short and grows with the wait, so that a wait notices a change at most a second
// or a tenth of its duration late.
func pollInterval(elapsed time.Duration) time.Duration {
	steady := min(time.Duration(pollShare*float64(max(time.Second, elapsed/10))), maxPollInterval)
	interval := min(minPollInterval+elapsed/2, steady)
	// Jitter that only shortens the interval keeps the limit, and spreads waits that started together.
	return interval - rand.N(interval/5)
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
