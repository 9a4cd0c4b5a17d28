package httpclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// attemptTimeout limits one attempt, from the dial to the last byte of the response.
const attemptTimeout = time.Minute

// timeout ends an attempt that takes too long. Its error isn't that of a context, because callers would confuse it with the end of their
// own context.
type timeout struct{ next http.RoundTripper }

func (t *timeout) RoundTrip(req *http.Request) (*http.Response, error) {
	caller := req.Context()
	ctx, cancel := context.WithTimeout(caller, attemptTimeout)
	defer cancel() // The body is already in memory.
	resp, err := t.next.RoundTrip(req.WithContext(ctx))
	if err == nil || ctx.Err() == nil || caller.Err() != nil || IsRejectedByProxy(err) {
		return resp, err
	}
	ended := fmt.Errorf("no complete response within %s", attemptTimeout)
	if failed, ok := errors.AsType[*CredentialsError](err); ok {
		return nil, &CredentialsError{fmt.Errorf("%s (%w)", err.Error(), ended), failed.Anchor} // without the context that err wraps
	}
	return nil, ended
}
