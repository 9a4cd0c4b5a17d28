package provider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// certificate is one with its key.
type certificate struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue makes a certificate for a host, "" for a client or an authority. It is signed
// by itself when there is no authority.
func issue(t *testing.T, authority *certificate, name, host string) *certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IsCA:        authority == nil, BasicConstraintsValid: true,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else if host != "" {
		template.DNSNames = []string{host}
	}
	parent, signer := template, key
	if authority != nil {
		parent, signer = authority.cert, authority.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &certificate{cert, key}
}

// certPEM and keyPEM are what a user has in files.
func (c *certificate) certPEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.cert.Raw}))
}

func (c *certificate) keyPEM(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(c.key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func (c *certificate) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(c.cert)
	return pool
}

// service is a simulator behind TLS that keeps the secrets it meets.
type service struct {
	*simulator.Simulator

	t           *testing.T
	url         string
	connections atomic.Int32 // that were begun with TLS

	mu      sync.Mutex
	secrets map[string]bool // tokens and signatures
}

// ours is what the User-Agent begins with; gophercloud adds itself. Whether there is a
// commit depends on how Go builds.
var ours = regexp.MustCompile(`^terraform-provider-modelarts/(test|dev) \((commit \S+; )?CLI \d+\.\d+\.\d+\S*\)( |$)`)

// ServeHTTP implements http.Handler.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Simulator.ServeHTTP(w, r)
	if agent := r.Header.Get("User-Agent"); !ours.MatchString(agent) {
		s.t.Errorf("%s %s: the User-Agent is %q", r.Method, r.URL.Path, agent)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, header := range []http.Header{r.Header, w.Header()} {
		for _, name := range []string{"X-Auth-Token", "X-Subject-Token", "X-Security-Token"} {
			s.secrets[header.Get(name)] = true
		}
		_, signature, _ := strings.Cut(header.Get("Authorization"), "Signature=")
		s.secrets[signature] = true
	}
	delete(s.secrets, "")
}

// met returns the secrets that the service met.
func (s *service) met() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.secrets))
}

// serve starts a simulator with the certificate of a server; with none it is without
// TLS. The config, unless it is nil, has what else the server is to want.
func serve(t *testing.T, options simulator.Options, c *certificate, config *tls.Config) *service {
	t.Helper()
	s := &service{Simulator: simulator.New(options), t: t, secrets: map[string]bool{}}
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that are meant to fail
	if c == nil {
		server.Start()
	} else {
		if config == nil {
			config = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		config.Certificates = []tls.Certificate{{Certificate: [][]byte{c.cert.Raw}, PrivateKey: c.key}}
		config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
			s.connections.Add(1)
			return nil, nil //nolint:nilnil // the config itself
		}
		server.TLS = config
		server.StartTLS()
	}
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}
