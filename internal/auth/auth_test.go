package auth

import "testing"

func TestInvalidOptions(t *testing.T) {
	t.Parallel()
	const u, d, iam = "user", "OTC-EU-DE-1", "https://iam.example.com/v3"
	// byUser adds a user to options.
	byUser := func(o Options) Options {
		o.UserName, o.Password, o.DomainName = u, password, d
		return o
	}
	// at returns the options of a token with an endpoint.
	at := func(address string) Options {
		return Options{Token: password, ProjectID: projectID, Endpoint: address, Sources: Sources{"endpoint": "OS_MODELARTS_ENDPOINT"}}
	}
	agency := static(asAgency(tokenOf("t")))
	agency.DelegatedProject, agency.DelegatedProjectID = "", "p"
	for name, test := range map[string]struct {
		options        Options
		attribute, say string
	}{
		"nothing": {Options{}, "", "OS_TOKEN"},
		"ignored credentials": {
			Options{Region: "eu-de", UserName: u, DomainName: d, Unused: []string{"OS_ACCESS_KEY"}},
			"password", "Ignored credentials: OS_ACCESS_KEY (a higher source takes precedence",
		},

		"token with a line ending":       {Options{Token: "t\n", Endpoint: endpoint, ProjectID: projectID}, "token", "line end"},
		"token with a source":            {Options{Token: "t t", Sources: Sources{"token": `cloud "x" of f`}}, "token", `(from cloud "x" of f)`},
		"token without a region":         {Options{Token: "t"}, "region", "OS_REGION_NAME"},
		"token with an endpoint":         {Options{Token: "t", Endpoint: endpoint}, "region", "OS_REGION_NAME"},
		"token with an invalid project":  {Options{Token: "t", ProjectID: "a/b", Sources: Sources{"tenant_id": "OS_PROJECT_ID"}}, "tenant_id", `"a/b" (from OS_PROJECT_ID) isn't a project ID`},
		"user without a password":        {Options{Region: "eu-de", UserName: u, DomainName: d}, "password", "OS_PASSWORD"},
		"password without a user":        {Options{Region: "eu-de", Password: password, DomainName: d}, "user_name", "OS_USER_ID"},
		"user without a domain":          {Options{Region: "eu-de", UserName: u, Password: password}, "domain_name", "OS_USER_DOMAIN_NAME"},
		"user without a region":          {byUser(Options{}), "region", "OS_AUTH_URL"},
		"user without a project":         {byUser(Options{AuthURL: iam}), "tenant_name", "OS_PROJECT_NAME"},
		"user ID, project":               {Options{Region: "eu-de", UserID: u, Password: password, ProjectName: "x"}, "domain_name", "OS_PROJECT_DOMAIN_NAME"},
		"user ID, project of the region": {Options{Region: "eu-de", UserID: u, Password: password}, "domain_name", "OS_PROJECT_ID"},

		"access key without a secret key": {Options{AccessKey: "a", Sources: Sources{"access_key": "OS_ACCESS_KEY"}}, "secret_key", "access_key (from OS_ACCESS_KEY) needs a secret_key"},
		"secret key without access key":   {byUser(Options{Region: "eu-de", SecretKey: "s"}), "access_key", "OS_ACCESS_KEY"},
		"access key with a space":         {Options{AccessKey: " a", SecretKey: "s"}, "access_key", "a space"},
		"secret key with a line ending":   {Options{AccessKey: "a", SecretKey: password + "\n"}, "secret_key", "line end"},
		"security token with line ending": {Options{AccessKey: "a", SecretKey: "s", SecurityToken: "t\r\n"}, "security_token", "line end"},
		"security token alone":            {Options{Region: "eu-de", SecurityToken: "t"}, "access_key", "OS_ACCESS_KEY"},
		"security token with a password":  {byUser(Options{Region: "eu-de", SecurityToken: "t"}), "access_key", "temporary"},
		"access key without a region":     {Options{AccessKey: "a", SecretKey: "s"}, "region", "OS_REGION_NAME"},
		"access key without a project":    {Options{AuthURL: iam, AccessKey: "a", SecretKey: "s"}, "tenant_name", "OS_PROJECT_NAME"},

		"agency without a domain":          {Options{Region: "eu-de", Token: "t", AgencyName: "a"}, "agency_domain_name", "OS_AGENCY_DOMAIN_NAME"},
		"agency domain alone":              {Options{Region: "eu-de", Token: "t", AgencyDomainName: "a"}, "agency_name", "agency_domain_name belongs"},
		"delegated project alone":          {Options{Region: "eu-de", Token: "t", DelegatedProject: "p"}, "agency_name", "delegated_project belongs"},
		"delegated project ID alone":       {Options{Region: "eu-de", Token: "t", DelegatedProjectID: "p"}, "agency_name", "delegated_project belongs"},
		"agency without a project":         {Options{AuthURL: iam, Token: "t", AgencyName: "a", AgencyDomainName: d, ProjectName: "eu-de_x"}, "delegated_project", "OS_DELEGATED_PROJECT"},
		"agency needs IAM, without region": {agency, "region", "OS_AUTH_URL"},
		"region that is a host":            {byUser(Options{Region: "evil.example/x"}), "region", "eu-de"},
		"region that is a query":           {Options{Region: "evil.example?x=", AccessKey: "a", SecretKey: "s", Sources: Sources{"region": "OS_REGION"}}, "region", "(from OS_REGION)"},
		"region with a space":              {in("eu-de ", tokenOf("t")), "region", `"eu-de "`},
		"auth_url in plain http":           {byUser(Options{AuthURL: "http://iam.example.com", Region: "eu-de"}), "auth_url", "insecure"},
		"auth_url without a scheme":        {byUser(Options{AuthURL: "iam.example.com", Region: "eu-de"}), "auth_url", "https://iam.eu-de."},
		"auth_url with a password":         {byUser(Options{AuthURL: "https://user:" + password + "@iam.example.com", Region: "eu-de"}), "auth_url", "user_name"},
		"endpoint in plain http":           {at("http://ma.example.com"), "endpoint", "The URL (from OS_MODELARTS_ENDPOINT) begins with http, so the provider would send"},
		"endpoint with a password":         {at("https://user:" + password + "@ma.example.com"), "endpoint", "user_name"},
		"endpoint without a scheme":        {at("ma.example.com"), "endpoint", `"ma.example.com" (from OS_MODELARTS_ENDPOINT) isn't an http or https URL. Write a URL such as https://modelarts.eu-de.`},
		"endpoint of another project":      {at("https://ma.example.com/v1/other/"), "endpoint", "other"},
		"endpoint with an invalid project": {at("https://ma.example.com/v1/a%20b"), "endpoint", `The path of the endpoint (from OS_MODELARTS_ENDPOINT) ends in the project ID "a b"`},
	} {
		t.Run(name, func(t *testing.T) {
			c := &cloud{}
			session, err := openWith(t, c, test.options)
			wantFault(t, err, test.attribute, test.say)
			if iam, service := c.counts(); session != nil || iam+service > 0 {
				t.Errorf("%+v after %d requests", session, iam+service)
			}
		})
	}
}

// in returns options with a region.
func in(region string, o Options) Options {
	o.Region = region
	return o
}
