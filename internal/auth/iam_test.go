package auth

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
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

func TestWrongPassword(t *testing.T) {
	t.Parallel()

	s := startSimulator(t, simulator.Options{})
	options := userOf(s)
	options.Password = password

	_, err := Open(t.Context(), options)
	if e := configErrorFrom(t, err); e.Attribute != "password" || !strings.HasPrefix(e.Detail, "API message: ") || tokenCalls(s.Calls()) != 1 {
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
		{"password", nil, 401, refusal, "password", said("The username or password is wrong.", "", 401) + "IAM refused the request. It does not say which"},
		{"token", token, 401, refusal, "token", said("The username or password is wrong.", "", 401) + "IAM refused the request. The token expired"},
		{"token alone", func(o *Options) { o.Token = password }, 401, refusal, "token", "API message: The username or password"},
		{
			"gateway", nil, 401, `{"error_code": "APIGW.0301", "error_msg": "Incorrect IAM authentication information: AK locked", "request_id": "of the body"}`,
			"password", said("Incorrect IAM authentication information: AK locked", "APIGW.0301", 401) + "IAM refused the request. It does not say which",
		},
		{
			"gateway, access key", func(o *Options) { o.AccessKey, o.SecretKey = "key", password }, 401,
			`{"error_code": "APIGW.0301", "error_msg": "verify aksk signature fail"}`, "access_key",
			said("verify aksk signature fail", "APIGW.0301", 401) + "IAM refused the request. access_key or secret_key is wrong",
		},
		{
			"agency", func(o *Options) { o.Token, o.AgencyName, o.AgencyDomainName = "a-token", "a", "d" }, 401,
			`{"error": {"code": "IAM.0001", "title": "No"}}`, "agency_name", said("No", "IAM.0001", 401) + "IAM refused the request. It does not say which",
		},
		{"own code", nil, 400, `{"error_code": "IAM.0011", "error_msg": "no"}`, "", said("no", "IAM.0011", 400) + "IAM could not make sense"},
		{"both codes", nil, 403, `{"error": {"code": 403}, "error_code": "IAM.0002"}`, "", said("(no message)", "IAM.0002", 403)},
		{"HTML", nil, 401, "<html>", "password", said("(no message)", "", 401)},
		{
			"MFA", nil, 401, `{"receipt": {}, "required_auth_methods": [["totp", "password"]]}`, "password",
			"API message: the methods needed are totp and password\n",
		},
		{"a wrong auth_url, token", func(o *Options) { o.Token = password }, 404, "<html>", "", "HTTP status: 404\n"},
		{"empty", nil, 401, "", "password", said("(no message)", "", 401)},
		{"echo", nil, 401, echo, "password", said("(no message)", "", 401)},
		{"403", nil, 403, `{"error": {"code": 403, "message": "locked"}}`, "", said("locked", "", 403) + "IAM doesn't allow this"},
		{"404", nil, 404, "<html>", "", said("(no message)", "", 404) + "Check auth_url: there is no IAM"},
		{"a redirect", nil, 302, "", "", said("(no message)", "", 302) + "Check auth_url: there is no IAM"},
		{"429", nil, 429, `{"error_code": "APIGW.0308", "error_msg": "slow"}`, "", said("slow", "APIGW.0308", 429) + "IAM can't serve the request"},
		{"400 echo", nil, 400, echo, "", said("(no message)", "", 400) + "IAM could not make sense of the request"},
		{"500 echo", nil, 500, echo, "", said("(no message)", "", 500) + "IAM can't serve the request"},
		{"quoting in the code", nil, 400, `{"error_code": "` + password + `"}`, "", said("(no message)", "[redacted]", 400)},
		{"no JSON", nil, 201, "<html>" + password, "", "authenticate with IAM"},
		{"a login page", nil, 200, "<html>" + password, "", "IAM returned no usable token (HTTP 200). Check whether auth_url"},
		{"quoting", nil, 400, `{"error": {"message": "wrong: ` + password + `"}}`, "", said("wrong: [redacted]", "", 400)},
		{"quoting a token", nil, 401, `{"error": {"message": "no ` + strings.Repeat("gAAAA", 40) + ` here"}}`, "password", said("no [redacted] here", "", 401)},
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

				// The pauses after 429 are TestIAMThrottles' subject: here it asks for more time than there is.
				return reply(req, test.status, body, "X-Subject-Token", "t", "X-Iam-Trace-Id", "trace-1", "Retry-After", "3600"), nil
			}})
			if test.change != nil {
				test.change(&options)
			}

			session, err := Open(t.Context(), options)
			if session != nil || err == nil || !strings.Contains(withoutCall(err.Error()), test.want) || strings.Contains(err.Error(), password) {
				t.Fatalf("%+v, %v", session, err)
			}

			config, ok := errors.AsType[*ConfigError](err)
			if ok != (test.attribute != "") || config != nil && config.Attribute != test.attribute {
				t.Errorf("%T %+v", err, err)
			}
		})
	}
}

// said is what a diagnostic says of a response, up to the call.
func said(message, code string, status int) string {
	if code != "" {
		code = "Error code: " + code + "\n"
	}

	return fmt.Sprintf("API message: %s\n%sHTTP status: %d\nRequest ID: trace-1\nCall: \n\n", message, code, status)
}

// withoutCall takes the name of the call out of a diagnostic.
func withoutCall(text string) string {
	return regexp.MustCompile(`Call: (GET|POST) https://iam\.eu-de\.otc\.t-systems\.com/v3/\S+`).ReplaceAllString(text, "Call: ")
}

// Of several request IDs that of the header counts, which IAM logs.
func TestRequestIDOfARefusal(t *testing.T) {
	t.Parallel()

	for want, header := range map[string][]string{
		"a": {"X-Request-Id", "a", "X-Openstack-Request-Id", "b"}, "b": {"X-Openstack-Request-Id", "b"}, "body": {},
	} {
		_, err := Open(t.Context(), user(&cloud{iam: func(req *http.Request, _ int) (*http.Response, error) {
			return reply(req, 401, `{"error_msg": "no", "request_id": "body"}`, header...), nil
		}}))
		if e := configErrorFrom(t, err); !strings.Contains(e.Detail, "\nRequest ID: "+want+"\n") {
			t.Errorf("%v: %v", header, e)
		}
	}
}

func TestAnswerWithoutAToken(t *testing.T) {
	t.Parallel()

	_, err := Open(t.Context(), user(&cloud{iam: func(req *http.Request, _ int) (*http.Response, error) {
		return reply(req, http.StatusCreated, `{"token": {"project": {"id": "`+projectID+`"}, "catalog": []}}`), nil
	}}))
	if err == nil || !strings.Contains(err.Error(), "IAM returned no usable token (there is no X-Subject-Token)") {
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
