package auth

import (
	"strings"
	"testing"
)

// TestTokenIsExchanged sends a token to IAM, and exchanges it only if it isn't for the configured project: the token of an agency or of a
// federated user can't always be exchanged.
func TestTokenIsExchanged(t *testing.T) {
	t.Parallel()
	const (
		owner = `"user": {"id": "u", "name": "user", "domain": {"id": "ud", "name": "users"}}`
		mine  = `{"project": {"id": "` + projectID + `", "name": "eu-de_x", "domain": {"id": "pd", "name": "projects"}}, ` + owner + `, "catalog": ` + catalog + `}`
		none  = `{` + owner + `, "catalog": []}`
	)
	for name, test := range map[string]struct {
		token  string // as IAM returns it
		change func(*Options)
		scope  string // of the exchange; empty for none
	}{
		"any project":                  {mine, func(*Options) {}, ""},
		"its project by ID":            {mine, func(o *Options) { o.ProjectID = projectID }, ""},
		"its project by name":          {mine, func(o *Options) { o.ProjectName = "eu-de_x" }, ""},
		"its project and domain":       {mine, func(o *Options) { o.ProjectName, o.DomainName = "eu-de_x", "projects" }, ""},
		"its project and domain ID":    {mine, func(o *Options) { o.ProjectName, o.DomainID = "eu-de_x", "pd" }, ""},
		"another ID":                   {mine, func(o *Options) { o.ProjectID = "other" }, `{"id": "other"}`},
		"another name":                 {mine, func(o *Options) { o.ProjectName = "eu-de_y" }, `{"name": "eu-de_y", "domain": {"id": "ud"}}`},
		"another domain":               {mine, func(o *Options) { o.ProjectName, o.ProjectDomainName, o.DomainName = "eu-de_x", "others", "projects" }, `{"name": "eu-de_x", "domain": {"name": "others"}}`},
		"another domain ID":            {mine, func(o *Options) { o.ProjectName, o.ProjectDomainID = "eu-de_x", "others" }, `{"name": "eu-de_x", "domain": {"id": "others"}}`},
		"no project":                   {none, func(*Options) {}, `{"name": "eu-de", "domain": {"id": "ud"}}`},
		"no project, one by ID":        {none, func(o *Options) { o.ProjectID = "other" }, `{"id": "other"}`},
		"no project, an ID, no domain": {"{}", func(o *Options) { o.ProjectID = "other" }, `{"id": "other"}`},
	} {
		t.Run(name, func(t *testing.T) {
			// Keystone doesn't always return the token in the header.
			c, options := &cloud{iam: []response{respond(200, `{"token": `+test.token+`}`), nil}}, tokenOf("old")
			test.change(&options)
			session := open(t, c, options)
			wantHeader(t, c.iamCalls[0].Header, map[string]string{subjectHeader: "old", tokenHeader: "old"})
			wanted, calls := "old", "GET /v3/auth/tokens"
			if test.scope != "" {
				wanted, calls = "token-1", calls+", "+login
				wantJSON(t, `{"auth": {"identity": {"methods": ["token"], "token": {"id": "old"}}, "scope": {"project": `+test.scope+`}}}`, c.lastToIAM().body)
			}
			send(t, session)
			if got := c.calls[0].token(); got != wanted || c.lines() != calls || session.ProjectID != projectID || session.Method != MethodToken {
				t.Errorf("the service received %q after %s: %+v", got, c.lines(), session)
			}
		})
	}
}

func TestUnusableTokens(t *testing.T) {
	t.Parallel()
	none, no := respond(200, `{"token": {"user": {"domain": {"id": "ud"}}}}`), respond(401, rejection401)
	named, byID, elsewhere := tokenOf(password), tokenOf(password), in("", tokenOf(password))
	named.ProjectName, byID.ProjectID, elsewhere.AuthURL = "eu-de_y", "y", "https://iam.example.com/v3"
	for name, test := range map[string]struct {
		options   Options
		iam       []response
		attribute string
		say       string
	}{
		"expired":                        {tokenOf(password), []response{no}, "token", "IAM rejected the token|(from OS_TOKEN)|24 hours"},
		"not for the project":            {named, []response{none, no}, "tenant_name", "no token for the project|(from OS_TOKEN)|tenant_name (from OS_PROJECT_NAME)"},
		"not for the project ID":         {byID, []response{none, no}, "tenant_id", "no token for the project|tenant_id"},
		"no project, unknown domain":     {named, []response{respond(200, `{"token": {}}`)}, "tenant_name", "isn't for a project"},
		"no project, none known":         {elsewhere, []response{none}, "tenant_name", "isn't for a project"},
		"password for no project":        {user(), []response{respond(201, `{"token": {}}`, subjectHeader, "t")}, "tenant_name", "isn't for a project"},
		"password for a project of null": {user(), []response{respond(201, `{"token": {"project": null}}`, subjectHeader, "t")}, "tenant_name", "isn't for a project"},
	} {
		c := &cloud{iam: test.iam}
		test.options.Sources = Sources{"token": "OS_TOKEN", "tenant_name": "OS_PROJECT_NAME"}
		_, err := openWith(t, c, test.options)
		if wantFault(t, err, test.attribute, strings.Split(test.say, "|")...); len(c.iamCalls) != len(test.iam) {
			t.Errorf("%s: %s", name, c.lines())
		}
	}
	_, err := openWith(t, &cloud{iam: []response{respond(201, "{}")}}, user())
	if err == nil || !strings.Contains(err.Error(), "IAM returned no usable token (the response has no X-Subject-Token)") {
		t.Errorf("no token: %v", err)
	}
}

// TestRegion has no region in the options, like blocks of the opentelekomcloud provider.
func TestRegion(t *testing.T) {
	t.Parallel()
	const address = "https://iam.eu-de.otc.t-systems.com"
	for name, test := range map[string]struct {
		options Options
		want    string
	}{
		"configured":           {Options{Region: "eu-nl", ProjectName: "eu-de_x", AuthURL: address + "/v3"}, "eu-nl"},
		"name of a project":    {Options{ProjectName: "eu-de_x_y"}, "eu-de"},
		"delegated project":    {Options{AgencyName: "a", DelegatedProject: "eu-nl_x", ProjectName: "eu-de_x"}, "eu-nl"},
		"project of the user":  {Options{AgencyName: "a", ProjectName: "eu-de_x"}, ""},
		"auth_url":             {Options{ProjectName: "admin", AuthURL: address + "/v3"}, "eu-de"},
		"auth_url in capitals": {Options{AuthURL: "HTTPS://IAM.EU-DE.otc.t-systems.com/v3"}, "eu-de"},
	} {
		test.options.Token, test.options.AgencyDomainName = "t", map[bool]string{true: "d"}[test.options.AgencyName != ""]
		_ = test.options.complete(&Session{})
		if got := test.options.region(); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// TestRegionOfTheAddresses has the block of the documentation of the opentelekomcloud provider.
func TestRegionOfTheAddresses(t *testing.T) {
	t.Parallel()
	named, byID, regional := in("", user()), in("", user()), in("", user())
	named.ProjectName, named.AuthURL = "eu-nl_x", "https://iam.example.com/v3"
	byID.ProjectID, byID.AuthURL = projectID, "https://iam.example.com/v3"
	regional.ProjectName = "eu-nl_x"
	for iam, options := range map[string]Options{"iam.example.com": named, "IAM.EXAMPLE.COM": byID, "iam.eu-nl.otc.t-systems.com": regional} {
		c := &cloud{token: `{"project": {"id": "` + projectID + `", "name": "eu-nl_x"}, "catalog": ` + catalog + `}`}
		if got := open(t, c, options).Endpoint.String(); got != "https://nl.example.com/" || !strings.EqualFold(c.lastToIAM().URL.Host, iam) {
			t.Errorf("%s, %s", got, c.lastToIAM().URL)
		}
	}
}
