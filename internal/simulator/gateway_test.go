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
	forbidden      = "403 ModelArts.0108: You are not authorized to perform the (GET) operation."
	otherProject   = "403 ModelArts.0210: The project of the URL is not that of the credentials."
)

// TestCredentials sends headers with list requests. The header Sign has the project that a
// request is signed for; the other headers are not signed.
func TestCredentials(t *testing.T) {
	const own, other = simulator.DefaultProjectID, simulator.DefaultDelegatedProjectID
	f := newFixture(t, simulator.Options{})
	wrongForm := rejectedSignature("the Authorization header is not of the form " +
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
		{"other", otherProject, []string{"Sign", own}},
		{other, forbidden, []string{"Sign", other}},

		// A token takes precedence over the signature.
		{own, expired, []string{"Sign", own, "X-Auth-Token", "other"}},
		{own, "200", []string{"Sign", own, "X-Auth-Token", f.token, "X-Sdk-Date", "wrong"}},

		{own, noCredentials, []string{"Authorization", "Basic YTpi"}},
		{own, wrongForm, []string{"Authorization", "SDK-HMAC-SHA256 Access=a, SignedHeaders=host, Signature=0, Signature=0"}},
	} {
		path := "/v1/" + c.project + jobs
		r := httptest.NewRequest("GET", path, http.NoBody)
		for i := 0; i+1 < len(c.header); i += 2 {
			name, value := c.header[i], c.header[i+1]
			switch {
			case name != "Sign":
				r.Header.Set(name, value)
			case value == "":
				r = f.signing("GET", path, "", nil).request(path)
			default:
				r = f.signing("GET", path, "", map[string]string{"x-project-id": value}).request(path)
			}
		}
		f.do(r).want(t, c.want)
	}
	f.wantFailures(simulator.DefaultAccessKey, 0)
	f.wantFailures("a", 0)
}

func TestTokensExpireAndCanBeRevoked(t *testing.T) {
	f := newFixture(t, simulator.Options{TokenLifetime: time.Hour})
	f.clock.Advance(time.Hour - 1)
	f.succeed("GET", jobs, "")
	f.clock.Advance(1)
	f.request("POST", jobs, plainJob).want(t, expired)
	f.send("GET", "/v3/projects", "", "X-Auth-Token", f.token).want(t, unauthorized)
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

func TestAccessKeys(t *testing.T) {
	const none = "none"
	configured := simulator.Options{SecretKey: "sk", TemporarySecretKey: "tsk", SecurityToken: "st"}
	wrongToken := rejectedSignature("X-Security-Token is not the one of the access key")
	wrongKey := rejectedSignature(wrongSignature)
	for name, c := range map[string]struct {
		options           simulator.Options
		id, secret, token string
		want              string
	}{
		"permanent":                {id: simulator.DefaultAccessKey, secret: "simulator-secret-key", token: none, want: "200"},
		"permanent, empty token":   {id: simulator.DefaultAccessKey, secret: "simulator-secret-key", want: wrongToken},
		"temporary":                {id: simulator.DefaultTemporaryAccessKey, secret: "simulator-temporary-secret-key", token: "simulator-security-token", want: "200"},
		"temporary, no token":      {id: simulator.DefaultTemporaryAccessKey, secret: "simulator-temporary-secret-key", token: none, want: wrongToken},
		"temporary, default token": {configured, simulator.DefaultTemporaryAccessKey, "tsk", "simulator-security-token", wrongToken},
		"unknown":                  {id: "other", secret: "simulator-secret-key", token: none, want: wrongKey},
		"configured permanent":     {configured, simulator.DefaultAccessKey, "sk", none, "200"},
		"default secret":           {configured, simulator.DefaultAccessKey, "simulator-secret-key", none, wrongKey},
		"configured temporary":     {configured, simulator.DefaultTemporaryAccessKey, "tsk", "st", "200"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, c.options)
			g, failures := f.jobsSigning(), 1
			g.key = key{c.id, c.secret}
			if c.token != none {
				g.header["x-security-token"] = c.token
			}
			f.do(g.request(projectJobs)).want(t, c.want)
			if c.want == "200" {
				failures = 0
			}
			f.wantFailures(c.id, failures)
		})
	}
}

// TestAccessKeyLock covers the lock that five wrong signatures in a row cause. It applies to
// one key, of ModelArts and IAM alike. Each letter is a request, and so is each outcome: 401
// without a lock (-), 401 because of the lock (L), 200 (+). A digit is a wait.
func TestAccessKeyLock(t *testing.T) {
	signedBy := func(access, secret string) func(f *fixture) response {
		return func(f *fixture) response {
			g := f.jobsSigning()
			g.key = key{access, secret}
			return f.do(g.request(projectJobs))
		}
	}
	requests := map[rune]func(f *fixture) response{
		'w': signedBy(simulator.DefaultAccessKey, "wrong"),
		'r': signedBy(simulator.DefaultAccessKey, simulator.DefaultSecretKey),
		'u': signedBy("unknown", "wrong"),
		'x': func(f *fixture) response { return f.request("GET", jobs, "") }, // with a token
		'i': func(f *fixture) response { return f.signedGet("/v3/projects", nil) },
	}
	waits := map[rune]time.Duration{'4': 5*time.Minute - 1, '1': 1, '5': 5 * time.Minute}
	for name, c := range map[string]struct {
		requests, want string
		failures       int // of the permanent key
	}{
		"locks for five minutes":                {"wwwwwrw4r1wwwwr", "-----LLL----+", 12},
		"locks neither another key nor a token": {"wwwwwux", "------+", 5},
		"a right signature resets the count":    {"wwwwrwwwwr", "----+----+", 8},
		"locks an unknown key":                  {"uuuuuur", "-----L+", 0},
		"counts and applies in IAM":             {"wwwwwi5iwwwwiwr", "-----L+----+-+", 11},
	} {
		t.Run(name, func(t *testing.T) {
			f, got := newFixture(t, simulator.Options{}), ""
			for _, letter := range c.requests {
				if wait, ok := waits[letter]; ok {
					f.clock.Advance(wait)
					continue
				}
				r := requests[letter](f)
				switch {
				case strings.HasPrefix(r.text("error_msg"), "Incorrect IAM authentication information: the access key is locked until 2026-03-01T12:"):
					got += "L"
				case r.status == http.StatusUnauthorized:
					got += "-"
				default:
					got += "+"
				}
			}
			if got != c.want {
				t.Errorf("%s: %s, want %s", c.requests, got, c.want)
			}
			f.wantFailures(simulator.DefaultAccessKey, c.failures)
		})
	}
}
