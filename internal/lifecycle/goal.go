package lifecycle

import (
	"context"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
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

// String returns the name of the API's call for a step that is one.
func (s step) String() string {
	switch s {
	case stepStop:
		return "stop"
	case stepRestart:
		return "restart"
	case stepDelete:
		return "delete"
	default:
		return "no call"
	}
}

// situation is what a goal decides on.
type situation struct {
	class   modelarts.Class
	moved   bool // the job has left the status that the last call was made in, and not by itself
	refused bool // a call was refused in this status
}

// goal is a state to bring a job to.
type goal struct {
	name string
	next func(situation) step
}

// SettleOptions say more about how to bring a job somewhere. The zero value is
// for a job that has been there for a while.
type SettleOptions struct {
	// Name and TrainURL, when Name is set, are those that the job must have. A job with
	// others isn't changed.
	Name, TrainURL string
	// Fresh says that the job was created just now: it may not be shown yet, and
	// when it fails it is not restarted.
	Fresh bool
	// OnStatus, when set, is told of the job whenever its status is another one than
	// at the look before, and at the first look.
	OnStatus func(modelarts.VisualizationJob)
	// OnRepeat, when set, is told of every call that was accepted again.
	OnRepeat func(Repetition)
}

// Repetition is a call that was made, and accepted, once more.
type Repetition struct {
	Call string // "stop", "restart" or "delete"
	Job  modelarts.VisualizationJob
	Lost error // how the answer to the call before was lost; nil when it was accepted and nothing came of it
}

// WaitStarted waits until a job runs that was created or found just now. A job
// that was stopped on the way is none of its business, nor is one that had failed
// before.
func (c *Controller) WaitStarted(ctx context.Context, id int64, o SettleOptions) (*modelarts.VisualizationJob, error) {
	starts := o.Fresh
	return c.settle(ctx, id, o, goal{name: "running", next: func(s situation) step {
		starts = starts || s.class == modelarts.ClassStarting
		switch {
		case s.class == modelarts.ClassFailed && starts:
			return stepFailed
		case s.class.Moving():
			return stepWait
		default:
			return stepReached
		}
	}})
}

// EnsureRunning brings a job to the class running. A job that failed is
// restarted once, unless it was created just now.
func (c *Controller) EnsureRunning(ctx context.Context, id int64, o SettleOptions) (*modelarts.VisualizationJob, error) {
	return c.settle(ctx, id, o, goal{name: "running", next: func(s situation) step {
		switch s.class {
		case modelarts.ClassRunning:
			return stepReached
		case modelarts.ClassStopped:
			return stepRestart
		case modelarts.ClassFailed:
			if o.Fresh || s.moved {
				return stepFailed
			}
			return stepRestart
		default:
			return stepWait
		}
	}})
}

// EnsureStopped brings a job to a status in which it is not billed: one of the
// class stopped, or failed.
func (c *Controller) EnsureStopped(ctx context.Context, id int64, o SettleOptions) (*modelarts.VisualizationJob, error) {
	return c.settle(ctx, id, o, goal{name: "stopped", next: func(s situation) step {
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

// Restart has a job started anew: one that runs is stopped first, one that is about to
// run is waited for, and one that failed is restarted once.
func (c *Controller) Restart(ctx context.Context, id int64, o SettleOptions) (*modelarts.VisualizationJob, error) {
	job, err := c.settle(ctx, id, o, goal{name: "stopped", next: func(s situation) step {
		switch s.class {
		case modelarts.ClassRunning:
			return stepStop
		case modelarts.ClassStopping, modelarts.ClassChanging:
			return stepWait
		default:
			return stepReached
		}
	}})
	if err != nil {
		return job, err
	}
	if told := o.OnStatus; told != nil {
		seen := job.Status
		o.OnStatus = func(now modelarts.VisualizationJob) {
			if now.Status != seen {
				told(now)
			}
			seen = now.Status
		}
	}
	return c.EnsureRunning(ctx, id, o)
}

// EnsureDeleted deletes a job and returns when it is gone. A job that is gone
// already is a success. One whose deletion is refused while it runs is stopped
// first. A job that another resource of this run adopts isn't deleted before the adoption
// has failed. If it is complete, the error is an *AdoptedError.
func (c *Controller) EnsureDeleted(ctx context.Context, id int64, o SettleOptions) error {
	if err := c.owned.beginDelete(ctx, id); err != nil {
		return err
	}
	_, err := c.settle(ctx, id, o, goal{name: "deleted", next: func(s situation) step {
		switch {
		case !s.refused:
			return stepDelete
		case s.class == modelarts.ClassRunning || s.class == modelarts.ClassStarting:
			return stepStop
		case s.class.Moving():
			return stepWait
		default:
			return stepDelete
		}
	}})
	if isGone(err) {
		err = nil
	}
	c.owned.endDelete(id, err)
	return err
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
		panic(next.String())
	}
}
