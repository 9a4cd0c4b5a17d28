package auth

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// canonical returns a request as method, path and body. The JSON of the body has sorted keys and no spaces.
func canonical(t *testing.T, request string) string {
	t.Helper()
	line, body, ok := strings.Cut(request, " {")
	if !ok {
		return strings.TrimSpace(line)
	}
	var content any
	if err := json.Unmarshal([]byte("{"+body), &content); err != nil {
		t.Fatalf("%s: %v", request, err)
	}
	sorted, _ := json.Marshal(content)
	return line + " " + string(sorted)
}

// TestLogins compares the requests to IAM with the documented ones, and renews the token twice. A token is exchanged only if it isn't for the
// configured project, because the token of an agency or of a federated user can't always be exchanged.
func TestLogins(t *testing.T) {
	t.Parallel()
	const (
		domain   = `"domain": {"name": "OTC-EU-DE-1"}`
		user1    = `{"name": "user", "password": "` + password + `", ` + domain + `}`
		byName   = `{"methods": ["password"], "password": {"user": ` + user1 + `}}`
		byID     = `{"methods": ["password"], "password": {"user": {"id": "0b9e", "password": "` + password + `"}}}`
		region   = `{"project": {"name": "eu-de", ` + domain + `}}`
		theirs   = `{"project": {"name": "eu-de_theirs", "domain": {"name": "theirs"}}}`
		get      = "GET /v3/auth/tokens"
		ofDomain = "GET /v3/auth/domains"
		owner    = `"user": {"id": "u", "name": "user", "domain": {"id": "ud", "name": "users"}}`
	)
	// post returns the request for a token of an identity. An empty scope is absent.
	post := func(identity, scope string) string {
		if scope != "" {
			scope = `, "scope": ` + scope
		}
		return login + ` {"auth": {"identity": ` + identity + scope + `}}`
	}
	exchange := func(scope string) []string {
		return []string{get, post(`{"methods": ["token"], "token": {"id": "old"}}`, `{"project": `+scope+`}`)}
	}
	assume := func(domain, scope string) string {
		return post(`{"methods": ["assume_role"], "assume_role": {`+domain+`, "agency_name": "agency", "xrole_name": "agency"}}`, scope)
	}
	agency := assume(`"domain_name": "theirs"`, theirs)
	// Keystone doesn't always return the token in the header.
	mine := respond(200, `{"token": {"project": {"id": "`+projectID+`", "name": "eu-de_x", "domain": {"id": "pd", "name": "projects"}}, `+owner+`, "catalog": `+catalog+`}}`)
	none, bare := respond(200, `{"token": {`+owner+`, "catalog": []}}`), respond(200, `{"token": {}}`)
	domains := respond(200, `{"domains": [{"id": "two", "name": "other"}, {"id": "one", "name": "OTC-EU-DE-1"}]}`)
	signed := map[string]string{"X-Domain-Id": "one", "X-Auth-Token": "", "Authorization": "SDK-HMAC-SHA256 Access=key, "}
	old := tokenOf("old")
	for name, test := range map[string]struct {
		options  Options
		first    response          // of IAM; nil for the default
		requests []string          // to IAM
		header   map[string]string // of the last one
		renewal  int               // requests to IAM for another token
	}{
		"project of the region": {user(), nil, []string{post(byName, region)}, map[string]string{"User-Agent": "terraform-provider-modelarts/test", "X-Auth-Token": ""}, 1},
		"project by name":       {with(user(), func(o *Options) { o.ProjectName = "eu-de_x" }), nil, []string{post(byName, `{"project": {"name": "eu-de_x", `+domain+`}}`)}, nil, 1},
		"project by ID":         {with(user(), func(o *Options) { o.ProjectName, o.ProjectID = "eu-de_x", projectID }), nil, []string{post(byName, `{"project": {"id": "`+projectID+`"}}`)}, nil, 1},
		"domain by ID": {
			with(user(), func(o *Options) { o.DomainID = "5d0c" }), nil,
			[]string{strings.ReplaceAll(post(byName, region), domain, `"domain": {"id": "5d0c"}`)},
			nil, 1,
		},
		"passcode": {
			with(user(), func(o *Options) { o.Passcode = "123456" }), nil, []string{post(`{"methods": ["password", "totp"], "password": {"user": `+user1+`},
				"totp": {"user": {"name": "user", "passcode": "123456", `+domain+`}}}`, region)}, nil, 0,
		},
		"user by ID": {with(user(), func(o *Options) { o.UserID = "0b9e" }), nil, []string{post(byID, region)}, nil, 1},

		"token":                        {old, mine, []string{get}, map[string]string{subjectHeader: "old", tokenHeader: "old"}, 0},
		"its project by ID":            {with(old, func(o *Options) { o.ProjectID = projectID }), mine, []string{get}, nil, 0},
		"its project by name":          {with(old, func(o *Options) { o.ProjectName = "eu-de_x" }), mine, []string{get}, nil, 0},
		"its project and domain":       {with(old, func(o *Options) { o.ProjectName, o.DomainName = "eu-de_x", "projects" }), mine, []string{get}, nil, 0},
		"its project and domain ID":    {with(old, func(o *Options) { o.ProjectName, o.DomainID = "eu-de_x", "pd" }), mine, []string{get}, nil, 0},
		"another ID":                   {with(old, func(o *Options) { o.ProjectID = "other" }), mine, exchange(`{"id": "other"}`), nil, 0},
		"another name":                 {with(old, func(o *Options) { o.ProjectName = "eu-de_y" }), mine, exchange(`{"name": "eu-de_y", "domain": {"id": "ud"}}`), nil, 0},
		"another domain":               {with(old, func(o *Options) { o.ProjectName, o.ProjectDomainName, o.DomainName = "eu-de_x", "others", "projects" }), mine, exchange(`{"name": "eu-de_x", "domain": {"name": "others"}}`), nil, 0},
		"another domain ID":            {with(old, func(o *Options) { o.ProjectName, o.ProjectDomainID = "eu-de_x", "others" }), mine, exchange(`{"name": "eu-de_x", "domain": {"id": "others"}}`), nil, 0},
		"no project":                   {old, none, exchange(`{"name": "eu-de", "domain": {"id": "ud"}}`), nil, 0},
		"no project, an ID, no domain": {with(old, func(o *Options) { o.ProjectID = "other" }), bare, exchange(`{"id": "other"}`), nil, 0},

		"agency of a user":         {asAgency(user()), nil, []string{post(byName, `{`+domain+`}`), agency}, map[string]string{"X-Auth-Token": "token-1"}, 2},
		"agency of an ID":          {asAgency(with(user(), func(o *Options) { o.UserID, o.DomainName = "0b9e", "" })), nil, []string{post(byID, ""), agency}, nil, 2},
		"agency of a token":        {asAgency(tokenOf("own")), nil, []string{agency}, map[string]string{"X-Auth-Token": "own", "Authorization": ""}, 1},
		"agency without renewal":   {asAgency(with(old, func(o *Options) { o.AllowReauth = false })), nil, []string{agency}, nil, 0},
		"agency of a key":          {asAgency(with(keyOf(), func(o *Options) { o.DomainName = "OTC-EU-DE-1" })), domains, []string{ofDomain, agency}, signed, 2},
		"agency of a key's domain": {asAgency(keyOf()), respond(200, `{"domains": [{"id": "one", "name": "x"}]}`), []string{ofDomain, agency}, signed, 2},
		"agency of a temporary key": {
			asAgency(with(keyOf(), func(o *Options) { o.SecurityToken, o.DomainID = "temporary", "mine" })), nil,
			[]string{agency},
			map[string]string{"X-Domain-Id": "mine", "X-Security-Token": "temporary"},
			1,
		},
		"agency by its ID": {
			asAgency(with(old, func(o *Options) { o.AgencyDomainID, o.DelegatedProjectID = "their-id", "their-project" })), nil,
			[]string{assume(`"domain_id": "their-id"`, `{"project": {"id": "their-project"}}`)},
			nil, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := &cloud{iam: []response{test.first, nil}, paths: map[string]response{"/v3/auth/domains": test.first}}
			test.options.Redactor = &sanitize.Redactor{}
			test.options.UserAgent = "terraform-provider-modelarts/test"
			session := open(t, c, test.options)
			var want, got []string
			for _, request := range test.requests {
				want = append(want, canonical(t, request))
			}
			for _, call := range c.iamCalls {
				got = append(got, canonical(t, call.Method+" "+call.URL.RequestURI()+" "+call.body))
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
			wantHeader(t, c.lastToIAM().Header, test.header)
			send(t, session)
			token := fmt.Sprintf("token-%d", c.issued)
			if c.issued == 0 {
				token = test.options.Token
			}
			if sent := c.calls[0].token(); sent != token || session.ProjectID != projectID || session.Method != test.options.method() {
				t.Errorf("the service received %q, want %q: %+v", sent, token, session)
			}
			for n := range 2 {
				c.revoke()
				resp, _ := send(t, session)
				requests := len(c.iamCalls) - len(test.requests)
				if requests != test.renewal*(n+1) || (resp.StatusCode == http.StatusOK) != (requests > 0) {
					t.Errorf("HTTP %d after renewal %d with %d requests", resp.StatusCode, n, requests)
				}
				// Each new token is a secret, because a service can quote it.
				sent := c.calls[len(c.calls)-1].token()
				if got := test.options.Redactor.Text(sent+" here", 100); requests > 0 && got != "[redacted] here" {
					t.Errorf("%s: %s", sent, got)
				}
			}
		})
	}
}
