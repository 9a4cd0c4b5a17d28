package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

func TestLostCreate(t *testing.T) {
	t.Parallel()
	lost, notSent := noAnswer(true), noAnswer(false)
	again := refused(http.StatusGatewayTimeout, "")
	quota := refused(http.StatusBadRequest, "ModelArts.2815")
	for name, test := range map[string]struct {
		faults  []fault
		creates int
		lost    error // as Created has it
		again   bool  // a second one may have been done
		err     error
		jobs    int
		longest time.Duration
	}{
		"made":                     {faults: []fault{{err: lost, done: true}}, creates: 1, lost: lost, jobs: 1, longest: time.Second},
		"made, 504":                {faults: []fault{{err: again, done: true}}, creates: 1, lost: again, jobs: 1, longest: time.Second},
		"made late":                {faults: []fault{{err: lost, done: true, late: 3 * time.Second}}, creates: 1, lost: lost, jobs: 1, longest: 10 * time.Second},
		"made very late":           {faults: []fault{{err: lost, done: true, late: 14 * time.Second}}, creates: 1, lost: lost, jobs: 1, longest: 20 * time.Second},
		"made last minute":         {faults: []fault{{err: lost, done: true, late: 55 * time.Second}}, creates: 1, lost: lost, jobs: 1, longest: 65 * time.Second},
		"made, second refused":     {faults: []fault{{err: lost, done: true, late: 61 * time.Second}, {err: quota}}, creates: 2, lost: lost, jobs: 1, longest: 70 * time.Second},
		"not made":                 {faults: []fault{{err: lost}}, creates: 2, lost: lost, again: true, jobs: 1, longest: 70 * time.Second},
		"not made, then made":      {faults: []fault{{err: lost}, {err: again, done: true}}, creates: 2, lost: again, again: true, jobs: 1, longest: 70 * time.Second},
		"not made, then made late": {faults: []fault{{err: lost}, {err: again, done: true, late: 3 * time.Second}}, creates: 2, lost: again, again: true, jobs: 1, longest: 70 * time.Second},
		"not made, then refused":   {faults: []fault{{err: lost}, {err: quota}}, creates: 2, err: quota, longest: 130 * time.Second},
		"never made":               {faults: []fault{{err: lost}, {err: again}}, creates: 2, err: again, longest: 130 * time.Second},
		"not sent":                 {faults: []fault{{err: notSent}}, creates: 1, err: notSent, longest: 0},
	} {
		for _, ahead := range []time.Duration{0, -2 * time.Hour, 2 * time.Hour, 700 * time.Millisecond} {
			inBubble(t, fmt.Sprintf("%s, server %s ahead", name, ahead), func(t *testing.T, f *fake, c *lifecycle.Controller) {
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
					if !errors.Is(err, test.err) {
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
				if duplicates, err := c.Duplicates(limited(t), created); err != nil || len(duplicates) > 0 {
					t.Errorf("duplicates %v and %v, want none", duplicates, err)
				}
				if created.Adopted || !errors.Is(created.Lost, test.lost) || created.Repeated != test.again || created.Job.ID != f.there()[0] {
					t.Errorf("got %+v, want job %v and the loss, repeated: %t", created, f.there(), test.again)
				}
			})
		}
	}
}

// If the service carries out a create request after the last search for its job, there is a second
// job. Duplicates returns it, also if the response to the second request is not received either.
func TestLostCreateMadeAfterTheSecond(t *testing.T) {
	t.Parallel()
	late := fault{err: noAnswer(true), done: true, late: 70 * time.Second}
	for name, faults := range map[string][]fault{"second accepted": {late}, "second lost": {late, {err: noAnswer(true), done: true}}} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.fail("create", faults...)
			created, err := c.Create(limited(t), options, false)
			if err != nil || !created.Repeated || created.Lost == nil {
				t.Fatalf("got %+v and %v, want a repeated create", created, err)
			}
			<-time.After(30 * time.Second)
			duplicates, err := c.Duplicates(limited(t), created)
			if diff := cmp.Diff(f.there(), append([]int64{created.Job.ID}, ids(duplicates)...)); diff != "" || err != nil {
				t.Errorf("duplicates %v and %v beside %d: %s", ids(duplicates), err, created.Job.ID, diff)
			}
			down := refused(http.StatusServiceUnavailable, "")
			f.fail("list", fault{err: down})
			if _, err := c.Duplicates(limited(t), created); !errors.Is(err, down) {
				t.Errorf("got %v, want the reason why it cannot be known", err)
			}
		})
	}
}

// A new job that the API doesn't return at first is found, and not created twice.
func TestLostCreateOfAHiddenJob(t *testing.T) {
	t.Parallel()
	for _, hidden := range []time.Duration{time.Second, 20 * time.Second, 45 * time.Second, 59 * time.Second} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.hidden = hidden
			f.fail("create", fault{err: noAnswer(true), done: true})
			created, err := c.Create(limited(t), options, false)
			if err != nil || len(f.there()) != 1 || created.Job.ID != f.there()[0] {
				t.Errorf("hidden for %s: got %+v and %v, jobs %v", hidden, created, err, f.there())
			}
		})
	}
}

// A job that is listed and doesn't exist anymore is no candidate.
func TestLostCreateAndAGhost(t *testing.T) {
	t.Parallel()
	for name, newController := range controllers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, f *fake, _ *lifecycle.Controller) {
				f.ghosts = []modelarts.VisualizationJob{{ID: 5, Name: "board", TrainURL: "/bucket/logs/", Status: 8, CreateTime: time.Now()}}
				f.fail("create", fault{err: noAnswer(true), done: true})
				created, err := newController(t.Context(), f).Create(limited(t), options, false)
				if err != nil || created.Job.ID != f.there()[0] || f.changing() != "create" {
					t.Errorf("got %+v and %v after %q, want job %v", created, err, f.changing(), f.there())
				}
			})
		})
	}
}

// Create doesn't adopt a job that another party created meanwhile.
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
			inBubble(t, fmt.Sprintf("%s, server %s ahead", name, ahead), func(t *testing.T, f *fake, c *lifecycle.Controller) {
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
				uncertain, ok := errors.AsType[*lifecycle.LostError](err)
				if !ok || !errors.Is(err, lost) {
					t.Fatalf("got %v, want a LostError", err)
				}
				if diff := cmp.Diff(f.there()[1:], ids(uncertain.Candidates)); diff != "" {
					t.Error(diff)
				}
				if f.changing() != "create create" || time.Since(began) > time.Second {
					t.Errorf("calls %q in %s", f.changing(), time.Since(began))
				}
			})
		}
	}
}

// After an interrupt there is time for one search.
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
			inBubble(t, fmt.Sprintf("%s, latency %s", name, latency), func(t *testing.T, f *fake, c *lifecycle.Controller) {
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
				if !test.found && !is[*lifecycle.LostError](err) {
					t.Errorf("got %+v and %v, want a LostError", created, err)
				}
			})
		}
	}
}

// A service that doesn't respond delays an interrupted create by a second at most.
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
		uncertain, ok := errors.AsType[*lifecycle.LostError](err)
		if !ok || uncertain.SearchErr == nil || time.Since(began) > 6*time.Second {
			t.Errorf("got %v after %s, want a LostError within a second, with how the look ended", err, time.Since(began))
		}
	})
}

// An interrupted search, too, needs two 404 responses.
func TestInterruptedCreateOfAJobThatSeemsGone(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		ctx, cancel := context.WithCancel(t.Context())
		f.fail("create", fault{hang: true, done: true})
		f.fail("get", fault{err: f.unknown()})
		time.AfterFunc(5*time.Second, cancel)
		if created, err := c.Create(ctx, options, false); err != nil || created.Job.ID != f.there()[0] {
			t.Errorf("got %+v and %v, want the job %v", created, err, f.there())
		}
	})
}

// Failed searches are repeated. Only the last search, if it succeeds, proves that there is no job.
func TestFailedSearches(t *testing.T) {
	t.Parallel()
	down := fault{err: refused(http.StatusServiceUnavailable, "")}
	incomplete := fault{done: true, short: true}
	for name, test := range map[string]struct {
		looks   []fault
		gets    fault // of the job that is listed
		made    bool
		creates int
		lost    bool // without a trace
	}{
		"found in the end":           {looks: []fault{down, down, incomplete, down, down}, made: true, creates: 1},
		"nothing in the end":         {looks: []fault{down, down, incomplete, down, down}, creates: 2},
		"the last one fails":         {looks: []fault{{done: true}, {done: true}, {done: true}, {done: true}, {done: true}, {done: true}, down}, creates: 1, lost: true},
		"the last one is incomplete": {looks: []fault{{done: true}, {done: true}, {done: true}, {done: true}, {done: true}, {done: true}, incomplete, incomplete}, creates: 1, lost: true},
		"none is complete":           {looks: slices.Repeat([]fault{incomplete}, 14), creates: 1, lost: true},
		"none is complete, found":    {looks: slices.Repeat([]fault{incomplete}, 14), made: true, creates: 1},
		"the job is not shown":       {gets: down, made: true, creates: 1, lost: true},
		"may not look":               {looks: []fault{{err: refused(http.StatusForbidden, "")}}, made: true, creates: 1, lost: true},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.fail("create", fault{err: noAnswer(true), done: test.made})
			f.fail("list", fault{done: true}) // the one before the create
			f.fail("list", test.looks...)
			if test.gets.err != nil {
				f.failAlways("get", test.gets)
			}
			created, err := c.Create(limited(t), options, false)
			uncertain, ok := errors.AsType[*lifecycle.LostError](err)
			if test.lost != (ok && len(uncertain.Candidates) == 0 && uncertain.SearchErr != nil) {
				t.Errorf("got %+v and %v", created, err)
			}
			if !test.lost && (err != nil || created.Job.ID != f.there()[0] || len(f.there()) != 1) {
				t.Errorf("got %+v and %v, want the job %v", created, err, f.there())
			}
			if calls := f.count("create"); calls != test.creates {
				t.Errorf("%d creates, want %d", calls, test.creates)
			}
		})
	}
}

// After an inconclusive create, the next create reads a new list: the last search is too old, or failed.
func TestCreateAfterALoss(t *testing.T) {
	t.Parallel()
	down := refused(http.StatusServiceUnavailable, "")
	for name, test := range map[string]struct {
		late   time.Duration // until the job is created
		search error         // nil is an interrupt before the job is created
	}{
		"searches fail":           {search: down},
		"interrupted, made later": {late: 3 * time.Second},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			f.fail("list", fault{done: true}) // the one before the create
			f.fail("create", fault{err: noAnswer(true), done: true, late: test.late})
			if test.search != nil {
				f.failAlways("list", fault{err: test.search})
			} else {
				time.AfterFunc(500*time.Millisecond, cancel)
			}
			_, err := c.Create(ctx, options, true)
			uncertain, ok := errors.AsType[*lifecycle.LostError](err)
			if !ok || !errors.Is(uncertain.SearchErr, test.search) {
				t.Fatalf("got %v, want a LostError with the failed search", err)
			}
			f.heal()
			<-time.After(5 * time.Second)
			created, err := c.Create(limited(t), options, true)
			if err != nil || !created.Adopted || f.changing() != "create" {
				t.Errorf("got %+v and %v after %q, want the job %v adopted", created, err, f.changing(), f.there())
			}
		})
	}
}
