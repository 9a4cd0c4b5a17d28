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

// everyOperation has the operations of the columns of everyStatus.
var everyOperation = []operation{ensureStopped, ensureRunning, restart, ensureFreshRunning, waitStarted, waitFoundStarted, ensureDeleted}

// everyStatus has the requests and the result of each operation from the statuses of a row. %d is the status.
var everyStatus = []struct {
	from  []modelarts.Status
	wants []string
}{
	{[]modelarts.Status{0, 99}, []string{"stop → 12", " → 8", "stop restart → 8", " → 8", " → 8", " → 8", "delete delete → gone"}},
	{[]modelarts.Status{1, 2, 4, 7, 15, 18, 19, 20}, []string{"stop → 12", " → 8", " → 8", " → 8", " → 8", " → 8", "delete → gone"}},
	{[]modelarts.Status{8}, []string{"stop → 12", " → 8", "stop restart → 8", " → 8", " → 8", " → 8", "delete → gone"}},
	{[]modelarts.Status{9}, []string{" → 12", "restart → 8", "restart → 8", "restart → 8", " → 12", " → 12", "delete delete → gone"}},
	{[]modelarts.Status{12, 10, 13}, []string{" → %d", "restart → 8", "restart → 8", "restart → 8", " → %d", " → %d", "delete → gone"}},
	{
		[]modelarts.Status{6, 3, 5, 11, 14, 16, 17, 21},
		[]string{" → %d", "restart → 8", "restart → 8", " → failed %d", " → failed %d", " → %d", "delete → gone"},
	},
}

func TestFromEveryStatus(t *testing.T) {
	t.Parallel()
	for _, row := range everyStatus {
		for _, from := range row.from {
			for i, o := range everyOperation {
				wait{operation: o, from: from, want: strings.ReplaceAll(row.wants[i], "%d", fmt.Sprint(int(from)))}.run(t)
			}
		}
	}
}

// responses are series of faults of the first requests. Then the API is healthy.
var responses = map[string][]fault{
	"healthy":                   nil,
	"conflict":                  {{err: conflict()}},
	"conflict with 409, thrice": {{err: rejected(http.StatusConflict, "")}, {err: conflict()}, {err: conflict()}},
	"rejected":                  {{err: errRejectedOnce}},
	"lost":                      {{err: noResponse(true)}},
	"lost, done":                {{err: noResponse(true), done: true}},
	"lost, done late":           {{err: rejected(http.StatusGatewayTimeout, ""), done: true, late: 5 * time.Second}},
	"lost, done, lost":          {{err: noResponse(true), done: true}, {err: noResponse(true)}},
	"lost, conflict":            {{err: noResponse(true)}, {err: conflict()}},
	"not sent, unavailable":     {{err: noResponse(false)}, {err: rejected(http.StatusServiceUnavailable, "")}},
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

// Every operation from a status of each row, with each series of responses, age of the returned status and profile of
// rejections, has the result of the table.
func TestEveryCombination(t *testing.T) {
	t.Parallel()
	for _, row := range everyStatus {
		for i, o := range everyOperation {
			from, want := row.from[0], strings.ReplaceAll(row.wants[i], "%d", fmt.Sprint(int(row.from[0])))
			for name, faults := range responses {
				if o.goal == "started" && faults != nil {
					continue // they send no requests that the faults are for
				}
				for _, stale := range []time.Duration{0, 3 * time.Second, 70 * time.Second, 4 * time.Minute} {
					for profile, rejects := range profiles {
						bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
							f.stale, f.rejects = stale, rejects
							for _, op := range []string{"stop", "restart", "delete"} {
								f.fail(op, faults...)
							}
							id := f.add(from)
							job, err := o.do(limited(t), c, id, old)
							if wrong := judge(f, o, id, job, err, want); wrong != "" {
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

// judge returns the fault of the end of a wait, or "".
func judge(f *fake, o operation, id int64, job *modelarts.VisualizationJob, err error, want string) string {
	if wrong := judgeRequests(f, o); wrong != "" {
		return wrong
	}
	requests, want, _ := strings.Cut(want, " → ")
	waited, isWait := errors.AsType[*lifecycle.WaitError](err)
	switch {
	case isWait && errors.Is(waited.Err, errRejectedOnce):
		if last := waited.Last.Status; last != 8 && !isStopped(last) && !isFailed(last) {
			return "a rejection while the job moves was taken for final"
		}
	case result(job, err) != want:
		return fmt.Sprintf("want %q", want)
	case !strings.HasSuffix(want, f.status(id)):
		return "the status is " + f.status(id)
	case strings.Contains(requests, "restart") && f.count("restart") == 0:
		return "the job wasn't restarted"
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
