package modelarts

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

func throttled(req *http.Request, attempt int) (*http.Response, error) {
	return reply(req, http.StatusTooManyRequests, fmt.Sprintf(`{"error_code": "APIGW.0308", "error_msg": "throttled %d"}`, attempt),
		"X-Request-Id", "r1"), nil
}

func TestCancel(t *testing.T) {
	t.Parallel()
	const said = "; the attempt before: "
	gone, refused := fate(throttled), failure(false, errors.New("dial tcp: connection refused"))
	tests := []struct {
		name  string
		fates []fate // the last one for ever
		call  string
		after time.Duration
		sent  bool
		last  string // what the error ends with; empty: there was no attempt before
	}{
		{"429, in the pause", []fate{gone}, "stop", time.Second - 1, false, said + "throttled 1 (APIGW.0308, HTTP 429, request r1)"},
		{"429 again, in the pause", []fate{gone}, "stop", 3 * time.Second, false, said + "throttled 2 (APIGW.0308, HTTP 429, request r1)"},
		{"429, in the next attempt", []fate{gone, hanging}, "stop", 3 * time.Second, true, said + "throttled 1 (APIGW.0308, HTTP 429, request r1)"},
		{"503, in the next attempt", []fate{status(503), hanging}, "get", 3 * time.Second, true, said + "attempt 1 (ModelArts.0103, HTTP 503)"},
		{
			"503 after 429, in the next attempt",
			[]fate{gone, status(503), hanging},
			"delete", 3 * time.Second, true, said + "attempt 2 (ModelArts.0103, HTTP 503)",
		},
		{"dial, in the next attempt", []fate{refused, hanging}, "create", 3 * time.Second, true, "dial tcp: connection refused"},
		{"dial, in the backoff", []fate{refused}, "create", 40 * time.Second, false, "dial tcp: connection refused"},
		{"dropped, in the next attempt", []fate{failure(true, errReset), hanging}, "update", 3 * time.Second, true, "connection reset by peer"},
		{"HTML, in the next attempt", []fate{
			func(req *http.Request, _ int) (*http.Response, error) { return reply(req, 502, "<html>"), nil }, hanging,
		}, "get", 3 * time.Second, true, said + "refused without a message (HTTP 502)"},
		{
			"HTML with 200, in the next attempt",
			[]fate{with(200, "<html>"), hanging},
			"get", 3 * time.Second, true,
			said + "HTTP 200 with a body that is not the expected JSON: invalid character '<' looking for beginning of value",
		},
		{"in the first attempt", []fate{hanging}, "stop", 3 * time.Second, true, ""},
		{"with an error of its own", []fate{func(req *http.Request, attempt int) (*http.Response, error) {
			_, _ = hanging(req, attempt)
			return nil, errReset
		}}, "stop", 3 * time.Second, true, "connection reset by peer"},
		{"while the credentials are renewed", []fate{func(req *http.Request, _ int) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}}, "stop", 3 * time.Second, false, ""},
	}
	for _, test := range tests {
		for name, want := range map[string]error{"cancelled": context.Canceled, "over": context.DeadlineExceeded} {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					if errors.Is(want, context.DeadlineExceeded) {
						ctx, cancel = context.WithTimeout(t.Context(), test.after)
					} else {
						defer time.AfterFunc(test.after, cancel).Stop()
					}
					defer cancel()
					start, attempts := time.Now(), 0
					err := callNamed(test.call).do(ctx, clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
						attempts++
						return test.fates[min(attempts, len(test.fates))-1](req, attempts)
					}), WithMaxRetries(20)))
					if time.Since(start) != test.after {
						t.Errorf("ended after %v", time.Since(start))
					}
					e := noResponseFrom(t, err)
					if e.Sent != test.sent || MayHaveBeenDone(err) != test.sent || IsRefusal(err) {
						t.Errorf("Sent %v, MayHaveBeenDone %v, IsRefusal %v", e.Sent, MayHaveBeenDone(err), IsRefusal(err))
					}
					if (e.Last != nil) != (test.last != "") || !strings.HasSuffix(err.Error(), test.last) ||
						!strings.HasPrefix(err.Error(), e.Operation+": "+want.Error()) {
						t.Errorf("%v", err)
					}
					// A caller that follows the chain must come to the end of the context alone.
					if end := endOfChain(err); end != want { //nolint:errorlint // the error itself is meant
						t.Errorf("the chain ends with %T %v", end, end)
					}
				})
			})
		}
	}
}

// An error of the network can quote what was sent.
func TestErrorIsRedacted(t *testing.T) {
	t.Parallel()
	redactor := &sanitize.Redactor{}
	redactor.Add(secret)
	network := roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("sent " + secret) })
	err := clientOn(network, WithRedactor(redactor), WithMaxRetries(0)).StopVisualizationJob(t.Context(), 10)
	if err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("%v", err)
	}
}

// A request that would have to wait for too long ends at once, with the refusal.
func TestThrottled(t *testing.T) {
	t.Parallel()
	err := clientOn(always(http.StatusTooManyRequests, `{"error_code": "APIGW.0308", "error_msg": "slow down"}`, "Retry-After", "600")).
		StopVisualizationJob(t.Context(), 10)
	e := noResponseFrom(t, err)
	if !IsThrottled(e) || e.Sent || e.Last == nil || !strings.HasSuffix(e.Error(), "; the attempt before: slow down (APIGW.0308, HTTP 429)") {
		t.Errorf("%+v", e)
	}
	if MayHaveBeenDone(e) || IsTemporary(e) || IsOutage(e) || IsRefusal(e) || IsDenied(e) {
		t.Errorf("%v", e)
	}
}

func endOfChain(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}

func callNamed(name string) call {
	for _, call := range calls {
		if call.name == name {
			return call
		}
	}
	panic("no call " + name)
}

// listen starts a server of a network that speaks no HTTP by itself.
func listen(t *testing.T, scheme string, handle func(net.Conn)) *url.URL {
	t.Helper()
	return &url.URL{Scheme: scheme, Host: acctest.Listen(t, handle), Path: "/v1/" + project}
}
