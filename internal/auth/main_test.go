package auth

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	password  = "hunter2-secret"
	projectID = "04f679b17380d32a2f32c00335c4b5ba"
	catalog   = `[{"id": "a", "name": "iam", "type": "identity", "endpoints": [
			{"id": "b", "interface": "public", "region": "eu-de", "region_id": "eu-de", "url": "https://iam.example.com/v3"}]},
		{"id": "c", "name": "modelarts", "type": "modelarts", "endpoints": [
			{"id": "d", "interface": "internal", "region": "eu-de", "region_id": "eu-de", "url": "https://internal.example.com"},
			{"id": "e", "interface": "public", "region": "eu-nl", "region_id": "eu-nl", "url": "https://nl.example.com"},
			{"id": "f", "interface": "public", "region": "eu-de", "region_id": "eu-de", "url": "https://ma.example.com/v1"}]}]`
	refusal = `{"error": {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}}`
)

// roundTripper is a network.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// unreachable is a network that must not be used.
func unreachable(t *testing.T) roundTripper {
	t.Helper()
	return func(req *http.Request) (*http.Response, error) {
		t.Errorf("called %s %s", req.Method, req.URL)
		return nil, errors.New("unreachable")
	}
}

func reply(req *http.Request, status int, body string, header ...string) *http.Response {
	resp := &http.Response{
		StatusCode: status, Header: http.Header{}, Request: req,
		Body: io.NopCloser(strings.NewReader(body)),
	}
	for i := 0; i+1 < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

// request is one that a cloud received.
type request struct {
	Method, URL, Body, Token string
	Header                   http.Header
}

// cloud is an IAM and a service on a network without time. IAM returns the tokens token-1, token-2 and so on,
// and the service accepts only the newest.
type cloud struct {
	iam     func(req *http.Request, n int) (*http.Response, error) // responds to request n to IAM, unless it returns nil
	service func(req *http.Request) (*http.Response, error)        // responds to a request to the service, likewise
	token   string                                                 // of IAM's response; empty for one for a project
	reads   map[string]string                                      // responses to other paths of IAM

	mu       sync.Mutex
	issued   int
	iamCalls []request
	calls    []request
}

func (c *cloud) RoundTrip(req *http.Request) (*http.Response, error) {
	seen := request{
		Method: req.Method, URL: req.URL.String(), Token: req.Header.Get("X-Auth-Token"), Header: req.Header.Clone(),
	}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		seen.Body = string(body)
	}
	if !strings.HasPrefix(req.URL.Path, "/v3/") {
		return c.serve(req, seen)
	}
	c.mu.Lock()
	c.iamCalls = append(c.iamCalls, seen)
	n := len(c.iamCalls)
	c.mu.Unlock()
	if c.iam != nil {
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(strings.NewReader(seen.Body))
		if resp, err := c.iam(req, n); resp != nil || err != nil {
			return resp, err
		}
	}
	if body, ok := c.reads[req.URL.Path]; ok {
		return reply(req, http.StatusOK, body), nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.issued++
	token := c.token
	if token == "" {
		token = `{"project": {"id": "` + projectID + `", "name": "eu-de"}, "catalog": ` + catalog + `}`
	}
	status := http.StatusCreated
	if req.Method == http.MethodGet {
		status = http.StatusOK
	}
	return reply(req, status, `{"token": `+token+`}`, "X-Subject-Token", "token-"+strconv.Itoa(c.issued)), nil
}

func (c *cloud) serve(req *http.Request, seen request) (*http.Response, error) {
	c.mu.Lock()
	c.calls = append(c.calls, seen)
	newest := "token-" + strconv.Itoa(c.issued)
	c.mu.Unlock()
	if c.service != nil {
		if resp, err := c.service(req); resp != nil || err != nil {
			return resp, err
		}
	}
	if seen.Token != newest {
		return reply(req, http.StatusUnauthorized, `{"error_code": "APIGW.0301"}`), nil
	}
	return reply(req, http.StatusOK, `{"is_success": true}`), nil
}

func (c *cloud) counts() (iam, service int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.iamCalls), len(c.calls)
}

// user returns the options of a login with a password.
func user(network http.RoundTripper) Options {
	return Options{
		Region: "eu-de", DomainName: "OTC-EU-DE-1", UserName: "user", Password: password,
		AllowReauth: true, Transport: network,
	}
}

func open(t *testing.T, options Options) *Session {
	t.Helper()
	session, err := Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// lines returns the requests to IAM, as method and path.
func (c *cloud) lines() string {
	var lines []string
	for _, call := range c.iamCalls {
		_, path, _ := strings.Cut(strings.TrimPrefix(call.URL, "https://"), "/")
		lines = append(lines, call.Method+" /"+path)
	}
	return strings.Join(lines, ", ")
}

func configErrorFrom(t *testing.T, err error) *ConfigError {
	t.Helper()
	e, ok := errors.AsType[*ConfigError](err)
	if !ok {
		t.Fatalf("error %T (%v), want *ConfigError", err, err)
	}
	if strings.Contains(e.Error(), password) {
		t.Errorf("the password is shown: %v", e)
	}
	return e
}

func wantJSON(t *testing.T, want, got string) {
	t.Helper()
	var w, g any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatalf("%s: %v", want, err)
	}
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		t.Fatalf("%s: %v", got, err)
	}
	if diff := cmp.Diff(w, g); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

func newRequest(ctx context.Context, t *testing.T, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://ma.example.com/v1/stop", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func send(t *testing.T, session *Session, body string) *http.Response {
	t.Helper()
	resp, err := session.Transport.RoundTrip(newRequest(t.Context(), t, body))
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func text(t *testing.T, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	return string(body)
}
