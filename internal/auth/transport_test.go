package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

// TestFailedRenewal sends requests for which IAM returns no new token. The error has no secret. Later requests repeat no renewal whose
// outcome is known.
func TestFailedRenewal(t *testing.T) {
	t.Parallel()
	hang := func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	for name, test := range map[string]struct {
		renewal  response // nil returns a token
		requests int      // to IAM, for 10 requests to the service
		say      string   // event or error
	}{
		"no token is accepted": {nil, 2, "the provider renewed it"},
		"rejected":             {respond(401, rejection401), 2, "doesn't request it again"},
		"IAM is down":          {respond(500, ""), 11, "HTTP status: 500"},
		"IAM doesn't respond":  {hang, 11, "no complete response within 1m0s"},
		"no route":             {fail(errors.New("no route to host")), 11, "no route to host"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var events []string
				c, options := &cloud{service: respond(401, rejection401), iam: []response{nil, test.renewal}}, user()
				options.OnEvent = func(_ context.Context, event string) { events = append(events, event) }
				session := open(t, c, options)
				for range 10 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
					defer cancel()
					resp, err := session.Transport.RoundTrip(newRequest(ctx, t, "body"))
					failure, ok := errors.AsType[*httpclient.CredentialsError](err)
					switch {
					case test.renewal == nil && err == nil && resp.StatusCode == http.StatusUnauthorized:
					case !ok || strings.Contains(err.Error(), password):
						t.Fatalf("%+v, %v", resp, err)
					default:
						wantTexts(t, failure.Error()+failure.Anchor+strings.Join(events, ""), "ModelArts rejected the token, and IAM issued no new token: ", test.say, "token-not-renewed")
					}
				}
				if len(c.iamCalls) != test.requests || len(events) > 1 || len(events) == 0 != (test.requests == 11) {
					t.Errorf("%d requests to IAM, events %q", len(c.iamCalls), events)
				}
				wantTexts(t, session.AuthHint(nil), "IAM issued a new token, and ModelArts rejected that token as well")
			})
		})
	}
}

// invalidToken is the error response of ModelArts with HTTP 403 that rejects a token.
const invalidToken = `{"is_success": false, "error_code": "ModelArts.0203", "error_message": "Invalid token"}`

// TestResponsesOfTheService has each code that ModelArts and its gateway document for a rejected token. The token is renewed once. After
// that, and for any other response, the caller gets the response unchanged.
func TestResponsesOfTheService(t *testing.T) {
	t.Parallel()
	code := func(code string) string { return `{"error_code": "` + code + `"}` }
	for _, test := range []struct {
		isRenewed bool
		status    int
		bodies    []string
	}{
		{true, 401, []string{"", code("APIGW.0301"), code("ModelArts.0212")}},
		{true, 403, []string{code("ModelArts.0203"), invalidToken}},
		{false, 403, []string{
			"response", "", code("ModelArts.0108"), code("ModelArts.0210"), `{"error_code": "APIGW.0302", "error_msg": "ModelArts.0203"}`, `{"error_code": 203}`,
			`"ModelArts.0203"`, invalidToken[:60], invalidToken + "<!-- -->", `{"error_message": "` + strings.Repeat("x", 1<<20) + `", "error_code": "ModelArts.0203"}`,
		}},
		{false, 200, []string{"response", invalidToken}},
		{false, 302, []string{"response"}},
		{false, 400, []string{invalidToken}},
		{false, 404, []string{"response", invalidToken}},
		{false, 429, []string{"response"}},
		{false, 503, []string{"response"}},
	} {
		for _, body := range test.bodies {
			c := &cloud{service: respond(test.status, body)}
			session := open(t, c, user())
			want := map[bool]int{true: 2, false: 1}[test.isRenewed]
			// The second request finds that the new token is rejected as well.
			for n := range 2 {
				resp, got := send(t, session)
				if resp.StatusCode != test.status || got != body || len(c.iamCalls) != want || len(c.calls) != want+n {
					t.Errorf("%d %.80s: HTTP %d, %.80s, %d requests to IAM, %d to the service", test.status, body, resp.StatusCode, got, len(c.iamCalls), len(c.calls))
				}
			}
		}
	}
}

// TestBrokenConnection has no response, and an error response whose body is truncated. The caller gets the error.
func TestBrokenConnection(t *testing.T) {
	t.Parallel()
	truncated := func(req *http.Request) (*http.Response, error) {
		resp, err := respond(403, "")(req)
		resp.Body = io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF))
		return resp, err
	}
	for _, service := range []response{fail(io.ErrUnexpectedEOF), truncated} {
		resp, err := open(t, &cloud{service: service}, user()).Transport.RoundTrip(newRequest(t.Context(), t, "body"))
		if err == nil {
			_, err = io.ReadAll(resp.Body)
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Error(err)
		}
	}
}

// TestRejectionWithoutRenewal has a remedy for each login whose token can't be renewed.
func TestRejectionWithoutRenewal(t *testing.T) {
	t.Parallel()
	// The user isn't used, and needs no domain.
	noIAM := with(static(tokenOf("old")), func(o *Options) {
		o.UserName, o.Password, o.Sources = "user", password, Sources{"token": "OS_AUTH_TOKEN"}
	})
	for hint, options := range map[string]Options{
		"allow_reauth (from OS_ALLOW_REAUTH) is false": with(user(), func(o *Options) {
			o.AllowReauth, o.Sources = false, Sources{"allow_reauth": "OS_ALLOW_REAUTH"}
		}),
		"the passcode is valid for one token":                      with(user(), func(o *Options) { o.Passcode = "123456" }),
		"The token expired or was revoked. A token is valid":       with(tokenOf("old"), func(o *Options) { o.ProjectID = projectID }),
		"The token (from OS_AUTH_TOKEN) expired or was revoked. A": noIAM,
		"access_key or secret_key is wrong":                        static(keyOf()),
	} {
		c := &cloud{service: respond(401, invalidToken)}
		session := open(t, c, options)
		resp, body := send(t, session)
		iam := map[bool]int{true: 0, false: 1}[options.Endpoint != ""]
		if resp.StatusCode != 401 || body != invalidToken || len(c.iamCalls) != iam || len(c.calls) != 1 || c.calls[0].token() != cmp.Or(options.Token, c.calls[0].token()) {
			t.Errorf("HTTP %d after the requests %s, and %d to the service", resp.StatusCode, c.lines(), len(c.calls))
		}
		if iam == 0 && (session.ProjectID != projectID || session.Endpoint.String() != endpoint || session.AuthURLSource != "") {
			t.Errorf("%+v", session)
		}
		wantTexts(t, session.AuthHint(nil), hint)
	}
}

// TestRejectedTokenIsRenewedOnceForAll has many requests that wait for one renewal, and share its outcome.
func TestRejectedTokenIsRenewedOnceForAll(t *testing.T) {
	t.Parallel()
	const callers = 50
	for _, status := range []int{401, 403} {
		for _, renewal := range []response{noResponse, respond(400, ""), respond(401, "")} {
			synctest.Test(t, func(t *testing.T) {
				c := &cloud{iam: []response{nil, slowly(renewal)}, service: func(req *http.Request) (*http.Response, error) {
					if req.Header.Get(tokenHeader) == "token-1" {
						return respond(status, invalidToken)(req)
					}
					return nil, nil
				}}
				session := open(t, c, user())
				var wg sync.WaitGroup
				for i := range callers {
					wg.Go(func() {
						_, err := session.Transport.RoundTrip(newRequest(t.Context(), t, fmt.Sprintf("body %d", i)))
						if _, ok := errors.AsType[*httpclient.CredentialsError](err); ok != (c.issued == 1) {
							t.Errorf("%v", err)
						}
					})
				}
				wg.Wait()
				bodies := map[string]int{}
				for _, call := range c.calls {
					bodies[call.token()+" "+call.body]++
				}
				if len(c.iamCalls) != 2 || len(bodies) != callers*c.issued || len(c.calls) != len(bodies) {
					t.Errorf("%d requests to IAM, %d to the service, of which %d are different", len(c.iamCalls), len(c.calls), len(bodies))
				}
			})
		}
	}
}

// TestCanceledRequest cancels one of two requests: the first one, which renews the token or tries the access key, or the second one, which
// waits for it. It ends immediately, and the other one and the next one succeed.
func TestCanceledRequest(t *testing.T) {
	t.Parallel()
	for n := range 4 {
		synctest.Test(t, func(t *testing.T) {
			canceled, c, options := n%2, &cloud{iam: []response{nil, slowly(noResponse)}}, user()
			if n > 1 {
				c, options = &cloud{service: slowly(respond(200, ""))}, static(keyOf())
			}
			session := open(t, c, options)
			c.revoke()
			var (
				cancels [2]context.CancelFunc
				ends    [2]chan error
			)
			for i := range 2 {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				cancels[i], ends[i] = cancel, make(chan error, 1)
				go func() {
					_, err := session.Transport.RoundTrip(newRequest(ctx, t, "body"))
					ends[i] <- err
				}()
				synctest.Wait()
			}
			start := time.Now()
			cancels[canceled]()
			if err := <-ends[canceled]; !errors.Is(err, context.Canceled) || time.Since(start) > 0 {
				t.Errorf("request %d, canceled: %v after %v", canceled, err, time.Since(start))
			}
			if err := <-ends[1-canceled]; err != nil {
				t.Errorf("request %d: %v", 1-canceled, err)
			}
			send(t, session)
		})
	}
}

// slowly returns a response that takes a while, and ends with the request.
func slowly(next response) response {
	return func(req *http.Request) (*http.Response, error) {
		select {
		case <-time.After(3 * time.Second):
			return next(req)
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
}
