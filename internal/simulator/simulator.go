// Package simulator simulates, in memory, the two services of Open Telekom Cloud
// that a visualization job needs: IAM (Keystone v3) and the visualization-job
// API of ModelArts. It is for tests, and for users without an account.
//
// It shares no code with the client that it tests, not even the wire types, so that a
// wrong JSON tag can't be wrong on both sides.
package simulator

import (
	"context"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// Paths of the simulated services. IAM and ModelArts share a host and differ in their
// version.
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
// Nothing runs in the background. The state of a job or a token is computed from the time
// of the request that reads it.
type Simulator struct {
	options Options
	mux     *http.ServeMux
	closing chan struct{} // closed when the server of the simulator ends

	mu           sync.Mutex
	jobs         map[int64]*job
	deletedShown map[int64]*job // deleted jobs that stale reads still show
	workspaces   map[string]struct{}
	lastID       int64
	tokens       map[string]token
	passcodeUsed bool
	keyRecords   map[string]*accessKeyRecord // by the ID of an access key
	faults       []queuedFault
	requests     []Request
	throttle     throttle
}

var _ http.Handler = (*Simulator)(nil)

// New returns a simulator without jobs and tokens. It doesn't listen; [Start] starts one
// that does. New panics if an option is invalid.
func New(options Options) *Simulator {
	if err := options.check(); err != nil {
		panic(err)
	}

	s := &Simulator{
		options:      options.withDefaults(),
		mux:          http.NewServeMux(),
		closing:      make(chan struct{}),
		jobs:         make(map[int64]*job),
		deletedShown: make(map[int64]*job),
		workspaces:   map[string]struct{}{defaultWorkspace: {}},
		tokens:       make(map[string]token),
		keyRecords:   make(map[string]*accessKeyRecord),
	}

	for _, r := range s.routes() {
		s.mux.Handle(r.pattern, r.handler)
	}

	return s
}

// route is one request of the simulated services.
type route struct {
	pattern string // of net/http.ServeMux
	handler http.Handler
}

// routes returns all routes. Any other path or method gets the gateway's error for an
// unknown API.
func (s *Simulator) routes() []route {
	return []route{
		{"POST " + jobsPath, s.modelArts(s.createJob, withSuccess)},
		{"GET " + jobsPath, s.modelArts(s.listJobs, withSuccess)},
		{"GET " + jobPath, s.modelArts(s.showJob, withoutSuccess)},
		{"PUT " + jobPath, s.modelArts(s.change("update", s.update), withSuccess)},
		{"DELETE " + jobPath, s.modelArts(s.change("delete", s.remove), withSuccess)},
		{"POST " + jobPath + "/stop", s.modelArts(s.change("stop", s.stop), withSuccess)},
		{"POST " + jobPath + "/restart", s.modelArts(s.change("resubmit", s.restart), withSuccess)},

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

// ServeHTTP responds to a request to either service, or to [ControlPath].
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.options.Control && r.URL.Path == ControlPath {
		s.control(w, r)

		return
	}

	body, err := readBody(w, r)
	request := s.newRequest(r, body)
	a := newBufferedResponse(request.Time, request.RequestID)

	fault, faulty := s.nextFault(r)

	switch {
	case err != nil:
		writeBodyError(a, r, err)
	case !faulty || fault.processed():
		s.dispatch(a, r)
	}

	if faulty {
		fault.apply(a)
	}

	request.Status = a.status
	s.record(request)

	if !s.pause(r.Context(), s.options.Latency) {
		return // The client is gone.
	}

	s.deliver(w, r, a, fault)
}

// dispatch passes the request to its route. A path that isn't clean is an unknown API,
// because the mux would redirect it, and the real gateway doesn't.
func (s *Simulator) dispatch(a *bufferedResponse, r *http.Request) {
	if p := r.URL.Path; path.Clean(p) != strings.TrimSuffix(p, "/") && p != "/" {
		noSuchAPI(a, r)

		return
	}

	s.mux.ServeHTTP(a, r)
}

// pause waits for d and reports whether the client still waits.
func (s *Simulator) pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}

	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// handler responds to a request, or returns an error that becomes the response. It runs with
// the simulator's state locked.
type handler func(w http.ResponseWriter, r *http.Request, now time.Time) error

// locked runs h with the state locked and updated to the present time.
func (s *Simulator) locked(h handler, w http.ResponseWriter, r *http.Request) error {
	now := s.lock()
	defer s.mu.Unlock()

	return h(w, r, now)
}

// lock locks the state, updates it to the present time, and returns that time. The caller has
// to unlock s.mu.
func (s *Simulator) lock() time.Time {
	s.mu.Lock()

	now := s.options.Now()
	s.removeDeleted(now)

	return now
}
