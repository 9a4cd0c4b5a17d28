package auth

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
)

// TLSConfig returns the TLS configuration for connections to IAM and ModelArts. Its errors are *ConfigError, and don't quote a key.
func (o *Options) TLSConfig() (*tls.Config, error) {
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: o.Insecure, //nolint:gosec // the user set it
	}
	if o.CACert != "" {
		config.RootCAs = x509.NewCertPool()
		if _, err := o.readCertificates("cacert_file", o.CACert, config.RootCAs); err != nil {
			return nil, err
		}
	}
	switch {
	case o.Cert == "" && o.Key == "":
		return config, nil
	case o.Key == "":
		return nil, missing("key", "cert"+o.Sources.Of("cert")+" needs a key.", "OS_KEY")
	case o.Cert == "":
		return nil, missing("cert", "key"+o.Sources.Of("key")+" needs a cert.", "OS_CERT")
	}
	cert, err := o.readCertificates("cert", o.Cert, x509.NewCertPool())
	if err != nil {
		return nil, err
	}
	key, err := o.readPEM("key", o.Key)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, o.invalidPEM("key", fmt.Errorf("%w; the key has to be the unencrypted private key of cert", err))
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

// readCertificates returns the PEM of an attribute that has at least one certificate, and adds its certificates to the pool.
func (o *Options) readCertificates(attribute, value string, pool *x509.CertPool) ([]byte, error) {
	content, err := o.readPEM(attribute, value)
	if err == nil && !pool.AppendCertsFromPEM(content) {
		err = o.invalidPEM(attribute, errors.New("the value has no certificate that can be read, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----"))
	}
	return content, err
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
			return nil, o.invalidPEM(attribute, fmt.Errorf("the value is neither PEM nor a file that can be read: %w; "+
				"a relative path starts in the working directory of Terraform", errors.Unwrap(err)))
		}
	}
	// Editors on Windows write a byte order mark at the beginning of a file, and a bundle can be joined from several files.
	return bytes.ReplaceAll(content, []byte("\ufeff"), nil), nil
}

func (o *Options) invalidPEM(attribute string, err error) error {
	return invalid(attribute, "The provider can't use the value of %s%s: %s.", attribute, o.Sources.Of(attribute), err)
}
