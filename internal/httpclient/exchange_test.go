package httpclient

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// A round-tripper closes the body of a request, whether it sends it or not.
func TestBodyOfRequestThatIsNotSentIsClosed(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), exchangeKey{}, &exchange{}))
	cancel()
	body := &endless{}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://modelarts.example.com", body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&throttled{&series{}, NewThrottle(1)}).RoundTrip(req)
	if resp != nil || !errors.Is(err, context.Canceled) || !body.closed {
		t.Errorf("closed %v: %v", body.closed, err)
	}
}

// A repeated request has all of its body, whatever the reason is.
func TestBodyIsSentAgain(t *testing.T) {
	t.Parallel()
	for _, option := range []func(*Config){withSlots(1), withoutThrottle} {
		synctest.Test(t, func(t *testing.T) {
			s, bodies := &series{fates: []fate{status(429), status(503), status(429), status(200)}}, ""
			err := put(t.Context(), clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
				body, _ := io.ReadAll(req.Body)
				bodies += string(body) + "."
				return s.RoundTrip(req)
			}), option), "1")
			if err != nil || bodies != strings.Repeat("body of 1.", 4) {
				t.Errorf("%s, %v", bodies, err)
			}
		})
	}
}
