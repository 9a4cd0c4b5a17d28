// Command signatures makes the test vectors of internal/auth: requests as this
// provider sends them, signed by T-Systems' own code. Run it after a change of
// the requests or a new version of the SDK in go.mod:
//
//	cd tools/signatures && go run . > ../../internal/auth/testdata/signatures.json
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"runtime/debug"
	"strings"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/signer"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/request"
)

const (
	sdk = "github.com/huaweicloud/huaweicloud-sdk-go-v3"

	service = "https://modelarts.eu-de.otc.t-systems.com"
	iam     = "https://iam.eu-de.otc.t-systems.com/v3"
	project = "04f679b17380d32a2f32c00335c4b5ba"
	jobs    = service + "/v1/" + project + "/visualization-jobs"
)

// vector is a request and the header T-Systems' signer puts onto it.
type vector struct {
	Name          string            `json:"name"`
	Method        string            `json:"method"`
	URL           string            `json:"url"`
	Headers       map[string]string `json:"headers,omitempty"`
	Body          string            `json:"body,omitempty"`
	AccessKey     string            `json:"access_key"`
	SecretKey     string            `json:"secret_key"`
	Date          string            `json:"date"`
	Authorization string            `json:"authorization"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	vectors := requests()
	for i := range vectors {
		if err := vectors[i].sign(); err != nil {
			return fmt.Errorf("%s: %w", vectors[i].Name, err)
		}
	}
	version, err := sdkVersion()
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{"made_with": sdk + " " + version, "vectors": vectors})
}

func sdkVersion() (string, error) {
	info, ok := debug.ReadBuildInfo()
	if ok {
		for _, module := range info.Deps {
			if module.Path == sdk {
				return module.Version, nil
			}
		}
	}
	return "", errors.New("the version of the SDK is not known")
}

// sign fills in v.Authorization.
func (v *vector) sign() error {
	target, err := url.Parse(v.URL)
	if err != nil {
		return err
	}
	builder := request.NewHttpRequestBuilder().
		WithMethod(v.Method).
		WithEndpoint(target.Scheme+"://"+target.Host).
		WithPath(target.Path).
		// The signer signs the host only on request.
		AddHeaderParam("Host", target.Host).
		AddHeaderParam(signer.HeaderXDate, v.Date)
	if v.Body != "" {
		// A string goes out as it is. Anything else would be encoded again.
		builder.WithBody("", v.Body)
	}
	for name, value := range v.Headers {
		builder.AddHeaderParam(name, value)
	}
	for key, values := range target.Query() {
		builder.AddQueryParam(key, reflect.ValueOf(values))
	}
	req := builder.Build()
	headers, err := signer.Sign(req, v.AccessKey, v.SecretKey)
	if err != nil {
		return err
	}
	v.Authorization = headers[signer.HeaderAuthorization]

	// The SDK would send the same request as v. Otherwise, v would prove nothing.
	sent, err := req.ConvertRequest()
	if err != nil {
		return err
	}
	if sent.URL.Path != target.Path || !reflect.DeepEqual(sent.URL.Query(), target.Query()) {
		return fmt.Errorf("the SDK would send %s", sent.URL)
	}
	return nil
}

// requests returns the requests to sign. User-Agent and Accept are not among the headers:
// T-Systems' signer takes them in, and the provider's leaves them out.
func requests() []vector {
	get := func(name, url string) vector { return vector{Name: name, Method: "GET", URL: url} }
	list := func(search string) string {
		return jobs + "?" + url.Values{
			"per_page": {"1000"}, "page": {"1"}, "sortBy": {"job_id"}, "order": {"asc"}, "search_content": {search},
		}.Encode()
	}

	vectors := []vector{
		// The seven calls, as the client of this provider makes them.
		get("list", list("")),
		{Name: "create", Method: "POST", URL: jobs, Body: `{"job_name":"demo","train_url":"/bucket/logs/",` +
			`"job_desc":"Größe \u003c \u0026 \u2028 中文 🚀","flavor":{"code":"modelarts.tensorboard.cpu.small"}}`},
		get("get", jobs+"/4711"),
		{Name: "update", Method: "PUT", URL: jobs + "/4711", Body: `{"job_desc":"ä & <b>"}`},
		{Name: "delete", Method: "DELETE", URL: jobs + "/4711"},
		{Name: "stop", Method: "POST", URL: jobs + "/4711/stop"},
		{Name: "restart", Method: "POST", URL: jobs + "/4711/restart"},

		// IAM's.
		get("project", iam+"/projects?"+url.Values{"name": {"eu-de_my project"}}.Encode()),
		{
			Name: "project of a domain", Method: "GET", URL: iam + "/projects?domain_id=5d0c&name=eu-de",
			Headers: map[string]string{"X-Domain-Id": "5d0c"},
		},
		get("catalogue", iam+"/auth/catalog"),

		// Bodies and headers.
		{Name: "an empty object", Method: "POST", URL: jobs + "?a=b+c", Body: "{}"},
		{Name: "no JSON", Method: "POST", URL: jobs, Body: "\x00\r\n~ä\n"},
		{Name: "temporary key", Method: "GET", URL: jobs, Headers: map[string]string{
			"X-Project-Id": project, "X-Domain-Id": "5d0c", "X-Security-Token": strings.Repeat("gQpjbi1ub3J0a+/", 100) + "==",
		}},
		{Name: "other headers", Method: "PUT", URL: jobs + "/1", Headers: map[string]string{
			"X-A": "1", "X-A-B": "2", "X-Ab": "3", "X-A.b": "4", "x-lower": "ä", "X-Spaces": "  b  c \t", "X-Empty": "", "X-Under_Score": "5",
		}},

		// Hosts and paths.
		get("port", "http://127.0.0.1:8443/v1/p/visualization-jobs"),
		get("default port", "https://ma.example.com:443/v1/"),
		get("IPv6", "http://[2001:DB8::1]/v1"),
		get("upper case", "https://MA.Example.com"),
		get("prefix", "https://gateway.example.com/otc/eu-de/modelarts/v1/"+project+"/visualization-jobs/4711"),
		get("empty path and a query", service+"?a=b"),
		get("slash", service+"/"),
		get("characters of a path", service+"/a%20b+c/%25/~*'();:@&=$,!/%C3%A4%F0%9F%9A%80/%3F%23%5B%5D/%252F%FF/-._"),
		get("dots and slashes", service+"//a//b/./../c//"),

		// Queries.
		get("repeated keys", jobs+"?status=8&status=10&a=2&status=8&a=1&status="),
		get("order of keys", jobs+"?b=1&a0=2&a-b=3&a=4&B=5&a.b=6&aa=7&a=%21&%7E=8&%7B=9&%C3%A9=10&a%20b=11&a%2Bb=12&_=13"),
		get("order of values", jobs+"?a=%7E&a=z&a=%C3%A9&a=%20&a=%7B&a=A&a=10&a=9&a=%2B&a=-&a=_"),
		get("empty values", jobs+"?b=&a&c=1&search_content="),
		get("characters of keys", jobs+"?%C3%A4+%2B%25%26%3D%2F=1"),
		get("bytes that are no text", jobs+"?a=%FF%00%0A"),
	}
	for _, search := range []string{
		"two words", "a+b", "100% a%20b", "a&b=c/d", "~* a=b==", "Größe 中文 🚀", "'\"<>()[]{}|\\^`,;:@!$#?-._~",
	} {
		vectors = append(vectors, get("search for "+search, list(search)))
	}
	for i := range vectors {
		v := &vectors[i]
		v.AccessKey, v.SecretKey, v.Date = "ACCESSKEYEXAMPLE0001", "SecretKeyExampleSecretKeyExample01234567", "20260301T120000Z"
		if v.Headers == nil {
			v.Headers = map[string]string{"X-Project-Id": project}
		}
		v.Headers["Content-Type"] = "application/json" // neither signer takes it in
	}
	vectors[0].AccessKey, vectors[0].SecretKey, vectors[0].Date = "A", "s", "19991231T235959Z"
	vectors[1].SecretKey = strings.Repeat("longer than a block of SHA-256 ", 4)
	return vectors
}
