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

// bubble runs a test in fake time, with a fake and a Controller on it.
func bubble(t *testing.T, run func(t *testing.T, f *fake, c *lifecycle.Controller)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		run(t, f, lifecycle.New(t.Context(), f))
	})
}

// inBubble is a parallel subtest in a bubble.
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

// way is one of the ways to bring a job somewhere, all of one shape.
type way struct {
	name string
	goal string
	do   func(*lifecycle.Controller, context.Context, int64) (*modelarts.VisualizationJob, error)
}

var (
	fresh = lifecycle.SettleOptions{Fresh: true}
	old   = lifecycle.SettleOptions{}

	ensureStopped      = way{"EnsureStopped", "stopped", stop(old)}
	ensureFreshStopped = way{"EnsureStopped fresh", "stopped", stop(fresh)}
	ensureRunning      = way{"EnsureRunning", "running", run(old)}
	restart            = way{"Restart", "restarted", func(c *lifecycle.Controller, ctx context.Context, id int64) (*modelarts.VisualizationJob, error) {
		return c.Restart(ctx, id, old)
	}}
	ensureFreshRunning = way{"EnsureRunning fresh", "running", run(fresh)}
	waitStarted        = way{"WaitStarted", "running", started(fresh)}
	waitFoundStarted   = way{"WaitStarted found", "running", started(old)}
	ensureDeleted      = way{"EnsureDeleted", "deleted", func(c *lifecycle.Controller, ctx context.Context, id int64) (*modelarts.VisualizationJob, error) {
		return nil, c.EnsureDeleted(ctx, id, old)
	}}
)

func stop(o lifecycle.SettleOptions) func(*lifecycle.Controller, context.Context, int64) (*modelarts.VisualizationJob, error) {
	return func(c *lifecycle.Controller, ctx context.Context, id int64) (*modelarts.VisualizationJob, error) {
		return c.EnsureStopped(ctx, id, o)
	}
}

func run(o lifecycle.SettleOptions) func(*lifecycle.Controller, context.Context, int64) (*modelarts.VisualizationJob, error) {
	return func(c *lifecycle.Controller, ctx context.Context, id int64) (*modelarts.VisualizationJob, error) {
		return c.EnsureRunning(ctx, id, o)
	}
}

func started(o lifecycle.SettleOptions) func(*lifecycle.Controller, context.Context, int64) (*modelarts.VisualizationJob, error) {
	return func(c *lifecycle.Controller, ctx context.Context, id int64) (*modelarts.VisualizationJob, error) {
		return c.WaitStarted(ctx, id, o)
	}
}

// end puts the outcome of a wait into a word: the status number, or the error.
func end(job *modelarts.VisualizationJob, err error) string {
	var failed *lifecycle.FailedError
	switch {
	case err == nil && job == nil:
		return "gone"
	case err == nil:
		return fmt.Sprint(int(job.Status))
	case is[*lifecycle.WaitError](err): // first: callers take what is in one for a wait
		return "wait"
	case errors.As(err, &failed):
		return fmt.Sprintf("failed %d", int(failed.Job.Status))
	case is[*lifecycle.NotFoundError](err):
		return "not found"
	default:
		return err.Error()
	}
}

// is reports whether err is an E, or has one in it.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
