package auth

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/net/http/httpproxy"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// ProxyError means that a request got no further than a proxy. The service hasn't received it.
type ProxyError struct {
	Proxy    string // its URL without credentials; empty for one that no variable names
	Variable string // that names the proxy
	Host     string // that the request was for
	Status   int    // HTTP status of the proxy's response; 0 if there was none
	Final    bool   // whether the proxy would refuse the next request as well
	Err      error
}

// Error implements error.
func (e *ProxyError) Error() string {
	proxy, failed := "a proxy on the way", "can't be reached"
	if e.Proxy != "" {
		proxy = fmt.Sprintf("the proxy %s (from %s)", e.Proxy, e.Variable)
	}
	switch {
	case e.Status >= http.StatusInternalServerError:
		failed = "couldn't connect to " + e.Host
	case e.Final:
		failed = "refused the connection to " + e.Host
	}
	return fmt.Sprintf("%s %s: %v", proxy, failed, e.Err)
}

// Unwrap returns the cause.
func (e *ProxyError) Unwrap() error { return e.Err }

// Summary names the problem in a few words.
func (e *ProxyError) Summary() string {
	if e.Final {
		return "The proxy refused the connection"
	}
	return "No connection through the proxy"
}

// Advice returns the remedy.
func (e *ProxyError) Advice() string {
	variable := cmp.Or(e.Variable, "HTTPS_PROXY")
	advice := fmt.Sprintf("Check %s, which has to be the URL of a proxy that allows connections to %s.", variable, e.Host)
	switch {
	case e.Status == http.StatusProxyAuthRequired:
		advice = fmt.Sprintf("Set %s to a URL with the proxy's user name and password, such as "+
			"http://USER:PASSWORD@proxy.example.com:3128. Special characters in them have to be percent-encoded. "+
			"The request isn't repeated, because repeated wrong passwords can lock an account.", variable)
	case IsUntrusted(e.Err):
		advice = "The certificate is the proxy's. " + AdviceOnTrust
	}
	return advice + fmt.Sprintf(" If %s can be reached without a proxy, add it to NO_PROXY.", e.Host)
}

// IsRefusedByProxy reports whether a proxy refused a request, and would refuse it again.
func IsRefusedByProxy(err error) bool {
	refusal, ok := errors.AsType[*ProxyError](err)
	return ok && refusal.Final
}

// proxyVariable returns the environment variable that net/http reads the proxy for a scheme from,
// and its value.
func proxyVariable(scheme string) (name, value string) {
	lower := scheme + "_proxy"
	if value := os.Getenv(lower); value != "" {
		return lower, value
	}
	name = strings.ToUpper(lower)
	return name, os.Getenv(name)
}

// proxyFor returns the proxy for requests to target, or nil for none. The variables and their
// precedence are those of net/http, which ignores some values that aren't URLs, and connects
// directly, and takes others for the name of another host. Here they are a *ConfigError, which
// doesn't quote them: they can have a password in them.
func proxyFor(target *url.URL) (*url.URL, error) {
	name, value := proxyVariable(target.Scheme)
	if value == "" {
		return nil, nil
	}
	// Only a target that NO_PROXY doesn't exempt needs a valid value.
	environment := httpproxy.FromEnvironment()
	environment.HTTPProxy, environment.HTTPSProxy = "http://proxy.invalid", "http://proxy.invalid"
	if used, err := environment.ProxyFunc()(target); used == nil {
		return nil, err
	}
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	proxy, err := url.Parse(value)
	if err != nil || !isProxy(proxy) {
		return nil, &ConfigError{
			Summary: "Invalid " + name,
			Detail: "The value of the environment variable " + name + " isn't the URL of a proxy, such as " +
				"http://proxy.example.com:3128 or http://USER:PASSWORD@proxy.example.com:3128. The scheme is http, https or " +
				"socks5, nothing follows the port, and special characters in the user name and the password, such as " +
				"@ : / ? # and %, are percent-encoded. To connect without a proxy, unset the variable, or add " +
				target.Hostname() + " to NO_PROXY.",
		}
	}
	return proxy, nil
}

// proxyCredentials returns the passwords, or else the users, of the proxies that the environment names.
func proxyCredentials() (passwords []string) {
	for _, scheme := range []string{"http", "https"} {
		if proxy, err := proxyFor(&url.URL{Scheme: scheme, Host: "service.invalid"}); err == nil && proxy != nil {
			password, _ := proxy.User.Password()
			passwords = append(passwords, cmp.Or(password, proxy.User.Username())) // which can be a token
		}
	}
	return passwords
}

// isProxy reports whether u is a URL that net/http connects to as to a proxy.
func isProxy(u *url.URL) bool {
	port, err := strconv.ParseUint(cmp.Or(u.Port(), "80"), 10, 16)
	return slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) && u.Hostname() != "" &&
		err == nil && port > 0 && strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && u.Fragment == ""
}

// proxied is a transport that connects through the proxy that the environment names. Repeated
// wrong passwords can lock an account. So until a proxy has accepted a request, requests are sent
// one at a time, and after a proxy has refused one, none is sent.
type proxied struct {
	next     *http.Transport
	redactor *sanitize.Redactor
	turn     chan struct{} // held by the one request that is sent before the first is accepted
	accepted chan struct{} // closed when the first request is accepted
	accept   sync.Once
	refusal  atomic.Pointer[ProxyError]
}

// ThroughProxy has transport connect through the proxy that the environment names for a request.
// An error that is the proxy's is a *ProxyError.
func ThroughProxy(transport *http.Transport, redactor *sanitize.Redactor) http.RoundTripper {
	transport.Proxy = func(req *http.Request) (*url.URL, error) { return proxyFor(req.URL) }
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
	proxy, err := proxyFor(req.URL)
	if err == nil {
		var leave func()
		leave, err = t.enter(req.Context(), proxy, req.URL.Hostname())
		defer leave()
	}
	if err != nil {
		if req.Body != nil {
			err = errors.Join(err, req.Body.Close())
		}
		return nil, err
	}
	resp, err := t.next.RoundTrip(req)
	if err == nil && resp.StatusCode == http.StatusProxyAuthRequired {
		err = errors.Join(errorResponse(resp.StatusCode), resp.Body.Close())
	}
	failure := proxyFailure(err)
	switch {
	case failure != nil:
		failure.Host, failure.Err = req.URL.Hostname(), t.redactor.Error(failure.Err)
		if proxy != nil {
			failure.Proxy = addressOf(proxy)
			failure.Variable, _ = proxyVariable(req.URL.Scheme)
		}
		if failure.Final {
			t.refusal.Store(failure)
		}
		return nil, failure
	case err == nil && proxy != nil:
		t.accept.Do(func() { close(t.accepted) })
	}
	return resp, err
}

// enter waits until a request may be sent, which ends with leave.
func (t *proxied) enter(ctx context.Context, proxy *url.URL, host string) (leave func(), _ error) {
	leave = func() {}
	if proxy != nil {
		select {
		case <-t.accepted:
		case t.turn <- struct{}{}:
			leave = func() { <-t.turn }
		case <-ctx.Done():
			return leave, ctx.Err()
		}
	}
	if refusal := t.refusal.Load(); refusal != nil && refusal.concerns(proxy, host) {
		return leave, refusal
	}
	return leave, nil
}

// concerns reports whether a proxy that refused a request would refuse one to host as well. A status
// other than 407 can be about the host of the refused request alone.
func (e *ProxyError) concerns(proxy *url.URL, host string) bool {
	isAboutHost := e.Status != 0 && e.Status != http.StatusProxyAuthRequired
	return e.Proxy == addressOf(proxy) && (!isAboutHost || e.Host == host)
}

// addressOf returns the address of a proxy without its credentials, or "" if no variable names one.
func addressOf(proxy *url.URL) string {
	if proxy == nil {
		return ""
	}
	return proxy.Scheme + "://" + proxy.Host
}

// errorResponse is the error of a proxy's response. A 5xx is about the way from the proxy to the
// host, and can pass, as a timeout and too many requests can.
func errorResponse(status int) *ProxyError {
	text := strings.TrimSpace(fmt.Sprintf("HTTP %d %s", status, http.StatusText(status)))
	isFinal := status < http.StatusInternalServerError && status != http.StatusRequestTimeout && status != http.StatusTooManyRequests
	return &ProxyError{Status: status, Final: isFinal, Err: errors.New(text)}
}

// proxyFailure returns the error of a request that is a proxy's, or nil.
func proxyFailure(err error) *ProxyError {
	if failure, ok := errors.AsType[*ProxyError](err); ok {
		return failure
	}
	failed, ok := errors.AsType[*net.OpError](err)
	switch {
	case !ok:
		return nil
	case failed.Op == "proxyconnect":
		_, plaintext := errors.AsType[tls.RecordHeaderError](err)
		return &ProxyError{Final: plaintext || IsUntrusted(err) || IsTLSAlert(failed.Err), Err: failed.Err}
	case strings.HasPrefix(failed.Op, "socks"):
		// net/http has no type for a wrong password, nor for what else a SOCKS proxy refuses.
		_, network := errors.AsType[net.Error](failed.Err)
		return &ProxyError{Final: !network && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF), Err: failed.Err}
	default:
		return nil
	}
}

// IsUntrusted reports whether the certificate of the other side can't be verified.
func IsUntrusted(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}
