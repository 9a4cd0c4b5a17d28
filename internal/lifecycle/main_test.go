package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// timeout is longer than anything that should end by itself.
const timeout = time.Hour

// bubble runs a test in fake time, with a fake API and a Controller for it.
func bubble(t *testing.T, run func(t *testing.T, f *fake, c *lifecycle.Controller)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		run(t, f, lifecycle.New(t.Context(), f))
	})
}

// inBubble is a parallel subtest in fake time.
func inBubble(t *testing.T, name string, run func(t *testing.T, f *fake, c *lifecycle.Controller)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		bubble(t, run)
	})
}

func limited(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	t.Cleanup(cancel)
	return ctx
}

// operation is an operation that waits for a job.
type operation struct {
	name, goal string
	fresh      bool
	method     func(*lifecycle.Controller, context.Context, int64, lifecycle.SettleOptions) (*modelarts.VisualizationJob, error)
}

var (
	ensureStopped      = operation{"EnsureStopped", "stopped", false, (*lifecycle.Controller).EnsureStopped}
	ensureFreshStopped = operation{"EnsureStopped fresh", "stopped", true, (*lifecycle.Controller).EnsureStopped}
	ensureRunning      = operation{"EnsureRunning", "running", false, (*lifecycle.Controller).EnsureRunning}
	ensureFreshRunning = operation{"EnsureRunning fresh", "running", true, (*lifecycle.Controller).EnsureRunning}
	restart            = operation{"Restart", "restarted", false, (*lifecycle.Controller).Restart}
	waitStarted        = operation{"WaitStarted fresh", "started", true, (*lifecycle.Controller).WaitStarted}
	waitFoundStarted   = operation{"WaitStarted", "started", false, (*lifecycle.Controller).WaitStarted}
	ensureDeleted      = operation{"EnsureDeleted", "deleted", false, func(
		c *lifecycle.Controller, ctx context.Context, id int64, o lifecycle.SettleOptions,
	) (*modelarts.VisualizationJob, error) {
		return nil, c.EnsureDeleted(ctx, id, o)
	}}
)

var old lifecycle.SettleOptions

func (o operation) do(
	ctx context.Context, c *lifecycle.Controller, id int64, options lifecycle.SettleOptions,
) (*modelarts.VisualizationJob, error) {
	options.Fresh = o.fresh
	return o.method(c, ctx, id, options)
}

// result returns the result of a wait in a word: the number of the status, or the error.
func result(job *modelarts.VisualizationJob, err error) string {
	var failed *lifecycle.FailedError
	switch {
	case err == nil && job == nil:
		return "gone"
	case err == nil:
		return fmt.Sprint(int(job.Status))
	case is[*lifecycle.WaitError](err): // first: callers take an error in it for that of a wait
		return "wait"
	case errors.As(err, &failed):
		return fmt.Sprintf("failed %d", int(failed.Job.Status))
	case is[*lifecycle.NotFoundError](err):
		return "not found"
	default:
		return err.Error()
	}
}

// is reports whether err is an E, or wraps one.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
