package httpclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errReset = fmt.Errorf("read tcp: %w", syscall.ECONNRESET)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// clientOn returns a client of the configuration that the clients of both services have in common.
func clientOn(network http.RoundTripper, options ...func(*Config)) *http.Client {
	config := Config{
		Transport: network, MaxRetries: 5, MaxRetryWait: 30 * time.Second, Throttle: NewThrottle(10),
		MaxSize: func(*http.Request) int { return 256 << 10 },
	}
	for _, option := range options {
		option(&config)
	}
	return New(config)
}

func withSlots(n int) func(*Config)   { return func(c *Config) { c.Throttle = NewThrottle(n) } }
func withRetries(n int) func(*Config) { return func(c *Config) { c.MaxRetries = n } }
func withoutThrottle(c *Config)       { c.Throttle = nil }
func withIdempotentPosts(c *Config)   { c.IsPostIdempotent = true }
func withRequestLog(f func(Attempt)) func(*Config) {
	return func(c *Config) { c.OnAttempt = func(_ context.Context, attempt Attempt) { f(attempt) } }
}

// send sends a request for a job. A status of 300 or more is an error.
func send(ctx context.Context, c *http.Client, method, job string) error {
	var body io.Reader
	if method == http.MethodPost || method == http.MethodPut {
		body = strings.NewReader("body of " + job)
	}
	req, err := http.NewRequestWithContext(ctx, method, "https://modelarts.example.com/jobs/"+job, body)
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
		StatusCode: status, Header: http.Header{}, Request: req, Body: io.NopCloser(strings.NewReader(body)),
	}
	for i := 0; i+1 < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

// fate is how an attempt ends. The attempts of a request count from 1.
type fate func(req *http.Request, attempt int) (*http.Response, error)

func status(code int, header ...string) fate {
	return func(req *http.Request, _ int) (*http.Response, error) { return reply(req, code, "", header...), nil }
}

func failure(sent bool, err error) fate {
	return func(req *http.Request, _ int) (*http.Response, error) {
		if sent {
			connected(req)
		}
		return nil, err
	}
}

func truncated(req *http.Request, _ int) (*http.Response, error) {
	resp := reply(req, http.StatusOK, "", "X-Request-Id", "r1")
	resp.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), failing{}))
	return resp, nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func hanging(req *http.Request, _ int) (*http.Response, error) {
	connected(req)
	<-req.Context().Done()
	return nil, req.Context().Err()
}

func tooLarge(code int) fate {
	return func(req *http.Request, _ int) (*http.Response, error) {
		resp := reply(req, code, "")
		resp.Body = &endless{}
		return resp, nil
	}
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

// series is a network on which the attempts end in these ways, the last of them for ever.
type series struct {
	fates    []fate
	attempts int
}

func (s *series) RoundTrip(req *http.Request) (*http.Response, error) {
	s.attempts++
	return s.fates[min(s.attempts, len(s.fates))-1](req, s.attempts)
}
