package auth

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

func fileOf(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pem")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTLSConfig(t *testing.T) {
	cert, key := acctest.NewCertificate(t)
	other, otherKey := acctest.NewCertificate(t)
	one, both := x509.NewCertPool(), x509.NewCertPool()
	one.AppendCertsFromPEM([]byte(cert))
	both.AppendCertsFromPEM([]byte(cert + other))
	file := fileOf(t, cert)
	t.Chdir(filepath.Dir(file))
	t.Setenv("HOME", filepath.Dir(file))
	for name, test := range map[string]struct {
		options Options
		trusted *x509.CertPool // nil for the system's
		count   int            // of the certificates of the client
	}{
		"nothing":             {Options{}, nil, 0},
		"insecure":            {Options{Insecure: true}, nil, 0},
		"path":                {Options{CACert: file}, one, 0},
		"relative path":       {Options{CACert: "./file.pem"}, one, 0},
		"home":                {Options{CACert: "~/file.pem"}, one, 0},
		"bundle, text around": {Options{CACert: "Bag Attributes\n  friendlyName: first\n" + cert + "\nsubject=second\n" + other + "\nend\n"}, both, 0},
		"bundle, a key":       {Options{CACert: cert + otherKey + other}, both, 0},
		"bundle of two files": {Options{CACert: "\ufeff" + cert + "\ufeff" + other}, both, 0},
		"client":              {Options{Cert: file, Key: fileOf(t, "\ufeff"+key)}, nil, 1},
		"chain":               {Options{Cert: cert + other, Key: key}, nil, 2},
		"client, key first":   {Options{Cert: key + cert, Key: key + cert}, nil, 1},
	} {
		config, err := test.options.TLSConfig()
		if err != nil || config.MinVersion != tls.VersionTLS12 || config.InsecureSkipVerify != test.options.Insecure || !config.RootCAs.Equal(test.trusted) {
			t.Errorf("%s: %+v, %v", name, config, err)
		} else if len(config.Certificates) != min(test.count, 1) || test.count > 0 && len(config.Certificates[0].Certificate) != test.count {
			t.Errorf("%s: the certificates are %v", name, config.Certificates)
		}
	}
}

// TestTLSConfigErrors has invalid values. The errors name the source of the value, and show nothing of a key.
func TestTLSConfigErrors(t *testing.T) {
	t.Parallel()
	cert, key := acctest.NewCertificate(t)
	_, otherKey := acctest.NewCertificate(t)
	text := fileOf(t, "This is no PEM.")
	const noFile, noCert = "neither PEM nor a file", "the value has no certificate"
	block := func(kind, content string) string {
		return "-----BEGIN " + kind + "-----\n" + content + "\n-----END " + kind + "-----\n"
	}
	const broken = "bm8gY2VydGlmaWNhdGUgYXQgYWxsLCBidXQgYmFzZTY0"
	_, body, _ := strings.Cut(key, "-----\n")
	body, _, _ = strings.Cut(body, "\n-----END")
	for name, test := range map[string]struct {
		cacert, cert, key string
		attribute, say    string
	}{
		"bundle missing":        {"~file.pem", "", "", "cacert_file", "no such file|a relative path starts in the working directory of Terraform"},
		"bundle no PEM":         {text, "", "", "cacert_file", noCert},
		"bundle broken":         {block("CERTIFICATE", broken), "", "", "cacert_file", noCert},
		"bundle without an end": {strings.TrimSuffix(cert, "-----END CERTIFICATE-----\n"), "", "", "cacert_file", noCert},
		"cert without key":      {"", cert, "", "key", "cert (from OS_CERT) needs a key|OS_KEY"},
		"key without cert":      {"", "", key, "cert", `key (from cloud "mine" of clouds.yaml) needs a cert|OS_CERT`},
		"cert missing":          {"", "missing.pem", key, "cert", "no such file"},
		"both switched":         {"", key, cert, "cert", noCert},
		"key missing":           {"", cert, "/missing.pem", "key", "no such file"},
		"key no PEM":            {"", cert, text, "key", "failed to find any PEM data"},
		"key encrypted":         {"", cert, block("ENCRYPTED PRIVATE KEY", broken), "key", "the key has to be the unencrypted private key of cert"},
		"key of another":        {"", cert, otherKey, "key", "does not match"},
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
			for line := range strings.Lines(key + cert + broken) {
				if strings.Contains(fault.Error(), line[:min(len(line), 20)]) && !strings.HasPrefix(line, "-----") {
					t.Errorf("the error has %q of the value: %v", line, fault)
				}
			}
		})
	}
}
