package auth

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The algorithm is documented in the "API Request Signing Guide" (support.huaweicloud.com, devg-apisign). Open Telekom Cloud documents
// only the finished header (docs.otc.t-systems.com, API Gateway, "Making an API Request"). Where the guide is incomplete, the code
// follows the signer of the SDK, which created the signatures in testdata/signatures.json.
const (
	signingAlgorithm = "SDK-HMAC-SHA256"
	// dateHeader has the time in UTC. The gateway rejects a time that is off by more than 15 minutes.
	dateHeader = "X-Sdk-Date"
	dateFormat = "20060102T150405Z"
)

// sign signs req with an access key. It sets only the headers X-Sdk-Date and Authorization. The body has to be the whole content of
// req.Body, and the caller must not change the URL, the host or the X- headers afterwards, because the signature covers them. The
// caller must not set X-Auth-Token, which authenticates in another way.
func sign(req *http.Request, body []byte, accessKey, secretKey string, now time.Time) {
	date := now.UTC().Format(dateFormat)
	req.Header.Set(dateHeader, date)
	names, headers := canonicalHeaders(req)
	canonical := strings.Join([]string{
		cmp.Or(req.Method, http.MethodGet), // net/http sends GET for no method
		canonicalPath(req.URL.Path),
		canonicalQuery(req.URL.RawQuery),
		headers,
		names,
		fmt.Sprintf("%x", sha256.Sum256(body)),
	}, "\n")

	mac := hmac.New(sha256.New, []byte(secretKey))
	fmt.Fprintf(mac, "%s\n%s\n%x", signingAlgorithm, date, sha256.Sum256([]byte(canonical)))
	req.Header.Set("Authorization", fmt.Sprintf("%s Access=%s, SignedHeaders=%s, Signature=%x",
		signingAlgorithm, accessKey, names, mac.Sum(nil)))
}

// canonicalHeaders returns the names of the headers to sign, and a line for each of their values. It returns the host and the headers
// that begin with X-, because net/http or a proxy can add or rewrite other headers. It omits names with an underscore, as the signer of
// the SDK does, because nginx drops such headers.
//
// The host is the one that net/http sends. net/http rewrites a host that isn't ASCII or has an IPv6 zone, but the cloud has no such
// host.
func canonicalHeaders(req *http.Request) (names, lines string) {
	headers := map[string][]string{"host": {cmp.Or(req.Host, req.URL.Host)}}
	for name, values := range req.Header {
		name = strings.ToLower(name)
		if !strings.HasPrefix(name, "x-") || strings.Contains(name, "_") {
			continue
		}
		// net/http sends no header without a value. Names that differ only in case are the same header.
		for _, value := range values {
			// Only this white space is lost in transit.
			headers[name] = append(headers[name], strings.Trim(value, " \t"))
		}
	}
	sorted := slices.Sorted(maps.Keys(headers))
	var b strings.Builder
	for _, name := range sorted {
		slices.Sort(headers[name]) // one line for each value, as in the signer of the SDK
		for _, value := range headers[name] {
			b.WriteString(name + ":" + value + "\n")
		}
	}
	return strings.Join(sorted, ";"), b.String()
}

// canonicalPath returns the encoded form of a decoded path, with a slash at its end. It doesn't encode a slash that is sent as %2F,
// because the SDK decodes the path before it signs or verifies.
func canonicalPath(decoded string) string {
	path := strings.ReplaceAll(escape(decoded), "%2F", "/")
	if !strings.HasSuffix(path, "/") {
		path += "/"
	}
	return path
}

// canonicalQuery returns a query in the canonical encoding, sorted by the decoded keys and then by the decoded values. Unlike
// url.ParseQuery, it keeps a part that can't be decoded, unchanged.
func canonicalQuery(raw string) string {
	var parameters [][]string
	for parameter := range strings.SplitSeq(raw, "&") {
		if parameter != "" {
			key, value, _ := strings.Cut(parameter, "=")
			parameters = append(parameters, []string{unescape(key), unescape(value)})
		}
	}
	slices.SortFunc(parameters, slices.Compare[[]string])
	encoded := make([]string, len(parameters))
	for i, p := range parameters {
		encoded[i] = escape(p[0]) + "=" + escape(p[1])
	}
	return strings.Join(encoded, "&")
}

func unescape(s string) string {
	if decoded, err := url.QueryUnescape(s); err == nil {
		return decoded
	}
	return s
}

// escape percent-encodes all characters except the unreserved ones of RFC 3986.
func escape(s string) string {
	// A plus sign in s is %2B by now.
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
