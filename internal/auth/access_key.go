package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

const (
	projectHeader       = "X-Project-Id"
	securityTokenHeader = "X-Security-Token"
	// clockTolerance is the maximum difference between the date of a signature and the clock of the service.
	clockTolerance = 15 * time.Minute
	// noticeableSkew is longer than a request takes, so a larger difference is the fault of a clock.
	noticeableSkew = time.Minute
)

// openAccessKey sets the project, the endpoint and the transport of a session that signs requests. It requests a project ID or an
// endpoint that isn't configured from IAM.
func (o *Options) openAccessKey(ctx context.Context, session *Session) error {
	session.ProjectID = o.ProjectID
	var known *accessKey // sent to IAM; nil if IAM isn't needed
	if !o.needsNoIAM() {
		known = o.newAccessKey()
		client, err := o.newIAM(known)
		if err != nil {
			return err
		}
		if err := client.locate(ctx, session); err != nil {
			return err
		}
	}
	// ModelArts can reject a key that IAM accepts, for example if the endpoint is wrong. So ModelArts gets an untried key.
	session.Transport = &signing{next: o.Transport, key: o.newAccessKey(), projectID: session.ProjectID}
	session.AuthHint = func(header http.Header) string {
		return o.accessKeyHint(header, known != nil && known.state() == trusted)
	}
	return nil
}

// locate sets the project ID of the session by the name of the project, and its endpoint from the catalog, unless they are set.
func (i *iam) locate(ctx context.Context, session *Session) error {
	o := i.options
	if session.ProjectID == "" {
		id, err := i.findProject(ctx, o.project())
		if err != nil {
			return err
		}
		session.ProjectID = id
	}
	if session.Endpoint != nil {
		return nil
	}
	var catalog struct {
		Entries []tokens.CatalogEntry `json:"catalog"`
	}
	err := o.explain(i.get(ctx, "auth/catalog", map[string]string{projectHeader: session.ProjectID}, &catalog), o.rejectedAccessKey)
	if refusal, ok := errors.AsType[*statusError](err); ok && (refusal.status == http.StatusForbidden || refusal.status == http.StatusNotFound) {
		err = nil // Not every user can read the catalog, and the endpoint can have a default.
	}
	if err != nil {
		return err
	}
	return i.findEndpoint(session, &tokens.ServiceCatalog{Entries: catalog.Entries}, o.region())
}

// maxIDs is the maximum number of project IDs in an error.
const maxIDs = 20

// findProject returns the ID of the project with a name. If there is none, or more than one, it returns a *ConfigError.
func (i *iam) findProject(ctx context.Context, name string) (string, error) {
	o := i.options
	query := url.Values{"name": {name}}
	if d := o.projectDomain(); d.id != "" {
		query.Set("domain_id", d.id)
	}
	var list struct {
		Projects []struct{ ID, Name string } `json:"projects"`
	}
	if err := i.get(ctx, "projects?"+query.Encode(), nil, &list); err != nil {
		return "", o.explain(err, o.rejectedAccessKey)
	}
	var ids []string
	for _, project := range list.Projects {
		if project.Name == name && o.isSafeProjectID(project.ID) && len(ids) < maxIDs {
			ids = append(ids, project.ID)
		}
	}
	if len(ids) == 1 {
		return ids[0], nil
	}
	problem, found := "Could not find project", "The access key has no access to a project of this name"
	if len(ids) > 1 {
		problem, found = "More than one project", "The access key has access to these projects of this name: "+strings.Join(ids, ", ")
	}
	return "", &ConfigError{
		Attribute: "tenant_name", Summary: fmt.Sprintf("%s %.100q", problem, name),
		Detail: found + ". Set tenant_id in the provider block, or in the environment: OS_PROJECT_ID.",
	}
}

// lockedKey is the reason why the provider no longer uses a rejected key. According to the documentation of API Gateway, more
// than five failures in a row lock the key.
const lockedKey = "repeated rejections lock an access key for five minutes"

// accessKey is an access key and its state. Repeated rejections lock a key for all of its users, so the many requests of an apply
// must not all try a wrong key. It is safe for concurrent use.
type accessKey struct {
	id, secret, securityToken string
	event                     func(context.Context, string)

	alone chan struct{} // held by the request that tries an untrusted key

	mu    sync.Mutex
	trust trust
}

// trust is the state of a key, by the responses of the service.
type trust int

const (
	untried trust = iota
	trusted       // the last response accepted the key
	doubted       // the key was rejected after it had been accepted
	refused       // the provider sends no more requests with the key
)

func (o *Options) newAccessKey() *accessKey {
	return &accessKey{
		id: o.AccessKey, secret: o.SecretKey, securityToken: o.SecurityToken, event: o.event, alone: make(chan struct{}, 1),
	}
}

func (k *accessKey) state() trust {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.trust
}

// admit waits until a request is allowed to use the key. With a trusted key, requests don't wait. With another key, they are sent one
// at a time. The returned function records the response, which can be nil. The error is that of ctx, or a *CredentialsError if the
// key was rejected.
func (k *accessKey) admit(ctx context.Context) (func(*http.Response), error) {
	learn := func(resp *http.Response) { k.learn(ctx, resp) }
	if k.state() == trusted {
		return learn, nil
	}
	select {
	case k.alone <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	release := func() { <-k.alone }
	switch k.state() {
	case trusted:
		release()
		return learn, nil
	case refused:
		release()
		return nil, &httpclient.CredentialsError{Err: &RejectedKeyError{}}
	default:
		return func(resp *http.Response) {
			learn(resp)
			release()
		}, nil
	}
}

// RejectedKeyError means that the provider didn't send a request, because its access key was rejected before.
type RejectedKeyError struct{}

// Error implements error.
func (*RejectedKeyError) Error() string {
	return "a request with the access key was rejected with HTTP 401 before, so the provider sends no more requests with it: " + lockedKey
}

// learn updates the trust in the key after a response, which can be nil. Only success and 401 change the trust, because a gateway
// can send other responses without checking the signature.
func (k *accessKey) learn(ctx context.Context, resp *http.Response) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case resp == nil || k.trust == refused:
	case resp.StatusCode < http.StatusMultipleChoices:
		k.trust = trusted
	case resp.StatusCode != http.StatusUnauthorized:
	case k.trust == trusted:
		k.trust = doubted
		k.event(ctx, "The access key was rejected, and the provider tries it again")
	default:
		k.trust = refused
		k.event(ctx, "The access key was rejected, and the provider no longer uses it")
	}
}

// signing is a round-tripper that signs each request. It never repeats a request.
type signing struct {
	next      http.RoundTripper
	key       *accessKey
	projectID string // of the requests; empty for requests to IAM
}

// RoundTrip implements http.RoundTripper.
func (t *signing) RoundTrip(req *http.Request) (*http.Response, error) {
	signed := req.Clone(req.Context())
	var body []byte
	if req.Body != nil {
		var err error
		body, err = io.ReadAll(req.Body)
		if err := errors.Join(err, req.Body.Close()); err != nil {
			return nil, fmt.Errorf("read the body of the request: %w", err)
		}
		signed.Body = io.NopCloser(bytes.NewReader(body))
		signed.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		signed.ContentLength = int64(len(body))
	}
	learn, err := t.key.admit(req.Context())
	if err != nil {
		return nil, err
	}
	if t.projectID != "" {
		signed.Header.Set(projectHeader, t.projectID)
	}
	if t.key.securityToken != "" {
		signed.Header.Set(securityTokenHeader, t.key.securityToken)
	}
	sign(signed, body, t.key.id, t.key.secret, time.Now())
	resp, err := t.next.RoundTrip(signed)
	learn(resp)
	return resp, err
}

func (o *Options) rejectedAccessKey(facts string, header http.Header) *ConfigError {
	return &ConfigError{Attribute: "access_key", Summary: "IAM rejected the access key", Detail: facts + o.accessKeyHint(header, false)}
}

// accessKeyHint returns the probable cause of a rejected signature and the remedy. The header is that of the response. If known is
// true, IAM has accepted the key.
func (o *Options) accessKeyHint(header http.Header, known bool) string {
	var hints []string
	skew, dated := clockSkew(header)
	if off := skew.Abs().Round(time.Second); dated && off >= noticeableSkew {
		direction := "ahead of"
		if skew < 0 {
			direction = "behind"
		}
		clock := fmt.Sprintf("The clock of this machine is %s %s the clock of the service, and a signature is valid for %s.",
			off, direction, clockTolerance)
		if off >= clockTolerance {
			return clock + " Set the clock of this machine. The access key might be valid."
		}
		hints = append(hints, clock)
	}
	cause := "access_key" + o.Sources.Of("access_key") + " or secret_key" + o.Sources.Of("secret_key") + " is wrong, or the key was deleted or disabled."
	if o.SecurityToken != "" {
		cause = "access_key" + o.Sources.Of("access_key") + ", secret_key" + o.Sources.Of("secret_key") + " or security_token" +
			o.Sources.Of("security_token") + " is wrong, or the temporary key expired. Get a new key, with all three values. A permanent key has no security_token."
	}
	if known {
		cause = "IAM accepted the access key. Check that endpoint" + o.Sources.Of("endpoint") +
			" is of the same region, and that no proxy changes the host or the path of requests."
	}
	return strings.Join(append(hints, cause, "The provider doesn't repeat the request, because "+lockedKey+"."), " ") + o.unused()
}

// clockSkew returns how far the clock of this machine is ahead of the Date in the header of a response that was just received. It
// returns false if the header has no Date.
func clockSkew(header http.Header) (time.Duration, bool) {
	date, err := http.ParseTime(header.Get("Date"))
	return time.Since(date), err == nil
}
