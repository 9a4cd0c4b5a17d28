package visualizationjob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"sync"
	"syscall"
)

// flushSize is how much net/http holds back of an answer that nobody flushes.
const flushSize = 4096

// endpointInMemory is what requests in memory are for.
var endpointInMemory = &url.URL{Scheme: "https", Host: "modelarts.example.com"}

var errKilled = errors.New("the process is dead")

// network carries requests to a handler as a network does, but in memory: who
// waits for a real one is not durably blocked in a testing/synctest bubble.
//
// It is what one process sees of the network, and ends with it.
type network struct {
	handler http.Handler
	token   string
	// before and after, when set, are told of each request that is about to
	// arrive, or was answered; n counts them from 1.
	before, after func(n int)
	// refuses, when set, tells whether connections are refused now.
	refuses func() bool
	// panicked is told of what the handler should not have done.
	panicked func(v any)

	dead chan struct{}
	mu   sync.Mutex
	n    int
}

func newNetwork(handler http.Handler, token string, panicked func(any)) *network {
	return &network{handler: handler, token: token, panicked: panicked, dead: make(chan struct{})}
}

// kill ends the process: nothing is sent any more, and no answer arrives.
func (n *network) kill() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.killed() {
		close(n.dead)
	}
}

func (n *network) killed() bool {
	select {
	case <-n.dead:
		return true
	default:
		return false
	}
}

func (n *network) count() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.n++
	return n.n
}

// RoundTrip implements http.RoundTripper.
func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	body, err := readRequest(req)
	if err != nil {
		return nil, err
	}
	number := n.count()
	if n.before != nil && !n.killed() {
		n.before(number)
	}
	switch {
	case n.killed():
		return nil, errKilled
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case n.refuses != nil && n.refuses():
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	if trace := httptrace.ContextClientTrace(ctx); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}

	// The handler learns that the client has gone, but does not share its context.
	arrived, gone := context.WithCancel(context.WithoutCancel(ctx))
	in := req.Clone(arrived)
	in.Body, in.RequestURI = io.NopCloser(bytes.NewReader(body)), req.URL.RequestURI()
	in.Header.Set("X-Auth-Token", n.token)
	w := newWire(req)
	go n.serve(w, in, number)
	err = n.begun(ctx, w)
	if err != nil {
		gone()
		w.reader.CloseWithError(err)
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() {
		gone()
		w.reader.CloseWithError(ctx.Err())
	})
	w.answer.Body = &wireBody{PipeReader: w.reader, close: func() { stop(); gone() }}
	return w.answer, nil
}

// begun waits for the head of the answer.
func (n *network) begun(ctx context.Context, w *wire) error {
	select {
	case <-w.begun:
	case <-ctx.Done():
		return ctx.Err()
	case <-n.dead:
	}
	switch {
	case n.killed():
		return errKilled
	case w.answer == nil:
		return io.EOF
	default:
		return nil
	}
}

func readRequest(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	defer req.Body.Close()
	return io.ReadAll(req.Body)
}

// serve does what net/http's server does around a handler.
func (n *network) serve(w *wire, in *http.Request, number int) {
	defer func() {
		v := recover()
		if v != nil && v != any(http.ErrAbortHandler) {
			n.panicked(v)
		}
		if n.after != nil && !n.killed() {
			n.after(number)
		}
		w.finish(v != nil)
	}()
	n.handler.ServeHTTP(w, in)
}

// wire is the server's end of one exchange.
type wire struct {
	request *http.Request
	header  http.Header
	status  int
	held    bytes.Buffer
	left    int64 // of the announced length; negative when none was
	begun   chan struct{}
	answer  *http.Response // nil when the connection broke before one began
	reader  *io.PipeReader
	writer  *io.PipeWriter
}

func newWire(req *http.Request) *wire {
	w := &wire{request: req, header: make(http.Header), left: -1, begun: make(chan struct{})}
	w.reader, w.writer = io.Pipe()
	return w
}

// Header implements http.ResponseWriter.
func (w *wire) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *wire) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

// Write implements http.ResponseWriter.
func (w *wire) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	w.held.Write(p)
	if w.held.Len() >= flushSize {
		return len(p), w.FlushError()
	}
	return len(p), nil
}

// FlushError is what http.ResponseController looks for.
func (w *wire) FlushError() error {
	w.begin(-1)
	held := bytes.Clone(w.held.Bytes())
	w.held.Reset()
	if w.left >= 0 {
		held = held[:min(int64(len(held)), w.left)]
		w.left -= int64(len(held))
	}
	if len(held) == 0 {
		return nil
	}
	_, err := w.writer.Write(held)
	return err
}

// begin sends the head of the answer.
func (w *wire) begin(length int64) {
	if w.answer != nil {
		return
	}
	w.WriteHeader(http.StatusOK)
	if announced, err := strconv.ParseInt(w.header.Get("Content-Length"), 10, 64); err == nil {
		length, w.left = announced, announced
	}
	w.answer = &http.Response{
		Status: fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header.Clone(), ContentLength: length, Request: w.request,
	}
	close(w.begun)
}

// finish ends the exchange. What a handler that aborted did not flush is lost.
func (w *wire) finish(aborted bool) {
	if aborted {
		if w.answer == nil {
			close(w.begun)
		}
		w.writer.CloseWithError(io.ErrUnexpectedEOF)
		return
	}
	w.begin(int64(w.held.Len()))
	_ = w.FlushError() // the client may have gone
	if w.left > 0 {
		w.writer.CloseWithError(io.ErrUnexpectedEOF)
		return
	}
	w.writer.Close()
}

// wireBody is the client's end of an answer.
type wireBody struct {
	*io.PipeReader

	close func()
}

// Close implements io.Closer.
func (b *wireBody) Close() error {
	b.close()
	return b.PipeReader.Close()
}
