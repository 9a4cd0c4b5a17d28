package acctest

import (
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
)

// Fate is how an attempt of a request ends. The attempts on a Network count from 1.
type Fate func(req *http.Request, attempt int) (*http.Response, error)

// Connect records that a request has a connection, as http.Transport does.
func Connect(req *http.Request) {
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
}

// Reply returns a response to a request that has a connection; header has pairs of names and values.
func Reply(req *http.Request, status int, body string, header ...string) *http.Response {
	Connect(req)
	resp := &http.Response{StatusCode: status, Header: http.Header{}, Request: req, Body: io.NopCloser(strings.NewReader(body))}
	for i := 0; i+1 < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

// Responds is a response; header has pairs of names and values.
func Responds(status int, body string, header ...string) Fate {
	return func(req *http.Request, _ int) (*http.Response, error) {
		return Reply(req, status, body, header...), nil
	}
}

// Fails is an error, with or without a connection.
func Fails(isConnected bool, err error) Fate {
	return func(req *http.Request, _ int) (*http.Response, error) {
		if isConnected {
			Connect(req)
		}
		return nil, err
	}
}

// Hangs ends an attempt with its context.
func Hangs(req *http.Request, _ int) (*http.Response, error) {
	Connect(req)
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// Network is a round-tripper whose attempts end with the fates in turn, the last of them for ever. It records the requests.
type Network struct {
	Fates    []Fate
	Requests []Request

	mu sync.Mutex
}

// Request is a recorded request.
type Request struct {
	Method, URI, Body string
	Header            http.Header
}

// RoundTrip implements http.RoundTripper.
func (n *Network) RoundTrip(req *http.Request) (*http.Response, error) {
	recorded := Request{Method: req.Method, URI: req.URL.RequestURI(), Header: req.Header}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		recorded.Body = string(body)
	}
	n.mu.Lock()
	n.Requests = append(n.Requests, recorded)
	attempt := len(n.Requests)
	n.mu.Unlock()
	return n.Fates[min(attempt, len(n.Fates))-1](req, attempt)
}
