package lifecycle_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// If the response to a create isn't received, Create searches for the job for a minute. If there is none, it sends the request
// again, once. It doesn't use a job that is older than the request or differs from it, and none of several jobs. After an interrupt, it
// has a second for one search. After an error, the next create finds the job. Duplicates returns a job that the service
// created after the last search.
func TestLostCreate(t *testing.T) {
	t.Parallel()
	lost, gateway, quota := noResponse(true), rejected(http.StatusGatewayTimeout, ""), rejected(http.StatusBadRequest, "ModelArts.2815")
	done := func(late time.Duration) fault { return fault{err: lost, done: true, late: late} }
	hang, hangDone := fault{hang: true}, fault{hang: true, done: true}
	down, incomplete, listed := fault{err: rejected(http.StatusServiceUnavailable, "")}, fault{done: true, short: true}, fault{done: true}
	unsteady := []fault{down, down, incomplete, down, down}
	const found, repeated, request, between = "created 197 (1) recovered", "created 197 (1) recovered repeated", 5 * time.Second, 500 * time.Millisecond
	for name, test := range map[string]struct {
		creates    []fault
		searches   []fault // of the lists after the one before the create
		gets       []fault
		others     []string // descriptions of jobs that another party creates after the first list,
		age        time.Duration
		hidden     time.Duration
		interrupt  time.Duration
		want       string
		lost       error         // lost if it is nil
		duplicates int           // after half a minute
		max        time.Duration // two searches of a minute each if it is 0
	}{
		"created late":                  {creates: []fault{done(3 * time.Second)}, want: found, max: 10 * time.Second},
		"created in the last minute":    {creates: []fault{done(55 * time.Second)}, want: found},
		"hidden for over a minute":      {creates: []fault{done(0)}, hidden: 62 * time.Second, want: "created 197 (8) recovered"},
		"created, second rejected":      {creates: []fault{done(64 * time.Second), {err: quota}}, want: found},
		"not created":                   {creates: []fault{{err: lost}}, want: repeated},
		"not created, then rejected":    {creates: []fault{{err: lost}, {err: quota}}, want: quota.Error(), lost: quota},
		"never created":                 {creates: []fault{{err: lost}, {err: gateway}}, want: "lost", lost: gateway},
		"created too late":              {creates: []fault{done(70 * time.Second)}, want: repeated, duplicates: 1},
		"created too late, then lost":   {creates: []fault{done(70 * time.Second), {err: gateway, done: true}}, want: repeated, lost: gateway, duplicates: 1},
		"searches fail, not created":    {creates: []fault{{err: lost}}, searches: unsteady, want: repeated},
		"the last search fails":         {creates: []fault{{err: lost}}, searches: append(slices.Repeat([]fault{listed}, 6), down), want: "lost, search failed"},
		"the last search is incomplete": {creates: []fault{{err: lost}}, searches: append(slices.Repeat([]fault{listed}, 6), incomplete, incomplete), want: "lost, search failed"},
		"incomplete, created":           {creates: []fault{done(0)}, searches: slices.Repeat([]fault{incomplete}, 14), want: found, max: time.Second},
		"no GET of the job":             {creates: []fault{done(0)}, gets: slices.Repeat([]fault{down}, 7), want: "lost, search failed"},

		"older":             {creates: []fault{{err: lost}}, others: []string{""}, age: 10 * time.Second, want: "lost 197 (1)", max: time.Second},
		"other description": {creates: []fault{{err: lost}}, others: []string{"theirs"}, want: "lost 197 (1)", max: time.Second},
		"two":               {creates: []fault{done(0)}, others: []string{""}, want: "lost 197 (1) 198 (1)", max: time.Second},

		"interrupted request, created":              {creates: []fault{hangDone}, interrupt: request, want: found},
		"interrupted request, not created":          {creates: []fault{hang}, interrupt: request, want: "lost"},
		"interrupted, one 404":                      {creates: []fault{hangDone}, gets: []fault{{err: rejected(http.StatusNotFound, "ModelArts.0103")}}, interrupt: request, want: found},
		"interrupted, dead service":                 {creates: []fault{hangDone}, searches: []fault{hang}, interrupt: request, want: "lost, search failed"},
		"interrupted between searches, created":     {creates: []fault{done(300 * time.Millisecond)}, interrupt: between, want: found},
		"interrupted between searches, not created": {creates: []fault{{err: lost}}, interrupt: between, want: "lost"},
		"interrupted search, created":               {creates: []fault{done(0)}, searches: []fault{hang}, interrupt: between, want: found},
	} {
		for _, ahead := range []time.Duration{0, -2 * time.Hour, 2 * time.Hour, 700 * time.Millisecond} {
			inBubble(t, fmt.Sprintf("%s, server %s ahead", name, ahead), func(t *testing.T, f *fake, c *lifecycle.Controller) {
				f.ahead, f.latency, f.hidden = ahead, 20*time.Millisecond, test.hidden
				if test.others == nil && test.gets == nil { // A job that is listed and doesn't exist anymore is no candidate.
					f.listedAs[5] = modelarts.VisualizationJob{ID: 5, Name: "board", TrainURL: "/bucket/logs/", CreateTime: f.serverNow()}
				}
				f.fail("create", test.creates...)
				f.fail("list", append([]fault{listed}, test.searches...)...)
				f.fail("get", test.gets...)
				for _, description := range test.others {
					time.AfterFunc(f.latency+time.Millisecond, func() { // after the first list
						f.addJob(modelarts.VisualizationJob{Name: "board", TrainURL: "/bucket/logs", Description: description, CreateTime: f.serverNow().Add(-test.age)}, 1)
					})
				}
				ctx, limit, cause := limited(t), cmp.Or(test.max, 65*time.Second), cmp.Or(test.lost, lost)
				if test.interrupt > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.interrupt+6*f.latency)
					defer cancel()
					limit, cause = test.interrupt+6*f.latency, nil
				}
				start := time.Now()
				created, err := c.Create(ctx, options, false)
				took, got, sent := time.Since(start), outcome(created, err), len(test.creates)
				if got == repeated {
					sent = 2
				}
				if got == "lost" || got == quota.Error() {
					limit *= 2
				}
				if got != test.want || f.count("create") != sent || took > limit+time.Second {
					t.Fatalf("got %q (%v) after %s and %d creates, want %q", got, err, took, f.count("create"), test.want)
				}
				if err != nil {
					if cause != nil && !errors.Is(err, cause) {
						t.Errorf("got %v, want %v", err, cause)
					}
					f.heal()
					<-time.After(5 * time.Second)
					existing := f.there()
					next, err := c.Create(limited(t), options, true)
					if got := outcome(next, err); existing == 1 && (err != nil || !next.Adopted) || existing > 1 && !is[*lifecycle.ExistsError](err) {
						t.Errorf("the next create: got %q, and %d jobs existed", got, existing)
					}
					return
				}
				<-time.After(30 * time.Second)
				duplicates, err := c.Duplicates(limited(t), created)
				if err != nil || len(duplicates) != test.duplicates || f.there() != 1+test.duplicates || cause != nil && !errors.Is(created.Lost, cause) {
					t.Errorf("duplicates %v and %v of %+v", duplicates, err, created)
				}
				f.heal()
				f.fail("list", down)
				if _, err := c.Duplicates(limited(t), created); !errors.Is(err, down.err) {
					t.Errorf("got %v, want the error of the list", err)
				}
			})
		}
	}
}
