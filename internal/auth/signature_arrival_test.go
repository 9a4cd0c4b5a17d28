package auth

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestServersSide checks signatureOf with the example of the API Request Signing Guide, the
// only one there is with its keys.
func TestServersSide(t *testing.T) {
	t.Parallel()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(
		"GET /v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0 HTTP/1.1\r\n" +
			"Host: service.region.example.com\r\nContent-Type: application/json\r\nX-Sdk-Date: 20191115T033655Z\r\n\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"content-type", "host", "x-sdk-date"}
	got, canonical := signatureOf(r, nil, names, "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc")
	if got != "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe" {
		t.Errorf("%s of\n%s", got, canonical)
	}
}

// FuzzSign signs requests of any kind, and verifies what arrives.
func FuzzSign(f *testing.F) {
	for _, odd := range oddRequests {
		path, query, _ := strings.Cut(strings.TrimPrefix(odd.target, "/"), "?")
		f.Add(path, query, "Project-Id", "p", "{}")
	}
	f.Add("", "", "a_b", " \t\u00a0", "")
	f.Add("a%2Fb", "a=%", "", "", "\x00")
	f.Fuzz(func(t *testing.T, path, query, name, value, body string) {
		target := &url.URL{Scheme: "https", Host: "ma.example.com", Path: "/" + path, RawQuery: url.Values{query: {name, value}, "a": {body}}.Encode()}
		if parsed, err := url.Parse("https://ma.example.com/" + path); err == nil {
			target.Path, target.RawPath = parsed.Path, parsed.RawPath
		}
		req := &http.Request{
			Method: http.MethodPut, URL: target, Header: http.Header{"Content-Type": {"text/plain"}, "X-" + name: {value}},
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		}
		sign(req, []byte(body), testAccessKey, testSecretKey, signingTime)
		if !sendableName.MatchString(name) || !sendableValue.MatchString(value) {
			return
		}
		wantArrival(t, req, body)
	})
}

// wantArrival sends a request, and checks that a server verifies its signature.
func wantArrival(t *testing.T, req *http.Request, body string) {
	t.Helper()
	var wire bytes.Buffer
	if err := req.Write(&wire); err != nil {
		t.Fatal(err)
	}
	arrived, err := http.ReadRequest(bufio.NewReader(&wire))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(arrived.Body)
	if err != nil || string(content) != body {
		t.Fatalf("%q, %v", content, err)
	}
	verify(t, arrived, content)
}

// What net/http refuses to send, or sends as a request that is none.
var (
	sendableName  = regexp.MustCompile(`^[0-9A-Za-z!#$%&'*+.^_|~-]*$`)
	sendableValue = regexp.MustCompile(`^[^\x00-\x08\x0a-\x1f\x7f]*$`)
)

func unsigned(t testing.TB, method, target, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func signed(req *http.Request, body string) string {
	sign(req, []byte(body), testAccessKey, testSecretKey, signingTime)
	return req.Header.Get("Authorization")
}

var authorizationForm = regexp.MustCompile(`^SDK-HMAC-SHA256 Access=` + testAccessKey + `, SignedHeaders=(\S+), Signature=([0-9a-f]{64})$`)

// verify checks what arrived as a server does, and that all is signed that should be.
func verify(t *testing.T, r *http.Request, body []byte) {
	t.Helper()
	given := authorizationForm.FindStringSubmatch(strings.Join(r.Header["Authorization"], "\n"))
	if given == nil {
		t.Fatalf("Authorization: %q", r.Header["Authorization"])
	}
	want := []string{"host"}
	for name := range r.Header {
		if strings.HasPrefix(name, "X-") && !strings.Contains(name, "_") {
			want = append(want, strings.ToLower(name))
		}
	}
	slices.Sort(want)
	if given[1] != strings.Join(want, ";") {
		t.Errorf("signed are %s, not %q", given[1], want)
	}
	if got, canonical := signatureOf(r, body, strings.Split(given[1], ";"), testSecretKey); got != given[2] {
		t.Errorf("the signature is not that of\n%s", canonical)
	}
}

var reserved = regexp.MustCompile(`[^0-9A-Za-z._~-]`)

// signatureOf is the other side: what a server computes of what it read, with no
// code of the client's.
func signatureOf(r *http.Request, body []byte, names []string, secretKey string) (signature, canonical string) {
	encode := func(s string) string {
		return reserved.ReplaceAllStringFunc(s, func(character string) string {
			return "%" + strings.ReplaceAll(fmt.Sprintf("% X", character), " ", "%")
		})
	}
	decode := func(s, plus string) string {
		if decoded, err := url.PathUnescape(strings.ReplaceAll(s, "+", plus)); err == nil {
			return decoded
		}
		return s
	}
	rawPath, rawQuery, _ := strings.Cut(r.RequestURI, "?")
	var path string
	for segment := range strings.SplitSeq(strings.TrimSuffix(decode(rawPath, "+"), "/"), "/") {
		path += encode(segment) + "/"
	}
	var pairs [][2]string
	for _, pair := range strings.FieldsFunc(rawQuery, func(c rune) bool { return c == '&' }) {
		key, value, _ := strings.Cut(pair, "=")
		pairs = append(pairs, [2]string{decode(key, "%20"), decode(value, "%20")})
	}
	slices.SortFunc(pairs, func(a, b [2]string) int {
		if a[0] != b[0] {
			return strings.Compare(a[0], b[0])
		}
		return strings.Compare(a[1], b[1])
	})
	lines := []string{r.Method, path, ""}
	for i, pair := range pairs {
		lines[2] += strings.Repeat("&", min(i, 1)) + encode(pair[0]) + "=" + encode(pair[1])
	}
	for _, name := range names {
		var values []string
		for _, value := range r.Header.Values(name) {
			values = append(values, strings.Trim(value, " \t")) // HTTP 2 would be taken as it is
		}
		if name == "host" {
			values = []string{r.Host}
		}
		for _, value := range slices.Sorted(slices.Values(values)) {
			lines = append(lines, name+":"+value)
		}
	}
	canonical = strings.Join(append(lines, "", strings.Join(names, ";"), fmt.Sprintf("%x", sha256.Sum256(body))), "\n")
	mac := hmac.New(sha256.New, []byte(secretKey))
	fmt.Fprintf(mac, "SDK-HMAC-SHA256\n%s\n%x", r.Header.Get("X-Sdk-Date"), sha256.Sum256([]byte(canonical)))
	return fmt.Sprintf("%x", mac.Sum(nil)), canonical
}
