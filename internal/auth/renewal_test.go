package auth

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

// What one request has found out about a token, those that come later need not.
func TestRenewalIsNotTriedOnAndOn(t *testing.T) {
	t.Parallel()
	refuse := func(req *http.Request) (*http.Response, error) {
		return reply(req, http.StatusUnauthorized, refusal), nil
	}
	again := func(n int) func(*http.Request, int) (*http.Response, error) {
		return func(req *http.Request, call int) (*http.Response, error) {
			if call < n {
				return nil, nil
			}
			return refuse(req)
		}
	}
	for name, test := range map[string]struct {
		iam    func(*http.Request, int) (*http.Response, error)
		wanted int // calls to IAM
		event  string
	}{
		"the service takes no token": {nil, 2, "it was renewed"},
		"IAM gives no second token":  {again(2), 2, "is not asked again"},
		"IAM is down for the renewals": {
			func(req *http.Request, call int) (*http.Response, error) {
				if call == 1 {
					return nil, nil
				}
				return reply(req, http.StatusInternalServerError, ""), nil
			}, 1 + 30, "",
		},
	} {
		var events []string
		c := &cloud{iam: test.iam, service: refuse}
		options := user(c)
		options.OnEvent = func(_ context.Context, event string) { events = append(events, event) }
		session := open(t, options)
		for range 30 {
			resp, err := session.Transport.RoundTrip(newRequest(t.Context(), t, "body"))
			_, without := errors.AsType[*httpclient.CredentialsError](err)
			if (err == nil) == without || err == nil && resp.StatusCode != http.StatusUnauthorized {
				t.Fatalf("%s: %+v, %v", name, resp, err)
			}
		}
		if len(c.iamCalls) != test.wanted {
			t.Errorf("%s: %d calls to IAM, want %d", name, len(c.iamCalls), test.wanted)
		}
		if len(events) > 1 || !strings.Contains(strings.Join(events, ""), test.event) {
			t.Errorf("%s: %q", name, events)
		}
	}
}

// What is known of one token is not said of the next.
func TestRefusalOfAnotherToken(t *testing.T) {
	t.Parallel()
	k := &keystone{refused: "old", refusal: &ConfigError{}}
	if final, refusal := k.known("new"); final || refusal != nil {
		t.Errorf("%t, %v", final, refusal)
	}
}

// A request that is not sent has its body closed all the same, as http.RoundTripper asks.
func TestBodyOfACancelledRequestIsClosed(t *testing.T) {
	t.Parallel()
	session := open(t, user(&cloud{}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	body := &closing{}
	req := newRequest(ctx, t, "")
	req.Body = body
	if _, err := session.Transport.RoundTrip(req); !errors.Is(err, context.Canceled) || !body.closed {
		t.Errorf("%v, closed %t", err, body.closed)
	}
}

type closing struct {
	closed bool
	err    error // of a read, else io.EOF
}

func (c *closing) Read([]byte) (int, error) { return 0, cmp.Or(c.err, io.EOF) }

func (c *closing) Close() error {
	c.closed = true
	return nil
}

// A token that was renewed and taken expires like the one before.
func TestTokenIsRenewedAgainAndAgain(t *testing.T) {
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
		t.Errorf("%d calls to IAM", len(c.iamCalls))
	}
}

// An IAM that is slow is not another caller that ended: it is asked as often as configured.
func TestRenewalThatTimesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{service: func(req *http.Request) (*http.Response, error) { return reply(req, 401, ""), nil }}
		c.iam = func(req *http.Request, n int) (*http.Response, error) {
			if n == 1 {
				return nil, nil
			}
			<-req.Context().Done()
			return nil, req.Context().Err()
		}
		session := open(t, user(c))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err := session.Transport.RoundTrip(newRequest(ctx, t, "body"))
		if _, ok := errors.AsType[*httpclient.CredentialsError](err); !ok || !strings.Contains(err.Error(), "no complete response within 1m0s") {
			t.Errorf("%v", err)
		}
		if iam, _ := c.counts(); iam != 2 {
			t.Errorf("%d calls to IAM", iam)
		}
	})
}

func TestRefusalAfterRenewalIsReturned(t *testing.T) {
	t.Parallel()
	// With every code that ModelArts and the gateway document for it.
	for _, test := range []struct {
		status int
		code   string
	}{
		{401, ""},
		{401, "APIGW.0301"},
		{401, "APIGW.0307"},
		{401, "ModelArts.0201"},
		{401, "ModelArts.0202"},
		{401, "ModelArts.0203"},
		{401, "ModelArts.0204"},
		{401, "ModelArts.0207"},
		{401, "ModelArts.0212"},
		{403, "ModelArts.0203"},
	} {
		c := &cloud{service: func(req *http.Request) (*http.Response, error) {
			return reply(req, test.status, `{"error_code": "`+test.code+`", "token": "`+req.Header.Get("X-Auth-Token")+`"}`), nil
		}}
		session := open(t, user(c))
		// The second request finds the new token refused, and that it is one.
		for n := range 2 {
			resp := send(t, session, "body")
			if got := text(t, resp); resp.StatusCode != test.status || got != `{"error_code": "`+test.code+`", "token": "token-2"}` {
				t.Errorf("HTTP %d: %s", resp.StatusCode, got)
			}
			if iam, service := c.counts(); iam != 2 || service != 2+n {
				t.Errorf("%v: %d calls to IAM, %d to the service", test, iam, service)
			}
		}
	}
}

func TestOtherAnswersAreReturned(t *testing.T) {
	t.Parallel()
	large := `{"error_message": "` + strings.Repeat("x", 1<<20) + `", "error_code": "ModelArts.0203"}`
	for _, test := range []struct {
		status int
		body   string
	}{
		{200, "answer"},
		{302, "answer"},
		{404, "answer"},
		{429, "answer"},
		{503, "answer"},
		{403, "answer"},
		{403, ""},
		{403, `{"error_code": "ModelArts.0108"}`},
		{403, `{"error_code": "ModelArts.0210"}`},
		{403, `{"error_code": "APIGW.0302", "error_msg": "ModelArts.0203"}`},
		{403, `{"error_code": 203}`},
		{403, `"ModelArts.0203"`},
		{403, invalidToken[:60]},
		{403, invalidToken + "<!-- -->"},
		{403, large},
		{404, invalidToken},
		{400, invalidToken},
		{200, invalidToken},
	} {
		c := &cloud{service: func(req *http.Request) (*http.Response, error) { return reply(req, test.status, test.body), nil }}
		resp := send(t, open(t, user(c)), "body")
		if iam, service := c.counts(); resp.StatusCode != test.status || text(t, resp) != test.body || iam != 1 || service != 1 {
			t.Errorf("%d %.80s: HTTP %d, %d calls to IAM, %d to the service", test.status, test.body, resp.StatusCode, iam, service)
		}
	}
}

// A refusal that breaks off while its code is looked for still does so for its reader, and is closed.
func TestRefusalThatBreaksOff(t *testing.T) {
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
	byPassword := user(nil)
	byPassword.AllowReauth = false
	for name, test := range map[string]struct {
		options Options
		iam     int // calls
	}{
		"password":        {byPassword, 1},
		"token":           {Options{Token: "old", Region: "eu-de", ProjectID: projectID, AllowReauth: true}, 1},
		"unscoped to one": {Options{Token: "old", Region: "eu-de", AllowReauth: true}, 1},
		"static token":    {Options{Token: "old", ProjectID: projectID, Endpoint: "https://ma.example.com", AllowReauth: true}, 0},
		"access key": {
			Options{AccessKey: "key", SecretKey: password, ProjectID: projectID, Endpoint: "https://ma.example.com", AllowReauth: true}, 0,
		},
	} {
		for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
			c := &cloud{service: func(req *http.Request) (*http.Response, error) { return refuseToken(req, status), nil }}
			test.options.Transport = c
			resp := send(t, open(t, test.options), "body")
			if iam, service := c.counts(); resp.StatusCode != status || text(t, resp) != invalidToken || iam != test.iam || service != 1 {
				t.Errorf("%s: HTTP %d, %d calls to IAM, %d to the service", name, resp.StatusCode, iam, service)
			}
		}
	}
}
