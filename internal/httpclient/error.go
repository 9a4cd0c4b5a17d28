package httpclient

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"
)

// CredentialsError means that there are no credentials to send a request with: a refused token could not
// be replaced, or an access key was refused before. The request was not processed.
type CredentialsError struct{ Err error }

// Error implements error.
func (e *CredentialsError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *CredentialsError) Unwrap() error { return e.Err }

// ThrottledError means that the service refuses requests, because there are too many, for longer than
// the request has time.
type ThrottledError struct {
	Wait time.Duration // until requests are accepted again
}

// Error implements error.
func (e *ThrottledError) Error() string {
	return fmt.Sprintf("the service accepts no requests for %s, because there are too many", e.Wait.Round(time.Second))
}

// TrustHint is the remedy for an error that IsUntrusted reports.
const TrustHint = "If your own certificate authority signed the certificate, set cacert_file (OS_CACERT) to the certificate of the authority. " +
	"If the certificate is of another host, check auth_url and endpoint. For tests, insecure = true (OS_INSECURE) accepts any certificate."

// TLSAlertHint is the remedy for an error that IsTLSAlert reports.
const TLSAlertHint = "If the server requires a client certificate, set cert and key (OS_CERT and OS_KEY). " +
	"The provider supports TLS 1.2 and later."

// IsUntrusted reports whether the certificate of the server can't be verified.
func IsUntrusted(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

// IsTLSAlert reports whether the server ended the TLS handshake: it requires another client certificate
// or another version of TLS. It would do so again.
func IsTLSAlert(err error) bool {
	failure, ok := errors.AsType[*net.OpError](err)
	return ok && failure.Op == "remote error" // crypto/tls exports no type of it
}

// isNotProcessed reports whether a request was refused or not sent for lack of credentials, those for a
// proxy included.
func isNotProcessed(err error) bool {
	_, ok := errors.AsType[*CredentialsError](err)
	return ok || IsRefusedByProxy(err)
}
