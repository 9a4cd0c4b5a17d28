package auth

import (
	"cmp"
	"fmt"
	"net/http"
	"testing"
)

func TestAgency(t *testing.T) {
	t.Parallel()
	const (
		byName   = `{"methods": ["password"], "password": {"user": {"name": "user", "password": "` + password + `", "domain": {"name": "OTC-EU-DE-1"}}}}`
		byID     = `{"id": "u", "password": "` + password + `"}`
		passcode = `{"methods": ["password", "totp"], "password": {"user": ` + byID + `}, "totp": {"user": {"id": "u", "passcode": "123456"}}}`
		domain   = `{"domain": {"name": "OTC-EU-DE-1"}}`
		role     = `"assume_role": {"domain_name": "theirs", "agency_name": "agency", "xrole_name": "agency"}`
		theirs   = `{"project": {"name": "eu-de_theirs", "domain": {"name": "theirs"}}}`
	)
	unscoped, named, temporary, ids := passcodeUser(), keyOf(), keyOf(), tokenOf("own")
	unscoped.DomainName, named.DomainName = "", "OTC-EU-DE-1"
	temporary.SecurityToken, temporary.DomainID = "temporary", "mine"
	ids.AgencyDomainID, ids.DelegatedProjectID = "their-id", "their-project"
	for name, test := range map[string]struct {
		options Options
		calls   string // to IAM
		first   string // body of the first of two logins
		role    string // of the last one; the default is role
		scope   string // of the last one; the default is theirs
		header  map[string]string
		renewal int // requests to IAM for another token
	}{
		"password":         {user(), login + ", " + login, `{"identity": ` + byName + `, "scope": ` + domain + `}`, "", "", map[string]string{"X-Auth-Token": "token-1"}, 2},
		"passcode":         {unscoped, login + ", " + login, `{"identity": ` + passcode + `}`, "", "", map[string]string{"X-Auth-Token": "token-1"}, 0},
		"token":            {tokenOf("own"), login, "", "", "", map[string]string{"X-Auth-Token": "own", "Authorization": ""}, 1},
		"without renewal":  {Options{Region: "eu-de", Token: "own"}, login, "", "", "", nil, 0},
		"access key":       {named, "GET /v3/auth/domains, " + login, "", "", "", map[string]string{"X-Domain-Id": "one", "X-Auth-Token": "", "Authorization": "SDK-HMAC-SHA256 Access=key, "}, 2},
		"temporary key":    {temporary, login, "", "", "", map[string]string{"X-Domain-Id": "mine", "X-Security-Token": "temporary"}, 1},
		"agency by its ID": {ids, login, "", `"assume_role": {"domain_id": "their-id", "agency_name": "agency", "xrole_name": "agency"}`, `{"project": {"id": "their-project"}}`, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := &cloud{paths: map[string]response{
				"/v3/auth/domains": respond(200, `{"domains": [{"id": "two", "name": "other"}, {"id": "one", "name": "OTC-EU-DE-1"}]}`),
			}}
			session := open(t, c, asAgency(test.options))
			if got := c.lines(); got != test.calls {
				t.Fatalf("the requests were %s, want %s", got, test.calls)
			}
			if test.first != "" {
				wantJSON(t, `{"auth": `+test.first+`}`, c.iamCalls[0].body)
			}
			last := c.lastToIAM()
			wantJSON(t, `{"auth": {"identity": {"methods": ["assume_role"], `+cmp.Or(test.role, role)+`}, "scope": `+cmp.Or(test.scope, theirs)+`}}`, last.body)
			wantHeader(t, last.Header, test.header)
			if !session.Agency || session.ProjectID != projectID {
				t.Errorf("%+v", session)
			}
			send(t, session)
			if got, want := c.calls[0].token(), fmt.Sprintf("token-%d", c.issued); got != want {
				t.Errorf("the service received %q, want the agency's %q", got, want)
			}
			opened := len(c.iamCalls)
			c.revoke()
			resp, _ := send(t, session)
			if got := len(c.iamCalls) - opened; got != test.renewal || (resp.StatusCode == http.StatusOK) != (got > 0) {
				t.Errorf("HTTP %d after a renewal with %d requests", resp.StatusCode, got)
			}
		})
	}
}

func TestRejectedAgency(t *testing.T) {
	t.Parallel()
	key := keyOf()
	key.DomainID = "mine"
	no := respond(401, rejection401)
	for name, test := range map[string]struct {
		options   Options
		iam       []response
		attribute string
		say       string
	}{
		"the user":       {user(), []response{no}, "password", "IAM rejected the user or the password"},
		"the agency":     {user(), []response{nil, no}, "agency_name", "Agent Operator"},
		"of a token":     {tokenOf(password), []response{no}, "agency_name", "The token might also have expired"},
		"of a key":       {key, []response{no}, "agency_name", "access_key or secret_key is wrong"},
		"the key itself": {keyOf(), []response{no}, "access_key", "IAM rejected the access key"},
	} {
		c := &cloud{iam: test.iam}
		_, err := openWith(t, c, asAgency(test.options))
		if wantFault(t, err, test.attribute, test.say); len(c.iamCalls) != len(test.iam) {
			t.Errorf("%s: %s", name, c.lines())
		}
	}
}

func TestDomainOfAKey(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		domains, name string
		want          string // ID, or the text of an error
	}{
		"the only one":        {`{"id": "one", "name": "mine"}`, "", "one"},
		"by name":             {`{"id": "one", "name": "a"}, {"id": "two", "name": "b"}`, "b", "two"},
		"one of several":      {`{"id": "one", "name": "a"}, {"id": "two", "name": "b"}`, "", "The access key has access to: one, two. Set domain_id"},
		"none":                {``, "", "no such domain"},
		"another name":        {`{"id": "one", "name": "a"}`, "b", `Could not find domain "b"`},
		"none, name expected": {``, "b", `Could not find domain "b"`},
	} {
		c := &cloud{paths: map[string]response{"/v3/auth/domains": respond(200, `{"domains": [`+test.domains+`]}`)}}
		options := asAgency(keyOf())
		options.DomainName = test.name
		_, err := openWith(t, c, options)
		if len(test.want) > len("one") {
			wantFault(t, err, "domain_name", test.want)
		} else if got := c.lastToIAM().Header.Get("X-Domain-Id"); err != nil || got != test.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
