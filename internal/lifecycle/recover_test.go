package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

func TestLostCreate(t *testing.T) {
	t.Parallel()
	lost := noAnswer(true)
	again := refused(http.StatusGatewayTimeout, "")
	quota := refused(http.StatusBadRequest, "ModelArts.2815")
	for name, test := range map[string]struct {
		faults  []fault
		creates int
		lost    error // as Created has it
		err     error
		jobs    int
		longest time.Duration
	}{
		"made":                     {faults: []fault{{err: lost, done: true}}, creates: 1, lost: lost, jobs: 1, longest: time.Second},
		"made, 504":                {faults: []fault{{err: again, done: true}}, creates: 1, lost: again, jobs: 1, longest: time.Second},
		"made late":                {faults: []fault{{err: lost, done: true, late: 3 * time.Second}}, creates: 1, lost: lost, jobs: 1, longest: 10 * time.Second},
		"made very late":           {faults: []fault{{err: lost, done: true, late: 14 * time.Second}}, creates: 1, lost: lost, jobs: 1, longest: 20 * time.Second},
		"not made":                 {faults: []fault{{err: lost}}, creates: 2, lost: lost, jobs: 1, longest: time.Minute},
		"not made, then made":      {faults: []fault{{err: lost}, {err: again, done: true}}, creates: 2, lost: again, jobs: 1, longest: time.Minute},
		"not made, then made late": {faults: []fault{{err: lost}, {err: again, done: true, late: 3 * time.Second}}, creates: 2, lost: again, jobs: 1, longest: time.Minute},
		"not made, then refused":   {faults: []fault{{err: lost}, {err: quota}}, creates: 2, err: quota, longest: time.Minute},
		"never made":               {faults: []fault{{err: lost}, {err: again}}, creates: 2, err: again, longest: time.Minute},
		"not sent":                 {faults: []fault{{err: noAnswer(false)}}, creates: 1, err: &modelarts.NoAnswerError{}, longest: 0},
	} {
		for _, ahead := range []time.Duration{0, -2 * time.Hour, 2 * time.Hour, 700 * time.Millisecond} {
			t.Run(fmt.Sprintf("%s, server %s ahead", name, ahead), func(t *testing.T) {
				t.Parallel()
				bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
					f.ahead, f.latency = ahead, 20*time.Millisecond
					f.fail("create", test.faults...)
					began := time.Now()
					created, err := c.Create(limited(t), options, false)
					if took := time.Since(began); took > test.longest+time.Second {
						t.Errorf("it took %s, want at most %s", took, test.longest)
					}
					if calls := f.count("create"); calls != test.creates {
						t.Errorf("%d creates, want %d", calls, test.creates)
					}
					if there := f.there(); len(there) != test.jobs {
						t.Errorf("jobs %v, want %d", there, test.jobs)
					}
					if test.err != nil {
						var none *modelarts.NoAnswerError
						if !errors.Is(err, test.err) && !errors.As(err, &none) {
							t.Errorf("got %v, want %v", err, test.err)
						}
						if test.longest == 0 && f.count("list") != 1 {
							t.Errorf("%d lists, want no search for what was never sent", f.count("list"))
						}
						return
					}
					if err != nil {
						t.Fatal(err)
					}
					if created.Adopted || !errors.Is(created.Lost, test.lost) || created.Job.ID != f.there()[0] {
						t.Errorf("got %+v, want job %v and the loss", created, f.there())
					}
				})
			})
		}
	}
}

// What somebody else made at the same place must not be taken for ours.
func TestLostCreateIsNotCertain(t *testing.T) {
	t.Parallel()
	own := modelarts.VisualizationJob{Name: "board", TrainURL: "/bucket/logs"}
	described := own
	described.Description = "of somebody else"
	for name, test := range map[string]struct {
		others []modelarts.VisualizationJob
		before time.Duration // how old the others are when we ask
		made   bool
	}{
		"older":                {others: []modelarts.VisualizationJob{own}, before: 10 * time.Second},
		"other description":    {others: []modelarts.VisualizationJob{described}},
		"two":                  {others: []modelarts.VisualizationJob{own}, made: true},
		"two, one described":   {others: []modelarts.VisualizationJob{described}, made: true},
		"ours and an older":    {others: []modelarts.VisualizationJob{own}, before: 10 * time.Second, made: true},
		"two of somebody else": {others: []modelarts.VisualizationJob{own, described}},
	} {
		for _, ahead := range []time.Duration{0, -2 * time.Hour, 2 * time.Hour} {
			t.Run(fmt.Sprintf("%s, server %s ahead", name, ahead), func(t *testing.T) {
				t.Parallel()
				bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
					f.ahead = ahead
					first := options
					first.Name = "first" // has the list made, in which the place is free
					if _, err := c.Create(limited(t), first, false); err != nil {
						t.Fatal(err)
					}
					<-time.After(20*time.Second - test.before)
					for _, other := range test.others {
						other.CreateTime = f.serverNow()
						f.addJob(other, 1)
					}
					<-time.After(test.before)
					lost := noAnswer(true)
					f.fail("create", fault{err: lost, done: test.made})
					began := time.Now()
					_, err := c.Create(limited(t), options, true)
					var uncertain *lifecycle.LostError
					if !errors.As(err, &uncertain) || !errors.Is(err, lost) {
						t.Fatalf("got %v, want a LostError", err)
					}
					if diff := cmp.Diff(f.there()[1:], ids(uncertain.Candidates)); diff != "" {
						t.Error(diff)
					}
					if f.changing() != "create create" || time.Since(began) > time.Second {
						t.Errorf("calls %q in %s", f.changing(), time.Since(began))
					}
				})
			})
		}
	}
}

// After the caller has gone there is time for one look.
func TestInterruptedCreate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault fault
		list  *fault // what happens to the first look
		after time.Duration
		found bool
	}{
		"in the call, made":               {fault: fault{hang: true, done: true}, after: 5 * time.Second, found: true},
		"in the call, not made":           {fault: fault{hang: true}, after: 5 * time.Second},
		"between two looks, made":         {fault: fault{err: noAnswer(true), done: true, late: 300 * time.Millisecond}, after: 500 * time.Millisecond, found: true},
		"between two looks, not made":     {fault: fault{err: noAnswer(true)}, after: 500 * time.Millisecond},
		"in a look, made":                 {fault: fault{err: noAnswer(true), done: true}, list: &fault{hang: true}, after: 500 * time.Millisecond, found: true},
		"in a look, not made":             {fault: fault{err: noAnswer(true)}, list: &fault{hang: true}, after: 500 * time.Millisecond},
		"before the answer that was lost": {fault: fault{err: noAnswer(true), done: true}, after: 0, found: true},
	} {
		for _, latency := range []time.Duration{0, 100 * time.Millisecond} {
			t.Run(fmt.Sprintf("%s, latency %s", name, latency), func(t *testing.T) {
				t.Parallel()
				bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
					f.latency = latency
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					f.fail("create", test.fault)
					f.fail("list", fault{done: true}) // the one before the create
					if test.list != nil {
						f.fail("list", *test.list)
					}
					began := time.Now()
					end := began.Add(test.after + 2*latency)
					time.AfterFunc(time.Until(end), cancel)
					created, err := c.Create(ctx, options, false)
					if late := time.Since(end); late > time.Second {
						t.Errorf("it returned %s after the interrupt", late)
					}
					if f.count("create") > 1 {
						t.Errorf("%d creates, want one", f.count("create"))
					}
					nothing := f.count("create") == 0 && err != nil
					if test.found && !nothing && (err != nil || created.Lost == nil || created.Job.ID != f.there()[0]) {
						t.Errorf("got %+v and %v, want the job %v", created, err, f.there())
					}
					var uncertain *lifecycle.LostError
					if !test.found && !errors.As(err, &uncertain) {
						t.Errorf("got %+v and %v, want a LostError", created, err)
					}
				})
			})
		}
	}
}

// A service that does not answer any more cannot keep the caller longer than that.
func TestInterruptedCreateAndDeadService(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		ctx, cancel := context.WithCancel(t.Context())
		f.fail("create", fault{hang: true, done: true})
		time.AfterFunc(5*time.Second, func() {
			f.failAlways("list", fault{hang: true})
			cancel()
		})
		began := time.Now()
		_, err := c.Create(ctx, options, false)
		var uncertain *lifecycle.LostError
		if !errors.As(err, &uncertain) || time.Since(began) > 6*time.Second {
			t.Errorf("got %v after %s, want a LostError within a second", err, time.Since(began))
		}
	})
}

// Whoever could not find out whether there is a job does not know that its place is free.
func TestCreateAfterALoss(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.fail("list", fault{done: true}) // the one before the create
		f.fail("create", fault{err: noAnswer(true), done: true})
		f.fail("list", fault{err: refused(http.StatusServiceUnavailable, "")})
		_, err := c.Create(limited(t), options, true)
		var uncertain *lifecycle.LostError
		if !errors.As(err, &uncertain) {
			t.Fatalf("got %v, want a LostError", err)
		}
		created, err := c.Create(limited(t), options, true)
		if err != nil || !created.Adopted || f.changing() != "create" {
			t.Errorf("got %+v and %v after %q, want the job %v adopted", created, err, f.changing(), f.there())
		}
	})
}
