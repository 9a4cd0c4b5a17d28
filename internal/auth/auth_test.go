package auth

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// traced returns a response that has a token and a request ID, and a Retry-After.
func traced(status int, body string) response {
	return respond(status, body, subjectHeader, "a-token", "X-Iam-Trace-Id", "trace-1", "Retry-After", "3600")
}

// facts returns the facts of an error response, up to the request.
func facts(message, code string, status int) string {
	if code != "" {
		code = "Error code: " + code + "\n"
	}
	return fmt.Sprintf("API message: %s\n%sHTTP status: %d\nRequest ID: trace-1\nRequest: \n\n", message, code, status)
}

var requestLine = regexp.MustCompile(`Request: (GET|POST) https://iam\.eu-de\.otc\.t-systems\.com/v3/\S+`)

// TestOpenErrors has invalid options, and responses of IAM that end a login.
func TestOpenErrors(t *testing.T) {
	t.Parallel()
	const (
		u, d, iam = "user", "OTC-EU-DE-1", "https://iam.example.com/v3"
		message   = "The username or password is wrong."
	)
	// byUser adds a user to options.
	byUser := func(o Options) Options {
		o.UserName, o.Password, o.DomainName = u, password, d
		return o
	}
	// at returns the options of a token with an endpoint.
	at := func(address string) Options {
		return Options{Token: password, ProjectID: projectID, Endpoint: address, Sources: Sources{"endpoint": "OS_MODELARTS_ENDPOINT"}}
	}
	// key returns the options of an access key with a project.
	key := func(project string) Options {
		o := keyOf()
		o.ProjectName = project
		return o
	}
	agency := static(asAgency(tokenOf("t")))
	agency.DelegatedProject, agency.DelegatedProjectID = "", "p"
	flawed, sourced, byID, elsewhere := user(), tokenOf(password), tokenOf(password), in("", tokenOf(password))
	flawed.Password, byID.ProjectID, elsewhere.AuthURL = password+" ", "y", iam
	sourced.Sources = Sources{"token": "OS_TOKEN", "tenant_name": "OS_PROJECT_NAME"}
	named := sourced
	named.ProjectName = "eu-de_y"
	owned, ofDomain, placed := keyOf(), keyOf(), keyOf()
	owned.DomainID, ofDomain.DomainName, placed.ProjectID = "mine", "c", "p9"
	ofDomain.Sources = Sources{"domain_name": "OS_DOMAIN_NAME"}
	noRegion := placed
	noRegion.Region, noRegion.AuthURL = "", iam
	no, none := respond(401, rejection401), respond(200, `{"token": {"user": {"domain": {"id": "ud"}}}}`)
	domains := respond(200, `{"domains": [{"id": "one", "name": "a"}, {"id": "two", "name": "b"}]}`)
	projects := respond(200, `{"projects": [{"id": "p3", "name": "twice"}, {"id": "p4", "name": "twice"},
		{"id": "", "name": "odd"}, {"id": "../x", "name": "odd"}, {"id": "`+password+`", "name": "odd"}]}`)
	for name, test := range map[string]struct {
		options   Options
		attribute string // "-" if the error isn't a *ConfigError
		say       string
		iam       []response // to all requests
	}{
		"nothing": {Options{}, "", "OS_TOKEN", nil},
		"ignored credentials": {
			Options{Region: "eu-de", UserName: u, DomainName: d, Unused: []string{"OS_ACCESS_KEY"}},
			"password", "Ignored credentials: OS_ACCESS_KEY (a higher source takes precedence", nil,
		},

		"token with a line ending":       {Options{Token: "t\n", Endpoint: endpoint, ProjectID: projectID}, "token", "line end", nil},
		"token with a source":            {Options{Token: "t t", Sources: Sources{"token": `cloud "x" of f`}}, "token", `(from cloud "x" of f)`, nil},
		"token with an endpoint":         {Options{Token: "t", Endpoint: endpoint}, "region", "OS_REGION_NAME", nil},
		"token with an invalid project":  {Options{Token: "t", ProjectID: "a/b", Sources: Sources{"tenant_id": "OS_PROJECT_ID"}}, "tenant_id", `"a/b" (from OS_PROJECT_ID) isn't a project ID`, nil},
		"user without a password":        {Options{Region: "eu-de", UserName: u, DomainName: d}, "password", "OS_PASSWORD", nil},
		"password without a user":        {Options{Region: "eu-de", Password: password, DomainName: d}, "user_name", "OS_USER_ID", nil},
		"user without a domain":          {Options{Region: "eu-de", UserName: u, Password: password}, "domain_name", "OS_USER_DOMAIN_NAME", nil},
		"user without a region":          {byUser(Options{}), "region", "OS_AUTH_URL", nil},
		"user without a project":         {byUser(Options{AuthURL: iam}), "tenant_name", "OS_PROJECT_NAME", nil},
		"user ID, project":               {Options{Region: "eu-de", UserID: u, Password: password, ProjectName: "x"}, "domain_name", "OS_PROJECT_DOMAIN_NAME", nil},
		"user ID, project of the region": {Options{Region: "eu-de", UserID: u, Password: password}, "domain_name", "OS_PROJECT_ID", nil},

		"access key without a secret key": {Options{AccessKey: "a", Sources: Sources{"access_key": "OS_ACCESS_KEY"}}, "secret_key", "access_key (from OS_ACCESS_KEY) needs a secret_key", nil},
		"secret key without access key":   {byUser(Options{Region: "eu-de", SecretKey: "s"}), "access_key", "OS_ACCESS_KEY", nil},
		"access key with a space":         {Options{AccessKey: " a", SecretKey: "s"}, "access_key", "a space", nil},
		"secret key with a line ending":   {Options{AccessKey: "a", SecretKey: password + "\n"}, "secret_key", "line end", nil},
		"security token with line ending": {Options{AccessKey: "a", SecretKey: "s", SecurityToken: "t\r\n"}, "security_token", "line end", nil},
		"security token alone":            {Options{Region: "eu-de", SecurityToken: "t"}, "access_key", "OS_ACCESS_KEY", nil},
		"security token with a password":  {byUser(Options{Region: "eu-de", SecurityToken: "t"}), "access_key", "temporary", nil},
		"access key without a region":     {Options{AccessKey: "a", SecretKey: "s"}, "region", "OS_REGION_NAME", nil},
		"access key without a project":    {Options{AuthURL: iam, AccessKey: "a", SecretKey: "s"}, "tenant_name", "OS_PROJECT_NAME", nil},

		"agency without a domain":          {Options{Region: "eu-de", Token: "t", AgencyName: "a"}, "agency_domain_name", "OS_AGENCY_DOMAIN_NAME", nil},
		"agency domain alone":              {Options{Region: "eu-de", Token: "t", AgencyDomainName: "a"}, "agency_name", "agency_domain_name belongs", nil},
		"delegated project alone":          {Options{Region: "eu-de", Token: "t", DelegatedProject: "p"}, "agency_name", "delegated_project belongs", nil},
		"delegated project ID alone":       {Options{Region: "eu-de", Token: "t", DelegatedProjectID: "p"}, "agency_name", "delegated_project belongs", nil},
		"agency without a project":         {Options{AuthURL: iam, Token: "t", AgencyName: "a", AgencyDomainName: d, ProjectName: "eu-de_x"}, "delegated_project", "OS_DELEGATED_PROJECT", nil},
		"agency needs IAM, without region": {agency, "region", "OS_AUTH_URL", nil},
		"region that is a query":           {Options{Region: "evil.example?x=", AccessKey: "a", SecretKey: "s", Sources: Sources{"region": "OS_REGION"}}, "region", "(from OS_REGION)", nil},
		"auth_url in plain http":           {byUser(Options{AuthURL: "http://iam.example.com", Region: "eu-de"}), "auth_url", "insecure", nil},
		"auth_url without a scheme":        {byUser(Options{AuthURL: "iam.example.com", Region: "eu-de"}), "auth_url", "https://iam.eu-de.", nil},
		"auth_url with a password":         {byUser(Options{AuthURL: "https://user:" + password + "@iam.example.com", Region: "eu-de"}), "auth_url", "user_name", nil},
		"endpoint in plain http":           {at("http://ma.example.com"), "endpoint", "The URL (from OS_MODELARTS_ENDPOINT) begins with http, so the provider would send", nil},
		"endpoint without a scheme":        {at("ma.example.com"), "endpoint", `"ma.example.com" (from OS_MODELARTS_ENDPOINT) isn't an http or https URL. Write a URL such as https://modelarts.eu-de.`, nil},
		"endpoint of another project":      {at("https://ma.example.com/v1/other/"), "endpoint", "other", nil},
		"endpoint with an invalid project": {at("https://ma.example.com/v1/a%20b"), "endpoint", `The path of the endpoint (from OS_MODELARTS_ENDPOINT) ends in the project ID "a b"`, nil},

		"password":              {user(), "password", facts(message, "", 401) + "IAM doesn't report which", []response{traced(401, rejection401)}},
		"password with a flaw":  {flawed, "password", facts(message, "", 401) + "The password ends with a space", []response{traced(401, rejection401)}},
		"passcode":              {with(user(), func(o *Options) { o.Passcode = "123456" }), "password", "A passcode is valid for one token, and for 30 seconds", []response{traced(401, rejection401)}},
		"token":                 {tokenOf(password), "token", facts(message, "", 401) + "The token expired", []response{traced(401, rejection401)}},
		"agency":                {asAgency(tokenOf("a-token")), "agency_name", facts("No", "IAM.0001", 401) + "IAM doesn't report which", []response{traced(401, `{"error": {"code": "IAM.0001", "title": "No"}}`)}},
		"access key":            {keyOf(), "access_key", facts("verify aksk signature fail", "APIGW.0301", 401) + "access_key or secret_key is wrong", []response{traced(401, `{"error_code": "APIGW.0301", "error_msg": "verify aksk signature fail"}`)}},
		"access key, clock":     {keyOf(), "access_key", "Set the clock of this machine", []response{respond(401, rejection401, "Date", "Mon, 02 Jan 2006 15:04:05 GMT")}},
		"request ID in body":    {user(), "password", "\nRequest ID: of the body\n", []response{respond(401, `{"error_msg": "no", "request_id": "of the body"}`)}},
		"gateway":               {user(), "password", facts("AK locked", "APIGW.0301", 401) + "IAM doesn't report which", []response{traced(401, `{"error_code": "APIGW.0301", "error_msg": "AK locked", "request_id": "of the body"}`)}},
		"both codes":            {user(), "-", facts("(no message)", "IAM.0002", 403), []response{traced(403, `{"error": {"code": 403}, "error_code": "IAM.0002"}`)}},
		"401 HTML":              {user(), "password", facts("(no message)", "", 401), []response{traced(401, "<html>You sent "+password)}},
		"400 HTML":              {user(), "-", facts("(no message)", "", 400) + "IAM couldn't interpret the request", []response{traced(400, "<html>You sent "+password)}},
		"500 HTML":              {user(), "-", facts("(no message)", "", 500) + "IAM requires a pause of 1h0m0s. IAM can't serve the request", []response{traced(500, "<html>You sent "+password)}},
		"403":                   {user(), "-", facts("locked", "", 403) + "IAM doesn't allow this", []response{traced(403, `{"error": {"code": 403, "message": "locked"}}`)}},
		"404":                   {user(), "-", facts("(no message)", "", 404) + "IAM isn't at this address. Check auth_url.", []response{traced(404, "<html>")}},
		"429":                   {user(), "-", facts("slow", "APIGW.0308", 429) + "IAM requires a pause of 1h0m0s. IAM can't serve the request at the moment", []response{traced(429, `{"error_code": "APIGW.0308", "error_msg": "slow"}`)}},
		"secret as the code":    {user(), "-", facts("(no message)", "[redacted]", 400), []response{traced(400, `{"error_code": "`+password+`"}`)}},
		"quoted password":       {user(), "-", facts("wrong: [redacted]", "", 400), []response{traced(400, `{"error": {"message": "wrong: `+password+`"}}`)}},
		"quoted token":          {user(), "password", facts("no [redacted] here", "", 401), []response{traced(401, `{"error": {"message": "no `+strings.Repeat("gAAAA", 40)+` here"}}`)}},
		"no JSON":               {user(), "-", "received no usable response from IAM", []response{traced(201, "<html>"+password)}},
		"login page":            {user(), "-", "IAM returned no usable token (HTTP 200). Check that auth_url", []response{traced(200, "<html>"+password)}},
		"secret as the project": {user(), "-", "IAM returned no usable token (the project of the token has an invalid ID)", []response{traced(201, `{"token": {"project": {"id": "`+password+`"}}}`)}},
		"redirect":              {user(), "-", "IAM isn't at this address. Check auth_url.", []response{respond(302, "", "Location", "https://elsewhere.example.com/v3/")}},
		"redirect of a key":     {keyOf(), "-", "IAM isn't at this address. Check auth_url.", []response{respond(307, "", "Location", "https://elsewhere.example.com/v3/")}},
		"flood":                 {user(), "-", "larger than 1024 KiB", []response{respond(201, strings.Repeat(" ", 1<<20+1), subjectHeader, "t")}},
		"no token":              {user(), "-", "IAM returned no usable token (the response has no X-Subject-Token)", []response{respond(201, "{}")}},

		"expired token":                  {sourced, "token", "IAM rejected the token|(from OS_TOKEN)|24 hours", []response{no}},
		"token not for the project":      {named, "tenant_name", "no token for the project|(from OS_TOKEN)|tenant_name (from OS_PROJECT_NAME)", []response{none, no}},
		"token not for the project ID":   {byID, "tenant_id", "no token for the project|tenant_id", []response{none, no}},
		"no project, unknown domain":     {named, "tenant_name", "isn't for a project", []response{respond(200, `{"token": {}}`)}},
		"no project, none known":         {elsewhere, "tenant_name", "isn't for a project", []response{none}},
		"password for a project of null": {user(), "tenant_name", "isn't for a project", []response{respond(201, `{"token": {"project": null}}`, subjectHeader, "t")}},

		"user of an agency":  {asAgency(user()), "password", "IAM rejected the user or the password", []response{no}},
		"agency of a user":   {asAgency(user()), "agency_name", "Agent Operator", []response{nil, no}},
		"agency of a token":  {asAgency(tokenOf(password)), "agency_name", "The token might also have expired", []response{no}},
		"agency of a key":    {asAgency(owned), "agency_name", "access_key or secret_key is wrong", []response{no}},
		"key of an agency":   {asAgency(keyOf()), "access_key", "IAM rejected the access key", []response{no}},
		"several domains":    {asAgency(keyOf()), "domain_name", "More than one domain: The access key has access to: one, two. Set domain_id", []response{domains}},
		"no domain":          {asAgency(keyOf()), "domain_name", "Could not find domain", []response{respond(200, "{}")}},
		"unknown domain":     {asAgency(ofDomain), "domain_name", `Could not find domain "c"|no such domain (from OS_DOMAIN_NAME).`, []response{domains}},
		"unknown project":    {key("eu-de_y"), "tenant_name", `Could not find project "eu-de_y"|Set tenant_id in the provider block, or in the environment: OS_PROJECT_ID.`, []response{projects}},
		"invalid IDs":        {key("odd"), "tenant_name", "no such project", []response{projects}},
		"several projects":   {key("twice"), "tenant_name", "More than one project|p3, p4", []response{projects}},
		"broken catalog":     {placed, "-", "HTTP status: 500", []response{respond(500, "{}")}},
		"catalog, no region": {noRegion, "endpoint", "no service catalog with ModelArts in any region. ", []response{respond(200, "{}")}},
	} {
		t.Run(name, func(t *testing.T) {
			c := &cloud{iam: test.iam}
			session, err := openWith(t, c, test.options)
			if session != nil || err == nil || strings.Contains(err.Error(), password) || len(c.iamCalls) != len(test.iam) || len(c.calls) > 0 {
				t.Fatalf("%+v, %v after the requests %s", session, err, c.lines())
			}
			wantTexts(t, requestLine.ReplaceAllString(err.Error(), "Request: "), strings.Split(test.say, "|")...)
			if fault, ok := errors.AsType[*ConfigError](err); ok != (test.attribute != "-") || ok && (fault.Attribute != test.attribute || fault.Summary == "") {
				t.Errorf("%T %+v", err, err)
			}
		})
	}
}
