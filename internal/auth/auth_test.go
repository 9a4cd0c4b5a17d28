package auth

import (
	"net/http"
	"strings"
	"testing"
)

func TestValidation(t *testing.T) {
	t.Parallel()
	const u, d = "user", "OTC-EU-DE-1"
	// byUser adds a user to options.
	byUser := func(o Options) Options {
		o.UserName, o.Password, o.DomainName = u, password, d
		return o
	}
	tests := []struct {
		name      string
		options   Options
		attribute string
		variable  string // that the detail must name
	}{
		{"nothing", Options{}, "", "OS_TOKEN"},
		{"a region alone", Options{Region: "eu-de"}, "", "OS_PASSWORD"},
		{"a token with a line end", Options{Region: "eu-de", Token: "t\n", Endpoint: "https://ma.example.com", ProjectID: projectID}, "token", "line end"},
		{
			"credentials that are ignored",
			Options{Region: "eu-de", UserName: u, DomainName: d, Unused: []string{"OS_ACCESS_KEY"}},
			"password",
			"Ignored credentials: OS_ACCESS_KEY (a higher source takes precedence",
		},
		{"no password", Options{Region: "eu-de", UserName: u, DomainName: d}, "password", "OS_PASSWORD"},
		{"no password, by id", Options{Region: "eu-de", UserID: u}, "password", "OS_PASSWORD"},
		{"no user", Options{Region: "eu-de", Password: password, DomainName: d}, "user_name", "OS_USER_ID"},
		{"no domain of the user", Options{Region: "eu-de", UserName: u, Password: password}, "domain_name", "OS_USER_DOMAIN_NAME"},
		{"no region", byUser(Options{}), "region", "OS_AUTH_URL"},
		{"no region, a token", Options{Token: "a-token"}, "region", "OS_REGION_NAME"},
		{"a token and an endpoint", Options{Token: "a-token", Endpoint: "https://ma.example.com"}, "region", "OS_REGION_NAME"},
		{"a token and a project", Options{Token: "a-token", ProjectID: projectID}, "region", "OS_REGION_NAME"},
		{"no project", byUser(Options{AuthURL: "https://iam.example.com/v3"}), "tenant_name", "OS_PROJECT_NAME"},
		{
			"no domain of the project",
			Options{Region: "eu-de", UserID: u, Password: password, ProjectName: "eu-de_x"},
			"domain_name", "OS_PROJECT_DOMAIN_NAME",
		},
		{"no domain of the region's project", Options{Region: "eu-de", UserID: u, Password: password}, "domain_name", "OS_PROJECT_ID"},
		{"a region that is a host", byUser(Options{Region: "evil.example/x"}), "region", "eu-de"},
		{
			"a region that is a query",
			Options{Region: "evil.example?x=", AccessKey: "a", SecretKey: "s", Sources: Sources{"region": "OS_REGION"}},
			"region", "(from OS_REGION)",
		},
		{"a region with a space", Options{Region: "eu-de ", Token: "a-token"}, "region", `"eu-de "`},
		{"an address without a host", Options{AuthURL: "https://:443/v3", Region: "eu-de", Token: "a-token"}, "auth_url", "isn't an http or https URL"},
		{"half a key pair", Options{Region: "eu-de", AccessKey: "a"}, "secret_key", "OS_SECRET_KEY"},
		{"the other half", byUser(Options{Region: "eu-de", SecretKey: "s"}), "access_key", "OS_ACCESS_KEY"},
		{"a secret key with a line end", Options{Region: "eu-de", AccessKey: "a", SecretKey: password + "\n"}, "secret_key", "line end"},
		{"an access key with a space", Options{Region: "eu-de", AccessKey: " a", SecretKey: "s"}, "access_key", "a space"},
		{
			"a security token with a line end",
			Options{Region: "eu-de", AccessKey: "a", SecretKey: "s", SecurityToken: "t\r\n"},
			"security_token", "line end",
		},
		{"a security token alone", Options{Region: "eu-de", SecurityToken: "a-token"}, "access_key", "OS_ACCESS_KEY"},
		{"a security token with a password", byUser(Options{Region: "eu-de", SecurityToken: "a-token"}), "access_key", "temporary"},
		{"no region, a key", Options{AccessKey: "a", SecretKey: "s"}, "region", "OS_REGION_NAME"},
		{"a key and an endpoint", Options{AccessKey: "a", SecretKey: "s", Endpoint: "https://ma.example.com"}, "region", "OS_REGION_NAME"},
		{"no project, a key", Options{AuthURL: "https://iam.example.com/v3", AccessKey: "a", SecretKey: "s"}, "tenant_name", "OS_PROJECT_NAME"},
		{"no domain of the agency", Options{Region: "eu-de", Token: "a-token", AgencyName: "a"}, "agency_domain_name", "OS_AGENCY_DOMAIN_NAME"},
		{"no agency in the domain", Options{Region: "eu-de", Token: "a-token", AgencyDomainName: "a"}, "agency_name", "agency_domain_name belongs"},
		{"a delegated project alone", Options{Region: "eu-de", Token: "a-token", DelegatedProject: "p"}, "agency_name", "delegated_project belongs"},
		{
			"no delegated project",
			Options{AuthURL: "https://iam.example.com/v3", Token: "a-token", AgencyName: "a", AgencyDomainName: d, ProjectName: "eu-de_x"},
			"delegated_project", "OS_DELEGATED_PROJECT",
		},
		{
			"an agency that needs IAM all the same",
			Options{
				Token: "a-token", Endpoint: "https://ma.example.com", ProjectID: projectID, AgencyName: "a", AgencyDomainName: d,
				DelegatedProjectID: "p",
			},
			"region", "OS_AUTH_URL",
		},
		{
			"an endpoint of another project",
			Options{Token: "a-token", ProjectID: projectID, Endpoint: "https://ma.example.com/v1/other/"},
			"endpoint", "other",
		},
		{
			"the source of what is there",
			Options{Region: "eu-de", AccessKey: "a", Sources: Sources{"access_key": "OS_ACCESS_KEY"}},
			"secret_key", "(from OS_ACCESS_KEY)",
		},
		{"the source of a value", Options{Region: "eu-de", Token: "t t", Sources: Sources{"token": `cloud "x" of f`}}, "token", `(from cloud "x" of f)`},
		{"auth_url in plain http", byUser(Options{AuthURL: "http://iam.example.com", Region: "eu-de"}), "auth_url", "insecure"},
		{
			"the source of a URL",
			Options{Endpoint: "http://ma.example.com", Token: password, ProjectID: projectID, Sources: Sources{"endpoint": "OS_MODELARTS_ENDPOINT"}},
			"endpoint", "The URL (from OS_MODELARTS_ENDPOINT) would send",
		},
		{"auth_url without a scheme", byUser(Options{AuthURL: "iam.example.com", Region: "eu-de"}), "auth_url", "https://"},
		{"auth_url with a password", byUser(Options{AuthURL: "https://user:" + password + "@iam.example.com", Region: "eu-de"}), "auth_url", "user_name"},
		{"endpoint in plain http", byUser(Options{Endpoint: "http://ma.example.com", Region: "eu-de"}), "endpoint", "insecure"},
		{"endpoint of a token", Options{Endpoint: "http://ma.example.com", Token: password, ProjectID: projectID}, "endpoint", "insecure"},
		{
			"endpoint of a token with a password",
			Options{
				Endpoint: "https://user:" + password + "@ma.example.com", Token: password, ProjectID: projectID,
			},
			"endpoint", "user_name",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.options.Transport = unreachable(t)
			session, err := Open(t.Context(), test.options)
			e := configErrorFrom(t, err)
			if session != nil || e.Attribute != test.attribute || e.Summary == "" {
				t.Errorf("%+v, %+v", session, e)
			}
			if !strings.Contains(e.Detail, test.variable) {
				t.Errorf("%q is not in: %s", test.variable, e.Detail)
			}
		})
	}
}

func TestStaticToken(t *testing.T) {
	t.Parallel()
	calls := 0
	session := open(t, Options{
		Token: "static", Endpoint: "https://ma.example.com/v1", ProjectID: projectID, AllowReauth: true,
		// A user beside a token is not used, and not asked for a domain.
		UserName: "user", Password: password,
		Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			calls++
			if req.URL.Host != "ma.example.com" || req.Header.Get("X-Auth-Token") != "static" {
				t.Errorf("%s with %v", req.URL, req.Header)
			}
			return reply(req, http.StatusUnauthorized, "refused"), nil
		}),
	})
	if calls != 0 {
		t.Errorf("%d calls to find out nothing", calls)
	}
	if session.ProjectID != projectID || session.Endpoint.String() != "https://ma.example.com/v1" || session.Method != "token" ||
		session.AuthURLSource != "" {
		t.Errorf("%+v", session)
	}
	resp := send(t, session, "body")
	if resp.StatusCode != http.StatusUnauthorized || text(t, resp) != "refused" || calls != 1 {
		t.Errorf("HTTP %d after %d calls", resp.StatusCode, calls)
	}
}
