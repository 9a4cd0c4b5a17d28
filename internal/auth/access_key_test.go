package auth

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

// TestAccessKeyFindsProjectAndEndpoint also has the headers of the requests to IAM and to the service.
func TestAccessKeyFindsProjectAndEndpoint(t *testing.T) {
	t.Parallel()
	const list = "GET /v3/auth/catalog"
	byID := with(keyOf(), func(o *Options) { o.ProjectID = "p9" })
	for name, test := range map[string]struct {
		options  Options
		catalog  response
		calls    string
		id       string // of the project
		endpoint string
	}{
		"project of the region": {keyOf(), respond(200, `{"catalog": `+catalog+`}`), "GET /v3/projects?name=eu-de, " + list, "p1", "https://ma.example.com/v1/"},
		"project by name": {
			with(keyOf(), func(o *Options) { o.ProjectName, o.DomainID = "eu-de_x", "d" }), respond(200, "{}"),
			"GET /v3/projects?domain_id=d&name=eu-de_x, " + list, "p2", documented,
		},
		"project by ID":       {byID, respond(200, "{}"), list, "p9", documented},
		"configured endpoint": {with(keyOf(), func(o *Options) { o.Endpoint = "https://b.example.com" }), nil, "GET /v3/projects?name=eu-de", "p1", "https://b.example.com"},
		"project in the endpoint": {
			with(keyOf(), func(o *Options) { o.Region, o.Endpoint = "", "https://b.example.com/v1/p7/" }), nil, "", "p7", "https://b.example.com/v1/p7/",
		},
		"temporary key":     {with(static(keyOf()), func(o *Options) { o.SecurityToken = "temporary" }), nil, "", projectID, endpoint},
		"forbidden catalog": {byID, respond(403, "{}"), list, "p9", documented},
		"no catalog":        {byID, respond(404, "{}"), list, "p9", documented},
	} {
		t.Run(name, func(t *testing.T) {
			projects := respond(200, `{"projects": [{"id": "p1", "name": "eu-de"}, {"id": "p2", "name": "eu-de_x"}]}`)
			c := &cloud{paths: map[string]response{"/v3/projects": projects, "/v3/auth/catalog": test.catalog}, service: respond(200, "")}
			session := open(t, c, test.options)
			send(t, session)
			wantHeader(t, c.calls[0].Header, map[string]string{
				"X-Project-Id": test.id, "X-Security-Token": test.options.SecurityToken, "X-Auth-Token": "",
				"Authorization": "SDK-HMAC-SHA256 Access=key, SignedHeaders=host;x-project-id;x-sdk-date",
			})
			if c.lines() != test.calls || session.ProjectID != test.id || session.Endpoint.String() != test.endpoint ||
				session.Method != MethodAccessKey || c.calls[0].body != "body" || c.calls[0].ContentLength != 4 {
				t.Errorf("%+v after the requests %s", session, c.lines())
			}
			for _, call := range c.iamCalls {
				wantHeader(t, call.Header, map[string]string{"Authorization": "SDK-HMAC-SHA256 Access=key, SignedHeaders=host;"})
				if call.URL.Path == "/v3/auth/catalog" && call.Header.Get("X-Project-Id") != test.id {
					t.Errorf("the catalog of %q", call.Header.Get("X-Project-Id"))
				}
			}
		})
	}
}

// dated returns a Date header that is off by a duration. The fake clock begins at a whole second.
func dated(off time.Duration) string { return time.Now().Add(off).UTC().Format(http.TimeFormat) }

func TestHintsOfAccessKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		permanent := static(keyOf())
		permanent.Sources = Sources{"secret_key": "OS_SECRET_KEY"}
		temporary := permanent
		temporary.SecurityToken, temporary.Unused = "temporary", []string{"OS_TOKEN"}
		for name, test := range map[string]struct {
			options Options
			date    string
			say     string
			not     string
		}{
			"no date":      {permanent, "", "access_key or secret_key (from OS_SECRET_KEY) is wrong|five minutes", "clock"},
			"the time":     {permanent, dated(0), "is wrong", "clock"},
			"a little off": {permanent, dated(-15*time.Minute + time.Second), "is wrong", "clock"},
			"fast":         {permanent, dated(-16 * time.Minute), "by 16m0s, and a signature is valid for 15m0s|Set the clock", "is wrong"},
			"at the limit": {permanent, dated(15 * time.Minute), "by 15m0s, |Set the clock", "is wrong"},
			"temporary":    {temporary, "", "security_token is wrong|expired|Ignored credentials: OS_TOKEN", "clock"},
		} {
			got := open(t, &cloud{}, test.options).AuthHint(http.Header{"Date": {test.date}})
			wantTexts(t, got, strings.Split(test.say, "|")...)
			if strings.Contains(got, test.not) {
				t.Errorf("%s: %q is in: %s", name, test.not, got)
			}
		}
	})
}

// TestRejectedKeyIsNotTriedAgain sends many requests. A wrong key is sent once, and a right one that is rejected no more often than
// necessary.
func TestRejectedKeyIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	accepted := slices.Repeat([]int{200}, 19)
	for name, test := range map[string]struct {
		statuses []int // of the responses, the last for ever; 0 is a broken connection
		rounds   int   // of 20 requests at once, one after the other
		sent     int
		atATime  int64
		events   string
	}{
		"wrong key":               {[]int{401}, 2, 1, 1, "no longer uses it"},
		"right key":               {[]int{200}, 2, 40, 20, ""},
		"another rejection":       {[]int{403}, 2, 40, 1, ""},
		"unknown to a gateway":    {[]int{404}, 1, 20, 1, ""},
		"wrong after a gateway":   {[]int{404, 401}, 1, 2, 1, "no longer uses it"},
		"broken connection":       {[]int{0}, 1, 20, 1, ""},
		"throttling":              {[]int{429}, 1, 20, 1, ""},
		"wrong after an outage":   {[]int{503, 503, 503, 401}, 1, 4, 1, "no longer uses it"},
		"revoked after a round":   {slices.Concat(accepted, []int{200, 401, 401, 200}), 3, 40, 20, "tries it again, no longer uses it"},
		"one rejection, accepted": {slices.Concat(accepted, []int{401, 200}), 3, 60, 20, "tries it again"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var now, atATime, received atomic.Int64
				c := &cloud{service: func(req *http.Request) (*http.Response, error) {
					number := received.Add(1)
					now.Add(1)
					<-time.After(25 * time.Millisecond)
					atATime.Store(max(atATime.Load(), now.Load()))            // No request begins or ends at this time.
					<-time.After(25*time.Millisecond + time.Duration(number)) // The responses come in order.
					now.Add(-1)
					if status := test.statuses[min(int(number), len(test.statuses))-1]; status != 0 {
						return respond(status, "")(req)
					}
					return nil, errors.New("connection reset")
				}}
				options := static(keyOf())
				var events []string
				options.OnEvent = func(_ context.Context, event string) {
					events = append(events, strings.TrimPrefix(event, "The access key was rejected, and the provider "))
				}
				session := open(t, c, options)
				var rejected atomic.Int64
				for range test.rounds {
					var wg sync.WaitGroup
					for range 20 {
						wg.Go(func() {
							_, err := session.Transport.RoundTrip(newRequest(t.Context(), t, "body"))
							if failure, ok := errors.AsType[*httpclient.CredentialsError](err); ok && failure.Anchor == "access-key-rejected" {
								rejected.Add(1)
							}
						})
					}
					wg.Wait()
				}
				if len(c.calls) != test.sent || int(rejected.Load()) != 20*test.rounds-test.sent || atATime.Load() != test.atATime {
					t.Errorf("%d were sent, %d at a time, and %d were not", len(c.calls), atATime.Load(), rejected.Load())
				}
				if got := strings.Join(events, ", "); got != test.events {
					t.Errorf("events: %s", got)
				}
			})
		})
	}
}

// TestKeyThatOneServiceRejects has IAM and ModelArts judge a key separately: a gateway can break the signature.
func TestKeyThatOneServiceRejects(t *testing.T) {
	t.Parallel()
	byID := keyOf()
	byID.ProjectID = "p"
	for say, options := range map[string]Options{"IAM accepted the access key. Check that endpoint": keyOf(), "access_key or secret_key is wrong": byID} {
		c := &cloud{
			paths:   map[string]response{"/v3/projects": respond(200, `{"projects": [{"id": "p", "name": "eu-de"}]}`), "/v3/auth/catalog": respond(403, "")},
			service: respond(401, ""),
		}
		session := open(t, c, options)
		resp, _ := send(t, session)
		wantTexts(t, session.AuthHint(resp.Header), say)
		if _, err := session.Transport.RoundTrip(newRequest(t.Context(), t, "body")); err == nil || len(c.calls) != 1 {
			t.Errorf("%d requests with the rejected key: %v", len(c.calls), err)
		}
	}
}
