package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

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

	mu    sync.Mutex
	state tokenState
}

// tokenState has the token in use, and the outcome of its last renewal.
type tokenState struct {
	token   string
	isFresh bool                         // whether the token was renewed, and the service hasn't accepted it yet
	failure *httpclient.CredentialsError // of the last renewal, if it failed
	isFinal bool                         // whether the next renewal would fail as well
}

func (o *Options) newTokenTransport(token string, issue func(context.Context) (*grant, error)) *tokenTransport {
	return &tokenTransport{
		next: o.Transport, issue: issue, event: o.OnEvent, renewing: make(chan struct{}, 1), state: tokenState{token: token},
	}
}

// RoundTrip implements http.RoundTripper.
func (t *tokenTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	before := t.current()
	resp, isRejected, err := t.send(req.Clone(req.Context()), before.token)
	if !isRejected || t.issue == nil {
		return resp, err
	}
	failure := t.renew(req.Context(), before)
	after := t.current()
	if failure == nil && after.token == before.token {
		return resp, nil
	}
	_ = resp.Body.Close() // The error response isn't needed.
	if failure != nil {
		return nil, failure
	}
	// The service didn't process a request with rejected credentials, so it can be sent again with any method.
	second := req.Clone(req.Context())
	if req.GetBody != nil {
		if second.Body, err = req.GetBody(); err != nil {
			return nil, fmt.Errorf("read the body of the request again: %w", err)
		}
	}
	resp, _, err = t.send(second, after.token)
	return resp, err
}

func (t *tokenTransport) current() tokenState {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state
}

// send sends req with a token, and reports whether the service rejected the token.
func (t *tokenTransport) send(req *http.Request, token string) (_ *http.Response, isRejected bool, _ error) {
	req.Header.Set(tokenHeader, token)
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
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state.isFresh = t.state.isFresh && t.state.token != token
	return resp, false, nil
}

// renew replaces the token of a state that a rejected request was sent in. It keeps a token that was just renewed, because the service
// would reject the next one as well.
func (t *tokenTransport) renew(ctx context.Context, before tokenState) *httpclient.CredentialsError {
	select {
	case t.renewing <- struct{}{}:
		defer func() { <-t.renewing }()
	case <-ctx.Done():
		return noNewToken(ctx.Err())
	}
	switch now := t.current(); {
	case now.token != before.token || now.isFresh:
		return nil
	case now.isFinal || now.failure != before.failure: // This request waited for the renewal that failed.
		return now.failure
	}
	next, err := t.issue(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		t.event(ctx, "ModelArts rejected the token, and the provider renewed it")
		t.state = tokenState{token: next.token, isFresh: true}
		return nil
	}
	failure := noNewToken(err)
	if ctx.Err() != nil { // The other requests, which waited for this one, renew the token.
		return failure
	}
	t.state.failure = failure
	if _, t.state.isFinal = errors.AsType[*ConfigError](err); t.state.isFinal {
		t.event(ctx, "IAM rejected the renewal of the token, and the provider doesn't request it again")
	}
	return failure
}

func noNewToken(err error) *httpclient.CredentialsError {
	return &httpclient.CredentialsError{Err: fmt.Errorf("ModelArts rejected the token, and IAM issued no new token: %w", err)}
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
	var content struct {
		Code string `json:"error_code"`
	}
	if json.Unmarshal(beginning, &content) != nil {
		return ""
	}
	return content.Code
}
