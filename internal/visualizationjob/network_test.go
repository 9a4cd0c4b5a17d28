package visualizationjob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

var (
	endpointInMemory = &url.URL{Scheme: "http", Host: "modelarts.example.com"}
	errKilled        = errors.New("the process is dead")
)

// network is the network as one process sees it. It calls the service in memory, because a goroutine that reads from a real
// connection isn't durably blocked in a testing/synctest bubble.
type network struct {
	before, after func(n int)  // the hooks are called before request n is sent, and when its response is due
	handler       http.Handler // of the service
	token         string       // that authenticates each request
	requests      atomic.Int64
	alive         context.Context
	kill          context.CancelFunc // ends the process: it sends no request and gets no response any more
}

// newNetwork connects a process to a service until the test ends.
func newNetwork(t testing.TB, handler http.Handler, token string) *network {
	t.Helper()
	alive, kill := context.WithCancel(t.Context())
	return &network{before: func(int) {}, after: func(int) {}, handler: handler, token: token, alive: alive, kill: kill}
}

func (n *network) isKilled() bool { return n.alive.Err() != nil }

// RoundTrip implements http.RoundTripper.
func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	number := int(n.requests.Add(1))
	n.before(number)
	if n.isKilled() {
		return nil, errKilled
	}
	acctest.Connect(req)
	ctx, cancel := context.WithCancel(req.Context())
	defer cancel()
	received := req.Clone(ctx)
	received.Header.Set("X-Auth-Token", n.token)
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		received.Body = io.NopCloser(bytes.NewReader(body))
	}
	responses := make(chan *http.Response, 1)
	go func() { responses <- n.serve(received, number) }()
	var resp *http.Response
	select {
	case resp = <-responses:
	case <-ctx.Done():
	case <-n.alive.Done():
	}
	switch {
	case n.isKilled():
		return nil, errKilled
	case resp != nil:
		resp.Request = req
		return resp, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	default:
		return nil, io.EOF
	}
}

// serve has the service process a request. It returns nil if the service cuts the connection before the response.
func (n *network) serve(req *http.Request, number int) *http.Response {
	recorder := httptest.NewRecorder()
	isCut := n.handle(recorder, req)
	n.after(number)
	if isCut && recorder.Body.Len() == 0 {
		return nil
	}
	resp := recorder.Result()
	if isCut || resp.ContentLength > int64(recorder.Body.Len()) {
		resp.Body = io.NopCloser(io.MultiReader(resp.Body, iotest.ErrReader(io.ErrUnexpectedEOF)))
	}
	return resp
}

// handle reports whether the handler cuts the connection.
func (n *network) handle(w http.ResponseWriter, req *http.Request) (isCut bool) {
	defer func() {
		v := recover()
		isCut = v != nil
		if isCut && v != any(http.ErrAbortHandler) {
			panic(v)
		}
	}()
	n.handler.ServeHTTP(w, req)
	return false
}
