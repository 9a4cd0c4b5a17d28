package modelarts

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	project = "04f679b17380d32a2f32c00335c4b5ba"
	// success is the body of a successful response to each of the calls.
	success = `{"is_success": true, "job_id": "10", "job_name": "visualization-job", "status": "1", "job_total_count": 1, "jobs": [{"job_id": 10}]}`
)

type fate = acctest.Fate

func on(fates ...fate) *acctest.Network { return &acctest.Network{Fates: fates} }

func always(status int, body string, header ...string) *acctest.Network {
	return on(acctest.Responds(status, body, header...))
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
		_, err := c.CreateVisualizationJob(ctx, plain)
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

var plain = CreateOptions{Name: "visualization-job", TrainURL: "/obs/name/"}

func callNamed(name string) call {
	return calls[slices.IndexFunc(calls, func(c call) bool { return c.name == name })]
}

func errorOf[E error](t *testing.T, err error) E {
	t.Helper()
	e, ok := errors.AsType[E](err)
	if !ok {
		t.Fatalf("error %T (%v), want %T", err, err, e)
	}
	return e
}

// is reports whether err is an E, or has one in it.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
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
