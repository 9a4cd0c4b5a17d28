package simulator_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// TestVendorSignatures sends requests that the signer of huaweicloud-sdk-go-v3 v0.1.207
// signed, with the host among the headers to sign.
func TestVendorSignatures(t *testing.T) {
	const (
		permanent = "SDK-HMAC-SHA256 Access=SIMULATORACCESSKEY01, SignedHeaders="
		temporary = "SDK-HMAC-SHA256 Access=SIMULATORTEMPORARY01, SignedHeaders="
		project   = "c3f2a1d04b5e46f78a9bd0e1f2c3a4b5"
	)

	for name, c := range map[string]struct {
		method, target, body, authorization string
		header                              map[string]string
		want                                string
		description                         string // of the newest job afterwards
	}{
		"query": {
			method: "GET",
			target: projectJobs + "?Zeta=%2A~%27%28%29&order=asc&search_content=a%20b%2Bc%2F%C3%BC&tag=b&tag=a&tag=%C3%A4%20z&tag=B&zz",
			authorization: permanent + "host;user-agent;x-project-id;x-sdk-date, " +
				"Signature=263924bfc1d1d1bbc069fab20e5edbefe39ae08f744447eae9d6ba217b6631a4",
			header: map[string]string{"X-Project-Id": project, "User-Agent": "vendor/1"},
			want:   "200", description: "old",
		},
		"temporary key": {
			method: "PUT", target: projectJobs + "/1", body: `{"job_desc":"new"}`,
			authorization: temporary + "host;x-project-id;x-sdk-date;x-security-token, " +
				"Signature=8e1b45a0f11cf76a827918d7c7a5d13695106fd0fd1cfb7ed888d4bc3c1eedf4",
			header: map[string]string{
				"X-Project-Id": project, "X-Security-Token": "simulator-security-token", "Content-Type": "application/json",
			},
			want: "200", description: "new",
		},
		"unsigned body": {
			method: "POST", target: projectJobs + "/1/stop", body: "not JSON",
			authorization: permanent + "host;x-project-id;x-sdk-content-sha256;x-sdk-date, " +
				"Signature=8ec8c21ce3d94d14f1e5739ab9c5ff22240c7d531988c06e56ce7388a1066d0e",
			header: map[string]string{
				"X-Project-Id": project, "X-Sdk-Content-Sha256": "UNSIGNED-PAYLOAD", "Content-Type": "text/plain",
			},
			want: "200", description: "old",
		},
		"agency": {
			method: "POST", target: "/v3/auth/tokens",
			body: `{"auth":{"identity":{"methods":["assume_role"],"assume_role":{` +
				`"domain_name":"OTC-EU-DE-00000000001000000002","xrole_name":"simulator_agency"}},` +
				`"scope":{"domain":{"name":"OTC-EU-DE-00000000001000000002"}}}}`,
			authorization: permanent + "host;x-domain-id;x-sdk-date, " +
				"Signature=ed19a886b7c598d96b4b5797e686c7510723c278fa1f1dcfc72533a6cb82bfce",
			header: map[string]string{"X-Domain-Id": simulator.DefaultDomainID, "Content-Type": "application/json"},
			want:   "201", description: "old",
		},
		"path": {
			method: "GET", target: projectJobs + "/%C3%BC%20b:%2A~%27",
			authorization: permanent + "host;x-project-id;x-sdk-date, " +
				"Signature=7a345d72282319788db68190293a433b24a41b7f2b3a182ff163b3c73f46ec2a",
			header: map[string]string{"X-Project-Id": project},
			want:   "400", description: "old", // It isn't a job ID, but the gateway accepted the request.
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, simulator.Options{})
			f.AddJob(simulator.Job{Status: simulator.StatusRunning, Description: "old"})

			r := httptest.NewRequest(c.method, "http://api.example.com"+c.target, strings.NewReader(c.body))
			r.Header.Set("X-Sdk-Date", "20260301T120000Z")
			r.Header.Set("Authorization", c.authorization)

			for name, value := range c.header {
				r.Header.Set(name, value)
			}

			f.do(r).want(t, c.want)

			if all := f.Jobs(); all[len(all)-1].Description != c.description {
				t.Errorf("jobs: %+v", all)
			}
		})
	}
}

// TestCanonicalForms signs queries and paths in the given form.
func TestCanonicalForms(t *testing.T) {
	for _, c := range []struct{ target, path, query string }{
		{"?a=2&b=0&a=10&a=1", "/", "a=1&a=10&a=2&b=0"},
		{"?search_content=a+b%2Bc%20d", "/", "search_content=a%20b%2Bc%20d"},
		{"?a%3Db=%26%3d%25", "/", "a%3Db=%26%3D%25"},
		{"?%C3%A9=1&z=2&Z=3", "/", "Z=3&z=2&%C3%A9=1"}, // By the bytes before they are escaped.
		{"/7;v=1,2@:$&+=!'()*", "/7%3Bv%3D1%2C2%40%3A%24%26%2B%3D%21%27%28%29%2A/", ""},
		{"/a%2Fb", "/a/b/", ""}, // The path is split after it is decoded.
		{"/a%2F", "/a/", ""},
	} {
		f := newFixture(t, simulator.Options{})
		g := f.jobsSigning()
		g.path, g.query = projectJobs+c.path, c.query

		if r := f.do(g.request(projectJobs + c.target)); r.status == http.StatusUnauthorized {
			t.Errorf("%s: %v", c.target, r)
		}
	}
}

// TestSignatureChecks changes a request before it is signed, or after it.
func TestSignatureChecks(t *testing.T) {
	const (
		target = projectJobs + "/1"
		query  = "?order=asc&page=1"
		body   = `{"job_desc":"ä"}`
		names  = "SignedHeaders=host;x-other;x-project-id;x-sdk-date,"

		success      = ""
		notOnce      = "each signed header has to be there once"
		order        = "the signed headers have to be in lower case, sorted and named once"
		unreadable   = "the query cannot be read"
		wrongHash    = "X-Sdk-Content-Sha256 is not the hash of the body"
		wrongForm    = "X-Sdk-Date is not of the form 20060102T150405Z"
		tooFar       = "X-Sdk-Date is more than 15 minutes from the time of the gateway, 20260301T120000Z"
		unsignedBody = "UNSIGNED-PAYLOAD"
	)

	type request = http.Request

	set := func(name, value string) func(*request) { return func(r *request) { r.Header.Set(name, value) } }
	add := func(name, value string) func(*request) { return func(r *request) { r.Header.Add(name, value) } }
	replace := func(old, with string) func(*request) {
		return func(r *request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, with, 1))
		}
	}
	value := func(change func(string) string) func(*request) {
		return func(r *request) {
			before, value, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
			r.Header.Set("Authorization", before+"Signature="+change(value))
		}
	}
	send := func(target string) func(*request) {
		return func(r *request) { r.URL, _ = url.Parse(target) }
	}
	sendBody := func(body string) func(*request) {
		return func(r *request) { r.Body = io.NopCloser(strings.NewReader(body)) }
	}
	date := func(date string) func(*signing) { return func(g *signing) { g.date = date } }
	hash := func(hash, contentType string) func(*signing) {
		return func(g *signing) {
			g.hash, g.header["x-sdk-content-sha256"] = hash, hash
			if contentType != "" {
				g.header["content-type"] = contentType
			}
		}
	}
	other := func(value string) func(*signing) { return func(g *signing) { g.header["x-other"] = value } }
	sum := func(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }

	for name, c := range map[string]struct {
		before func(*signing)
		after  func(*request)
		reason string
	}{
		"nothing": {nil, nil, success},

		// The request isn't the signed one.
		"method":          {nil, func(r *request) { r.Method = "DELETE" }, wrongSignature},
		"path":            {nil, send(projectJobs + "/2" + query), wrongSignature},
		"query value":     {nil, send(target + "?order=asc&page=2"), wrongSignature},
		"query repeated":  {nil, send(target + query + "&page=1"), wrongSignature},
		"query semicolon": {nil, send(target + "?a=1;b=2"), unreadable},
		"query escape":    {nil, send(target + "?a=%zz"), unreadable},
		"host":            {nil, func(r *request) { r.Host = "other.example.com" }, wrongSignature},
		"project":         {nil, set("X-Project-Id", simulator.DefaultDelegatedProjectID), wrongSignature},
		"other header":    {nil, set("X-Other", "Value"), wrongSignature},
		"spaces trimmed":  {other("a  b"), set("X-Other", " a  b "), success},
		"body":            {nil, sendBody(`{"job_desc":"Ä"}`), wrongSignature},
		"body removed":    {nil, sendBody(""), wrongSignature},
		"date":            {nil, set("X-Sdk-Date", "20260301T120001Z"), wrongSignature},
		"access key":      {nil, replace("Access=SIMULATORACCESSKEY01", "Access=SIMULATORTEMPORARY01"), wrongSignature},
		"header unsigned": {nil, replace("x-other;", ""), wrongSignature},
		"no signature":    {nil, value(func(string) string { return "" }), wrongSignature},
		"upper case":      {nil, value(strings.ToUpper), wrongSignature},

		// The signature has to cover certain headers.
		"no headers":          {nil, replace(names, "SignedHeaders=,"), notOnce},
		"no host":             {nil, replace("=host;", "="), "host has to be signed"},
		"no date":             {nil, replace(";x-sdk-date", ""), "X-Sdk-Date has to be signed"},
		"no project":          {nil, replace(";x-project-id", ""), "X-Project-Id has to be signed"},
		"domain":              {nil, add("X-Domain-Id", simulator.DefaultDomainID), "X-Domain-Id has to be signed"},
		"empty domain":        {nil, add("X-Domain-Id", ""), "X-Domain-Id has to be signed"},
		"security token":      {nil, add("X-Security-Token", "t"), "X-Security-Token has to be signed"},
		"two projects":        {nil, add("X-Project-Id", simulator.DefaultProjectID), notOnce},
		"absent header":       {nil, replace(";x-other", ";x-more;x-other"), notOnce},
		"header names order":  {nil, replace("host;x-other", "x-other;host"), order},
		"header named twice":  {nil, replace("host;", "host;host;"), order},
		"upper case header":   {nil, replace("host;", "Host;"), order},
		"date header removed": {nil, func(r *request) { r.Header.Del("X-Sdk-Date") }, notOnce},

		"15 minutes fast":     {date("20260301T121500Z"), nil, success},
		"15 minutes slow":     {date("20260301T114500Z"), nil, success},
		"too fast":            {date("20260301T121501Z"), nil, tooFar},
		"too slow":            {date("20260301T114459Z"), nil, tooFar},
		"fraction of seconds": {date("20260301T120000.5Z"), nil, wrongForm},
		"time zone":           {date("20260301T120000+0000"), nil, wrongForm},
		"empty date":          {date(""), nil, wrongForm},

		"hash":                      {hash(sum(body), "application/json"), nil, success},
		"hash in upper case":        {hash(strings.ToUpper(sum(body)), "application/json"), nil, wrongHash},
		"hash of another body":      {hash(sum("other"), "text/plain"), nil, wrongHash},
		"empty hash":                {hash("", "text/plain"), nil, wrongHash},
		"unsigned JSON":             {hash(unsignedBody, "application/json"), nil, wrongHash},
		"unsigned JSON and charset": {hash(unsignedBody, "application/json;charset=utf8"), nil, wrongHash},
		"unsigned BSON":             {hash(unsignedBody, "application/bson"), nil, wrongHash},
		"unsigned without a type":   {hash(unsignedBody, ""), nil, wrongHash},
		"unsigned text":             {hash(unsignedBody, "text/plain"), nil, success},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, simulator.Options{})
			f.AddJob(simulator.Job{Description: "old"})
			f.AddJob(simulator.Job{Description: "old"})

			g := f.signing("PUT", target, body)
			g.query, g.date = query[1:], f.skewed(0)
			g.header["x-project-id"], g.header["x-other"] = simulator.DefaultProjectID, "value"

			if c.before != nil {
				c.before(&g)
			}

			r := g.request(target + query)
			if c.after != nil {
				c.after(r)
			}

			want, failures, first := "200 success", 0, "ä"
			if c.reason != success {
				want, failures, first = rejectedSignature(c.reason), 1, "old"
			}

			f.do(r).want(t, want)

			if n := f.KeyFailures(simulator.DefaultAccessKey) + f.KeyFailures(simulator.DefaultTemporaryAccessKey); n != failures {
				t.Errorf("%d failures, want %d", n, failures)
			}

			if all := f.Jobs(); all[0].Description != first || all[1].Description != "old" {
				t.Errorf("jobs: %+v", all)
			}
		})
	}
}
