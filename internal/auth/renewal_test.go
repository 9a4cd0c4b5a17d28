package auth

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// A request that fails because IAM returns no new token says so, without a secret. Later requests repeat no renewal
// whose outcome is known.
func TestFailedRenewal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		iam      func(*http.Request) (*http.Response, error) // responds to the renewal; nil returns a token
		requests int                                         // to IAM, for 30 requests to the service
		event    string
	}{
		"the service accepts no token": {nil, 2, "the provider renewed it"},
		"refused":                      {func(req *http.Request) (*http.Response, error) { return reply(req, 401, refusal), nil }, 2, "doesn't request it again"},
		"down":                         {func(req *http.Request) (*http.Response, error) { return reply(req, 500, ""), nil }, 31, ""},
		"no way":                       {func(*http.Request) (*http.Response, error) { return nil, errors.New("no route to host") }, 31, ""},
		// A debugging proxy can return the request.
		"echo": {func(req *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(req.Body)
			return reply(req, 403, "<html>You sent "+string(body)), err
		}, 31, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var events []string
			c := &cloud{
				service: func(req *http.Request) (*http.Response, error) { return reply(req, 401, refusal), nil },
				iam: func(req *http.Request, n int) (*http.Response, error) {
					if n == 1 || test.iam == nil {
						return nil, nil
					}
					return test.iam(req)
				},
			}
			options := user(c)
			options.OnEvent = func(_ context.Context, event string) { events = append(events, event) }
			session := open(t, options)
			for range 30 {
				resp, err := session.Transport.RoundTrip(newRequest(t.Context(), t, "body"))
				if test.iam == nil {
					if err != nil || resp.StatusCode != http.StatusUnauthorized {
						t.Fatalf("%+v, %v", resp, err)
					}
					continue
				}
				e, ok := errors.AsType[*httpclient.CredentialsError](err)
				if resp != nil || !ok || errors.Unwrap(e) == nil || strings.Contains(e.Error(), password) ||
					!strings.HasPrefix(e.Error(), "ModelArts rejected the token, and IAM issued no new token: ") {
					t.Fatalf("%+v, %v", resp, err)
				}
			}
			if len(c.iamCalls) != test.requests {
				t.Errorf("%d requests to IAM, want %d", len(c.iamCalls), test.requests)
			}
			if len(events) > 1 || !strings.Contains(strings.Join(events, ""), test.event) {
				t.Errorf("%q", events)
			}
		})
	}
}

// A token that was renewed and accepted expires like the one before.
func TestTokenIsRenewedAgain(t *testing.T) {
	t.Parallel()
	c := &cloud{}
	session := open(t, user(c))
	for n := range 5 {
		c.issued++ // the service knows of a newer one
		for range 2 {
			if resp := send(t, session, "body"); resp.StatusCode != http.StatusOK {
				t.Errorf("renewal %d: HTTP %d", n, resp.StatusCode)
			}
		}
	}
	if len(c.iamCalls) != 6 {
		t.Errorf("%d requests to IAM", len(c.iamCalls))
	}
}

// Each code that ModelArts and its gateway document for a refused token has it renewed once. After that, and for
// any other response, the caller gets the response as it is.
func TestResponsesOfTheService(t *testing.T) {
	t.Parallel()
	code := func(code string) string { return `{"error_code": "` + code + `"}` }
	large := `{"error_message": "` + strings.Repeat("x", 1<<20) + `", "error_code": "ModelArts.0203"}`
	for _, test := range []struct {
		status    int
		body      string
		isRenewed bool
	}{
		{401, "", true},
		{401, code("APIGW.0301"), true},
		{401, code("ModelArts.0212"), true},
		{403, code("ModelArts.0203"), true},
		{403, invalidToken, true},
		{200, "response", false},
		{302, "response", false},
		{404, "response", false},
		{429, "response", false},
		{503, "response", false},
		{403, "response", false},
		{403, "", false},
		{403, code("ModelArts.0108"), false},
		{403, code("ModelArts.0210"), false},
		{403, `{"error_code": "APIGW.0302", "error_msg": "ModelArts.0203"}`, false},
		{403, `{"error_code": 203}`, false},
		{403, `"ModelArts.0203"`, false},
		{403, invalidToken[:60], false},
		{403, invalidToken + "<!-- -->", false},
		{403, large, false},
		{404, invalidToken, false},
		{400, invalidToken, false},
		{200, invalidToken, false},
	} {
		c := &cloud{service: func(req *http.Request) (*http.Response, error) { return reply(req, test.status, test.body), nil }}
		session := open(t, user(c))
		wantIAM, wantService := 1, 1
		if test.isRenewed {
			wantIAM, wantService = 2, 2
		}
		// The second request finds the new token refused, and that it is a new one.
		for n := range 2 {
			resp := send(t, session, "body")
			if body := text(t, resp); resp.StatusCode != test.status || body != test.body {
				t.Errorf("%d %.80s: HTTP %d, %.80s", test.status, test.body, resp.StatusCode, body)
			}
			if iam, service := c.counts(); iam != wantIAM || service != wantService+n {
				t.Errorf("%d %.80s: %d requests to IAM, %d to the service", test.status, test.body, iam, service)
			}
		}
	}
}

// A truncated refusal is truncated for its reader, and is closed.
func TestTruncatedRefusal(t *testing.T) {
	t.Parallel()
	body := &closing{err: io.ErrUnexpectedEOF}
	resp := send(t, open(t, user(&cloud{service: func(req *http.Request) (*http.Response, error) {
		resp := reply(req, http.StatusForbidden, "")
		resp.Body = body
		return resp, nil
	}})), "body")
	_, err := io.ReadAll(resp.Body)
	if closeErr := resp.Body.Close(); !errors.Is(err, io.ErrUnexpectedEOF) || closeErr != nil || !body.closed {
		t.Errorf("%v, %v, closed %t", err, closeErr, body.closed)
	}
}

func TestRefusalWithoutReauth(t *testing.T) {
	t.Parallel()
	byPassword, byPasscode := user(nil), user(nil)
	byPassword.AllowReauth = false
	byPasscode.Passcode = "123456" // which is good for one token
	for name, test := range map[string]struct {
		options Options
		iam     int // requests
	}{
		"password":          {byPassword, 1},
		"passcode":          {byPasscode, 1},
		"token":             {Options{Token: "old", Region: "eu-de", ProjectID: projectID, AllowReauth: true}, 1},
		"token without one": {Options{Token: "old", Region: "eu-de", AllowReauth: true}, 1},
		"static token":      {Options{Token: "old", ProjectID: projectID, Endpoint: "https://ma.example.com", AllowReauth: true}, 0},
		"access key": {
			Options{AccessKey: "key", SecretKey: password, ProjectID: projectID, Endpoint: "https://ma.example.com", AllowReauth: true}, 0,
		},
	} {
		for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
			c := &cloud{service: func(req *http.Request) (*http.Response, error) { return refuseToken(req, status), nil }}
			test.options.Transport = c
			resp := send(t, open(t, test.options), "body")
			if iam, service := c.counts(); resp.StatusCode != status || text(t, resp) != invalidToken || iam != test.iam || service != 1 {
				t.Errorf("%s: HTTP %d, %d requests to IAM, %d to the service", name, resp.StatusCode, iam, service)
			}
		}
	}
}

// Each token of the session is a secret, also after it was renewed: a service can quote it.
func TestTokensAreSecrets(t *testing.T) {
	t.Parallel()
	c := &cloud{}
	options := user(c)
	options.Redactor = &sanitize.Redactor{}
	session := open(t, options)
	c.issued++ // the service knows of a newer one
	send(t, session, "body")
	for text, want := range map[string]sanitize.Text{
		"no token-1 here": "no [redacted] here", "no token-3 here": "no [redacted] here", "no token-4 here": "no token-4 here",
	} {
		if got := options.Redactor.Text(text, 100); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}
