package httpclient

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// throughProxy is a network that leaves no connection behind.
func throughProxy() http.RoundTripper {
	return ThroughProxy(&http.Transport{DisableKeepAlives: true}, nil)
}

// says has a proxy send responses, each after something was read.
func says(responses ...string) func(net.Conn) {
	return func(conn net.Conn) {
		for _, response := range responses {
			if _, err := conn.Read(make([]byte, 4096)); err != nil {
				return
			}
			_, _ = io.WriteString(conn, response)
		}
	}
}

// A proxy that rejects a login receives it once with every max_retries, and the error is about the proxy. An error that can pass is repeated.
func TestProxyThatRejects(t *testing.T) {
	responding := func(status string) func(net.Conn) {
		return says("HTTP/1.1 " + status + "\r\nProxy-Authenticate: Basic realm=\"" + password + "\"\r\nContent-Length: 0\r\n\r\n")
	}
	trusted := httptest.NewTLSServer(nil)
	defer trusted.Close()
	const secure, plain = "https://iam.example.com", "http://iam.example.com"
	for _, test := range []struct {
		name   string
		scheme string // of the proxy
		proxy  func(net.Conn)
		target string
		final  bool
		says   string // besides the proxy, its variable and NO_PROXY
	}{
		{"CONNECT", "http", responding("407 Proxy Authentication Required"), secure, true, "The proxy rejected the connection|rejected the connection to iam.example.com: HTTP 407 Proxy Authentication Required|user name and password|#proxy-rejected"},
		{"CONNECT, the password as a word", "http", responding("407 " + password), secure, true, "HTTP 407 Proxy Authentication Required"},
		{"the host isn't allowed", "http", responding("403 Forbidden"), secure, true, "HTTP 403 Forbidden|allows connections to iam.example.com"},
		{"plain http", "http", responding("407 Proxy Authentication Required"), plain, true, "rejected the connection to iam.example.com: HTTP 407|user name and password"},
		{"TLS to a proxy without TLS", "https", responding("400 Bad Request"), secure, true, "tls: first record"},
		{"a certificate that isn't trusted", "https", func(conn net.Conn) {
			_ = tls.Server(conn, &tls.Config{Certificates: trusted.TLS.Certificates}).Handshake()
		}, secure, true, "certificate is that of the proxy|cacert_file"},
		{"an older TLS", "https", func(conn net.Conn) {
			_ = tls.Server(conn, &tls.Config{Certificates: trusted.TLS.Certificates, MaxVersion: tls.VersionTLS11}).Handshake()
		}, secure, true, "tls: protocol version not supported"},
		{"SOCKS, wrong password", "socks5", says("\x05\x02", "\x01\x01"), secure, true, "rejected the connection to iam.example.com|authentication failed"},
		{"SOCKS, no such method", "socks5h", says("\x05\xff"), secure, true, "no acceptable authentication methods"},
		{"timeout", "http", responding("408 Request Timeout"), secure, false, "HTTP 408"},
		{"throttled", "http", responding("429 Too Many Requests"), secure, false, "HTTP 429"},
		{"the host can't be reached", "http", responding("500 No"), secure, false, "No connection through the proxy|couldn't connect to iam.example.com: HTTP 500|#proxy-could-not-connect"},
		{"no proxy there", "http", nil, secure, false, "can't be reached: dial tcp|#proxy-unreachable"},
		{"no SOCKS proxy there", "socks5", nil, secure, false, "can't be reached: dial tcp"},
		{"SOCKS, closed", "socks5", says(""), secure, false, "can't be reached"},
		{"accepted, then closed", "http", says("HTTP/1.1 200 OK\r\n\r\n"), secure, false, ""}, // the error isn't about the proxy
	} {
		t.Run(test.name, func(t *testing.T) {
			var connections atomic.Int32
			address := "127.0.0.1:1" // nothing listens there
			if test.proxy != nil {
				address = acctest.Listen(t, func(conn net.Conn) {
					connections.Add(1)
					test.proxy(conn)
				})
			}
			proxy := test.scheme + "://" + address
			withPassword := test.scheme + "://proxy-user:" + password + "@" + address
			setProxies(t, map[string]string{"HTTPS_PROXY": withPassword, "HTTP_PROXY": withPassword})
			var attempts []Attempt
			network, retries := throughProxy(), 0
			if test.final {
				retries = 5
			}
			c := clientOn(network, withRetries(retries), withRequestLog(func(attempt Attempt) { attempts = append(attempts, attempt) }))
			err := sendTo(t.Context(), c, http.MethodPost, test.target, strings.NewReader("body"))
			failure, ok := errors.AsType[*ProxyError](err)
			if test.says == "" {
				if err == nil || ok {
					t.Errorf("%T %+v", err, err)
				}
				return
			}
			if !ok || failure.Final != test.final || IsRejectedByProxy(err) != test.final {
				t.Fatalf("%T %+v", err, err)
			}
			if n := int(connections.Load()); test.proxy != nil && n != 1 || len(attempts) != 1 || attempts[0].Err == nil {
				t.Errorf("%d connections, attempts %+v", n, attempts)
			}
			scheme, _, _ := strings.Cut(test.target, ":")
			variable := strings.ToUpper(scheme) + "_PROXY"
			explained := ExplainConnection(failure, "")
			text := explained.Summary + failure.Error() + explained.Hint + "#" + explained.Anchor
			for _, say := range append(strings.Split(test.says, "|"), "the proxy "+proxy+" (from "+variable+")", "NO_PROXY") {
				if !strings.Contains(text, say) {
					t.Errorf("no %q in %s", say, text)
				}
			}
			if shown := text + attempts[0].Err.Error(); strings.Contains(shown, password) || strings.Contains(shown, "proxy-user") {
				t.Errorf("a secret is shown: %s", shown)
			}
			// A proxy that rejected the credentials or the connection to itself gets no other request. The body is closed all the same.
			isRejected := test.final && (failure.Status == 0 || failure.Status == http.StatusProxyAuthRequired)
			before, body := connections.Load(), &endless{}
			err = sendTo(t.Context(), &http.Client{Transport: network}, http.MethodPost, "https://other.example.com", body)
			again, _ := errors.AsType[*ProxyError](err)
			if (again == failure) != isRejected || test.proxy != nil && (connections.Load() == before) != isRejected || !body.closed {
				t.Errorf("%v, %d connections, closed %t", err, connections.Load(), body.closed)
			}
		})
	}
}

// A proxy receives its credentials. Until it has accepted a request, it receives one at a time, because a wrong password is tried once.
// After it has rejected one, it receives no more. Requests without the proxy are sent all the same.
func TestProxyIsTriedOnce(t *testing.T) {
	var isAccepting atomic.Bool
	var accepted, rejected atomic.Int32
	bothAccepted := make(chan struct{})
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Proxy-Authorization") != "Basic cHJveHktdXNlcjpodW50ZXIyLXNlY3JldA==" || r.URL.Host != "iam.example.com":
			t.Errorf("%s %v", r.URL, r.Header)
		case !isAccepting.Load():
			rejected.Add(1)
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		case accepted.Add(1) == 3: // The first one was alone, and the next two are at the same time.
			close(bothAccepted)
		case accepted.Load() == 2:
			<-bothAccepted
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	defer proxy.Close()
	local := httptest.NewServer(http.NotFoundHandler())
	defer local.Close()
	setProxies(t, map[string]string{"HTTP_PROXY": "proxy-user:" + password + "@" + proxy.Listener.Addr().String()}) // a scheme isn't needed
	for name, accepts := range map[string]bool{"accepts at first": true, "rejects": false} {
		t.Run(name, func(t *testing.T) {
			isAccepting.Store(accepts)
			rejected.Store(0)
			network := throughProxy()
			client := &http.Client{Transport: network}
			direct := func() {
				if err := sendTo(t.Context(), client, http.MethodGet, local.URL, nil); fmt.Sprint(err) != "HTTP 404" {
					t.Errorf("without the proxy: %v", err)
				}
			}
			direct()
			defer direct()
			turn := network.(*proxied).turn
			<-turn
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := sendTo(ctx, client, http.MethodGet, "http://iam.example.com", nil); !errors.Is(err, context.Canceled) {
				t.Errorf("while another request is under way: %v", err)
			}
			turn <- struct{}{}
			send := func(n int, check func(error) bool) {
				var wg sync.WaitGroup
				for range n {
					wg.Go(func() {
						if err := sendTo(t.Context(), clientOn(network), http.MethodPost, "http://iam.example.com", nil); !check(err) {
							t.Errorf("%v", err)
						}
					})
				}
				wg.Wait()
			}
			if accepts {
				isNotFound := func(err error) bool { return fmt.Sprint(err) == "HTTP 404" }
				send(1, isNotFound)
				send(2, isNotFound)
				isAccepting.Store(false) // The password expires.
				send(1, IsRejectedByProxy)
			}
			send(20, IsRejectedByProxy)
			if n := rejected.Load(); n != 1 {
				t.Errorf("%d requests were rejected", n)
			}
		})
	}
}
