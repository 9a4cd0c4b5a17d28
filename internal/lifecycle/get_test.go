package lifecycle_test

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// Get returns a *NotFoundError only if two 404 responses of the service prove it, or an error response and a complete list.
func TestGet(t *testing.T) {
	t.Parallel()
	gateway, down := rejected(http.StatusNotFound, "APIGW.0101"), rejected(http.StatusServiceUnavailable, "")
	rejection := rejected(http.StatusBadRequest, "ModelArts.0103")
	for name, test := range map[string]struct {
		get, list error // nil is the service's own response
		exists    bool
		elsewhere bool   // in another workspace, on no list
		short     bool   // lists lack a job
		before    bool   // other reads have read a list
		want      string // "job" or "gone"; the error of the GET if it is empty
		gets      int    // ignored if it is 0
	}{
		"404":                         {want: "gone", gets: 2},
		"404, no list":                {list: down, want: "gone"},
		"404, not listed before":      {before: true, want: "gone", gets: 1},
		"404, list before incomplete": {before: true, short: true, want: "gone", gets: 2},
		"rejection, not listed":       {get: rejection, want: "gone", gets: 1},
		"rejection, listed":           {get: rejection, exists: true, want: "job"},
		"rejection, list incomplete":  {get: rejection, short: true},
		"rejection, no list":          {get: rejection, list: down},
		"rejection with 200":          {get: &modelarts.Error{Operation: "GET /visualization-jobs/1", StatusCode: http.StatusOK, Code: "ModelArts.0010"}, want: "gone"},
		"denied":                      {get: rejected(http.StatusNotFound, "ModelArts.0108")},
		"gateway's 404, not listed":   {get: gateway, want: "gone"},
		"gateway's 404, listed":       {get: gateway, exists: true, want: "job"},
		"lost response, not listed":   {get: noAnswer(true)},
		"down, listed":                {get: down, exists: true},
		"in another workspace":        {exists: true, elsewhere: true, before: true, want: "job", gets: 1},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			id := f.add(8)
			f.jobs[id].elsewhere = test.elsewhere
			if !test.exists {
				f.vanish(id)
			}
			f.fail("list", fault{err: test.list, done: true, short: test.short, always: true})
			others := f.addMany(9)
			if test.before {
				readAll(t, c, others, 9, 0)
				f.forget()
			}
			if test.get != nil {
				f.fail("get", fault{err: test.get, always: true})
			}
			job, err := c.Get(t.Context(), id)
			got := ""
			if gone, ok := errors.AsType[*lifecycle.NotFoundError](err); ok && gone.ID == id {
				got = "gone"
			} else if err == nil && job.ID == id && job.Name == "board" {
				got = "job"
			}
			if got != test.want || got != "job" && !errors.Is(err, cmp.Or(test.get, err)) || test.gets > 0 && f.count("get") != test.gets {
				t.Errorf("got %v and %v after %d GETs, want %q", job, err, f.count("get"), test.want)
			}
		})
	}
}

// If the response to an update isn't received, or might mean that the job doesn't exist, UpdateDescription reads the job.
func TestUpdateDescription(t *testing.T) {
	t.Parallel()
	lost, notSent := noAnswer(true), noAnswer(false)
	invalid, denied := rejected(http.StatusBadRequest, "ModelArts.0104"), rejected(http.StatusForbidden, "ModelArts.0112")
	for name, test := range map[string]struct {
		gone   bool  // the job doesn't exist
		update fault // without an error, it is done
		get    error
		want   string
		gets   int
	}{
		"accepted":            {update: fault{done: true}, want: "<nil>"},
		"rejected, as it was": {update: fault{err: invalid, done: true}, want: invalid.Error(), gets: 1},
		"lost, done":          {update: fault{err: lost, done: true}, want: "<nil>", gets: 1},
		"lost, not done":      {update: fault{err: lost}, want: lost.Error(), gets: 1},
		"lost, GET fails":     {update: fault{err: lost, done: true}, get: rejected(http.StatusServiceUnavailable, ""), want: lost.Error(), gets: 1},
		"gone, rejected":      {gone: true, update: fault{err: invalid}, want: "not found", gets: 2},
		"gone, lost":          {gone: true, update: fault{err: lost}, want: "not found", gets: 2},
		"gone, not sent":      {gone: true, update: fault{err: notSent}, want: notSent.Error()},
		"gone, denied":        {gone: true, update: fault{err: denied}, want: denied.Error()},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			id := f.add(8)
			if test.gone {
				f.vanish(id)
			}
			f.fail("update", test.update)
			if test.get != nil {
				f.fail("get", fault{err: test.get, always: true})
			}
			err := c.UpdateDescription(t.Context(), id, "new")
			got := fmt.Sprint(err)
			if is[*lifecycle.NotFoundError](err) {
				got = "not found"
			}
			if got != test.want || f.count("get") != test.gets {
				t.Errorf("got %q after %d GETs, want %q", got, f.count("get"), test.want)
			}
		})
	}
}

// An incomplete list is read again, once.
func TestList(t *testing.T) {
	t.Parallel()
	for attempts, isComplete := range map[int]bool{0: true, 1: true, 2: false} { // that are incomplete
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.addMany(2)
			f.fail("list", slices.Repeat([]fault{{done: true, short: true}}, attempts)...)
			list, err := c.List(t.Context(), modelarts.ListOptions{})
			if err != nil || len(list.Jobs) != 2 || list.Complete != isComplete || f.count("list") != min(attempts+1, 2) {
				t.Errorf("got %+v and %v after %d lists", list, err, f.count("list"))
			}
		})
	}
}
