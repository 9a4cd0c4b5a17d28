package modelarts

import (
	"context"
	"errors"
	"io"
	"net/http"
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

// connected records that the request has a connection, as http.Transport does.
func connected(req *http.Request) {
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
}

// reply returns a response; header has pairs of names and values.
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

// fate is how an attempt ends. The attempts on a network count from 1.
type fate func(req *http.Request, attempt int) (*http.Response, error)

func with(status int, body string, header ...string) fate {
	return func(req *http.Request, _ int) (*http.Response, error) {
		return reply(req, status, body, header...), nil
	}
}

func failure(isSent bool, err error) fate {
	return func(req *http.Request, _ int) (*http.Response, error) {
		if isSent {
			connected(req)
		}
		return nil, err
	}
}

func hanging(req *http.Request, _ int) (*http.Response, error) {
	connected(req)
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// sample is a successful response to each of the calls.
func sample(req *http.Request, _ int) (*http.Response, error) {
	name := map[string]string{http.MethodPut: "update", http.MethodDelete: "delete"}[req.Method]
	switch _, rest, _ := strings.Cut(req.URL.Path, "/visualization-jobs"); {
	case req.Method == http.MethodPost && rest == "":
		name = "create"
	case req.Method == http.MethodPost:
		name = rest[strings.LastIndex(rest, "/")+1:]
	case req.Method == http.MethodGet && rest == "":
		name = "list"
	case req.Method == http.MethodGet:
		name = "get"
	}
	return reply(req, http.StatusOK, samples[name]), nil
}

// network has the attempts end with these fates in turn, the last of them for ever. It records the requests.
type network struct {
	fates []fate

	mu       sync.Mutex
	requests []request
}

type request struct {
	Method, URI, Body string
	Header            http.Header
}

func on(fates ...fate) *network { return &network{fates: fates} }

func always(status int, body string, header ...string) *network {
	return on(with(status, body, header...))
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	r := request{Method: req.Method, URI: req.URL.RequestURI(), Header: req.Header}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		r.Body = string(body)
	}
	n.mu.Lock()
	n.requests = append(n.requests, r)
	attempt := len(n.requests)
	n.mu.Unlock()
	return n.fates[min(attempt, len(n.fates))-1](req, attempt)
}

func (n *network) bodies() (bodies []string) {
	for _, r := range n.requests {
		bodies = append(bodies, r.Body)
	}
	return bodies
}

func clientOn(network http.RoundTripper, options ...func(*Options)) *Client {
	o := Options{MaxRetries: DefaultMaxRetries}
	for _, option := range options {
		option(&o)
	}
	return NewClient(&url.URL{Scheme: "https", Host: "modelarts.example.com"}, project, network, o)
}

func withRetries(n int) func(*Options) { return func(o *Options) { o.MaxRetries = n } }

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
		_, err := listAll(ctx, c, ListOptions{})
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

// samples are successful responses to the calls.
var samples = map[string]string{
	"create": `{"is_success": true, "job_id": "10", "job_name": "visualization-job", "status": "1", "create_time": "1524189990635"}`,
	"list": `{"quotas": 100, "is_success": true, "job_total_count": 1, "job_count_limit": 999,
		"jobs": [{"job_id": 10, "job_name": "visualization-job", "status": 1}]}`,
	"get":    `{"job_id": 10, "job_name": "visualization-job", "status": 7}`,
	"update": success, "stop": success, "restart": success, "delete": success,
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

// is reports whether err is an E, or has one in it.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func callNamed(name string) call {
	return calls[slices.IndexFunc(calls, func(c call) bool { return c.name == name })]
}

// listAll returns all pages of a list as one.
func listAll(ctx context.Context, c *Client, options ListOptions) (*JobPage, error) {
	var all *JobPage
	for page, err := range c.VisualizationJobPages(ctx, options) {
		switch {
		case err != nil:
			return nil, err
		case all == nil:
			all = page
		default:
			all.Append(page)
		}
	}
	return all, nil
}
