package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const (
	expired        = "401 gateway APIGW.0307: The token must be updated."
	noCredentials  = "401 gateway APIGW.0301: Incorrect IAM authentication information: X-Auth-Token and Authorization are missing"
	unknownAPIText = "404 gateway APIGW.0101: The API does not exist or is not published in this environment: "
)

// TestCredentials sends headers with list requests. The header Sign has the project that a
// request is signed for; the other headers are not signed.
func TestCredentials(t *testing.T) {
	const own, other = simulator.DefaultProjectID, simulator.DefaultDelegatedProjectID

	f := newFixture(t, simulator.Options{})
	wrongForm := refusedSignature("the Authorization header is not of the form " +
		"SDK-HMAC-SHA256 Access=..., SignedHeaders=..., Signature=...")

	for _, c := range []struct {
		project, want string
		header        []string
	}{
		{own, "200", []string{"X-Auth-Token", f.token}},
		{own, noCredentials, nil},
		{own, expired, []string{"X-Auth-Token", "other"}},
		{"other", otherProject, []string{"X-Auth-Token", f.token}},

		{own, "200", []string{"Sign", own}},
		{own, forbidden, []string{"Sign", ""}},
		{"other", forbidden, []string{"Sign", "other"}},
		{"other", otherProject, []string{"Sign", own}},
		{other, forbidden, []string{"Sign", other}},

		// A token takes precedence over the signature.
		{own, expired, []string{"Sign", own, "X-Auth-Token", "other"}},
		{own, "200", []string{"Sign", own, "X-Auth-Token", f.token, "X-Sdk-Date", "wrong"}},

		{own, noCredentials, []string{"Authorization", "Basic YTpi"}},
		{own, noCredentials, []string{"Authorization", "SDK-HMAC-SHA256"}},
		{own, wrongForm, []string{"Authorization", "SDK-HMAC-SHA256 Credential=a//s/sdk_request, SignedHeaders=host, Signature=0"}},
		{own, wrongForm, []string{"Authorization", "SDK-HMAC-SHA256 Access=, SignedHeaders=host, Signature=0"}},
		{own, wrongForm, []string{"Authorization", "SDK-HMAC-SHA256 Access=a, Signature=0"}},
		{own, wrongForm, []string{"Authorization", "SDK-HMAC-SHA256 Access=a, SignedHeaders=host"}},
		{own, wrongForm, []string{"Authorization", "SDK-HMAC-SHA256 Access=a, SignedHeaders=host, Signature=0, Signature=0"}},
	} {
		path := "/v1/" + c.project + jobs
		r := httptest.NewRequest("GET", path, http.NoBody)

		for i := 0; i+1 < len(c.header); i += 2 {
			if c.header[i] == "Sign" {
				g := f.signing("GET", path, "")
				if c.header[i+1] != "" {
					g.header["x-project-id"] = c.header[i+1]
				}

				r = g.request(path)

				continue
			}

			r.Header.Set(c.header[i], c.header[i+1])
		}

		f.do(r).want(t, c.want)
	}

	f.wantFailures(simulator.DefaultAccessKey, 0)
	f.wantFailures("a", 0)
}

func TestTokensExpireAndCanBeRevoked(t *testing.T) {
	f := newFixture(t, simulator.Options{TokenLifetime: time.Hour})

	f.clock.Advance(time.Hour - time.Nanosecond)
	f.request("GET", jobs, "").want(t, "200")
	f.clock.Advance(time.Nanosecond)
	f.request("GET", jobs, "").want(t, expired)
	f.send("GET", "/v3/projects", "", "X-Auth-Token", f.token).want(t, unauthorized)

	f.token = f.IssueToken()
	f.succeed("GET", jobs, "")
	f.RevokeTokens()
	f.request("POST", jobs, plainJob).want(t, expired)

	if n := len(f.Jobs()); n != 0 {
		t.Errorf("%d jobs, want none", n)
	}

	f.token = f.IssueToken()
	f.succeed("POST", jobs, plainJob)
}

func TestUnknownAPI(t *testing.T) {
	f := newFixture(t, simulator.Options{})

	for _, request := range [][2]string{
		{"GET", "/v2/" + simulator.DefaultProjectID + jobs},
		{"GET", "/v1/" + projectJobs},
		{"GET", "/" + projectJobs},
		{"GET", projectJobs + "/"},
		{"GET", projectJobs + "/1/stop"},
		{"PATCH", projectJobs + "/1"},
		{"POST", "/"},
		{"GET", "/v10"},
	} {
		f.send(request[0], "http://example.com"+request[1], "", "X-Auth-Token", f.token).
			want(t, unknownAPIText+request[0]+" "+request[1])
	}
}

func TestBodyLimit(t *testing.T) {
	f := newFixture(t, simulator.Options{})
	padding := strings.Repeat(" ", 1<<20-len(plainJob))

	f.succeed("POST", jobs, plainJob+padding)
	f.request("POST", jobs, plainJob+padding+" ").
		want(t, "413 gateway APIGW.0201: Bad request: read request body: http: request body too large")

	if n := len(f.Jobs()); n != 1 {
		t.Errorf("%d jobs, want 1", n)
	}
}

func TestRateLimit(t *testing.T) {
	for _, c := range []struct {
		window, until      time.Duration
		retryAfter, status string
	}{
		{0, time.Second, "1", "429 gateway APIGW.0308: The throttling threshold has been reached: 2 requests per second"},
		{
			20 * time.Second, 20 * time.Second, "",
			"429 gateway APIGW.0308: policy user over ratelimit,limit:2,time:20 second",
		},
	} {
		f := newFixture(t, simulator.Options{RateLimit: 2, RateWindow: c.window})

		for range 2 {
			f.succeed("GET", jobs, "")
		}

		for _, wait := range []time.Duration{0, c.until - time.Nanosecond} {
			f.clock.Advance(wait)

			r := f.request("POST", jobs, plainJob)
			r.want(t, c.status)

			if got := strings.Join(r.header["Retry-After"], ","); got != c.retryAfter || len(f.Jobs()) != 0 {
				t.Errorf("Retry-After %q, %d jobs", got, len(f.Jobs()))
			}
		}

		f.logIn(byID, projectByID).want(t, "201") // There is no limit for IAM.
		f.clock.Advance(time.Nanosecond)
		f.succeed("POST", jobs, plainJob)
	}
}
