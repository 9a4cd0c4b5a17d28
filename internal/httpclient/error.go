package httpclient

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// CredentialsError means that a request has no valid credentials: the client couldn't renew a rejected token, or an access key was
// rejected before. The service didn't process the request.
type CredentialsError struct {
	Err    error
	Anchor string // of the heading in the troubleshooting guide; can be empty
}

func (e *CredentialsError) Error() string { return e.Err.Error() }

func (e *CredentialsError) Unwrap() error { return e.Err }

// ThrottledError means that the service rejects requests because there are too many, and that the pause ends after the deadline of the
// request.
type ThrottledError struct {
	Wait time.Duration // until the end of the pause
}

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("the service accepts no requests for %s, because there are too many", e.Wait.Round(time.Second))
}

const trustHint = "If your own certificate authority signed the certificate, set cacert_file (OS_CACERT) to the certificate of that CA. " +
	"If the certificate is of another host, check auth_url and endpoint. For tests, insecure = true (OS_INSECURE) accepts any certificate."

// Explanation explains an error that a setting can mend.
type Explanation struct {
	Attribute string // at fault; can be empty
	Summary   string // without a period
	Hint      string // the remedy
	Anchor    string // of the heading in the troubleshooting guide
}

// ExplainConnection explains a *ProxyError, or an error of the TLS connection to a server, such as "IAM". It returns an empty
// explanation for any other error.
func ExplainConnection(err error, server string) Explanation {
	failure, isProxy := errors.AsType[*ProxyError](err)
	switch {
	case isProxy:
		return failure.explain()
	case isUntrusted(err):
		return Explanation{"cacert_file", "The certificate of " + server + " isn't trusted", trustHint, "certificate-not-trusted"}
	case isTLSAlert(err):
		hint := "If the server requires a client certificate, set cert and key (OS_CERT and OS_KEY). The provider supports TLS 1.2 and later."
		return Explanation{"cert", sanitize.Capitalize(server) + " ended the TLS connection", hint, "tls-ended"}
	default:
		return Explanation{}
	}
}

// isUntrusted reports whether the certificate of the server can't be verified.
func isUntrusted(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

// isTLSAlert reports whether the server ended the TLS handshake, because it requires a client certificate or another version of TLS. A
// retry would fail in the same way.
func isTLSAlert(err error) bool {
	failure, ok := errors.AsType[*net.OpError](err)
	return ok && failure.Op == "remote error" // connections over TCP return no exported type for an alert
}

// isNotProcessed reports whether the service didn't process a request, because the request had no valid credentials for the service or
// for a proxy.
func isNotProcessed(err error) bool {
	_, ok := errors.AsType[*CredentialsError](err)
	return ok || IsRejectedByProxy(err)
}
