package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// newPair returns a new key and a certificate that is signed with it, in PEM.
func newPair(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, crypto.Signer(private).Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	encode := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return encode("CERTIFICATE", der), encode("PRIVATE KEY", pkcs8)
}

func fileOf(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pem")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustConfig(t *testing.T, o Options) *tls.Config {
	t.Helper()
	config, err := o.TLSConfig()
	if err != nil {
		t.Fatal(err)
	}
	if config.MinVersion != tls.VersionTLS12 || config.InsecureSkipVerify != o.Insecure {
		t.Errorf("%+v", config)
	}
	return config
}

func TestTLSConfig(t *testing.T) {
	t.Parallel()
	cert, key := newPair(t)
	other, otherKey := newPair(t)
	only := x509.NewCertPool()
	only.AppendCertsFromPEM([]byte(cert + other))
	for name, bundle := range map[string]string{
		"both":            cert + other,
		"text around":     "Bag Attributes\n  friendlyName: first\n" + cert + "\nsubject=second\n" + other + "\nend\n",
		"a key between":   cert + otherKey + other,
		"byte order mark": "\ufeff" + cert + other,
		"two files":       "\ufeff" + cert + "\ufeff" + other,
	} {
		for _, value := range []string{bundle, fileOf(t, bundle)} {
			// The certificates of the system aren't trusted.
			if config := mustConfig(t, Options{CACert: value}); !config.RootCAs.Equal(only) {
				t.Errorf("%s: other certificates are trusted", name)
			}
		}
	}
	for name, pair := range map[string]struct {
		cert, key string
		count     int // of the certificates
	}{
		"one of each":     {cert, key, 1},
		"chain":           {cert + other, key, 2},
		"both in both":    {cert + key, cert + key, 1},
		"key first":       {key + cert, key + cert, 1},
		"byte order mark": {"\ufeff" + cert, "\ufeff" + key, 1},
	} {
		for _, o := range []Options{{Cert: pair.cert, Key: pair.key}, {Cert: fileOf(t, pair.cert), Key: fileOf(t, pair.key), Insecure: true}} {
			if config := mustConfig(t, o); len(config.Certificates) != 1 || len(config.Certificates[0].Certificate) != pair.count {
				t.Errorf("%s: the certificates are %v", name, config.Certificates)
			}
		}
	}
}

// TestTLSConfigOfPaths has paths that start in the working directory, at the root or in the home directory.
func TestTLSConfigOfPaths(t *testing.T) {
	cert, _ := newPair(t)
	path := fileOf(t, cert)
	folder := filepath.Dir(path)
	t.Chdir(folder)
	t.Setenv("HOME", folder)
	for _, written := range []string{"", path, "file.pem", "./file.pem", "~/file.pem"} {
		if config := mustConfig(t, Options{CACert: written}); (config.RootCAs == nil) != (written == "") || len(config.Certificates) > 0 {
			t.Errorf("%q: %+v", written, config)
		}
	}
	for attribute, o := range map[string]Options{"cacert_file": {CACert: "~file.pem"}, "cert": {Cert: "missing/ca.pem", Key: path}, "key": {Cert: path, Key: "/missing/ca.pem"}} {
		_, err := o.TLSConfig()
		wantFault(t, err, attribute, "no such file", "a relative path starts in the working directory of Terraform")
	}
}

// TestTLSConfigErrors has invalid values. The errors name the source of the value, and show nothing of a key.
func TestTLSConfigErrors(t *testing.T) {
	t.Parallel()
	cert, key := newPair(t)
	_, otherKey := newPair(t)
	folder := t.TempDir()
	missing, text := filepath.Join(folder, "missing.pem"), fileOf(t, "This is no PEM.")
	const noFile, noCert, noKey = "neither PEM nor a file", "the value has no certificate", "failed to find any PEM data"
	block := func(kind, content string) string {
		return "-----BEGIN " + kind + "-----\n" + content + "\n-----END " + kind + "-----\n"
	}
	broken := "bm8gY2VydGlmaWNhdGUgYXQgYWxsLCBidXQgYmFzZTY0"
	encrypted := block("EC PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,4F2A8C1B0D3E5F60718293A4B5C6D7E8\n\n"+broken)
	_, body, _ := strings.Cut(key, "-----\n")
	body, _, _ = strings.Cut(body, "\n-----END")
	for name, test := range map[string]struct {
		cacert, cert, key string
		attribute, say    string
	}{
		"bundle missing":        {missing, "", "", "cacert_file", noFile + " that can be read: no such file"},
		"bundle no PEM":         {text, "", "", "cacert_file", noCert},
		"bundle a key":          {key, "", "", "cacert_file", noCert},
		"bundle broken":         {block("CERTIFICATE", broken), "", "", "cacert_file", noCert},
		"bundle without an end": {strings.TrimSuffix(cert, "-----END CERTIFICATE-----\n"), "", "", "cacert_file", noCert},
		"cert without key":      {"", cert, "", "key", "cert (from OS_CERT) needs a key|OS_KEY"},
		"key without cert":      {"", "", key, "cert", `key (from cloud "mine" of clouds.yaml) needs a cert|OS_CERT`},
		"cert missing":          {"", missing, key, "cert", "no such file"},
		"cert broken":           {"", block("CERTIFICATE", broken), key, "cert", noCert},
		"cert of another type":  {"", strings.ReplaceAll(cert, " CERT", " X509 CERT"), key, "cert", noCert},
		"both switched":         {"", key, cert, "cert", noCert},
		"key missing":           {"", cert, missing, "key", noFile + " that can be read: no such file"},
		"key no PEM":            {"", cert, text, "key", noKey},
		"key a certificate":     {"", cert, cert, "key", "certificate"},
		"key broken":            {"", cert, block("PRIVATE KEY", broken), "key", "failed to parse"},
		"key encrypted, PKCS8":  {"", cert, block("ENCRYPTED PRIVATE KEY", broken), "key", "unencrypted"},
		"key encrypted, SSL":    {"", cert, encrypted, "key", "unencrypted"},
		"key of another":        {"", cert, otherKey, "key", "does not match"},
		"key without an end":    {"", cert, strings.TrimSuffix(key, "-----END PRIVATE KEY-----\n"), "key", noKey},
		// These lost their frame when they were copied, so they look like a path.
		"key without its frame": {"", cert, body, "key", noFile},
		"key in place of cert":  {"", body, key, "cert", noFile},
		"key that is very long": {"", cert, strings.Repeat(body, 1000), "key", noFile},
	} {
		t.Run(name, func(t *testing.T) {
			sources := Sources{"cacert_file": "OS_CACERT", "cert": "OS_CERT", "key": `cloud "mine" of clouds.yaml`}
			config, err := (&Options{CACert: test.cacert, Cert: test.cert, Key: test.key, Sources: sources, Insecure: true}).TLSConfig()
			fault := wantFault(t, err, test.attribute, strings.Split(test.say, "|")...)
			source := "The provider can't use the value of " + test.attribute + " (from " + sources[test.attribute] + ")"
			if config != nil || fault.Lacking == strings.Contains(fault.Detail, source) || len(fault.Error()) > 1500 {
				t.Errorf("%+v, want %s", fault, source)
			}
			for line := range strings.Lines(test.key + "\n" + test.cert) {
				if line = strings.TrimSpace(line); len(line) > 20 && !strings.Contains(line, "-----") && !strings.HasPrefix(line, folder) && strings.Contains(fault.Error(), line) {
					t.Errorf("the error has %q of the value: %v", line, fault)
				}
			}
		})
	}
}
