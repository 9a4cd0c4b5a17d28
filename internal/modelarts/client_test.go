package modelarts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
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
		host + "/v1/another":          host + "/v1/another/v1/" + project,
		host + "?":                    host + "/v1/" + project, // what follows a bare question mark would be a query
		"http://[::1]:4000/a%20b/":    "http://[::1]:4000/a%20b/v1/" + project,
		"http://[::1]:4000/a%2Fb/":    "http://[::1]:4000/a/b/v1/" + project,
	} {
		parsed, err := url.Parse(endpoint)
		if err != nil {
			t.Fatal(err)
		}
		if got := baseURL(parsed, project); got != want || parsed.String() != endpoint {
			t.Errorf("%s becomes %s, want %s, and the endpoint is %s", endpoint, got, want, parsed)
		}
	}
}

// The end of the context is the error of the request, and the attempt before is shown. httpclient tests the end of each part of a request.
func TestEndOfContext(t *testing.T) {
	t.Parallel()
	const before = "; the previous attempt: "
	for name, test := range map[string]struct {
		fates []fate
		call  string
		last  string // the end of the error's text; empty if there was no attempt before
	}{
		"error responses": {
			[]fate{acctest.Responds(429, ""), acctest.Responds(503, `{"error_code": "ModelArts.0103", "error_msg": "no"}`, "X-Request-Id", "r1"), acctest.Hangs},
			"delete", before + "no (ModelArts.0103, HTTP 503, request r1)",
		},
		"dropped": {[]fate{acctest.Fails(true, fmt.Errorf("read tcp: %w", syscall.ECONNRESET)), acctest.Hangs}, "update", before + "read tcp: connection reset by peer"},
		"HTML": {
			[]fate{acctest.Responds(200, "<html>", "X-Request-Id", "r1"), acctest.Hangs},
			"get", before + "HTTP 200 with an unusable body: invalid character '<' looking for beginning of value (request r1)",
		},
		"no message":    {[]fate{acctest.Responds(503, ""), acctest.Hangs}, "delete", before + "no message (HTTP 503)"},
		"first attempt": {[]fate{acctest.Hangs}, "stop", ""},
	} {
		for _, want := range []error{context.Canceled, context.DeadlineExceeded} {
			t.Run(name+"/"+want.Error(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
					defer cancel()
					if errors.Is(want, context.Canceled) {
						defer time.AfterFunc(2*time.Second, cancel).Stop()
					}
					err := callNamed(test.call).do(ctx, clientOn(on(test.fates...), withRetries(20)))
					e := errorOf[*NoResponseError](t, err)
					if !e.Sent || e.Host != "modelarts.example.com" || (e.Last != nil) != (test.last != "") || err.Error() != e.Operation+": "+want.Error()+test.last {
						t.Errorf("%+v", e)
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
}

// The network and the API can quote the request. The client decides by error codes, so a secret hides none.
func TestErrorIsRedacted(t *testing.T) {
	t.Parallel()
	const secret = "MIIF-secret-token"
	redactor := &sanitize.Redactor{}
	redactor.Add(secret, "ModelArts")
	network := on(acctest.Responds(400, `{"error_code": "ModelArts.0105", "error_message": "`+secret+`"}`), acctest.Fails(false, errors.New("sent "+secret)))
	client := clientOn(network, withRetries(0), func(o *Options) { o.Redactor = redactor })
	conflict, failure := client.StopVisualizationJob(t.Context(), 10), client.StopVisualizationJob(t.Context(), 10)
	if !IsConflict(conflict) || !IsOutage(failure) || strings.Contains(conflict.Error()+failure.Error(), secret) {
		t.Errorf("%v; %v", conflict, failure)
	}
}

// Only an error response that rejects the credentials has a hint about them.
func TestAuthHint(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status     int
		code, want string
	}{
		{401, "APIGW.0301", "yesterday"}, {403, "ModelArts.0203", "yesterday"}, {403, "ModelArts.0210", ""}, {403, "", ""}, {404, "ModelArts.0203", ""},
	} {
		network := always(test.status, `{"error_code": "`+test.code+`", "error_msg": "no"}`, "Date", "yesterday")
		client := clientOn(network, func(o *Options) { o.AuthHint = func(header http.Header) string { return header.Get("Date") } })
		if got := errorOf[*Error](t, client.StopVisualizationJob(t.Context(), 10)).AuthHint; got != test.want {
			t.Errorf("HTTP %d %s: %q", test.status, test.code, got)
		}
	}
}
