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

// create creates a thing and returns its ID.
func (w *world) create(t *testing.T, kind string, thing object) string {
	t.Helper()
	var response map[string]struct{ ID string }
	if err := json.Unmarshal(w.admin(t, http.MethodPost, "/"+kind+"s", object{kind: thing}), &response); err != nil {
		t.Fatal(err)
	}
	return response[kind].ID
}

// admin sends a request as the user admin.
func (w *world) admin(t *testing.T, method, path string, body any) []byte {
	t.Helper()
	// Cleanups call as well, when the context of the test has ended.
	status, _, response := call(context.WithoutCancel(t.Context()), t, method, w.url+path, body, w.adminToken, "")
	if status < 200 || status > 299 {
		t.Fatalf("%s %s: HTTP %d %s", method, path, status, response)
	}
	return response
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
	status, header, response := call(t.Context(), t, http.MethodPost, url+"/auth/tokens", object{"auth": body}, "", "")
	if status != http.StatusCreated {
		t.Fatalf("HTTP %d %s", status, response)
	}
	return header.Get("X-Subject-Token")
}

func (w *world) revoke(t *testing.T, token string) {
	t.Helper()
	if status, _, response := call(t.Context(), t, http.MethodDelete, w.url+"/auth/tokens", nil, token, token); status != http.StatusNoContent {
		t.Fatalf("revoke: HTTP %d %s", status, response)
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

// call sends a request to Keystone, without the tested code.
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
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Errorf("%s %s: %v", method, url, err)
		return 0, nil, nil
	}
	defer resp.Body.Close()
	response, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return resp.StatusCode, resp.Header, response
}

// options are of the user, in eu-de_real.
func (w *world) options(t *testing.T) (auth.Options, *network) {
	t.Helper()
	n := w.network(t)
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

// network connects to Keystone, and is ModelArts, which has Keystone validate every token.
type network struct {
	t     *testing.T
	w     *world
	next  http.RoundTripper // leaves no connection behind
	first string            // host and port for the first token, if it is another

	requests int    // for a token
	newest   string // the token that IAM returned last
	refused  int    // requests to ModelArts
}

func (w *world) network(t *testing.T) *network {
	t.Helper()
	return &network{t: t, w: w, next: &http.Transport{DisableKeepAlives: true}}
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	switch {
	case req.URL.Host == modelArts:
		return n.serve(req), nil
	case req.Method != http.MethodPost || !strings.HasSuffix(req.URL.Path, "/auth/tokens"):
		return n.next.RoundTrip(req)
	}
	n.requests++
	if n.requests == 1 && n.first != "" {
		req = req.Clone(req.Context())
		req.URL.Host = n.first
	}
	resp, err := n.next.RoundTrip(req)
	if err == nil {
		n.newest = resp.Header.Get("X-Subject-Token")
	}
	return resp, err
}

// modelArts is the host of ModelArts on a network.
const modelArts = "modelarts.example.com"

func (n *network) serve(req *http.Request) *http.Response {
	token := req.Header.Get("X-Auth-Token")
	status, _, body := call(req.Context(), n.t, http.MethodGet, n.w.url+"/auth/tokens", nil, token, token)
	var of struct {
		Token struct{ Project struct{ ID string } }
	}
	switch {
	case status == http.StatusUnauthorized:
		n.refused++
	case status != http.StatusOK || json.Unmarshal(body, &of) != nil:
		n.t.Errorf("Keystone returns HTTP %d %s", status, body)
	case !strings.HasPrefix(req.URL.Path, "/v1/"+of.Token.Project.ID+"/"):
		n.t.Errorf("%s with a token of project %s", req.URL.Path, of.Token.Project.ID)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: req}
}

// wantRequest checks the HTTP status of a request to ModelArts.
func wantRequest(t *testing.T, name string, session *auth.Session, want int) {
	t.Helper()
	resp, err := session.Transport.RoundTrip(newRequest(t, session))
	if err != nil || resp.StatusCode != want {
		t.Errorf("%s: %+v, %v", name, resp, err)
	}
}

func newRequest(t *testing.T, session *auth.Session) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		"https://"+modelArts+"/v1/"+session.ProjectID+"/visualization-jobs", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	return req
}
