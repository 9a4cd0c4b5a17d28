package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// progress collects the statuses that OnStatus gets.
func progress(told *[]string) lifecycle.SettleOptions {
	return lifecycle.SettleOptions{OnStatus: func(job modelarts.VisualizationJob) {
		*told = append(*told, fmt.Sprint(int(job.Status)))
	}}
}

// OnStatus gets each status once, in order, however many polls return it.
func TestOnStatus(t *testing.T) {
	t.Parallel()
	type run = func(*lifecycle.Controller, context.Context, int64, lifecycle.SettleOptions) error
	stop := func(c *lifecycle.Controller, ctx context.Context, id int64, o lifecycle.SettleOptions) error {
		_, err := c.EnsureStopped(ctx, id, o)
		return err
	}
	restart := func(c *lifecycle.Controller, ctx context.Context, id int64, o lifecycle.SettleOptions) error {
		_, err := c.Restart(ctx, id, o)
		return err
	}
	for name, test := range map[string]struct {
		run   run
		from  modelarts.Status
		stale time.Duration
		want  string
	}{
		"a stop":                        {stop, 8, 0, "8 9 12"},
		"a stop of a stopped job":       {stop, 12, 0, "12"},
		"a stop that shows late":        {stop, 8, 30 * time.Second, "8 12"},
		"a restart":                     {restart, 8, 0, "8 9 12 1 7 8"},
		"a restart of a stopped job":    {restart, 10, 0, "10 1 7 8"},
		"a restart of a stopping job":   {restart, 9, 0, "9 12 1 7 8"},
		"a restart of a starting job":   {restart, 7, 0, "7 8"},
		"a restart of a failed job":     {restart, 11, 0, "11 1 7 8"},
		"a restart whose stop is shown": {restart, 8, 30 * time.Second, "8 12 8"},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.stale = test.stale
			var told []string
			if err := test.run(c, limited(t), f.add(test.from), progress(&told)); err != nil {
				t.Error(err)
			}
			if got := strings.Join(told, " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// OnStatus gets a status again if it returns, for example because another party stops the job.
func TestOnStatusOfARestartThatIsStopped(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id := f.add(8)
		time.AfterFunc(35*time.Second, func() { f.outside("stop", id) })
		var told []string
		if _, err := c.Restart(limited(t), id, progress(&told)); err != nil {
			t.Error(err)
		}
		if got := strings.Join(told, " "); got != "8 9 12 1 7 9 12 1 7 8" {
			t.Errorf("got %q", got)
		}
	})
}

// A restart that fails in its second half doesn't stop the job again.
func TestRestartThatFails(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.ends = 11
		id := f.add(8)
		job, err := c.Restart(limited(t), id, old)
		if got := f.changing() + " → " + end(job, err); got != "stop restart → failed 11" {
			t.Error("got", got)
		}
	})
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.failAlways("restart", fault{err: refused(403, "ModelArts.0108")})
		id := f.add(8)
		_, err := c.Restart(limited(t), id, old)
		waited, ok := errors.AsType[*lifecycle.WaitError](err)
		if !ok || waited.Goal != "running" || waited.Last == nil || waited.Last.Status != 12 {
			t.Errorf("got %v, want a WaitError of a job that is stopped", err)
		}
		if got := f.changing(); got != "stop restart" {
			t.Error("the calls were", got)
		}
	})
}
