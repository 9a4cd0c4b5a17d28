package provider_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// tlsServer is a simulator behind TLS.
type tlsServer struct {
	*simulator.Simulator

	t          *testing.T
	url        string
	cert       string // in PEM
	handshakes atomic.Int32
}

// ServeHTTP implements http.Handler. It checks that each request has the User-Agent.
func (s *tlsServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if agent := r.Header.Get("User-Agent"); !userAgent.MatchString(agent) {
		s.t.Errorf("%s %s: the User-Agent is %q", r.Method, r.URL.Path, agent)
	}
	s.Simulator.ServeHTTP(w, r)
}

var loopback = net.IPv4(127, 0, 0, 1)

// serveTLS starts a simulator with a certificate for an address. If there is a client, it needs the certificate of the client.
func serveTLS(t *testing.T, options simulator.Options, address net.IP, client string, maxVersion uint16) *tlsServer {
	t.Helper()
	cert, key := acctest.NewCertificate(t, address)
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	s := &tlsServer{Simulator: simulator.New(options), t: t, cert: cert}
	config := &tls.Config{
		MinVersion: tls.VersionTLS10, MaxVersion: maxVersion, Certificates: []tls.Certificate{pair},
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			s.handshakes.Add(1)
			return nil, nil //nolint:nilnil // the config itself
		},
	}
	if client != "" {
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		config.ClientCAs.AppendCertsFromPEM([]byte(client))
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

// wantRejected checks that IAM and ModelArts get no request, that no handshake is repeated, and the texts of both errors.
func (s *tlsServer) wantRejected(t *testing.T, attributes block, wants ...string) {
	t.Helper()
	iam, modelArts := s.blocks()
	maps.Copy(iam, attributes)
	maps.Copy(modelArts, attributes)
	s.ResetRequests()
	s.handshakes.Store(0)
	rejected := configure(t, iam)
	if len(rejected) == 1 {
		rejected[0].Attribute = nil // can be any
	}
	wantError(t, rejected, "", wants...)
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
	s := serveTLS(t, simulator.Options{}, loopback, "", tls.VersionTLS13)
	other, _ := acctest.NewCertificate(t)
	s.wantRejected(t, nil, "x509: certificate signed by unknown authority", "cacert_file", "insecure")
	s.wantRejected(t, block{"cacert_file": other, "insecure": false}, "unknown authority")
	s.wantTrusted(t, block{"cacert_file": provider.WriteFile(t, t.TempDir(), "ca.pem", other+s.cert)})
	s.wantTrusted(t, block{"cacert_file": other, "insecure": true})
}

func TestTLSWrongHost(t *testing.T) {
	t.Parallel()
	s := serveTLS(t, simulator.Options{}, net.IPv4(192, 0, 2, 1), "", tls.VersionTLS13)
	s.wantRejected(t, block{"cacert_file": s.cert}, "valid for 192.0.2.1, not 127.0.0.1")
}

func TestTLSClientCertificate(t *testing.T) {
	t.Parallel()
	mine, key := acctest.NewCertificate(t)
	stranger, strangerKey := acctest.NewCertificate(t)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			t.Parallel()
			s := serveTLS(t, simulator.Options{}, loopback, mine, version)
			trust := block{"cacert_file": s.cert}
			s.wantRejected(t, trust, "remote error: tls: ", "set cert and key")
			s.wantRejected(t, trust.with("cert", stranger).with("key", strangerKey), "remote error: tls: ")
			s.wantTrusted(t, trust.with("cert", mine).with("key", key))
		})
	}
}

// insecure doesn't allow versions with known attacks.
func TestTLSTooOld(t *testing.T) {
	t.Parallel()
	s := serveTLS(t, simulator.Options{}, loopback, "", tls.VersionTLS11)
	s.wantRejected(t, block{"insecure": true}, "protocol version")
}

// An error about a key in the place of a certificate, or about a key, isn't on the attribute, whose lines a CLI would show,
// and has no line of the key.
func TestKeyInThePlaceOfACertificate(t *testing.T) {
	t.Parallel()
	_, key := acctest.NewCertificate(t)
	other, _ := acctest.NewCertificate(t)
	lines := strings.Split(strings.TrimSpace(key), "\n")
	body := strings.Join(lines[1:len(lines)-1], "")
	user := passwordBlock(acctest.Simulator(t, simulator.Options{})).with("key", key)
	blocks := []block{user.with("cert", other)}
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
