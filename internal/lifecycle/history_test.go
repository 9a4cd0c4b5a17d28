package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// script has the steps of a history. The descriptions of a job are numbered, so that a response shows its time.
type script struct {
	Jobs, PerPage int
	Latency, Back time.Duration
	Failures      int // of lists
	Steps         []step
}

type step struct {
	At   time.Duration
	What string
	Job  int
}

// scripts draws scripts. Short ones have more at the same time.
var scripts = rapid.Custom(func(t *rapid.T) script {
	duration := func(label string, limit time.Duration) time.Duration {
		return time.Duration(rapid.Int64Range(0, limit.Milliseconds()).Draw(t, label)) * time.Millisecond
	}
	s := script{
		Jobs:     rapid.IntRange(1, 20).Draw(t, "jobs"),
		PerPage:  rapid.SampledFrom([]int{0, 3, 10}).Draw(t, "per page"),
		Latency:  duration("latency", 400*time.Millisecond),
		Back:     duration("back", 400*time.Millisecond),
		Failures: rapid.IntRange(0, 2).Draw(t, "failures"),
	}
	what := rapid.SampledFrom([]string{"read", "read", "read", "read", "wait", "update", "change", "change", "vanish", "add", "leave", "create"})
	end := duration("end", 6*time.Second)
	for range rapid.IntRange(1, 120).Draw(t, "steps") {
		s.Steps = append(s.Steps, step{At: duration("at", end), What: what.Draw(t, "what"), Job: rapid.IntRange(0, s.Jobs-1).Draw(t, "job")})
	}
	return s
})

// event is a read, or a change by this run if changed is true.
type event struct {
	id         int64
	start, end time.Time
	number     int // of the description; gone is the last
	changed    bool
}

const gone = 1 << 30

// history is a script that runs.
type history struct {
	*fake
	c   *lifecycle.Controller
	ids []int64

	mu      sync.Mutex
	events  []event // in the order of their ends
	numbers map[int64]int
	wrong   []string
}

var errNotSent = noResponse(false)

// next returns the next description of a job. Two changes of one job at the same time have no order, so there is one at a time.
func (h *history) next(id int64) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.numbers[id]++
	return strconv.Itoa(h.numbers[id])
}

// record records the end of an event.
func (h *history) record(e event, job *modelarts.VisualizationJob, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e.end = time.Now()
	switch {
	case errors.Is(err, errNotSent), errors.Is(err, context.DeadlineExceeded):
		return
	case is[*lifecycle.NotFoundError](err):
		e.number = gone
	case err != nil || job.ID != e.id:
		h.wrong = append(h.wrong, fmt.Sprintf("job %d: %v, %v", e.id, job, err))
	default:
		e.number, _ = strconv.Atoi(job.Description)
	}
	h.events = append(h.events, e)
}

// do does one step, and returns when it is done.
func (h *history) do(ctx context.Context, s step) {
	e := event{id: h.ids[s.Job], start: time.Now()}
	switch s.What {
	case "leave":
		short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		ctx = short
		fallthrough
	case "read":
		job, err := h.c.Get(ctx, e.id)
		h.record(e, job, err)
	case "wait":
		job, err := h.c.WaitStarted(ctx, e.id, old)
		h.record(e, job, err)
	case "update":
		e.changed = true
		number := h.next(e.id)
		if err := h.c.UpdateDescription(ctx, e.id, number); err == nil {
			h.record(e, &modelarts.VisualizationJob{ID: e.id, Description: number}, nil)
		}
	case "create":
		created, err := h.c.Create(ctx, modelarts.CreateOptions{Name: fmt.Sprintf("new %p", &s), Description: "0"}, false)
		if err == nil { // otherwise the list failed
			e.id, e.start = created.Job.ID, time.Now()
			job, err := h.c.Get(ctx, e.id)
			h.record(e, job, err)
		}
	case "add":
		h.add(8)
	default: // Another party changes or deletes the job.
		h.fake.mu.Lock()
		defer h.fake.mu.Unlock()
		switch j := h.jobs[e.id]; {
		case j.now().gone:
		case s.What == "change":
			j.describe(h.next(e.id))
		default:
			j.describe(strconv.Itoa(gone))
			j.changes = []change{{at: time.Now(), gone: true}}
		}
	}
}

// run runs the script, and returns the events that no order of events explains.
func (s script) run(t *testing.T, f *fake) []string {
	f.latency, f.back, f.perPage, f.moves = s.Latency, s.Back, s.PerPage, 3*time.Second
	for range s.Failures {
		f.fail("list", fault{done: true}, fault{err: errNotSent}, fault{err: rejected(http.StatusForbidden, "")})
	}
	h := &history{fake: f, c: lifecycle.New(t.Context(), f), numbers: map[int64]int{}}
	for i := range s.Jobs {
		status := []modelarts.Status{1, 8, 8}[i%3]
		h.ids = append(h.ids, f.addJob(modelarts.VisualizationJob{Name: "board", TrainURL: "/bucket/logs/", Description: "0"}, status))
	}
	var all sync.WaitGroup
	changing := make([]chan struct{}, s.Jobs) // A mutex would stop the fake time.
	for i := range changing {
		changing[i] = make(chan struct{}, 1)
	}
	for _, next := range s.Steps {
		all.Go(func() {
			<-time.After(next.At)
			if next.What == "update" || next.What == "change" || next.What == "vanish" {
				changing[next.Job] <- struct{}{}
				defer func() { <-changing[next.Job] }()
			}
			h.do(limited(t), next)
		})
	}
	all.Wait()
	for i, e := range h.events {
		h.explain(e, h.events[:i])
	}
	return h.wrong
}

// explain searches for a moment at which the result of an event was true: at most two seconds before its start, not before a
// change by this run that had ended, and not before the moment of an earlier event.
func (h *history) explain(e event, before []event) {
	earliest, newest := e.start.Add(-2*time.Second), 0
	for _, b := range before {
		if b.id != e.id || !b.end.Before(e.start) {
			continue
		}
		newest = max(newest, b.number)
		if b.changed && b.end.After(earliest) {
			earliest = b.end
		}
	}
	if e.number < newest {
		h.wrong = append(h.wrong, fmt.Sprintf("job %d: %d was returned at %v, after %d", e.id, e.number, e.end, newest))
	}
	moments := h.jobs[e.id].history
	for i, m := range moments {
		isOver := i+1 < len(moments) && moments[i+1].at.Before(earliest)
		if m.description == strconv.Itoa(e.number) && !isOver && !m.at.After(e.end) {
			return
		}
	}
	h.wrong = append(h.wrong, fmt.Sprintf("job %d: %d, read at %v, is not from %v to %v: %v", e.id, e.number, e.start, earliest, e.end, moments))
}

// For all events at the same time, reads, waits, and changes of this run and of other parties, an order of events explains
// the result of each read.
func TestHistories(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := scripts.Draw(rt, "script")
		var wrong []string
		bubble(t, func(t *testing.T, f *fake, _ *lifecycle.Controller) { wrong = s.run(t, f) })
		if len(wrong) > 0 {
			rt.Fatalf("%v\n%+v", wrong, s)
		}
	})
}
