package lifecycle_test

import (
	"cmp"
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
	if exists, ok := errors.AsType[*lifecycle.ExistsError](err); ok {
		return list(map[bool]string{true: "owned", false: "exists"}[exists.Owned], exists.Jobs...)
	}
	if lost, ok := errors.AsType[*lifecycle.LostError](err); ok {
		return list(map[bool]string{true: "lost", false: "lost, search failed"}[lost.SearchErr == nil], lost.Candidates...)
	}
	switch {
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

// createStep is an event before a create.
type createStep func(*fake, *lifecycle.Controller)

func adds(name, path string) createStep {
	return func(f *fake, _ *lifecycle.Controller) {
		f.addJob(modelarts.VisualizationJob{Name: name, TrainURL: path}, 8)
	}
}

func lists(id int64) createStep { // a job that GETs don't return
	return func(f *fake, _ *lifecycle.Controller) {
		f.listedAs[id] = modelarts.VisualizationJob{ID: id, Name: "board", TrainURL: "/bucket/logs/"}
	}
}

func creates(name string) createStep {
	return func(_ *fake, c *lifecycle.Controller) { _, _ = c.Create(context.Background(), named(name), false) }
}

func waits(d time.Duration) createStep { return func(*fake, *lifecycle.Controller) { <-time.After(d) } }

func fails(request string, faults ...fault) createStep {
	return func(f *fake, _ *lifecycle.Controller) { f.fail(request, faults...) }
}

// Create checks for existing jobs with the name and path in a list, and confirms each with a GET. If the check fails, it
// creates none. The list is at most a minute old, and the creates and deletes of this run since are known.
func TestCreate(t *testing.T) {
	t.Parallel()
	down, quota := rejected(http.StatusServiceUnavailable, ""), rejected(http.StatusBadRequest, "ModelArts.2815")
	board, first := adds("board", "/bucket/logs/"), creates("board")
	starts := func(f *fake, c *lifecycle.Controller) {
		f.back = time.Second
		go first(f, c)
		<-time.After(1500 * time.Millisecond) // It has the list, and no response to its create request.
	}
	vanishes := func(f *fake, _ *lifecycle.Controller) { f.vanish(197) }
	mistakes := func(f *fake, _ *lifecycle.Controller) { f.createdID = 197 } // in the responses to creates
	scheduled := func(f *fake, _ *lifecycle.Controller) {
		f.addJob(modelarts.VisualizationJob{Name: "board", TrainURL: "/bucket/logs/", Schedule: modelarts.Schedule{Duration: 4}}, 8)
	}
	deletes := func(_ *fake, c *lifecycle.Controller) { _ = c.EnsureDeleted(context.Background(), 197, old) }
	most := "exists"
	for id := range 25 {
		most += fmt.Sprintf(" %d (8)", 197+id)
	}
	type steps []createStep
	for name, test := range map[string]struct {
		before  steps
		noAdopt bool
		path    string // "/bucket/logs/" if it is empty
		want    string
		lists   int // 1 if it is 0
	}{
		"no job":                       {want: "created 197 (1)"},
		"other path":                   {before: steps{adds("board", "/bucket/other/")}, want: "created 198 (1)"},
		"other case":                   {before: steps{adds("Board", "/bucket/logs/")}, want: "created 198 (1)"},
		"a job, no slash":              {before: steps{board}, path: "/bucket/logs", want: "adopted 197 (8)"},
		"a job, not adopted":           {before: steps{board}, noAdopt: true, want: "exists 197 (8)"},
		"more jobs than are confirmed": {before: slices.Repeat(steps{board}, 30), want: most},
		"schedule in the list only":    {before: steps{scheduled}, want: "adopted 197 (8)"},
		"a listed job is gone":         {before: steps{lists(5)}, want: "created 197 (1)"},
		"GET returns another job":      {before: steps{adds("theirs", "/bucket/logs/"), lists(197)}, want: "GET /visualization-jobs/197: the API returns another name or path than in its list of jobs"},
		"no list":                      {before: steps{board, fails("list", fault{err: down})}, want: down.Error()},
		"no GET":                       {before: steps{board, fails("get", fault{err: down})}, want: down.Error()},
		"rejected":                     {before: steps{fails("create", fault{err: quota})}, want: quota.Error()},
		"not sent":                     {before: steps{fails("create", fault{err: noResponse(false)})}, want: noResponse(false).Error()},
		"incomplete list":              {before: steps{fails("list", fault{done: true, short: true})}, want: "created 197 (1)", lists: 2},

		"during a create":            {before: steps{starts}, want: "owned 197 (1)"},
		"after a create":             {before: steps{first}, want: "owned 197 (1)"},
		"with another list":          {before: steps{first, waits(61 * time.Second)}, want: "owned 197 (8)", lists: 2},
		"beside another job":         {before: steps{first, board, waits(61 * time.Second)}, want: "exists 197 (8) 198 (8)", lists: 2},
		"a new job of another party": {before: steps{creates("other"), board, waits(61 * time.Second)}, want: "adopted 198 (8)", lists: 2},
		"not returned, perhaps new":  {before: steps{first, vanishes, waits(59 * time.Second)}, want: "owned 197 (1)"},
		"deleted by another party":   {before: steps{first, vanishes, waits(61 * time.Second)}, want: "created 198 (1)", lists: 2},
		"its ID is that of another":  {before: steps{first, mistakes, creates("other")}, want: "owned 197 (1)"},
		"deleted by this run":        {before: steps{first, deletes}, want: "created 198 (1)"},
		"listed, deleted by the run": {before: steps{board, creates("other"), deletes}, want: "created 199 (1)"},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			for _, step := range test.before {
				step(f, c)
			}
			earlier := f.count("create")
			created, err := c.Create(limited(t), modelarts.CreateOptions{Name: "board", TrainURL: cmp.Or(test.path, options.TrainURL)}, !test.noAdopt)
			isRequested := strings.HasPrefix(test.want, "created") || name == "rejected" || name == "not sent"
			if got := outcome(created, err); got != test.want || isRequested != (f.count("create") > earlier) || f.count("list") != max(test.lists, 1) {
				t.Errorf("got %q after %q and %d lists, want %q", got, f.changing(), f.count("list"), test.want)
			}
			if err == nil && created.Adopted && (created.Job.TrainURL != options.TrainURL || created.Job.Schedule != f.jobs[created.Job.ID].Schedule) {
				t.Errorf("got %+v, want the path and schedule of the list", created.Job)
			}
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
			test.list.always = true
			f.fail("list", test.list)
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

// A job with another name or path is never changed.
func TestOtherJob(t *testing.T) {
	t.Parallel()
	for job, isOther := range map[modelarts.VisualizationJob]bool{
		{Name: "Board", TrainURL: "/bucket/logs/"}:   true,
		{Name: "board", TrainURL: "/bucket/logs/2/"}: true,
		{Name: "theirs"}:                          true,
		{TrainURL: "/bucket/other/"}:              true,
		{Name: "board", TrainURL: "/bucket/logs"}: false,
		{Name: "board", TrainURL: "bucket/other"}: false, // a form that isn't documented
		{}: false,
	} {
		for _, o := range []operation{ensureFreshRunning, ensureStopped, waitFoundStarted, ensureDeleted, restart} {
			bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
				for _, status := range []modelarts.Status{8, 12} {
					_, err := o.do(limited(t), c, f.addJob(job, status), lifecycle.SettleOptions{Name: options.Name, TrainURL: options.TrainURL})
					if is[*lifecycle.OtherJobError](err) != isOther || !isOther && err != nil || isOther && f.changing() != "" {
						t.Errorf("%s of %+v: got %v after %q, want another job: %t", o.name, job, err, f.changing(), isOther)
					}
				}
			})
		}
	}
}
