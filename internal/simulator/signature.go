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

	// signatureTime is the only form of X-Sdk-Date.
	signatureTime = "20060102T150405Z"
	// signatureTolerance is how far from the clock a signature may be dated.
	signatureTolerance = 15 * time.Minute

	authorizationHeader = "Authorization"
	signedHostHeader    = "host"
	signedDateHeader    = "X-Sdk-Date"
	contentHashHeader   = "X-Sdk-Content-Sha256"
	projectHeader       = "X-Project-Id"
	domainHeader        = "X-Domain-Id"
	securityTokenHeader = "X-Security-Token"

	// unsignedPayload stands for the hash of a body that is not signed.
	unsignedPayload = "UNSIGNED-PAYLOAD"
)

var signaturePattern = regexp.MustCompile(
	`^` + signatureAlgorithm + ` Access=([^, ]+), SignedHeaders=([^, ]*), Signature=([^, ]*)$`)

// signature is what the Authorization header of a signed request says.
type signature struct {
	accessKey string
	headers   []string // names of the headers it covers
	value     string   // in hexadecimal
}

// parseSignature reads an Authorization header.
func parseSignature(header string) (signature, bool) {
	m := signaturePattern.FindStringSubmatch(header)
	if m == nil {
		return signature{}, false
	}

	return signature{accessKey: m[1], headers: strings.Split(m[2], ";"), value: m[3]}, true
}

// credentialsOf returns the token of a request, or whether it claims to be signed:
// where there is a token, a signature does not count.
func credentialsOf(r *http.Request) (tokenID string, signed bool) {
	tokenID = r.Header.Get(authTokenHeader)

	return tokenID, tokenID == "" && strings.HasPrefix(r.Header.Get(authorizationHeader), signaturePrefix)
}

// verify says why this is no signature of the request with the secret key.
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
		return refuseSignature()
	}

	return nil
}

// refuseSignature is the refusal that does not tell a wrong secret key from an
// access key that does not exist.
func refuseSignature() *apiError { return refuseCredentials("verify aksk signature fail") }

// checkHeaders says why the signature covers too little, or more than there is.
//
// The vendor's signers sign what they are given: its Go client has not even the
// host signed. This is stricter: where a request goes, and what decides whether
// it may, must not be changeable on its way. A header that comes more than once
// has no single value to sign.
func (g signature) checkHeaders(r *http.Request) error {
	for i, name := range g.headers {
		if name != strings.ToLower(name) || i > 0 && name <= g.headers[i-1] {
			return refuseCredentials("the signed headers have to be in lower case, sorted and named once")
		}

		if name != signedHostHeader && len(r.Header.Values(name)) != 1 {
			return refuseCredentials("each signed header has to be there once")
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
			return refuseCredentials(name + " has to be signed")
		}
	}

	return nil
}

// checkSignatureDate says why a signature of this X-Sdk-Date is not taken now.
func checkSignatureDate(date string, now time.Time) error {
	t, err := time.Parse(signatureTime, date)
	// Parse accepts a fraction of the seconds, which is not in the form.
	if err != nil || t.Format(signatureTime) != date {
		return refuseCredentials(signedDateHeader + " is not of the form " + signatureTime)
	}

	if now.Sub(t).Abs() > signatureTolerance {
		return refuseCredentials(signedDateHeader + " is more than 15 minutes from the time of the gateway, " +
			now.UTC().Format(signatureTime))
	}

	return nil
}

// canonicalRequest is the text whose hash is signed: all of the request that the
// signature covers, in a form that does not depend on how it was sent.
func (g signature) canonicalRequest(r *http.Request, body []byte) (string, error) {
	query, err := canonicalQuery(r.URL.RawQuery)
	if err != nil {
		return "", err
	}

	hash, err := payloadHash(r, body)
	if err != nil {
		return "", err
	}

	var headers strings.Builder

	for _, name := range g.headers {
		value := r.Header.Get(name)
		if name == signedHostHeader {
			value = r.Host // net/http takes it out of the header.
		}

		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}

	return strings.Join([]string{
		r.Method, canonicalPath(r.URL.Path), query, headers.String(), strings.Join(g.headers, ";"), hash,
	}, "\n"), nil
}

// canonicalPath takes a path without escapes.
func canonicalPath(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		segments[i] = escape(segment)
	}

	return strings.TrimSuffix(strings.Join(segments, "/"), "/") + "/"
}

// canonicalQuery sorts by what the keys and values mean, not by how they are
// escaped.
func canonicalQuery(raw string) (string, error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return "", refuseCredentials("the query cannot be read")
	}

	var pairs []string

	for _, key := range slices.Sorted(maps.Keys(query)) {
		for _, value := range slices.Sorted(slices.Values(query[key])) {
			pairs = append(pairs, escape(key)+"="+escape(value))
		}
	}

	return strings.Join(pairs, "&"), nil
}

// escape leaves nothing as it is but the unreserved characters of RFC 3986.
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

// payloadHash returns what stands for the body in the canonical request. The
// sender may say it in a header; but a hash of another body is no signature of
// this one, and the vendor's signer does without one only if the body is
// declared as something else than JSON.
func payloadHash(r *http.Request, body []byte) (string, error) {
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])

	if len(r.Header.Values(contentHashHeader)) == 0 {
		return hash, nil
	}

	said, kind := r.Header.Get(contentHashHeader), r.Header.Get("Content-Type")
	unsigned := said == unsignedPayload && kind != "" &&
		!strings.Contains(kind, "application/json") && !strings.Contains(kind, "application/bson")

	if said != hash && !unsigned {
		return "", refuseCredentials(contentHashHeader + " is not the hash of the body")
	}

	return said, nil
}
