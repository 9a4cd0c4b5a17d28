package simulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const (
	agency          = `"domain_name":"OTC-EU-DE-00000000001000000002","agency_name":"simulator_agency"`
	delegatedByID   = `{"project":{"id":"e1d2c3b4a5f647089b0a1c2d3e4f5061"}}`
	delegatedByName = `{"project":{"name":"eu-de_delegated","domain":{"name":"OTC-EU-DE-00000000001000000002"}}}`
	agencyDomain    = `{"domain":{"name":"OTC-EU-DE-00000000001000000002"}}`
	delegatedJobs   = "/v1/" + simulator.DefaultDelegatedProjectID + jobs
)

// assume is the identity of a request for a token of an agency.
func assume(role string) string { return `{"methods":["assume_role"],"assume_role":{` + role + `}}` }

// useToken is the identity of a request for a token that is worth this one.
func useToken(id string) string { return `{"methods":["token"],"token":{"id":"` + id + `"}}` }

// assumed returns a token of the agency.
func (b *bench) assumed(scope string) string {
	b.t.Helper()

	r := b.logIn(assume(agency), scope, "X-Auth-Token", b.token)
	r.wantStatus(b.t, http.StatusCreated)

	return r.header.Get("X-Subject-Token")
}

func TestAgencyToken(t *testing.T) {
	t.Parallel()

	const (
		domain = `{"id": "9a4e2c7d1f3b48508e6d0c2b4a697f15", "name": "OTC-EU-DE-00000000001000000002"}`
		common = `"methods": ["assume_role"],
			"issued_at": "2026-03-01T13:00:00.000000Z", "expires_at": "2026-03-02T13:00:00.000000Z",
			"user": {
				"id": "7f1d3b5c9e2a4068b4c6d8e0f1a3b5c7",
				"name": "OTC-EU-DE-00000000001000000002/simulator_agency", "domain": ` + domain + `
			},
			"assumed_by": {"user": {
				"id": "0b9e6f4d2a8c4371b5d3e7f1a6c4820d", "name": "simulator",
				"domain": {"id": "5d0c1e8a3b7f4c96a2e4d1b08f6c7a93", "name": "OTC-EU-DE-00000000001000000001"}
			}},
			"roles": [{"id": "0", "name": "te_admin"}],
			"catalog": [{"id": "service-identity", "name": "iam", "type": "identity", "endpoints": [
				{"id": "endpoint-identity", "interface": "public", "region": "eu-de", "region_id": "eu-de",
				"url": "http://example.com/v3"}]}`
		ofProject = `{"token": {` + common + `,
			{"id": "service-modelarts", "name": "modelarts", "type": "modelarts", "endpoints": [
				{"id": "endpoint-modelarts", "interface": "public", "region": "eu-de", "region_id": "eu-de",
				"url": "http://example.com"}]},
			{"id": "service-modelartsv1", "name": "modelartsv1", "type": "modelartsv1", "endpoints": [
				{"id": "endpoint-modelartsv1", "interface": "public", "region": "eu-de", "region_id": "eu-de",
				"url": "http://example.com/v1/e1d2c3b4a5f647089b0a1c2d3e4f5061"}]}],
			"project": {"id": "e1d2c3b4a5f647089b0a1c2d3e4f5061", "name": "eu-de_delegated", "domain": ` + domain + `}}}`
		ofDomain = `{"token": {` + common + `], "domain": ` + domain + `}}`
	)

	b := newBench(t, simulator.Options{})
	b.clock.Advance(time.Hour) // It lives longer than the token it is got with.

	for scope, want := range map[string]string{delegatedByID: ofProject, delegatedByName: ofProject, agencyDomain: ofDomain} {
		r := b.logIn(assume(agency), scope, "X-Auth-Token", b.token)
		r.want(t, http.StatusCreated, want)

		token := r.header.Get("X-Subject-Token")
		b.send("GET", "/v3/auth/tokens", "", "X-Auth-Token", token, "X-Subject-Token", token).want(t, http.StatusOK, want)
	}
}

func TestAssumeRole(t *testing.T) {
	t.Parallel()

	const (
		byDomainID = `"domain_id":"9a4e2c7d1f3b48508e6d0c2b4a697f15"`
		byDomain   = `"domain_name":"OTC-EU-DE-00000000001000000002"`

		created = http.StatusCreated
		refused = http.StatusUnauthorized
	)

	for name, c := range map[string]struct {
		role, scope string
		status      int
	}{
		"domain by name":             {agency, delegatedByID, created},
		"domain by id":               {byDomainID + `,"agency_name":"simulator_agency"`, delegatedByID, created},
		"domain by both":             {byDomainID + `,` + agency, delegatedByID, created},
		"agency by its other name":   {byDomain + `,"xrole_name":"simulator_agency"`, delegatedByID, created},
		"agency by both names":       {agency + `,"xrole_name":"simulator_agency"`, delegatedByID, created},
		"no agency":                  {byDomain, delegatedByID, refused},
		"wrong agency":               {byDomain + `,"agency_name":"other"`, delegatedByID, refused},
		"wrong other name":           {byDomain + `,"xrole_name":"other"`, delegatedByID, refused},
		"names that do not agree":    {agency + `,"xrole_name":"other"`, delegatedByID, refused},
		"names that do not either":   {byDomain + `,"agency_name":"other","xrole_name":"simulator_agency"`, delegatedByID, refused},
		"no domain":                  {`"agency_name":"simulator_agency"`, delegatedByID, refused},
		"wrong domain":               {`"domain_name":"other","agency_name":"simulator_agency"`, delegatedByID, refused},
		"wrong domain id":            {`"domain_id":"other",` + agency, delegatedByID, refused},
		"domain of the user":         {`"domain_name":"OTC-EU-DE-00000000001000000001","agency_name":"simulator_agency"`, delegatedByID, refused},
		"domain of the user by id":   {`"domain_id":"5d0c1e8a3b7f4c96a2e4d1b08f6c7a93","agency_name":"simulator_agency"`, delegatedByID, refused},
		"project of the user":        {agency, projectByID, refused},
		"project of the user, named": {agency, projectByName, refused},
		"domain of the user, scope":  {agency, `{"domain":{"name":"OTC-EU-DE-00000000001000000001"}}`, refused},
		"project by name alone":      {agency, `{"project":{"name":"eu-de_delegated"}}`, refused},
		"project and user's domain": {
			agency, `{"project":{"name":"eu-de_delegated","domain":{"name":"OTC-EU-DE-00000000001000000001"}}}`, refused,
		},
		"project by id, wrong domain": {
			agency, `{"project":{"id":"e1d2c3b4a5f647089b0a1c2d3e4f5061","domain":{"name":"other"}}}`, refused,
		},
		"domain by id, scope": {agency, `{"domain":{"id":"9a4e2c7d1f3b48508e6d0c2b4a697f15"}}`, created},
		"unknown scope":       {agency, `{"system":{"all":true}}`, refused},
		"no scope":            {agency, "", http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, simulator.Options{})
			r := b.logIn(assume(c.role), c.scope, "X-Auth-Token", b.token)
			r.wantStatus(t, c.status)

			if c.status == refused {
				r.want(t, refused, unauthorized)
			}

			if issued := r.header.Get("X-Subject-Token") != ""; issued != (c.status == created) {
				t.Errorf("token issued: %t", issued)
			}
		})
	}
}

// TestWhoMayAssume checks with what proof of the user the agency is assumed.
func TestWhoMayAssume(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{TokenLifetime: time.Hour})
	agencys, old := b.assumed(delegatedByID), b.token

	b.clock.Advance(30 * time.Minute)

	unscoped := b.logIn(byID, "").header.Get("X-Subject-Token")

	b.clock.Advance(30 * time.Minute)

	for name, c := range map[string]struct {
		token  string
		status int
	}{
		"nobody": {"", http.StatusUnauthorized}, "somebody": {"other", http.StatusUnauthorized},
		"expired": {old, http.StatusUnauthorized}, "unscoped": {unscoped, http.StatusCreated},
		"another agency": {agencys, http.StatusUnauthorized},
	} {
		if r := b.logIn(assume(agency), delegatedByID, "X-Auth-Token", c.token); r.status != c.status {
			t.Errorf("%s: %d %v", name, r.status, r.body)
		}
	}
}

// TestAgencyStaysInItsTenant checks that neither of the two tokens gets to what
// the other one is for.
func TestAgencyStaysInItsTenant(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})
	token := b.assumed(delegatedByID)

	for name, c := range map[string]struct {
		path, token string
		status      int
	}{
		"agency": {delegatedJobs, token, http.StatusOK}, "agency in the user's": {ownJobs, token, http.StatusForbidden},
		"user": {ownJobs, b.token, http.StatusOK}, "user in the agency's": {delegatedJobs, b.token, http.StatusForbidden},
		"domain": {delegatedJobs, b.assumed(agencyDomain), http.StatusForbidden},
	} {
		if r := b.send("GET", c.path, "", "X-Auth-Token", c.token); r.status != c.status {
			t.Errorf("%s: %d %v", name, r.status, r.body)
		}
	}

	for name, c := range map[string]struct {
		token, scope string
		status       int
	}{
		"agency's project": {token, delegatedByName, http.StatusCreated}, "agency's domain": {token, agencyDomain, http.StatusCreated},
		"user's project": {token, projectByID, http.StatusUnauthorized}, "none": {token, "", http.StatusBadRequest},
		"user's domain":    {token, `{"domain":{"id":"5d0c1e8a3b7f4c96a2e4d1b08f6c7a93"}}`, http.StatusUnauthorized},
		"user in agency's": {b.token, delegatedByID, http.StatusUnauthorized},
		"user in domain":   {b.token, agencyDomain, http.StatusUnauthorized},
	} {
		r := b.logIn(useToken(c.token), c.scope)
		if r.status != c.status {
			t.Errorf("%s: %d %v", name, r.status, r.body)
		}

		// What comes of it is the agency's still.
		if next := r.header.Get("X-Subject-Token"); next != "" {
			b.logIn(useToken(next), projectByID).want(t, http.StatusUnauthorized, unauthorized)
			b.logIn(assume(agency), delegatedByID, "X-Auth-Token", next).want(t, http.StatusUnauthorized, unauthorized)
		}
	}

	// Nor does it help to prove to be the user as well.
	user := strings.Replace(assume(agency+`},"token":{"id":"`+b.token+`"`), `["assume_role"]`, `["assume_role","token"]`, 1)
	b.logIn(user, projectByID, "X-Auth-Token", b.token).want(t, http.StatusUnauthorized, unauthorized)
	b.logIn(user, delegatedByID, "X-Auth-Token", b.token).wantStatus(t, http.StatusCreated)

	both := strings.Replace(useToken(token), `["token"]`, `["token","password"]`, 1)
	both = strings.TrimSuffix(both, "}") + `,` + byID[len(`{"methods":["password"],`):]
	b.logIn(both, projectByID).want(t, http.StatusUnauthorized, unauthorized)
}

func TestJobsAreOneSet(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})
	b.send("POST", delegatedJobs, plainJob, "X-Auth-Token", b.assumed(delegatedByID)).wantStatus(t, http.StatusOK)
	b.call("GET", jobs+"/1", "").wantStatus(t, http.StatusOK)
}

func TestAssumeBySignature(t *testing.T) {
	t.Parallel()

	const path = "/v3/auth/tokens"

	for name, c := range map[string]struct {
		domain, secretKey string
		status            int
	}{
		"user's domain":   {simulator.DefaultDomainID, simulator.DefaultSecretKey, http.StatusCreated},
		"no domain":       {"", simulator.DefaultSecretKey, http.StatusUnauthorized},
		"agency's domain": {simulator.DefaultAgencyDomainID, simulator.DefaultSecretKey, http.StatusUnauthorized},
		"wrong secret":    {simulator.DefaultDomainID, "wrong", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, simulator.Options{})
			g := b.signing("POST", path, `{"auth":{"identity":`+assume(agency)+`,"scope":`+delegatedByID+`}}`)
			g.accessKey, g.secretKey, g.header = simulator.DefaultAccessKey, c.secretKey, nil

			if c.domain != "" {
				g.header = map[string]string{"x-domain-id": c.domain}
			}

			switch r := b.do(g.request(t, path)); c.status {
			case http.StatusCreated:
				token := r.header.Get("X-Subject-Token")
				b.send("GET", delegatedJobs, "", "X-Auth-Token", token).wantStatus(t, http.StatusOK)
			case http.StatusUnauthorized:
				r.want(t, c.status, unauthorized)
				b.wantFailures(simulator.DefaultAccessKey, 0)
			default:
				r.wantUnsigned(t, wrongKey)
				b.wantFailures(simulator.DefaultAccessKey, 1)
			}

			// A token is looked at before a signature, and alone.
			r := g.request(t, path)
			r.Header.Set("X-Auth-Token", "other")
			b.do(r).want(t, http.StatusUnauthorized, unauthorized)

			// The signature comes first otherwise: it counts whatever the request is.
			g.body = `{"auth":{"identity":` + assume(`"domain_name":"other"`) + `}}`
			g.secretKey = "wrong"
			b.do(g.request(t, path)).wantUnsigned(t, wrongKey)
		})
	}
}
