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

// Request is a request to the simulator, with the status of its response.
type Request struct {
	Time      time.Time // of arrival
	Method    string
	Path      string
	Query     url.Values
	Status    int    // of the response, or 0 without one
	RequestID string // in the X-Request-Id header of the response
	Body      string // of a request to ModelArts; empty for IAM, because it contains passwords
}

func (s *Simulator) newRequest(r *http.Request, body []byte) Request {
	var id [16]byte
	_, _ = rand.Read(id[:]) // It never fails.

	c := Request{
		Time:      s.options.Now(),
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

// record keeps the request, and passes it to [Options.OnRequest].
func (s *Simulator) record(c Request) {
	if !s.options.ForgetRequests {
		s.mu.Lock()
		s.requests = append(s.requests, c)
		s.mu.Unlock()
	}

	if s.options.OnRequest != nil {
		s.options.OnRequest(c)
	}
}

// Requests returns the requests since the last [Simulator.ResetRequests], in the order of their
// responses. A request is recorded before its response is sent.
func (s *Simulator) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()

	return slices.Clone(s.requests)
}

// ResetRequests deletes the recorded requests.
func (s *Simulator) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.requests = nil
}
