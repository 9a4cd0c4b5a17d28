package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// clocks are the differences between the server's clock and the local one.
var clocks = []time.Duration{0, -2 * time.Hour, 2 * time.Hour, 700 * time.Millisecond}

// If the response to a create isn't received, Create searches for the job for a minute. If there is none, it sends the request
// again, once.
func TestLostCreate(t *testing.T) {
	t.Parallel()
	lost, notSent := noAnswer(true), noAnswer(false)
	gateway, quota := rejected(http.StatusGatewayTimeout, ""), rejected(http.StatusBadRequest, "ModelArts.2815")
	done := func(late time.Duration) fault { return fault{err: lost, done: true, late: late} }
	down, incomplete, listed := fault{err: rejected(http.StatusServiceUnavailable, "")}, fault{done: true, short: true}, fault{done: true}
	for name, test := range map[string]struct {
		creates   []fault
		searches  []fault // of the lists after the one before the create
		gets      error
		hidden    time.Duration
		want      string
		sent      int // creates; 1 if it is 0
		lost      error
		unmanaged int // jobs that the outcome doesn't name
		max       time.Duration
	}{
		"created":                       {creates: []fault{done(0)}, want: "created 197 (1) recovered", lost: lost, max: time.Second},
		"created, 504":                  {creates: []fault{{err: gateway, done: true}}, want: "created 197 (1) recovered", lost: gateway, max: time.Second},
		"created late":                  {creates: []fault{done(3 * time.Second)}, want: "created 197 (1) recovered", lost: lost, max: 10 * time.Second},
		"created later":                 {creates: []fault{done(14 * time.Second)}, want: "created 197 (1) recovered", lost: lost, max: 20 * time.Second},
		"created in the last minute":    {creates: []fault{done(55 * time.Second)}, want: "created 197 (1) recovered", lost: lost, max: 65 * time.Second},
		"hidden":                        {creates: []fault{done(0)}, hidden: 59 * time.Second, want: "created 197 (8) recovered", lost: lost, max: 65 * time.Second},
		"hidden for over a minute":      {creates: []fault{done(0)}, hidden: 62 * time.Second, want: "created 197 (8) recovered", lost: lost, max: 70 * time.Second},
		"created, second rejected":      {creates: []fault{done(64 * time.Second), {err: quota}}, want: "created 197 (1) recovered", sent: 2, lost: lost, max: 70 * time.Second},
		"not created":                   {creates: []fault{{err: lost}}, want: "created 197 (1) recovered repeated", sent: 2, lost: lost, max: 70 * time.Second},
		"not created, then created":     {creates: []fault{{err: lost}, {err: gateway, done: true}}, want: "created 197 (1) recovered repeated", sent: 2, lost: gateway, max: 70 * time.Second},
		"not created, then late":        {creates: []fault{{err: lost}, {err: gateway, done: true, late: 3 * time.Second}}, want: "created 197 (1) recovered repeated", sent: 2, lost: gateway, max: 70 * time.Second},
		"not created, then rejected":    {creates: []fault{{err: lost}, {err: quota}}, want: quota.Error(), sent: 2, max: 130 * time.Second},
		"never created":                 {creates: []fault{{err: lost}, {err: gateway}}, want: "lost", sent: 2, lost: gateway, max: 130 * time.Second},
		"not sent":                      {creates: []fault{{err: notSent}}, want: notSent.Error(), max: time.Second},
		"searches fail, created":        {creates: []fault{done(0)}, searches: []fault{down, down, incomplete, down, down}, want: "created 197 (1) recovered", lost: lost, max: 20 * time.Second},
		"searches fail, not created":    {creates: []fault{{err: lost}}, searches: []fault{down, down, incomplete, down, down}, want: "created 197 (1) recovered repeated", sent: 2, lost: lost, max: 70 * time.Second},
		"the last search fails":         {creates: []fault{{err: lost}}, searches: append(slices.Repeat([]fault{listed}, 6), down), want: "lost, search failed", lost: lost, max: 70 * time.Second},
		"the last search is incomplete": {creates: []fault{{err: lost}}, searches: append(slices.Repeat([]fault{listed}, 6), incomplete, incomplete), want: "lost, search failed", lost: lost, max: 70 * time.Second},
		"incomplete, not created":       {creates: []fault{{err: lost}}, searches: slices.Repeat([]fault{incomplete}, 14), want: "lost, search failed", lost: lost, max: 70 * time.Second},
		"incomplete, created":           {creates: []fault{done(0)}, searches: slices.Repeat([]fault{incomplete}, 14), want: "created 197 (1) recovered", lost: lost, max: time.Second},
		"no GET of the job":             {creates: []fault{done(0)}, gets: down.err, want: "lost, search failed", lost: lost, unmanaged: 1, max: 70 * time.Second},
	} {
		for _, ahead := range clocks {
			inBubble(t, fmt.Sprintf("%s, server %s ahead", name, ahead), func(t *testing.T, f *fake, c *lifecycle.Controller) {
				f.ahead, f.latency, f.hidden = ahead, 20*time.Millisecond, test.hidden
				if test.gets == nil { // A job that is listed and doesn't exist anymore is no candidate.
					f.ghosts = []modelarts.VisualizationJob{{ID: 5, Name: "board", TrainURL: "/bucket/logs/", CreateTime: f.serverNow()}}
				} else {
					f.failAlways("get", fault{err: test.gets})
				}
				f.fail("create", test.creates...)
				f.fail("list", append([]fault{listed}, test.searches...)...)
				start := time.Now()
				created, err := c.Create(limited(t), options, false)
				took, got := time.Since(start), outcome(created, err)
				uncertain, isLost := errors.AsType[*lifecycle.LostError](err)
				if isLost && uncertain.SearchErr != nil {
					got += ", search failed"
				}
				if got != test.want || f.count("create") != max(test.sent, 1) || took > test.max+time.Second {
					t.Errorf("got %q (%v) after %s and %d creates, want %q", got, err, took, f.count("create"), test.want)
				}
				if want := test.unmanaged + strings.Count(test.want, "created"); len(f.there()) != want {
					t.Errorf("jobs %v", f.there())
				}
				if err != nil {
					if test.lost != nil && !errors.Is(err, test.lost) {
						t.Errorf("got %v, want the loss", err)
					}
					return
				}
				if duplicates, err := c.Duplicates(limited(t), created); err != nil || len(duplicates) > 0 || !errors.Is(created.Lost, test.lost) {
					t.Errorf("duplicates %v and %v of %+v", duplicates, err, created)
				}
			})
		}
	}
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.fail("create", fault{err: notSent})
		if _, err := c.Create(limited(t), options, false); !errors.Is(err, notSent) || f.count("list") != 1 {
			t.Errorf("got %v with %d lists, want no search for a request that wasn't sent", err, f.count("list"))
		}
	})
}

// If the service carries out a create request after the last search for its job, there is a second job. Duplicates returns it,
// also if the response to the second request isn't received either.
func TestDuplicates(t *testing.T) {
	t.Parallel()
	late := fault{err: noAnswer(true), done: true, late: 70 * time.Second}
	for _, faults := range [][]fault{{late}, {late, {err: noAnswer(true), done: true}}} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.fail("create", faults...)
			created, err := c.Create(limited(t), options, false)
			if got := outcome(created, err); got != "created 197 (1) recovered repeated" {
				t.Fatal(got)
			}
			<-time.After(30 * time.Second)
			duplicates, err := c.Duplicates(limited(t), created)
			if err != nil || len(duplicates) != 1 || duplicates[0].ID != 198 {
				t.Errorf("got %v and %v, want 198", duplicates, err)
			}
			down := rejected(http.StatusServiceUnavailable, "")
			f.fail("list", fault{err: down})
			if _, err := c.Duplicates(limited(t), created); !errors.Is(err, down) {
				t.Errorf("got %v, want the error of the list", err)
			}
		})
	}
}

// Create doesn't adopt a job that another party might have created meanwhile.
func TestLostCreateIsNotCertain(t *testing.T) {
	t.Parallel()
	own := modelarts.VisualizationJob{Name: "board", TrainURL: "/bucket/logs"}
	described := own
	described.Description = "of another party"
	for name, test := range map[string]struct {
		others []modelarts.VisualizationJob
		age    time.Duration // of the others at the time of the create
		done   bool
		want   string
	}{
		"older":                {others: []modelarts.VisualizationJob{own}, age: 10 * time.Second, want: "lost 198 (7)"},
		"other description":    {others: []modelarts.VisualizationJob{described}, want: "lost 198 (1)"},
		"two":                  {others: []modelarts.VisualizationJob{own}, done: true, want: "lost 198 (1) 199 (1)"},
		"two, one described":   {others: []modelarts.VisualizationJob{described}, done: true, want: "lost 198 (1) 199 (1)"},
		"own and an older":     {others: []modelarts.VisualizationJob{own}, age: 10 * time.Second, done: true, want: "lost 198 (7) 199 (1)"},
		"two of another party": {others: []modelarts.VisualizationJob{own, described}, want: "lost 198 (1) 199 (1)"},
	} {
		for _, ahead := range clocks {
			inBubble(t, fmt.Sprintf("%s, server %s ahead", name, ahead), func(t *testing.T, f *fake, c *lifecycle.Controller) {
				f.ahead = ahead
				if _, err := c.Create(limited(t), named("first"), false); err != nil { // reads a list without the jobs
					t.Fatal(err)
				}
				<-time.After(20*time.Second - test.age)
				for _, other := range test.others {
					other.CreateTime = f.serverNow()
					f.set(f.jobs[f.addJob(other, 1)], 1)
					if test.age > 0 {
						f.become(test.age-time.Millisecond, f.lastID, 7)
					}
				}
				<-time.After(test.age)
				lost := noAnswer(true)
				f.fail("create", fault{err: lost, done: test.done})
				start := time.Now()
				created, err := c.Create(limited(t), options, true)
				if got := outcome(created, err); got != test.want || !errors.Is(err, lost) || f.changing() != "create create" || time.Since(start) > time.Second {
					t.Errorf("got %q (%v) after %q in %s, want %q", got, err, f.changing(), time.Since(start), test.want)
				}
			})
		}
	}
}

// After an interrupt, a create has a second for one search. It needs two 404 responses, too.
func TestInterruptedCreate(t *testing.T) {
	t.Parallel()
	lost, hang := noAnswer(true), fault{hang: true}
	for name, test := range map[string]struct {
		create fault
		search fault // what happens to the first search
		get    error // the first response to a GET
		dead   bool  // lists hang from the interrupt on
		after  time.Duration
		found  bool
	}{
		"in the request, created":         {create: fault{hang: true, done: true}, after: 5 * time.Second, found: true},
		"in the request, not created":     {create: hang, after: 5 * time.Second},
		"one 404":                         {create: fault{hang: true, done: true}, get: rejected(http.StatusNotFound, "ModelArts.0103"), after: 5 * time.Second, found: true},
		"dead service":                    {create: fault{hang: true, done: true}, dead: true, after: 5 * time.Second},
		"between two searches, created":   {create: fault{err: lost, done: true, late: 300 * time.Millisecond}, after: 500 * time.Millisecond, found: true},
		"between two searches, not":       {create: fault{err: lost}, after: 500 * time.Millisecond},
		"in a search, created":            {create: fault{err: lost, done: true}, search: hang, after: 500 * time.Millisecond, found: true},
		"in a search, not created":        {create: fault{err: lost}, search: hang, after: 500 * time.Millisecond},
		"just before the search, created": {create: fault{err: lost, done: true}, after: time.Nanosecond, found: true},
	} {
		for _, latency := range []time.Duration{0, 100 * time.Millisecond} {
			inBubble(t, fmt.Sprintf("%s, latency %s", name, latency), func(t *testing.T, f *fake, c *lifecycle.Controller) {
				f.latency = latency
				f.fail("create", test.create)
				f.fail("list", fault{done: true}) // the one before the create
				if test.search.hang {
					f.fail("list", test.search)
				}
				if test.get != nil {
					f.fail("get", fault{err: test.get})
				}
				ctx, cancel := context.WithCancel(t.Context())
				end := time.Now().Add(test.after + 2*latency)
				time.AfterFunc(time.Until(end), func() {
					if test.dead {
						f.failAlways("list", hang)
					}
					cancel()
				})
				got := outcome(c.Create(ctx, options, false))
				if late := time.Since(end); late > time.Second || f.count("create") != 1 {
					t.Errorf("it ended %s after the interrupt, with %d creates", late, f.count("create"))
				}
				if want := map[bool]string{true: "created 197 (1) recovered", false: "lost"}[test.found]; got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			})
		}
	}
}

// After a create with an unknown result, the next create reads a new list: the last search is too old, or failed.
func TestCreateAfterALoss(t *testing.T) {
	t.Parallel()
	down := rejected(http.StatusServiceUnavailable, "")
	for name, test := range map[string]struct {
		late   time.Duration // until the job is created
		search error         // nil is an interrupt before the job is created
	}{
		"searches fail":              {search: down},
		"interrupted, created later": {late: 3 * time.Second},
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
			if got := outcome(c.Create(limited(t), options, true)); !strings.HasPrefix(got, "adopted 197") || f.changing() != "create" {
				t.Errorf("got %q after %q, want the job adopted", got, f.changing())
			}
		})
	}
}
