package lifecycle_test

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

var _ lifecycle.API = (*fake)(nil)

// fake is the API. Its jobs change with the fake time. It knows the statuses by their numbers, so
// that a wrong class in the client makes tests fail.
type fake struct {
	latency   time.Duration            // of every request, before it is handled
	slow      map[string]time.Duration // additional latency of requests, by their names
	back      time.Duration            // of every response
	moves     time.Duration            // from an accepted request to its end
	stale     time.Duration            // for which reads return the status from before an accepted request
	hidden    time.Duration            // for which reads don't return a new job
	ahead     time.Duration            // of the server's clock, before the local one
	ends      modelarts.Status         // of a start
	perPage   int                      // rows of a page; 0 is all
	rejects   func(request string, s modelarts.Status) bool
	createdID int64                                // in the responses to creates, unless it is 0
	onPage    func(context.Context)                // is called before a page is returned
	listedAs  map[int64]modelarts.VisualizationJob // what lists contain in place of the job with an ID, which need not exist

	listing sync.Mutex // while a list is read

	mu     sync.Mutex
	jobs   map[int64]*fakeJob
	lastID int64
	log    []*request
	faults map[string][]fault
	short  bool // the current list is incomplete
}

type fakeJob struct {
	modelarts.VisualizationJob
	changes     []change // by time
	hiddenUntil time.Time
	staleUntil  time.Time
	staleStatus modelarts.Status
	elsewhere   bool     // in another workspace: on no list
	history     []moment // of the description
}

// moment is the time at which a job got a description.
type moment struct {
	at          time.Time
	description string
}

type change struct {
	at     time.Time
	status modelarts.Status
	gone   bool
}

type request struct {
	name     string
	at       time.Time
	accepted bool
}

// fault replaces the response to one request.
type fault struct {
	err    error
	done   bool          // the request is done all the same,
	late   time.Duration // and that so much later
	hang   bool          // the response comes only when the caller has left
	short  bool          // a list is incomplete
	always bool          // all later requests have the fault, too
}

func newFake() *fake {
	return &fake{
		moves: 20 * time.Second, ends: 8, lastID: 196,
		jobs: make(map[int64]*fakeJob), faults: make(map[string][]fault), listedAs: make(map[int64]modelarts.VisualizationJob),
	}
}

// rejected returns the error of the client after an error response.
func rejected(httpStatus int, code string) error {
	return &modelarts.Error{Operation: "test", Code: sanitize.Text(code), Message: "no", StatusCode: httpStatus}
}

func unknown() error { return rejected(http.StatusNotFound, "ModelArts.0103") }

func conflict() error { return rejected(http.StatusBadRequest, "ModelArts.0105") }

func noResponse(sent bool) error {
	return &modelarts.NoResponseError{Operation: "test", Sent: sent, Err: errors.New("connection reset")}
}

func isStopped(s modelarts.Status) bool { return slices.Contains([]modelarts.Status{10, 12, 13}, s) }

func isFailed(s modelarts.Status) bool {
	return slices.Contains([]modelarts.Status{3, 5, 6, 11, 14, 16, 17, 21}, s)
}

func isStarting(s modelarts.Status) bool {
	return slices.Contains([]modelarts.Status{1, 2, 4, 7, 15, 18, 19, 20}, s)
}

// add adds a job as if another party had created it an hour ago.
func (f *fake) add(status modelarts.Status) int64 {
	return f.addJob(modelarts.VisualizationJob{
		Name: "board", TrainURL: "/bucket/logs/", CreateTime: f.serverNow().Add(-time.Hour),
	}, status)
}

func (f *fake) addJob(job modelarts.VisualizationJob, status modelarts.Status) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.insert(job, status).ID
}

// insert adds a job with the next ID. The caller holds f.mu.
func (f *fake) insert(job modelarts.VisualizationJob, status modelarts.Status) *fakeJob {
	f.lastID++
	job.ID = f.lastID
	j := &fakeJob{VisualizationJob: job}
	j.describe(job.Description)
	j.set(status, f.moves, f.ends)
	f.jobs[job.ID] = j
	return j
}

// describe sets a description. The caller holds f.mu.
func (j *fakeJob) describe(description string) {
	j.Description = description
	j.history = append(j.history, moment{at: time.Now(), description: description})
}

// set sets a status and the status that follows it without a request.
func (j *fakeJob) set(status modelarts.Status, moves time.Duration, ends modelarts.Status) {
	now := time.Now()
	j.changes = []change{{at: now, status: status}}
	switch {
	case status == 9:
		j.changes = append(j.changes, change{at: now.Add(moves), status: 12})
	case status != 8 && !isStopped(status) && !isFailed(status):
		j.changes = append(j.changes, change{at: now.Add(moves), status: ends})
	}
}

func (j *fakeJob) now() change {
	current := j.changes[0]
	for _, c := range j.changes {
		if !c.at.After(time.Now()) {
			current = c
		}
	}
	return current
}

// shown returns the job as a read returns it.
func (j *fakeJob) shown() (job modelarts.VisualizationJob, there bool) {
	job = j.VisualizationJob
	current := j.now()
	job.Status = current.status
	if time.Now().Before(j.staleUntil) {
		job.Status = j.staleStatus
		return job, true
	}
	return job, !current.gone && !time.Now().Before(j.hiddenUntil)
}

// deleting reports whether a delete was accepted.
func (j *fakeJob) deleting() bool { return j.changes[len(j.changes)-1].gone }

func (f *fake) allows(op string, j *fakeJob) bool {
	s := j.now().status
	switch {
	case j.deleting():
		return false
	case f.rejects != nil && f.rejects(op, s):
		return false
	case op == "stop":
		return s == 8 || isStarting(s)
	case op == "restart":
		return isStopped(s) || isFailed(s)
	default:
		return s == 8 || isStarting(s) || isStopped(s) || isFailed(s)
	}
}

// apply carries out a stop, restart or delete.
func (f *fake) apply(op string, id int64) error {
	j := f.jobs[id]
	if j == nil || j.now().gone {
		return unknown()
	}
	if !f.allows(op, j) {
		return conflict()
	}
	now, before := time.Now(), j.now().status
	if !now.Before(j.staleUntil) {
		j.staleStatus = before
	}
	j.staleUntil = now.Add(f.stale)
	switch op {
	case "stop":
		j.set(9, f.moves, f.ends)
	case "restart":
		j.set(1, f.moves, f.ends)
	case "delete":
		j.changes = []change{{at: now, status: before}, {at: now.Add(f.moves), status: before, gone: true}}
	}
	return nil
}

// fail makes the next requests of op fail, one after the other.
func (f *fake) fail(op string, faults ...fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults[op] = append(f.faults[op], faults...)
}

// heal ends all faults.
func (f *fake) heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.faults)
}

// inject logs a request, and returns its fault, if any.
func (f *fake) inject(op string) (logged *request, injected fault, isFaulty bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	logged = &request{name: op, at: time.Now()}
	f.log = append(f.log, logged)
	if queued := f.faults[op]; len(queued) > 0 {
		injected, isFaulty = queued[0], true
		if !injected.always {
			f.faults[op] = queued[1:]
		}
	}
	f.short = injected.short
	return logged, injected, isFaulty
}

// handle handles one request. work is the service's own handling, without a fault.
func (f *fake) handle(ctx context.Context, op string, work func() error) error {
	left := func() error { return &modelarts.NoResponseError{Operation: op, Sent: true, Err: ctx.Err()} }
	if ctx.Err() != nil {
		return &modelarts.NoResponseError{Operation: op, Err: ctx.Err()}
	}
	logged, injected, isFaulty := f.inject(op)
	latency := f.slow[op] + f.latency
	if pause(ctx, latency) != nil {
		return left()
	}
	locked := func() error {
		f.mu.Lock()
		defer f.mu.Unlock()
		return work()
	}
	err := injected.err
	switch {
	case !isFaulty:
		err = locked()
	case injected.done && injected.late > 0:
		time.AfterFunc(injected.late, func() { _ = locked() })
	case injected.done:
		_ = locked()
	}
	if injected.hang {
		<-ctx.Done()
		err = cmp.Or(err, left())
	}
	if pause(ctx, f.back) != nil {
		return left()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	logged.accepted = err == nil
	return err
}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (f *fake) serverNow() time.Time { return time.Now().Add(f.ahead) }

func (f *fake) CreateVisualizationJob(ctx context.Context, o modelarts.CreateOptions) (*modelarts.VisualizationJob, error) {
	var created modelarts.VisualizationJob
	err := f.handle(ctx, "create", func() error {
		j := f.insert(modelarts.VisualizationJob{
			Name: o.Name, TrainURL: o.TrainURL, Description: o.Description, CreateTime: f.serverNow().Truncate(time.Second).UTC(),
		}, 1)
		j.hiddenUntil = time.Now().Add(f.hidden)
		created = modelarts.VisualizationJob{ID: cmp.Or(f.createdID, j.ID), Name: j.Name, Status: 1, CreateTime: j.CreateTime}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &created, nil
}

func (f *fake) GetVisualizationJob(ctx context.Context, id int64) (*modelarts.VisualizationJob, error) {
	var shown modelarts.VisualizationJob
	err := f.handle(ctx, "get", func() error {
		there := false
		if j := f.jobs[id]; j != nil {
			shown, there = j.shown()
		}
		if !there {
			return unknown()
		}
		shown.Schedule = modelarts.Schedule{} // which the documentation has in lists only
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &shown, nil
}

// VisualizationJobPages sends a request for each page. A page has the jobs as they are at its time.
func (f *fake) VisualizationJobPages(ctx context.Context, _ modelarts.ListOptions) iter.Seq2[*modelarts.JobPage, error] {
	return func(yield func(*modelarts.JobPage, error) bool) {
		if !f.listing.TryLock() {
			panic("two lists at a time")
		}
		defer f.listing.Unlock()
		for number, isLast := 0, false; !isLast; number++ {
			page := &modelarts.JobPage{}
			err := f.handle(ctx, "list", func() error {
				page.Jobs, isLast = f.rows(number)
				page.Complete = isLast && !f.short
				page.ServerTime = f.serverNow().Truncate(time.Second) // a Date header has whole seconds
				return nil
			})
			if f.onPage != nil {
				f.onPage(ctx)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(page, nil) {
				return
			}
		}
	}
}

// rows returns the jobs on a page. Each page has the same range of IDs in all lists, so a deletion moves no job to another page.
func (f *fake) rows(number int) (rows []modelarts.VisualizationJob, isLast bool) {
	first, end := int64(0), f.lastID+1
	if f.perPage > 0 {
		first, end = 197+int64(number*f.perPage), 197+int64((number+1)*f.perPage)
	}
	for id := first; id < end; id++ {
		if listed, ok := f.listedAs[id]; ok {
			rows = append(rows, listed)
		} else if j := f.jobs[id]; j != nil && !j.elsewhere {
			if job, there := j.shown(); there {
				rows = append(rows, job)
			}
		}
	}
	return rows, end > f.lastID
}

func (f *fake) UpdateVisualizationJob(ctx context.Context, id int64, description string) error {
	return f.handle(ctx, "update", func() error {
		j := f.jobs[id]
		if j == nil || j.now().gone {
			return unknown()
		}
		j.describe(description)
		return nil
	})
}

func (f *fake) StopVisualizationJob(ctx context.Context, id int64) error {
	return f.handle(ctx, "stop", func() error { return f.apply("stop", id) })
}

func (f *fake) RestartVisualizationJob(ctx context.Context, id int64) error {
	return f.handle(ctx, "restart", func() error { return f.apply("restart", id) })
}

func (f *fake) DeleteVisualizationJob(ctx context.Context, id int64) error {
	return f.handle(ctx, "delete", func() error { return f.apply("delete", id) })
}
