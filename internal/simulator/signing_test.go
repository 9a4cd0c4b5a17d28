package simulator_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const (
	wrongSignature = "verify aksk signature fail"
	dateFormat     = "20060102T150405Z"
)

// rejectedSignature is the response to a request whose signature the gateway refuses.
func rejectedSignature(reason string) string {
	return "401 gateway APIGW.0301: Incorrect IAM authentication information: " + reason
}

// key is an access key with its secret key.
type key struct{ access, secret string }

var permanentKey = key{simulator.DefaultAccessKey, simulator.DefaultSecretKey}

// signing is a request to sign. The test states the canonical path and query, so that they
// aren't computed from the request as the simulator does.
type signing struct {
	key                 key
	method, path, query string // canonical
	body                string
	hash                string // of the body by default
	date                string
	header              map[string]string // signed as well, names in lower case
}

// signing returns a request of the user without a query, dated now.
func (f *fixture) signing(method, path, body string) signing {
	return signing{
		key: permanentKey, method: method, path: path + "/", body: body, date: f.clock.Now().Format(dateFormat),
		header: make(map[string]string),
	}
}

// jobsSigning returns a list request for the project.
func (f *fixture) jobsSigning() signing {
	g := f.signing("GET", projectJobs, "")
	g.header["x-project-id"] = simulator.DefaultProjectID

	return g
}

// authorization returns the value of the header.
func (g signing) authorization() string {
	signed := map[string]string{"host": "example.com", "x-sdk-date": g.date}
	maps.Copy(signed, g.header)

	names := slices.Sorted(maps.Keys(signed))
	text := g.method + "\n" + g.path + "\n" + g.query + "\n"

	for _, name := range names {
		text += name + ":" + signed[name] + "\n"
	}

	hash := g.hash
	if hash == "" {
		hash = fmt.Sprintf("%x", sha256.Sum256([]byte(g.body)))
	}

	text += "\n" + strings.Join(names, ";") + "\n" + hash

	mac := hmac.New(sha256.New, []byte(g.key.secret))
	fmt.Fprintf(mac, "SDK-HMAC-SHA256\n%s\n%x", g.date, sha256.Sum256([]byte(text)))

	return fmt.Sprintf("SDK-HMAC-SHA256 Access=%s, SignedHeaders=%s, Signature=%x",
		g.key.access, strings.Join(names, ";"), mac.Sum(nil))
}

// request returns the signed request for target.
func (g signing) request(target string) *http.Request {
	r := httptest.NewRequest(g.method, target, strings.NewReader(g.body))
	r.Header.Set("X-Sdk-Date", g.date)
	r.Header.Set("Authorization", g.authorization())

	for name, value := range g.header {
		r.Header.Set(name, value)
	}

	return r
}

// list sends a signed list request.
func (f *fixture) signedList(k key) response {
	f.t.Helper()

	g := f.jobsSigning()
	g.key = k

	if k.access == simulator.DefaultTemporaryAccessKey {
		g.header["x-security-token"] = simulator.DefaultSecurityToken
	}

	return f.do(g.request(projectJobs))
}

// signedGet sends a request to IAM that is signed with the permanent key and has these headers.
func (f *fixture) signedGet(target string, header map[string]string) response {
	f.t.Helper()

	path, query, _ := strings.Cut(target, "?")
	g := f.signing("GET", path, "")
	g.query, g.header = query, header

	return f.do(g.request(target))
}

// wantFailures checks the number of refused requests.
func (f *fixture) wantFailures(accessKey string, want int) {
	f.t.Helper()

	if got := f.KeyFailures(accessKey); got != want {
		f.t.Errorf("%d failures of %s, want %d", got, accessKey, want)
	}
}

// skewed returns the clock's time plus d as a date to sign.
func (f *fixture) skewed(d time.Duration) string { return f.clock.Now().Add(d).Format(dateFormat) }
