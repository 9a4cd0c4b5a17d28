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

// Call is a request that the simulator received, and how it was answered.
type Call struct {
	Time      time.Time // of arrival
	Method    string
	Path      string
	Query     url.Values
	Status    int    // of the answer; 0 when there was none
	RequestID string // as sent in the X-Request-Id header
	Body      string // as received by ModelArts; always empty for IAM, which gets passwords
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
	// Not "anything but IAM": a client with a wrong URL posts passwords anywhere.
	if strings.HasPrefix(r.URL.Path, modelArtsPath) {
		c.Body = string(body)
	}

	return c
}

// record keeps the call, and tells of it.
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

// Calls returns the calls since the last [Simulator.ResetCalls] in the order in
// which their answers were ready. A call is on record before its answer is sent.
func (s *Simulator) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()

	return slices.Clone(s.calls)
}

// ResetCalls forgets the calls so far.
func (s *Simulator) ResetCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.calls = nil
}
