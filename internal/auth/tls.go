package auth

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
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
		content, err := o.readPEM("cacert_file", o.CACert)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		switch {
		case config.RootCAs.AppendCertsFromPEM(content):
		case bytes.Contains(content, []byte("PRIVATE KEY")):
			return nil, o.invalidPEM("cacert_file", errPrivateKey)
		default:
			return nil, o.invalidPEM("cacert_file", errors.New("the value has no certificate that can be read"))
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
	cert, err := o.readPEM("cert", o.Cert)
	if err != nil {
		return nil, err
	}
	key, err := o.readPEM("key", o.Key)
	if err != nil {
		return nil, err
	}
	if isEncrypted(key) {
		return nil, o.invalidPEM("key", errors.New("the key is encrypted, and the provider doesn't support encrypted keys"))
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		switch {
		case hasCertificate(cert):
			return nil, o.invalidPEM("key", err)
		case bytes.Contains(cert, []byte("PRIVATE KEY")):
			return nil, o.invalidPEM("cert", errPrivateKey)
		default:
			return nil, o.invalidPEM("cert", err)
		}
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

var errPrivateKey = errors.New("the value is a private key. Write a certificate, which begins with -----BEGIN CERTIFICATE-----, and set key to the private key")

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
	content = bytes.ReplaceAll(content, []byte("\ufeff"), nil)
	if block, _ := pem.Decode(content); block == nil {
		return nil, o.invalidPEM(attribute, errors.New("the value has no PEM block, from -----BEGIN to -----END"))
	}
	return content, nil
}

// isEncrypted reports whether a key is in one of the two forms that need a password.
func isEncrypted(content []byte) bool {
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
			return true
		}
	}
	return false
}

func hasCertificate(content []byte) bool {
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		if _, err := x509.ParseCertificate(block.Bytes); err == nil && block.Type == "CERTIFICATE" {
			return true
		}
	}
	return false
}

func (o *Options) invalidPEM(attribute string, err error) error {
	return &ConfigError{
		Attribute: attribute, Summary: "Invalid " + attribute,
		Detail: fmt.Sprintf("The provider can't use the value of %s%s: %s.", attribute, o.Sources.Of(attribute), err),
	}
}
