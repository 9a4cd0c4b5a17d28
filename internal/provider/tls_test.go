package provider_test

import (
	"crypto/tls"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const loopback = "127.0.0.1"

// file writes a file of one test.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// blocks for a simulator behind TLS: one whose IAM is asked, and one that sends
// something to ModelArts alone.
func (s *service) blocks() (iam, modelArts block) {
	iam = block{
		"auth_url": s.url + "/v3", "domain_name": simulator.DefaultDomainName, "tenant_name": simulator.DefaultProjectName,
		"user_name": simulator.DefaultUserName, "password": simulator.DefaultPassword, "max_retries": 0,
	}
	modelArts = block{
		"token": s.IssueToken(), "endpoint": s.url, "tenant_id": simulator.DefaultProjectID, "max_retries": 0,
	}
	return iam, modelArts
}

// wantAccepted checks that with the attributes both connections are made.
func wantAccepted(t *testing.T, s *service, attributes block) {
	t.Helper()
	iam, _ := s.blocks()
	for attribute, value := range attributes {
		iam = iam.with(attribute, value)
	}
	s.ResetCalls()
	c := newClient(t.Context(), t)
	wantNoDiagnostics(t, c.configure(iam))
	wantNoDiagnostics(t, c.read())
	wantCalls(t, s, login, readOf(simulator.DefaultProjectID))
}

// wantRefused checks that with the attributes neither connection is made, that it
// is not tried again, and what the user is told of it.
func wantRefused(t *testing.T, s *service, attributes block, says ...string) {
	t.Helper()
	iam, modelArts := s.blocks()
	for attribute, value := range attributes {
		iam, modelArts = iam.with(attribute, value), modelArts.with(attribute, value)
	}
	s.ResetCalls()
	s.connections.Store(0)
	c := newClient(t.Context(), t)
	refused := c.configure(iam)
	if len(refused) == 1 {
		refused[0].Attribute = nil // it may be any
	}
	wantError(t, refused, "", says...)

	c = newClient(t.Context(), t)
	wantNoDiagnostics(t, c.configure(modelArts))
	wantError(t, c.read(), "", says...)
	wantCalls(t, s)
	if n := s.connections.Load(); n != 2 {
		t.Errorf("%d connections were begun, want one to IAM and one to ModelArts", n)
	}
}

func TestTLSSelfSigned(t *testing.T) {
	t.Parallel()
	self := issue(t, nil, "self", loopback)
	server := serve(t, simulator.Options{}, self, nil)
	addJob(server)
	// It makes no sense to try that again.
	wantRefused(t, server, block{"max_retries": 5}, "x509: certificate signed by unknown authority", "cacert_file", "insecure")
	wantRefused(t, server, block{"insecure": false}, "x509: certificate signed by unknown authority")
	wantAccepted(t, server, block{"insecure": true})
	wantAccepted(t, server, block{"cacert_file": self.certPEM()})
}

func TestTLSPrivateAuthority(t *testing.T) {
	t.Parallel()
	ca, other := issue(t, nil, "authority", ""), issue(t, nil, "other authority", "")
	server := serve(t, simulator.Options{}, issue(t, ca, "server", loopback), nil)
	addJob(server)
	wantRefused(t, server, nil, "unknown authority")
	wantAccepted(t, server, block{"cacert_file": file(t, "ca.pem", ca.certPEM())})
	wantAccepted(t, server, block{"cacert_file": ca.certPEM()})
	wantAccepted(t, server, block{"cacert_file": other.certPEM() + ca.certPEM()})
	wantRefused(t, server, block{"cacert_file": other.certPEM()}, "unknown authority")
	// It is insecure that was asked for.
	wantAccepted(t, server, block{"cacert_file": other.certPEM(), "insecure": true})
}

func TestTLSOfEachSource(t *testing.T) {
	ca := issue(t, nil, "authority", "")
	mine := issue(t, ca, "client", "")
	server := serve(t, simulator.Options{}, issue(t, ca, "server", loopback), &tls.Config{
		MinVersion: tls.VersionTLS12, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool(),
	})
	addJob(server)
	for source, say := range sources {
		if source == "OS_CLOUD" {
			continue // it isn't read, as the login lacks nothing
		}
		t.Run(source, func(t *testing.T) {
			wantAccepted(t, server, say(t, block{"cacert_file": ca.certPEM(), "cert": mine.certPEM(), "key": mine.keyPEM(t)}))
		})
		t.Run("paths, "+source, func(t *testing.T) {
			wantAccepted(t, server, say(t, block{
				"cacert_file": file(t, "ca", ca.certPEM()), "cert": file(t, "cert", mine.certPEM()), "key": file(t, "key", mine.keyPEM(t)),
			}))
		})
	}
	t.Run("verify of a cloud", func(t *testing.T) {
		open := serve(t, simulator.Options{}, issue(t, nil, "self", loopback), nil)
		addJob(open)
		t.Setenv("OS_CLIENT_CONFIG_FILE", file(t, "clouds.yaml", "clouds: {mine: {verify: false}, other: {verify: true}}"))
		wantAccepted(t, open, block{"cloud": "mine"})
		wantRefused(t, open, block{"cloud": "other"}, "unknown authority")
		wantRefused(t, open, block{"cloud": "mine", "insecure": false}, "unknown authority")
		t.Setenv("OS_INSECURE", "true") // the block's cloud takes precedence
		wantRefused(t, open, block{"cloud": "mine", "insecure": false}, "unknown authority")
	})
}

func TestTLSWrongHost(t *testing.T) {
	t.Parallel()
	ca := issue(t, nil, "authority", "")
	server := serve(t, simulator.Options{}, issue(t, ca, "server", "iam.example.org"), nil)
	addJob(server)
	wantRefused(t, server, block{"cacert_file": ca.certPEM(), "max_retries": 5}, loopback, "x509: ")
	wantAccepted(t, server, block{"cacert_file": ca.certPEM(), "insecure": true})
}

func TestTLSClientCertificate(t *testing.T) {
	t.Parallel()
	ca := issue(t, nil, "authority", "")
	mine, stranger := issue(t, ca, "client", ""), issue(t, nil, "stranger", "")
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, simulator.Options{}, issue(t, ca, "server", loopback), &tls.Config{
				MinVersion: version, MaxVersion: version, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool(),
			})
			addJob(server)
			trust := block{"cacert_file": ca.certPEM()}
			wantRefused(t, server, trust, "remote error: tls: ", "set cert and key")
			wantRefused(t, server, trust.with("insecure", true), "remote error: tls: ")
			wantRefused(t, server, trust.with("cert", stranger.certPEM()).with("key", stranger.keyPEM(t)), "remote error: tls: ")
			wantAccepted(t, server, trust.with("cert", mine.certPEM()).with("key", mine.keyPEM(t)))
			wantAccepted(t, server, trust.with("cert", file(t, "cert", mine.certPEM())).with("key", file(t, "key", mine.keyPEM(t))))
			wantAccepted(t, server, block{"insecure": true, "cert": mine.certPEM(), "key": mine.keyPEM(t)})
		})
	}
}

// TLS 1.1 can be broken, and insecure says nothing of that.
func TestTLSTooOld(t *testing.T) {
	t.Parallel()
	server := serve(t, simulator.Options{}, issue(t, nil, "self", loopback), &tls.Config{
		MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11,
	})
	wantRefused(t, server, nil, "protocol version")
	wantRefused(t, server, block{"insecure": true}, "protocol version")
}

// What is wrong with the files is said of the attribute, before anything is sent.
func TestTLSFilesThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	ca, mine, other := issue(t, nil, "authority", ""), issue(t, nil, "client", ""), issue(t, nil, "other", "")
	folder := t.TempDir()
	missing, text := filepath.Join(folder, "missing.pem"), file(t, "text.pem", "no PEM at all")
	broken := strings.Replace(mine.keyPEM(t), "M", "Q", 1)
	tests := map[string]struct {
		block     block
		attribute string
		says      []string
	}{
		"authorities that are missing":      {block{"cacert_file": missing}, "cacert_file", []string{"no such file"}},
		"authorities that are a folder":     {block{"cacert_file": folder}, "", []string{"is a directory"}},
		"authorities without PEM":           {block{"cacert_file": text}, "cacert_file", []string{"no PEM"}},
		"authorities that are a key":        {block{"cacert_file": file(t, "ca.pem", mine.keyPEM(t))}, "cacert_file", []string{"is a private key"}},
		"certificate that is missing":       {block{"cert": missing, "key": mine.keyPEM(t)}, "cert", []string{"no such file"}},
		"certificate without PEM":           {block{"cert": text, "key": mine.keyPEM(t)}, "cert", []string{"no PEM"}},
		"certificate that is a key":         {block{"cert": file(t, "cert.pem", mine.keyPEM(t)), "key": mine.keyPEM(t)}, "cert", []string{"Invalid cert"}},
		"certificate that is a pasted key":  {block{"cert": mine.keyPEM(t), "key": mine.keyPEM(t)}, "", []string{"Invalid cert"}},
		"authorities that are a pasted key": {block{"cacert_file": mine.keyPEM(t)}, "", []string{"Invalid cacert_file", "is a private key"}},
		"key that is missing":               {block{"cert": mine.certPEM(), "key": missing}, "", []string{"Invalid key", "no such file"}},
		"key without PEM":                   {block{"cert": mine.certPEM(), "key": text}, "", []string{"Invalid key", "no PEM"}},
		"key that is a certificate":         {block{"cert": mine.certPEM(), "key": mine.certPEM()}, "", []string{"Invalid key"}},
		"key that cannot be read":           {block{"cert": mine.certPEM(), "key": broken}, "", []string{"Invalid key"}},
		"key of another certificate":        {block{"cert": mine.certPEM(), "key": other.keyPEM(t)}, "", []string{"Invalid key", "does not match"}},
		"certificate without a key":         {block{"cert": mine.certPEM()}, "key", []string{"Missing key", "cert is half of a pair", "OS_KEY"}},
		"key without a certificate":         {block{"key": mine.keyPEM(t)}, "cert", []string{"Missing cert", "key is half of a pair", "OS_CERT"}},
		"the authorities are looked at":     {block{"cacert_file": missing, "cert": missing}, "cacert_file", []string{"no such file"}},
		"the rest of a pair is looked at":   {block{"cacert_file": ca.certPEM(), "cert": missing}, "key", []string{"Missing key"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := acctest.Simulator(t, simulator.Options{})
			b := passwordBlock(server)
			for attribute, value := range test.block {
				b = b.with(attribute, value)
			}
			diags := configure(t, b)
			wantError(t, diags, test.attribute, test.says...)
			wantCalls(t, server)
			for line := range strings.Lines(mine.keyPEM(t) + other.keyPEM(t) + broken) {
				if text := diags[0].Summary + diags[0].Detail; strings.Contains(text, strings.TrimSpace(line)) {
					t.Errorf("the error has a line of a key:\n%s", text)
				}
			}
		})
	}
}

// An error about a key in the place of a certificate isn't on the attribute, whose lines a CLI would show,
// however much of the key is left.
func TestKeyInThePlaceOfACertificate(t *testing.T) {
	t.Parallel()
	key := issue(t, nil, "client", "").keyPEM(t)
	lines := strings.Split(strings.TrimSpace(key), "\n")
	body := strings.Join(lines[1:len(lines)-1], "")
	for name, pasted := range map[string]string{
		"whole":                      key,
		"with escaped line ends":     strings.ReplaceAll(key, "\n", `\n`),
		"in one line":                strings.Join(lines, " "),
		"without its first line":     strings.Join(lines[1:], "\n"),
		"without first and last":     body,
		"the lines without the ends": strings.Join(lines[1:len(lines)-1], "\n"),
		"its first line cut":         strings.TrimPrefix(key, "-----BEGIN PRI"),
		"in lower case":              strings.ToLower(lines[0]) + "\n" + body,
		"encoded once more":          base64.StdEncoding.EncodeToString([]byte(key)),
		"after a path":               "/etc/ssl/client.pem\n" + body,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := acctest.Simulator(t, simulator.Options{})
			for _, attribute := range []string{"cert", "cacert_file"} {
				diags := configure(t, passwordBlock(server).with(attribute, pasted).with("key", key))
				wantError(t, diags, "", attribute)
			}
		})
	}
}
