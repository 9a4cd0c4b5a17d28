package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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

// times returns when the requests of some operations were sent.
func (f *fake) times(ops ...string) []time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	var times []time.Time
	for _, r := range f.log {
		if slices.Contains(ops, r.name) {
			times = append(times, r.at)
		}
	}
	return times
}

func (f *fake) count(op string) int { return len(f.times(op)) }

// wantRequests checks the number of GETs and lists since the last check.
func (f *fake) wantRequests(t *testing.T, when string, gets, lists int) {
	t.Helper()
	if f.count("get") != gets || f.count("list") != lists {
		t.Errorf("%s: %d gets and %d lists, want %d and %d", when, f.count("get"), f.count("list"), gets, lists)
	}
	f.forget()
}

// forget clears the log.
func (f *fake) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = nil
}

// changing returns the requests that change something, in order: "stop restart".
func (f *fake) changing() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	requests := ""
	for _, r := range f.log {
		if r.name != "get" && r.name != "list" {
			requests += " " + r.name
		}
	}
	return strings.TrimSpace(requests)
}

// status is the number of the real status of a job, or "gone".
func (f *fake) status(id int64) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if current := f.jobs[id].now(); !current.gone {
		return fmt.Sprint(int(current.status))
	}
	return "gone"
}

// settled returns when a job reached its last status.
func (f *fake) settled(id int64) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	changes := f.jobs[id].changes
	return changes[len(changes)-1].at
}

// there returns how many jobs really exist.
func (f *fake) there() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, j := range f.jobs {
		if !j.now().gone {
			n++
		}
	}
	return n
}

// addMany adds n running jobs.
func (f *fake) addMany(n int) []int64 {
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = f.add(8)
	}
	return ids
}

// outside makes the change that another party requests, if it is possible.
func (f *fake) outside(op string, id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = f.apply(op, id)
}

// become gives a job a status after a delay.
func (f *fake) become(after time.Duration, id int64, status modelarts.Status) {
	time.AfterFunc(after, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.jobs[id].set(status, f.moves, f.ends)
	})
}

// vanish removes a job as if another party had deleted it.
func (f *fake) vanish(id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.jobs[id].changes = []change{{at: time.Now(), gone: true}}
}
