package simulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// TestVendorSignatures sends what the signer of huaweicloud-sdk-go-v3 v0.1.207
// made, with the host among the headers that it was told to sign.
func TestVendorSignatures(t *testing.T) {
	t.Parallel()

	const (
		permanent = "SDK-HMAC-SHA256 Access=SIMULATORACCESSKEY01, SignedHeaders="
		temporary = "SDK-HMAC-SHA256 Access=SIMULATORTEMPORARY01, SignedHeaders="
		project   = "c3f2a1d04b5e46f78a9bd0e1f2c3a4b5"
	)

	for name, c := range map[string]struct {
		method, target, body, authorization string
		header                              map[string]string
		status                              int
		description                         string // of the newest job afterwards
	}{
		"query": {
			method: "GET",
			target: ownJobs + "?Zeta=%2A~%27%28%29&order=asc&search_content=a%20b%2Bc%2F%C3%BC&tag=b&tag=a&tag=%C3%A4%20z&tag=B&zz",
			authorization: permanent + "host;user-agent;x-project-id;x-sdk-date, " +
				"Signature=263924bfc1d1d1bbc069fab20e5edbefe39ae08f744447eae9d6ba217b6631a4",
			header: map[string]string{"X-Project-Id": project, "User-Agent": "vendor/1"},
			status: 200, description: "old",
		},
		"body": {
			method: "POST", target: ownJobs,
			body: `{"job_name":"board","train_url":"/bucket/logs/","job_desc":"Überprüfung 東京 <&>"}`,
			authorization: permanent + "host;x-project-id;x-sdk-date, " +
				"Signature=068cd24815f19770aadcab0d0975913307b4af84553f5c60796835d75e027cfd",
			header: map[string]string{"X-Project-Id": project, "Content-Type": "application/json;charset=UTF-8"},
			status: 200, description: "Überprüfung 東京 <&>",
		},
		"temporary key": {
			method: "PUT", target: ownJobs + "/1", body: `{"job_desc":"new"}`,
			authorization: temporary + "host;x-project-id;x-sdk-date;x-security-token, " +
				"Signature=8e1b45a0f11cf76a827918d7c7a5d13695106fd0fd1cfb7ed888d4bc3c1eedf4",
			header: map[string]string{
				"X-Project-Id": project, "X-Security-Token": "simulator-security-token", "Content-Type": "application/json",
			},
			status: 200, description: "new",
		},
		"unsigned body": {
			method: "POST", target: ownJobs + "/1/stop", body: "not JSON",
			authorization: permanent + "host;x-project-id;x-sdk-content-sha256;x-sdk-date, " +
				"Signature=8ec8c21ce3d94d14f1e5739ab9c5ff22240c7d531988c06e56ce7388a1066d0e",
			header: map[string]string{
				"X-Project-Id": project, "X-Sdk-Content-Sha256": "UNSIGNED-PAYLOAD", "Content-Type": "text/plain",
			},
			status: 200, description: "old",
		},
		"agency": {
			method: "POST", target: "/v3/auth/tokens",
			body: `{"auth":{"identity":{"methods":["assume_role"],"assume_role":{` +
				`"domain_name":"OTC-EU-DE-00000000001000000002","xrole_name":"simulator_agency"}},` +
				`"scope":{"domain":{"name":"OTC-EU-DE-00000000001000000002"}}}}`,
			authorization: permanent + "host;x-domain-id;x-sdk-date, " +
				"Signature=ed19a886b7c598d96b4b5797e686c7510723c278fa1f1dcfc72533a6cb82bfce",
			header: map[string]string{"X-Domain-Id": simulator.DefaultDomainID, "Content-Type": "application/json"},
			status: 201, description: "old",
		},
		"path": {
			method: "GET", target: ownJobs + "/%C3%BC%20b:%2A~%27",
			authorization: permanent + "host;x-project-id;x-sdk-date, " +
				"Signature=7a345d72282319788db68190293a433b24a41b7f2b3a182ff163b3c73f46ec2a",
			header: map[string]string{"X-Project-Id": project},
			status: 400, description: "old", // No id of a job, but past the gateway.
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, simulator.Options{})
			b.AddJob(simulator.Job{Status: simulator.StatusRunning, Description: "old"})

			r := httptest.NewRequestWithContext(t.Context(), c.method, "http://api.example.com"+c.target,
				strings.NewReader(c.body))
			r.Header.Set("X-Sdk-Date", "20260301T120000Z")
			r.Header.Set("Authorization", c.authorization)

			for key, value := range c.header {
				r.Header.Set(key, value)
			}

			b.do(r).wantStatus(t, c.status)
			b.wantFailures(simulator.DefaultAccessKey, 0)

			if all := b.Jobs(); all[len(all)-1].Description != c.description {
				t.Errorf("jobs: %+v", all)
			}
		})
	}
}

// TestCanonicalForms signs queries and paths in the form given.
func TestCanonicalForms(t *testing.T) {
	t.Parallel()

	for _, c := range []struct{ target, path, query string }{
		{"", "/", ""},
		{"?", "/", ""},
		{"?b=2&a=1", "/", "a=1&b=2"},
		{"?a=2&b=0&a=10&a=1", "/", "a=1&a=10&a=2&b=0"},
		{"?a=1&a=1", "/", "a=1&a=1"},
		{"?status", "/", "status="},
		{"?status=", "/", "status="},
		{"?search_content=a+b%2Bc%20d", "/", "search_content=a%20b%2Bc%20d"},
		{"?a%3Db=%26%3d%25", "/", "a%3Db=%26%3D%25"},
		{"?x=%7e%2D._-~&y=*'()!", "/", "x=~-._-~&y=%2A%27%28%29%21"},
		{"?%C3%A9=1&z=2&Z=3", "/", "Z=3&z=2&%C3%A9=1"}, // By the bytes before they are escaped.
		{"?search_content=东京", "/", "search_content=%E4%B8%9C%E4%BA%AC"},
		{"/a%20b", "/a%20b/", ""},
		{"/7;v=1,2@:$&+=!'()*", "/7%3Bv%3D1%2C2%40%3A%24%26%2B%3D%21%27%28%29%2A/", ""},
		{"/%7Eü", "/~%C3%BC/", ""},
		{"/a%2Fb", "/a/b/", ""}, // As the path is split after it is decoded.
		{"/a%2F", "/a/", ""},
	} {
		b := newBench(t, simulator.Options{})
		g := b.signing("GET", ownJobs, "")
		g.path, g.query = ownJobs+c.path, c.query

		if r := b.do(g.request(t, ownJobs+c.target)); r.status == http.StatusUnauthorized {
			t.Errorf("%s: %v", c.target, r.body)
		}
	}
}

// TestTampering changes a request after it has been signed.
func TestTampering(t *testing.T) {
	t.Parallel()

	const query = "?order=asc&page=1"

	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	replace := func(old, with string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, with, 1))
		}
	}
	mac := func(change func(string) string) func(*http.Request) {
		return func(r *http.Request) {
			before, value, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
			r.Header.Set("Authorization", before+"Signature="+change(value))
		}
	}
	target := func(path string) func(*http.Request) {
		return func(r *http.Request) {
			u, err := url.Parse(path)
			if err != nil {
				t.Error(err)
			}

			r.URL = u
		}
	}

	for name, change := range map[string]func(*http.Request){
		"nothing":          nil,
		"method":           func(r *http.Request) { r.Method = "DELETE" },
		"path":             target(ownJobs + "/2" + query),
		"query value":      target(ownJobs + "/1?order=asc&page=2"),
		"query key":        target(ownJobs + "/1?order=asc&Page=1"),
		"query gone":       target(ownJobs + "/1?order=asc"),
		"query more":       target(ownJobs + "/1" + query + "&page=1"),
		"host":             func(r *http.Request) { r.Host = "other.example.com" },
		"project":          set("X-Project-Id", simulator.DefaultDelegatedProjectID),
		"domain":           set("X-Domain-Id", simulator.DefaultAgencyDomainID),
		"other header":     set("X-Other", "Value"),
		"body":             func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"job_desc":"Ä"}`)) },
		"body longer":      func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"job_desc":"ä"} `)) },
		"body gone":        func(r *http.Request) { r.Body = http.NoBody },
		"date":             set("X-Sdk-Date", "20260301T120001Z"),
		"access key":       replace("Access=SIMULATORACCESSKEY01", "Access=SIMULATORTEMPORARY01"),
		"signed headers":   replace("x-other;", ""),
		"signature longer": mac(func(value string) string { return value + "0" }),
		"no signature":     mac(func(string) string { return "" }),
		"in capitals":      mac(strings.ToUpper),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, simulator.Options{})
			b.AddJob(simulator.Job{Description: "old"})
			b.AddJob(simulator.Job{Description: "old"})

			g := b.signing("PUT", ownJobs+"/1", `{"job_desc":"ä"}`)
			g.query = query[1:]
			g.header["x-domain-id"], g.header["x-other"] = simulator.DefaultDomainID, "value"

			r := g.request(t, ownJobs+"/1"+query)
			if change == nil {
				b.do(r).want(t, http.StatusOK, `{"is_success":true}`)

				return
			}

			change(r)
			b.do(r).wantUnsigned(t, wrongKey)

			if got := b.KeyFailures(simulator.DefaultAccessKey) + b.KeyFailures(simulator.DefaultTemporaryAccessKey); got != 1 {
				t.Errorf("%d failures, want 1", got)
			}

			if all := b.Jobs(); len(all) != 2 || all[0].Description+all[1].Description != "oldold" {
				t.Errorf("jobs: %+v", all)
			}
		})
	}
}

func TestQueryThatCannotBeRead(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})

	for _, query := range []string{"?a=1;b=2", "?a=%zz"} {
		r := b.signing("GET", ownJobs, "").request(t, ownJobs)
		r.URL.RawQuery = query[1:]
		b.do(r).wantUnsigned(t, "the query cannot be read")
	}
}

func TestSignatureDate(t *testing.T) {
	t.Parallel()

	const (
		late = "X-Sdk-Date is more than 15 minutes from the time of the gateway, 20260301T120000Z"
		form = "X-Sdk-Date is not of the form 20060102T150405Z"
	)

	b := newBench(t, simulator.Options{})

	for _, c := range []struct{ date, reason string }{
		{b.skewed(0), ""},
		{b.skewed(15 * time.Minute), ""},
		{b.skewed(-15 * time.Minute), ""},
		{b.skewed(15*time.Minute + time.Second), late},
		{b.skewed(-15*time.Minute - time.Second), late},
		{b.skewed(24 * time.Hour), late},
		{b.skewed(0)[:15] + ".5Z", form},
		{"20260301T120000+0000", form},
		{"2026-03-01T12:00:00Z", form},
		{"Sun, 01 Mar 2026 12:00:00 GMT", form},
		{"", form},
	} {
		g := b.signing("GET", ownJobs, "")
		g.date = c.date

		r := b.do(g.request(t, ownJobs))
		if c.reason == "" {
			r.wantStatus(t, http.StatusOK)
		} else {
			r.wantUnsigned(t, c.reason)
			b.signed("GET", "", "").wantStatus(t, http.StatusOK) // Not to be locked.
		}
	}

	b.wantFailures(simulator.DefaultAccessKey, 8)
}
