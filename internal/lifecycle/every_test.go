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

// oddAnswers are what the first calls meet, before the service is itself again.
var oddAnswers = map[string][]fault{
	"none":                      nil,
	"conflict":                  {{err: conflict()}},
	"conflict with 409, thrice": {{err: refused(http.StatusConflict, "")}, {err: conflict()}, {err: conflict()}},
	"refused":                   {{err: errRefusedOnce}},
	"lost":                      {{err: noAnswer(true)}},
	"lost, done":                {{err: noAnswer(true), done: true}},
	"lost, done late":           {{err: refused(http.StatusGatewayTimeout, ""), done: true, late: 5 * time.Second}},
	"lost, done, lost":          {{err: noAnswer(true), done: true}, {err: noAnswer(true)}},
	"lost, conflict":            {{err: noAnswer(true)}, {err: conflict()}},
	"throttled, unavailable":    {{err: refused(http.StatusTooManyRequests, "APIGW.0308")}, {err: refused(http.StatusServiceUnavailable, "")}},
	"accepted without effect":   {{}},
	"accepted, then refused":    {{}, {err: conflict()}},
	"done, then refused oddly":  {{done: true}, {err: refused(http.StatusBadRequest, "ModelArts.0107")}, {err: refused(http.StatusNotFound, "")}},
}

var errRefusedOnce = refused(http.StatusBadRequest, "ModelArts.0104")

// profiles are what services may refuse beside what is always refused.
var profiles = map[string]func(op string, s modelarts.Status) bool{
	"usual": nil,
	// Nothing goes while a job moves, and only a settled one is deleted.
	"strict": func(op string, s modelarts.Status) bool {
		return s != 8 && !isStopped(s) && !isFailed(s) || op == "delete" && s == 8
	},
	"stops before it deletes": func(op string, s modelarts.Status) bool {
		return op == "delete" && (s == 8 || isStarting(s))
	},
}

// everyClass has a status of each class. TestFromEveryStatus proves that the others of a class are handled in the same way.
var everyClass = []modelarts.Status{0, 1, 6, 8, 9, 11, 12}

// Every operation from a status of each class, with each series of odd responses, age of the returned status and
// profile of rejections.
func TestEveryCombination(t *testing.T) {
	t.Parallel()
	cases := 0
	t.Cleanup(func() { t.Logf("%d cases", cases) })
	for _, w := range []operation{ensureStopped, ensureRunning, ensureFreshRunning, restart, waitStarted, waitFoundStarted, ensureDeleted} {
		for _, from := range everyClass {
			for odd, faults := range oddAnswers {
				if w.goal == "started" && faults != nil {
					continue // they send no requests that the faults are for
				}
				for _, stale := range []time.Duration{0, 3 * time.Second, 70 * time.Second, 4 * time.Minute} {
					for profile, refuses := range profiles {
						for reads, newController := range controllers {
							if reads == "lists" && profile != "usual" {
								continue // rejections don't depend on how the job is read
							}
							cases++
							bubble(t, func(t *testing.T, f *fake, _ *lifecycle.Controller) {
								f.stale, f.refuses, f.refusesWhileDeleting = stale, refuses, true
								for _, op := range []string{"stop", "restart", "delete"} {
									f.fail(op, faults...)
								}
								id := f.add(from)
								job, err := w.do(newController(t.Context(), f), limited(t), id)
								if wrong := judge(f, w, from, id, job, err); wrong != "" {
									t.Errorf("%s from %s, %s, stale %s, %s, %s: %s; requests %q, ended with %q (%v)",
										w.name, from, odd, stale, profile, reads, wrong, f.changing(), result(job, err), err)
								}
							})
						}
					}
				}
			}
		}
	}
}

// judge says what is wrong with how a wait ended; it knows the goals by what they
// are for, and not by how they are reached.
func judge(f *fake, w operation, from modelarts.Status, id int64, job *modelarts.VisualizationJob, err error) string {
	if wrong := misbehaved(f, w); wrong != "" {
		return wrong
	}
	is := f.status(id)
	if waited, ok := errors.AsType[*lifecycle.WaitError](err); ok && errors.Is(waited.Err, errRefusedOnce) {
		// Final in a status that does not change by itself.
		if last := waited.Last.Status; last != 8 && !isStopped(last) && !isFailed(last) {
			return "a refusal while the job moves was taken for final"
		}
		return ""
	}
	want, wantErr := is, ""
	switch {
	case w.goal == "deleted":
		if is != -1 {
			return "the job is still there"
		}
		return unless(err == nil, "an error")
	case w.name == waitStarted.name && isFailed(from), w.name == ensureFreshRunning.name && isFailed(from):
		want, wantErr = from, "failed"
	case w.name == waitFoundStarted.name && isFailed(from):
		want = from
	case w.goal == "started" && (isStopped(from) || from == 9):
		if !isStopped(is) {
			return "the job does not stay stopped"
		}
	case w.goal == "restarted" && from == 8 && f.count("restart") == 0:
		return "the job runs on"
	case w.goal != "stopped":
		want = 8
	case isFailed(from):
		want = from
	case !isStopped(is):
		return "the job is not stopped"
	}
	failed, ok := errors.AsType[*lifecycle.FailedError](err)
	switch {
	case is != want:
		return fmt.Sprintf("the status is %s, want %s", is, want)
	case wantErr == "failed":
		return unless(ok && failed.Job.Status == want, "want a FailedError")
	case err != nil:
		return "an error"
	}
	return unless(job != nil && job.Status == is, "what was returned is not what is")
}

func unless(right bool, wrong string) string {
	if right {
		return ""
	}
	return wrong
}

// misbehaved says which calls should not have been made.
func misbehaved(f *fake, w operation) string {
	allowed := map[string][]string{
		"stopped": {"stop"}, "running": {"restart"}, "restarted": {"stop", "restart"}, "deleted": {"delete", "stop"},
	}[w.goal]
	if w.goal == "started" {
		allowed = nil
	}
	accepted := map[string]time.Time{}
	for _, c := range f.log {
		if c.op == "get" || c.op == "list" {
			continue
		}
		if !slices.Contains(allowed, c.op) {
			return "there was a " + c.op
		}
		if last, again := accepted[c.op]; again && c.at.Sub(last) < time.Minute {
			return fmt.Sprintf("a second %s came %s after one that was accepted", c.op, c.at.Sub(last))
		}
		if c.accepted {
			accepted[c.op] = c.at
		}
	}
	looks, most := f.count("get")+f.count("list"), 90
	if w.goal == "restarted" {
		most *= 2 // it is two waits
	}
	if calls := len(strings.Fields(f.changing())); calls > looks || looks > most {
		return fmt.Sprintf("%d calls and %d looks", calls, looks)
	}
	return ""
}
