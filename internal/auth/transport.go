package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

const tokenHeader = "X-Auth-Token"

// tokenTransport adds a token to each request. If the service rejects the token, it renews the token once for all requests that wait at the
// same time, and sends them again. A later request doesn't repeat a renewal whose outcome is known.
type tokenTransport struct {
	next  http.RoundTripper
	issue func(context.Context) (*grant, error) // acquires a new token; nil if the token can't be renewed
	event func(context.Context, string)

	renewing chan struct{} // held by the request that renews the token
	current  atomic.Pointer[tokenState]
}

// tokenState has the token in use, and the outcome of its last renewal. Each renewal replaces the state.
type tokenState struct {
	token      string
	isRenewed  bool
	isAccepted atomic.Bool                  // whether the service has accepted the token
	failure    *httpclient.CredentialsError // of the renewal, if it failed
	isFinal    bool                         // whether the next renewal would fail as well
}

func (o *Options) newTokenTransport(token string, issue func(context.Context) (*grant, error)) *tokenTransport {
	t := &tokenTransport{next: o.Transport, issue: issue, event: o.OnEvent, renewing: make(chan struct{}, 1)}
	t.current.Store(&tokenState{token: token})
	return t
}

func (t *tokenTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	before := t.current.Load()
	resp, isRejected, err := t.send(req.Clone(req.Context()), before)
	if !isRejected || t.issue == nil {
		return resp, err
	}
	after := t.renew(req.Context(), before)
	if after == before && after.failure == nil {
		return resp, nil
	}
	_ = resp.Body.Close() // The error response isn't needed.
	if after.failure != nil {
		return nil, after.failure
	}
	// The service didn't process a request with rejected credentials, so it can be sent again with any method.
	second := req.Clone(req.Context())
	if req.GetBody != nil {
		if second.Body, err = req.GetBody(); err != nil {
			return nil, fmt.Errorf("read the body of the request again: %w", err)
		}
	}
	resp, _, err = t.send(second, after)
	return resp, err
}

// send sends req with the token of a state, and reports whether the service rejected the token.
func (t *tokenTransport) send(req *http.Request, state *tokenState) (_ *http.Response, isRejected bool, _ error) {
	req.Header.Set(tokenHeader, state.token)
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return resp, false, err
	}
	code := ""
	if resp.StatusCode == http.StatusForbidden {
		code = errorCode(resp)
	}
	if RejectsCredentials(resp.StatusCode, code) {
		return resp, true, nil
	}
	state.isAccepted.Store(true)
	return resp, false, nil
}

// renew returns the state after a request was rejected with the token of the state before. It doesn't renew a token that was just renewed,
// because the service would reject the next one as well.
func (t *tokenTransport) renew(ctx context.Context, before *tokenState) *tokenState {
	select {
	case t.renewing <- struct{}{}:
		defer func() { <-t.renewing }()
	case <-ctx.Done():
		return &tokenState{failure: noNewToken(ctx.Err())}
	}
	now := t.current.Load()
	if now != before || now.isFinal || now.isRenewed && !now.isAccepted.Load() {
		return now
	}
	next, err := t.issue(ctx)
	if err != nil && ctx.Err() != nil { // The other requests, which waited for this one, renew the token.
		return &tokenState{failure: noNewToken(err)}
	}
	if err == nil {
		now = &tokenState{token: next.token, isRenewed: true}
		t.event(ctx, "ModelArts rejected the token, and the provider renewed it")
	} else {
		now = &tokenState{token: before.token, failure: noNewToken(err)}
		if _, now.isFinal = errors.AsType[*ConfigError](err); now.isFinal {
			t.event(ctx, "IAM rejected the renewal of the token, and the provider doesn't request it again")
		}
	}
	t.current.Store(now)
	return now
}

func noNewToken(err error) *httpclient.CredentialsError {
	return &httpclient.CredentialsError{
		Err:    fmt.Errorf("ModelArts rejected the token, and IAM issued no new token: %w", err),
		Anchor: "token-not-renewed",
	}
}

// RejectsCredentials reports whether a response with this HTTP status and error code rejects the credentials. ModelArts also rejects
// a token with HTTP 403 and one error code. With other codes, 403 is about permissions.
func RejectsCredentials(status int, code string) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden && code == "ModelArts.0203"
}

// maxPeek is in bytes, and more than any documented error response has.
const maxPeek = 64 << 10

// errorCode returns the error code in the body of resp, or "". The caller can still read the whole body.
func errorCode(resp *http.Response) string {
	// If this read fails, the next one fails as well.
	beginning, _ := io.ReadAll(io.LimitReader(resp.Body, maxPeek))
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(beginning), resp.Body), resp.Body}
	var content ErrorBody
	_ = json.Unmarshal(beginning, &content) // Other content has no code.
	return content.ErrorCode
}
