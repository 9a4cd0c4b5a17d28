package lifecycle_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

func TestGet(t *testing.T) {
	t.Parallel()
	gateway := refused(http.StatusNotFound, "APIGW.0101")
	down := refused(http.StatusServiceUnavailable, "")
	for name, test := range map[string]struct {
		get    error // nil is the honest answer
		list   error
		exists bool
		short  bool // the list lacks jobs
		found  bool // whether a *NotFoundError is expected
		listed bool // whether the job of the list is
	}{
		"404":                           {found: true},
		"404 and no list":               {list: down, found: true},
		"refusal, not listed":           {get: refused(http.StatusBadRequest, "ModelArts.0103"), found: true},
		"refusal with 200, not listed":  {get: refused(http.StatusOK, "ModelArts.0010"), found: true},
		"refusal, listed":               {get: refused(http.StatusBadRequest, "ModelArts.0103"), exists: true, listed: true},
		"refusal, list incomplete":      {get: refused(http.StatusBadRequest, "ModelArts.0103"), short: true},
		"refusal, no list":              {get: refused(http.StatusBadRequest, "ModelArts.0103"), list: down},
		"401":                           {get: refused(http.StatusUnauthorized, "")},
		"403":                           {get: refused(http.StatusForbidden, "ModelArts.0112")},
		"0108 with 404":                 {get: refused(http.StatusNotFound, "ModelArts.0108")},
		"gateway's 404":                 {get: gateway, list: gateway},
		"gateway's 404, not listed":     {get: gateway, found: true},
		"gateway's 404, listed":         {get: gateway, exists: true, listed: true},
		"throttled, not listed":         {get: refused(http.StatusTooManyRequests, "APIGW.0308")},
		"internal error, not listed":    {get: refused(http.StatusInternalServerError, "ModelArts.0010")},
		"lost answer, not listed":       {get: noAnswer(true)},
		"dial failure, not listed":      {get: noAnswer(false)},
		"internal error of a job there": {get: down, exists: true},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.add(8)
			id := int64(4711)
			if test.exists {
				id = f.add(8)
			}
			if test.get != nil {
				f.failAlways("get", fault{err: test.get})
			}
			if test.list != nil {
				f.failAlways("list", fault{err: test.list})
			}
			if test.short {
				f.failAlways("list", fault{done: true, short: true})
			}
			job, err := c.Get(t.Context(), id)
			if test.listed {
				if err != nil || job.ID != id {
					t.Errorf("got %v and %v, want job %d", job, err, id)
				}
				return
			}
			gone, found := errors.AsType[*lifecycle.NotFoundError](err)
			if found != test.found || job != nil {
				t.Errorf("got %v and %v, want a NotFoundError: %t", job, err, test.found)
			}
			if test.found && gone.ID != id {
				t.Errorf("the error names %d, want %d", gone.ID, id)
			}
			if test.get != nil && !errors.Is(err, test.get) {
				t.Errorf("got %v, which does not say %v", err, test.get)
			}
		})
	}
}

func TestGetReturnsTheJob(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		want := modelarts.VisualizationJob{Name: "a", Description: "b", TrainURL: "/c/d/"}
		want.ID = f.addJob(want, 10)
		want.Status = 10
		got, err := c.Get(t.Context(), want.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Error(diff)
		}
		if f.count("get") != 1 || f.count("list") != 0 {
			t.Errorf("%d gets and %d lists, want one and none", f.count("get"), f.count("list"))
		}
	})
}

// A list that a create has just read answers a single read.
func TestGetFromAListThatIsThere(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id := f.add(8)
		o := options
		o.Name = "other"
		if _, err := c.Create(limited(t), o, false); err != nil {
			t.Fatal(err)
		}
		if job, err := c.Get(limited(t), id); err != nil || job.ID != id {
			t.Errorf("got %v and %v, want job %d", job, err, id)
		}
		f.wantCalls(t, "both", 0, 1)
	})
}

func TestUpdateDescription(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		id := f.add(8)
		if err := c.UpdateDescription(t.Context(), id, "new"); err != nil {
			t.Fatal(err)
		}
		if job, err := c.Get(t.Context(), id); err != nil || job.Description != "new" {
			t.Errorf("got %v and %v, want the new description", job, err)
		}
		refusal := refused(http.StatusBadRequest, "ModelArts.0104")
		f.failAlways("update", fault{err: refusal})
		for _, description := range []string{"newer", "new"} { // also if it is what the job has
			if err := c.UpdateDescription(t.Context(), id, description); !errors.Is(err, refusal) {
				t.Errorf("%s: got %v, want %v", description, err, refusal)
			}
		}
	})
}

// An update of a job that doesn't exist returns a NotFoundError.
func TestUpdateDescriptionOfMissingJob(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error // nil is the honest answer
		gone bool
	}{
		"404":                   {gone: true},
		"refused without a 404": {err: refused(http.StatusBadRequest, "ModelArts.0103"), gone: true},
		"lost":                  {err: noAnswer(true), gone: true},
		"not sent":              {err: noAnswer(false)},
		"denied":                {err: refused(http.StatusForbidden, "ModelArts.0112")},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			if test.err != nil {
				f.failAlways("update", fault{err: test.err})
			}
			err := c.UpdateDescription(t.Context(), 4711, "new")
			var gone *lifecycle.NotFoundError
			if found := errors.As(err, &gone); found != test.gone || found && gone.ID != 4711 {
				t.Errorf("got %v, want a NotFoundError: %t", err, test.gone)
			}
			if looked := f.count("get") > 0; err == nil || looked != test.gone {
				t.Errorf("got %v, and looked at the job: %t", err, looked)
			}
		})
	}
}

// If the response to an update is not received, the job shows whether the update was done.
func TestUpdateDescriptionLost(t *testing.T) {
	t.Parallel()
	lost := noAnswer(true)
	for name, test := range map[string]struct {
		fault fault
		looks string // what happens to the look
		want  error
	}{
		"done":              {fault: fault{err: lost, done: true}},
		"not done":          {fault: fault{err: lost}, want: lost},
		"nobody can tell":   {fault: fault{err: lost, done: true}, looks: "get", want: lost},
		"not sent":          {fault: fault{err: noAnswer(false)}, want: noAnswer(false)},
		"done, 502 instead": {fault: fault{err: refused(http.StatusBadGateway, ""), done: true}},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			id := f.add(8)
			f.fail("update", test.fault)
			f.failAlways(test.looks, fault{err: refused(http.StatusServiceUnavailable, "")})
			err := c.UpdateDescription(t.Context(), id, "new")
			if (err == nil) != (test.want == nil) || err != nil && err.Error() != test.want.Error() {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

// An incomplete list is read again, once.
func TestList(t *testing.T) {
	t.Parallel()
	down := refused(http.StatusServiceUnavailable, "")
	incomplete, fails := fault{done: true, short: true}, fault{err: down}
	for name, test := range map[string]struct {
		faults   []fault
		lists    int
		complete bool
		err      error
	}{
		"complete":          {lists: 1, complete: true},
		"incomplete":        {faults: []fault{incomplete}, lists: 2, complete: true},
		"incomplete twice":  {faults: []fault{incomplete, incomplete}, lists: 2},
		"fails":             {faults: []fault{fails}, lists: 1, err: down},
		"incomplete, fails": {faults: []fault{incomplete, fails}, lists: 2, err: down},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.addMany(2)
			f.fail("list", test.faults...)
			list, err := c.List(t.Context(), modelarts.ListOptions{})
			if !errors.Is(err, test.err) || f.count("list") != test.lists {
				t.Fatalf("got %v after %d lists, want %v after %d", err, f.count("list"), test.err, test.lists)
			}
			if err == nil && (len(list.Jobs) != 2 || list.Complete != test.complete) {
				t.Errorf("got %d jobs, complete: %t", len(list.Jobs), list.Complete)
			}
		})
	}
}

// Pages are returned as they are, because a caller can't take back a page that it has shown.
func TestPages(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.addMany(5)
		f.perPage = 2
		var sizes []int
		for page, err := range c.Pages(t.Context(), modelarts.ListOptions{}) {
			if err != nil {
				t.Fatal(err)
			}
			sizes = append(sizes, len(page.Jobs))
		}
		if !slices.Equal(sizes, []int{2, 2, 1}) {
			t.Errorf("pages of %v jobs", sizes)
		}
	})
}
