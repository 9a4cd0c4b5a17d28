package auth_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
)

// service is a ModelArts that has Keystone look at every token.
type service struct {
	*httptest.Server

	w *world

	mu       sync.Mutex
	accepted map[string]int // by body
	refused  int
	wanted   int           // refusals, before any is answered
	together chan struct{} // closed when there are as many
}

func (w *world) startService(t *testing.T) *service {
	t.Helper()
	s := &service{w: w, accepted: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { s.serve(r.Context(), t, rw, r) }))
	t.Cleanup(s.Close)
	return s
}

func (s *service) serve(ctx context.Context, t *testing.T, rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	id := r.Header.Get("X-Auth-Token")
	status, _, answer := call(ctx, t, http.MethodGet, s.w.url+"/auth/tokens", nil, id, id)
	var of struct {
		Token struct{ Project struct{ ID string } }
	}
	switch {
	case status == http.StatusUnauthorized:
		s.awaitOthers(t)
		rw.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(rw, `{"error_code": "APIGW.0301"}`)
	case status != http.StatusOK || json.Unmarshal(answer, &of) != nil:
		t.Errorf("Keystone says HTTP %d %s", status, answer)
	case !strings.HasPrefix(r.URL.Path, "/v1/"+of.Token.Project.ID+"/"):
		t.Errorf("%s with a token of project %s", r.URL.Path, of.Token.Project.ID)
	default:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.accepted[string(body)]++
	}
}

// refuseTogether holds refusals back until there are n of them.
func (s *service) refuseTogether(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused, s.wanted, s.together = 0, n, make(chan struct{})
}

// awaitOthers counts a refusal, and waits for the others.
func (s *service) awaitOthers(t *testing.T) {
	s.mu.Lock()
	s.refused++
	together := s.together
	if s.refused == s.wanted {
		close(together)
	}
	s.mu.Unlock()
	if together == nil {
		return
	}
	select {
	case <-together:
	case <-time.After(time.Minute):
		t.Error("the other requests do not come")
	}
}

func (s *service) counts() (accepted map[string]int, refused int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted, s.refused
}

func (s *service) request(t *testing.T, session *auth.Session, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		s.URL+"/v1/"+session.ProjectID+"/visualization-jobs", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// send makes a call to the service and returns the status of its answer.
func (s *service) send(t *testing.T, session *auth.Session, body string) int {
	t.Helper()
	resp, err := session.Transport.RoundTrip(s.request(t, session, body))
	if err != nil {
		t.Errorf("%s: %v", body, err)
		return 0
	}
	defer resp.Body.Close()
	return resp.StatusCode
}
