package simulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// listedIDs returns the IDs in a list of projects or domains.
func (f *fixture) listedIDs(target, token string) (ids string) {
	f.t.Helper()

	r := f.send("GET", target, "", "X-Auth-Token", token)
	for _, key := range []string{"projects", "domains"} {
		list, _ := r.body[key].([]any)
		for _, v := range list {
			ids += v.(map[string]any)["id"].(string)
		}
	}

	return ids
}

func TestProjectsAndDomains(t *testing.T) {
	const (
		project = `{"projects":[{"id":"c3f2a1d04b5e46f78a9bd0e1f2c3a4b5","name":"eu-de_simulator","description":"",
			"domain_id":"5d0c1e8a3b7f4c96a2e4d1b08f6c7a93","parent_id":"5d0c1e8a3b7f4c96a2e4d1b08f6c7a93",
			"is_domain":false,"enabled":true,
			"links":{"self":"http://example.com/v3/projects/c3f2a1d04b5e46f78a9bd0e1f2c3a4b5"}}],
			"links":{"self":"http://example.com/v3/projects?name=eu-de_simulator"}}`
		domain = `{"domains":[{"id":"5d0c1e8a3b7f4c96a2e4d1b08f6c7a93","name":"OTC-EU-DE-00000000001000000001",
			"description":"","enabled":true,
			"links":{"self":"http://example.com/v3/domains/5d0c1e8a3b7f4c96a2e4d1b08f6c7a93"}}],
			"links":{"self":"http://example.com/v3/auth/domains","previous":null,"next":null}}`
		noProject = `{"projects":[],"links":{"self":"http://example.com/v3/projects?name="}}`
		noDomain  = `{"domains":[],"links":{"self":"http://example.com/v3/auth/domains?name=","previous":null,"next":null}}`
	)

	f := newFixture(t, simulator.Options{})
	agency := f.newToken(byAgency, delegatedDomain)

	for target, want := range map[string]string{
		"/v3/projects?name=eu-de_simulator": project, "/v3/auth/domains": domain,
		"/v3/projects?name=": noProject, "/v3/auth/domains?name=": noDomain,
	} {
		f.send("GET", target, "", "X-Auth-Token", f.token).wantBody(t, http.StatusOK, want)
		f.signedGet(target, nil).wantBody(t, http.StatusOK, want)
	}

	both := [2]string{simulator.DefaultProjectID, simulator.DefaultDelegatedProjectID}
	domains := [2]string{simulator.DefaultDomainID, simulator.DefaultAgencyDomainID}

	for target, want := range map[string][2]string{ // for the user and the agency
		"/v3/projects":                      both,
		"/v3/projects?name=eu-de_delegated": {"", both[1]},
		"/v3/projects?name=eu-de":           {"", ""},
		"/v3/projects?domain_id=other":      {"", ""},
		"/v3/projects?domain_id=5d0c1e8a3b7f4c96a2e4d1b08f6c7a93&name=eu-de_simulator": {both[0], ""},
		"/v3/projects?domain_id=9a4e2c7d1f3b48508e6d0c2b4a697f15":                      {"", both[1]},
		"/v3/auth/domains": domains,
		"/v3/auth/domains?name=OTC-EU-DE-00000000001000000001": {domains[0], ""},
		"/v3/auth/domains?name=OTC-EU-DE-00000000001000000002": {"", domains[1]},
	} {
		got := [2]string{f.listedIDs(target, f.token), f.listedIDs(target, agency)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", target, diff)
		}
	}
}

// TestCallersOfIAM covers the credentials of every request but the one for a token.
func TestCallersOfIAM(t *testing.T) {
	const otherTenant = "403 IAM: The access key is not for the project or the domain that the request names."

	f := newFixture(t, simulator.Options{})
	f.signedGet("/v3/auth/catalog", map[string]string{"x-domain-id": simulator.DefaultDomainID}).want(t, catalogForbidden)

	for _, path := range []string{"/v3/projects", "/v3/auth/domains", "/v3/auth/catalog", "/v3/auth/tokens"} {
		f := newFixture(t, simulator.Options{})
		f.send("GET", path, "").want(t, unauthorized)
		f.send("GET", path, "", "X-Auth-Token", "other").want(t, unauthorized)
		f.send("GET", path, "", "Authorization", "Basic YTpi").want(t, unauthorized)
		f.signedGet(path, map[string]string{"x-project-id": simulator.DefaultDelegatedProjectID}).want(t, otherTenant)
		f.signedGet(path, map[string]string{"x-domain-id": simulator.DefaultAgencyDomainID}).want(t, otherTenant)
		f.signedGet(path, map[string]string{
			"x-project-id": simulator.DefaultProjectID, "x-domain-id": simulator.DefaultDomainID, "x-subject-token": f.token,
		}).want(t, "200")

		r := f.signing("GET", path, "").request(path)
		r.Header.Set("X-Auth-Token", "other")
		f.do(r).want(t, unauthorized)
		f.wantFailures(simulator.DefaultAccessKey, 0)

		r = f.signing("GET", path, "").request(path)
		r.Header.Set("X-Sdk-Date", f.skewed(time.Second))
		f.do(r).want(t, rejectedSignature(wrongSignature))
		f.wantFailures(simulator.DefaultAccessKey, 1)
	}
}

func TestIdentityRequests(t *testing.T) {
	const version = `{"id":"v3.14","status":"stable","updated":"2020-04-07T00:00:00Z",
		"links":[{"rel":"self","href":"http://example.com/v3/"}],
		"media-types":[{"base":"application/json","type":"application/vnd.openstack.identity-v3+json"}]}`

	f := newFixture(t, simulator.Options{})
	f.send("GET", "/", "").wantBody(t, http.StatusMultipleChoices, `{"versions":{"values":[`+version+`]}}`)
	f.send("GET", "/v3", "").wantBody(t, http.StatusOK, `{"version":`+version+`}`)
	f.send("GET", "/v3/", "").wantBody(t, http.StatusOK, `{"version":`+version+`}`)

	// A HEAD request verifies a token.
	f.send("HEAD", "/v3/auth/tokens", "", "X-Auth-Token", f.token, "X-Subject-Token", f.token).want(t, "200")
	f.send("HEAD", "/v3/auth/tokens", "", "X-Auth-Token", f.token, "X-Subject-Token", "other").
		want(t, "404 IAM: The subject token is not known.")
	f.send("DELETE", "/v3/users", "", "X-Auth-Token", f.token).want(t, "404 IAM: Nothing is found at DELETE /v3/users.")

	for body, want := range map[string]string{
		"": "400 IAM: The request body is invalid: ", "[]": "400 IAM: The request body is invalid: ",
		strings.Repeat(" ", 1<<20) + "{}": "413 IAM: Bad request: read request body: ",
	} {
		if r := f.send("POST", "/v3/auth/tokens", body); !strings.HasPrefix(r.String(), want) {
			t.Errorf("response %s, want %s", r, want)
		}
	}
}
