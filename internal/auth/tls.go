package auth

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// TLSConfig returns the TLS configuration for connections to IAM and ModelArts. Its errors are *ConfigError, and don't quote a key.
func (o *Options) TLSConfig() (*tls.Config, error) {
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: o.Insecure, //nolint:gosec // the user set it
	}
	if o.CACert != "" {
		_, authorities, err := o.readCertificates("cacert_file", o.CACert)
		if err != nil {
			return nil, err
		}
		config.RootCAs = authorities
	}
	switch {
	case o.Cert == "" && o.Key == "":
		return config, nil
	case o.Key == "":
		return nil, missing("key", "cert"+o.Sources.Of("cert")+" needs a key.", "OS_KEY")
	case o.Cert == "":
		return nil, missing("cert", "key"+o.Sources.Of("key")+" needs a cert.", "OS_CERT")
	}
	cert, _, err := o.readCertificates("cert", o.Cert)
	if err != nil {
		return nil, err
	}
	key, err := o.readPEM("key", o.Key)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	switch {
	case err == nil:
		config.Certificates = []tls.Certificate{pair}
		return config, nil
	case bytes.Contains(key, []byte("ENCRYPTED")): // "BEGIN ENCRYPTED PRIVATE KEY" or "Proc-Type: 4,ENCRYPTED"
		err = errors.New("the key is encrypted, and the provider doesn't support encrypted keys")
	}
	return nil, o.invalidPEM("key", err)
}

// readCertificates returns the PEM of an attribute that has at least one certificate, and its certificates.
func (o *Options) readCertificates(attribute, value string) ([]byte, *x509.CertPool, error) {
	content, err := o.readPEM(attribute, value)
	if err != nil {
		return nil, nil, err
	}
	pool := x509.NewCertPool()
	switch {
	case pool.AppendCertsFromPEM(content):
		return content, pool, nil
	case bytes.Contains(content, []byte("PRIVATE KEY")):
		err = errors.New("the value is a private key. Write a certificate, which begins with -----BEGIN CERTIFICATE-----, and set key to the private key")
	default:
		err = errors.New("the value has no certificate that can be read, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----")
	}
	return nil, nil, o.invalidPEM(attribute, err)
}

// readPEM returns the PEM in value, or in the file whose path value is.
func (o *Options) readPEM(attribute, value string) ([]byte, error) {
	content := []byte(value)
	if !strings.Contains(value, "-----BEGIN") {
		path := value
		if rest, ok := strings.CutPrefix(path, "~/"); ok {
			if home, err := os.UserHomeDir(); err == nil {
				path = home + "/" + rest
			}
		}
		var err error
		if content, err = os.ReadFile(path); err != nil { //nolint:gosec // the user's own file
			// The error doesn't quote the path, because it can be a mangled key.
			err = fmt.Errorf("the value is neither PEM nor a file that can be read: %w", errors.Unwrap(err))
			if folder, unknown := os.Getwd(); unknown == nil && !filepath.IsAbs(path) {
				err = fmt.Errorf("%w; a relative path starts in the working directory of Terraform, which is %s", err, folder)
			}
			return nil, o.invalidPEM(attribute, err)
		}
	}
	// Editors on Windows write a byte order mark at the beginning of a file, and a bundle can be joined from several files.
	return bytes.ReplaceAll(content, []byte("\ufeff"), nil), nil
}

func (o *Options) invalidPEM(attribute string, err error) error {
	return invalid(attribute, "The provider can't use the value of %s%s: %s.", attribute, o.Sources.Of(attribute), err)
}
