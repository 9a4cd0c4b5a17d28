package auth

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

const (
	testAccessKey = "ACCESSKEYEXAMPLE0001"
	testSecretKey = "SecretKeyExampleSecretKeyExample01234567"
)

// signingTime is not in UTC, and not in whole seconds.
var signingTime = time.Date(2026, 3, 1, 0, 30, 0, 999_999_999, time.FixedZone("CET", 3600))

func unsigned(t *testing.T, method, target, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// TestSignatures compares with the signatures of the SDK's signer for the same requests. tools/signatures writes the file.
func TestSignatures(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/signatures.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		MadeWith string `json:"made_with"`
		Vectors  []struct {
			Name, Method, URL, Body, Date, Authorization string

			AccessKey string `json:"access_key"`
			SecretKey string `json:"secret_key"`
			Headers   map[string]string
		}
	}
	if err := json.Unmarshal(content, &file); err != nil || len(file.Vectors) == 0 {
		t.Fatalf("%d vectors: %v", len(file.Vectors), err)
	}
	for _, v := range file.Vectors {
		now, err := time.Parse(dateFormat, v.Date)
		if err != nil {
			t.Fatal(err)
		}
		req := unsigned(t, v.Method, v.URL, v.Body)
		for name, value := range v.Headers {
			req.Header.Set(name, value)
		}
		sign(req, []byte(v.Body), v.AccessKey, v.SecretKey, now)
		if got := req.Header.Get("Authorization"); got != v.Authorization {
			t.Errorf("%s: %s makes\n%s and this is\n%s", v.Name, file.MadeWith, v.Authorization, got)
		}
	}
}

// TestSignedBytesArrive signs requests as a user or a catalog could have them, and worse, and verifies them like a server.
func TestSignedBytesArrive(t *testing.T) {
	t.Parallel()
	for _, odd := range []struct {
		method, target, body string
		header               http.Header
		host                 string // other than the server's
	}{
		{method: "GET"},
		{method: "POST", target: "/v1/p/visualization-jobs", body: `{"job_desc":"Größe & <b> \u003c 🚀"}`},
		{method: "PUT", target: "/v1?a=b", body: strings.Repeat("\x00ä\r\n", 100_000)},
		{target: "/?" + url.Values{
			"search_content": {"", " ", "a+b", "100%", "%20", "a&b=c", "/~*'", "Größe", "🚀", "\x00\xff\n", "\u00a0"}, "ä+ &=": {"1"}, "a": {"2", "10"}, "a-b": {""},
		}.Encode()},
		{target: "/?b=&a&c==d=&=e&=&&f=1&"},
		{target: "/?a=http://x/?b=c/../:@[]"},
		{target: "/a%20b+c/%25/~*'();:@&=$,!/%C3%A4🚀/%3F%23%5B%5D|^/%252F%FF%00/-._;x=1"},
		{target: "/a%2Fb%2f"},
		{target: "//a//./../b/"},
		{target: "/v1", host: "MA.Example.com:443"},
		{target: "/v1", host: "[2001:DB8::1]:80"},
		{target: "/", header: http.Header{
			"X-Project-Id": {"p"}, "X-Security-Token": {"a+/=="}, "X-A": {"1"}, "X-A-B": {"2"}, "X-A.b": {"3"}, "X-Empty": {""},
			"X-Under_Score": {"4"}, "User-Agent": {"x"}, "Content-Type": {"text/plain"}, "Accept": {"*/*"}, "Authorization": {"Basic eDp5"},
			"X-Sdk-Date": {"19991231T235959Z"}, "Host": {"not.sent.example.com"}, "Xx": {"5"}, "Ax-B": {"6"}, "X-Auth-Token": {"t"},
		}},
		// The SDK also removes white space that isn't ASCII, which arrives.
		{target: "/", header: http.Header{"X-A": {" \tb  \t c\t "}, "X-B": {"  "}, "X-C": {"\u2003d\u0085"}}},
	} {
		req := unsigned(t, odd.method, "https://ma.example.com"+odd.target, odd.body)
		req.Host = odd.host
		maps.Copy(req.Header, odd.header)
		want := req.Clone(t.Context())
		sign(req, []byte(odd.body), testAccessKey, testSecretKey, signingTime)
		for _, name := range []string{dateHeader, "Authorization"} {
			want.Header[name] = req.Header[name]
		}
		if diff := gocmp.Diff(want.Header, req.Header) + gocmp.Diff(want.URL, req.URL); diff != "" || req.Host != want.Host {
			t.Errorf("%s, headers and URL (-want +got):\n%s", req.Host, diff)
		}
		wantArrival(t, req, odd.body)
	}
}

// wantArrival sends a request, and verifies the received request like a server: its signature, and the signed headers.
func wantArrival(t *testing.T, req *http.Request, body string) {
	t.Helper()
	var wire bytes.Buffer
	if err := req.Write(&wire); err != nil {
		t.Fatal(err)
	}
	received, err := http.ReadRequest(bufio.NewReader(&wire))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(received.Body)
	if err != nil || string(content) != body {
		t.Fatalf("%q, %v", content, err)
	}
	want := []string{"host"}
	for name := range received.Header {
		if strings.HasPrefix(name, "X-") && !strings.Contains(name, "_") {
			want = append(want, strings.ToLower(name))
		}
	}
	slices.Sort(want)
	wantHeader(t, received.Header, map[string]string{dateHeader: "20260228T233000Z"})
	signature, canonical := signatureOf(received, content, want, testSecretKey)
	authorization := "SDK-HMAC-SHA256 Access=" + testAccessKey + ", SignedHeaders=" + strings.Join(want, ";") + ", Signature=" + signature
	if got := received.Header["Authorization"]; len(got) != 1 || got[0] != authorization {
		t.Errorf("Authorization: %q, want %q for\n%s", got, authorization, canonical)
	}
}

var reserved = regexp.MustCompile(`[^0-9A-Za-z._~-]`)

// signatureOf returns the signature that a server computes for a received request. It shares no code with the client.
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
	var pairs [][]string
	for _, pair := range strings.FieldsFunc(rawQuery, func(c rune) bool { return c == '&' }) {
		key, value, _ := strings.Cut(pair, "=")
		pairs = append(pairs, []string{decode(key, "%20"), decode(value, "%20")})
	}
	slices.SortFunc(pairs, slices.Compare[[]string])
	lines := []string{r.Method, path, ""}
	for i, pair := range pairs {
		lines[2] += strings.Repeat("&", min(i, 1)) + encode(pair[0]) + "=" + encode(pair[1])
	}
	for _, name := range names {
		values := slices.Clone(r.Header.Values(name))
		if name == "host" {
			values = []string{r.Host}
		}
		for _, value := range slices.Sorted(slices.Values(values)) {
			lines = append(lines, name+":"+strings.Trim(value, " \t")) // HTTP 2 wouldn't remove white space
		}
	}
	canonical = strings.Join(append(lines, "", strings.Join(names, ";"), fmt.Sprintf("%x", sha256.Sum256(body))), "\n")
	mac := hmac.New(sha256.New, []byte(secretKey))
	fmt.Fprintf(mac, "SDK-HMAC-SHA256\n%s\n%x", r.Header.Get("X-Sdk-Date"), sha256.Sum256([]byte(canonical)))
	return fmt.Sprintf("%x", mac.Sum(nil)), canonical
}
