package lifecycle

import (
	"context"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// action is the next step of a waiter: it sends the request of that name, waits or ends.
type action string

const (
	actionWait    action = ""
	actionStop    action = "stop"
	actionRestart action = "restart"
	actionDelete  action = "delete"
	actionDone    action = "done"
	actionFail    action = "fail"
)

// requests sends the request of an action.
var requests = map[action]func(API, context.Context, int64) error{
	actionStop:    API.StopVisualizationJob,
	actionRestart: API.RestartVisualizationJob,
	actionDelete:  API.DeleteVisualizationJob,
}

// situation is the input of a goal.
type situation struct {
	class      modelarts.Class
	started    bool // the job is new, or has had the class starting during the wait
	progressed bool // the last request had an effect
	rejected   bool // the API rejected a request in this status
}

// goal is a state to bring a job to. next is a pure function.
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
}

// WaitStarted waits until a job that was just created or found runs. It also succeeds if the
// job is stopped meanwhile, or had failed before the call and isn't new.
func (c *Controller) WaitStarted(ctx context.Context, id int64, o SettleOptions) (*modelarts.VisualizationJob, error) {
	return c.settle(ctx, id, o, goal{name: "running", next: func(s situation) action {
		switch {
		case s.class == modelarts.ClassFailed && s.started:
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
	return c.settle(ctx, id, o, running(o))
}

// running is the goal of EnsureRunning.
func running(o SettleOptions) goal {
	return goal{name: "running", next: func(s situation) action {
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
	}}
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
	notRunning := goal{name: "stopped", next: func(s situation) action {
		switch s.class {
		case modelarts.ClassRunning:
			return actionStop
		case modelarts.ClassStopping, modelarts.ClassChanging:
			return actionWait
		default:
			return actionDone
		}
	}}
	return c.settle(ctx, id, o, notRunning, running(o))
}

// EnsureDeleted deletes a job and returns when it doesn't exist anymore. It succeeds if the job
// didn't exist. If the API rejects the delete of a running job, it stops the job first. If another
// resource of this run adopts the job, it waits for the end of the adoption. If the adoption is
// complete, the error is ErrAdopted and the job isn't deleted.
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
	if is[*NotFoundError](err) {
		err = nil
	}
	c.ownership.endDelete(id, err)
	return err
}
