package simulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	signatureAlgorithm = "SDK-HMAC-SHA256"
	signaturePrefix    = signatureAlgorithm + " "

	// signatureTime is the form of X-Sdk-Date.
	signatureTime = "20060102T150405Z"
	// signatureTolerance is the maximum difference between X-Sdk-Date and the clock.
	signatureTolerance = 15 * time.Minute

	authorizationHeader = "Authorization"
	signedHostHeader    = "host"
	signedDateHeader    = "X-Sdk-Date"
	projectHeader       = "X-Project-Id"
	domainHeader        = "X-Domain-Id"
	securityTokenHeader = "X-Security-Token"
)

var signaturePattern = regexp.MustCompile(
	`^` + signatureAlgorithm + ` Access=([^, ]+), SignedHeaders=([^, ]*), Signature=([^, ]*)$`)

// signature is the content of the Authorization header of a signed request.
type signature struct {
	accessKey string
	headers   []string // names of the signed headers
	value     string   // in hexadecimal
}

// parseSignature parses an Authorization header.
func parseSignature(header string) (signature, bool) {
	m := signaturePattern.FindStringSubmatch(header)
	if m == nil {
		return signature{}, false
	}

	return signature{accessKey: m[1], headers: strings.Split(m[2], ";"), value: m[3]}, true
}

// credentialsOf returns the token of a request or, if it has none, whether it is signed.
func credentialsOf(r *http.Request) (tokenID string, signed bool) {
	tokenID = r.Header.Get(authTokenHeader)

	return tokenID, tokenID == "" && strings.HasPrefix(r.Header.Get(authorizationHeader), signaturePrefix)
}

// verify returns an error if the request isn't signed with the secret key.
func (g signature) verify(r *http.Request, body []byte, secretKey string, now time.Time) error {
	if err := g.checkHeaders(r); err != nil {
		return err
	}

	date := r.Header.Get(signedDateHeader)
	if err := checkSignatureDate(date, now); err != nil {
		return err
	}

	canonical, err := g.canonicalRequest(r, body)
	if err != nil {
		return err
	}

	hash := sha256.Sum256([]byte(canonical))
	mac := hmac.New(sha256.New, []byte(secretKey))
	fmt.Fprintf(mac, "%s\n%s\n%x", signatureAlgorithm, date, hash)

	if want := hex.EncodeToString(mac.Sum(nil)); !hmac.Equal([]byte(want), []byte(g.value)) {
		return wrongSignature()
	}

	return nil
}

// wrongSignature returns the error for a wrong secret key, and for an unknown access key.
func wrongSignature() *apiError { return invalidCredentials("verify aksk signature fail") }

// checkHeaders returns an error if the signature covers too few headers, or absent ones.
//
// The signers of Huawei's SDKs sign the given headers. The Go SDK doesn't even sign the host.
// The simulator is stricter, so that neither the destination of a request nor its project,
// domain and security token can be changed on the way. A repeated header has no single value
// to sign.
func (g signature) checkHeaders(r *http.Request) error {
	for i, name := range g.headers {
		if name != strings.ToLower(name) || i > 0 && name <= g.headers[i-1] {
			return invalidCredentials("the signed headers have to be in lower case, sorted and named once")
		}

		if name != signedHostHeader && len(r.Header.Values(name)) != 1 {
			return invalidCredentials("each signed header has to be there once")
		}
	}

	required := []string{signedHostHeader, signedDateHeader}

	for _, name := range []string{projectHeader, domainHeader, securityTokenHeader} {
		if len(r.Header.Values(name)) > 0 {
			required = append(required, name)
		}
	}

	for _, name := range required {
		if !slices.Contains(g.headers, strings.ToLower(name)) {
			return invalidCredentials(name + " has to be signed")
		}
	}

	return nil
}

// checkSignatureDate returns an error if a signature with this X-Sdk-Date is invalid now.
func checkSignatureDate(date string, now time.Time) error {
	t, err := time.Parse(signatureTime, date)
	// Parse accepts a fraction of a second, which the form doesn't have.
	if err != nil || t.Format(signatureTime) != date {
		return invalidCredentials(signedDateHeader + " is not of the form " + signatureTime)
	}

	if now.Sub(t).Abs() > signatureTolerance {
		return invalidCredentials(signedDateHeader + " is more than 15 minutes from the time of the gateway, " +
			now.UTC().Format(signatureTime))
	}

	return nil
}

// canonicalRequest returns the text whose hash is signed. It contains the signed parts of the
// request in a form that doesn't depend on their encoding.
func (g signature) canonicalRequest(r *http.Request, body []byte) (string, error) {
	query, err := canonicalQuery(r.URL.RawQuery)
	if err != nil {
		return "", err
	}

	hash := sha256.Sum256(body)

	var headers strings.Builder

	for _, name := range g.headers {
		value := r.Header.Get(name)
		if name == signedHostHeader {
			value = r.Host // net/http removes it from the header.
		}

		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}

	return strings.Join([]string{
		r.Method, canonicalPath(r.URL.Path), query, headers.String(), strings.Join(g.headers, ";"), hex.EncodeToString(hash[:]),
	}, "\n"), nil
}

// canonicalPath returns the canonical form of a decoded path.
func canonicalPath(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		segments[i] = escape(segment)
	}

	return strings.TrimSuffix(strings.Join(segments, "/"), "/") + "/"
}

// canonicalQuery sorts the decoded keys and values.
func canonicalQuery(raw string) (string, error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return "", invalidCredentials("the query cannot be read")
	}

	var pairs []string

	for _, key := range slices.Sorted(maps.Keys(query)) {
		for _, value := range slices.Sorted(slices.Values(query[key])) {
			pairs = append(pairs, escape(key)+"="+escape(value))
		}
	}

	return strings.Join(pairs, "&"), nil
}

// escape escapes everything but the unreserved characters of RFC 3986.
func escape(s string) string {
	var b strings.Builder

	for _, c := range []byte(s) {
		switch {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', strings.IndexByte("-_.~", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}

	return b.String()
}
