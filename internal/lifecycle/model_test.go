package lifecycle_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// script is all that happens to one job; it is drawn before the bubble starts,
// so that a failure shrinks to the few things that matter.
type script struct {
	running               bool // what is wanted
	stale, moves, latency time.Duration
	ahead                 time.Duration
	faults                []scriptedFault
	events                []event
	applies               []apply
	finalIsNew            bool
	lists                 bool // whether jobs are looked at by lists
}

type scriptedFault struct {
	op   string
	kind string
}

// event is what somebody else does to every job.
type event struct {
	at time.Duration
	op string
}

// apply is one run that may meet the faults.
type apply struct {
	interrupt time.Duration // 0 for none
	isNew     bool          // with a Controller that knows nothing
}

func drawScript(t *rapid.T) script {
	duration := func(label string, limit time.Duration) time.Duration {
		return time.Duration(rapid.Int64Range(0, int64(limit/time.Millisecond)).Draw(t, label)) * time.Millisecond
	}
	s := script{
		running:    rapid.Bool().Draw(t, "running"),
		stale:      duration("stale", 5*time.Minute),
		moves:      duration("moves", 2*time.Minute),
		latency:    duration("latency", 300*time.Millisecond),
		ahead:      duration("ahead", 4*time.Hour) - 2*time.Hour,
		finalIsNew: rapid.Bool().Draw(t, "final is new"),
		lists:      rapid.Bool().Draw(t, "lists"),
	}
	for range rapid.IntRange(0, 12).Draw(t, "faults") {
		s.faults = append(s.faults, scriptedFault{
			op:   rapid.SampledFrom([]string{"create", "get", "list", "stop", "restart"}).Draw(t, "call"),
			kind: rapid.SampledFrom([]string{"lost", "lost, done", "lost, done late", "conflict", "unavailable", "fine"}).Draw(t, "fault"),
		})
	}
	for range rapid.IntRange(0, 8).Draw(t, "events") {
		s.events = append(s.events, event{
			at: duration("at", 10*time.Minute),
			op: rapid.SampledFrom([]string{"stop", "restart", "delete"}).Draw(t, "event"),
		})
	}
	for range rapid.IntRange(1, 4).Draw(t, "applies") {
		s.applies = append(s.applies, apply{
			interrupt: duration("interrupt", 2*time.Minute),
			isNew:     rapid.Bool().Draw(t, "new"),
		})
	}
	return s
}

func (s scriptedFault) fault() fault {
	switch s.kind {
	case "lost":
		return fault{err: noAnswer(true)}
	case "lost, done":
		return fault{err: noAnswer(true), done: true}
	case "lost, done late":
		return fault{err: refused(http.StatusGatewayTimeout, ""), done: true, late: 3 * time.Second}
	case "conflict":
		return fault{err: conflict()}
	case "unavailable":
		return fault{err: refused(http.StatusServiceUnavailable, "")}
	default:
		return fault{done: true}
	}
}

// resource is what a user has: a wish, and the id in the state, 0 for none.
type resource struct {
	running bool
	id      int64
}

// apply does what a run of the provider does.
func (r *resource) apply(ctx context.Context, c *lifecycle.Controller) error {
	isFresh := false
	if r.id != 0 {
		if _, err := c.Get(ctx, r.id); is[*lifecycle.NotFoundError](err) {
			r.id = 0
		} else if err != nil {
			return err
		}
	}
	if r.id == 0 {
		created, err := c.Create(ctx, modelarts.CreateOptions{Name: "board", TrainURL: "/bucket/logs"}, true)
		if err != nil {
			return err
		}
		r.id, isFresh = created.Job.ID, !created.Adopted
	}
	o := lifecycle.SettleOptions{Fresh: isFresh}
	var err error
	if r.running {
		_, err = c.EnsureRunning(ctx, r.id, o)
	} else {
		_, err = c.EnsureStopped(ctx, r.id, o)
	}
	return err
}

func (s script) controller(ctx context.Context, f *fake) *lifecycle.Controller {
	if s.lists {
		return lifecycle.NewLister(ctx, f)
	}
	return lifecycle.New(ctx, f)
}

// play runs a script and returns what is wrong with the end.
func (s script) play(t *testing.T) error {
	f := newFake()
	f.stale, f.moves, f.latency, f.ahead = s.stale, s.moves, s.latency, s.ahead
	for _, sf := range s.faults {
		f.fail(sf.op, sf.fault())
	}
	for _, e := range s.events {
		time.AfterFunc(e.at, func() {
			for _, id := range f.there() {
				f.outside(e.op, id)
			}
		})
	}
	r := &resource{running: s.running}
	c := s.controller(t.Context(), f)
	for _, a := range s.applies {
		if a.isNew {
			c = s.controller(t.Context(), f)
		}
		limit := timeout
		if a.interrupt > 0 {
			limit = a.interrupt
		}
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		began := time.Now()
		err := r.apply(ctx, c)
		cancel()
		if late := time.Since(began) - limit; late > time.Second {
			return fmt.Errorf("apply returned %s after the interrupt with %w", late, err)
		}
		if there := f.there(); len(there) > 1 {
			return fmt.Errorf("jobs %v after %q, want one at most", there, f.changing())
		}
		// What an interrupted create asked for may be made a little later.
		<-time.After(10 * time.Second)
	}
	return s.converge(t, f, r, c)
}

// converge applies once more, without faults and after all events.
func (s script) converge(t *testing.T, f *fake, r *resource, c *lifecycle.Controller) error {
	f.heal()
	<-time.After(10*time.Minute + s.stale + s.moves)
	if s.finalIsNew {
		c = s.controller(t.Context(), f)
	}
	if err := r.apply(limited(t), c); err != nil {
		return fmt.Errorf("the last apply: %w", err)
	}
	there := f.there()
	if len(there) != 1 || there[0] != r.id {
		return fmt.Errorf("jobs %v, state %d, after %q", there, r.id, f.changing())
	}
	if status := f.status(r.id); s.running != (status == 8) || !s.running && !isStopped(status) {
		return fmt.Errorf("the status is %s after %q", status, f.changing())
	}
	<-time.After(s.stale)
	settled := len(f.changing())
	if err := r.apply(limited(t), c); err != nil {
		return fmt.Errorf("an apply of what is there: %w", err)
	}
	if again := f.changing()[settled:]; again != "" {
		return fmt.Errorf("an apply of what is there made the calls%s", again)
	}
	// A destroy is a run of its own.
	if err := s.controller(t.Context(), f).EnsureDeleted(limited(t), r.id, old); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	if there := f.there(); len(there) != 0 {
		return fmt.Errorf("jobs %v after the delete", there)
	}
	return nil
}

// Whatever happened, the next undisturbed apply brings one job where it should be.
func TestConverges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := drawScript(rt)
		var wrong error
		synctest.Test(t, func(t *testing.T) { wrong = s.play(t) })
		if wrong != nil {
			rt.Fatalf("%v\n%+v", wrong, s)
		}
	})
}
