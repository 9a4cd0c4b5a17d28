package lifecycle

import (
	"context"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// action is what a waiter does next.
type action int

const (
	actionWait action = iota
	actionStop
	actionRestart
	actionDelete
	actionDone
	actionFail
)

// String returns the name of the request that an action sends.
func (a action) String() string {
	switch a {
	case actionStop:
		return "stop"
	case actionRestart:
		return "restart"
	case actionDelete:
		return "delete"
	default:
		return "no request"
	}
}

// situation is the input of a goal.
type situation struct {
	class      modelarts.Class
	progressed bool // the last request had an effect
	rejected   bool // the API rejected a request in this status
}

// goal is a state to bring a job to. next is a pure function but for the goal of WaitStarted.
type goal struct {
	name string
	next func(situation) action
}

// SettleOptions are options of the operations that wait for a job. The zero value is for a job
// that has existed for a while.
type SettleOptions struct {
	// Name and TrainURL, if Name is set, are the name and path that the job must have. A job with
	// others isn't changed.
	Name, TrainURL string
	// Fresh is true if the job was created just now. The API might not return it yet, and it
	// isn't restarted if it fails.
	Fresh bool
	// OnStatus, if set, is called with the first result of a poll, and with each one that has
	// another status than the one before.
	OnStatus func(modelarts.VisualizationJob)
	// OnRepeat, if set, is called after each request that the API accepted again.
	OnRepeat func(Repetition)
}

// Repetition is a request that was sent, and accepted, again.
type Repetition struct {
	Request string // "stop", "restart" or "delete"
	Job     modelarts.VisualizationJob
	Lost    error // why the earlier response was not received; nil if the API accepted the earlier request and it had no effect
}

// WaitStarted waits until a job that was just created or found runs. It also succeeds if the
// job is stopped meanwhile, or had failed before the call and isn't new.
func (c *Controller) WaitStarted(ctx context.Context, id int64, o SettleOptions) (*modelarts.VisualizationJob, error) {
	hasStarted := o.Fresh
	return c.settle(ctx, id, o, goal{name: "running", next: func(s situation) action {
		hasStarted = hasStarted || s.class == modelarts.ClassStarting
		switch {
		case s.class == modelarts.ClassFailed && hasStarted:
			return actionFail
		case s.class.IsTransient():
			return actionWait
		default:
			return actionDone
		}
	}})
}

// EnsureRunning brings a job to the class running. A failed job is restarted once, unless
// it is new.
func (c *Controller) EnsureRunning(ctx context.Context, id int64, o SettleOptions) (*modelarts.VisualizationJob, error) {
	return c.settle(ctx, id, o, goal{name: "running", next: func(s situation) action {
		switch s.class {
		case modelarts.ClassRunning:
			return actionDone
		case modelarts.ClassStopped:
			return actionRestart
		case modelarts.ClassFailed:
			if o.Fresh || s.progressed {
				return actionFail
			}
			return actionRestart
		default:
			return actionWait
		}
	}})
}

// EnsureStopped brings a job to a status that isn't billed: one of the class stopped, or
// failed.
func (c *Controller) EnsureStopped(ctx context.Context, id int64, o SettleOptions) (*modelarts.VisualizationJob, error) {
	return c.settle(ctx, id, o, goal{name: "stopped", next: func(s situation) action {
		switch s.class {
		case modelarts.ClassStopped, modelarts.ClassFailed:
			return actionDone
		case modelarts.ClassRunning, modelarts.ClassStarting:
			return actionStop
		default:
			return actionWait
		}
	}})
}

// Restart starts a job again. It stops a running job first, waits for a job that is starting, and
// restarts a failed job once.
func (c *Controller) Restart(ctx context.Context, id int64, o SettleOptions) (*modelarts.VisualizationJob, error) {
	job, err := c.settle(ctx, id, o, goal{name: "stopped", next: func(s situation) action {
		switch s.class {
		case modelarts.ClassRunning:
			return actionStop
		case modelarts.ClassStopping, modelarts.ClassChanging:
			return actionWait
		default:
			return actionDone
		}
	}})
	if err != nil {
		return job, err
	}
	if onStatus := o.OnStatus; onStatus != nil {
		last := job.Status
		o.OnStatus = func(job modelarts.VisualizationJob) {
			if job.Status != last { // the second wait starts with the status that ended the first one
				onStatus(job)
			}
			last = job.Status
		}
	}
	return c.EnsureRunning(ctx, id, o)
}

// EnsureDeleted deletes a job and returns when it doesn't exist anymore. It succeeds if the job
// didn't exist. If the API rejects the delete of a running job, it stops the job first. If another
// resource of this run adopts the job, it waits for the end of the adoption. If the adoption is
// complete, the error is an *AdoptedError and the job isn't deleted.
func (c *Controller) EnsureDeleted(ctx context.Context, id int64, o SettleOptions) error {
	if err := c.ownership.beginDelete(ctx, id); err != nil {
		return err
	}
	_, err := c.settle(ctx, id, o, goal{name: "deleted", next: func(s situation) action {
		switch {
		case !s.rejected:
			return actionDelete
		case s.class == modelarts.ClassRunning || s.class == modelarts.ClassStarting:
			return actionStop
		case s.class.IsTransient():
			return actionWait
		default:
			return actionDelete
		}
	}})
	if isNotFound(err) {
		err = nil
	}
	c.ownership.endDelete(id, err)
	return err
}

// send sends the request of an action.
func (c *Controller) send(ctx context.Context, next action, id int64) error {
	defer c.reader.recordChange(id)
	switch next {
	case actionStop:
		return c.api.StopVisualizationJob(ctx, id)
	case actionRestart:
		return c.api.RestartVisualizationJob(ctx, id)
	case actionDelete:
		return c.api.DeleteVisualizationJob(ctx, id)
	default:
		panic(next.String())
	}
}
