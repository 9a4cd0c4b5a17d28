package httpclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
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
func TestProxyThatRefuses(t *testing.T) {
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
		{"CONNECT", "http", responding("407 Proxy Authentication Required"), secure, true, "The proxy rejected the connection|rejected the connection to iam.example.com: HTTP 407 Proxy Authentication Required|user name and password"},
		{"CONNECT, the password as a word", "http", responding("407 " + password), secure, true, "HTTP 407 Proxy Authentication Required"},
		{"the host isn't allowed", "http", responding("403 Forbidden"), secure, true, "HTTP 403 Forbidden|allows connections to iam.example.com"},
		{"plain http", "http", responding("407 Proxy Authentication Required"), plain, true, "rejected the connection to iam.example.com: HTTP 407|user name and password"},
		{"TLS to a proxy without TLS", "https", responding("400 Bad Request"), secure, true, "tls: first record"},
		{"a certificate that isn't trusted", "https", func(conn net.Conn) {
			_ = tls.Server(conn, &tls.Config{Certificates: trusted.TLS.Certificates}).Handshake()
		}, secure, true, "certificate is that of the proxy|cacert_file"},
		{"SOCKS, wrong password", "socks5", says("\x05\x02", "\x01\x01"), secure, true, "rejected the connection to iam.example.com|authentication failed"},
		{"SOCKS, no such method", "socks5h", says("\x05\xff"), secure, true, "no acceptable authentication methods"},
		{"timeout", "http", responding("408 Request Timeout"), secure, false, "HTTP 408"},
		{"throttled", "http", responding("429 Too Many Requests"), secure, false, "HTTP 429"},
		{"the host can't be reached", "http", responding("500 No"), secure, false, "No connection through the proxy|couldn't connect to iam.example.com: HTTP 500"},
		{"no proxy there", "http", nil, secure, false, "can't be reached: dial tcp"},
		{"no SOCKS proxy there", "socks5", nil, secure, false, "can't be reached: dial tcp"},
		{"SOCKS, closed", "socks5", says(""), secure, false, "can't be reached"},
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
			if !ok || failure.Final != test.final || IsRejectedByProxy(err) != test.final {
				t.Fatalf("%T %+v", err, err)
			}
			if n := int(connections.Load()); test.proxy != nil && n != 1 || len(attempts) != 1 || attempts[0].Err == nil {
				t.Errorf("%d connections, attempts %+v", n, attempts)
			}
			scheme, _, _ := strings.Cut(test.target, ":")
			variable := strings.ToUpper(scheme) + "_PROXY"
			text := failure.Summary() + failure.Error() + failure.Hint()
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

// tunnel is a proxy that connects each host to one server, until it refuses.
type tunnel struct {
	to      string
	refuses atomic.Bool
	refused atomic.Int32
	passed  atomic.Int32
	header  atomic.Value // Proxy-Authorization of the last request
}

func (p *tunnel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.header.Store(r.Header.Get("Proxy-Authorization"))
	if p.refuses.Load() || r.Method != http.MethodConnect {
		p.refused.Add(1)
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	p.passed.Add(1)
	w.WriteHeader(http.StatusOK)
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	var wg sync.WaitGroup
	for to, from := range map[net.Conn]io.Reader{client: server, server: buffered} { // which has what the server has read
		wg.Go(func() {
			_, _ = io.Copy(to, from)
			_, _ = client.Close(), server.Close()
		})
	}
	wg.Wait()
}

// A proxy is used as net/http uses it, with its password, for as long as it accepts.
func TestProxyThatAccepts(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	p := &tunnel{to: server.Listener.Addr().String()}
	proxy := httptest.NewServer(p)
	defer proxy.Close()
	setProxies(t, map[string]string{
		"HTTPS_PROXY": "proxy-user:" + password + "@" + proxy.Listener.Addr().String(), // a scheme isn't needed
		"HTTP_PROXY":  "http://nothing:listens@127.0.0.1:1", "NO_PROXY": "other.example.com",
	})
	trusted := &tls.Config{RootCAs: x509.NewCertPool()}
	trusted.RootCAs.AddCert(server.Certificate())
	c := clientOn(ThroughProxy(&http.Transport{DisableKeepAlives: true, TLSClientConfig: trusted}, nil))
	request := func() error { return sendTo(t.Context(), c, http.MethodPost, "https://example.com", nil) }
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if err := request(); fmt.Sprint(err) != "HTTP 404" {
				t.Errorf("%v", err)
			}
		})
	}
	wg.Wait()
	if got := p.header.Load(); p.passed.Load() != 10 || got != "Basic cHJveHktdXNlcjpodW50ZXIyLXNlY3JldA==" {
		t.Errorf("%d connections, Proxy-Authorization %q", p.passed.Load(), got)
	}
	// In the middle of a run the password expires.
	p.refuses.Store(true)
	for range 5 {
		if err := request(); !IsRejectedByProxy(err) || strings.Contains(err.Error(), password) {
			t.Errorf("%v", err)
		}
	}
	if n := p.refused.Load(); n != 1 {
		t.Errorf("%d requests were refused", n)
	}
}

// Requests at the same time don't try a wrong password at the same time, also after a request that used no proxy. Such requests are sent all
// the same. A request that waits for the outcome ends with its context.
func TestProxyIsTriedOnce(t *testing.T) {
	p := &tunnel{}
	p.refuses.Store(true)
	proxy := httptest.NewServer(p)
	defer proxy.Close()
	setProxies(t, map[string]string{"HTTPS_PROXY": proxy.URL})
	network := throughProxy()
	local := httptest.NewServer(http.NotFoundHandler())
	defer local.Close()
	direct := func() {
		if err := sendTo(t.Context(), &http.Client{Transport: network}, http.MethodGet, local.URL, nil); fmt.Sprint(err) != "HTTP 404" {
			t.Errorf("without the proxy: %v", err)
		}
	}
	direct()
	defer direct()
	turn := network.(*proxied).turn
	<-turn
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sendTo(ctx, &http.Client{Transport: network}, http.MethodGet, "https://iam.example.com", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("while another request is under way: %v", err)
	}
	turn <- struct{}{}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := sendTo(t.Context(), clientOn(network), http.MethodPost, "https://iam.example.com", nil); !IsRejectedByProxy(err) {
				t.Errorf("%v", err)
			}
		})
	}
	wg.Wait()
	if n := p.refused.Load(); n != 1 {
		t.Errorf("%d requests were sent", n)
	}
}
