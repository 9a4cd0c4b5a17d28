package lifecycle_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// If a list fails, each read sends a GET, and no list is tried for a minute. If a GET would fail as well, the reads return
// the error of the list, and a later read uses another list.
func TestListFails(t *testing.T) {
	t.Parallel()
	for failure, isShared := range map[error]bool{
		noResponse(false): true,
		rejected(http.StatusForbidden, "ModelArts.0112"): false, rejected(http.StatusServiceUnavailable, ""): false, noResponse(true): false,
	} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency = 100 * time.Millisecond
			f.fail("list", fault{err: failure, always: true})
			ids := f.addMany(100)
			var all sync.WaitGroup
			var failed atomic.Int64
			for _, id := range ids {
				all.Go(func() {
					if _, err := c.Get(limited(t), id); errors.Is(err, failure) {
						failed.Add(1)
					} else if err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if want := map[bool]int64{true: 95}[isShared]; failed.Load() != want {
				t.Errorf("%v: %d reads failed, want %d", failure, failed.Load(), want)
			}
			f.wantRequests(t, "when it fails", map[bool]int{true: 5, false: 100}[isShared], 1)
			if !isShared {
				<-time.After(59 * time.Second)
				readAll(t, c, ids, 100, 0)
				f.wantRequests(t, "within a minute", 100, 0)
				<-time.After(3 * time.Second)
			}
			f.heal()
			readAll(t, c, ids, 100, 0)
			f.wantRequests(t, "later", map[bool]int{false: 5}[isShared], 1)
		})
	}
}

// The context ends a create that waits for a list, for the end of the one before, or for another create with the same name and path.
// When all callers have left, the list is canceled and the following one doesn't start. A caller that arrives just then gets another
// list. That all left isn't a failure of the list.
func TestAllLeave(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.fail("list", fault{hang: true, always: true})
		var all sync.WaitGroup
		// The second create waits for the first one, which has the same name. The third one needs a newer list, and leaves first.
		for i, limit := range []time.Duration{100 * time.Second, 20 * time.Second, 30 * time.Second} {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				start := time.Now()
				_, err := c.Create(ctx, named(fmt.Sprint(i/2)), false)
				if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took != limit {
					t.Errorf("create %d: got %v after %s, want the context's error", i, err, took)
				}
			})
			<-time.After(31 * time.Second)
		}
		all.Wait()
		f.heal()
		if _, err := c.Create(limited(t), options, false); err != nil {
			t.Errorf("the caller that came got %v", err)
		}
		f.wantRequests(t, "creates", 0, 2)
		<-time.After(3 * time.Second)
		readAll(t, c, f.addMany(40), 40, 0)
		f.wantRequests(t, "reads", 5, 1)
	})
}

// A read uses the list that a create has requested, even if it is the only read.
func TestReadUsesTheListOfACreate(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		ids := f.addMany(1)
		if _, err := c.Create(limited(t), named("another"), false); err != nil {
			t.Fatal(err)
		}
		if job, err := c.Get(limited(t), ids[0]); err != nil || job.ID != ids[0] {
			t.Errorf("got %v and %v, want job %d", job, err, ids[0])
		}
		f.wantRequests(t, "a read after a create", 0, 1)
	})
}

// A shared list uses the values of the context of New, even after that context and the caller that
// requested the list are gone. The other callers get the list.
func TestListKeepsItsContext(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, _ *lifecycle.Controller) {
		type caller struct{}
		from := func(name string) context.Context { return context.WithValue(limited(t), caller{}, name) }
		f.perPage, f.slow = 10, map[string]time.Duration{"list": time.Second}
		f.addMany(30)
		f.onPage = func(ctx context.Context) {
			if ctx.Err() != nil || ctx.Value(caller{}) != "provider" {
				t.Errorf("the context of a page is of %v and its error is %v", ctx.Value(caller{}), ctx.Err())
			}
		}
		base, end := context.WithCancel(from("provider"))
		c := lifecycle.New(base, f)
		end()
		first, cancel := context.WithTimeout(from("first"), 1500*time.Millisecond)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := c.Create(first, options, false); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the first caller got %v", err)
			}
		})
		<-time.After(time.Millisecond)
		if _, err := c.Create(from("second"), named("other"), false); err != nil {
			t.Error(err)
		}
		all.Wait()
		f.wantRequests(t, "both", 0, 3)
	})
}

// If the API throttles the list, reads and creates wait, unless their contexts end before.
func TestThrottledLists(t *testing.T) {
	t.Parallel()
	throttled := &modelarts.NoResponseError{Err: &modelarts.ThrottledError{Wait: 3 * time.Minute}}
	for name, test := range map[string]struct {
		limit       time.Duration // of a create; 100 reads if it is 0
		gets, lists int
		took        time.Duration
		err         error
	}{
		"reads":             {gets: 5, lists: 2, took: 3 * time.Minute},
		"a create":          {limit: 4 * time.Minute, lists: 2, took: 3 * time.Minute},
		"a create, no time": {limit: 2 * time.Minute, lists: 1, err: throttled},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.fail("list", fault{err: throttled})
			start := time.Now()
			if test.limit == 0 {
				readAll(t, c, f.addMany(100), 100, 0)
			} else {
				ctx, cancel := context.WithTimeout(t.Context(), test.limit)
				defer cancel()
				if _, err := c.Create(ctx, options, false); !errors.Is(err, test.err) {
					t.Errorf("got %v, want %v", err, test.err)
				}
			}
			if took := time.Since(start); took != test.took {
				t.Errorf("it took %s, want %s", took, test.took)
			}
			f.wantRequests(t, name, test.gets, test.lists)
		})
	}
}

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
		"lost response, not listed":   {get: noResponse(true)},
		"down, listed":                {get: down, exists: true},
		"in another workspace":        {exists: true, elsewhere: true, before: true, want: "job", gets: 1},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			created, err := c.Create(t.Context(), options, false) // The list before it proves nothing.
			if err != nil {
				t.Fatal(err)
			}
			id := created.Job.ID
			f.jobs[id].elsewhere = test.elsewhere
			if !test.exists {
				f.vanish(id)
			}
			f.forget()
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
	lost, notSent := noResponse(true), noResponse(false)
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
