package simulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const (
	expired        = "401 gateway APIGW.0307: The token must be updated."
	noCredentials  = "401 gateway APIGW.0301: Incorrect IAM authentication information: X-Auth-Token and Authorization are missing"
	unknownAPIText = "404 gateway APIGW.0101: The API does not exist or is not published in this environment: "
	forbidden      = "403 ModelArts.0108: You are not authorized to perform the (GET) operation."
	otherProject   = "403 ModelArts.0210: The project of the URL is not that of the credentials."
)

func TestCredentials(t *testing.T) {
	const unknown, delegated = "/v1/other" + jobs, "/v1/" + simulator.DefaultDelegatedProjectID + jobs
	signed := map[string]string{"x-project-id": simulator.DefaultProjectID}
	f := newFixture(t, simulator.Options{})
	f.send("GET", projectJobs, "", "X-Auth-Token", f.token).want(t, "200")
	f.send("GET", projectJobs, "", "X-Auth-Token", "other").want(t, expired)
	f.send("GET", unknown, "", "X-Auth-Token", f.token).want(t, otherProject)
	f.signedGet(projectJobs, signed).want(t, "200")
	f.signedGet(projectJobs, nil).want(t, forbidden)
	f.signedGet(unknown, signed).want(t, otherProject)
	f.signedGet(delegated, map[string]string{"x-project-id": simulator.DefaultDelegatedProjectID}).want(t, forbidden)

	f.send("GET", projectJobs, "").want(t, noCredentials)
	f.send("GET", projectJobs, "", "Authorization", "Basic YTpi").want(t, noCredentials)
	f.send("GET", projectJobs, "", "Authorization", "SDK-HMAC-SHA256 Access=a, SignedHeaders=host, Signature=0, Signature=0").
		want(t, rejectedSignature("the Authorization header is not of the form "+
			"SDK-HMAC-SHA256 Access=..., SignedHeaders=..., Signature=..."))
	f.wantFailures("a", 0)

	f = newFixture(t, simulator.Options{TokenLifetime: time.Hour})
	f.clock.Advance(time.Hour - 1)
	f.succeed("GET", jobs, "")
	f.clock.Advance(1)
	f.request("GET", jobs, "").want(t, expired)
	f.token = f.IssueToken()
	f.RevokeTokens()
	f.request("POST", jobs, plainJob).want(t, expired)
	if n := len(f.Jobs()); n != 0 {
		t.Errorf("%d jobs, want none", n)
	}
}

func TestUnknownAPIAndBodyLimit(t *testing.T) {
	f := newFixture(t, simulator.Options{})
	for _, request := range []string{
		"GET /v2/" + simulator.DefaultProjectID + jobs, "GET /v1/" + projectJobs, "GET /" + projectJobs, "GET " + projectJobs + "/",
		"PATCH " + projectJobs + "/1", "POST /", "GET /v10",
	} {
		method, path, _ := strings.Cut(request, " ")
		f.send(method, "http://example.com"+path, "", "X-Auth-Token", f.token).want(t, unknownAPIText+request)
	}

	padding := strings.Repeat(" ", 1<<20-len(plainJob))
	f.succeed("POST", jobs, plainJob+padding)
	f.request("POST", jobs, plainJob+padding+" ").
		want(t, "413 gateway APIGW.0201: Bad request: read request body: http: request body too large")
	if n := len(f.Jobs()); n != 1 {
		t.Errorf("%d jobs, want 1", n)
	}
}

func TestRateLimit(t *testing.T) {
	for window, want := range map[time.Duration]string{
		0:                "429 gateway APIGW.0308: The throttling threshold has been reached: 2 requests per second",
		20 * time.Second: "429 gateway APIGW.0308: policy user over ratelimit,limit:2,time:20 second",
	} {
		f := newFixture(t, simulator.Options{RateLimit: 2, RateWindow: window})
		f.succeed("GET", jobs, "")
		f.succeed("GET", jobs, "")
		for _, wait := range []time.Duration{0, max(window, time.Second) - 1} {
			f.clock.Advance(wait)
			r := f.request("POST", jobs, plainJob)
			r.want(t, want)
			if got := r.header.Get("Retry-After"); (got == "1") != (window == 0) || len(f.Jobs()) != 0 {
				t.Errorf("Retry-After %q, %d jobs", got, len(f.Jobs()))
			}
		}
		f.logIn(byID, projectByID).want(t, created) // There is no limit for IAM.
		f.clock.Advance(1)
		f.succeed("POST", jobs, plainJob)
	}
}

// TestAccessKeyLock covers the lock that five wrong signatures in a row cause. It applies to
// one key, of ModelArts and IAM alike. A step is a wait, or a request with its outcome: 401
// without a lock (-), 401 because of the lock (L), 200 (+).
func TestAccessKeyLock(t *testing.T) {
	const locked = "Incorrect IAM authentication information: the access key is locked until 2026-03-01T12:"
	signedBy := func(access, secret string) func(f *fixture) response {
		return func(f *fixture) response {
			g := f.jobsSigning()
			g.key = key{access, secret}
			return f.do(g.request(projectJobs))
		}
	}
	requests := map[string]func(f *fixture) response{
		"wrong":   signedBy(simulator.DefaultAccessKey, "wrong"),
		"right":   signedBy(simulator.DefaultAccessKey, simulator.DefaultSecretKey),
		"unknown": signedBy("unknown", "wrong"),
		"token":   func(f *fixture) response { return f.request("GET", jobs, "") },
		"IAM":     func(f *fixture) response { return f.signedGet("/v3/projects", nil) },
	}
	const four, five = "wrong- wrong- wrong- wrong- ", "wrong- wrong- wrong- wrong- wrong- "
	for name, c := range map[string]struct {
		steps    string
		failures int // of the permanent key
	}{
		"locks for five minutes":                {five + "rightL wrongL 4m59.999999999s rightL 1ns " + four + "right+", 12},
		"locks neither another key nor a token": {five + "unknown- token+", 5},
		"a right signature resets the count":    {four + "right+ " + four + "right+", 8},
		"locks an unknown key":                  {strings.Repeat("unknown- ", 5) + "unknownL right+", 0},
		"counts and applies in IAM":             {five + "IAML 5m IAM+ " + four + "IAM+ wrong- right+", 11},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, simulator.Options{})
			for step := range strings.FieldsSeq(c.steps) {
				if wait, err := time.ParseDuration(step); err == nil {
					f.clock.Advance(wait)
					continue
				}
				request, want := step[:len(step)-1], step[len(step)-1:]
				r, got := requests[request](f), "+"
				if strings.HasPrefix(r.text("error_msg"), locked) {
					got = "L"
				} else if r.status == http.StatusUnauthorized {
					got = "-"
				}
				if got != want {
					t.Errorf("%s: %s", step, r)
				}
			}
			f.wantFailures(simulator.DefaultAccessKey, c.failures)
		})
	}
}
