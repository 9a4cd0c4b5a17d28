package httpclient

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// proxied is a round-tripper that connects through the proxy that the environment names. Repeated wrong passwords can lock an account.
// So it sends one request at a time until a proxy has accepted a request, and none after a proxy has rejected the credentials or the connection to itself.
type proxied struct {
	next      *http.Transport
	redactor  *sanitize.Redactor
	turn      chan struct{} // held by the request under way, until a request is accepted
	accepted  chan struct{} // closed when the first request is accepted
	accept    sync.Once
	rejection atomic.Pointer[ProxyError]
}

// ThroughProxy returns a round-tripper that sends requests with transport, through the proxy that the environment names for a request.
// It changes transport. If a proxy fails or rejects a request, the error is a *ProxyError.
func ThroughProxy(transport *http.Transport, redactor *sanitize.Redactor) http.RoundTripper {
	transport.Proxy = func(req *http.Request) (*url.URL, error) { return ProxyFor(req.URL) }
	transport.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
		if resp.StatusCode == http.StatusOK {
			return nil
		}
		return errorResponse(resp.StatusCode)
	}
	return &proxied{next: transport, redactor: redactor, turn: make(chan struct{}, 1), accepted: make(chan struct{})}
}

// RoundTrip implements http.RoundTripper.
func (t *proxied) RoundTrip(req *http.Request) (*http.Response, error) {
	proxy, err := ProxyFor(req.URL)
	if proxy != nil {
		var leave func()
		leave, err = t.enter(req.Context(), proxy)
		defer leave()
	}
	if err != nil {
		return nil, notSent(req, err)
	}
	resp, err := t.next.RoundTrip(req)
	if proxy == nil {
		return resp, err
	}
	if err == nil && resp.StatusCode == http.StatusProxyAuthRequired {
		err = errors.Join(errorResponse(resp.StatusCode), resp.Body.Close())
	}
	if failure := proxyFailure(err); failure != nil {
		failure.Variable, _ = proxyVariable(req.URL.Scheme)
		failure.Proxy, failure.Host, failure.Err = addressOf(proxy), req.URL.Hostname(), t.redactor.Error(failure.Err)
		if failure.Final && (failure.Status == 0 || failure.Status == http.StatusProxyAuthRequired) {
			t.rejection.Store(failure)
		}
		return nil, failure
	}
	if err == nil {
		t.accept.Do(func() { close(t.accepted) })
	}
	return resp, err
}

// enter waits until a request is allowed to use the proxy. The caller calls leave at the end of the request, also after an error. The
// error is that of ctx, or the *ProxyError of an earlier request.
func (t *proxied) enter(ctx context.Context, proxy *url.URL) (leave func(), _ error) {
	leave = func() {}
	select {
	case <-t.accepted:
	case t.turn <- struct{}{}:
		leave = func() { <-t.turn }
	case <-ctx.Done():
		return leave, ctx.Err()
	}
	if rejection := t.rejection.Load(); rejection != nil && rejection.Proxy == addressOf(proxy) {
		return leave, rejection
	}
	return leave, nil
}

// addressOf returns the address of a proxy without its credentials.
func addressOf(proxy *url.URL) string { return proxy.Scheme + "://" + proxy.Host }
