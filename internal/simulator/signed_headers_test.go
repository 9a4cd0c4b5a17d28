package simulator_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// TestSignedHeaders checks what a signature has to cover. The changes leave it a
// right one of the vendor's rules.
func TestSignedHeaders(t *testing.T) {
	t.Parallel()

	const (
		once  = "each signed header has to be there once"
		order = "the signed headers have to be in lower case, sorted and named once"
	)

	names := func(list string) func(*http.Request) {
		return func(r *http.Request) {
			const all = "SignedHeaders=host;x-project-id;x-sdk-date,"
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), all, "SignedHeaders="+list+",", 1))
		}
	}
	add := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Add(name, value) }
	}

	for name, c := range map[string]struct {
		change func(*http.Request)
		reason string
	}{
		"none":           {names(""), once},
		"no host":        {names("x-project-id;x-sdk-date"), "host has to be signed"},
		"no date":        {names("host;x-project-id"), "X-Sdk-Date has to be signed"},
		"no project":     {names("host;x-sdk-date"), "X-Project-Id has to be signed"},
		"a domain":       {add("X-Domain-Id", simulator.DefaultDomainID), "X-Domain-Id has to be signed"},
		"an empty one":   {add("X-Domain-Id", ""), "X-Domain-Id has to be signed"},
		"security token": {add("X-Security-Token", "t"), "X-Security-Token has to be signed"},
		"two projects":   {add("X-Project-Id", simulator.DefaultProjectID), once},
		"two dates":      {add("X-Sdk-Date", "20260301T120000Z"), once},
		"one not there":  {names("host;x-more;x-project-id;x-sdk-date"), once},
		"not sorted":     {names("x-project-id;host;x-sdk-date"), order},
		"twice":          {names("host;host;x-project-id;x-sdk-date"), order},
		"capitals":       {names("Host;x-project-id;x-sdk-date"), order},
		"no date at all": {func(r *http.Request) { r.Header.Del("X-Sdk-Date") }, once},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, simulator.Options{})
			r := b.signing("GET", ownJobs, "").request(t, ownJobs)
			c.change(r)

			b.do(r).wantUnsigned(t, c.reason)
			b.wantFailures(simulator.DefaultAccessKey, 1)
		})
	}
}

// TestSignedHeadersAreTrimmed has spaces around a value, which no server of
// net/http lets through.
func TestSignedHeadersAreTrimmed(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})
	g := b.signing("GET", ownJobs, "")
	g.header["x-other"] = "a  b"

	r := g.request(t, ownJobs)
	r.Header.Set("X-Other", " a  b ")
	b.do(r).wantStatus(t, http.StatusOK)
}

// TestForeignAuthorization checks headers that name no access key to count for.
func TestForeignAuthorization(t *testing.T) {
	t.Parallel()

	const (
		missing = "X-Auth-Token and Authorization are missing"
		form    = "the Authorization header is not of the form " +
			"SDK-HMAC-SHA256 Access=..., SignedHeaders=..., Signature=..."
	)

	b := newBench(t, simulator.Options{})

	for value, reason := range map[string]string{
		"Basic YTpi":      missing,
		"SDK-HMAC-SHA256": missing,
		"SDK-HMAC-SHA256 Credential=a//s/sdk_request, SignedHeaders=host, Signature=0": form,
		"SDK-HMAC-SHA256 Access=, SignedHeaders=host, Signature=0":                     form,
		"SDK-HMAC-SHA256 Access=a, Signature=0":                                        form,
		"SDK-HMAC-SHA256 Access=a, SignedHeaders=host":                                 form,
		"SDK-HMAC-SHA256 Access=a, SignedHeaders=host, Signature=0, Signature=0":       form,
		"SDK-HMAC-SHA256  Access=a, SignedHeaders=host, Signature=0":                   form,
	} {
		b.send("GET", ownJobs, "", "Authorization", value).wantUnsigned(t, reason)
	}

	b.wantFailures("a", 0)
}

// TestContentHash signs a body of which the header says something.
func TestContentHash(t *testing.T) {
	t.Parallel()

	const (
		body     = `{"job_desc":"new"}`
		unsigned = "UNSIGNED-PAYLOAD"
		refused  = "X-Sdk-Content-Sha256 is not the hash of the body"
	)

	sum := func(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }

	for name, c := range map[string]struct{ said, kind, reason string }{
		"the hash":           {sum(body), "application/json", ""},
		"hash in capitals":   {strings.ToUpper(sum(body)), "application/json", refused},
		"of another body":    {sum("other"), "text/plain", refused},
		"empty":              {"", "text/plain", refused},
		"unsigned JSON":      {unsigned, "application/json", refused},
		"unsigned JSON text": {unsigned, "application/json;charset=utf8", refused},
		"unsigned BSON":      {unsigned, "application/bson", refused},
		"unsigned unknown":   {unsigned, "", refused},
		"unsigned text":      {unsigned, "text/plain", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, simulator.Options{})
			b.AddJob(simulator.Job{Description: "old"})

			g := b.signing("PUT", ownJobs+"/1", body)
			g.header["x-sdk-content-sha256"], g.hash = c.said, c.said

			r := g.request(t, ownJobs+"/1")
			if c.kind != "" {
				r.Header.Set("Content-Type", c.kind)
			}

			if c.reason == "" {
				b.do(r).wantStatus(t, http.StatusOK)
			} else {
				b.do(r).wantUnsigned(t, c.reason)
			}
		})
	}
}
