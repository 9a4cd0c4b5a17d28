package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

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
		"503":            {[]response{unavailable}, 3, 750 * time.Millisecond, "HTTP status: 503"},
		"no route":       {[]response{lost}, 3, 750 * time.Millisecond, "no route to [redacted] [2J. Check the network and auth_url (from OS_AUTH_URL), then"},
		"no route, once": {[]response{lost, nil}, 2, 250 * time.Millisecond, ""},
		"many 429":       {append(slices.Repeat([]response{throttled}, 5), nil), 6, 31 * time.Second, ""},
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
