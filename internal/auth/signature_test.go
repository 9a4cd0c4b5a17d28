package auth

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	testAccessKey = "ACCESSKEYEXAMPLE0001"
	testSecretKey = "SecretKeyExampleSecretKeyExample01234567"
)

// signingTime is not in UTC, and not in whole seconds.
var signingTime = time.Date(2026, 3, 1, 0, 30, 0, 999_999_999, time.FixedZone("CET", 3600))

// TestSignatures compares with the signatures of the SDK's signer for the same
// requests. tools/signatures writes the file.
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
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
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
				t.Errorf("%s makes\n%s and this is\n%s", file.MadeWith, v.Authorization, got)
			}
		})
	}
}

// oddRequests are written as a user or a catalog could have it, and worse.
var oddRequests = []struct {
	name   string
	method string
	target string // path and query
	body   string
	header http.Header
	host   string // other than the server's
}{
	{name: "nothing", method: "GET"},
	{name: "a method of its own", method: "Purge", target: "/v1/"},
	{name: "JSON", method: "POST", target: "/v1/p/visualization-jobs", body: `{"job_desc":"Größe & <b> \u003c 🚀"}`},
	{name: "a large body", method: "PUT", target: "/v1?a=b", body: strings.Repeat("\x00ä\r\n", 100_000)},
	{name: "values encoded by net/url", target: "/?" + url.Values{
		"search_content": {"", " ", "a+b", "100%", "%20", "a&b=c", "/~*'", "Größe", "🚀", "\x00\xff\n", "\u00a0"}, "ä+ &=": {"1"}, "a": {"2", "10"}, "a-b": {""},
	}.Encode()},
	{name: "keys and values", target: "/?b=&a&c==d=&=e&=&&f=1&"},
	{name: "keys before values", target: "/?a%00=0&a=z&a!=1&a=&aa=&a-b=2&a&a=%00"},
	{name: "a query with more of a URL in it", target: "/?a=http://x/?b=c/../:@[]"},
	{name: "a path of all kinds", target: "/a%20b+c/%25/~*'();:@&=$,!/%C3%A4🚀/%3F%23%5B%5D|^/%252F%FF%00/-._;x=1"},
	{name: "a path with a slash encoded", target: "/a%2Fb%2f"},
	{name: "a path with dots and slashes", target: "//a//./../b/"},
	{name: "a star", target: "/*"},
	{name: "another host", target: "/v1", host: "MA.Example.com:443"},
	{name: "IPv6", target: "/v1", host: "[2001:DB8::1]:80"},
	{name: "headers", target: "/", header: http.Header{
		"X-Project-Id": {"p"}, "X-Security-Token": {"a+/=="}, "X-A": {"1"}, "X-A-B": {"2"}, "X-A.b": {"3"}, "X-Empty": {""},
		"X-Under_Score": {"4"}, "User-Agent": {"x"}, "Content-Type": {"text/plain"}, "Accept": {"*/*"}, "Authorization": {"Basic eDp5"},
		"X-Sdk-Date": {"19991231T235959Z"}, "Host": {"not.sent.example.com"}, "Xx": {"5"}, "Ax-B": {"6"}, "X-Auth-Token": {"t"},
	}},
	// The SDK's code takes away white space beyond ASCII, too, which arrives.
	{name: "white space of headers", target: "/", header: http.Header{"X-A": {" \tb  \t c\t "}, "X-B": {"  "}, "X-C": {"\u2003d\u0085", "\u00a0"}}},
}

func TestSignedBytesArrive(t *testing.T) {
	t.Parallel()
	for _, odd := range oddRequests {
		t.Run(odd.name, func(t *testing.T) {
			t.Parallel()
			req := unsigned(t, odd.method, "https://ma.example.com"+odd.target, odd.body)
			req.Host = odd.host
			maps.Copy(req.Header, odd.header)
			signed(req, odd.body)
			wantArrival(t, req, odd.body)
		})
	}
}

func TestSignLeavesTheRestAlone(t *testing.T) {
	t.Parallel()
	const body = "body"
	req := unsigned(t, http.MethodPost, "https://ma.example.com/b%2Fa?b=1&a=+%2f&%zz", body)
	req.Header = http.Header{"X-Values": {" b", "a"}, "Accept": {"z", "y"}, "X-Under_Score": {"1"}, "Authorization": {"old", "older"}}
	target, header := *req.URL, req.Header.Clone()
	first := signed(req, body)
	if again := signed(req, body); again != first {
		t.Errorf("signed again: %s, and first: %s", again, first)
	}
	header["Authorization"], header["X-Sdk-Date"] = []string{first}, []string{"20260228T233000Z"}
	if diff := cmp.Diff(header, req.Header); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(target, *req.URL); diff != "" || req.Host != "ma.example.com" {
		t.Errorf("%s, URL (-want +got):\n%s", req.Host, diff)
	}
	if read, err := io.ReadAll(req.Body); string(read) != body || err != nil {
		t.Errorf("%q, %v is left of the body", read, err)
	}
	if strings.Contains(fmt.Sprint(req), testSecretKey) {
		t.Errorf("the secret key is in %v", req)
	}
}

// BenchmarkSign signs what a refresh sends: a list has no body.
func BenchmarkSign(b *testing.B) {
	req := unsigned(b, http.MethodGet, "https://ma.example.com/v1/"+projectID+"/visualization-jobs?page=1&per_page=1000", "")
	req.Header.Set(projectHeader, projectID)
	b.ReportAllocs()
	for b.Loop() {
		sign(req, nil, testAccessKey, testSecretKey, signingTime)
	}
}
