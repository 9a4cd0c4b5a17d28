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
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const (
	ownJobs    = "/v1/" + simulator.DefaultProjectID + jobs
	wrongKey   = "verify aksk signature fail"
	dateFormat = "20060102T150405Z"
)

// signing is a request to be signed. Its canonical path and query are written
// down by the test, and are not worked out from what is sent.
type signing struct {
	method, path, query string // canonical
	body                string
	hash                string // of the body by default
	date                string
	header              map[string]string // signed as well, names in lower case

	accessKey, secretKey string // the permanent ones by default
}

// authorization returns the value of the header.
func (g signing) authorization() string {
	covered := map[string]string{"host": "example.com", "x-sdk-date": g.date}
	maps.Copy(covered, g.header)

	names := slices.Sorted(maps.Keys(covered))
	text := g.method + "\n" + g.path + "\n" + g.query + "\n"

	for _, name := range names {
		text += name + ":" + covered[name] + "\n"
	}

	hash := g.hash
	if hash == "" {
		hash = fmt.Sprintf("%x", sha256.Sum256([]byte(g.body)))
	}

	text += "\n" + strings.Join(names, ";") + "\n" + hash

	accessKey, secretKey := g.accessKey, g.secretKey
	if accessKey == "" {
		accessKey, secretKey = simulator.DefaultAccessKey, simulator.DefaultSecretKey
	}

	mac := hmac.New(sha256.New, []byte(secretKey))
	fmt.Fprintf(mac, "SDK-HMAC-SHA256\n%s\n%x", g.date, sha256.Sum256([]byte(text)))

	return fmt.Sprintf("SDK-HMAC-SHA256 Access=%s, SignedHeaders=%s, Signature=%x",
		accessKey, strings.Join(names, ";"), mac.Sum(nil))
}

// request returns what is sent to target.
func (g signing) request(t *testing.T, target string) *http.Request {
	t.Helper()

	r := httptest.NewRequestWithContext(t.Context(), g.method, target, strings.NewReader(g.body))
	r.Header.Set("X-Sdk-Date", g.date)
	r.Header.Set("Authorization", g.authorization())

	for name, value := range g.header {
		r.Header.Set(name, value)
	}

	return r
}

// signing returns a request of the user for the user's project, dated now. The
// canonical query is empty.
func (b *bench) signing(method, path, body string) signing {
	return signing{
		method: method, path: path + "/", body: body, date: b.clock.Now().Format(dateFormat),
		header: map[string]string{"x-project-id": simulator.DefaultProjectID},
	}
}

// signed sends a ModelArts request with a right signature.
func (b *bench) signed(method, path, body string) reply {
	b.t.Helper()

	return b.do(b.signing(method, ownJobs+path, body).request(b.t, ownJobs+path))
}

// wrong sends a ModelArts request with the right access key and a signature that
// is wrong.
func (b *bench) wrong() reply {
	b.t.Helper()

	g := b.signing("GET", ownJobs, "")
	g.accessKey, g.secretKey = simulator.DefaultAccessKey, "wrong"

	return b.do(g.request(b.t, ownJobs))
}

// do has the simulator answer the request.
func (b *bench) do(r *http.Request) reply {
	b.t.Helper()

	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)

	return reply{w.Code, w.Header(), object(b.t, w.Body.Bytes())}
}

// wantStatus checks the status alone.
func (r reply) wantStatus(t *testing.T, status int) {
	t.Helper()

	if r.status != status {
		t.Errorf("status = %d, want %d: %v", r.status, status, r.body)
	}
}

// wantUnsigned checks for the gateway's refusal of a signature.
func (r reply) wantUnsigned(t *testing.T, reason string) {
	t.Helper()

	r.want(t, http.StatusUnauthorized,
		gatewayRefusal(r, "APIGW.0301", "Incorrect IAM authentication information: "+reason))
}

// wantFailures checks the count of refused requests.
func (b *bench) wantFailures(accessKey string, want int) {
	b.t.Helper()

	if got := b.KeyFailures(accessKey); got != want {
		b.t.Errorf("%d failures of %s, want %d", got, accessKey, want)
	}
}

// skewed returns the clock's time and d as a date to sign.
func (b *bench) skewed(d time.Duration) string { return b.clock.Now().Add(d).UTC().Format(dateFormat) }
