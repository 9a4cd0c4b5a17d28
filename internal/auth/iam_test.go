package auth

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestOpenWithTheSimulator(t *testing.T) {
	t.Parallel()

	s := startSimulator(t, simulator.Options{})
	byID := userOf(s)
	byID.UserID, byID.UserName, byID.DomainID = simulator.DefaultUserID, "", simulator.DefaultDomainID
	byProjectID := userOf(s)
	byProjectID.ProjectID, byProjectID.ProjectName = simulator.DefaultProjectID, ""

	for name, test := range map[string]struct {
		options Options
		method  string
	}{
		"password":                {userOf(s), "password"},
		"password, by id":         {byID, "password"},
		"password, project id":    {byProjectID, "password"},
		"token":                   {Options{AuthURL: s.AuthURL(), Token: s.IssueToken(), Region: "eu-de"}, "token"},
		"token, without a region": {Options{AuthURL: s.AuthURL(), Token: s.IssueToken()}, "token"},
		"token, a project by its id": {
			Options{AuthURL: s.AuthURL(), Token: s.IssueToken(), Region: "eu-de", ProjectID: simulator.DefaultProjectID}, "token",
		},
	} {
		test.options.Transport = network()
		session := open(t, test.options)

		if session.ProjectID != simulator.DefaultProjectID || session.Method != test.method ||
			strings.TrimSuffix(session.Endpoint.String(), "/") != s.Endpoint() {
			t.Errorf("%s: %+v at %s", name, session, session.Endpoint)
		}

		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			s.Endpoint()+"/v1/"+session.ProjectID+"/visualization-jobs", nil)
		if err != nil {
			t.Fatal(err)
		}

		resp, err := session.Transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}

		if body := text(t, resp); resp.StatusCode != http.StatusOK {
			t.Errorf("%s: HTTP %d %s", name, resp.StatusCode, body)
		}
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()

	const byName = `{"methods": ["password"], "password": {"user": {"name": "user", "password": "` + password +
		`", "domain": {"name": "OTC-EU-DE-1"}}}}`

	tests := []struct {
		name   string
		change func(*Options)
		want   string // identity and scope
	}{
		{
			"the region's project", func(*Options) {},
			`{"identity": ` + byName + `, "scope": {"project": {"name": "eu-de", "domain": {"name": "OTC-EU-DE-1"}}}}`,
		},
		{
			"a project by name", func(o *Options) { o.ProjectName = "eu-de_x" },
			`{"identity": ` + byName + `, "scope": {"project": {"name": "eu-de_x", "domain": {"name": "OTC-EU-DE-1"}}}}`,
		},
		{
			"a project by id", func(o *Options) { o.ProjectName, o.ProjectID = "eu-de_x", projectID },
			`{"identity": ` + byName + `, "scope": {"project": {"id": "` + projectID + `"}}}`,
		},
		{
			"a domain by id", func(o *Options) { o.DomainID = "5d0c" },
			`{"identity": {"methods": ["password"], "password": {"user": {"name": "user", "password": "` + password +
				`", "domain": {"id": "5d0c"}}}}, "scope": {"project": {"name": "eu-de", "domain": {"id": "5d0c"}}}}`,
		},
		{
			"a user by id", func(o *Options) { o.UserID = "0b9e" },
			`{"identity": {"methods": ["password"], "password": {"user": {"id": "0b9e", "password": "` + password +
				`"}}}, "scope": {"project": {"name": "eu-de", "domain": {"name": "OTC-EU-DE-1"}}}}`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()

			c := &cloud{}
			options := user(c)
			options.UserAgent = "terraform-provider-modelarts/test"
			test.change(&options)
			open(t, options)

			if len(c.iamCalls) != 1 {
				t.Fatalf("%d calls", len(c.iamCalls))
			}

			got := c.iamCalls[0]
			if got.Method != http.MethodPost || got.URL != "https://iam.eu-de.otc.t-systems.com/v3/auth/tokens" {
				t.Errorf("%s %s", got.Method, got.URL)
			}

			if agent := got.Header.Get("User-Agent"); !strings.HasPrefix(agent, "terraform-provider-modelarts/test") {
				t.Errorf("User-Agent %q", agent)
			}

			wantJSON(t, `{"auth": `+test.want+`}`, got.Body)
		})
	}
}

func TestEndpoint(t *testing.T) {
	t.Parallel()

	const documented = "https://modelarts.eu-de.otc.t-systems.com"

	entry := func(kind, face, region, url string) string {
		return `[{"id": "a", "name": "x", "type": "` + kind + `", "endpoints": [{"id": "b", "interface": "` + face +
			`", "region": "` + region + `", "region_id": "` + region + `", "url": "` + url + `"}]}]`
	}

	tests := []struct {
		name, catalogue string
		change          func(*Options)
		want            string // empty: refused
		attribute       string
	}{
		{"of several", catalogue, nil, "https://ma.example.com/v1/", ""},
		{"modelartsv1", entry("modelartsv1", "public", "eu-de", "https://a.example.com"), nil, "https://a.example.com/", ""},
		{"another service", entry("obs", "public", "eu-de", "https://a.example.com"), nil, documented, ""},
		{"another region", entry("modelarts", "public", "eu-nl", "https://a.example.com"), nil, documented, ""},
		{"internal", entry("modelarts", "internal", "eu-de", "https://a.example.com"), nil, documented, ""},
		{"empty", `[]`, nil, documented, ""},
		{"configured", catalogue, func(o *Options) { o.Endpoint = "https://b.example.com" }, "https://b.example.com", ""},
		{"plain http", entry("modelarts", "public", "eu-de", "http://a.example.com"), nil, "", "endpoint"},
		{"nothing", entry("modelarts", "public", "eu-de", ""), nil, "", "endpoint"},
		{"a template", entry("modelarts", "public", "eu-de", "https://a.example.com/v1/$(tenant_id)s"), nil, "", "endpoint"},
		{
			"plain http, insecure", entry("modelarts", "public", "eu-de", "http://a.example.com"),
			func(o *Options) { o.Insecure = true }, "http://a.example.com/", "",
		},
		{
			"no region, several", catalogue,
			func(o *Options) { o.Region, o.AuthURL, o.ProjectID = "", "https://iam.example.com/v3", projectID }, "", "region",
		},
		{
			"no region, one", entry("modelarts", "public", "eu-nl", "https://a.example.com"),
			func(o *Options) { o.Region, o.AuthURL, o.ProjectID = "", "https://iam.example.com/v3", projectID }, "https://a.example.com/", "",
		},
		{
			"no region, none", `[]`,
			func(o *Options) { o.Region, o.AuthURL, o.ProjectID = "", "https://iam.example.com/v3", projectID }, "", "region",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()

			options := user(&cloud{token: `{"project": {"id": "` + projectID + `"}, "catalog": ` + test.catalogue + `}`})
			if test.change != nil {
				test.change(&options)
			}

			session, err := Open(t.Context(), options)
			if test.want == "" {
				e := configErrorFrom(t, err)
				if e.Attribute != test.attribute || e.Attribute == "endpoint" && !strings.Contains(e.Summary, "catalogue") {
					t.Errorf("%+v", e)
				}
			} else if err != nil || session.Endpoint.String() != test.want {
				t.Errorf("%+v, %v", session, err)
			}
		})
	}
}

func TestWrongPassword(t *testing.T) {
	t.Parallel()

	s := startSimulator(t, simulator.Options{})
	options := userOf(s)
	options.Password = password

	_, err := Open(t.Context(), options)
	if e := configErrorFrom(t, err); e.Attribute != "password" || !strings.Contains(e.Detail, "IAM says: ") || tokenCalls(s.Calls()) != 1 {
		t.Errorf("%d calls: %+v", tokenCalls(s.Calls()), e)
	}
}

func TestRefusalsOfIAM(t *testing.T) {
	t.Parallel()

	const echo = "echo"

	token := func(o *Options) { o.Token, o.ProjectID = password, projectID }

	tests := []struct {
		name      string
		change    func(*Options)
		status    int
		body      string
		attribute string // empty: no ConfigError
		want      string
	}{
		{"password", nil, 401, refusal, "password", "IAM says: The username or password is wrong. (HTTP 401)"},
		{"token", token, 401, refusal, "token", "IAM says: The username or password is wrong. (HTTP 401)"},
		{"token alone", func(o *Options) { o.Token = password }, 401, refusal, "token", "IAM says: The username or password"},
		{"gateway", nil, 401, `{"error_msg": "Throttled"}`, "password", "Throttled"},
		{"HTML", nil, 401, "<html>", "password", "Unauthorized"},
		{
			"MFA", nil, 401, `{"receipt": {}, "required_auth_methods": [["totp", "password"]]}`, "password",
			"IAM says: the methods needed are totp and password (HTTP 401)",
		},
		{"a wrong auth_url, token", func(o *Options) { o.Token = password }, 404, "<html>", "", "IAM answered HTTP 404: Not Found"},
		{"empty", nil, 401, "", "password", "Unauthorized"},
		{"echo", nil, 401, echo, "password", "Unauthorized"},
		{"403", nil, 403, `{"error": {"code": 403, "message": "locked"}}`, "", "IAM answered HTTP 403: locked"},
		{"404", nil, 404, "<html>", "", "IAM answered HTTP 404: Not Found"},
		{"400 echo", nil, 400, echo, "", "IAM answered HTTP 400: Bad Request"},
		{"500 echo", nil, 500, echo, "", "IAM answered HTTP 500"},
		{"no JSON", nil, 201, "<html>" + password, "", "authenticate with IAM"},
		{"a login page", nil, 200, "<html>" + password, "", "IAM's answer is not a token (HTTP 200). Check auth_url"},
		{"quoting", nil, 400, `{"error": {"message": "wrong: ` + password + `"}}`, "", "IAM answered HTTP 400: wrong: …"},
		{"quoting a token", nil, 401, `{"error": {"message": "no ` + strings.Repeat("gAAAA", 40) + ` here"}}`, "password", "IAM says: no … here"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()

			options := user(&cloud{iam: func(req *http.Request, _ int) (*http.Response, error) {
				body := test.body
				if body == echo {
					sent, err := io.ReadAll(req.Body)
					if err != nil {
						return nil, err
					}

					body = "You sent " + string(sent)
				}

				return reply(req, test.status, body, "X-Subject-Token", "t"), nil
			}})
			if test.change != nil {
				test.change(&options)
			}

			session, err := Open(t.Context(), options)
			if session != nil || err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), password) {
				t.Fatalf("%+v, %v", session, err)
			}

			config, ok := errors.AsType[*ConfigError](err)
			if ok != (test.attribute != "") || config != nil && config.Attribute != test.attribute {
				t.Errorf("%T %+v", err, err)
			}
		})
	}
}

func TestAnswerWithoutAToken(t *testing.T) {
	t.Parallel()

	_, err := Open(t.Context(), user(&cloud{iam: func(req *http.Request, _ int) (*http.Response, error) {
		return reply(req, http.StatusCreated, `{"token": {"project": {"id": "`+projectID+`"}, "catalog": []}}`), nil
	}}))
	if err == nil || !strings.Contains(err.Error(), "IAM's answer is not a token (there is no X-Subject-Token)") {
		t.Errorf("%v", err)
	}
}

func TestRedirectOfIAMIsNotFollowed(t *testing.T) {
	t.Parallel()

	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the other host was sent %s %s", r.Method, r.URL)
	}))
	defer elsewhere.Close()

	for _, status := range []int{300, 301, 302, 303, 307, 308} {
		for name, change := range map[string]func(*Options){
			"password": func(*Options) {},
			"token":    func(o *Options) { o.Token = "old" },
			"access key": func(o *Options) {
				o.UserName, o.Password, o.AccessKey, o.SecretKey, o.SecurityToken = "", "", "key", password, "temporary"
			},
			"agency of a token": func(o *Options) { o.Token, o.AgencyName, o.AgencyDomainName = "old", "a", "d" },
		} {
			iam := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, elsewhere.URL+r.URL.Path, status)
			}))
			options := user(network())
			options.AuthURL, options.MaxRetries = iam.URL+"/v3", 0
			change(&options)

			if _, err := Open(t.Context(), options); err == nil || strings.Contains(err.Error(), password) {
				t.Errorf("%s, HTTP %d: %v", name, status, err)
			}

			iam.Close()
		}
	}
}

func TestEndlessAnswerOfIAM(t *testing.T) {
	t.Parallel()

	for _, status := range []int{201, 300, 401, 403, 503} {
		read := 0
		options := user(&cloud{iam: func(req *http.Request, _ int) (*http.Response, error) {
			resp := reply(req, status, "", "X-Subject-Token", "t")
			resp.Body = endless{&read}

			return resp, nil
		}})

		_, err := Open(t.Context(), options)
		if err == nil || read > 2<<20 || len(err.Error()) > 2000 {
			t.Errorf("HTTP %d: read %d bytes: %v", status, read, err)
		}
	}
}
