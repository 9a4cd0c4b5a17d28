package httpclient

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"
)

// CredentialsError means that a request has no valid credentials: the client couldn't renew a rejected token, or an access key was
// rejected before. The service didn't process the request.
type CredentialsError struct{ Err error }

// Error implements error.
func (e *CredentialsError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *CredentialsError) Unwrap() error { return e.Err }

// ThrottledError means that the service rejects requests because there are too many, and that the pause ends after the deadline of the
// request.
type ThrottledError struct {
	Wait time.Duration // until the end of the pause
}

// Error implements error.
func (e *ThrottledError) Error() string {
	return fmt.Sprintf("the service accepts no requests for %s, because there are too many", e.Wait.Round(time.Second))
}

// TrustHint is the remedy for an error that IsUntrusted reports.
const TrustHint = "If your own certificate authority signed the certificate, set cacert_file (OS_CACERT) to the certificate of that CA. " +
	"If the certificate is of another host, check auth_url and endpoint. For tests, insecure = true (OS_INSECURE) accepts any certificate."

// TLSAlertHint is the remedy for an error that IsTLSAlert reports.
const TLSAlertHint = "If the server requires a client certificate, set cert and key (OS_CERT and OS_KEY). " +
	"The provider supports TLS 1.2 and later."

// IsUntrusted reports whether the certificate of the server can't be verified.
func IsUntrusted(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

// IsTLSAlert reports whether the server ended the TLS handshake, because it requires a client certificate or another version of TLS. A
// retry would fail in the same way.
func IsTLSAlert(err error) bool {
	failure, ok := errors.AsType[*net.OpError](err)
	return ok && failure.Op == "remote error" // crypto/tls exports no type for an alert
}

// isNotProcessed reports whether the service didn't process a request, because the request had no valid credentials for the service or
// for a proxy.
func isNotProcessed(err error) bool {
	_, ok := errors.AsType[*CredentialsError](err)
	return ok || IsRejectedByProxy(err)
}
