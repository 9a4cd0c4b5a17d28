package simulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// gatewayRefusal is the body of a refusal by the gateway.
func gatewayRefusal(r reply, code, message string) string {
	return `{"error_code":"` + code + `","error_msg":"` + message + `","request_id":"` +
		r.header.Get("X-Request-Id") + `"}`
}

func TestAuthentication(t *testing.T) {
	t.Parallel()

	const path = "/v1/" + simulator.DefaultProjectID + jobs

	b := newBench(t, simulator.Options{})

	r := b.send("GET", path, "")
	r.want(t, http.StatusUnauthorized, gatewayRefusal(r, "APIGW.0301",
		"Incorrect IAM authentication information: X-Auth-Token and Authorization are missing"))

	r = b.send("GET", path, "", "Authorization", "SDK-HMAC-SHA256 Access=a, SignedHeaders=host, Signature=s")
	r.want(t, http.StatusUnauthorized, gatewayRefusal(r, "APIGW.0301",
		"Incorrect IAM authentication information: verify aksk signature fail"))

	r = b.send("GET", path, "", "X-Auth-Token", "other")
	r.want(t, http.StatusUnauthorized, gatewayRefusal(r, "APIGW.0307", "The token must be updated."))

	b.send("GET", "/v1/other"+jobs, "", "X-Auth-Token", b.token).wantRefusal(t, http.StatusForbidden,
		"ModelArts.0210", "The project of the URL is not that of the credentials.")
}

func TestTokensExpireByTheClock(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{TokenLifetime: time.Hour})

	b.clock.Advance(time.Hour - time.Nanosecond)

	if r := b.call("GET", jobs, ""); r.status != http.StatusOK {
		t.Errorf("before its end: %d %v", r.status, r.body)
	}

	b.clock.Advance(time.Nanosecond)

	r := b.call("GET", jobs, "")
	r.want(t, http.StatusUnauthorized, gatewayRefusal(r, "APIGW.0307", "The token must be updated."))
	b.send("GET", "/v3/projects", "", "X-Auth-Token", b.token).want(t, http.StatusUnauthorized, unauthorized)

	b.token = b.IssueToken()
	if r := b.call("GET", jobs, ""); r.status != http.StatusOK {
		t.Errorf("with a new token: %d %v", r.status, r.body)
	}
}

func TestRevokeTokens(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})
	b.RevokeTokens()

	if r := b.call("POST", jobs, plainJob); r.status != http.StatusUnauthorized || len(b.Jobs()) != 0 {
		t.Errorf("with a revoked token: %d %v", r.status, r.body)
	}

	b.token = b.IssueToken()
	b.accept("POST", jobs, plainJob)
}

func TestUnknownAPI(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})

	for _, call := range [][2]string{
		{"GET", "/v2/" + simulator.DefaultProjectID + jobs},
		{"GET", "/v1/v1/" + simulator.DefaultProjectID + jobs},
		{"GET", "//v1/" + simulator.DefaultProjectID + jobs},
		{"GET", "/v1/" + simulator.DefaultProjectID + jobs + "/"},
		{"GET", "/v1/" + simulator.DefaultProjectID + jobs + "/1/stop"},
		{"PATCH", "/v1/" + simulator.DefaultProjectID + jobs + "/1"},
		{"POST", "/"},
		{"GET", "/v10"},
	} {
		r := b.send(call[0], "http://example.com"+call[1], "", "X-Auth-Token", b.token)
		r.want(t, http.StatusNotFound, gatewayRefusal(r, "APIGW.0101",
			"The API does not exist or is not published in this environment: "+call[0]+" "+call[1]))
	}
}

func TestEveryAnswerHasIDAndDate(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})
	seen := make(map[string]bool)

	for _, target := range []string{
		"/", "/v3", "/v3/nothing", "/v3/projects", "/v3/auth/catalog", "/nothing", "/v1/p" + jobs, ownJobs,
	} {
		header := b.send("GET", target, "").header

		id := header.Get("X-Request-Id")
		if len(id) != 32 || seen[id] {
			t.Errorf("%s: X-Request-Id %q", target, id)
		}

		seen[id] = true

		if got, want := header.Get("Date"), "Sun, 01 Mar 2026 12:00:00 GMT"; got != want {
			t.Errorf("%s: Date %q, want %q", target, got, want)
		}

		if got := header.Get("Content-Type"); got != "application/json" {
			t.Errorf("%s: Content-Type %q", target, got)
		}
	}
}

func TestLargeBody(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})
	padding := strings.Repeat(" ", 1<<20-len(plainJob))

	b.accept("POST", jobs, plainJob+padding)

	r := b.call("POST", jobs, plainJob+padding+" ")
	r.want(t, http.StatusRequestEntityTooLarge, gatewayRefusal(r, "APIGW.0201",
		"Bad request: read request body: http: request body too large"))

	if got := len(b.Jobs()); got != 1 {
		t.Errorf("%d jobs, want 1", got)
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{RateLimit: 2})

	for range 2 {
		b.accept("GET", jobs, "")
	}

	r := b.call("POST", jobs, plainJob)
	r.want(t, http.StatusTooManyRequests, gatewayRefusal(r, "APIGW.0308",
		"The throttling threshold has been reached: 2 requests per second"))

	if r.header.Get("Retry-After") != "1" || len(b.Jobs()) != 0 {
		t.Errorf("Retry-After %q, %d jobs", r.header.Get("Retry-After"), len(b.Jobs()))
	}

	if r := b.logIn(byID, projectByID); r.status != http.StatusCreated {
		t.Errorf("IAM is limited too: %d", r.status)
	}

	b.clock.Advance(time.Second)
	b.accept("POST", jobs, plainJob)
}
