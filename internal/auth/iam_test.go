package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

func TestIdentity(t *testing.T) {
	t.Parallel()
	const (
		domain = `"domain": {"name": "OTC-EU-DE-1"}`
		byName = `{"methods": ["password"], "password": {"user": {"name": "user", "password": "` + password + `", ` + domain + `}}}`
		region = `{"project": {"name": "eu-de", ` + domain + `}}`
	)
	for name, test := range map[string]struct {
		change          func(*Options)
		identity, scope string
	}{
		"project of the region": {func(*Options) {}, byName, region},
		"project by name":       {func(o *Options) { o.ProjectName = "eu-de_x" }, byName, `{"project": {"name": "eu-de_x", ` + domain + `}}`},
		"project by ID":         {func(o *Options) { o.ProjectName, o.ProjectID = "eu-de_x", projectID }, byName, `{"project": {"id": "` + projectID + `"}}`},
		"domain by ID": {
			func(o *Options) { o.DomainID = "5d0c" }, strings.ReplaceAll(byName, domain, `"domain": {"id": "5d0c"}`), `{"project": {"name": "eu-de", "domain": {"id": "5d0c"}}}`,
		},
		"passcode": {
			func(o *Options) { o.Passcode = "123456" },
			`{"methods": ["password", "totp"], "password": {"user": {"name": "user", "password": "` + password + `", ` + domain + `}},
				"totp": {"user": {"name": "user", "passcode": "123456", ` + domain + `}}}`, region,
		},
		"user by ID": {func(o *Options) { o.UserID = "0b9e" }, `{"methods": ["password"], "password": {"user": {"id": "0b9e", "password": "` + password + `"}}}`, region},
	} {
		t.Run(name, func(t *testing.T) {
			c, options := &cloud{}, user()
			options.UserAgent = "terraform-provider-modelarts/test"
			test.change(&options)
			open(t, c, options)
			got := c.lastToIAM()
			if c.lines() != login || got.URL.Host != "iam.eu-de.otc.t-systems.com" {
				t.Errorf("%s to %s", c.lines(), got.URL.Host)
			}
			wantHeader(t, got.Header, map[string]string{"User-Agent": options.UserAgent, "X-Auth-Token": ""})
			wantJSON(t, `{"auth": {"identity": `+test.identity+`, "scope": `+test.scope+`}}`, got.body)
		})
	}
}

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

func TestErrorResponsesOfIAM(t *testing.T) {
	t.Parallel()
	const message = "The username or password is wrong."
	flawed := user()
	flawed.Password += " "
	for name, test := range map[string]struct {
		options   Options
		iam       response
		attribute string // empty: no ConfigError
		say       string
	}{
		"password":             {user(), traced(401, rejection401), "password", facts(message, "", 401) + "IAM doesn't report which"},
		"password with a flaw": {flawed, traced(401, rejection401), "password", facts(message, "", 401) + "The password ends with a space"},
		"passcode":             {passcodeUser(), traced(401, rejection401), "password", "A passcode is valid for one token, and for 30 seconds"},
		"token":                {tokenOf(password), traced(401, rejection401), "token", facts(message, "", 401) + "The token expired"},
		"agency":               {asAgency(tokenOf("a-token")), traced(401, `{"error": {"code": "IAM.0001", "title": "No"}}`), "agency_name", facts("No", "IAM.0001", 401) + "IAM doesn't report which"},
		"access key":           {keyOf(), traced(401, `{"error_code": "APIGW.0301", "error_msg": "verify aksk signature fail"}`), "access_key", facts("verify aksk signature fail", "APIGW.0301", 401) + "access_key or secret_key is wrong"},
		"access key, clock":    {keyOf(), respond(401, rejection401, "Date", "Mon, 02 Jan 2006 15:04:05 GMT"), "access_key", "Set the clock of this machine"},
		"request ID in body":   {user(), respond(401, `{"error_msg": "no", "request_id": "of the body"}`), "password", "\nRequest ID: of the body\n"},
		"gateway":              {user(), traced(401, `{"error_code": "APIGW.0301", "error_msg": "AK locked", "request_id": "of the body"}`), "password", facts("AK locked", "APIGW.0301", 401) + "IAM doesn't report which"},
		"both codes":           {user(), traced(403, `{"error": {"code": 403}, "error_code": "IAM.0002"}`), "", facts("(no message)", "IAM.0002", 403)},
		"401 echo":             {user(), echo(401), "password", facts("(no message)", "", 401)},
		"400 echo":             {user(), echo(400), "", facts("(no message)", "", 400) + "IAM couldn't interpret the request"},
		"500 echo":             {user(), echo(500), "", facts("(no message)", "", 500) + "IAM can't serve the request"},
		"403":                  {user(), traced(403, `{"error": {"code": 403, "message": "locked"}}`), "", facts("locked", "", 403) + "IAM doesn't allow this"},
		"404":                  {user(), traced(404, "<html>"), "", facts("(no message)", "", 404) + "IAM isn't at this address. Check auth_url."},
		"429":                  {user(), traced(429, `{"error_code": "APIGW.0308", "error_msg": "slow"}`), "", facts("slow", "APIGW.0308", 429) + "IAM requires a pause of 1h0m0s. IAM can't serve the request at the moment"},
		"secret as the code":   {user(), traced(400, `{"error_code": "`+password+`"}`), "", facts("(no message)", "[redacted]", 400)},
		"quoted password":      {user(), traced(400, `{"error": {"message": "wrong: `+password+`"}}`), "", facts("wrong: [redacted]", "", 400)},
		"quoted token":         {user(), traced(401, `{"error": {"message": "no `+strings.Repeat("gAAAA", 40)+` here"}}`), "password", facts("no [redacted] here", "", 401)},
		"no JSON":              {user(), traced(201, "<html>"+password), "", "received no usable response from IAM"},
		"login page":           {user(), traced(200, "<html>"+password), "", "IAM returned no usable token (HTTP 200). Check that auth_url"},
		"secret as the project": {
			user(), traced(201, `{"token": {"project": {"id": "`+password+`"}}}`), "", "IAM returned no usable token (the project of the token has an invalid ID)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := &cloud{iam: []response{test.iam}}
			_, err := openWith(t, c, test.options)
			if err == nil || strings.Contains(err.Error(), password) || len(c.iamCalls) != 1 {
				t.Fatalf("%s: %v", c.lines(), err)
			}
			wantTexts(t, requestLine.ReplaceAllString(err.Error(), "Request: "), test.say)
			if fault, ok := errors.AsType[*ConfigError](err); ok != (test.attribute != "") || ok && fault.Attribute != test.attribute {
				t.Errorf("%T %+v", err, err)
			}
		})
	}
}

// TestRedirectOfIAMIsNotFollowed receives redirects, which are an error with all credentials.
func TestRedirectOfIAMIsNotFollowed(t *testing.T) {
	t.Parallel()
	for _, options := range []Options{user(), tokenOf("old"), keyOf(), asAgency(tokenOf("old"))} {
		for _, status := range []int{300, 301, 302, 303, 307, 308} {
			c := &cloud{iam: []response{respond(status, "", "Location", "https://elsewhere.example.com/v3/")}}
			if _, err := openWith(t, c, options); err == nil || len(c.iamCalls) != 1 || !strings.Contains(err.Error(), "IAM isn't at this address. Check auth_url.") {
				t.Errorf("%s, HTTP %d: %s: %v", options.method(), status, c.lines(), err)
			}
		}
	}
}

// TestFloodsOfIAM has a body without an end.
func TestFloodsOfIAM(t *testing.T) {
	t.Parallel()
	for _, status := range []int{201, 403} {
		_, err := openWith(t, &cloud{iam: []response{func(req *http.Request) (*http.Response, error) {
			resp, err := respond(status, "", subjectHeader, "t")(req)
			resp.Body = io.NopCloser(rand.Reader)
			return resp, err
		}}}, user())
		if err == nil || !strings.Contains(err.Error(), "larger than 1024 KiB") {
			t.Errorf("HTTP %d: %v", status, err)
		}
	}
}

func TestUnusableResponsesOfIAM(t *testing.T) {
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
		for _, status := range []int{201, 204, 300, 401, 502} {
			session, err := openWith(t, &cloud{iam: []response{respond(status, body, subjectHeader, "t")}}, user())
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

// TestRetriesOfIAM repeats every request to IAM: max_retries times, and after 429 as long as there is time.
func TestRetriesOfIAM(t *testing.T) {
	t.Parallel()
	throttled, unavailable := respond(429, "{}"), respond(503, "{}")
	lost := fail(errors.New("no route to " + password + " \x1b[2J"))
	for name, test := range map[string]struct {
		iam      []response
		requests int
		wait     time.Duration // at least, and 1.5 s more at most
		err      string
	}{
		"503":              {[]response{unavailable}, 3, 750 * time.Millisecond, "HTTP status: 503"},
		"no route":         {[]response{lost}, 3, 750 * time.Millisecond, "no route to [redacted] [2J. Check the network and auth_url (from OS_AUTH_URL), then"},
		"no route, once":   {[]response{lost, nil}, 2, 250 * time.Millisecond, ""},
		"429 for an hour":  {[]response{respond(429, "{}", "Retry-After", "3600")}, 1, 0, "IAM requires a pause of 1h0m0s. "},
		"429 for a minute": {[]response{respond(429, "{}", "Retry-After", "60"), nil}, 2, time.Minute, ""},
		"many 429":         {append(slices.Repeat([]response{throttled}, 5), nil), 6, 31 * time.Second, ""},
		"429, then 503":    {[]response{throttled, throttled, unavailable}, 5, 3*time.Second + 750*time.Millisecond, "HTTP status: 503"},
		"401":              {[]response{respond(401, "{}")}, 1, 0, "HTTP status: 401"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, options, start := &cloud{iam: test.iam}, user(), time.Now()
				options.MaxRetries, options.Sources = 2, Sources{"auth_url": "OS_AUTH_URL"}
				var calls []httpclient.Attempt
				options.OnAttempt = func(_ context.Context, call httpclient.Attempt) { calls = append(calls, call) }
				_, err := openWith(t, c, options)
				if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
					t.Errorf("%v", err)
				}
				if took := time.Since(start); len(c.iamCalls) != test.requests || took < test.wait || took > test.wait+1500*time.Millisecond {
					t.Errorf("%d requests in %v", len(c.iamCalls), took)
				}
				// The log has each attempt, without the credentials.
				if len(calls) != test.requests || strings.Contains(fmt.Sprint(calls), password) {
					t.Errorf("the log has %+v", calls)
				}
			})
		})
	}
}
