package simulator

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Call is a request to the simulator, with the status of its response.
type Call struct {
	Time      time.Time // of arrival
	Method    string
	Path      string
	Query     url.Values
	Status    int    // of the response, or 0 without one
	RequestID string // in the X-Request-Id header of the response
	Body      string // of a request to ModelArts; empty for IAM, because it contains passwords
}

func (s *Simulator) newCall(r *http.Request, body []byte) Call {
	var id [16]byte
	_, _ = rand.Read(id[:]) // It never fails.

	c := Call{
		Time:      s.options.Clock.Now(),
		Method:    r.Method,
		Path:      r.URL.Path,
		Query:     r.URL.Query(),
		RequestID: hex.EncodeToString(id[:]),
	}
	// Any other path can contain passwords, because the URL of a client can be wrong.
	if strings.HasPrefix(r.URL.Path, modelArtsPath) {
		c.Body = string(body)
	}

	return c
}

// record keeps the request, and passes it to [Options.OnCall].
func (s *Simulator) record(c Call) {
	if !s.options.ForgetCalls {
		s.mu.Lock()
		s.calls = append(s.calls, c)
		s.mu.Unlock()
	}

	if s.options.OnCall != nil {
		s.options.OnCall(c)
	}
}

// Calls returns the requests since the last [Simulator.ResetCalls], in the order of their
// responses. A request is recorded before its response is sent.
func (s *Simulator) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()

	return slices.Clone(s.calls)
}

// ResetCalls deletes the recorded requests.
func (s *Simulator) ResetCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.calls = nil
}
