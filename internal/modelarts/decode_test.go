package modelarts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// numbered returns an error response whose message has the number of the attempt.
func numbered(status int, code string) fate {
	return func(req *http.Request, attempt int) (*http.Response, error) {
		body := fmt.Sprintf(`{"error_code": %q, "error_msg": "attempt %d"}`, code, attempt)
		return reply(req, status, body, "X-Request-Id", "r1"), nil
	}
}

// The end of the context is the error of the request, and the attempt before is shown. httpclient tests the end
// of each part of a request.
func TestEndOfContext(t *testing.T) {
	t.Parallel()
	const before = "; the previous attempt: "
	throttled, unavailable := numbered(429, "APIGW.0308"), numbered(503, "ModelArts.0103")
	dial, reset := failure(false, errors.New("dial tcp: connection refused")), fmt.Errorf("read tcp: %w", syscall.ECONNRESET)
	for name, test := range map[string]struct {
		fates []fate
		call  string
		after time.Duration
		sent  bool
		last  string // the end of the error's text; empty if there was no attempt before
	}{
		"429, in the pause":         {[]fate{throttled}, "stop", time.Second - 1, false, before + "attempt 1 (APIGW.0308, HTTP 429, request r1)"},
		"429 twice, in the pause":   {[]fate{throttled}, "stop", 3 * time.Second, false, before + "attempt 2 (APIGW.0308, HTTP 429, request r1)"},
		"503, in the next attempt":  {[]fate{unavailable, hanging}, "get", 3 * time.Second, true, before + "attempt 1 (ModelArts.0103, HTTP 503, request r1)"},
		"429 and 503, in the next":  {[]fate{throttled, unavailable, hanging}, "delete", 3 * time.Second, true, before + "attempt 2 (ModelArts.0103, HTTP 503, request r1)"},
		"dial, in the backoff":      {[]fate{dial}, "create", 40 * time.Second, false, before + "dial tcp: connection refused"},
		"dropped, in the next":      {[]fate{failure(true, reset), hanging}, "update", 3 * time.Second, true, "connection reset by peer"},
		"HTML, in the next attempt": {[]fate{with(200, "<html>"), hanging}, "get", 3 * time.Second, true, before + "HTTP 200 with a body that isn't the expected JSON: invalid character '<' looking for beginning of value"},
		"in the first attempt":      {[]fate{hanging}, "stop", 3 * time.Second, true, ""},
		"in a renewal before the first": {[]fate{func(req *http.Request, _ int) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}}, "stop", 3 * time.Second, false, ""},
		"with an error of its own": {[]fate{func(req *http.Request, attempt int) (*http.Response, error) {
			_, _ = hanging(req, attempt)
			return nil, reset
		}}, "stop", 3 * time.Second, true, "connection reset by peer"},
	} {
		for _, want := range []error{context.Canceled, context.DeadlineExceeded} {
			t.Run(name+"/"+want.Error(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					if errors.Is(want, context.DeadlineExceeded) {
						ctx, cancel = context.WithTimeout(t.Context(), test.after)
					} else {
						defer time.AfterFunc(test.after, cancel).Stop()
					}
					defer cancel()
					start := time.Now()
					err := callNamed(test.call).do(ctx, clientOn(on(test.fates...), withRetries(20)))
					e := noResponseFrom(t, err)
					if time.Since(start) != test.after || e.Sent != test.sent || IsUncertain(err) != test.sent || IsRejection(err) {
						t.Errorf("after %v: %+v", time.Since(start), e)
					}
					if (e.Last != nil) != (test.last != "") || !strings.HasSuffix(err.Error(), test.last) ||
						!strings.HasPrefix(err.Error(), e.Operation+": "+want.Error()) {
						t.Errorf("%v", err)
					}
					// A caller that follows the chain reaches only the end of the context.
					if end := endOfChain(err); end != want { //nolint:errorlint // the error itself is meant
						t.Errorf("the chain ends with %T %v", end, end)
					}
				})
			})
		}
	}
}

func endOfChain(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}

// A request that would have to wait for too long ends at once, with the error response.
func TestThrottled(t *testing.T) {
	t.Parallel()
	err := clientOn(always(http.StatusTooManyRequests, `{"error_code": "APIGW.0308", "error_msg": "slow down"}`, "Retry-After", "600")).
		StopVisualizationJob(t.Context(), 10)
	e := noResponseFrom(t, err)
	if !IsThrottled(e) || e.Sent || e.Last == nil || !strings.HasSuffix(e.Error(), "; the previous attempt: slow down (APIGW.0308, HTTP 429)") {
		t.Errorf("%+v", e)
	}
	if IsUncertain(e) || IsTemporary(e) || IsOutage(e) || IsRejection(e) || IsDenied(e) {
		t.Errorf("%v", e)
	}
}

// The error is that of the last attempt.
func TestLastErrorIsReturned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, err := clientOn(on(numbered(503, "ModelArts.0103")), withRetries(2)).GetVisualizationJob(t.Context(), 10)
		if e := errorFrom(t, err); e.Message != "attempt 3" || !IsUncertain(err) {
			t.Errorf("%+v", e)
		}
	})
}

// An error of the network can quote the request.
func TestErrorIsRedacted(t *testing.T) {
	t.Parallel()
	redactor := &sanitize.Redactor{}
	redactor.Add(secret)
	network := on(failure(false, errors.New("sent "+secret)))
	err := clientOn(network, func(o *Options) { o.Redactor = redactor }, withRetries(0)).StopVisualizationJob(t.Context(), 10)
	if err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("%v", err)
	}
	// The client decides by error codes, so a secret hides none.
	redactor.Add("ModelArts")
	err = clientOn(always(http.StatusBadRequest, `{"error_code": "ModelArts.0105"}`), func(o *Options) { o.Redactor = redactor }).StopVisualizationJob(t.Context(), 10)
	if !IsConflict(err) {
		t.Errorf("%v", err)
	}
}

// Only an error response that refuses the credentials has a hint about them.
func TestAuthHint(t *testing.T) {
	t.Parallel()
	const hint = "set the clock"
	for _, test := range []struct {
		status int
		code   string
		want   string
	}{
		{http.StatusUnauthorized, "APIGW.0301", hint},
		{http.StatusUnauthorized, "ModelArts.0201", hint},
		{http.StatusForbidden, "ModelArts.0203", hint},
		{http.StatusForbidden, "ModelArts.0210", ""},
		{http.StatusForbidden, "APIGW.0301", ""},
		{http.StatusForbidden, "", ""},
		{http.StatusNotFound, "ModelArts.0203", ""},
		{http.StatusInternalServerError, "APIGW.0301", ""},
	} {
		network := always(test.status, `{"error_code": "`+test.code+`", "error_msg": "no"}`, "Date", "yesterday")
		for _, call := range calls {
			err := call.do(t.Context(), clientOn(network, withRetries(0), func(o *Options) {
				o.AuthHint = func(header http.Header) string {
					if header.Get("Date") != "yesterday" {
						t.Errorf("the header is %v", header)
					}
					return hint
				}
			}))
			if got := errorFrom(t, err).AuthHint; got != test.want {
				t.Errorf("%s, HTTP %d %s: %q", call.name, test.status, test.code, got)
			}
		}
	}
}
