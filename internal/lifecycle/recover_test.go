package lifecycle_test

import (
	"cmp"
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
	lost, gateway, quota := noAnswer(true), rejected(http.StatusGatewayTimeout, ""), rejected(http.StatusBadRequest, "ModelArts.2815")
	done := func(late time.Duration) fault { return fault{err: lost, done: true, late: late} }
	down, incomplete, listed := fault{err: rejected(http.StatusServiceUnavailable, "")}, fault{done: true, short: true}, fault{done: true}
	unsteady := []fault{down, down, incomplete, down, down}
	for name, test := range map[string]struct {
		creates   []fault
		searches  []fault // of the lists after the one before the create
		gets      error
		hidden    time.Duration
		want      string
		lost      error         // lost if it is nil
		unmanaged int           // jobs that the outcome doesn't name
		max       time.Duration // two searches of a minute each if it is 0
	}{
		"created":                       {creates: []fault{done(0)}, want: "created 197 (1) recovered", max: time.Second},
		"created, 504":                  {creates: []fault{{err: gateway, done: true}}, want: "created 197 (1) recovered", lost: gateway, max: time.Second},
		"created late":                  {creates: []fault{done(3 * time.Second)}, want: "created 197 (1) recovered", max: 10 * time.Second},
		"created later":                 {creates: []fault{done(14 * time.Second)}, want: "created 197 (1) recovered", max: 20 * time.Second},
		"created in the last minute":    {creates: []fault{done(55 * time.Second)}, want: "created 197 (1) recovered"},
		"hidden for over a minute":      {creates: []fault{done(0)}, hidden: 62 * time.Second, want: "created 197 (8) recovered"},
		"created, second rejected":      {creates: []fault{done(64 * time.Second), {err: quota}}, want: "created 197 (1) recovered"},
		"not created":                   {creates: []fault{{err: lost}}, want: "created 197 (1) recovered repeated"},
		"not created, then created":     {creates: []fault{{err: lost}, {err: gateway, done: true}}, want: "created 197 (1) recovered repeated", lost: gateway},
		"not created, then rejected":    {creates: []fault{{err: lost}, {err: quota}}, want: quota.Error(), lost: quota},
		"never created":                 {creates: []fault{{err: lost}, {err: gateway}}, want: "lost", lost: gateway},
		"searches fail, created":        {creates: []fault{done(0)}, searches: unsteady, want: "created 197 (1) recovered", max: 20 * time.Second},
		"searches fail, not created":    {creates: []fault{{err: lost}}, searches: unsteady, want: "created 197 (1) recovered repeated"},
		"the last search fails":         {creates: []fault{{err: lost}}, searches: append(slices.Repeat([]fault{listed}, 6), down), want: "lost, search failed"},
		"the last search is incomplete": {creates: []fault{{err: lost}}, searches: append(slices.Repeat([]fault{listed}, 6), incomplete, incomplete), want: "lost, search failed"},
		"incomplete, created":           {creates: []fault{done(0)}, searches: slices.Repeat([]fault{incomplete}, 14), want: "created 197 (1) recovered", max: time.Second},
		"no GET of the job":             {creates: []fault{done(0)}, gets: down.err, want: "lost, search failed", unmanaged: 1},
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
				start, cause, limit := time.Now(), cmp.Or(test.lost, lost), cmp.Or(test.max, 65*time.Second)
				created, err := c.Create(limited(t), options, false)
				took, got, sent := time.Since(start), outcome(created, err), len(test.creates)
				if created != nil && created.Repeated {
					sent = 2
				}
				if got == "lost" || got == quota.Error() {
					limit *= 2
				}
				if got != test.want || f.count("create") != sent || took > limit+time.Second {
					t.Errorf("got %q (%v) after %s and %d creates, want %q", got, err, took, f.count("create"), test.want)
				}
				if want := test.unmanaged + strings.Count(test.want, "created"); f.there() != want {
					t.Errorf("jobs %v", f.there())
				}
				if err != nil {
					if !errors.Is(err, cause) {
						t.Errorf("got %v, want %v", err, cause)
					}
					return
				}
				if duplicates, err := c.Duplicates(limited(t), created); err != nil || len(duplicates) > 0 || !errors.Is(created.Lost, cause) {
					t.Errorf("duplicates %v and %v of %+v", duplicates, err, created)
				}
			})
		}
	}
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
	for name, test := range map[string]struct {
		others []string      // the descriptions of jobs of another party
		age    time.Duration // of the others at the time of the create
		done   bool
		want   string
	}{
		"older":                {others: []string{""}, age: 10 * time.Second, want: "lost 198 (1)"},
		"other description":    {others: []string{"theirs"}, want: "lost 198 (1)"},
		"two":                  {others: []string{""}, done: true, want: "lost 198 (1) 199 (1)"},
		"two, one described":   {others: []string{"theirs"}, done: true, want: "lost 198 (1) 199 (1)"},
		"own and an older":     {others: []string{""}, age: 10 * time.Second, done: true, want: "lost 198 (1) 199 (1)"},
		"two of another party": {others: []string{"", "theirs"}, want: "lost 198 (1) 199 (1)"},
	} {
		for _, ahead := range clocks {
			inBubble(t, fmt.Sprintf("%s, server %s ahead", name, ahead), func(t *testing.T, f *fake, c *lifecycle.Controller) {
				f.ahead = ahead
				if _, err := c.Create(limited(t), named("first"), false); err != nil { // reads a list without the jobs
					t.Fatal(err)
				}
				<-time.After(20*time.Second - test.age)
				for _, description := range test.others {
					f.addJob(modelarts.VisualizationJob{Name: "board", TrainURL: "/bucket/logs", Description: description, CreateTime: f.serverNow()}, 1)
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
	lost, hang, hangDone := noAnswer(true), fault{hang: true}, fault{hang: true, done: true}
	const found, request, between = "created 197 (1) recovered", 5 * time.Second, 500 * time.Millisecond
	for name, test := range map[string]struct {
		create fault
		search fault // what happens to the first search
		get    error // the first response to a GET
		dead   bool  // lists hang from the interrupt on
		after  time.Duration
		want   string // "lost" if it is empty
	}{
		"in the request, created":         {create: hangDone, after: request, want: found},
		"in the request, not created":     {create: hang, after: request},
		"one 404":                         {create: hangDone, get: rejected(http.StatusNotFound, "ModelArts.0103"), after: request, want: found},
		"dead service":                    {create: hangDone, dead: true, after: request, want: "lost, search failed"},
		"between two searches, created":   {create: fault{err: lost, done: true, late: 300 * time.Millisecond}, after: between, want: found},
		"between two searches, not":       {create: fault{err: lost}, after: between},
		"in a search, created":            {create: fault{err: lost, done: true}, search: hang, after: between, want: found},
		"in a search, not created":        {create: fault{err: lost}, search: hang, after: between},
		"just before the search, created": {create: fault{err: lost, done: true}, after: time.Nanosecond, want: found},
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
				if late := time.Since(end); got != cmp.Or(test.want, "lost") || late > time.Second || f.count("create") != 1 {
					t.Errorf("got %q %s after the interrupt, with %d creates", got, late, f.count("create"))
				}
			})
		}
	}
}

// After a create with an unknown result, the next create reads a new list: the last search is too old, or failed.
func TestCreateAfterALoss(t *testing.T) {
	t.Parallel()
	for want, late := range map[string]time.Duration{"lost, search failed": 0, "lost": 3 * time.Second} { // until the job is created
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			f.fail("list", fault{done: true}) // the one before the create
			f.fail("create", fault{err: noAnswer(true), done: true, late: late})
			if late == 0 {
				f.failAlways("list", fault{err: rejected(http.StatusServiceUnavailable, "")})
			} else {
				time.AfterFunc(500*time.Millisecond, cancel)
			}
			if got := outcome(c.Create(ctx, options, true)); got != want {
				t.Fatalf("got %q, want %q", got, want)
			}
			f.heal()
			<-time.After(5 * time.Second)
			if got := outcome(c.Create(limited(t), options, true)); !strings.HasPrefix(got, "adopted 197") || f.changing() != "create" {
				t.Errorf("got %q after %q, want the job adopted", got, f.changing())
			}
		})
	}
}
