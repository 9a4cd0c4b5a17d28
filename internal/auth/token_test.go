package auth

import (
	"net/http"
	"strings"
	"testing"
)

// A token is shown to IAM, and exchanged only if it is not for the project that is
// configured: an agency's and a federated user's cannot always be.
func TestTokenIsExchanged(t *testing.T) {
	t.Parallel()
	const (
		get  = "GET /v3/auth/tokens"
		user = `"user": {"id": "u", "name": "user", "domain": {"id": "ud", "name": "users"}}`
		mine = `{"project": {"id": "` + projectID + `", "name": "eu-de_x", "domain": {"id": "pd", "name": "projects"}}, ` + user + `, "catalog": ` + catalog + `}`
		none = `{` + user + `, "catalog": []}`
	)
	tests := []struct {
		name   string
		token  string // what IAM says of it
		change func(*Options)
		scope  string // of the exchange; empty is none
	}{
		{"whatever its project is", mine, func(*Options) {}, ""},
		{"its project by id", mine, func(o *Options) { o.ProjectID = projectID }, ""},
		{"its project by name", mine, func(o *Options) { o.ProjectName = "eu-de_x" }, ""},
		{"its project by name and domain", mine, func(o *Options) { o.ProjectName, o.DomainName = "eu-de_x", "projects" }, ""},
		{"its project by name and domain id", mine, func(o *Options) { o.ProjectName, o.DomainID = "eu-de_x", "pd" }, ""},
		{"another id", mine, func(o *Options) { o.ProjectID = "other" }, `{"project": {"id": "other"}}`},
		{
			"another name", mine, func(o *Options) { o.ProjectName = "eu-de_y" },
			`{"project": {"name": "eu-de_y", "domain": {"id": "ud"}}}`,
		},
		{
			"another domain", mine, func(o *Options) { o.ProjectName, o.ProjectDomainName, o.DomainName = "eu-de_x", "others", "projects" },
			`{"project": {"name": "eu-de_x", "domain": {"name": "others"}}}`,
		},
		{
			"another domain id", mine, func(o *Options) { o.ProjectName, o.ProjectDomainID = "eu-de_x", "others" },
			`{"project": {"name": "eu-de_x", "domain": {"id": "others"}}}`,
		},
		{"of no project", none, func(*Options) {}, `{"project": {"name": "eu-de", "domain": {"id": "ud"}}}`},
		{"of no project, one by id", none, func(o *Options) { o.ProjectID = "other" }, `{"project": {"id": "other"}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := &cloud{}
			c.iam = func(req *http.Request, _ int) (*http.Response, error) {
				if req.Method != http.MethodGet {
					return nil, nil
				}
				// Keystone does not always return the token in the header.
				return reply(req, http.StatusOK, `{"token": `+test.token+`}`), nil
			}
			options := Options{Token: "old", Region: "eu-de", Transport: c}
			test.change(&options)
			session := open(t, options)
			first := c.iamCalls[0]
			if first.Header.Get("X-Subject-Token") != "old" || first.Token != "old" {
				t.Errorf("%+v", first)
			}
			wanted, calls := "old", get
			if test.scope != "" {
				wanted, calls = "token-1", get+", POST /v3/auth/tokens"
				wantJSON(t, `{"auth": {"identity": {"methods": ["token"], "token": {"id": "old"}}, "scope": `+test.scope+`}}`,
					c.iamCalls[len(c.iamCalls)-1].Body)
			}
			if got := c.lines(); got != calls {
				t.Errorf("the calls were %s, want %s", got, calls)
			}
			if session.ProjectID != projectID || session.Method != "token" {
				t.Errorf("%+v", session)
			}
			send(t, session, "body")
			if got := c.calls[0].Token; got != wanted {
				t.Errorf("the service was sent %q, want %q", got, wanted)
			}
		})
	}
}

func TestTokenThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	const none = `{"token": {"user": {"domain": {"id": "ud"}}}}`
	tests := []struct {
		name      string
		change    func(*Options)
		responses []string // status and body, in turn
		attribute string
		says      []string
	}{
		{"expired", nil, []string{"401 " + refusal}, "token", []string{"IAM rejected the token", "(from OS_TOKEN)", "24 hours"}},
		{
			"not for the project", func(o *Options) { o.ProjectName = "eu-de_y" },
			[]string{"200 " + none, "401 " + refusal},
			"tenant_name",
			[]string{"no token for the project", "(from OS_TOKEN)", "tenant_name"},
		},
		{
			"not for the project id", func(o *Options) { o.ProjectID = "y" },
			[]string{"200 " + none, "401 " + refusal},
			"tenant_id",
			[]string{"no token for the project", "tenant_id"},
		},
		{
			"of no project, and of an unknown domain", func(o *Options) { o.ProjectName = "eu-de_y" },
			[]string{`200 {"token": {}}`},
			"tenant_name",
			[]string{"isn't for a project"},
		},
		{
			"of no project, and none known", func(o *Options) { o.Region, o.AuthURL = "", "https://iam.example.com/v3" },
			[]string{"200 " + none},
			"tenant_name",
			[]string{"isn't for a project"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := &cloud{iam: func(req *http.Request, n int) (*http.Response, error) {
				status, body, _ := strings.Cut(test.responses[n-1], " ")
				return reply(req, map[string]int{"200": 200, "401": 401, "404": 404}[status], body, "X-Subject-Token", "t"), nil
			}}
			options := Options{Token: password, Region: "eu-de", Transport: c, Sources: Sources{"token": "OS_TOKEN"}}
			if test.change != nil {
				test.change(&options)
			}
			_, err := Open(t.Context(), options)
			e := configErrorFrom(t, err)
			if e.Attribute != test.attribute || len(c.iamCalls) != len(test.responses) {
				t.Errorf("%d calls: %+v", len(c.iamCalls), e)
			}
			for _, say := range test.says {
				if !strings.Contains(e.Error(), say) {
					t.Errorf("%q is not in: %v", say, e)
				}
			}
		})
	}
}

func TestPasswordForNoProject(t *testing.T) {
	t.Parallel()
	for _, token := range []string{`{}`, `{"project": {}}`, `{"project": null, "domain": {"id": "5d0c"}}`} {
		_, err := Open(t.Context(), user(&cloud{token: token}))
		if e := configErrorFrom(t, err); e.Attribute != "tenant_name" {
			t.Errorf("%s: %+v", token, e)
		}
	}
}

// Blocks of the opentelekomcloud provider say no region.
func TestRegion(t *testing.T) {
	t.Parallel()
	const documented = "https://iam.eu-de.otc.t-systems.com"
	for name, test := range map[string]struct {
		options Options
		want    string
	}{
		"configured":            {Options{Region: "eu-nl", ProjectName: "eu-de_x", AuthURL: documented + "/v3"}, "eu-nl"},
		"a project's name":      {Options{ProjectName: "eu-de_x_y"}, "eu-de"},
		"the default project":   {Options{ProjectName: "eu-nl", AuthURL: documented + "/v3"}, "eu-nl"},
		"Swiss":                 {Options{ProjectName: "eu-ch2_x"}, "eu-ch2"},
		"the delegated project": {Options{AgencyName: "a", DelegatedProject: "eu-nl_x", ProjectName: "eu-de_x"}, "eu-nl"},
		"the user's own":        {Options{AgencyName: "a", ProjectName: "eu-de_x"}, ""},
		"auth_url":              {Options{ProjectName: "admin", AuthURL: documented + "/v3"}, "eu-de"},
		"auth_url with a port":  {Options{AuthURL: documented + ":443/v3"}, "eu-de"},
		"auth_url in capitals":  {Options{AuthURL: "HTTPS://IAM.EU-DE.otc.t-systems.com/v3"}, "eu-de"},
		"auth_url alone":        {Options{AuthURL: documented}, "eu-de"},
		"another auth_url":      {Options{AuthURL: "https://iam.example.com/v3"}, ""},
		"one that looks alike":  {Options{AuthURL: documented + ".example.com/v3"}, ""},
		"no region in the name": {Options{ProjectName: "my-project-x"}, ""},
	} {
		_ = test.options.useAgency()
		if got := test.options.region(); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// The block of the documentation of the opentelekomcloud provider, unchanged.
func TestRegionOfEachAddress(t *testing.T) {
	t.Parallel()
	c := &cloud{token: `{"project": {"id": "` + projectID + `", "name": "eu-nl_x"}, "catalog": ` + catalog + `}`}
	options := user(c)
	options.Region, options.ProjectName, options.AuthURL = "", "eu-nl_x", "https://iam.example.com/v3"
	if got := open(t, options).Endpoint.String(); got != "https://nl.example.com/" {
		t.Errorf("by the name: %s", got)
	}
	options.ProjectName, options.ProjectID = "", projectID
	if got := open(t, options).Endpoint.String(); got != "https://nl.example.com/" {
		t.Errorf("by the token's project: %s", got)
	}
	options.AuthURL, options.ProjectID, options.ProjectName = "", "", "eu-de_x"
	open(t, options)
	if got := c.iamCalls[len(c.iamCalls)-1].URL; !strings.HasPrefix(got, "https://iam.eu-de.otc.t-systems.com/v3/") {
		t.Errorf("IAM's own: %s", got)
	}
}

// The hint about a refused token is the remedy for this kind of login.
func TestHintsOfTokens(t *testing.T) {
	t.Parallel()
	c := &cloud{}
	passcode, forbidden, token := user(c), user(c), Options{Token: "a-token", Region: "eu-de", Transport: c}
	passcode.Passcode = "123456"
	forbidden.AllowReauth, forbidden.Sources = false, Sources{"allow_reauth": "OS_ALLOW_REAUTH"}
	static := token
	static.ProjectID, static.Endpoint, static.Sources = projectID, "https://ma.example.com", Sources{"token": "OS_AUTH_TOKEN"}
	for name, test := range map[string]struct {
		options Options
		want    string
	}{
		"renewed":   {user(c), "issued a new token, and ModelArts rejected that token as well"},
		"passcode":  {passcode, "the passcode is valid for one token"},
		"forbidden": {forbidden, "allow_reauth (from OS_ALLOW_REAUTH) is false"},
		"token":     {token, "can't renew it"},
		"static":    {static, "The token (from OS_AUTH_TOKEN) expired or was revoked"},
	} {
		if got := open(t, test.options).AuthHint(nil); !strings.Contains(got, test.want) {
			t.Errorf("%s: %q is not in: %s", name, test.want, got)
		}
	}
}
