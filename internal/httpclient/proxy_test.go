package httpclient

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// setProxies sets the proxy variables of a test.
func setProxies(t *testing.T, variables map[string]string) {
	t.Helper()
	for _, name := range []string{"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"} {
		t.Setenv(name, variables[name])
	}
}

// throughProxy is a network that leaves no connection behind.
func throughProxy() http.RoundTripper {
	return ThroughProxy(&http.Transport{DisableKeepAlives: true}, nil)
}

const password = "hunter2-secret"

// login sends a POST to target. A status other than 200 is an error.
func login(t *testing.T, c *http.Client, target string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	return nil
}

// socks has a SOCKS proxy accept the method of a user name and a password, and then send a reply.
func socks(reply ...byte) func(net.Conn) {
	return func(conn net.Conn) {
		request := make([]byte, 512)
		for _, response := range [][]byte{{5, 2}, reply} {
			if _, err := conn.Read(request); err != nil {
				return
			}
			if _, err := conn.Write(response); err != nil {
				return
			}
		}
	}
}

// says has a proxy send a response to any request.
func says(response string) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := conn.Read(make([]byte, 4096)); err == nil {
			_, _ = io.WriteString(conn, response)
		}
	}
}

// A proxy that refuses a login gets it once, whatever max_retries is, and the error is about the proxy. An error that
// can pass is repeated.
func TestProxyThatRefuses(t *testing.T) {
	responding := func(status string) func(net.Conn) {
		return says("HTTP/1.1 " + status + "\r\nProxy-Authenticate: Basic realm=\"" + password + "\"\r\nContent-Length: 0\r\n\r\n")
	}
	const secure, plain = "https://iam.example.com", "http://iam.example.com"
	tests := []struct {
		name   string
		scheme string // of the proxy
		proxy  func(net.Conn)
		target string
		final  bool
		says   string // besides the proxy, its variable and NO_PROXY
	}{
		{"CONNECT", "http", responding("407 Proxy Authentication Required"), secure, true, "rejected the connection to iam.example.com: HTTP 407 Proxy Authentication Required|user name and password"},
		{"CONNECT, another word", "http", responding("407 " + password), secure, true, "HTTP 407 Proxy Authentication Required"},
		{"the host isn't allowed", "http", responding("403 Forbidden"), secure, true, "HTTP 403 Forbidden|allows connections to iam.example.com"},
		{"a server, not a proxy", "http", responding("405 Method Not Allowed"), secure, true, "HTTP 405"},
		{"a redirect", "http", responding("302 Found"), secure, true, "HTTP 302"},
		{"a strange status", "http", responding("299 Strange"), secure, true, "HTTP 299"},
		{"plain http", "http", responding("407 Proxy Authentication Required"), plain, true, "rejected the connection to iam.example.com: HTTP 407|user name and password"},
		{"TLS to a proxy without TLS", "https", responding("400 Bad Request"), secure, true, "tls: first record"},
		{"SOCKS, wrong password", "socks5", socks(1, 1), secure, true, "rejected the connection to iam.example.com|authentication failed"},
		{"SOCKS, no such method", "socks5h", says("\x05\xff"), secure, true, "no acceptable authentication methods"},
		{"the host can't be reached", "http", responding("503 Service Unavailable"), secure, false, "couldn't connect to iam.example.com: HTTP 503"},
		{"no proxy there", "http", nil, secure, false, "can't be reached: dial tcp"},
		{"no proxy there, plain http", "http", nil, plain, false, "can't be reached: dial tcp"},
		{"no SOCKS proxy there", "socks5", nil, secure, false, "can't be reached: dial tcp"},
	}
	for _, test := range tests {
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
			var calls []Attempt
			network, retries := throughProxy(), 0
			if test.final {
				retries = 5
			}
			c := clientOn(network, withRetries(retries), withRequestLog(func(attempt Attempt) { calls = append(calls, attempt) }))
			err := login(t, c, test.target)
			failure, ok := errors.AsType[*ProxyError](err)
			if !ok || failure.Final != test.final || IsRejectedByProxy(err) != test.final {
				t.Fatalf("%T %+v", err, err)
			}
			if n := int(connections.Load()); test.proxy != nil && n != 1 || len(calls) != 1 || calls[0].Err == nil {
				t.Errorf("%d connections, calls %+v", n, calls)
			}
			scheme, _, _ := strings.Cut(test.target, ":")
			variable := strings.ToUpper(scheme) + "_PROXY"
			text := failure.Summary() + failure.Error() + failure.Hint()
			for _, say := range append(strings.Split(test.says, "|"), "the proxy "+proxy+" (from "+variable+")", variable, "NO_PROXY") {
				if !strings.Contains(text, say) {
					t.Errorf("no %q in %s", say, text)
				}
			}
			for _, shown := range []string{text, calls[0].Err.Error()} {
				if strings.Contains(shown, password) || strings.Contains(shown, "proxy-user") {
					t.Errorf("a secret is shown: %s", shown)
				}
			}
			// A proxy that rejected the credentials or the connection to itself gets no other request.
			isAboutHost := failure.Status != 0 && failure.Status != http.StatusProxyAuthRequired
			before := connections.Load()
			body := &endless{}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://other.example.com", body)
			if err != nil {
				t.Fatal(err)
			}
			_, err = network.RoundTrip(req)
			again, _ := errors.AsType[*ProxyError](err)
			if test.final && ((again != failure) != isAboutHost || (connections.Load() == before) == isAboutHost) || !body.closed {
				t.Errorf("%v, %d connections, closed %t", err, connections.Load(), body.closed)
			}
		})
	}
}

// A proxy that closes the connection might be back in a moment.
func TestProxyThatCloses(t *testing.T) {
	for _, scheme := range []string{"http", "socks5"} {
		setProxies(t, map[string]string{"HTTPS_PROXY": scheme + "://u:" + password + "@" + acctest.Listen(t, says(""))})
		err := login(t, clientOn(throughProxy(), withRetries(0)), "https://iam.example.com")
		if err == nil || IsRejectedByProxy(err) || strings.Contains(err.Error(), password) {
			t.Errorf("%s: %v", scheme, err)
		}
	}
}

// A certificate of the proxy that isn't trusted isn't one of the service.
func TestProxyThatIsNotTrusted(t *testing.T) {
	var connections atomic.Int32
	proxy := httptest.NewUnstartedServer(http.NotFoundHandler())
	proxy.Config.ErrorLog = log.New(io.Discard, "", 0)
	proxy.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	proxy.StartTLS()
	defer proxy.Close()
	setProxies(t, map[string]string{"https_proxy": proxy.URL})
	err := login(t, clientOn(throughProxy()), "https://iam.example.com")
	failure, ok := errors.AsType[*ProxyError](err)
	if !ok || !failure.Final || !strings.Contains(failure.Hint(), "cacert_file") || !strings.Contains(failure.Hint(), "that of the proxy") ||
		connections.Load() != 1 {
		t.Errorf("%d connections: %v", connections.Load(), err)
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
	address, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	setProxies(t, map[string]string{
		"HTTPS_PROXY": "proxy-user:" + password + "@" + address.Host, // a scheme isn't needed
		"https_proxy": "", "HTTP_PROXY": "http://nothing:listens@127.0.0.1:1", "NO_PROXY": "other.example.com",
	})
	trusted := &tls.Config{RootCAs: x509.NewCertPool()}
	trusted.RootCAs.AddCert(server.Certificate())
	c := clientOn(ThroughProxy(&http.Transport{DisableKeepAlives: true, TLSClientConfig: trusted}, nil))
	request := func() error { return login(t, c, "https://example.com") }
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

// Requests at the same time don't try a wrong password at the same time, also after a request that used
// no proxy. Such requests are sent all the same.
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
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, local.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp, err := network.RoundTrip(req); err != nil || resp.StatusCode != http.StatusNotFound || resp.Body.Close() != nil {
			t.Errorf("without the proxy: %v", err)
		}
	}
	direct()
	defer direct()
	select {
	case <-network.(*proxied).accepted:
		t.Error("a request without the proxy counts as one that the proxy accepted")
	default:
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := login(t, clientOn(network), "https://iam.example.com"); !IsRejectedByProxy(err) {
				t.Errorf("%v", err)
			}
		})
	}
	wg.Wait()
	if n := p.refused.Load(); n != 1 {
		t.Errorf("%d requests were sent", n)
	}
}
