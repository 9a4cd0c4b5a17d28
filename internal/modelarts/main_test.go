package modelarts

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	project = "04f679b17380d32a2f32c00335c4b5ba"
	secret  = "MIIF-secret-token"
	success = `{"is_success": true}`
)

// roundTripper is a network of its own, for tests in which time is not real.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// authenticated puts a credential on requests, as the provider's transport does.
func authenticated(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		req = req.Clone(req.Context())
		req.Header.Set("X-Auth-Token", secret)
		return next.RoundTrip(req)
	})
}

// connected tells the client that the request left, as http.Transport does.
func connected(req *http.Request) {
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
}

// reply makes an answer; header has pairs of names and values.
func reply(req *http.Request, status int, body string, header ...string) *http.Response {
	connected(req)
	resp := &http.Response{
		StatusCode: status, Header: http.Header{}, Request: req,
		Body: io.NopCloser(strings.NewReader(body)),
	}
	for i := 0; i+1 < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

// always is a network on which every request gets the same answer.
func always(status int, body string, header ...string) roundTripper {
	return func(req *http.Request) (*http.Response, error) {
		return reply(req, status, body, header...), nil
	}
}

func clientOn(network http.RoundTripper, options ...Option) *Client {
	return NewClient(&url.URL{Scheme: "https", Host: "modelarts.example.com"}, project, network, options...)
}

// request is what a server saw of one.
type request struct {
	Method, URI, Body string
	Header            http.Header
}

// service is a real server, which notes what it is sent.
type service struct {
	*httptest.Server

	mu       sync.Mutex
	requests []request
}

func (s *service) seen() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func serve(t *testing.T, handler http.HandlerFunc) *service {
	t.Helper()
	s := &service{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read the request: %v", err)
		}
		s.mu.Lock()
		s.requests = append(s.requests, request{r.Method, r.URL.RequestURI(), string(body), r.Header.Clone()})
		s.mu.Unlock()
		handler(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// client calls s over a connection for each request, as a transport repeats by
// itself what fails on a connection that was used before.
func (s *service) client(t *testing.T, options ...Option) *Client {
	t.Helper()
	endpoint, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return NewClient(endpoint, project, authenticated(&http.Transport{DisableKeepAlives: true}), options...)
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // A client that is gone fails its test by itself.
	}
}

// call is one of the seven calls, by the words of the API reference.
type call struct {
	name, method string
	do           func(context.Context, *Client) error
}

var calls = []call{
	{"create", http.MethodPost, func(ctx context.Context, c *Client) error {
		_, err := c.CreateVisualizationJob(ctx, CreateOptions{Name: "visualization-job", TrainURL: "/obs/name/"})

		return err
	}},
	{"list", http.MethodGet, func(ctx context.Context, c *Client) error {
		_, err := c.ListVisualizationJobs(ctx, ListOptions{})

		return err
	}},
	{"get", http.MethodGet, func(ctx context.Context, c *Client) error {
		_, err := c.GetVisualizationJob(ctx, 10)

		return err
	}},
	{"update", http.MethodPut, func(ctx context.Context, c *Client) error {
		return c.UpdateVisualizationJob(ctx, 10, "This is a ModelArts job")
	}},
	{"stop", http.MethodPost, func(ctx context.Context, c *Client) error { return c.StopVisualizationJob(ctx, 10) }},
	{"restart", http.MethodPost, func(ctx context.Context, c *Client) error { return c.RestartVisualizationJob(ctx, 10) }},
	{"delete", http.MethodDelete, func(ctx context.Context, c *Client) error { return c.DeleteVisualizationJob(ctx, 10) }},
}

// samples are answers that each of the calls takes for a yes.
var samples = map[string]string{
	"create": `{"is_success": true, "job_id": "10", "job_name": "visualization-job", "status": "1", "create_time": "1524189990635"}`,
	"list": `{"quotas": 100, "is_success": true, "job_total_count": 1, "job_count_limit": 999,
		"jobs": [{"job_id": 10, "job_name": "visualization-job", "status": 1}]}`,
	"get":    `{"job_id": 10, "job_name": "visualization-job", "status": 7}`,
	"update": success, "stop": success, "restart": success, "delete": success,
}

// sample answers any of the calls.
func sample(w http.ResponseWriter, r *http.Request) {
	name := map[string]string{http.MethodPut: "update", http.MethodDelete: "delete"}[r.Method]
	switch _, rest, _ := strings.Cut(r.URL.Path, "/visualization-jobs"); {
	case r.Method == http.MethodPost && rest == "":
		name = "create"
	case r.Method == http.MethodPost:
		name = rest[strings.LastIndex(rest, "/")+1:]
	case r.Method == http.MethodGet && rest == "":
		name = "list"
	case r.Method == http.MethodGet:
		name = "get"
	}
	answer(http.StatusOK, samples[name])(w, r)
}

func errorFrom(t *testing.T, err error) *Error {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("error %T (%v), want *Error", err, err)
	}
	return e
}

func noResponseFrom(t *testing.T, err error) *NoResponseError {
	t.Helper()
	e, ok := errors.AsType[*NoResponseError](err)
	if !ok {
		t.Fatalf("error %T (%v), want *NoResponseError", err, err)
	}
	return e
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// is reports whether err is an E, or has one in it.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
