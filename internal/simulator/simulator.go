// Package simulator imitates, in memory, the two services of Open Telekom Cloud
// that a visualization job needs: IAM (Keystone v3) and the visualization-job
// API of ModelArts. It exists for tests, and for trying things out without an
// account.
//
// It shares no code with the client it is there to test, not even the wire
// types: a wrong JSON tag must not be able to pass on both sides.
package simulator

import (
	"context"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// Paths of the simulated services. IAM and ModelArts share a host and are told
// apart by their version.
const (
	identityPath  = "/v3"
	tokensPath    = identityPath + "/auth/tokens"
	catalogPath   = identityPath + "/auth/catalog"
	modelArtsPath = "/v1/"
	jobsPath      = modelArtsPath + "{project_id}/visualization-jobs"
	jobPath       = jobsPath + "/{job_id}"
)

// Simulator is the state of the simulated services and the handler that serves
// them. It is safe for concurrent use.
//
// Nothing runs in the background: what time does to a job or a token is worked
// out whenever somebody looks.
type Simulator struct {
	options  Options
	mux      *http.ServeMux
	controls http.Handler  // of [ControlPath]
	closing  chan struct{} // closed when the server that has the simulator ends

	mu           sync.Mutex
	jobs         map[int64]*job
	leaving      map[int64]struct{} // jobs being deleted, so that a look need not visit all
	ghosts       map[int64]*job     // jobs that are gone, but not for reads
	workspaces   map[string]struct{}
	lastID       int64
	tokens       map[string]token
	passcodeUsed bool
	keyRecords   map[string]*accessKeyRecord // by the id of an access key
	keyRevoked   bool                        // the permanent one
	faults       []queuedFault
	calls        []Call
	throttle     throttle
}

var _ http.Handler = (*Simulator)(nil)

// New returns a simulator without jobs and tokens. It listens nowhere; see
// [Start] for one that does. An option that has none of its values is a mistake
// of the caller: New panics.
func New(options Options) *Simulator {
	if err := options.check(); err != nil {
		panic(err)
	}

	s := &Simulator{
		options:    options.withDefaults(),
		mux:        http.NewServeMux(),
		closing:    make(chan struct{}),
		jobs:       make(map[int64]*job),
		leaving:    make(map[int64]struct{}),
		ghosts:     make(map[int64]*job),
		workspaces: map[string]struct{}{defaultWorkspace: {}},
		tokens:     make(map[string]token),
		keyRecords: make(map[string]*accessKeyRecord),
	}
	s.controls = s.control()

	for _, r := range s.routes() {
		s.mux.Handle(r.pattern, r.handler)
	}

	return s
}

// route is one call of the simulated services.
type route struct {
	pattern string // as net/http.ServeMux reads it
	handler http.Handler
}

// routes is every call there is. What matches none of them, or matches with
// another method, is an API the gateway does not know.
func (s *Simulator) routes() []route {
	return []route{
		{"POST " + jobsPath, s.modelArts(s.createJob, withSuccess)},
		{"GET " + jobsPath, s.modelArts(s.listJobs, withSuccess)},
		{"GET " + jobPath, s.modelArts(s.showJob, withoutSuccess)},
		{"PUT " + jobPath, s.modelArts(s.updateJob, withSuccess)},
		{"DELETE " + jobPath, s.modelArts(s.deleteJob, withSuccess)},
		{"POST " + jobPath + "/stop", s.modelArts(s.stopJob, withSuccess)},
		{"POST " + jobPath + "/restart", s.modelArts(s.restartJob, withSuccess)},

		{"GET /{$}", s.identity(s.listVersions)},
		{"GET " + identityPath, s.identity(s.showVersion)},
		{"GET " + identityPath + "/{$}", s.identity(s.showVersion)},
		{"POST " + tokensPath, s.identity(s.createToken)},
		{"GET " + tokensPath, s.identity(s.showToken)},
		{"GET " + catalogPath, s.identity(s.showCatalog)},
		{"GET " + identityPath + "/auth/domains", s.identity(s.listDomains)},
		{"GET " + identityPath + "/projects", s.identity(s.listProjects)},
		{identityPath + "/", s.identity(noIdentityResource)},

		{"/", http.HandlerFunc(noSuchAPI)},
	}
}

// ServeHTTP answers one request of either service.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.options.Control && r.URL.Path == ControlPath {
		s.controls.ServeHTTP(w, r)

		return
	}

	body, err := readBody(w, r)
	call := s.newCall(r, body)
	a := newAnswer(call.Time, call.RequestID)

	fault, faulty := s.takeFault(r)

	switch {
	case err != nil:
		refuseBody(a, r, err)
	case !faulty || fault.processed():
		s.dispatch(a, r)
	}

	if faulty {
		fault.spoil(a)
	}

	call.Status = a.status
	s.record(call)

	if !s.pause(r.Context(), s.options.Latency) {
		return // Nobody is left to read the answer.
	}

	s.deliver(w, r, a)
}

// dispatch hands the request to its route. A path that is not in its shortest
// form is no API: the mux would redirect it, which the real gateway does not.
func (s *Simulator) dispatch(a *answer, r *http.Request) {
	if p := r.URL.Path; path.Clean(p) != strings.TrimSuffix(p, "/") && p != "/" {
		noSuchAPI(a, r)

		return
	}

	s.mux.ServeHTTP(a, r)
}

// pause waits for d and says whether the client still waits too.
func (s *Simulator) pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}

	select {
	case <-s.options.Clock.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// handler answers a call, or returns why it does not. It runs with the
// simulator's state locked; now is one moment for all it does.
type handler func(w http.ResponseWriter, r *http.Request, now time.Time) error

// locked runs h on a consistent state.
func (s *Simulator) locked(h handler, w http.ResponseWriter, r *http.Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()

	now := s.options.Clock.Now()
	s.sweep(now)

	return h(w, r, now)
}
