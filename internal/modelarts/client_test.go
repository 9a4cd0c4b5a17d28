package modelarts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

func TestBaseURL(t *testing.T) {
	t.Parallel()
	const host = "https://modelarts.eu-de.otc.t-systems.com"
	for endpoint, want := range map[string]string{
		host + "///":                  host + "/v1/" + project,
		host + "/v1/":                 host + "/v1/" + project,
		host + "/v1/" + project + "/": host + "/v1/" + project,
		host + "/" + project:          host + "/v1/" + project,
		host + ":8443/proxy/v1/":      host + ":8443/proxy/v1/" + project,
		host + "/v1/another":          host + "/v1/another/v1/" + project,
		host + "?":                    host + "/v1/" + project, // what follows a bare question mark would be a query
		"http://[::1]:4000/a%20b/":    "http://[::1]:4000/a%20b/v1/" + project,
		"http://[::1]:4000/a%2Fb/":    "http://[::1]:4000/a/b/v1/" + project,
	} {
		parsed, err := url.Parse(endpoint)
		if err != nil {
			t.Fatal(err)
		}
		before := *parsed
		if got := baseURL(parsed, project); got != want || *parsed != before {
			t.Errorf("%s becomes %s, want %s, and the endpoint is %s", endpoint, got, want, parsed)
		}
		// A catalog can have the URL of requests.
		again, err := url.Parse(want)
		if err != nil || baseURL(again, project) != want {
			t.Errorf("%s becomes %s, %v", want, baseURL(again, project), err)
		}
	}
}

// Requests at the same time get each its own response, and each is in the log.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	var (
		logged atomic.Int64
		wg     sync.WaitGroup
	)
	c := clientOn(on(sample), func(o *Options) { o.OnAttempt = func(context.Context, httpclient.Attempt) { logged.Add(1) } })
	for range 8 {
		for _, call := range calls {
			wg.Go(func() {
				if err := call.do(t.Context(), c); err != nil {
					t.Errorf("%s: %v", call.name, err)
				}
			})
		}
	}
	wg.Wait()
	if n := int(logged.Load()); n != 8*len(calls) {
		t.Errorf("%d attempts in the log", n)
	}
}

// The end of the context is the error of the request, and the attempt before is shown. httpclient tests the end of each part of a request.
func TestEndOfContext(t *testing.T) {
	t.Parallel()
	const before = "; the previous attempt: "
	// numbered returns an error response whose message has the number of the attempt.
	numbered := func(status int, code string) fate {
		return func(req *http.Request, attempt int) (*http.Response, error) {
			return acctest.Reply(req, status, fmt.Sprintf(`{"error_code": %q, "error_msg": "attempt %d"}`, code, attempt), "X-Request-Id", "r1"), nil
		}
	}
	throttled, unavailable := numbered(429, "APIGW.0308"), numbered(503, "ModelArts.0103")
	dial, reset := acctest.Fails(false, errors.New("dial tcp: connection refused")), fmt.Errorf("read tcp: %w", syscall.ECONNRESET)
	for name, test := range map[string]struct {
		fates []fate
		call  string
		sent  bool
		last  string // the end of the error's text; empty if there was no attempt before
	}{
		"429 and 503, in the next": {[]fate{throttled, unavailable, acctest.Hangs}, "delete", true, before + "attempt 2 (ModelArts.0103, HTTP 503, request r1)"},
		"dial, in the backoff":     {[]fate{dial}, "create", false, before + "dial tcp: connection refused"},
		"dropped, in the next":     {[]fate{acctest.Fails(true, reset), acctest.Hangs}, "update", true, "connection reset by peer"},
		"HTML, in the next": {
			[]fate{acctest.Responds(200, "<html>"), acctest.Hangs},
			"get", true,
			before + "HTTP 200 with a body that isn't the expected JSON: invalid character '<' looking for beginning of value",
		},
		"in the first attempt": {[]fate{acctest.Hangs}, "stop", true, ""},
		"with an error of its own": {[]fate{func(req *http.Request, attempt int) (*http.Response, error) {
			_, _ = acctest.Hangs(req, attempt)
			return nil, reset
		}}, "stop", true, "connection reset by peer"},
	} {
		for _, want := range []error{context.Canceled, context.DeadlineExceeded} {
			t.Run(name+"/"+want.Error(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					const after = 3 * time.Second
					ctx, cancel := context.WithCancel(t.Context())
					if errors.Is(want, context.DeadlineExceeded) {
						ctx, cancel = context.WithTimeout(t.Context(), after)
					} else {
						defer time.AfterFunc(after, cancel).Stop()
					}
					defer cancel()
					start := time.Now()
					err := callNamed(test.call).do(ctx, clientOn(on(test.fates...), withRetries(20)))
					e := errorOf[*NoResponseError](t, err)
					if time.Since(start) != after || e.Host != "modelarts.example.com" || e.Sent != test.sent || IsUncertain(err) != test.sent || IsRejection(err) {
						t.Errorf("after %v: %+v", time.Since(start), e)
					}
					if (e.Last != nil) != (test.last != "") || !strings.HasSuffix(err.Error(), test.last) ||
						!strings.HasPrefix(err.Error(), e.Operation+": "+want.Error()) {
						t.Errorf("%v", err)
					}
					if end := errors.Unwrap(err); end != want { //nolint:errorlint // a caller that follows the chain reaches only the end of the context
						t.Errorf("the cause is %T %v", end, end)
					}
				})
			})
		}
	}
}

// A request that would have to wait for too long ends at once, with the error response.
func TestThrottled(t *testing.T) {
	t.Parallel()
	err := clientOn(always(http.StatusTooManyRequests, `{"error_code": "APIGW.0308", "error_msg": "slow down"}`, "Retry-After", "600")).
		StopVisualizationJob(t.Context(), 10)
	e := errorOf[*NoResponseError](t, err)
	if !IsThrottled(e) || e.Sent || !strings.HasSuffix(e.Error(), "; the previous attempt: slow down (APIGW.0308, HTTP 429)") {
		t.Errorf("%+v", e)
	}
	if IsUncertain(e) || IsTemporary(e) || IsOutage(e) || IsRejection(e) || IsDenied(e) {
		t.Errorf("%v", e)
	}
}

// An error of the network can quote the request. The client decides by error codes, so a secret hides none.
func TestErrorIsRedacted(t *testing.T) {
	t.Parallel()
	redactor := &sanitize.Redactor{}
	redactor.Add(secret, "ModelArts")
	withRedactor := func(o *Options) { o.Redactor = redactor }
	err := clientOn(on(acctest.Fails(false, errors.New("sent "+secret))), withRedactor, withRetries(0)).StopVisualizationJob(t.Context(), 10)
	if err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("%v", err)
	}
	err = clientOn(always(http.StatusBadRequest, `{"error_code": "ModelArts.0105"}`), withRedactor).StopVisualizationJob(t.Context(), 10)
	if !IsConflict(err) {
		t.Errorf("%v", err)
	}
}

// Only an error response that refuses the credentials has a hint about them.
func TestAuthHint(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status     int
		code, want string
	}{
		{401, "APIGW.0301", "yesterday"}, {403, "ModelArts.0203", "yesterday"}, {403, "ModelArts.0210", ""}, {403, "", ""}, {404, "ModelArts.0203", ""},
	} {
		network := always(test.status, `{"error_code": "`+test.code+`", "error_msg": "no"}`, "Date", "yesterday")
		for _, call := range calls {
			err := call.do(t.Context(), clientOn(network, func(o *Options) { o.AuthHint = func(header http.Header) string { return header.Get("Date") } }))
			if got := errorOf[*Error](t, err).AuthHint; got != test.want {
				t.Errorf("%s, HTTP %d %s: %q", call.name, test.status, test.code, got)
			}
		}
	}
}
