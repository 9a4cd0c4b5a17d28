package auth_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
)

// object is one of JSON.
type object map[string]any

// world is a Keystone and what these tests put into it.
type world struct {
	url, short string // short is the same Keystone, but its tokens soon expire
	adminToken string

	domainName, password     string
	domain, user, memberRole string // ids
	// The ids of the projects eu-de_real, eu-de, eu-de_bare, eu-de_foreign and eu-de_other.
	project, regional, bare, foreign, other string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		url: os.Getenv("KEYSTONE_TEST_AUTH_URL"), short: os.Getenv("KEYSTONE_TEST_SHORT_AUTH_URL"),
		domainName: "OTC-EU-DE-" + rand.Text(), password: rand.Text(),
	}
	adminPassword := os.Getenv("KEYSTONE_TEST_PASSWORD")
	if w.url == "" || w.short == "" || adminPassword == "" {
		t.Skip("NOT TESTED: there is no Keystone; make test-keystone brings one")
	}
	w.adminToken = w.login(t, w.url, passwordOf(object{"name": "admin", "domain": object{"name": "Default"}, "password": adminPassword}),
		object{"project": object{"name": "admin", "domain": object{"name": "Default"}}})
	w.domain = w.create(t, "domain", object{"name": w.domainName})
	w.memberRole = w.create(t, "role", object{"name": "te_" + rand.Text()})
	for name, id := range map[string]*string{
		"eu-de_real": &w.project, "eu-de": &w.regional, "eu-de_bare": &w.bare, "eu-de_foreign": &w.foreign,
	} {
		*id = w.create(t, "project", object{"name": name, "domain_id": w.domain})
	}
	w.other = w.create(t, "project", object{
		"name": "eu-de_other", "domain_id": w.create(t, "domain", object{"name": w.domainName + "-2"}),
	})
	w.user = w.newUser(t, "real")
	w.admin(t, http.MethodPut, "/domains/"+w.domain+"/users/"+w.user+"/roles/"+w.memberRole, nil)
	modelarts := w.newService(t, "modelarts")
	w.newEndpoint(t, modelarts, "internal", "eu-de", "https://internal.example.com")
	w.newEndpoint(t, modelarts, "public", "eu-nl", "https://modelarts.eu-nl.example.com")
	w.newEndpoint(t, modelarts, "public", "eu-de", "https://modelarts.eu-de.example.com/v1/$(project_id)s")
	// A project that has endpoints of its own has these alone.
	obs := w.newEndpoint(t, w.newService(t, "obs"), "public", "eu-de", "https://obs.eu-de.example.com")
	w.admin(t, http.MethodPut, "/OS-EP-FILTER/projects/"+w.bare+"/endpoints/"+obs, nil)
	return w
}

// newUser returns the id of a user with the password, who may use the projects.
func (w *world) newUser(t *testing.T, name string) string {
	t.Helper()
	id := w.create(t, "user", object{"name": name, "domain_id": w.domain, "password": w.password})
	for _, project := range []string{w.project, w.regional, w.bare, w.other} {
		w.admin(t, http.MethodPut, "/projects/"+project+"/users/"+id+"/roles/"+w.memberRole, nil)
	}
	return id
}

func (w *world) newService(t *testing.T, kind string) string {
	t.Helper()
	id := w.create(t, "service", object{"type": kind, "name": kind})
	t.Cleanup(func() { w.admin(t, http.MethodDelete, "/services/"+id, nil) })
	return id
}

func (w *world) newEndpoint(t *testing.T, service, face, region, url string) string {
	t.Helper()
	return w.create(t, "endpoint", object{"service_id": service, "interface": face, "region": region, "url": url})
}

// create makes a thing and returns its id.
func (w *world) create(t *testing.T, kind string, thing object) string {
	t.Helper()
	var answer map[string]struct{ ID string }
	if err := json.Unmarshal(w.admin(t, http.MethodPost, "/"+kind+"s", object{kind: thing}), &answer); err != nil {
		t.Fatal(err)
	}
	return answer[kind].ID
}

// admin has the user admin make a call.
func (w *world) admin(t *testing.T, method, path string, body any) []byte {
	t.Helper()
	// Cleanups call as well, when the context of the test has ended.
	status, _, answer := call(context.WithoutCancel(t.Context()), t, method, w.url+path, body, w.adminToken, "")
	if status < 200 || status > 299 {
		t.Fatalf("%s %s: HTTP %d %s", method, path, status, answer)
	}
	return answer
}

func passwordOf(user object) object {
	return object{"methods": []string{"password"}, "password": object{"user": user}}
}

func projectScope(id string) object { return object{"project": object{"id": id}} }

func domainScope(id string) object { return object{"domain": object{"id": id}} }

// issue returns a token of the user.
func (w *world) issue(t *testing.T, scope object) string {
	t.Helper()
	return w.login(t, w.url, passwordOf(object{"id": w.user, "password": w.password}), scope)
}

// exchange returns a token from a token.
func (w *world) exchange(t *testing.T, token string, scope object) string {
	t.Helper()
	return w.login(t, w.url, object{"methods": []string{"token"}, "token": object{"id": token}}, scope)
}

func (w *world) login(t *testing.T, url string, identity, scope object) string {
	t.Helper()
	body := object{"identity": identity}
	if scope != nil {
		body["scope"] = scope
	}
	status, header, answer := call(t.Context(), t, http.MethodPost, url+"/auth/tokens", object{"auth": body}, "", "")
	if status != http.StatusCreated {
		t.Fatalf("HTTP %d %s", status, answer)
	}
	return header.Get("X-Subject-Token")
}

func (w *world) revoke(t *testing.T, token string) {
	t.Helper()
	if status, _, answer := call(t.Context(), t, http.MethodDelete, w.url+"/auth/tokens", nil, token, token); status != http.StatusNoContent {
		t.Fatalf("revoke: HTTP %d %s", status, answer)
	}
}

// awaitEnd waits until Keystone refuses the token.
func (w *world) awaitEnd(t *testing.T, token string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for {
		if status, _, _ := call(ctx, t, http.MethodGet, w.url+"/auth/tokens", nil, token, token); status == http.StatusUnauthorized {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal("the token does not expire")
		case <-time.After(time.Second / 2):
		}
	}
}

// call makes a call to Keystone, not with the code that is tested.
func call(ctx context.Context, t *testing.T, method, url string, body any, token, subject string) (int, http.Header, []byte) {
	t.Helper()
	var content []byte
	if body != nil {
		var err error
		if content, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range map[string]string{"X-Auth-Token": token, "X-Subject-Token": subject} {
		if value != "" { // an empty one is a bad one to Keystone
			req.Header.Set(name, value)
		}
	}
	resp, err := newNetwork().RoundTrip(req)
	if err != nil {
		t.Errorf("%s %s: %v", method, url, err)
		return 0, nil, nil
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return resp.StatusCode, resp.Header, answer
}

// options are of the user, in eu-de_real.
func (w *world) options() (auth.Options, *network) {
	n := newNetwork()
	return auth.Options{
		AuthURL: w.url, Region: "eu-de", ProjectName: "eu-de_real", DomainName: w.domainName,
		UserName: "real", Password: w.password, AllowReauth: true, MaxRetries: 1, Transport: n,
	}, n
}

func (w *world) open(t *testing.T, options auth.Options) *auth.Session {
	t.Helper()
	session, err := auth.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

func (w *world) wantConfigError(t *testing.T, name string, err error, attribute, detail string) {
	t.Helper()
	config, ok := errors.AsType[*auth.ConfigError](err)
	if !ok {
		t.Errorf("%s: %T %v, want a fault of %s", name, err, err, attribute)
	} else if config.Attribute != attribute || !strings.Contains(config.Detail, detail) || strings.Contains(config.Error(), w.password) {
		t.Errorf("%s: %+v, want a fault of %s, and %q", name, config, attribute, detail)
	}
}

// network watches the tokens that IAM is asked for. It leaves no connection behind.
type network struct {
	next  http.RoundTripper
	first string // host and port to ask for the first token, if it is another

	mu    sync.Mutex
	asked int
	given string // the newest token
}

func newNetwork() *network { return &network{next: &http.Transport{DisableKeepAlives: true}} }

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodPost || !strings.HasSuffix(req.URL.Path, "/auth/tokens") {
		return n.next.RoundTrip(req)
	}
	n.mu.Lock()
	n.asked++
	if n.asked == 1 && n.first != "" {
		req = req.Clone(req.Context())
		req.URL.Host = n.first
	}
	n.mu.Unlock()
	resp, err := n.next.RoundTrip(req)
	if err == nil {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.given = resp.Header.Get("X-Subject-Token")
	}
	return resp, err
}

func (n *network) logins() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.asked
}

func (n *network) newest() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.given
}
