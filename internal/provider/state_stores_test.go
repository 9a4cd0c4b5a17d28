package provider_test

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// gitlabState keeps a Terraform state as GitLab does. It takes the token of the
// job that runs, and no other.
type gitlabState struct {
	url string

	mu    sync.Mutex
	token string
	state []byte
	lock  []byte
	locks int // how often it was locked
}

func newGitLabState(t *testing.T) *gitlabState {
	t.Helper()
	s := &gitlabState{}
	const path = "/projects/7/terraform/state/boards"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
		if s.state == nil {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write(s.state)
	})
	mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		if !s.holdsLock(r.URL.Query().Get("ID")) {
			http.Error(w, "not locked by you", http.StatusConflict)
			return
		}
		s.state, _ = io.ReadAll(r.Body)
	})
	mux.HandleFunc("POST "+path+"/lock", func(w http.ResponseWriter, r *http.Request) {
		if s.lock != nil {
			w.WriteHeader(http.StatusLocked)
			_, _ = w.Write(s.lock)
			return
		}
		s.lock, _ = io.ReadAll(r.Body)
		s.locks++
	})
	mux.HandleFunc("DELETE "+path+"/lock", func(http.ResponseWriter, *http.Request) { s.lock = nil })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if user, token, _ := r.BasicAuth(); user != "gitlab-ci-token" || token != s.token {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *gitlabState) holdsLock(id string) bool {
	var lock struct{ ID string }
	return json.Unmarshal(s.lock, &lock) == nil && lock.ID == id
}

// admit has it take a token from now on.
func (s *gitlabState) admit(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = token
}

// obs keeps objects as OBS does: it does not know the checksums that newer clients
// put into the body, and stores them as they come.
type obs struct {
	url    string
	caFile string // the authority of its certificate

	mu      sync.Mutex
	objects map[string][]byte
}

func newOBS(t *testing.T) *obs {
	t.Helper()
	o := &obs{objects: map[string][]byte{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{bucket}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `<ListBucketResult><Name>`+r.PathValue("bucket")+`</Name></ListBucketResult>`)
	})
	mux.HandleFunc("GET /{bucket}/{key...}", func(w http.ResponseWriter, r *http.Request) {
		object, ok := o.objects[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `<Error><Code>NoSuchKey</Code></Error>`)
			return
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(object)) // Terraform asks for ranges
	})
	mux.HandleFunc("PUT /{bucket}/{key...}", func(_ http.ResponseWriter, r *http.Request) {
		o.objects[r.URL.Path], _ = io.ReadAll(r.Body)
	})
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		defer o.mu.Unlock()
		if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ") {
			http.Error(w, "who are you?", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	o.url, o.caFile = server.URL, filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(o.caFile, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	return o
}

// object is what is stored under a path, which begins with the bucket.
func (o *obs) object(path string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.objects[path])
}
