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

	"github.com/gophercloud/gophercloud/v2"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

const tokenHeader = "X-Auth-Token"

// credentials are the credentials of a session.
type credentials interface {
	// authenticate adds the credentials to req.
	authenticate(req *http.Request) error
	// accepted records that the service didn't reject the credentials of req.
	accepted(req *http.Request)
	// renew replaces the rejected credentials of req, once for all callers. It returns false if they can't be renewed.
	renew(ctx context.Context, req *http.Request) (bool, error)
}

// transport adds credentials to each request. If the service rejects them, it renews them once and sends the request again.
type transport struct {
	next        http.RoundTripper
	credentials credentials
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	first := req.Clone(req.Context())
	resp, refused, err := t.send(first)
	if !refused {
		return resp, err
	}
	renewed, err := t.credentials.renew(req.Context(), first)
	if !renewed {
		return resp, err
	}
	if closeErr := resp.Body.Close(); closeErr != nil {
		return nil, fmt.Errorf("close the error response: %w", closeErr)
	}
	if err != nil {
		return nil, &httpclient.CredentialsError{Err: fmt.Errorf("ModelArts rejected the token, and IAM issued no new token: %w", err)}
	}
	// The service didn't process a request with rejected credentials, so it can be sent again with any method.
	second, err := httpclient.Rewind(req)
	if err != nil {
		return nil, err
	}
	resp, _, err = t.send(second)
	return resp, err
}

// send sends req with the credentials, and reports whether the service rejected them.
func (t *transport) send(req *http.Request) (_ *http.Response, refused bool, _ error) {
	if err := t.credentials.authenticate(req); err != nil {
		return nil, false, httpclient.NotSent(req, err)
	}
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return resp, false, err
	}
	code := ""
	if resp.StatusCode == http.StatusForbidden {
		code = errorCode(resp)
	}
	if refused = RejectsCredentials(resp.StatusCode, code); !refused {
		t.credentials.accepted(req)
	}
	return resp, refused, nil
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
	var refusal struct {
		Code string `json:"error_code"`
	}
	if json.Unmarshal(beginning, &refusal) != nil {
		return ""
	}
	return refusal.Code
}

// staticToken is a token that can't be renewed.
type staticToken string

func (t staticToken) authenticate(req *http.Request) error {
	req.Header.Set(tokenHeader, string(t))
	return nil
}

func (staticToken) accepted(*http.Request) {}

func (staticToken) renew(context.Context, *http.Request) (bool, error) { return false, nil }

// keystone is a token that gophercloud renews once for all requests that wait at the same time. A later
// request doesn't repeat a renewal whose outcome is known.
type keystone struct {
	client *gophercloud.ProviderClient
	event  func(context.Context, string)

	mu      sync.Mutex
	fresh   string // a renewed token that the service hasn't accepted yet
	refused string // a token that IAM didn't renew
	refusal error  // the reason, which is permanent
}

func (k *keystone) authenticate(req *http.Request) error {
	// AuthenticatedHeaders would wait for a renewal in progress, even after the end of the context. With the old token, the
	// request is rejected, and then waits in renew.
	req.Header.Set(tokenHeader, k.client.Token())
	return req.Context().Err()
}

func (k *keystone) accepted(req *http.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fresh == req.Header.Get(tokenHeader) {
		k.fresh = ""
	}
}

// known returns the outcome of an earlier renewal of a token.
func (k *keystone) known(token string) (final bool, refusal error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.refusal != nil && token == k.refused {
		return true, k.refusal
	}
	return token == k.fresh, nil
}

func (k *keystone) renew(ctx context.Context, req *http.Request) (bool, error) {
	if k.client.ReauthFunc == nil {
		return false, nil
	}
	token := req.Header.Get(tokenHeader)
	if final, refusal := k.known(token); final {
		return refusal != nil, refusal
	}
	err := k.client.Reauthenticate(ctx, token)
	for ctx.Err() == nil && isAbandoned(err) {
		err = k.client.Reauthenticate(ctx, token)
	}
	if refusal, ok := errors.AsType[*ConfigError](err); ok {
		k.event(ctx, "IAM rejected the renewal of the token, and the provider doesn't request it again")
		k.mu.Lock()
		defer k.mu.Unlock()
		k.refused, k.refusal = token, refusal
	}
	return true, err
}

// abandonedError is the error of a renewal that ended with the context of the request that started it. The
// other requests, which waited for it, start another one.
type abandonedError struct{ error }

// Unwrap returns the cause.
func (e *abandonedError) Unwrap() error { return e.error }

func isAbandoned(err error) bool {
	_, ok := errors.AsType[*abandonedError](err)
	return ok
}

// renewWith makes issue the source of new tokens.
func (k *keystone) renewWith(issue func(context.Context) (*grant, error)) {
	k.client.ReauthFunc = func(ctx context.Context) error {
		next, err := issue(ctx)
		switch {
		case err == nil:
			k.replace(ctx, next.token)
		case ctx.Err() != nil:
			return &abandonedError{err}
		}
		return err
	}
}

// replace starts to use a renewed token.
func (k *keystone) replace(ctx context.Context, token string) {
	k.event(ctx, "ModelArts rejected the token, and the provider renewed it")
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fresh = token
	k.client.SetToken(token)
}
