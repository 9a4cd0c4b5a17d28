package httpclient

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync/atomic"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// proxied is a round-tripper that connects through the proxy that the environment names. Repeated wrong passwords can lock an account.
// So it sends one request at a time until a proxy has accepted a request, and none after a proxy has rejected the credentials or the connection to itself.
type proxied struct {
	next      *http.Transport
	redactor  *sanitize.Redactor
	turn      chan struct{} // has an element unless a request is under way; closed when a request is accepted
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
	t := &proxied{next: transport, redactor: redactor, turn: make(chan struct{}, 1)}
	t.turn <- struct{}{}
	return t
}

func (t *proxied) RoundTrip(req *http.Request) (*http.Response, error) {
	proxy, _ := ProxyFor(req.URL)
	if proxy == nil { // also for an error, which the transport returns
		return t.next.RoundTrip(req)
	}
	select {
	case _, isTrial := <-t.turn:
		resp, err := t.send(req, proxy)
		switch {
		case isTrial && err == nil:
			close(t.turn)
		case isTrial:
			t.turn <- struct{}{}
		}
		return resp, err
	case <-req.Context().Done():
		return nil, notSent(req, req.Context().Err())
	}
}

// send sends a request through a proxy, unless this proxy rejected an earlier one.
func (t *proxied) send(req *http.Request, proxy *url.URL) (*http.Response, error) {
	address := proxy.Scheme + "://" + proxy.Host // without the credentials
	if rejection := t.rejection.Load(); rejection != nil && rejection.Proxy == address {
		return nil, notSent(req, rejection)
	}
	resp, err := t.next.RoundTrip(req)
	if err == nil && resp.StatusCode == http.StatusProxyAuthRequired {
		err = errors.Join(errorResponse(resp.StatusCode), resp.Body.Close())
	}
	failure := proxyFailure(err)
	if failure == nil {
		return resp, err
	}
	failure.Variable, _ = proxyVariable(req.URL.Scheme)
	failure.Proxy, failure.Host, failure.Err = address, req.URL.Hostname(), t.redactor.Error(failure.Err)
	if failure.Final && (failure.Status == 0 || failure.Status == http.StatusProxyAuthRequired) {
		t.rejection.Store(failure)
	}
	return nil, failure
}
