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

// The algorithm is that of the "API Request Signing Guide"
// (support.huaweicloud.com, devg-apisign). Open Telekom Cloud shows no more of it
// than the finished header (docs.otc.t-systems.com, API Gateway, "Making an API
// Request"). What the guide leaves open is done as the SDK's signer does it:
// testdata/signatures.json is what that one makes.
const (
	signingAlgorithm = "SDK-HMAC-SHA256"
	// dateHeader has the time in UTC. The gateway refuses one more than 15 minutes off.
	dateHeader = "X-Sdk-Date"
	dateFormat = "20060102T150405Z"
)

// sign puts the signature of an access key onto req, over the bytes that are sent:
// body has to be all that req.Body gives, and the URL, the host and the X- headers
// are not to be changed any more. It changes no more than the headers X-Sdk-Date
// and Authorization. X-Auth-Token would be signed like every X- header; a caller
// who signs a request leaves it out, as it is the other way to say who we are.
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

// canonicalHeaders returns the names of the headers to sign, and a line for each of
// their values. These are the host and all that begins with X-: what else there is,
// net/http or a proxy may add to or rewrite on the way. A name with an underscore
// is left out as the SDK's signer leaves it out: nginx drops such a header.
//
// The host is what net/http sends, but for one in letters beyond ASCII or with an
// IPv6 zone, which it rewrites; the cloud has neither.
func canonicalHeaders(req *http.Request) (names, lines string) {
	headers := map[string][]string{"host": {cmp.Or(req.Host, req.URL.Host)}}
	for name, values := range req.Header {
		name = strings.ToLower(name)
		if !strings.HasPrefix(name, "x-") || strings.Contains(name, "_") {
			continue
		}
		// A name without a value is not sent, and two that differ in case are one.
		for _, value := range values {
			// This white space gets lost on the way, and no other.
			headers[name] = append(headers[name], strings.Trim(value, " \t"))
		}
	}
	sorted := slices.Sorted(maps.Keys(headers))
	var b strings.Builder
	for _, name := range sorted {
		slices.Sort(headers[name]) // a line for each, as the SDK's signer has it
		for _, value := range headers[name] {
			b.WriteString(name + ":" + value + "\n")
		}
	}
	return strings.Join(sorted, ";"), b.String()
}

// canonicalPath returns a decoded path, encoded and with a slash at its end. A slash
// that is sent as %2F counts as a slash: the SDK's code, be it to sign or to
// verify, takes the path decoded.
func canonicalPath(decoded string) string {
	path := strings.ReplaceAll(escape(decoded), "%2F", "/")
	if !strings.HasSuffix(path, "/") {
		path += "/"
	}
	return path
}

// canonicalQuery returns a query as sent, encoded in one way and sorted by the
// decoded keys, then by the decoded values. It leaves no part out, unlike
// url.ParseQuery: what cannot be decoded is signed as it stands.
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

// escape encodes all but the unreserved characters of RFC 3986.
func escape(s string) string {
	// A plus sign of s itself has become %2B.
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
