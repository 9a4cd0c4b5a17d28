package auth

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const (
	role      = `"assume_role": {"domain_name": "theirs", "agency_name": "agency", "xrole_name": "agency"}`
	theirs    = `{"project": {"name": "eu-de_theirs", "domain": {"name": "theirs"}}}`
	ownDomain = `{"domain": {"name": "OTC-EU-DE-1"}}`
)

// asAgency has the options act as an agency.
func asAgency(o Options) Options {
	o.AgencyName, o.AgencyDomainName, o.DelegatedProject = "agency", "theirs", "eu-de_theirs"
	o.ProjectName = "eu-de_own" // which means nothing then
	return o
}

func keyOf(network http.RoundTripper) Options {
	return Options{
		Region: "eu-de", AccessKey: "key", SecretKey: password, AllowReauth: true, Transport: network,
	}
}

func TestAgency(t *testing.T) {
	t.Parallel()
	const login = "POST /v3/auth/tokens"
	byName := `{"methods": ["password"], "password": {"user": {"name": "user", "password": "` + password +
		`", "domain": {"name": "OTC-EU-DE-1"}}}}`
	tests := []struct {
		name    string
		options Options
		calls   string // to IAM
		first   string // body of the first call
		role    string // of the last one; empty is role
		scope   string // likewise; empty is theirs
		header  map[string]string
	}{
		{
			"password", user(nil), login + ", " + login, `{"auth": {"identity": ` + byName + `, "scope": ` + ownDomain + `}}`, "", "",
			map[string]string{"X-Auth-Token": "token-1"},
		},
		{
			"password, user id and passcode",
			Options{Region: "eu-de", UserID: "u", Password: password, Passcode: "123456"},
			login + ", " + login,
			`{"auth": {"identity": {"methods": ["password", "totp"], "password": {"user": {"id": "u", "password": "` + password +
				`"}}, "totp": {"user": {"id": "u", "passcode": "123456"}}}}}`, "", "",
			map[string]string{"X-Auth-Token": "token-1"},
		},
		{
			"token",
			Options{Region: "eu-de", Token: "own"},
			login, "", "", "",
			map[string]string{"X-Auth-Token": "own"},
		},
		{
			"access key and domain name",
			Options{Region: "eu-de", AccessKey: "key", SecretKey: password, DomainName: "OTC-EU-DE-1"},
			"GET /v3/auth/domains, " + login, "", "", "",
			map[string]string{"X-Domain-Id": "one", "X-Auth-Token": "", "Authorization": "SDK-HMAC-SHA256 Access=key, "},
		},
		{
			"temporary access key and domain id",
			Options{Region: "eu-de", AccessKey: "key", SecretKey: password, SecurityToken: "temporary", DomainID: "mine"},
			login, "", "", "",
			map[string]string{"X-Domain-Id": "mine", "X-Security-Token": "temporary"},
		},
		{
			"by ids",
			Options{Region: "eu-de", Token: "own", AgencyDomainID: "their-id", DelegatedProjectID: "their-project"},
			login, "", `"assume_role": {"domain_id": "their-id", "agency_name": "agency", "xrole_name": "agency"}`,
			`{"project": {"id": "their-project"}}`, nil,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := &cloud{reads: map[string]string{
				"/v3/auth/domains": `{"domains": [{"id": "two", "name": "other"}, {"id": "one", "name": "OTC-EU-DE-1"}]}`,
			}}
			test.options.Transport = c
			session := open(t, asAgency(test.options))
			if got := c.lines(); got != test.calls {
				t.Fatalf("the calls were %s, want %s", got, test.calls)
			}
			if test.first != "" {
				wantJSON(t, test.first, c.iamCalls[0].Body)
			}
			wantedRole, scope := test.role, test.scope
			if wantedRole == "" {
				wantedRole, scope = role, theirs
			}
			last := c.iamCalls[len(c.iamCalls)-1]
			wantJSON(t, `{"auth": {"identity": {"methods": ["assume_role"], `+wantedRole+`}, "scope": `+scope+`}}`, last.Body)
			for name, want := range test.header {
				if got := last.Header.Get(name); !strings.HasPrefix(got, want) || want == "" && got != "" {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			if !session.Agency || session.ProjectID != projectID {
				t.Errorf("%+v", session)
			}
			send(t, session, "body")
			if got, want := c.calls[0].Token, fmt.Sprintf("token-%d", c.issued); got != want {
				t.Errorf("the service was sent %q, want the agency's %q", got, want)
			}
		})
	}
}

// The agency's token is renewed with the same credentials, if they can be used again.
func TestAgencyIsRenewed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options  Options
		requests int // to IAM, to open the session
		renewal  int // and to renew the token
	}{
		"password":   {user(nil), 2, 2},
		"token":      {Options{Region: "eu-de", Token: "own", AllowReauth: true}, 1, 1},
		"access key": {Options{Region: "eu-de", AccessKey: "key", SecretKey: password, DomainID: "mine", AllowReauth: true}, 1, 1},
		"forbidden":  {Options{Region: "eu-de", Token: "own"}, 1, 0},
		"passcode":   {Options{Region: "eu-de", UserID: "u", Password: password, Passcode: "123456", AllowReauth: true}, 2, 0},
	} {
		c := &cloud{}
		test.options.Transport = c
		session := open(t, asAgency(test.options))
		c.issued++ // the service knows of a newer one
		want := http.StatusOK
		if test.renewal == 0 {
			want = http.StatusUnauthorized
		}
		if resp := send(t, session, "body"); resp.StatusCode != want || len(c.iamCalls) != test.requests+test.renewal {
			t.Errorf("%s: HTTP %d, %s", name, resp.StatusCode, c.lines())
		}
	}
}

func TestRefusedAgency(t *testing.T) {
	t.Parallel()
	refusing := func(n int) func(*http.Request, int) (*http.Response, error) {
		return func(req *http.Request, call int) (*http.Response, error) {
			if call < n {
				return nil, nil
			}
			return reply(req, http.StatusUnauthorized, refusal), nil
		}
	}
	key := keyOf(nil)
	key.DomainID = "mine"
	for name, test := range map[string]struct {
		options   Options
		refused   int // the call from which on
		attribute string
		says      string
	}{
		"the user":       {user(nil), 1, "password", "IAM rejected the user or the password"},
		"the agency":     {user(nil), 2, "agency_name", "Agent Operator"},
		"of a token":     {Options{Region: "eu-de", Token: password}, 1, "agency_name", "The token might also have expired"},
		"of a key":       {key, 1, "agency_name", "access_key or secret_key is wrong"},
		"the key itself": {keyOf(nil), 1, "access_key", "IAM rejected the access key"},
	} {
		c := &cloud{iam: refusing(test.refused)}
		test.options.Transport = c
		_, err := Open(t.Context(), asAgency(test.options))
		e := configErrorFrom(t, err)
		if e.Attribute != test.attribute || !strings.Contains(e.Error(), test.says) || len(c.iamCalls) != test.refused {
			t.Errorf("%s: %s: %+v", name, c.lines(), e)
		}
	}
}

func TestDomainOfAKey(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		domains, name string
		want          string // empty: refused
	}{
		"the only one":     {`{"id": "one", "name": "mine"}`, "", "one"},
		"by name":          {`{"id": "one", "name": "a"}, {"id": "two", "name": "b"}`, "b", "two"},
		"one of several":   {`{"id": "one", "name": "a"}, {"id": "two", "name": "b"}`, "", ""},
		"none":             {``, "", ""},
		"of another name":  {`{"id": "one", "name": "a"}`, "b", ""},
		"none of the name": {``, "b", ""},
	} {
		c := &cloud{reads: map[string]string{"/v3/auth/domains": `{"domains": [` + test.domains + `]}`}}
		options := asAgency(keyOf(c))
		options.DomainName = test.name
		_, err := Open(t.Context(), options)
		if test.want == "" {
			if e := configErrorFrom(t, err); e.Attribute != "domain_name" {
				t.Errorf("%s: %+v", name, e)
			}
			continue
		}
		if got := c.iamCalls[len(c.iamCalls)-1].Header.Get("X-Domain-Id"); err != nil || got != test.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
