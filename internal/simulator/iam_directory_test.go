package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// signedTo sends a request to IAM, signed for neither a project nor a domain. The
// canonical query is the one that is sent.
func (b *bench) signedTo(method, target string, header map[string]string) reply {
	b.t.Helper()

	path, query, _ := strings.Cut(target, "?")
	g := b.signing(method, path, "")
	g.query, g.header = query, header

	return b.do(g.request(b.t, target))
}

func TestProjects(t *testing.T) {
	t.Parallel()

	const (
		own = `{"id":"c3f2a1d04b5e46f78a9bd0e1f2c3a4b5","name":"eu-de_simulator","description":"",
			"domain_id":"5d0c1e8a3b7f4c96a2e4d1b08f6c7a93","parent_id":"5d0c1e8a3b7f4c96a2e4d1b08f6c7a93",
			"is_domain":false,"enabled":true,
			"links":{"self":"http://example.com/v3/projects/c3f2a1d04b5e46f78a9bd0e1f2c3a4b5"}}`
		delegated = `{"id":"e1d2c3b4a5f647089b0a1c2d3e4f5061","name":"eu-de_delegated","description":"",
			"domain_id":"9a4e2c7d1f3b48508e6d0c2b4a697f15","parent_id":"9a4e2c7d1f3b48508e6d0c2b4a697f15",
			"is_domain":false,"enabled":true,
			"links":{"self":"http://example.com/v3/projects/e1d2c3b4a5f647089b0a1c2d3e4f5061"}}`
	)

	b := newBench(t, simulator.Options{})
	agencys := b.assumed(agencyDomain)

	for query, c := range map[string]struct{ user, agency string }{
		"":                      {own, delegated},
		"?name=eu-de_simulator": {own, ""},
		"?name=eu-de_delegated": {"", delegated},
		"?name=eu-de":           {"", ""},
		"?name=":                {"", ""},
		"?domain_id=other":      {"", ""},
		"?domain_id=5d0c1e8a3b7f4c96a2e4d1b08f6c7a93&name=eu-de_simulator": {own, ""},
		"?domain_id=9a4e2c7d1f3b48508e6d0c2b4a697f15":                      {"", delegated},
	} {
		answer := func(project string) string {
			return `{"projects":[` + project + `],"links":{"self":"http://example.com/v3/projects` + query + `"}}`
		}

		b.send("GET", "/v3/projects"+query, "", "X-Auth-Token", b.token).want(t, http.StatusOK, answer(c.user))
		b.send("GET", "/v3/projects"+query, "", "X-Auth-Token", agencys).want(t, http.StatusOK, answer(c.agency))
		b.signedTo("GET", "/v3/projects"+query, nil).want(t, http.StatusOK, answer(c.user))
	}
}

func TestDomains(t *testing.T) {
	t.Parallel()

	const (
		own = `{"id":"5d0c1e8a3b7f4c96a2e4d1b08f6c7a93","name":"OTC-EU-DE-00000000001000000001","description":"",
			"enabled":true,"links":{"self":"http://example.com/v3/domains/5d0c1e8a3b7f4c96a2e4d1b08f6c7a93"}}`
		delegating = `{"id":"9a4e2c7d1f3b48508e6d0c2b4a697f15","name":"OTC-EU-DE-00000000001000000002","description":"",
			"enabled":true,"links":{"self":"http://example.com/v3/domains/9a4e2c7d1f3b48508e6d0c2b4a697f15"}}`
	)

	b := newBench(t, simulator.Options{})
	agencys := b.assumed(delegatedByID)

	for query, c := range map[string]struct{ user, agency string }{
		"":                                     {own, delegating},
		"?name=OTC-EU-DE-00000000001000000001": {own, ""},
		"?name=OTC-EU-DE-00000000001000000002": {"", delegating},
		"?name=":                               {"", ""},
	} {
		answer := func(domain string) string {
			return `{"domains":[` + domain + `],
				"links":{"self":"http://example.com/v3/auth/domains` + query + `","previous":null,"next":null}}`
		}

		b.send("GET", "/v3/auth/domains"+query, "", "X-Auth-Token", b.token).want(t, http.StatusOK, answer(c.user))
		b.send("GET", "/v3/auth/domains"+query, "", "X-Auth-Token", agencys).want(t, http.StatusOK, answer(c.agency))
		b.signedTo("GET", "/v3/auth/domains"+query, nil).want(t, http.StatusOK, answer(c.user))
	}
}

// TestCallersOfIAM checks what every call but the one for a token has in common.
func TestCallersOfIAM(t *testing.T) {
	t.Parallel()

	const forbidden = `{"error":{"code":403,"title":"Forbidden",
		"message":"The access key is not for the project or the domain that the request names."}}`

	for _, path := range []string{"/v3/projects", "/v3/auth/domains", "/v3/auth/catalog", "/v3/auth/tokens"} {
		b := newBench(t, simulator.Options{})
		b.send("GET", path, "").want(t, http.StatusUnauthorized, unauthorized)
		b.send("GET", path, "", "X-Auth-Token", "other").want(t, http.StatusUnauthorized, unauthorized)
		b.send("GET", path, "", "Authorization", "Basic YTpi").want(t, http.StatusUnauthorized, unauthorized)

		for name, value := range map[string]string{
			"x-project-id": simulator.DefaultDelegatedProjectID, "x-domain-id": simulator.DefaultAgencyDomainID,
		} {
			b.signedTo("GET", path, map[string]string{name: value}).want(t, http.StatusForbidden, forbidden)
		}

		own := map[string]string{
			"x-project-id": simulator.DefaultProjectID, "x-domain-id": simulator.DefaultDomainID,
			"x-subject-token": b.token,
		}
		b.signedTo("GET", path, own).wantStatus(t, http.StatusOK)

		r := b.signing("GET", path, "").request(t, path)
		r.Header.Set("X-Auth-Token", "other")
		b.do(r).want(t, http.StatusUnauthorized, unauthorized)

		b.wantFailures(simulator.DefaultAccessKey, 0)

		r = b.signing("GET", path, "").request(t, path)
		r.Header.Set("X-Project-Id", "other")
		b.do(r).wantUnsigned(t, wrongKey)
		b.wantFailures(simulator.DefaultAccessKey, 1)
	}
}

// TestHead checks the call by which a token is verified. A recorder keeps a body
// that net/http would not send.
func TestHead(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})

	for subject, status := range map[string]int{b.token: http.StatusOK, "other": http.StatusNotFound} {
		b.signedTo("HEAD", "/v3/auth/tokens", map[string]string{"x-subject-token": subject}).wantStatus(t, status)
		b.send("HEAD", "/v3/auth/tokens", "", "X-Auth-Token", b.token, "X-Subject-Token", subject).wantStatus(t, status)
	}
}

func TestCatalog(t *testing.T) {
	t.Parallel()

	const (
		forbidden = `{"error":{"code":403,"title":"Forbidden",
			"message":"Only a caller with a project is shown the service catalog."}}`
		path = "/v3/auth/catalog"
	)

	want := func(project string) string {
		return `{"catalog": [
			{"id": "service-identity", "name": "iam", "type": "identity", "endpoints": [
				{"id": "endpoint-identity", "interface": "public", "region": "eu-de", "region_id": "eu-de",
				"url": "http://example.com/v3"}]},
			{"id": "service-modelarts", "name": "modelarts", "type": "modelarts", "endpoints": [
				{"id": "endpoint-modelarts", "interface": "public", "region": "eu-de", "region_id": "eu-de",
				"url": "http://example.com"}]},
			{"id": "service-modelartsv1", "name": "modelartsv1", "type": "modelartsv1", "endpoints": [
				{"id": "endpoint-modelartsv1", "interface": "public", "region": "eu-de", "region_id": "eu-de",
				"url": "http://example.com/v1/` + project + `"}]}
		], "links": {"self": "http://example.com/v3/auth/catalog"}}`
	}

	b := newBench(t, simulator.Options{})

	unscoped := b.logIn(byID, "").header.Get("X-Subject-Token")
	ofDomain := b.logIn(byID, `{"domain":{"name":"OTC-EU-DE-00000000001000000001"}}`).header.Get("X-Subject-Token")

	for token, project := range map[string]string{
		b.token:                  simulator.DefaultProjectID,
		b.assumed(delegatedByID): simulator.DefaultDelegatedProjectID,
		b.assumed(agencyDomain):  "", unscoped: "", ofDomain: "",
	} {
		r := b.send("GET", path, "", "X-Auth-Token", token)
		if project == "" {
			r.want(t, http.StatusForbidden, forbidden)
		} else {
			r.want(t, http.StatusOK, want(project))
		}
	}

	b.signedTo("GET", path, map[string]string{"x-project-id": simulator.DefaultProjectID}).
		want(t, http.StatusOK, want(simulator.DefaultProjectID))
	b.signedTo("GET", path, nil).want(t, http.StatusForbidden, forbidden)
	b.signedTo("GET", path, map[string]string{"x-domain-id": simulator.DefaultDomainID}).
		want(t, http.StatusForbidden, forbidden)
}

// TestDefaultProjectOfTheRegion finds a project that is called like its region.
func TestDefaultProjectOfTheRegion(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{ProjectName: "eu-de", DelegatedProjectName: "eu-de"})

	for token, id := range map[string]string{
		b.token:                 simulator.DefaultProjectID,
		b.assumed(agencyDomain): simulator.DefaultDelegatedProjectID,
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/v3/projects?name=eu-de", http.NoBody)
		r.Header.Set("X-Auth-Token", token)

		projects, _ := b.do(r).body["projects"].([]any)
		if len(projects) != 1 || projects[0].(map[string]any)["id"] != id {
			t.Errorf("projects: %v", projects)
		}
	}
}
