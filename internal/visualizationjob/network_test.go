package visualizationjob_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"testing"
)

var (
	endpointInMemory = &url.URL{Scheme: "http", Host: "modelarts.example.com"}
	errKilled        = errors.New("the process is dead")
)

// network is the network as one process sees it. Its connections are pipes, because a goroutine that reads from a real
// connection isn't durably blocked in a testing/synctest bubble.
type network struct {
	before, after func(n int)  // the hooks are called before request n is sent, and when its response is due
	panicked      func(v any)  // is called if the handler panics
	handler       http.Handler // of the service
	token         string       // that authenticates each request
	client        http.Transport
	server        http.Server
	accepted      chan net.Conn

	mu     sync.Mutex
	number int
	killed bool
	conns  []net.Conn
}

// newNetwork connects a process to a service until the test ends.
func newNetwork(t testing.TB, handler http.Handler, token string, panicked func(any)) *network {
	t.Helper()
	n := &network{
		handler: handler, token: token, panicked: panicked, accepted: make(chan net.Conn),
		before: func(int) {}, after: func(int) {},
	}
	// A kept connection would let net/http repeat requests by itself.
	n.client = http.Transport{DialContext: n.dial, DisableKeepAlives: true, DisableCompression: true}
	n.server = http.Server{Handler: http.HandlerFunc(n.serve)}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = n.server.Serve(n) // returns when the test ends
	}()
	t.Cleanup(func() {
		n.server.Close()
		<-served
	})
	return n
}

// RoundTrip implements http.RoundTripper.
func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	n.mu.Lock()
	n.number++
	number := n.number
	n.mu.Unlock()
	n.before(number)
	req = req.Clone(req.Context())
	req.Header.Set("X-Auth-Token", n.token)
	req.Header.Set("X-Request-Number", strconv.Itoa(number))
	return n.client.RoundTrip(req)
}

// serve has the service process a request.
func (n *network) serve(w http.ResponseWriter, r *http.Request) {
	defer func() {
		v := recover()
		if v != nil && v != any(http.ErrAbortHandler) {
			n.panicked(v)
		}
		number, _ := strconv.Atoi(r.Header.Get("X-Request-Number"))
		n.after(number)
		if v != nil {
			panic(http.ErrAbortHandler)
		}
	}()
	n.handler.ServeHTTP(w, r)
}

func (n *network) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.killed {
		return nil, errKilled
	}
	n.conns = append(n.conns, client)
	select {
	case n.accepted <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// kill ends the process: it sends no request and gets no response any more.
func (n *network) kill() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.killed = true
	for _, conn := range n.conns {
		conn.Close()
	}
}

func (n *network) isKilled() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.killed
}

// Accept implements net.Listener.
func (n *network) Accept() (net.Conn, error) {
	conn, ok := <-n.accepted
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

// Close implements net.Listener.
func (n *network) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.killed = true
	close(n.accepted)
	return nil
}

// Addr implements net.Listener.
func (n *network) Addr() net.Addr { return &net.TCPAddr{} }
