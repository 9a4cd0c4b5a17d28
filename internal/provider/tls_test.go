package provider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"io"
	"log"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const loopback = "127.0.0.1"

// pair is a certificate with its key.
type pair struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue creates a certificate for a host, or for a client or a CA if host is empty. Without a CA, the certificate is
// self-signed.
func issue(t *testing.T, ca *pair, name, host string) *pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotAfter: time.Now().Add(time.Hour), IsCA: ca == nil, BasicConstraintsValid: true,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else if host != "" {
		template.DNSNames = []string{host}
	}
	parent, signer := template, key
	if ca != nil {
		parent, signer = ca.cert, ca.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &pair{cert, key}
}

func (p *pair) certPEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.cert.Raw}))
}

func (p *pair) keyPEM(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// tlsServer is a simulator behind TLS.
type tlsServer struct {
	*simulator.Simulator

	t          *testing.T
	url        string
	handshakes atomic.Int32
}

// ServeHTTP implements http.Handler. It checks that each request has the User-Agent.
func (s *tlsServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if agent := r.Header.Get("User-Agent"); !userAgent.MatchString(agent) {
		s.t.Errorf("%s %s: the User-Agent is %q", r.Method, r.URL.Path, agent)
	}
	s.Simulator.ServeHTTP(w, r)
}

// serveTLS starts a simulator with a certificate, and a CA if clients need a certificate of it.
func serveTLS(t *testing.T, options simulator.Options, p, clientCA *pair, minVersion, maxVersion uint16) *tlsServer {
	t.Helper()
	s := &tlsServer{Simulator: simulator.New(options), t: t}
	config := &tls.Config{
		MinVersion: minVersion, MaxVersion: maxVersion, Certificates: []tls.Certificate{{Certificate: [][]byte{p.cert.Raw}, PrivateKey: p.key}},
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			s.handshakes.Add(1)
			return nil, nil //nolint:nilnil // the config itself
		},
	}
	if clientCA != nil {
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		config.ClientCAs.AddCert(clientCA.cert)
	}
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes fail
	server.TLS = config
	server.StartTLS()
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// blocks returns a block with which the provider authenticates, and one with which it sends requests to ModelArts alone.
func (s *tlsServer) blocks() (iam, modelArts block) {
	iam = block{
		"auth_url": s.url + "/v3", "domain_name": simulator.DefaultDomainName, "tenant_name": simulator.DefaultProjectName,
		"user_name": simulator.DefaultUserName, "password": simulator.DefaultPassword, "max_retries": 5,
	}
	modelArts = block{"token": s.IssueToken(), "endpoint": s.url, "tenant_id": simulator.DefaultProjectID, "max_retries": 5}
	return iam, modelArts
}

// wantTrusted checks that requests to IAM and ModelArts succeed.
func (s *tlsServer) wantTrusted(t *testing.T, attributes block) {
	t.Helper()
	iam, _ := s.blocks()
	maps.Copy(iam, attributes)
	if len(s.Jobs()) == 0 {
		addJob(s)
	}
	s.ResetRequests()
	c := newClient(t.Context(), t)
	wantNoDiagnostics(t, c.configure(iam))
	wantNoDiagnostics(t, c.read())
	wantCalls(t, s, login, readOf(simulator.DefaultProjectID))
}

// wantRefused checks that IAM and ModelArts get no request, that no handshake is repeated, and the texts of both errors.
func (s *tlsServer) wantRefused(t *testing.T, attributes block, wants ...string) {
	t.Helper()
	iam, modelArts := s.blocks()
	maps.Copy(iam, attributes)
	maps.Copy(modelArts, attributes)
	s.ResetRequests()
	s.handshakes.Store(0)
	refused := configure(t, iam)
	if len(refused) == 1 {
		refused[0].Attribute = nil // can be any
	}
	wantError(t, refused, "", wants...)
	c := newClient(t.Context(), t)
	wantNoDiagnostics(t, c.configure(modelArts))
	wantError(t, c.read(), "", wants...)
	wantCalls(t, s)
	if n := s.handshakes.Load(); n != 2 {
		t.Errorf("there were %d handshakes, want one with IAM and one with ModelArts", n)
	}
}

func TestTLSSelfSigned(t *testing.T) {
	t.Parallel()
	self, other := issue(t, nil, "self", loopback), issue(t, nil, "other CA", "")
	s := serveTLS(t, simulator.Options{}, self, nil, tls.VersionTLS12, 0)
	s.wantRefused(t, nil, "x509: certificate signed by unknown authority", "cacert_file", "insecure")
	s.wantRefused(t, block{"cacert_file": other.certPEM(), "insecure": false}, "unknown authority")
	s.wantTrusted(t, block{"cacert_file": provider.WriteFile(t, t.TempDir(), "ca.pem", other.certPEM()+self.certPEM())})
	s.wantTrusted(t, block{"cacert_file": other.certPEM(), "insecure": true})
}

func TestTLSWrongHost(t *testing.T) {
	t.Parallel()
	ca := issue(t, nil, "CA", "")
	s := serveTLS(t, simulator.Options{}, issue(t, ca, "server", "iam.example.org"), nil, tls.VersionTLS12, 0)
	s.wantRefused(t, block{"cacert_file": ca.certPEM()}, loopback, "x509: ")
}

func TestTLSClientCertificate(t *testing.T) {
	t.Parallel()
	ca := issue(t, nil, "CA", "")
	mine, stranger := issue(t, ca, "client", ""), issue(t, nil, "stranger", "")
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			t.Parallel()
			s := serveTLS(t, simulator.Options{}, issue(t, ca, "server", loopback), ca, version, version)
			trust := block{"cacert_file": ca.certPEM()}
			s.wantRefused(t, trust, "remote error: tls: ", "set cert and key")
			s.wantRefused(t, trust.with("cert", stranger.certPEM()).with("key", stranger.keyPEM(t)), "remote error: tls: ")
			s.wantTrusted(t, trust.with("cert", mine.certPEM()).with("key", mine.keyPEM(t)))
			folder := t.TempDir()
			s.wantTrusted(t, block{
				"insecure": true, "cert": provider.WriteFile(t, folder, "cert.pem", mine.certPEM()), "key": provider.WriteFile(t, folder, "key.pem", mine.keyPEM(t)),
			})
		})
	}
}

// insecure doesn't allow versions with known attacks.
func TestTLSTooOld(t *testing.T) {
	t.Parallel()
	s := serveTLS(t, simulator.Options{}, issue(t, nil, "self", loopback), nil, tls.VersionTLS10, tls.VersionTLS11)
	s.wantRefused(t, nil, "protocol version")
	s.wantRefused(t, block{"insecure": true}, "protocol version")
}

// An error about a key in the place of a certificate, or about a key, isn't on the attribute, whose lines a CLI would show,
// and has no line of the key.
func TestKeyInThePlaceOfACertificate(t *testing.T) {
	t.Parallel()
	key := issue(t, nil, "client", "").keyPEM(t)
	lines := strings.Split(strings.TrimSpace(key), "\n")
	body := strings.Join(lines[1:len(lines)-1], "")
	user := passwordBlock(acctest.Simulator(t, simulator.Options{})).with("key", key)
	blocks := []block{user.with("cert", issue(t, nil, "other", "").certPEM())}
	for _, pasted := range []string{
		key, strings.ReplaceAll(key, "\n", `\n`), strings.Join(lines, " "), strings.Join(lines[1:], "\n"), body,
		"/etc/ssl/client.pem\n" + body, base64.StdEncoding.EncodeToString([]byte(key)),
	} {
		blocks = append(blocks, user.with("cert", pasted), user.with("cacert_file", pasted).with("key", nil))
	}
	for _, b := range blocks {
		diags := configure(t, b)
		wantError(t, diags, "", "Invalid")
		for _, line := range lines {
			if strings.Contains(diags[0].Summary+diags[0].Detail, line) {
				t.Errorf("the error has a line of the key:\n%s", diags[0].Detail)
			}
		}
	}
}
