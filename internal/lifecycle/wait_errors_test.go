package lifecycle_test

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

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

// An outage that takes less than a minute doesn't end a wait, and a longer one does. Error responses that deny access, and errors that are
// no responses, end it immediately.
func TestOutage(t *testing.T) {
	t.Parallel()
	throttled := &modelarts.NoResponseError{Err: &modelarts.ThrottledError{Wait: 2 * timeout}}
	for _, w := range senders {
		for _, request := range []string{w.request, "get"} {
			for _, outage := range []error{noResponse(false), noResponse(true), rejected(http.StatusServiceUnavailable, "")} {
				w.request, w.always, w.moves = request, outage, 10*time.Second
				short, long := w, w
				short.name, short.heals = "short", 55*time.Second
				short.run(t)
				long.name, long.want, long.err, long.min, long.max = "long", "... → wait", outage, time.Minute, 80*time.Second
				long.run(t)
			}
			for _, denied := range []error{rejected(http.StatusBadRequest, "ModelArts.0108"), errors.New("encode the request"), throttled} {
				atOnce := w
				atOnce.name, atOnce.always, atOnce.want, atOnce.err, atOnce.most, atOnce.max = "denied", denied, "... → wait", denied, 1, time.Nanosecond
				atOnce.run(t)
			}
		}
	}
}

// A response between two outages, also an error response or that of a poll, ends the first one.
func TestResponsesEndAnOutage(t *testing.T) {
	t.Parallel()
	lost := noResponse(true)
	outages := func(starts ...time.Duration) func(*fake, int64) { // of GETs, 40 s each
		return func(f *fake, _ int64) {
			for _, start := range starts {
				time.AfterFunc(start, func() { f.fail("get", fault{err: lost, always: true}) })
				time.AfterFunc(start+40*time.Second, f.heal)
			}
		}
	}
	alternating := func(err error, n int) []fault { return slices.Repeat([]fault{{err: lost}, {err: err}}, n) }
	runAll(t,
		wait{name: "conflicts", operation: ensureRunning, from: 12, request: "restart", first: alternating(conflict(), 6), want: "... → 8"},
		wait{
			name: "rejections", operation: ensureStopped, from: 1, moves: 30 * time.Minute,
			request: "stop", first: alternating(rejected(http.StatusBadRequest, "ModelArts.0104"), 40), want: "... → 12",
		},
		wait{
			name: "polls", operation: ensureStopped, from: 8, moves: 5 * time.Minute, want: "stop → 12",
			setup: outages(10*time.Second, 80*time.Second, 150*time.Second),
		},
		wait{ // A 404 for a new job is a response, too.
			name: "new job", operation: waitStarted, hidden: 30 * time.Second, want: " → 8",
			request: "get", always: lost, heals: 2 * time.Second, setup: outages(25 * time.Second),
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
	unlisted := func(f *fake, _ int64) { f.fail("list", fault{err: down, always: true}) }
	runAll(t,
		wait{ // Another party might have stopped the job between the poll and the request.
			name: "stopped meanwhile", operation: ensureStopped, from: 8, moves: time.Millisecond, stale: 100 * time.Millisecond,
			request: "stop", always: parameter, want: "stop → 12",
			setup: func(f *fake, id int64) { f.outside("stop", id) },
		},
		wait{name: "conflict", operation: ensureRunning, from: 12, request: "restart", always: conflicts, want: "... → wait", err: conflicts, min: time.Minute, max: 70 * time.Second},
		wait{name: "passes", operation: ensureRunning, from: 12, request: "restart", always: conflicts, heals: 50 * time.Second, want: "... → 8"},
		wait{ // A request that had an effect doesn't excuse the rejection of the next one.
			name: "after an effect", operation: ensureRunning, from: 12, want: "... → wait", err: conflicts, max: 3 * time.Minute,
			setup: func(f *fake, id int64) {
				time.AfterFunc(15*time.Second, func() {
					f.outside("stop", id)
					f.fail("restart", fault{err: conflicts, always: true})
				})
			},
		},
		wait{ // The rejections of a delete don't count for the stop.
			name: "of two requests", operation: ensureDeleted, from: 8, request: "delete", always: conflicts, heals: 100 * time.Second, want: "... → gone",
			setup: func(f *fake, _ int64) {
				f.fail("stop", fault{err: noResponse(false), always: true})
				time.AfterFunc(50*time.Second, func() {
					f.heal()
					f.fail("stop", fault{err: conflicts, always: true})
				})
			},
		},
		wait{ // A request that certainly wasn't sent isn't pending: a job that had failed before is restarted.
			name: "not sent", operation: ensureRunning, from: 11, request: "restart", first: []fault{{err: noResponse(false)}}, want: "restart restart → 8",
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
		w.name, w.first, w.always, w.stale, w.most = "accepted", []fault{{done: true}}, rejected(http.StatusNotFound, ""), 4*time.Minute, 6
		w.run(t)
		if isStarting(w.from) {
			continue // Nothing that rejects a moving job is final.
		}
		w.always, w.stale, w.moves, w.most = rejected(http.StatusBadRequest, "ModelArts.0104"), 50*time.Second, 10*time.Second, 0
		w.name, w.first = "lost and done", []fault{{err: noResponse(true), done: true}}
		w.run(t)
		w.name, w.first = "lost", []fault{{err: noResponse(true)}}
		w.want, w.min, w.max = "... → wait", w.stale, 80*time.Second
		w.run(t)
	}
}

// A delete that the service has started continues with each response to a second one, until the job has the status DELETE_FAILED.
func TestPendingDelete(t *testing.T) {
	t.Parallel()
	fails := func(f *fake, id int64) { f.become(time.Second, id, 6) }
	waits := []wait{
		{ // A job that is deleted isn't stopped.
			name: "lost", from: 8, stale: 59 * time.Second, first: []fault{{err: noResponse(true), done: true}}, want: "delete delete → gone",
		},
		{ // A delete can get a 404 while GETs still return the job.
			name: "404", from: 12, moves: time.Nanosecond, stale: 5 * time.Minute, min: 5 * time.Minute, most: 4, want: "... → gone",
			setup: func(f *fake, id int64) { f.outside("delete", id) },
		},
	}
	for _, from := range []modelarts.Status{1, 8, 12} {
		waits = append(waits,
			wait{name: "fails", from: from, first: []fault{{}}, setup: fails, want: "delete delete → gone"},
			wait{name: "fails", from: from, first: []fault{{}}, setup: fails, always: conflict(), want: "... → wait", max: 3 * time.Minute})
	}
	for _, w := range waits {
		w.operation, w.request = ensureDeleted, "delete"
		w.run(t)
	}
}

// A WaitError has the last error responses, as far as they still apply. If a definite error response arrives at the deadline, it
// ended the wait.
func TestWaitError(t *testing.T) {
	t.Parallel()
	lost, last := noResponse(true), rejected(http.StatusTooManyRequests, "APIGW.0308")
	denied, unavailable := rejected(http.StatusForbidden, "ModelArts.0112"), rejected(http.StatusServiceUnavailable, "")
	fails := func(request string, after time.Duration, fl fault) func(*fake, int64) {
		fl.always = true
		return func(f *fake, _ int64) { time.AfterFunc(after, func() { f.fail(request, fl) }) }
	}
	rejects := func(f *fake, _ int64) {
		f.rejects = func(request string, _ modelarts.Status) bool { return request == "delete" }
	}
	late := func(err error) []fault { return []fault{{hang: true, err: err}} }
	for _, w := range []wait{
		{name: "stop rejected after its acceptance", setup: fails("stop", time.Millisecond, fault{err: conflict()}), first: []fault{{}}, limit: 3 * time.Minute, facts: &facts{last: 8, accepted: 1, rejection: conflict()}},
		{name: "delete rejected", operation: ensureDeleted, setup: rejects, limit: timeout, facts: &facts{last: 9, accepted: 1, rejection: conflict()}},
		{name: "outage of polls", setup: fails("get", 10*time.Second, fault{err: lost}), facts: &facts{last: 9, accepted: 1, outage: lost}},
		{name: "outage of stops", first: []fault{{err: lost, always: true}}, facts: &facts{last: 8, outage: lost}},
		{name: "no outage", facts: &facts{last: 9, accepted: 1}},
		{name: "lost long ago", first: []fault{{err: lost, done: true}}, limit: 10 * time.Minute, facts: &facts{last: 9}},
		{name: "throttled", first: late(&modelarts.NoResponseError{Err: context.DeadlineExceeded, Last: last}), facts: &facts{last: 8, outage: last}},
		{name: "denied at the deadline", first: late(denied), facts: &facts{last: 8}, err: denied},
		{name: "poll denied at the deadline", setup: fails("get", time.Second, late(denied)[0]), facts: &facts{last: 9, accepted: 1}, err: denied},
		{name: "rejected at the deadline", first: late(conflict()), facts: &facts{last: 8, rejection: conflict()}},
		{name: "unavailable at the deadline", first: late(unavailable), facts: &facts{last: 8, outage: unavailable}},
		{name: "poll unavailable at the deadline", setup: fails("get", time.Second, late(unavailable)[0]), facts: &facts{last: 9, accepted: 1, outage: unavailable}},
		{name: "second half of a restart", operation: restart, setup: fails("restart", 0, fault{err: lost}), limit: 2*timeout + 30*time.Second, facts: &facts{goal: "running", last: 12, outage: lost}},
	} {
		if w.method == nil {
			w.operation = ensureStopped
		}
		if w.err == nil {
			w.err = context.DeadlineExceeded
		}
		w.from, w.moves, w.request, w.want = 8, 2*timeout, "stop", "... → wait"
		w.limit, w.facts.goal = cmp.Or(w.limit, 20*time.Second), cmp.Or(w.facts.goal, w.goal)
		w.run(t)
	}
}
