package simulator_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const wrongSignature = "verify aksk signature fail"

// rejectedSignature is the response to a request whose signature the gateway rejects.
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
	date                string
	header              map[string]string // signed as well, names in lower case
}

// signing returns a request of the user without a query, dated now, with these headers.
func (f *fixture) signing(method, path, body string, header map[string]string) signing {
	return signing{
		key: permanentKey, method: method, path: path + "/", body: body, date: f.date(0), header: header,
	}
}

// date returns the clock's time plus d as a date to sign.
func (f *fixture) date(d time.Duration) string {
	return f.clock.Now().Add(d).Format("20060102T150405Z")
}

// jobsSigning returns a list request for the project.
func (f *fixture) jobsSigning() signing {
	return f.signing("GET", projectJobs, "", map[string]string{"x-project-id": simulator.DefaultProjectID})
}

// signedGet sends a request to IAM that is signed with the permanent key and has these headers.
func (f *fixture) signedGet(target string, header map[string]string) response {
	f.t.Helper()
	path, query, _ := strings.Cut(target, "?")
	g := f.signing("GET", path, "", header)
	g.query = query
	return f.do(g.request(target))
}

// request returns the signed request for target.
func (g signing) request(target string) *http.Request {
	signed := map[string]string{"host": "example.com", "x-sdk-date": g.date}
	maps.Copy(signed, g.header)
	names, headers := slices.Sorted(maps.Keys(signed)), ""
	for _, name := range names {
		headers += name + ":" + signed[name] + "\n"
	}
	text := strings.Join([]string{g.method, g.path, g.query, headers, strings.Join(names, ";"), fmt.Sprintf("%x", sha256.Sum256([]byte(g.body)))}, "\n")
	mac := hmac.New(sha256.New, []byte(g.key.secret))
	fmt.Fprintf(mac, "SDK-HMAC-SHA256\n%s\n%x", g.date, sha256.Sum256([]byte(text)))

	r := httptest.NewRequest(g.method, target, strings.NewReader(g.body))
	r.Header.Set("X-Sdk-Date", g.date)
	r.Header.Set("Authorization", fmt.Sprintf("SDK-HMAC-SHA256 Access=%s, SignedHeaders=%s, Signature=%x",
		g.key.access, strings.Join(names, ";"), mac.Sum(nil)))
	for name, value := range g.header {
		r.Header.Set(name, value)
	}
	return r
}

// wantFailures checks the number of rejected requests.
func (f *fixture) wantFailures(accessKey string, want int) {
	f.t.Helper()
	if got := f.KeyFailures(accessKey); got != want {
		f.t.Errorf("%d failures of %s, want %d", got, accessKey, want)
	}
}

// TestSDKSignatures sends requests that the signer of huaweicloud-sdk-go-v3 v0.1.207
// signed, with the host among the headers to sign.
func TestSDKSignatures(t *testing.T) {
	for _, c := range []struct{ method, target, body, key, names, signature, want string }{
		{
			"GET", projectJobs + "?Zeta=%2A~%27%28%29&order=asc&search_content=a%20b%2Bc%2F%C3%BC&tag=b&tag=a&tag=%C3%A4%20z&tag=B&zz", "",
			simulator.DefaultAccessKey, "host;user-agent;x-project-id;x-sdk-date",
			"263924bfc1d1d1bbc069fab20e5edbefe39ae08f744447eae9d6ba217b6631a4", "200",
		},
		{
			"PUT", projectJobs + "/1", `{"job_desc":"new"}`,
			simulator.DefaultTemporaryAccessKey, "host;x-project-id;x-sdk-date;x-security-token",
			"8e1b45a0f11cf76a827918d7c7a5d13695106fd0fd1cfb7ed888d4bc3c1eedf4", "200 success",
		},
		{
			"GET", projectJobs + "/%C3%BC%20b:%2A~%27", "",
			simulator.DefaultAccessKey, "host;x-project-id;x-sdk-date",
			"7a345d72282319788db68190293a433b24a41b7f2b3a182ff163b3c73f46ec2a",
			"400 bare ModelArts.0104: Illegal job id: ü b:*~'", // The gateway accepted the signature.
		},
	} {
		f := newFixture(t, simulator.Options{})
		f.AddJob(simulator.Job{Status: simulator.StatusRunning})
		header := []string{
			"X-Project-Id", simulator.DefaultProjectID, "X-Sdk-Date", "20260301T120000Z", "User-Agent", "vendor/1",
			"Authorization", "SDK-HMAC-SHA256 Access=" + c.key + ", SignedHeaders=" + c.names + ", Signature=" + c.signature,
		}
		if c.key == simulator.DefaultTemporaryAccessKey {
			header = append(header, "X-Security-Token", simulator.DefaultSecurityToken)
		}
		f.send(c.method, "http://api.example.com"+c.target, c.body, header...).want(t, c.want)
	}
}

// TestSignatureChecks changes a request before it is signed, or after it. Both access keys have other secrets
// than the defaults.
func TestSignatureChecks(t *testing.T) {
	const (
		target = projectJobs + "/1"
		query  = "?order=asc&page=1"
		body   = `{"job_desc":"ä"}`

		success    = ""
		wrongToken = "X-Security-Token is not the one of the access key"
		notOnce    = "each signed header has to be there once"
		order      = "the signed headers have to be in lower case, sorted and named once"
		wrongForm  = "X-Sdk-Date is not of the form 20060102T150405Z"
		tooFar     = "X-Sdk-Date is more than 15 minutes from the time of the gateway, 20260301T120000Z"
	)
	type request = http.Request
	set := func(name, value string) func(*request) { return func(r *request) { r.Header.Set(name, value) } }
	add := func(name, value string) func(*request) { return func(r *request) { r.Header.Add(name, value) } }
	replace := func(old, with string) func(*request) {
		return func(r *request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, with, 1))
		}
	}
	send := func(path, query string) func(*request) {
		return func(r *request) { r.URL.Path, r.URL.RawQuery = path, query }
	}
	date := func(date string) func(*signing) { return func(g *signing) { g.date = date } }
	withKey := func(access, secret string, token ...string) func(*signing) {
		return func(g *signing) {
			g.key = key{access, secret}
			if len(token) > 0 {
				g.header["x-security-token"] = token[0]
			}
		}
	}
	signed, sent := func(*signing) {}, func(*request) {} // unchanged
	const permanent, temporary = simulator.DefaultAccessKey, simulator.DefaultTemporaryAccessKey
	for name, c := range map[string]struct {
		prepare func(*signing) // before the request is signed
		change  func(*request) // after that
		reason  string
	}{
		"nothing": {signed, sent, success},

		"default secret":           {withKey(permanent, simulator.DefaultSecretKey), sent, wrongSignature},
		"unknown key":              {withKey("other", "sk"), sent, wrongSignature},
		"permanent, empty token":   {withKey(permanent, "sk", ""), sent, wrongToken},
		"temporary":                {withKey(temporary, "tsk", "st"), sent, success},
		"temporary, no token":      {withKey(temporary, "tsk"), sent, wrongToken},
		"temporary, default token": {withKey(temporary, "tsk", simulator.DefaultSecurityToken), sent, wrongToken},

		// The request isn't the signed one.
		"method":         {signed, func(r *request) { r.Method = "DELETE" }, wrongSignature},
		"path":           {signed, send(projectJobs+"/2", query[1:]), wrongSignature},
		"query repeated": {signed, send(target, query[1:]+"&page=1"), wrongSignature},
		"bad query":      {signed, send(target, "a=1;b=2"), "the query cannot be read"},
		"host":           {signed, func(r *request) { r.Host = "other.example.com" }, wrongSignature},
		"other header":   {signed, set("X-Other", "Value"), wrongSignature},
		"spaces trimmed": {signed, set("X-Other", " a  b "), success},
		"body":           {signed, func(r *request) { r.Body = io.NopCloser(strings.NewReader("{}")) }, wrongSignature},
		"part of it":     {signed, func(r *request) { r.Header.Set("Authorization", r.Header.Get("Authorization")[:150]) }, wrongSignature},

		// The signature has to cover certain headers.
		"no host":            {signed, replace("=host;", "="), "host has to be signed"},
		"no project":         {signed, replace(";x-project-id", ""), "X-Project-Id has to be signed"},
		"empty domain":       {signed, add("X-Domain-Id", ""), "X-Domain-Id has to be signed"},
		"security token":     {signed, add("X-Security-Token", "t"), "X-Security-Token has to be signed"},
		"two projects":       {signed, add("X-Project-Id", simulator.DefaultProjectID), notOnce},
		"header names order": {signed, replace("host;x-other", "x-other;host"), order},

		"15 minutes fast":     {date("20260301T121500Z"), sent, success},
		"too fast":            {date("20260301T121501Z"), sent, tooFar},
		"too slow":            {date("20260301T114459Z"), sent, tooFar},
		"fraction of seconds": {date("20260301T120000.5Z"), sent, wrongForm},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, simulator.Options{SecretKey: "sk", TemporarySecretKey: "tsk", SecurityToken: "st"})
			f.AddJob(simulator.Job{Description: "old"})
			f.AddJob(simulator.Job{Description: "old"})
			g := f.signing("PUT", target, body, map[string]string{"x-project-id": simulator.DefaultProjectID, "x-other": "a  b"})
			g.query, g.key.secret = query[1:], "sk"
			c.prepare(&g)
			r := g.request(target + query)
			c.change(r)
			want, failures, first := "200 success", 0, "ä"
			if c.reason != success {
				want, failures, first = rejectedSignature(c.reason), 1, "old"
			}
			f.do(r).want(t, want)
			f.wantFailures(g.key.access, failures)
			if all := f.Jobs(); all[0].Description != first || all[1].Description != "old" {
				t.Errorf("jobs: %+v", all)
			}
		})
	}
}
