package httpclient

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// ProxyError means that a proxy failed or rejected a request. The service didn't receive the request.
type ProxyError struct {
	Proxy    string // URL of the proxy without credentials
	Variable string // environment variable that names the proxy
	Host     string // of the request
	Status   int    // HTTP status of the proxy's response; 0 if there was none
	Final    bool   // whether the proxy would also reject the next request
	Err      error
}

func (e *ProxyError) Error() string {
	failed := "can't be reached"
	switch {
	case e.Status >= http.StatusInternalServerError:
		failed = "couldn't connect to " + e.Host
	case e.Final:
		failed = "rejected the connection to " + e.Host
	}
	return fmt.Sprintf("the proxy %s (from %s) %s: %v", e.Proxy, e.Variable, failed, e.Err)
}

func (e *ProxyError) Unwrap() error { return e.Err }

func (e *ProxyError) explain() Explanation {
	explained := Explanation{Summary: "No connection through the proxy", Anchor: "proxy-unreachable"}
	switch {
	case e.Status >= http.StatusInternalServerError:
		explained.Anchor = "proxy-could-not-connect"
	case e.Final:
		explained.Summary, explained.Anchor = "The proxy rejected the connection", "proxy-rejected"
	}
	hint := fmt.Sprintf("Set %s to the URL of a proxy that allows connections to %s.", e.Variable, e.Host)
	switch {
	case e.Status == http.StatusProxyAuthRequired:
		hint = fmt.Sprintf("Set %s to a URL with the proxy's user name and password, such as "+
			"http://USER:PASSWORD@proxy.example.com:3128. Percent-encode special characters in them. "+
			"The provider doesn't repeat the request, because repeated wrong passwords can lock an account.", e.Variable)
	case isUntrusted(e.Err):
		hint = "The certificate is that of the proxy. " + trustHint
	}
	explained.Hint = hint + fmt.Sprintf(" If you can reach %[1]s without a proxy, add %[1]s to NO_PROXY.", e.Host)
	return explained
}

// IsRejectedByProxy reports whether a proxy rejected a request and would reject the request again.
func IsRejectedByProxy(err error) bool {
	failure, ok := errors.AsType[*ProxyError](err)
	return ok && failure.Final
}

// errorResponse returns the error of a proxy's response. A 5xx is about the connection from the proxy to the host, so it can be
// temporary, like a timeout and too many requests.
func errorResponse(status int) *ProxyError {
	text := strings.TrimSpace(fmt.Sprintf("HTTP %d %s", status, http.StatusText(status)))
	isFinal := status < http.StatusInternalServerError && status != http.StatusRequestTimeout && status != http.StatusTooManyRequests
	return &ProxyError{Status: status, Final: isFinal, Err: errors.New(text)}
}

// proxyFailure returns the *ProxyError of a request, or nil if its error isn't about a proxy.
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
		return &ProxyError{Final: plaintext || isUntrusted(err) || isTLSAlert(failed.Err), Err: failed.Err}
	case strings.HasPrefix(failed.Op, "socks"):
		// net/http has no error type for a rejection by a SOCKS proxy, such as that of a wrong password.
		_, network := errors.AsType[net.Error](failed.Err)
		return &ProxyError{Final: !network && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF), Err: failed.Err}
	default:
		return nil
	}
}
