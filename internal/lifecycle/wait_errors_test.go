package lifecycle_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// senders are waits that send a request.
var senders = []wait{
	{operation: ensureStopped, request: "stop", from: 8, want: "... → 12"},
	{operation: ensureStopped, request: "stop", from: 1, want: "... → 12"},
	{operation: ensureRunning, request: "restart", from: 12, want: "... → 8"},
	{operation: ensureRunning, request: "restart", from: 11, want: "... → 8"},
	{operation: ensureDeleted, request: "delete", from: 8, want: "... → gone"},
}

// An outage that takes less than a minute doesn't end a wait, and a longer one does.
func TestOutage(t *testing.T) {
	t.Parallel()
	for _, outage := range []error{
		noAnswer(false), noAnswer(true), rejected(http.StatusServiceUnavailable, ""), rejected(http.StatusTooManyRequests, "APIGW.0308"),
	} {
		for _, w := range senders {
			for _, request := range []string{w.request, "get"} {
				w.request, w.always, w.moves = request, outage, 10*time.Second
				short, long := w, w
				short.name, short.heals = "short", 55*time.Second
				short.run(t)
				long.name, long.want, long.err, long.min, long.max = "long", "... → wait", outage, time.Minute, 80*time.Second
				long.run(t)
			}
		}
	}
}

// A response between two outages, also an error response or that of a poll, ends the first one.
func TestResponsesEndAnOutage(t *testing.T) {
	t.Parallel()
	lost := noAnswer(true)
	outages := func(starts ...time.Duration) func(*fake, int64) { // of GETs, 40 s each
		return func(f *fake, _ int64) {
			for _, start := range starts {
				time.AfterFunc(start, func() { f.failAlways("get", fault{err: lost}) })
				time.AfterFunc(start+40*time.Second, f.heal)
			}
		}
	}
	var conflicts, rejections []fault
	for range 40 {
		conflicts = append(conflicts, fault{err: lost}, fault{err: conflict()})
		rejections = append(rejections, fault{err: lost}, fault{err: rejected(http.StatusBadRequest, "ModelArts.0104")})
	}
	runAll(t,
		wait{name: "conflicts", operation: ensureRunning, from: 12, request: "restart", first: conflicts[:12], want: "... → 8"},
		wait{name: "rejections", operation: ensureStopped, from: 1, moves: 30 * time.Minute, request: "stop", first: rejections, want: "... → 12"},
		wait{
			name: "polls", operation: ensureStopped, from: 8, moves: 5 * time.Minute, want: "stop → 12",
			setup: outages(10*time.Second, 80*time.Second, 150*time.Second),
		},
		wait{ // A 404 for a new job is a response, too.
			name: "new job", operation: waitStarted, hidden: 30 * time.Second, want: " → 8",
			request: "get", always: lost, heals: 2 * time.Second, setup: outages(20 * time.Second),
		},
		wait{ // While there is nothing to send, there is no outage of requests.
			name: "nothing to send", operation: ensureRunning, from: 12, moves: 3 * time.Minute,
			request: "restart", first: []fault{{err: lost, done: true}, {err: lost, done: true}}, want: "... → 8",
			setup: func(f *fake, id int64) { time.AfterFunc(time.Minute, func() { f.outside("stop", id) }) },
		})
}

// An error response that rejects a request is followed by a poll. It is final if the status doesn't change by itself, and
// if either the reason isn't the status or the API has rejected the request for a minute.
func TestRejectedRequests(t *testing.T) {
	t.Parallel()
	conflicts, other := conflict(), rejected(http.StatusBadRequest, "ModelArts.2815")
	parameter, down := rejected(http.StatusBadRequest, "ModelArts.0104"), rejected(http.StatusServiceUnavailable, "")
	for _, w := range senders {
		w.always = other
		if isStarting(w.from) { // It is sent again in the next status, whatever the error code is.
			w.moves, w.heals, w.min, w.max = 5*time.Minute, 5*time.Minute, 5*time.Minute, 11*time.Minute
		} else {
			w.want, w.err, w.max = w.request+" → wait", other, time.Second
		}
		w.run(t)
	}
	unlisted := func(f *fake, _ int64) { f.failAlways("list", fault{err: down}) }
	runAll(t,
		wait{ // Another party might have stopped the job between the poll and the request.
			name: "stopped meanwhile", operation: ensureStopped, from: 8, moves: time.Millisecond, stale: 100 * time.Millisecond,
			request: "stop", always: parameter, want: "stop → 12",
			setup: func(f *fake, id int64) { f.outside("stop", id) },
		},
		wait{name: "conflict", operation: ensureRunning, from: 12, request: "restart", always: conflicts, want: "... → wait", err: conflicts, min: time.Minute, max: 70 * time.Second},
		wait{name: "conflict passes", operation: ensureRunning, from: 12, request: "restart", always: conflicts, heals: 50 * time.Second, want: "... → 8"},
		wait{ // A request that had an effect doesn't excuse the rejection of the next one.
			name: "after an effect", operation: ensureRunning, from: 12, want: "... → wait", err: conflicts, max: 3 * time.Minute,
			setup: func(f *fake, id int64) {
				time.AfterFunc(15*time.Second, func() {
					f.outside("stop", id)
					f.failAlways("restart", fault{err: conflicts})
				})
			},
		},
		wait{ // The rejections of a delete don't count for the stop.
			name: "of two requests", operation: ensureDeleted, from: 8, request: "delete", always: conflicts, heals: 100 * time.Second, want: "... → gone",
			setup: func(f *fake, _ int64) {
				f.failAlways("stop", fault{err: noAnswer(false)})
				time.AfterFunc(50*time.Second, func() {
					f.heal()
					f.failAlways("stop", fault{err: conflicts})
				})
			},
		},
		wait{ // A request that certainly wasn't sent isn't pending: a job that had failed before is restarted.
			name: "not sent", operation: ensureRunning, from: 11, request: "restart", first: []fault{{err: noAnswer(false)}}, want: "restart restart → 8",
			setup: func(f *fake, id int64) { f.become(100*time.Millisecond, id, 5) },
		},
		wait{ // A starting job that runs before its stop has an effect hasn't progressed.
			name: "runs first", operation: ensureStopped, from: 1, request: "stop", first: []fault{{}}, always: conflicts, heals: 150 * time.Second, want: "... → 12",
		},
		wait{name: "404", operation: ensureStopped, from: 8, request: "stop", always: rejected(http.StatusNotFound, "ModelArts.0103"), want: "stop → wait", max: time.Second},
		wait{ // A delete that is rejected without a reason might be rejected for the status.
			name: "no code", operation: ensureDeleted, from: 8, request: "delete",
			always: rejected(http.StatusBadRequest, ""), heals: 20 * time.Second, want: "delete stop delete delete → gone",
		},
		// It is unknown whether a job exists if the API rejects the GET and the list. That is an outage.
		wait{name: "short", operation: ensureStopped, from: 8, request: "get", always: parameter, heals: 30 * time.Second, setup: unlisted, want: "stop → 12"},
		wait{name: "long", operation: ensureStopped, from: 8, request: "get", always: parameter, setup: unlisted, want: " → wait", min: time.Minute, max: 2 * time.Minute})
}

// If a request was accepted, an error response to its repetition means that it is in progress, whatever the error code is. A
// request whose response wasn't received might be in progress, too, but not forever.
func TestRejectedRepetitions(t *testing.T) {
	t.Parallel()
	for _, w := range senders {
		for _, rejection := range []error{conflict(), rejected(http.StatusOK, "ModelArts.0104"), rejected(http.StatusNotFound, "")} {
			w.name, w.first, w.always, w.stale, w.most = "accepted", []fault{{done: true}}, rejection, 4*time.Minute, 6
			w.run(t)
		}
		if isStarting(w.from) {
			continue // Nothing that rejects a moving job is final.
		}
		w.always, w.stale, w.moves, w.most = rejected(http.StatusBadRequest, "ModelArts.0104"), 50*time.Second, 10*time.Second, 0
		w.name, w.first = "lost and done", []fault{{err: noAnswer(true), done: true}}
		w.run(t)
		w.name, w.first = "lost", []fault{{err: noAnswer(true)}}
		w.want, w.min, w.max = "... → wait", w.stale, 80*time.Second
		w.run(t)
	}
}

// A delete that the service has started continues with each response to a second one, until the job has the status DELETE_FAILED.
func TestPendingDelete(t *testing.T) {
	t.Parallel()
	started := func(f *fake, _ int64) { f.rejectsWhileDeleting = true }
	fails := func(f *fake, id int64) { f.become(time.Second, id, 6) }
	becomes := func(to modelarts.Status) func(f *fake, id int64) {
		return func(f *fake, id int64) {
			f.rejectsWhileDeleting = true
			j, now := f.jobs[id], time.Now()
			j.changes = []change{
				{at: now, status: j.now().status}, {at: now.Add(10 * time.Second), status: to}, {at: now.Add(170 * time.Second), status: to, gone: true},
			}
		}
	}
	conflicts := conflict()
	waits := []wait{
		// A job that is deleted isn't stopped.
		{name: "accepted", from: 8, setup: started, want: "delete → gone"},
		{name: "accepted, stale", from: 8, stale: 59 * time.Second, setup: started, want: "delete → gone"},
		{name: "lost", from: 8, stale: 59 * time.Second, setup: started, first: []fault{{err: noAnswer(true), done: true}}, want: "delete delete → gone"},
		{ // A delete can get a 404 while GETs still return the job.
			name: "404", from: 12, moves: time.Nanosecond, stale: 5 * time.Minute, min: 5 * time.Minute, most: 3, want: "... → gone",
			setup: func(f *fake, id int64) { f.outside("delete", id) },
		},
	}
	for _, test := range []struct{ from, to modelarts.Status }{{1, 7}, {1, 8}, {1, 11}, {9, 12}, {9, 11}, {0, 8}} {
		waits = append(waits, wait{ // The next status is neither an effect nor a failure of the delete.
			name: "to " + test.to.String(), from: test.from, first: []fault{{}}, setup: becomes(test.to), want: "delete delete → gone",
		})
	}
	for _, from := range []modelarts.Status{1, 8, 12} {
		waits = append(waits,
			wait{name: "fails", from: from, first: []fault{{}}, setup: fails, want: "delete delete → gone"},
			wait{name: "fails", from: from, first: []fault{{}}, setup: fails, always: conflicts, want: "... → wait", err: conflicts, max: 3 * time.Minute})
	}
	for _, w := range waits {
		w.operation, w.request = ensureDeleted, "delete"
		w.run(t)
	}
}

// Error responses that deny access, and errors that are no responses, end every wait immediately.
func TestDeniedEndsAtOnce(t *testing.T) {
	t.Parallel()
	for name, denied := range map[string]error{
		"401":           rejected(http.StatusUnauthorized, ""),
		"403":           rejected(http.StatusForbidden, ""),
		"0108 with 400": rejected(http.StatusBadRequest, "ModelArts.0108"),
		"our own":       errors.New("encode the request"),
		"no new token":  &modelarts.NoResponseError{Err: &httpclient.CredentialsError{Err: &auth.ConfigError{Summary: "wrong password"}}},
		"throttled":     &modelarts.NoResponseError{Err: &modelarts.ThrottledError{Wait: 2 * timeout}},
	} {
		for _, w := range []wait{
			{operation: ensureStopped, request: "get", from: 1, want: " → wait"},
			{operation: ensureStopped, request: "stop", from: 1, want: "stop → wait"},
			{operation: ensureDeleted, request: "delete", from: 8, want: "delete → wait"},
		} {
			w.name, w.always, w.err, w.most, w.max = name, denied, denied, 1, time.Nanosecond
			w.run(t)
		}
	}
}

// A WaitError has the last error responses, as far as they still apply. If a definite error response arrives at the deadline, it
// ended the wait.
func TestWaitError(t *testing.T) {
	t.Parallel()
	lost, throttled := noAnswer(true), rejected(http.StatusTooManyRequests, "APIGW.0308")
	denied, unavailable := rejected(http.StatusForbidden, "ModelArts.0112"), rejected(http.StatusServiceUnavailable, "")
	fails := func(request string, after time.Duration, fl fault) func(*fake) {
		return func(f *fake) { time.AfterFunc(after, func() { f.failAlways(request, fl) }) }
	}
	rejects := func(f *fake) {
		f.rejects = func(request string, _ modelarts.Status) bool { return request == "delete" }
	}
	late := func(err error) []fault { return []fault{{hang: true, err: err}} }
	const short = 20 * time.Second
	for name, test := range map[string]struct {
		operation         // ensureStopped if it is the zero value
		setup             func(*fake)
		first             []fault // of stops
		limit             time.Duration
		last              modelarts.Status
		accepted          int
		rejection, outage error
		err               error // context.DeadlineExceeded if it is nil
	}{
		"stop rejected after its acceptance": {setup: fails("stop", time.Millisecond, fault{err: conflict()}), first: []fault{{}}, limit: 3 * time.Minute, last: 8, accepted: 1, rejection: conflict()},
		"delete rejected":                    {operation: ensureDeleted, setup: rejects, limit: timeout, last: 9, accepted: 1, rejection: conflict()},
		"outage of polls":                    {setup: fails("get", 10*time.Second, fault{err: lost}), limit: short, last: 9, accepted: 1, outage: lost},
		"outage of stops":                    {setup: fails("stop", 0, fault{err: lost}), first: []fault{{err: lost}}, limit: short, last: 8, outage: lost},
		"no outage":                          {limit: short, last: 9, accepted: 1},
		"lost long ago":                      {first: []fault{{err: lost, done: true}}, limit: 10 * time.Minute, last: 9},
		"throttled":                          {first: late(&modelarts.NoResponseError{Err: context.DeadlineExceeded, Last: throttled}), limit: short, last: 8, outage: throttled},
		"denied at the deadline":             {first: late(denied), limit: short, last: 8, err: denied},
		"poll denied at the deadline":        {setup: fails("get", time.Second, late(denied)[0]), limit: short, last: 9, accepted: 1, err: denied},
		"rejected at the deadline":           {first: late(conflict()), limit: short, last: 8, rejection: conflict()},
		"unavailable at the deadline":        {first: late(unavailable), limit: short, last: 8, outage: unavailable},
		"poll unavailable at the deadline":   {setup: fails("get", time.Second, late(unavailable)[0]), limit: short, last: 9, accepted: 1, outage: unavailable},
		"second half of a restart":           {operation: restart, setup: fails("restart", 0, fault{err: lost}), limit: 2*timeout + 30*time.Second, last: 12, outage: lost},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.moves = 2 * timeout
			f.fail("stop", test.first...)
			if test.setup != nil {
				test.setup(f)
			}
			if test.method == nil {
				test.operation = ensureStopped
			}
			ctx, cancel := context.WithTimeout(t.Context(), test.limit)
			defer cancel()
			_, err := test.do(ctx, c, f.add(8))
			waited, ok := errors.AsType[*lifecycle.WaitError](err)
			if want := cmp.Or(test.err, context.DeadlineExceeded); !ok || !errors.Is(err, want) {
				t.Fatalf("got %v, want a WaitError with %v", err, want)
			}
			goal := map[string]string{"restarted": "running"}[test.goal]
			if waited.Goal != cmp.Or(goal, test.goal) || waited.Last.Status != test.last || waited.Accepted != test.accepted ||
				fmt.Sprint(waited.Rejection) != fmt.Sprint(test.rejection) || fmt.Sprint(waited.Outage) != fmt.Sprint(test.outage) {
				t.Errorf("got the goal %s, last %s, accepted %d, rejection %v, outage %v",
					waited.Goal, waited.Last.Status, waited.Accepted, waited.Rejection, waited.Outage)
			}
		})
	}
}
