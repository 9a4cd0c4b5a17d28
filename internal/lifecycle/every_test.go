package lifecycle_test

import (
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

// responses are series of faults of the first requests. Then the API is healthy.
var responses = map[string][]fault{
	"healthy":                   nil,
	"conflict":                  {{err: conflict()}},
	"conflict with 409, thrice": {{err: rejected(http.StatusConflict, "")}, {err: conflict()}, {err: conflict()}},
	"rejected":                  {{err: errRejectedOnce}},
	"lost":                      {{err: noAnswer(true)}},
	"lost, done":                {{err: noAnswer(true), done: true}},
	"lost, done late":           {{err: rejected(http.StatusGatewayTimeout, ""), done: true, late: 5 * time.Second}},
	"lost, done, lost":          {{err: noAnswer(true), done: true}, {err: noAnswer(true)}},
	"lost, conflict":            {{err: noAnswer(true)}, {err: conflict()}},
	"throttled, unavailable":    {{err: rejected(http.StatusTooManyRequests, "APIGW.0308")}, {err: rejected(http.StatusServiceUnavailable, "")}},
	"accepted without effect":   {{}},
	"accepted, then rejected":   {{}, {err: conflict()}},
	"done, then odd rejections": {{done: true}, {err: rejected(http.StatusBadRequest, "ModelArts.0107")}, {err: rejected(http.StatusNotFound, "")}},
}

var errRejectedOnce = rejected(http.StatusBadRequest, "ModelArts.0104")

// profiles are the requests that a service might reject in addition to those that every service rejects.
var profiles = map[string]func(request string, s modelarts.Status) bool{
	"usual": nil,
	// Nothing is possible while a job moves, and only a job that is stopped or failed is deleted.
	"strict": func(request string, s modelarts.Status) bool {
		return s != 8 && !isStopped(s) && !isFailed(s) || request == "delete" && s == 8
	},
	"stops before it deletes": func(request string, s modelarts.Status) bool {
		return request == "delete" && (s == 8 || isStarting(s))
	},
}

// everyClass has a status of each class. TestFromEveryStatus proves that the others of a class are handled in the same way.
var everyClass = []modelarts.Status{0, 1, 6, 8, 9, 11, 12}

// Every operation from a status of each class, with each series of responses, age of the returned status and
// profile of rejections.
func TestEveryCombination(t *testing.T) {
	t.Parallel()
	for _, o := range []operation{ensureStopped, ensureRunning, ensureFreshRunning, restart, waitStarted, waitFoundStarted, ensureDeleted} {
		for _, from := range everyClass {
			for name, faults := range responses {
				if o.goal == "started" && faults != nil {
					continue // they send no requests that the faults are for
				}
				for _, stale := range []time.Duration{0, 3 * time.Second, 70 * time.Second, 4 * time.Minute} {
					for profile, rejects := range profiles {
						bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
							f.stale, f.rejects, f.rejectsWhileDeleting = stale, rejects, true
							for _, op := range []string{"stop", "restart", "delete"} {
								f.fail(op, faults...)
							}
							id := f.add(from)
							job, err := o.do(limited(t), c, id, old)
							if wrong := judge(f, o, from, id, job, err); wrong != "" {
								t.Errorf("%s from %s, %s, stale %s, %s: %s; requests %q, ended with %q (%v)",
									o.name, from, name, stale, profile, wrong, f.changing(), result(job, err), err)
							}
						})
					}
				}
			}
		}
	}
}

// judge returns the fault of the end of a wait, or "". It knows the purposes of the goals, and not how they are reached.
func judge(f *fake, o operation, from modelarts.Status, id int64, job *modelarts.VisualizationJob, err error) string {
	if wrong := judgeRequests(f, o); wrong != "" {
		return wrong
	}
	status := f.status(id)
	if waited, ok := errors.AsType[*lifecycle.WaitError](err); ok && errors.Is(waited.Err, errRejectedOnce) {
		if last := waited.Last.Status; last != 8 && !isStopped(last) && !isFailed(last) {
			return "a rejection while the job moves was taken for final"
		}
		return ""
	}
	want, fails := status, false
	switch {
	case o.goal == "deleted":
		want = -1
	case isFailed(from) && (o.name == waitStarted.name || o.name == ensureFreshRunning.name):
		want, fails = from, true
	case isFailed(from) && (o.name == waitFoundStarted.name || o.goal == "stopped"):
		want = from
	case o.goal == "stopped", o.goal == "started" && (isStopped(from) || from == 9):
		if !isStopped(status) {
			return "the job isn't stopped"
		}
	case o.goal == "restarted" && from == 8 && f.count("restart") == 0:
		return "the job wasn't restarted"
	default:
		want = 8
	}
	failed, isFailure := errors.AsType[*lifecycle.FailedError](err)
	switch {
	case status != want:
		return fmt.Sprintf("the status is %s, want %s", status, want)
	case isFailure != fails || fails && failed.Job.Status != want, err != nil && !fails:
		return "the error is wrong"
	case err == nil && o.goal != "deleted" && job.Status != status:
		return "the wait returned another status than the job has"
	}
	return ""
}

// judgeRequests returns which requests should not have been sent, or "".
func judgeRequests(f *fake, o operation) string {
	allowed := map[string]string{"stopped": "stop", "running": "restart", "restarted": "stop restart", "deleted": "delete stop"}[o.goal]
	accepted := map[string]time.Time{}
	for _, r := range f.log {
		if r.name == "get" || r.name == "list" {
			continue
		}
		if !slices.Contains(strings.Fields(allowed), r.name) {
			return "there was a " + r.name
		}
		if last, repeated := accepted[r.name]; repeated && r.at.Sub(last) < time.Minute {
			return fmt.Sprintf("a second %s came %s after one that was accepted", r.name, r.at.Sub(last))
		}
		if r.accepted {
			accepted[r.name] = r.at
		}
	}
	polls, most := len(f.times("get", "list")), 90
	if o.goal == "restarted" {
		most *= 2 // It is two waits.
	}
	if requests := len(strings.Fields(f.changing())); requests > polls || polls > most {
		return fmt.Sprintf("%d requests and %d polls", requests, polls)
	}
	return ""
}
