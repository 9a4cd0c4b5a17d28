package simulator

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Fault is something that goes wrong with requests of one kind. Without After
// the request is not processed; with it, it is, and only its answer is lost.
//
// What the client gets is, in this order: nothing (Drop), the refusal of Code
// and Message, or the answer of Status, Header and Body.
type Fault struct {
	// Method is the HTTP method; empty is any.
	Method string
	// Path is a regular expression for the whole path. The path of a ModelArts
	// call is what follows /v1/{project_id}, such as /visualization-jobs/7/stop;
	// that of an IAM call is complete, such as /v3/auth/tokens. Empty is every
	// ModelArts call.
	Path string
	// Count is how many requests it happens to: 0 is one, a negative number is
	// all of them.
	Count int

	// Status of the answer; the default is 400 with a Code, and 500 without.
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
}

// queuedFault is a fault that still has requests to happen to.
type queuedFault struct {
	Fault

	path *regexp.Regexp
}

// Inject queues a fault. Of several that fit a request, the one that was
// injected first happens. A Path that is no regular expression and a Status
// that HTTP does not know are mistakes of the caller: Inject panics.
func (s *Simulator) Inject(f Fault) {
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		panic(fmt.Sprintf("simulator: fault with status %d", f.Status))
	}

	path := regexp.MustCompile("^(?:" + cmp.Or(f.Path, "/visualization-jobs.*") + ")$")
	f.Count = cmp.Or(f.Count, 1)

	s.mu.Lock()
	defer s.mu.Unlock()

	s.faults = append(s.faults, queuedFault{f, path})
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

	i := slices.IndexFunc(s.faults, func(f queuedFault) bool {
		return (f.Method == "" || f.Method == r.Method) && f.path.MatchString(path)
	})
	if i < 0 {
		return Fault{}, false
	}

	f := s.faults[i].Fault

	if s.faults[i].Count--; s.faults[i].Count == 0 {
		s.faults = slices.Delete(s.faults, i, i+1)
	}

	return f, true
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

// spoil puts the fault in the place of what was answered so far.
func (f Fault) spoil(a *answer) {
	a.reset()

	switch {
	case f.Drop:
		a.dropped = true

		return
	case f.Code != "":
		status := cmp.Or(f.Status, http.StatusBadRequest)
		writeFailure(a, refusef(status, f.Code, "%s", f.Message), withSuccess)
	default:
		a.WriteHeader(cmp.Or(f.Status, http.StatusInternalServerError))
		a.body.WriteString(f.Body)
	}

	for name, values := range f.Header {
		a.header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
}
