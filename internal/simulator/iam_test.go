package simulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// Parts of requests for a token.
const (
	byName = `{"methods":["password"],"password":{"user":{"name":"simulator","password":"simulator-password",
		"domain":{"name":"OTC-EU-DE-00000000001000000001"}}}}`
	byID = `{"methods":["password"],"password":{"user":{"id":"0b9e6f4d2a8c4371b5d3e7f1a6c4820d",
		"password":"simulator-password"}}}`
	agencyNames  = `"domain_name":"OTC-EU-DE-00000000001000000002","agency_name":"simulator_agency"`
	byAgency     = `{"methods":["assume_role"],"assume_role":{` + agencyNames + `}}`
	userDomain   = `{"id":"5d0c1e8a3b7f4c96a2e4d1b08f6c7a93","name":"OTC-EU-DE-00000000001000000001"}`
	agencyDomain = `{"id":"9a4e2c7d1f3b48508e6d0c2b4a697f15","name":"OTC-EU-DE-00000000001000000002"}`

	noScope         = ""
	projectByID     = `{"project":{"id":"c3f2a1d04b5e46f78a9bd0e1f2c3a4b5"}}`
	projectByName   = `{"project":{"name":"eu-de_simulator","domain":{"name":"OTC-EU-DE-00000000001000000001"}}}`
	domainScope     = `{"domain":{"name":"OTC-EU-DE-00000000001000000001"}}`
	delegatedByID   = `{"project":{"id":"e1d2c3b4a5f647089b0a1c2d3e4f5061"}}`
	delegatedByName = `{"project":{"name":"eu-de_delegated","domain":{"name":"OTC-EU-DE-00000000001000000002"}}}`
	delegatedDomain = `{"domain":{"id":"9a4e2c7d1f3b48508e6d0c2b4a697f15"}}`

	unauthorized     = "401 IAM: The request you have made requires authentication."
	scopeMissing     = "400 IAM: A token of an agency needs a scope."
	catalogForbidden = "403 IAM: Only a caller with a project is shown the service catalog."
	created          = "201"
)

// byToken is the identity of a request that exchanges a token.
func byToken(token string) string { return `{"methods":["token"],"token":{"id":"` + token + `"}}` }

// withMethod adds a method, with its data if there is any, to an identity with one method.
func withMethod(identity, method, data string) string {
	identity = strings.Replace(identity, `"],`, `","`+method+`"],`, 1)
	if data != "" {
		identity = strings.TrimSuffix(identity, "}") + `,"` + method + `":` + data + "}"
	}
	return identity
}

// logIn requests a token.
func (f *fixture) logIn(identity, scope string, header ...string) response {
	f.t.Helper()
	return f.send("POST", "/v3/auth/tokens", authBody(identity, scope), header...)
}

func authBody(identity, scope string) string {
	if scope != noScope {
		scope = `,"scope":` + scope
	}
	return `{"auth":{"identity":` + identity + scope + "}}"
}

// newToken returns a token for an identity and a scope.
func (f *fixture) newToken(identity, scope string) string {
	f.t.Helper()
	r := f.logIn(identity, scope, "X-Auth-Token", f.token)
	r.want(f.t, created)
	return r.header.Get("X-Subject-Token")
}

// catalogJSON returns the services that a caller with this project gets, or those of a domain.
func catalogJSON(project string) string {
	const service = `{"id":"service-KIND","name":"NAME","type":"KIND","endpoints":[
		{"id":"endpoint-KIND","interface":"public","region":"eu-de","region_id":"eu-de","url":"http://example.comPATH"}]}`
	services := strings.NewReplacer("KIND", "identity", "NAME", "iam", "PATH", "/v3").Replace(service)
	if project != "" {
		services += "," + strings.NewReplacer("KIND", "modelarts", "NAME", "modelarts", "PATH", "").Replace(service) +
			"," + strings.NewReplacer("KIND", "modelartsv1", "NAME", "modelartsv1", "PATH", "/v1/"+project).Replace(service)
	}
	return "[" + services + "]"
}

func TestTokenDescription(t *testing.T) {
	const (
		user   = `{"id":"0b9e6f4d2a8c4371b5d3e7f1a6c4820d","name":"simulator","domain":` + userDomain + `}`
		agency = `{"id":"7f1d3b5c9e2a4068b4c6d8e0f1a3b5c7",
			"name":"OTC-EU-DE-00000000001000000002/simulator_agency","domain":` + agencyDomain + `}`
		times   = `"issued_at":"2026-03-01T13:00:00.000000Z","expires_at":"2026-03-02T13:00:00.000000Z",`
		roles   = `,"roles":[{"id":"0","name":"te_admin"}],"catalog":`
		project = `"project":{"id":"c3f2a1d04b5e46f78a9bd0e1f2c3a4b5","name":"eu-de_simulator","domain":` + userDomain + `}` + roles
		other   = `"project":{"id":"e1d2c3b4a5f647089b0a1c2d3e4f5061","name":"eu-de_delegated","domain":` + agencyDomain + `}` + roles
		ofUser  = `{"token":{"methods":["password"],` + times + `"user":` + user
		ofOther = `{"token":{"methods":["assume_role"],` + times + `"user":` + agency + `,"assumed_by":{"user":` + user + `},`

		own, delegated = simulator.DefaultProjectID, simulator.DefaultDelegatedProjectID
	)
	f := newFixture(t, simulator.Options{})
	f.clock.Advance(time.Hour) // A token of the agency doesn't expire with the token of the user.
	for _, c := range []struct{ identity, scope, path, want, project, list string }{
		{byName, projectByName, "", ofUser + "," + project + catalogJSON(own), own, "200"},
		{byID, projectByID, "?nocatalog", ofUser + "," + strings.TrimSuffix(project, `,"catalog":`), own, "200"},
		{byID, domainScope, "", ofUser + `,"domain":` + userDomain + roles + catalogJSON(""), "", forbidden},
		{byID, noScope, "", ofUser, "", forbidden},
		{byAgency, delegatedByID, "", ofOther + other + catalogJSON(delegated), delegated, otherProject},
		{byAgency, delegatedByName, "", ofOther + other + catalogJSON(delegated), delegated, otherProject},
		{byAgency, delegatedDomain, "", ofOther + `"domain":` + agencyDomain + roles + catalogJSON(""), "", forbidden},
	} {
		r := f.send("POST", "/v3/auth/tokens"+c.path, authBody(c.identity, c.scope), "X-Auth-Token", f.token)
		r.wantBody(t, http.StatusCreated, c.want+"}}")
		token := r.header.Get("X-Subject-Token")
		if token == "" || strings.Contains(token, "password") {
			t.Errorf("token %q", token)
		}

		r = f.send("GET", "/v3/auth/tokens"+c.path, "", "X-Auth-Token", f.token, "X-Subject-Token", token)
		r.wantBody(t, http.StatusOK, c.want+"}}")
		if got := r.header.Get("X-Subject-Token"); got != token {
			t.Errorf("X-Subject-Token %q, want %q", got, token)
		}

		f.send("GET", projectJobs, "", "X-Auth-Token", token).want(t, c.list)
		r = f.send("GET", "/v3/auth/catalog", "", "X-Auth-Token", token)
		if c.project == "" {
			r.want(t, catalogForbidden)
			continue
		}
		r.wantBody(t, http.StatusOK, `{"catalog":`+catalogJSON(c.project)+`,"links":{"self":"http://example.com/v3/auth/catalog"}}`)
	}
}

// TestCreateToken replaces USER, UNSCOPED, AGENCY and EXPIRED by a token of that kind. The caller is the
// token of the request.
func TestCreateToken(t *testing.T) {
	const (
		named    = `"name":"simulator","password":"simulator-password"`
		userID   = `"id":"0b9e6f4d2a8c4371b5d3e7f1a6c4820d"`
		byDomain = `"domain_name":"OTC-EU-DE-00000000001000000002"`
		byDomID  = `"domain_id":"9a4e2c7d1f3b48508e6d0c2b4a697f15"`
	)
	password := func(user string) string { return `{"methods":["password"],"password":{"user":{` + user + `}}}` }
	assume := func(role string) string { return `{"methods":["assume_role"],"assume_role":{` + role + `}}` }
	f := newFixture(t, simulator.Options{TokenLifetime: time.Hour})
	old := f.token
	f.clock.Advance(30 * time.Minute)
	f.token = f.IssueToken()
	agency := f.newToken(byAgency, delegatedByID)
	tokens := strings.NewReplacer("USER", f.token, "UNSCOPED", f.newToken(byID, noScope), "AGENCY", agency, "EXPIRED", old)
	f.clock.Advance(30 * time.Minute)
	for name, c := range map[string]struct{ caller, identity, scope, want string }{
		"wrong password":         {"", password(userID + `,"password":"wrong"`), projectByID, unauthorized},
		"user without domain":    {"", password(named), projectByID, unauthorized},
		"user of another domain": {"", password(named + `,"domain":{"name":"other"}`), projectByID, unauthorized},
		"no user":                {"", password(`"password":"simulator-password","domain":` + userDomain), projectByID, unauthorized},
		"no method":              {"", `{"methods":[]}`, projectByID, unauthorized},
		"second method unknown":  {"", withMethod(byID, "saml2", ""), projectByID, unauthorized},
		"passcode only":          {"", `{"methods":["totp"],"totp":{"user":{"passcode":"1"}}}`, projectByID, unauthorized},

		"project of another domain": {"", byID, `{"project":{"name":"eu-de_simulator","domain":{"name":"other"}}}`, unauthorized},
		"project of the agency":     {"", byID, delegatedByID, unauthorized},
		"domain of the agency":      {"", byID, delegatedDomain, unauthorized},

		"token":              {"", byToken("USER"), projectByID, created},
		"token, no scope":    {"", byToken("USER"), noScope, created},
		"token, agency":      {"", byToken("USER"), delegatedByID, unauthorized},
		"unscoped token":     {"", byToken("UNSCOPED"), projectByID, created},
		"unknown token":      {"", byToken("other"), projectByID, unauthorized},
		"expired token":      {"", byToken("EXPIRED"), noScope, unauthorized},
		"token of an agency": {"", byToken("AGENCY"), delegatedByID, created},
		"token of an agency, project of the user": {"", byToken("AGENCY"), projectByID, unauthorized},
		"token of an agency, no scope":            {"", byToken("AGENCY"), noScope, scopeMissing},

		"agency":                                   {"USER", byAgency, delegatedByID, created},
		"agency, no caller":                        {"", byAgency, delegatedByID, unauthorized},
		"agency, expired caller":                   {"EXPIRED", byAgency, delegatedByID, unauthorized},
		"agency of an agency":                      {"AGENCY", byAgency, delegatedByID, unauthorized},
		"agency, domain by both":                   {"UNSCOPED", assume(byDomID + `,` + agencyNames), delegatedByID, created},
		"agency, other key":                        {"USER", assume(byDomain + `,"xrole_name":"simulator_agency"`), delegatedByID, created},
		"agency, no name":                          {"USER", assume(byDomain), delegatedByID, unauthorized},
		"agency, second key wrong":                 {"USER", assume(agencyNames + `,"xrole_name":"other"`), delegatedByID, unauthorized},
		"agency, first key wrong":                  {"USER", assume(byDomain + `,"agency_name":"other","xrole_name":"simulator_agency"`), delegatedByID, unauthorized},
		"agency, project without domain":           {"USER", byAgency, `{"project":{"name":"eu-de_delegated"}}`, unauthorized},
		"agency, project by ID, wrong domain":      {"USER", byAgency, `{"project":{"id":"e1d2c3b4a5f647089b0a1c2d3e4f5061","domain":{"name":"other"}}}`, unauthorized},
		"agency, no scope":                         {"USER", byAgency, noScope, scopeMissing},
		"agency and token":                         {"USER", withMethod(byAgency, "token", `{"id":"USER"}`), delegatedByID, created},
		"agency and token, project of the user":    {"USER", withMethod(byAgency, "token", `{"id":"USER"}`), projectByID, unauthorized},
		"agency and password, project of the user": {"USER", withMethod(byID, "assume_role", `{`+agencyNames+`}`), projectByID, unauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			r := f.logIn(tokens.Replace(c.identity), c.scope, "X-Auth-Token", tokens.Replace(c.caller))
			r.want(t, c.want)
			if issued := r.header.Get("X-Subject-Token") != ""; issued != (c.want == created) {
				t.Errorf("token issued: %t", issued)
			}
		})
	}

	// A token in exchange for that of an agency is the agency's, and expires with it.
	r := f.logIn(byToken(agency), delegatedByID)
	if token, ok := r.body["token"].(map[string]any); !ok || token["expires_at"] != "2026-03-01T13:30:00.000000Z" {
		t.Errorf("the token is %v", token)
	}
	next := r.header.Get("X-Subject-Token")
	f.logIn(byToken(next), projectByID).want(t, unauthorized)
	f.logIn(byAgency, delegatedByID, "X-Auth-Token", next).want(t, unauthorized)
}

// TestSignedAssume also shows that both projects have the same jobs.
func TestSignedAssume(t *testing.T) {
	const path = "/v3/auth/tokens"
	for _, c := range []struct{ domain, secret, want string }{
		{simulator.DefaultDomainID, simulator.DefaultSecretKey, created},
		{"", simulator.DefaultSecretKey, unauthorized},
		{simulator.DefaultAgencyDomainID, simulator.DefaultSecretKey, unauthorized},
		{simulator.DefaultDomainID, "wrong", rejectedSignature(wrongSignature)},
	} {
		f := newFixture(t, simulator.Options{})
		g := f.signing("POST", path, authBody(byAgency, delegatedByID), map[string]string{"x-domain-id": c.domain})
		g.key.secret = c.secret
		r := f.do(g.request(path))
		r.want(t, c.want)
		if token := r.header.Get("X-Subject-Token"); token != "" {
			f.send("POST", "/v1/"+simulator.DefaultDelegatedProjectID+jobs, plainJob, "X-Auth-Token", token).want(t, "200")
			f.request("GET", jobs+"/1", "").want(t, "200")
		}
	}
}

// TestPasscode covers a passcode that is valid once: a request whose other methods are right
// uses it up, even if it gets no token.
func TestPasscode(t *testing.T) {
	const project = `{"project":{"name":"eu-de"}}`
	withPasscode := func(password, passcode string) string {
		return withMethod(strings.Replace(byID, "simulator-password", password, 1), "totp", `{"user":{"passcode":"`+passcode+`"}}`)
	}
	right, wrong := withPasscode("p", "123456"), withPasscode("p", "654321")
	for name, c := range map[string]struct {
		options  simulator.Options
		attempts [][3]string // identity, scope and response
	}{
		"valid": {simulator.Options{Passcode: "123456"}, [][3]string{
			{withPasscode("p", ""), project, unauthorized}, {wrong, project, unauthorized}, {right, project, created}, {right, project, created},
		}},
		"valid once": {simulator.Options{Passcode: "123456", PasscodeOnce: true}, [][3]string{
			{withPasscode("wrong", "123456"), project, unauthorized},
			{wrong, project, unauthorized},
			{right, delegatedByID, unauthorized},
			{right, project, unauthorized},
		}},
		"none": {simulator.Options{PasscodeOnce: true}, [][3]string{
			{right, project, created}, {wrong, project, created}, {byID, project, unauthorized},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			c.options.Password, c.options.ProjectName = "p", "eu-de"
			f := newFixture(t, c.options)
			for _, a := range c.attempts {
				f.logIn(a[0], a[1]).want(t, a[2])
			}
		})
	}
}

func TestProjectsAndDomains(t *testing.T) {
	const none = "[]"
	item := func(path, id, name, more string) string {
		return `[{"id":"` + id + `","name":"` + name + `","description":"","enabled":true` + more + `,"links":{"self":"http://example.com` + path + id + `"}}]`
	}
	project := func(id, name, domain string) string {
		return item("/v3/projects/", id, name, `,"domain_id":"`+domain+`","parent_id":"`+domain+`","is_domain":false`)
	}
	own := project(simulator.DefaultProjectID, "eu-de_simulator", simulator.DefaultDomainID)
	delegated := project(simulator.DefaultDelegatedProjectID, "eu-de_delegated", simulator.DefaultAgencyDomainID)
	domain := item("/v3/domains/", simulator.DefaultDomainID, simulator.DefaultDomainName, "")
	other := item("/v3/domains/", simulator.DefaultAgencyDomainID, simulator.DefaultAgencyDomainName, "")
	const projects, domains = `{"projects":ITEMS,"links":{"self":"URL"}}`, `{"domains":ITEMS,"links":{"self":"URL","previous":null,"next":null}}`
	f := newFixture(t, simulator.Options{})
	agency := f.newToken(byAgency, delegatedDomain)
	for target, c := range map[string]struct{ form, user, agency string }{
		"/v3/projects":                      {projects, own, delegated},
		"/v3/projects?name=eu-de_delegated": {projects, none, delegated},
		"/v3/projects?domain_id=5d0c1e8a3b7f4c96a2e4d1b08f6c7a93&name=eu-de_simulator": {projects, own, none},
		"/v3/auth/domains":       {domains, domain, other},
		"/v3/auth/domains?name=": {domains, none, none},
		"/v3/auth/domains?name=OTC-EU-DE-00000000001000000002": {domains, none, other},
	} {
		list := strings.Replace(c.form, "URL", "http://example.com"+target, 1)
		forUser, forAgency := strings.Replace(list, "ITEMS", c.user, 1), strings.Replace(list, "ITEMS", c.agency, 1)
		f.send("GET", target, "", "X-Auth-Token", f.token).wantBody(t, http.StatusOK, forUser)
		f.send("GET", target, "", "X-Auth-Token", agency).wantBody(t, http.StatusOK, forAgency)
		f.signedGet(target, nil).wantBody(t, http.StatusOK, forUser)
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
		f.signedGet(path, map[string]string{"x-project-id": simulator.DefaultDelegatedProjectID}).want(t, otherTenant)
		f.signedGet(path, map[string]string{"x-domain-id": simulator.DefaultAgencyDomainID}).want(t, otherTenant)
		f.signedGet(path, map[string]string{
			"x-project-id": simulator.DefaultProjectID, "x-domain-id": simulator.DefaultDomainID, "x-subject-token": f.token,
		}).want(t, "200")

		r := f.signing("GET", path, "", nil).request(path)
		r.Header.Set("X-Sdk-Date", f.date(time.Second))
		f.do(r).want(t, rejectedSignature(wrongSignature))
		r.Header.Set("X-Auth-Token", "other") // It takes precedence.
		f.do(r).want(t, unauthorized)
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

	// A HEAD request verifies a token.
	f.send("HEAD", "/v3/auth/tokens", "", "X-Auth-Token", f.token, "X-Subject-Token", f.token).want(t, "200")
	f.send("HEAD", "/v3/auth/tokens", "", "X-Auth-Token", f.token, "X-Subject-Token", "other").
		want(t, "404 IAM: The subject token is not known.")
	f.send("DELETE", "/v3/users", "", "X-Auth-Token", f.token).want(t, "404 IAM: Nothing is found at DELETE /v3/users.")
	for body, want := range map[string]string{
		"[]": "400 IAM: The request body is invalid: ", strings.Repeat(" ", 1<<20) + "{}": "413 IAM: Bad request: read request body: ",
	} {
		if r := f.send("POST", "/v3/auth/tokens", body); !strings.HasPrefix(r.String(), want) {
			t.Errorf("response %s, want %s", r, want)
		}
	}
}
