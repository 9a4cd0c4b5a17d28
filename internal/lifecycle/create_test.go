package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// options are those of the job that add creates.
var options = named("board")

func named(name string) modelarts.CreateOptions {
	return modelarts.CreateOptions{Name: name, TrainURL: "/bucket/logs/"}
}

// outcome returns the result of a create in words, with the IDs of the jobs and their statuses.
func outcome(created *lifecycle.Created, err error) string {
	list := func(word string, jobs ...modelarts.VisualizationJob) string {
		for _, job := range jobs {
			word += fmt.Sprintf(" %d (%d)", job.ID, job.Status)
		}
		return word
	}
	exists, isExists := errors.AsType[*lifecycle.ExistsError](err)
	lost, isLost := errors.AsType[*lifecycle.LostError](err)
	switch {
	case isExists && exists.Owned:
		return list("owned", exists.Jobs...)
	case isExists:
		return list("exists", exists.Jobs...)
	case isLost && lost.SearchErr != nil:
		return list("lost, search failed", lost.Candidates...)
	case isLost:
		return list("lost", lost.Candidates...)
	case err != nil:
		return err.Error()
	case created.Adopted:
		return list("adopted", created.Job)
	case created.Repeated:
		return list("created", created.Job) + " recovered repeated"
	case created.Lost != nil:
		return list("created", created.Job) + " recovered"
	default:
		return list("created", created.Job)
	}
}

// Create checks for existing jobs with the name and path in a list, and confirms each with a GET. If the check fails, it
// creates none.
func TestCreate(t *testing.T) {
	t.Parallel()
	down, quota := rejected(http.StatusServiceUnavailable, ""), rejected(http.StatusBadRequest, "ModelArts.2815")
	job := func(name, path string) modelarts.VisualizationJob {
		return modelarts.VisualizationJob{Name: name, TrainURL: path}
	}
	board := job("board", "/bucket/logs/")
	scheduled, ghost, other := board, board, board
	scheduled.Schedule = modelarts.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 4}
	ghost.ID, other.ID = 5, 197
	jobs := func(jobs ...modelarts.VisualizationJob) []modelarts.VisualizationJob { return jobs }
	incomplete := fault{done: true, short: true}
	var most string
	for id := range 25 {
		most += fmt.Sprintf(" %d (8)", 197+id)
	}
	for name, test := range map[string]struct {
		jobs, ghosts []modelarts.VisualizationJob // ghosts are only in the list
		noAdopt      bool
		slashless    bool // the path of the options
		request      string
		faults       []fault
		want         string
		lists        int // 1 if it is 0
	}{
		"no job":                        {want: "created 197 (1)"},
		"other path":                    {jobs: jobs(job("board", "/bucket/other/")), want: "created 198 (1)"},
		"other name":                    {jobs: jobs(job("board2", "/bucket/logs/")), want: "created 198 (1)"},
		"other case":                    {jobs: jobs(job("Board", "/bucket/logs/")), want: "created 198 (1)"},
		"a job, no slash":               {jobs: jobs(board), slashless: true, want: "adopted 197 (8)"},
		"a job, not adopted":            {jobs: jobs(board), noAdopt: true, want: "exists 197 (8)"},
		"two jobs":                      {jobs: jobs(board, board), want: "exists 197 (8) 198 (8)"},
		"more jobs than are confirmed":  {jobs: slices.Repeat(jobs(board), 30), want: "exists" + most},
		"schedule in the list only":     {jobs: jobs(scheduled), want: "adopted 197 (8)"},
		"a listed job is gone":          {ghosts: jobs(ghost), want: "created 197 (1)"},
		"one 404 proves nothing":        {jobs: jobs(board), request: "get", faults: []fault{{err: rejected(http.StatusNotFound, "ModelArts.0103")}}, want: "adopted 197 (8)"},
		"GET returns another job":       {jobs: jobs(job("theirs", "/bucket/logs/")), ghosts: jobs(other), want: "read visualization job 197: the API returns another name or path than in its list of jobs"},
		"no list":                       {jobs: jobs(board), request: "list", faults: []fault{{err: down}}, want: down.Error()},
		"no GET":                        {jobs: jobs(board), request: "get", faults: []fault{{err: down}}, want: down.Error()},
		"rejected":                      {request: "create", faults: []fault{{err: quota}}, want: quota.Error()},
		"not sent":                      {request: "create", faults: []fault{{err: noAnswer(false)}}, want: noAnswer(false).Error()},
		"incomplete list":               {request: "list", faults: []fault{incomplete}, want: "created 197 (1)", lists: 2},
		"always incomplete list":        {request: "list", faults: []fault{incomplete, incomplete, incomplete}, want: "created 197 (1)", lists: 2},
		"incomplete list, second fails": {request: "list", faults: []fault{incomplete, {err: down}}, want: down.Error(), lists: 2},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.ghosts = test.ghosts
			for _, job := range test.jobs {
				f.addJob(job, 8)
			}
			f.fail(test.request, test.faults...)
			o := options
			if test.slashless {
				o.TrainURL = "/bucket/logs"
			}
			created, err := c.Create(limited(t), o, !test.noAdopt)
			isRequested := strings.HasPrefix(test.want, "created") || test.request == "create"
			if got := outcome(created, err); got != test.want || isRequested != (f.changing() == "create") || f.count("list") != max(test.lists, 1) {
				t.Errorf("got %q after %q and %d lists, want %q", got, f.changing(), f.count("list"), test.want)
			}
			if err == nil && created.Adopted && (created.Job.TrainURL != board.TrainURL || created.Job.Schedule != test.jobs[0].Schedule) {
				t.Errorf("got %+v, want the path and schedule of the list", created.Job)
			}
		})
	}
}

// A create uses a list that is at most a minute old, and knows the creates and deletes of this run since.
func TestSecondCreate(t *testing.T) {
	t.Parallel()
	down := rejected(http.StatusServiceUnavailable, "")
	add := func(f *fake, _ *lifecycle.Controller) { f.add(8) }
	vanish := func(f *fake, _ *lifecycle.Controller) { f.vanish(197) }
	fail := func(f *fake, _ *lifecycle.Controller) { f.failAlways("get", fault{err: down}) }
	deleted := func(f *fake, c *lifecycle.Controller) {
		f.moves = time.Second
		_ = c.EnsureDeleted(context.Background(), 197, old)
	}
	for name, test := range map[string]struct {
		exists  bool   // a job exists before
		first   string // the name in the first create, "board" by default
		hidden  time.Duration
		between func(f *fake, c *lifecycle.Controller)
		after   time.Duration
		want    string
		lists   int // 1 if it is 0
	}{
		"immediately":                {want: "owned 197 (1)"},
		"GETs don't return it yet":   {hidden: 5 * time.Second, want: "owned 197 (1)"},
		"when it runs":               {after: 30 * time.Second, want: "owned 197 (8)"},
		"with another list":          {after: 61 * time.Second, want: "owned 197 (8)", lists: 2},
		"beside another job":         {between: add, after: 61 * time.Second, want: "exists 197 (8) 198 (8)", lists: 2},
		"a new job of another party": {first: "other", between: add, after: 61 * time.Second, want: "adopted 198 (8)", lists: 2},
		"not returned, perhaps new":  {between: vanish, after: 59 * time.Second, want: "owned 197 (1)"},
		"deleted by another party":   {between: vanish, after: 61 * time.Second, want: "created 198 (1)", lists: 2},
		"no GET":                     {between: fail, want: down.Error()},
		"deleted by this run":        {between: deleted, want: "created 198 (1)"},
		"listed, deleted by the run": {exists: true, first: "other", between: deleted, want: "created 199 (1)"},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.hidden = test.hidden
			if test.exists {
				f.add(8)
			}
			if _, err := c.Create(limited(t), named(max(test.first, "board")), false); err != nil {
				t.Fatal(err)
			}
			if test.between != nil {
				test.between(f, c)
			}
			<-time.After(test.after)
			if got := outcome(c.Create(limited(t), options, true)); got != test.want || f.count("list") != max(test.lists, 1) {
				t.Errorf("got %q with %d lists, want %q", got, f.count("list"), test.want)
			}
		})
	}
}

// One of two creates with the same name and path fails, also if the API doesn't return the new job yet.
func TestConcurrentCreatesWithOneKey(t *testing.T) {
	t.Parallel()
	for _, hidden := range []time.Duration{0, 5 * time.Second} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency, f.hidden = 100*time.Millisecond, hidden
			outcomes := make(chan string, 2)
			for _, path := range []string{"/bucket/logs", "/bucket/logs/"} {
				go func() {
					outcomes <- outcome(c.Create(limited(t), modelarts.CreateOptions{Name: "board", TrainURL: path}, true))
				}()
			}
			if first, second := <-outcomes, <-outcomes; first != "created 197 (1)" || second != "owned 197 (1)" || f.changing() != "create" {
				t.Errorf("hidden %s: got %q and %q after %q", hidden, first, second, f.changing())
			}
		})
	}
}

// A create that waits for another one, or for its list, can be canceled.
func TestConcurrentCreateIsCanceled(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"board", "other"} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.failAlways("list", fault{hang: true})
			create := func(limit time.Duration, name string) {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				start := time.Now()
				_, err := c.Create(ctx, named(name), false)
				if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took > limit+time.Second {
					t.Errorf("%s: got %v after %s, want the context's error", name, err, took)
				}
			}
			var both sync.WaitGroup
			both.Go(func() { create(time.Minute, "board") })
			<-time.After(time.Second)
			create(5*time.Second, name)
			both.Wait()
		})
	}
}

// Creates that run at the same time share one list, and its failure. A later create reads another list after a failure. A
// total that is always wrong costs one more list, not one for each create.
func TestCreatesShareAList(t *testing.T) {
	t.Parallel()
	down := fault{err: rejected(http.StatusServiceUnavailable, "")}
	for _, test := range []struct {
		list         fault
		created      int
		lists, later int // lists of the first creates, and of all
	}{{fault{done: true}, 50, 1, 1}, {down, 0, 1, 2}, {fault{done: true, short: true}, 50, 2, 2}} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.latency = 10 * time.Second
			f.failAlways("list", test.list)
			var all sync.WaitGroup
			for i := range 50 {
				all.Go(func() {
					if _, err := c.Create(limited(t), named(fmt.Sprint(i)), false); !errors.Is(err, test.list.err) {
						t.Errorf("got %v, want %v", err, test.list.err)
					}
				})
			}
			all.Wait()
			if f.count("list") != test.lists || f.there() != test.created || f.count("get") != 0 {
				t.Errorf("%d lists, %d GETs and %d jobs, want %d, 0 and %d", f.count("list"), f.count("get"), f.there(), test.lists, test.created)
			}
			f.heal()
			if _, err := c.Create(limited(t), options, false); err != nil || f.count("list") != test.later {
				t.Errorf("the next create: %v with %d lists", err, f.count("list"))
			}
		})
	}
}
