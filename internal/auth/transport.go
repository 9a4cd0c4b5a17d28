package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
)

const (
	tokenHeader = "X-Auth-Token"
	// maxRenewals bounds how often a renewal is begun again that others cancelled.
	maxRenewals = 4
)

// credentials are what goes onto a request.
type credentials interface {
	// authenticate puts the credentials on req.
	authenticate(req *http.Request) error
	// renew replaces the credentials that were refused on req, once for all
	// callers. It is false when these cannot be renewed.
	renew(ctx context.Context, req *http.Request) (bool, error)
}

// transport puts credentials on each request. After a 401 it renews them once.
type transport struct {
	next        http.RoundTripper
	credentials credentials
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	first := req.Clone(req.Context())
	if err := t.credentials.authenticate(first); err != nil {
		return nil, err
	}
	resp, err := t.next.RoundTrip(first)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	renewed, err := t.credentials.renew(req.Context(), first)
	if !renewed {
		return resp, err
	}
	if closeErr := resp.Body.Close(); closeErr != nil {
		return nil, fmt.Errorf("close the refusal: %w", closeErr)
	}
	if err != nil {
		return nil, &CredentialsError{fmt.Errorf("the service refused the token, and IAM gave no new one: %w", err)}
	}
	// A refused request was not processed, so it can be sent again whatever its method.
	second := req.Clone(req.Context())
	if req.GetBody != nil {
		if second.Body, err = req.GetBody(); err != nil {
			return nil, fmt.Errorf("read the request again: %w", err)
		}
	}
	if err := t.credentials.authenticate(second); err != nil {
		return nil, err
	}
	return t.next.RoundTrip(second)
}

// CredentialsError means that there are no credentials to send a request with: a
// refused token could not be replaced, or an access key was refused before. The
// request was not processed.
type CredentialsError struct{ Err error }

// Error implements error.
func (e *CredentialsError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *CredentialsError) Unwrap() error { return e.Err }

// staticToken is a token that we can use and not renew.
type staticToken string

func (t staticToken) authenticate(req *http.Request) error {
	req.Header.Set(tokenHeader, string(t))
	return nil
}

func (staticToken) renew(context.Context, *http.Request) (bool, error) { return false, nil }

// keystone is a token that is renewed, once for all who ask: gophercloud sees to that.
type keystone struct{ client *gophercloud.ProviderClient }

func (k keystone) authenticate(req *http.Request) error {
	// AuthenticatedHeaders would wait for a renewal under way, whatever the
	// context says. With the old token the request is refused and waits in renew.
	req.Header.Set(tokenHeader, k.client.Token())
	return req.Context().Err()
}

func (k keystone) renew(ctx context.Context, req *http.Request) (bool, error) {
	if k.client.ReauthFunc == nil {
		return false, nil
	}
	var err error
	for range maxRenewals {
		err = k.client.Reauthenticate(ctx, req.Header.Get(tokenHeader))
		// The renewal runs in the context of one caller, whose end is not that of the others.
		if ctx.Err() != nil || !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
			break
		}
	}
	return true, err
}
