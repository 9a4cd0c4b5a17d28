package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// story is who asks and who changes what, and when. The descriptions of a job are
// numbered, so that an answer tells from when it is.
type story struct {
	jobs, perPage, extra int // extra jobs are there and nobody asks for them
	latency, back        time.Duration
	lister               bool
	failures             int // of lists
	deeds                []deed
}

type deed struct {
	at   time.Duration
	what string
	job  int
}

func drawStory(t *rapid.T) story {
	duration := func(label string, limit time.Duration) time.Duration {
		return time.Duration(rapid.Int64Range(0, int64(limit/time.Millisecond)).Draw(t, label)) * time.Millisecond
	}
	s := story{
		jobs:     rapid.IntRange(1, 12).Draw(t, "jobs"),
		extra:    rapid.IntRange(0, 20).Draw(t, "extra"),
		perPage:  rapid.SampledFrom([]int{0, 3, 10}).Draw(t, "per page"),
		latency:  duration("latency", 400*time.Millisecond),
		back:     duration("back", 400*time.Millisecond),
		lister:   rapid.Bool().Draw(t, "lister"),
		failures: rapid.IntRange(0, 2).Draw(t, "failures"),
	}
	end := duration("end", 6*time.Second) // short stories have more at once
	for range rapid.IntRange(1, 120).Draw(t, "deeds") {
		s.deeds = append(s.deeds, deed{
			at: duration("at", end+time.Millisecond),
			what: rapid.SampledFrom([]string{
				"read", "read", "read", "read", "wait", "update", "change", "change", "vanish", "come", "leave", "create",
			}).Draw(t, "what"),
			job: rapid.IntRange(0, s.jobs-1).Draw(t, "job"),
		})
	}
	return s
}

// answer is what somebody was told of a job, or the end of a change by this run.
type answer struct {
	id           int64
	asked, given time.Time
	number       int // the description; gone is the last
	changed      bool
}

const gone = 1 << 30

// tale is a story that goes on.
type tale struct {
	*fake
	c       *lifecycle.Controller
	ids     []int64
	failure error

	mu      sync.Mutex
	answers []answer
	numbers map[int64]int
	wrong   []string
}

// next returns the next description of a job, in the order in which they are set: two
// changes at once of one job have no order, so there is one at a time.
func (s *tale) next(id int64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.numbers[id]++
	return strconv.Itoa(s.numbers[id])
}

func (s *tale) note(a answer, job *modelarts.VisualizationJob, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.given = time.Now()
	switch {
	case is[*lifecycle.NotFoundError](err):
		a.number = gone
	case err != nil && (errors.Is(err, s.failure) || errors.Is(err, context.DeadlineExceeded)):
		return
	case err != nil || job.ID != a.id:
		s.wrong = append(s.wrong, fmt.Sprintf("job %d: %v, %v", a.id, job, err))
		return
	default:
		a.number, _ = strconv.Atoi(job.Description)
	}
	s.answers = append(s.answers, a)
}

// do does one deed, and returns when it is done.
func (s *tale) do(ctx context.Context, d deed) {
	id := s.ids[d.job]
	a := answer{id: id, asked: time.Now()}
	switch d.what {
	case "read":
		job, err := s.c.Get(ctx, id)
		s.note(a, job, err)
	case "leave":
		ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		job, err := s.c.Get(ctx, id)
		s.note(a, job, err)
	case "wait":
		job, err := s.c.WaitStarted(ctx, id, old)
		s.note(a, job, err)
	case "update":
		a.changed = true
		number := s.next(id)
		if err := s.c.UpdateDescription(ctx, id, number); err == nil {
			s.note(a, &modelarts.VisualizationJob{ID: id, Description: number}, nil)
		}
	case "create":
		o := options
		o.Name, o.Description = fmt.Sprintf("new %p", &d), "0"
		created, err := s.c.Create(ctx, o, false)
		if err != nil {
			return // the list failed
		}
		a.id, a.asked = created.Job.ID, time.Now()
		job, err := s.c.Get(ctx, a.id)
		s.note(a, job, err)
	case "change":
		s.fake.mu.Lock()
		defer s.fake.mu.Unlock()
		if j := s.jobs[id]; !j.now().gone {
			s.describe(j, s.next(id))
		}
	case "vanish":
		s.fake.mu.Lock()
		defer s.fake.mu.Unlock()
		if j := s.jobs[id]; !j.now().gone {
			s.describe(j, strconv.Itoa(gone))
			j.changes = []change{{at: time.Now(), gone: true}}
		}
	case "come":
		s.add(8)
	}
}

// play returns what no order of events explains.
func (s story) play(t *testing.T) []string {
	f := newFake()
	f.latency, f.back, f.perPage, f.moves = s.latency, s.back, s.perPage, 3*time.Second
	failure := refused(http.StatusTooManyRequests, "APIGW.0308")
	for range s.failures {
		f.fail("list", fault{done: true}, fault{err: failure}, fault{err: refused(http.StatusForbidden, "")})
	}
	told := &tale{fake: f, failure: failure, c: lifecycle.New(t.Context(), f), numbers: map[int64]int{}}
	if s.lister {
		told.c = lifecycle.NewLister(t.Context(), f)
	}
	for i := range s.jobs + s.extra {
		status := modelarts.Status(8)
		if i%3 == 0 {
			status = 1
		}
		told.ids = append(told.ids, f.addJob(modelarts.VisualizationJob{Name: "board", TrainURL: "/bucket/logs/", Description: "0"}, status))
	}
	var all sync.WaitGroup
	changing := make([]chan struct{}, s.jobs) // a mutex would stop the time
	for i := range changing {
		changing[i] = make(chan struct{}, 1)
	}
	for _, d := range s.deeds {
		all.Go(func() {
			<-time.After(d.at)
			if d.what == "update" || d.what == "change" || d.what == "vanish" {
				changing[d.job] <- struct{}{}
				defer func() { <-changing[d.job] }()
			}
			told.do(limited(t), d)
		})
	}
	all.Wait()
	for i, a := range told.answers {
		told.explain(a, told.answers[:i])
	}
	return told.wrong
}

// explain looks for a moment at which an answer was true: not too long before it was
// asked for, not before a change by this run that had ended, and not before what an
// earlier answer tells.
func (s *tale) explain(a answer, before []answer) {
	earliest, newest := a.asked.Add(-2*time.Second), 0
	for _, b := range before { // in the order in which they were given
		if b.id != a.id || !b.given.Before(a.asked) {
			continue
		}
		newest = max(newest, b.number)
		if b.changed && b.given.After(earliest) {
			earliest = b.given
		}
	}
	if a.number < newest {
		s.wrong = append(s.wrong, fmt.Sprintf("job %d: %d was told at %v, after %d", a.id, a.number, a.given, newest))
	}
	history := s.jobs[a.id].history
	for i, m := range history {
		isOver := i+1 < len(history) && history[i+1].at.Before(earliest)
		if m.description == strconv.Itoa(a.number) && !isOver && !m.at.After(a.given) {
			return
		}
	}
	s.wrong = append(s.wrong, fmt.Sprintf("job %d: %d, asked at %v, is not from %v to %v: %v", a.id, a.number, a.asked, earliest, a.given, history))
}

// Whatever reads, waits, changes of this run and of others come together, there is an
// order of events that explains each answer.
func TestHistories(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := drawStory(rt)
		var wrong []string
		synctest.Test(t, func(t *testing.T) { wrong = s.play(t) })
		if len(wrong) > 0 {
			rt.Fatalf("%v\n%+v", wrong, s)
		}
	})
}
