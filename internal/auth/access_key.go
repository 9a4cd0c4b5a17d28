package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

const (
	projectHeader = "X-Project-Id"
	// clockTolerance is the maximum difference between the date of a signature and the clock of the service.
	clockTolerance = 15 * time.Minute
	// lockReason is the reason why the provider no longer uses a rejected key. According to the documentation of API Gateway, more
	// than five failures in a row lock the key.
	lockReason = "repeated rejections lock an access key for five minutes"
)

// openAccessKey sets the project, the endpoint and the transport of a session that signs requests. It requests a project ID or an
// endpoint that isn't configured from IAM.
func (o *Options) openAccessKey(ctx context.Context, session *Session) error {
	session.ProjectID = o.ProjectID
	toIAM := o.newSigning("")
	if o.needsIAM() {
		client, err := o.newIAM(toIAM)
		if err != nil {
			return err
		}
		if err := client.locate(ctx, session); err != nil {
			return err
		}
	}
	// ModelArts can reject a key that IAM accepts, for example if the endpoint is wrong. So ModelArts gets an untrusted key.
	session.Transport = o.newSigning(session.ProjectID)
	session.AuthHint = func(header http.Header) string { return o.accessKeyHint(header, toIAM.current() == trusted) }
	return nil
}

// locate sets the project ID of the session by the name of the project, and its endpoint from the catalog, unless they are set. The client
// signs its requests.
func (i *iam) locate(ctx context.Context, session *Session) (err error) {
	if session.ProjectID == "" {
		query := url.Values{"name": {i.project()}}
		if d := i.projectDomain(); d.ID != "" {
			query.Set("domain_id", d.ID)
		}
		if session.ProjectID, err = i.findID(ctx, "project", "tenant", "projects?"+query.Encode(), i.project()); err != nil {
			return err
		}
	}
	if session.Endpoint != nil {
		return nil
	}
	var list struct{ Catalog []tokens.CatalogEntry }
	_, err = i.send(ctx, http.MethodGet, "auth/catalog", map[string]string{projectHeader: session.ProjectID}, nil, &list)
	// Not every user can read the catalog, and the endpoint can have a default.
	if err != nil && !gophercloud.ResponseCodeIs(err, http.StatusForbidden) && !gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
		return i.explain(err, i.rejectedAccessKey)
	}
	return i.findEndpoint(session, list.Catalog, i.region())
}

// findID returns the ID of the project or the domain with a name in the list at a path. With an empty name, it returns the only one. Otherwise
// the error is a *ConfigError of the attribute, which is "tenant" or "domain".
func (i *iam) findID(ctx context.Context, kind, attribute, path, name string) (string, error) {
	var list struct{ Projects, Domains []domain }
	if _, err := i.send(ctx, http.MethodGet, path, nil, nil, &list); err != nil {
		return "", i.explain(err, i.rejectedAccessKey)
	}
	var ids []string
	for _, found := range slices.Concat(list.Projects, list.Domains) {
		if (name == "" || name == found.Name) && i.isSafeID(found.ID) {
			ids = append(ids, found.ID)
		}
	}
	variable := "OS_" + strings.ToUpper(kind) + "_ID"
	problem, found := "Could not find", "The access key has access to no such "+kind+i.Sources.Of(attribute+"_name")+"."
	switch {
	case len(ids) == 1:
		return ids[0], nil
	case len(ids) > 1:
		problem, found = "More than one", "The access key has access to: "+sanitize.Line(strings.Join(ids, ", "), maxMessageSize)+"."
	}
	if name != "" {
		kind += fmt.Sprintf(" %.100q", name)
	}
	return "", &ConfigError{
		Attribute: attribute + "_name", Summary: problem + " " + kind,
		Detail: fmt.Sprintf("%s Set %s_id in the provider block, or in the environment: %s.", found, attribute, variable),
	}
}

// signing is a round-tripper that signs each request with the access key. It never repeats a request. Repeated rejections lock a key for
// all of its users, so the many requests of an apply must not all try a wrong key.
type signing struct {
	options   *Options
	projectID string        // of the requests; empty for requests to IAM
	turn      chan struct{} // held by the request that tries an untrusted key

	mu    sync.Mutex
	trust trust
}

// trust is the state of a key, by the responses of the service.
type trust int

const (
	untrusted trust = iota // no response has accepted the key since its last rejection
	trusted                // a response accepted the key, and none has rejected it since
	rejected               // an untrusted key was rejected, and the provider sends no more requests with it
)

func (o *Options) newSigning(projectID string) *signing {
	return &signing{options: o, projectID: projectID, turn: make(chan struct{}, 1)}
}

// RoundTrip implements http.RoundTripper. With a trusted key, requests are sent at the same time. With another key, they are sent one at a
// time. If the key was rejected, the error is a *httpclient.CredentialsError.
func (t *signing) RoundTrip(req *http.Request) (*http.Response, error) {
	o, ctx := t.options, req.Context()
	signed := req.Clone(ctx)
	var body []byte
	if req.Body != nil {
		var err error
		body, err = io.ReadAll(req.Body)
		if err := errors.Join(err, req.Body.Close()); err != nil {
			return nil, fmt.Errorf("read the body of the request: %w", err)
		}
		signed.Body = io.NopCloser(bytes.NewReader(body))
	}
	select {
	case t.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	leave := sync.OnceFunc(func() { <-t.turn })
	defer leave()
	switch t.current() {
	case untrusted:
	case trusted:
		leave()
	case rejected:
		return nil, &httpclient.CredentialsError{Anchor: "access-key-rejected", Err: &ConfigError{
			Attribute: "access_key", Summary: "A request with the access key was rejected with HTTP 401 before",
			Detail: "The provider sends no more requests with it, because " + lockReason + ". Fix the cause of the first error.",
		}}
	}
	if t.projectID != "" {
		signed.Header.Set(projectHeader, t.projectID)
	}
	if o.SecurityToken != "" {
		signed.Header.Set("X-Security-Token", o.SecurityToken)
	}
	sign(signed, body, o.AccessKey, o.SecretKey, time.Now())
	resp, err := o.Transport.RoundTrip(signed)
	if err == nil {
		t.learn(ctx, resp.StatusCode)
	}
	return resp, err
}

func (t *signing) current() trust {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.trust
}

// learn updates the trust in the key after a response. Only success and 401 change the trust, because a gateway can send other responses
// without checking the signature.
func (t *signing) learn(ctx context.Context, status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.trust == rejected:
	case status < http.StatusMultipleChoices:
		t.trust = trusted
	case status != http.StatusUnauthorized:
	case t.trust == trusted:
		t.trust = untrusted
		t.options.OnEvent(ctx, "The access key was rejected, and the provider tries it again")
	default:
		t.trust = rejected
		t.options.OnEvent(ctx, "The access key was rejected, and the provider no longer uses it")
	}
}

func (o *Options) rejectedAccessKey(facts string, header http.Header) *ConfigError {
	return &ConfigError{Attribute: "access_key", Summary: "IAM rejected the access key", Detail: facts + o.accessKeyHint(header, false)}
}

// accessKeyHint returns the probable cause of a rejected signature and the remedy. The header is that of a response that was just
// received. If known is true, IAM has accepted the key.
func (o *Options) accessKeyHint(header http.Header, known bool) string {
	date, err := http.ParseTime(header.Get("Date"))
	if off := time.Since(date).Abs().Round(time.Second); err == nil && off >= clockTolerance {
		return fmt.Sprintf("The clock of this machine differs from the clock of the service by %s, and a signature is valid for %s. "+
			"Set the clock of this machine. The access key might be valid.", off, clockTolerance)
	}
	key, secret := "access_key"+o.Sources.Of("access_key"), "secret_key"+o.Sources.Of("secret_key")
	cause := key + " or " + secret + " is wrong, or the key was deleted or disabled."
	switch {
	case known:
		cause = "IAM accepted the access key. Check that endpoint" + o.Sources.Of("endpoint") +
			" is of the same region, and that no proxy changes the host or the path of requests."
	case o.SecurityToken != "":
		cause = key + ", " + secret + " or security_token" + o.Sources.Of("security_token") + " is wrong, or the temporary key expired. " +
			"Get a new key, with all three values. A permanent key has no security_token."
	}
	return cause + " The provider doesn't repeat the request, because " + lockReason + "." + o.unused()
}
