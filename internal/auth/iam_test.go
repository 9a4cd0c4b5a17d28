package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

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
			"a passcode", func(o *Options) { o.Passcode = "123456" },
			`{"identity": {"methods": ["password", "totp"],
				"password": {"user": {"name": "user", "password": "` + password + `", "domain": {"name": "OTC-EU-DE-1"}}},
				"totp": {"user": {"name": "user", "passcode": "123456", "domain": {"name": "OTC-EU-DE-1"}}}},
				"scope": {"project": {"name": "eu-de", "domain": {"name": "OTC-EU-DE-1"}}}}`,
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
		{"password", nil, 401, refusal, "password", said("The username or password is wrong.", "", 401) + "IAM doesn't report which"},
		{"token", token, 401, refusal, "token", said("The username or password is wrong.", "", 401) + "The token expired"},
		{"token alone", func(o *Options) { o.Token = password }, 401, refusal, "token", "API message: The username or password"},
		{
			"gateway", nil, 401, `{"error_code": "APIGW.0301", "error_msg": "Incorrect IAM authentication information: AK locked", "request_id": "of the body"}`,
			"password", said("Incorrect IAM authentication information: AK locked", "APIGW.0301", 401) + "IAM doesn't report which",
		},
		{
			"gateway, access key", func(o *Options) { o.AccessKey, o.SecretKey = "key", password }, 401,
			`{"error_code": "APIGW.0301", "error_msg": "verify aksk signature fail"}`, "access_key",
			said("verify aksk signature fail", "APIGW.0301", 401) + "access_key or secret_key is wrong",
		},
		{
			"agency", func(o *Options) { o.Token, o.AgencyName, o.AgencyDomainName = "a-token", "a", "d" }, 401,
			`{"error": {"code": "IAM.0001", "title": "No"}}`, "agency_name", said("No", "IAM.0001", 401) + "IAM doesn't report which",
		},
		{"own code", nil, 400, `{"error_code": "IAM.0011", "error_msg": "no"}`, "", said("no", "IAM.0011", 400) + "IAM couldn't interpret"},
		{"both codes", nil, 403, `{"error": {"code": 403}, "error_code": "IAM.0002"}`, "", said("(no message)", "IAM.0002", 403)},
		{
			"passcode", func(o *Options) { o.Passcode = "654321" }, 401, refusal, "password",
			"A passcode is valid for one token, and for 30 seconds",
		},
		{"no token in the header", nil, 201, "{}", "", "IAM returned no usable token (the response has no X-Subject-Token)"},
		{"HTML", nil, 401, "<html>", "password", said("(no message)", "", 401)},
		{"a wrong auth_url, token", func(o *Options) { o.Token = password }, 404, "<html>", "", "HTTP status: 404\n"},
		{"empty", nil, 401, "", "password", said("(no message)", "", 401)},
		{"echo", nil, 401, echo, "password", said("(no message)", "", 401)},
		{"403", nil, 403, `{"error": {"code": 403, "message": "locked"}}`, "", said("locked", "", 403) + "IAM doesn't allow this"},
		{"404", nil, 404, "<html>", "", said("(no message)", "", 404) + "IAM isn't at this address. Check auth_url."},
		{"a redirect", nil, 302, "", "", said("(no message)", "", 302) + "IAM isn't at this address. Check auth_url."},
		{"429", nil, 429, `{"error_code": "APIGW.0308", "error_msg": "slow"}`, "", said("slow", "APIGW.0308", 429) + "IAM can't serve the request"},
		{"400 echo", nil, 400, echo, "", said("(no message)", "", 400) + "IAM couldn't interpret the request"},
		{"500 echo", nil, 500, echo, "", said("(no message)", "", 500) + "IAM can't serve the request"},
		{"quoting in the code", nil, 400, `{"error_code": "` + password + `"}`, "", said("(no message)", "[redacted]", 400)},
		{"no JSON", nil, 201, "<html>" + password, "", "received no usable response from IAM"},
		{"a login page", nil, 200, "<html>" + password, "", "IAM returned no usable token (HTTP 200). Check that auth_url"},
		{"quoting", nil, 400, `{"error": {"message": "wrong: ` + password + `"}}`, "", said("wrong: [redacted]", "", 400)},
		{"quoting a token", nil, 401, `{"error": {"message": "no ` + strings.Repeat("gAAAA", 40) + ` here"}}`, "password", said("no [redacted] here", "", 401)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := &cloud{iam: func(req *http.Request, _ int) (*http.Response, error) {
				body := test.body
				if body == echo {
					sent, err := io.ReadAll(req.Body)
					if err != nil {
						return nil, err
					}
					body = "You sent " + string(sent)
				}
				// TestRetriesOfIAM tests the pauses after 429: here one asks for more time than there is.
				token := "t"
				if test.name == "no token in the header" {
					token = ""
				}
				return reply(req, test.status, body, "X-Subject-Token", token, "X-Iam-Trace-Id", "trace-1", "Retry-After", "3600"), nil
			}}
			options := user(c)
			if test.change != nil {
				test.change(&options)
			}
			session, err := Open(t.Context(), options)
			if session != nil || err == nil || !strings.Contains(withoutCall(err.Error()), test.want) || strings.Contains(err.Error(), password) {
				t.Fatalf("%+v, %v", session, err)
			}
			config, ok := errors.AsType[*ConfigError](err)
			if len(c.iamCalls) != 1 {
				t.Errorf("%d requests", len(c.iamCalls))
			}
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
	return fmt.Sprintf("API message: %s\n%sHTTP status: %d\nRequest ID: trace-1\nRequest: \n\n", message, code, status)
}

// withoutCall takes the name of the call out of a diagnostic.
func withoutCall(text string) string {
	return regexp.MustCompile(`Request: (GET|POST) https://iam\.eu-de\.otc\.t-systems\.com/v3/\S+`).ReplaceAllString(text, "Request: ")
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

// A redirect is an error, whichever credentials a request has.
func TestRedirectOfIAMIsNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{300, 301, 302, 303, 307, 308} {
		for name, options := range map[string]Options{
			"password":          user(nil),
			"token":             {Region: "eu-de", Token: "old"},
			"access key":        keyOf(nil),
			"agency of a token": asAgency(Options{Region: "eu-de", Token: "old"}),
		} {
			c := &cloud{iam: func(req *http.Request, _ int) (*http.Response, error) {
				return reply(req, status, "", "Location", "https://elsewhere.example.com/v3/"), nil
			}}
			options.Transport = c
			if _, err := Open(t.Context(), options); err == nil || len(c.iamCalls) != 1 {
				t.Errorf("%s, HTTP %d: %s: %v", name, status, c.lines(), err)
			}
		}
	}
}

// endless is a body without an end: the beginning of a number, to a reader of JSON.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '1'
	}
	e.read += len(p)
	return len(p), nil
}

func TestFloodsOfIAM(t *testing.T) {
	t.Parallel()
	for _, status := range []int{201, 300, 401, 403, 503} {
		body := &endless{}
		_, err := Open(t.Context(), user(&cloud{iam: func(req *http.Request, _ int) (*http.Response, error) {
			resp := reply(req, status, "", "X-Subject-Token", "t")
			resp.Body = io.NopCloser(body)
			return resp, nil
		}}))
		if err == nil || body.read > 2<<20 || !strings.Contains(err.Error(), "larger than 1024 KiB") {
			t.Errorf("HTTP %d: read %d bytes: %v", status, body.read, err)
		}
	}
}

func TestGarbageOfIAM(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", "null", "[]", "{}", "<html>", `"token"`, `{"token": null}`, `{"token": []}`, `{"token": {"project": null}}`,
		`{"token": {"project": {"id": 7}}}`, `{"token": {"project": {"id": ""}}}`, `{"token": {"project": {"id": "p"}, "catalog": {}}}`,
		`{"token": {"project": {"id": "p"}, "catalog": [[]]}}`, `{"token": {"project": {"id": "p"}, "catalog": [`,
		strings.Repeat("[", 100_000), strings.Repeat(`{"token":`, 20_000), "\x1b[2J", "\x00",
		`{"token": {"expires_at": "` + strings.Repeat("9", 100_000) + `"}}`,
		`{"token": {"project": {"id": "p"}, "catalog": [{"type": "modelarts", "endpoints": [{"interface": "public", "region": "eu-de", "url": "` +
			"https://\\u001b[2J" + strings.Repeat("x", 100_000) + `"}]}]}}`,
		`{"error": {"message": "a\nb\u001b[2J\u202e` + strings.Repeat("m", 100_000) + `"}}`,
		`{"error": "m"}`, `{"error": {"message": 7}}`,
	} {
		for _, status := range []int{200, 201, 204, 300, 400, 401, 403, 404, 502} {
			options := user(&cloud{iam: func(req *http.Request, _ int) (*http.Response, error) {
				return reply(req, status, body, "X-Subject-Token", "t"), nil
			}})
			session, err := Open(t.Context(), options)
			if err == nil || session != nil {
				t.Errorf("HTTP %d, %.60q: %+v, %v", status, body, session, err)
				continue
			}
			if text := err.Error(); len(text) > 5000 || strings.ContainsFunc(strings.ReplaceAll(text, "\n", ""), func(r rune) bool { return !unicode.IsGraphic(r) }) {
				t.Errorf("HTTP %d, %.60q: %d bytes: %.200q", status, body, len(text), text)
			}
		}
	}
}

func TestIAMError(t *testing.T) {
	t.Parallel()
	if err := (&Options{}).explain(fmt.Errorf("get: %w", context.Canceled), nil); !errors.Is(err, context.Canceled) ||
		err.Error() != "the provider received no usable response from IAM: get: context canceled. Check the network and auth_url, then run the command again" {
		t.Errorf("%v", err)
	}
	err := (&Options{}).explain(errors.New("malformed \x1b[2J\n"+strings.Repeat("x", 5000)), nil)
	if text := err.Error(); len(text) > 1100 || strings.ContainsFunc(text, unicode.IsControl) {
		t.Errorf("%q", text)
	}
}
