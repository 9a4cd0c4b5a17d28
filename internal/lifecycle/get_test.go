package lifecycle_test

import (
	"errors"
	"net/http"
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
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
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
		if err := c.UpdateDescription(t.Context(), id, "newer"); !errors.Is(err, refusal) {
			t.Errorf("got %v, want %v", err, refusal)
		}
	})
}

// The job itself tells whether a description was set whose answer was lost.
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
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
				id := f.add(8)
				f.fail("update", test.fault)
				f.failAlways(test.looks, fault{err: refused(http.StatusServiceUnavailable, "")})
				err := c.UpdateDescription(t.Context(), id, "new")
				if (err == nil) != (test.want == nil) || err != nil && err.Error() != test.want.Error() {
					t.Errorf("got %v, want %v", err, test.want)
				}
			})
		})
	}
}
