package simulator

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Fault is something that goes wrong with requests of one kind. Without After
// the request is not processed; with it, it is, and only its answer is lost.
//
// What the client gets is, in this order: nothing (Hang), a cut connection
// (Drop), the honest answer of the service (Slow, or Truncate with After, when
// neither Status, Body, Code nor Size is set; the request is then processed), the
// refusal of Code and Message, or the answer of Status, Header and Body. Truncate,
// Slow and Size say how it gets that answer, and go together.
type Fault struct {
	// Kind is the name of the fault among [FaultKinds], for whoever reads the
	// queue. It has no effect.
	Kind string

	// Method is the HTTP method; empty is any.
	Method string
	// Path is a regular expression for the whole path. The path of a ModelArts
	// call is what follows /v1/{project_id}, such as /visualization-jobs/7/stop;
	// that of an IAM call is complete, such as /v3/auth/tokens. Empty is every
	// ModelArts call.
	Path string
	// Skip is how many requests pass undisturbed before it begins to happen.
	// Those that an earlier fault happens to do not count.
	Skip int
	// Count is how many requests it happens to: 0 is one, a negative number is
	// all of them.
	Count int

	// Status of the answer; the default is 400 with a Code, 200 with Size or
	// Truncate, and else 500.
	Status int
	// Header is set on the answer, over what is there.
	Header http.Header
	// Body is the body of the answer.
	Body string
	// Code and Message are put into a body of the shape that the service gives
	// to this code; see [Fault.Body] for any other shape.
	Code, Message string

	// After lets the request be processed before its answer is replaced.
	After bool
	// Drop cuts the connection instead of answering.
	Drop bool
	// Hang leaves the client without an answer until it goes away or the
	// [Server] ends. The handler then panics with [http.ErrAbortHandler], as it
	// does for Drop.
	Hang bool
	// Truncate announces the whole body, sends the first half and cuts the
	// connection. Without an answer to cut, half a JSON object is sent.
	Truncate bool
	// Slow is how long, by the clock, the body takes to arrive. The header and
	// the first piece are sent at once, the others after equal pauses.
	Slow time.Duration
	// Size is how many bytes the body has, or 0 for as many as it has by itself:
	// a longer one is cut, a shorter one filled up; without a Body it is one JSON
	// object. The body is streamed, and its length is announced only if Header
	// has a Content-Length.
	Size int64
}

// anyJobsPath is the path of a fault that has none: every ModelArts call.
const anyJobsPath = "/visualization-jobs.*"

// truncatedBody is what Truncate cuts when there is nothing else; the half that
// is sent has an id and no end.
const truncatedBody = `{"is_success":true,"job_id":"1","job_name":"truncated","status":"1","create_time":"0"}`

// queuedFault is a fault that still has requests to happen to.
type queuedFault struct {
	Fault

	path *regexp.Regexp
}

// Inject queues a fault. Of several that fit a request, the one that was
// injected first happens. A Path that is no regular expression, a Status that
// HTTP does not know and a negative Skip, Slow or Size are mistakes of the
// caller: Inject panics.
func (s *Simulator) Inject(f Fault) {
	q, err := f.queued()
	if err != nil {
		panic("simulator: " + err.Error())
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	s.faults = append(s.faults, q)
}

// queued returns the fault as it goes into the queue, or why it cannot happen.
func (f Fault) queued() (queuedFault, error) {
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		return queuedFault{}, fmt.Errorf("fault with status %d", f.Status)
	}

	if f.Skip < 0 || f.Slow < 0 || f.Size < 0 {
		return queuedFault{}, fmt.Errorf("fault with skip %d, slow %s, size %d: none may be negative", f.Skip, f.Slow, f.Size)
	}

	path, err := regexp.Compile("^(?:" + cmp.Or(f.Path, anyJobsPath) + ")$")
	if err != nil {
		return queuedFault{}, fmt.Errorf("fault with path %q: %w", f.Path, err)
	}

	f.Count = cmp.Or(f.Count, 1)

	return queuedFault{f, path}, nil
}

// Faults returns the faults that have not happened as often as they were to, so
// that a test can tell whether it tested anything.
func (s *Simulator) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()

	left := make([]Fault, len(s.faults))
	for i, f := range s.faults {
		left[i] = f.Fault
	}

	return left
}

// ClearFaults takes all faults out of the queue.
func (s *Simulator) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.faults = nil
}

// takeFault finds the fault that happens to r, and counts it.
func (s *Simulator) takeFault(r *http.Request) (Fault, bool) {
	path := faultPath(r.URL.Path)

	s.mu.Lock()
	defer s.mu.Unlock()

	for i := range s.faults {
		q := &s.faults[i]

		switch {
		case q.Method != "" && q.Method != r.Method || !q.path.MatchString(path):
			continue
		case q.Skip > 0:
			q.Skip--

			continue
		}

		f := q.Fault

		switch {
		case q.Count > 1:
			q.Count--
		case q.Count == 1:
			s.faults = slices.Delete(s.faults, i, i+1)
		}

		return f, true
	}

	return Fault{}, false
}

// faultPath is what a Path is compared with.
func faultPath(path string) string {
	rest, ok := strings.CutPrefix(path, modelArtsPath)
	if !ok {
		return path
	}

	_, rest, _ = strings.Cut(rest, "/")

	return "/" + rest
}

// honest says whether the client gets what the service answered.
func (f Fault) honest() bool {
	silent := f.Status == 0 && f.Body == "" && f.Code == "" && f.Size == 0

	return silent && (f.Slow > 0 || f.Truncate && f.After)
}

// processed says whether the service gets to see the request.
func (f Fault) processed() bool { return f.After || f.honest() }

// spoil puts the fault in the place of what was answered so far.
func (f Fault) spoil(a *answer) {
	a.delivery = delivery{drop: f.Drop, hang: f.Hang, truncate: f.Truncate, slow: f.Slow, size: f.Size}

	switch {
	case f.Drop || f.Hang:
		a.reset()

		return
	case f.honest():
		// It only arrives in another way.
	case f.Code != "":
		a.reset()

		e := refusef(cmp.Or(f.Status, http.StatusBadRequest), f.Code, "%s", f.Message)
		if e.isGateway() {
			writeGatewayFailure(a, e)
		} else {
			writeJSON(a, e.status, withSuccess(e))
		}
	default:
		a.reset()

		status, body := f.plain()
		a.WriteHeader(status)
		a.body.WriteString(body)
	}

	for name, values := range f.Header {
		a.header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
}

// plain returns the status and the body of a fault without a code.
func (f Fault) plain() (status int, body string) {
	switch {
	case f.Size > 0:
		return cmp.Or(f.Status, http.StatusOK), f.Body // Filled up when it is sent.
	case f.Truncate:
		return cmp.Or(f.Status, http.StatusOK), cmp.Or(f.Body, truncatedBody)
	default:
		return cmp.Or(f.Status, http.StatusInternalServerError), f.Body
	}
}
