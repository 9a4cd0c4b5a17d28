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

// Fault is a failure of requests. Without After the request isn't processed. With it, the
// request is processed, and only its response is replaced.
//
// Hang sends no response, and Drop cuts the connection. Code and Message are an error response.
// Else the response consists of Status, Header and Body. Truncate, Slow and Size define how the
// response is sent, and can be combined. With them and without Status, Body and Code, the service
// processes the request, and its own response is sent in this way.
type Fault struct {
	// Kind is the name of the fault in [FaultKinds]. It has no effect.
	Kind string

	// Method is the HTTP method; empty is any.
	Method string
	// Path is a regular expression that has to match the complete path. The path of a
	// ModelArts request begins after /v1/{project_id}, for example
	// /visualization-jobs/7/stop. The path of an IAM request is, for example,
	// /v3/auth/tokens. The default matches every ModelArts request.
	Path string
	// Skip is the number of matching requests without the fault before the first one with
	// it. Requests with an earlier fault of the queue don't count.
	Skip int
	// Count is the number of requests with the fault: 0 is one, a negative number is all.
	Count int

	// Status is the status of the response. The default is 400 with a Code, and else 500.
	Status int
	// Header replaces headers of the response.
	Header http.Header
	// Body is the body of the response.
	Body string
	// Code and Message are those of an error response in the form of the service that has
	// this code. For other forms, set Body.
	Code, Message string

	// After processes the request before its response is replaced.
	After bool
	// Drop cuts the connection instead of a response.
	Drop bool
	// Hang sends no response until the client is gone or the [Server] ends. The handler then
	// panics with [http.ErrAbortHandler], as it does for Drop.
	Hang bool
	// Truncate announces the length of the body, sends the first half and cuts the connection.
	Truncate bool
	// Slow is the time for sending the body. The header and the first piece are sent immediately,
	// the others after equal pauses.
	Slow time.Duration
	// Size is the minimum number of bytes of the body. A shorter one is padded with spaces at its
	// beginning. Its length isn't announced.
	Size int64
}

// anyJobsPath is the default path of a fault. It matches every ModelArts request.
const anyJobsPath = "/visualization-jobs.*"

// queuedFault is a fault that further requests can have.
type queuedFault struct {
	Fault

	path *regexp.Regexp
}

// Inject queues a fault. If several faults match a request, it has the first one. Inject panics
// if Path isn't a regular expression, Status isn't an HTTP status, or Skip, Slow or Size is
// negative.
func (s *Simulator) Inject(f Fault) {
	q, err := f.queued()
	if err != nil {
		panic("simulator: " + err.Error())
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	s.faults = append(s.faults, q)
}

// queued returns the fault for the queue, or an error if it's invalid.
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

// Faults returns the queue: the faults that further requests can have. A test can check that its
// faults were used.
func (s *Simulator) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()

	queue := make([]Fault, len(s.faults))
	for i, f := range s.faults {
		queue[i] = f.Fault
	}

	return queue
}

// ClearFaults removes all faults from the queue.
func (s *Simulator) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.faults = nil
}

// nextFault returns the fault of r, if it has one, and counts it.
func (s *Simulator) nextFault(r *http.Request) (Fault, bool) {
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

// faultPath returns the part of a path that a fault's path has to match.
func faultPath(path string) string {
	rest, ok := strings.CutPrefix(path, modelArtsPath)
	if !ok {
		return path
	}

	_, rest, _ = strings.Cut(rest, "/")

	return "/" + rest
}

// isStreamed reports whether the response isn't sent completely and immediately.
func (f Fault) isStreamed() bool { return f.Truncate || f.Slow > 0 || f.Size > 0 }

// keepsResponse reports whether the client gets the response of the service.
func (f Fault) keepsResponse() bool {
	return f.isStreamed() && f.Status == 0 && f.Body == "" && f.Code == ""
}

// processed reports whether the service processes the request.
func (f Fault) processed() bool { return f.After || f.keepsResponse() }

// apply replaces the response according to the fault.
func (f Fault) apply(a *bufferedResponse) {
	if !f.keepsResponse() {
		a.reset()
	}

	switch e := newAPIError(cmp.Or(f.Status, http.StatusBadRequest), f.Code, "%s", f.Message); {
	case f.Drop || f.Hang:
		return
	case f.keepsResponse():
		// Only its delivery differs.
	case e.isGateway():
		writeGatewayError(a, e)
	case f.Code != "":
		writeJSON(a, e.status, withSuccess(e))
	default:
		a.WriteHeader(cmp.Or(f.Status, http.StatusInternalServerError))
		a.body.WriteString(f.Body)
	}

	for name, values := range f.Header {
		a.header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
}
