package httpclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"go.uber.org/goleak"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errReset = fmt.Errorf("read tcp: %w", syscall.ECONNRESET)

type fate = acctest.Fate

// clientOn returns a client of the configuration that the clients of both services have in common.
func clientOn(network http.RoundTripper, options ...func(*Config)) *http.Client {
	config := Config{
		Transport: network, MaxRetries: 5, MaxRetryWait: 30 * time.Second, MaxConcurrent: 10,
		MaxSize: func(*http.Request) int { return 256 << 10 },
	}
	for _, option := range options {
		option(&config)
	}
	return New(config)
}

func withSlots(n int) func(*Config)   { return func(c *Config) { c.MaxConcurrent = n } }
func withRetries(n int) func(*Config) { return func(c *Config) { c.MaxRetries = n } }
func withoutThrottle(c *Config)       { c.MaxConcurrent = 0 }
func withRequestLog(f func(Attempt)) func(*Config) {
	return func(c *Config) { c.OnAttempt = func(_ context.Context, attempt Attempt) { f(attempt) } }
}

// send sends a request for a job. A status of 300 or more is an error.
func send(ctx context.Context, c *http.Client, method, job string) error {
	var body io.Reader
	if method == http.MethodPost || method == http.MethodPut {
		body = strings.NewReader("body of " + job)
	}
	return sendTo(ctx, c, method, "https://modelarts.example.com/jobs/"+job, body)
}

func sendTo(ctx context.Context, c *http.Client, method, target string, body io.Reader) error {
	req, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return err
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode > 299 {
		return fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	return nil
}

func put(ctx context.Context, c *http.Client, job string) error {
	return send(ctx, c, http.MethodPut, job)
}

// wasSent reports whether the server can have received a request that ended with err.
func wasSent(t *testing.T, err error) bool {
	t.Helper()
	e, ok := errors.AsType[*NoResponseError](err)
	if !ok {
		t.Fatalf("error %T (%v), want *NoResponseError", err, err)
	}
	return e.Sent
}

func status(code int, header ...string) fate { return acctest.Responds(code, "", header...) }

// carrying is a response with such a body.
func carrying(code int, body func() io.Reader) fate {
	return func(req *http.Request, _ int) (*http.Response, error) {
		resp := acctest.Reply(req, code, "", "X-Request-Id", "r1")
		resp.Body = io.NopCloser(body())
		return resp, nil
	}
}

// truncated is a body whose connection breaks.
func truncated() io.Reader {
	return io.MultiReader(strings.NewReader("{"), iotest.ErrReader(io.ErrUnexpectedEOF))
}

// endless is a body without an end.
type endless struct {
	read   int
	closed bool
}

func (e *endless) Read(p []byte) (int, error) {
	clear(p)
	e.read += len(p)
	return len(p), nil
}

func (e *endless) Close() error {
	e.closed = true
	return nil
}
