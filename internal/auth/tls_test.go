package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// makePair makes a certificate that is signed with its own key, in PEM.
func makePair(t *testing.T, name string, key crypto.Signer) (cert string, x *x509.Certificate) {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	x, err = x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), x
}

func ecKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func pkcs8(t *testing.T, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
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
	if config.MinVersion != tls.VersionTLS12 {
		t.Errorf("the oldest version is %s", tls.VersionName(config.MinVersion))
	}
	if config.InsecureSkipVerify != o.Insecure {
		t.Errorf("InsecureSkipVerify is %v", config.InsecureSkipVerify)
	}
	return config
}

func TestTLSConfigOfBundle(t *testing.T) {
	t.Parallel()
	first, firstCert := makePair(t, "first", ecKey(t))
	second, secondCert := makePair(t, "second", ecKey(t))
	only := x509.NewCertPool()
	only.AddCert(firstCert)
	only.AddCert(secondCert)
	for name, content := range map[string]string{
		"both":            first + second,
		"text around":     "Bag Attributes\n  friendlyName: first\n" + first + "\nsubject=second\n" + second + "\nend\n",
		"a key between":   first + pkcs8(t, ecKey(t)) + second,
		"byte order mark": "\ufeff" + first + second,
		"two files":       "\ufeff" + first + "\ufeff" + second,
	} {
		for _, value := range []string{content, fileOf(t, content)} {
			// The certificates of the system are not trusted.
			if config := mustConfig(t, Options{CACert: value}); !config.RootCAs.Equal(only) {
				t.Errorf("%s: other certificates are trusted", name)
			}
		}
	}
}

// crypto/tls knows the forms of certificates and keys. A file can have both.
func TestTLSConfigOfPair(t *testing.T) {
	t.Parallel()
	key := ecKey(t)
	cert, _ := makePair(t, "mine", key)
	chain, _ := makePair(t, "intermediate", ecKey(t))
	for name, test := range map[string]struct {
		cert, key string
		count     int // of the certificates
	}{
		"one of each":     {cert, pkcs8(t, key), 1},
		"chain":           {cert + chain, pkcs8(t, key), 2},
		"both in both":    {cert + pkcs8(t, key), cert + pkcs8(t, key), 1},
		"key first":       {pkcs8(t, key) + cert, pkcs8(t, key) + cert, 1},
		"byte order mark": {"\ufeff" + cert, "\ufeff" + pkcs8(t, key), 1},
	} {
		for _, o := range []Options{
			{Cert: test.cert, Key: test.key},
			{Cert: fileOf(t, test.cert), Key: fileOf(t, test.key), Insecure: true},
		} {
			config := mustConfig(t, o)
			if len(config.Certificates) != 1 || len(config.Certificates[0].Certificate) != test.count {
				t.Errorf("%s: the certificates are %v", name, config.Certificates)
			}
		}
	}
}

// A path starts in the working directory, at the root or in the home.
func TestTLSConfigOfPaths(t *testing.T) {
	cert, _ := makePair(t, "ca", ecKey(t))
	path := fileOf(t, cert)
	folder := filepath.Dir(path)
	t.Chdir(folder)
	t.Setenv("HOME", folder)
	for _, written := range []string{"", path, "file.pem", "./file.pem", "~/file.pem"} {
		if config := mustConfig(t, Options{CACert: written}); (config.RootCAs == nil) != (written == "") || len(config.Certificates) > 0 {
			t.Errorf("%q: %+v", written, config)
		}
	}
	for written, isRelative := range map[string]bool{"missing/ca.pem": true, "~file.pem": true, "/missing/ca.pem": false} {
		for _, attribute := range []string{"cacert_file", "cert", "key"} {
			o := Options{CACert: path, Cert: path, Key: path}
			*map[string]*string{"cacert_file": &o.CACert, "cert": &o.Cert, "key": &o.Key}[attribute] = written
			err := wantTLSError(t, o, attribute, "no such file")
			if strings.Contains(err.Error(), "a relative path starts in the working directory of Terraform, which is "+folder) != isRelative {
				t.Error(err)
			}
		}
	}
}

// wantTLSError checks the attribute and the text of an error, and that it names the source of the value and shows
// nothing of a key.
func wantTLSError(t *testing.T, o Options, attribute string, says ...string) *ConfigError {
	t.Helper()
	o.Sources = Sources{"cacert_file": "OS_CACERT", "cert": "OS_CERT", "key": `cloud "mine" of clouds.yaml`}
	source := "The provider can't use the value of " + attribute + " (from " + o.Sources[attribute] + ")"
	config, err := o.TLSConfig()
	if err == nil || config != nil {
		t.Fatalf("there is a config, and the error is %v", err)
	}
	e := configErrorFrom(t, err)
	if e.Attribute != attribute || !strings.HasSuffix(e.Summary, " "+attribute) || e.Lacking == strings.Contains(e.Detail, source) {
		t.Errorf("%+v, want %s", e, source)
	}
	for _, say := range says {
		if !strings.Contains(e.Error(), say) {
			t.Errorf("the error does not say %q: %v", say, e)
		}
	}
	for _, value := range []string{o.Key, o.Cert} {
		if content, err := os.ReadFile(value); err == nil {
			value = string(content)
		}
		for line := range strings.Lines(value) {
			if line = strings.TrimSpace(line); len(line) > 20 && !strings.Contains(line, "-----") && strings.Contains(e.Error(), line) {
				t.Errorf("the error has %q of what was given: %v", line, e)
			}
		}
	}
	if len(e.Error()) > 1500 {
		t.Errorf("the error has %d bytes", len(e.Error()))
	}
	return e
}

func TestTLSConfigErrors(t *testing.T) {
	t.Parallel()
	key := ecKey(t)
	cert, _ := makePair(t, "mine", key)
	mine, other := pkcs8(t, key), pkcs8(t, ecKey(t))
	folder := t.TempDir()
	missing := filepath.Join(folder, "missing.pem")
	text := fileOf(t, "This is no PEM.")
	broken := "-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGUgYXQgYWxsLCBidXQgYmFzZTY0\n-----END CERTIFICATE-----\n"
	brokenKey := "-----BEGIN PRIVATE KEY-----\nbm8ga2V5IGF0IGFsbCwgYnV0IGJhc2U2NCBvZiBhIHRleHQ=\n-----END PRIVATE KEY-----\n"
	open := strings.TrimSuffix(mine, "-----END PRIVATE KEY-----\n")
	_, body, _ := strings.Cut(mine, "-----\n")
	body, _, _ = strings.Cut(body, "\n-----END")
	pkcs8Encrypted := "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAg=\n-----END ENCRYPTED PRIVATE KEY-----\n"
	opensslEncrypted := "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,4F2A8C1B0D3E5F60718293A4B5C6D7E8\n\n" +
		"bm8ga2V5IGF0IGFsbCwgYnV0IGJhc2U2NCBvZiBhIHRleHQ=\n-----END EC PRIVATE KEY-----\n"
	for name, test := range map[string]struct {
		options   Options
		attribute string
		says      []string
	}{
		"key encrypted in PKCS #8": {Options{Cert: cert, Key: pkcs8Encrypted}, "key", []string{"encrypted"}},
		"key encrypted by OpenSSL": {Options{Cert: cert, Key: opensslEncrypted}, "key", []string{"encrypted"}},
		"bundle missing":           {Options{CACert: missing}, "cacert_file", []string{"neither PEM nor a file", "no such file"}},
		"bundle a folder":          {Options{CACert: folder}, "cacert_file", []string{"is a directory"}},
		"bundle no PEM":            {Options{CACert: text}, "cacert_file", []string{"the value has no certificate", "-----BEGIN"}},
		"bundle empty":             {Options{CACert: fileOf(t, "")}, "cacert_file", []string{"no certificate"}},
		"bundle a key":             {Options{CACert: mine}, "cacert_file", []string{"the value is a private key"}},
		"bundle broken":            {Options{CACert: broken}, "cacert_file", []string{"the value has no certificate"}},
		"bundle without an end": {
			Options{CACert: strings.TrimSuffix(cert, "-----END CERTIFICATE-----\n")}, "cacert_file", []string{"no certificate"},
		},
		"bundle insecure all the same": {Options{CACert: missing, Insecure: true}, "cacert_file", []string{"no such file"}},
		"cert without key":             {Options{Cert: cert}, "key", []string{"cert (from OS_CERT) needs a key", "OS_KEY"}},
		"key without cert":             {Options{Key: mine}, "cert", []string{`key (from cloud "mine" of clouds.yaml) needs a cert`, "OS_CERT"}},
		"cert missing":                 {Options{Cert: missing, Key: mine}, "cert", []string{"no such file"}},
		"cert no PEM":                  {Options{Cert: text, Key: mine}, "cert", []string{"no certificate"}},
		"cert broken":                  {Options{Cert: broken, Key: mine}, "cert", []string{"The provider can't use the value"}},
		"cert of another type":         {Options{Cert: strings.ReplaceAll(cert, " CERT", " X509 CERT"), Key: mine}, "cert", []string{"the value has no certificate"}},
		"cert a key":                   {Options{Cert: mine, Key: mine}, "cert", []string{"The provider can't use the value"}},
		"both switched":                {Options{Cert: mine, Key: cert}, "cert", []string{"the value is a private key"}},
		"key missing":                  {Options{Cert: cert, Key: missing}, "key", []string{"neither PEM nor a file", "no such file"}},
		"key a folder":                 {Options{Cert: cert, Key: folder}, "key", []string{"is a directory"}},
		"key no PEM":                   {Options{Cert: cert, Key: text}, "key", []string{"failed to find any PEM data"}},
		"key a certificate":            {Options{Cert: cert, Key: cert}, "key", []string{"certificate"}},
		"key broken":                   {Options{Cert: cert, Key: brokenKey}, "key", []string{"The provider can't use the value"}},
		"key of another":               {Options{Cert: cert, Key: other}, "key", []string{"does not match"}},
		"key without an end":           {Options{Cert: cert, Key: open}, "key", []string{"failed to find any PEM data"}},
		"key of another, one file":     {Options{Cert: mine + cert, Key: other}, "key", []string{"does not match"}},
		// What was lost when it was copied, so that it looks like a path.
		"key without its frame":             {Options{Cert: cert, Key: body}, "key", []string{"neither PEM nor a file"}},
		"key in one line without its frame": {Options{Cert: cert, Key: strings.ReplaceAll(body, "\n", "")}, "key", []string{"neither PEM nor a file"}},
		"key with a NUL":                    {Options{Cert: cert, Key: "\x00" + body}, "key", []string{"neither PEM nor a file"}},
		"key where cert is, without frame":  {Options{Cert: body, Key: mine}, "cert", []string{"neither PEM nor a file"}},
		"key that is very long":             {Options{Cert: cert, Key: strings.Repeat(body, 1000)}, "key", []string{"neither PEM nor a file"}},
		"cert that is very long":            {Options{Cert: strings.Repeat("a", 100_000), Key: mine}, "cert", []string{"neither PEM nor a file"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantTLSError(t, test.options, test.attribute, test.says...)
		})
	}
}
