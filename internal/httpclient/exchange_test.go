package httpclient

import (
	"context"
	"errors"
	"net/http"
	"testing"
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
