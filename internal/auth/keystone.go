package auth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/hashicorp/go-retryablehttp"
)

const (
	iamTimeout       = time.Minute
	iamRetryAfterMax = time.Minute
	// maxIAMAnswerSize is in bytes; a catalogue of every service is about 50 KiB.
	// Decoded, an answer can take a hundred times as much.
	maxIAMAnswerSize = 1 << 20
)

// openKeystone gets a token, and finds the project and the endpoint in its answer.
func (o *Options) openKeystone(ctx context.Context) (*Session, error) {
	authURL, err := parseURL("auth_url", cmp.Or(o.AuthURL, "https://iam."+o.Region+".otc.t-systems.com/v3"), o.Insecure)
	if err != nil {
		return nil, err
	}
	var configured *url.URL
	if o.Endpoint != "" {
		if configured, err = parseURL("endpoint", o.Endpoint, o.Insecure); err != nil {
			return nil, err
		}
	}
	client, err := openstack.NewClient(authURL.String())
	if err != nil {
		return nil, &ConfigError{Attribute: "auth_url", Summary: "Invalid auth_url", Detail: err.Error()}
	}
	client.HTTPClient = *o.iamClient()
	client.UserAgent.Prepend(o.UserAgent)
	if err := openstack.AuthenticateV3(ctx, client, o.gophercloud(), gophercloud.EndpointOpts{}); err != nil {
		return nil, o.explain(err)
	}

	result, ok := client.GetAuthResult().(interface {
		ExtractProject() (*tokens.Project, error)
	})
	if !ok {
		return nil, fmt.Errorf("unexpected result of the authentication: %T", client.GetAuthResult())
	}
	project, err := result.ExtractProject()
	if err != nil || project == nil || project.ID == "" {
		return nil, missing("tenant_name", "The token is not for a project.", "OS_PROJECT_NAME, or tenant_id with OS_PROJECT_ID")
	}
	session := &Session{
		ProjectID: project.ID,
		Endpoint:  configured,
		Transport: &transport{next: o.Transport, credentials: keystone{client, o.explain}},
		Method:    "password",
	}
	if o.Token != "" {
		session.Method = "token"
	}
	if session.Endpoint == nil {
		if session.Endpoint, err = o.findEndpoint(client); err != nil {
			return nil, err
		}
	}
	return session, nil
}

// gophercloud translates the options.
func (o *Options) gophercloud() *gophercloud.AuthOptions {
	options := &gophercloud.AuthOptions{TokenID: o.Token}
	if o.Token == "" {
		options.UserID = o.UserID
		if o.UserID == "" {
			options.Username = o.UserName
			options.DomainID, options.DomainName = o.domain()
		}
		options.Password = o.Password
		// Keystone cannot renew a token from the same token.
		options.AllowReauth = o.AllowReauth
	}
	switch {
	case o.ProjectID != "":
		options.Scope = &gophercloud.AuthScope{ProjectID: o.ProjectID}
	case o.project() != "":
		options.Scope = &gophercloud.AuthScope{ProjectName: o.project()}
		options.Scope.DomainID, options.Scope.DomainName = o.domain()
	}
	return options
}

// domain returns one of id and name, as gophercloud refuses both.
func (o *Options) domain() (id, name string) {
	if o.DomainID != "" {
		return o.DomainID, ""
	}
	return "", o.DomainName
}

// findEndpoint looks ModelArts up in the catalogue. Some catalogues lack it: then
// the documented host is used.
func (o *Options) findEndpoint(client *gophercloud.ProviderClient) (*url.URL, error) {
	found, err := client.EndpointLocator(gophercloud.EndpointOpts{
		Type:         "modelarts",
		Aliases:      []string{"modelartsv1"}, // what the vendor's own client looks for
		Region:       o.Region,
		Availability: gophercloud.AvailabilityPublic,
	})
	if err == nil {
		return parseURL("endpoint", found, o.Insecure)
	}
	if o.Region == "" {
		return nil, missing("region", "The service catalogue has no ModelArts, and without a region its address is not known.",
			"OS_REGION_NAME, or endpoint with OS_MODELARTS_ENDPOINT")
	}
	return parseURL("endpoint", "https://modelarts."+o.Region+".otc.t-systems.com", o.Insecure)
}

// iamClient makes the client for calls to IAM. All of them can be repeated: they
// change nothing, or give one more token.
func (o *Options) iamClient() *http.Client {
	retrying := &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     limited{o.Transport},
			Timeout:       iamTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryMax:     o.MaxRetries,
		RetryWaitMin: 500 * time.Millisecond,
		RetryWaitMax: 10 * time.Second,
		CheckRetry:   retryablehttp.DefaultRetryPolicy,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
		Backoff:      iamBackoff,
	}
	return &http.Client{
		Transport:     &retryablehttp.RoundTripper{Client: retrying},
		CheckRedirect: retrying.HTTPClient.CheckRedirect,
	}
}

// iamBackoff is a retryablehttp.Backoff: exponential, or what Retry-After asks for
// within iamRetryAfterMax, and a little more, as others failed at the same moment.
func iamBackoff(lowest, highest time.Duration, attempt int, resp *http.Response) time.Duration {
	wait := retryablehttp.DefaultBackoff(lowest, highest, attempt, resp)
	if wait < 0 || wait > iamRetryAfterMax { // below zero is an overflow
		wait = iamRetryAfterMax
	}
	return wait + rand.N(lowest)
}

// limited bounds the memory an answer can take.
type limited struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t limited) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxIAMAnswerSize)
	}
	return resp, err
}

// iamError is the error of a call to IAM that had no answer to explain. Its cause
// can quote what came in its place.
type iamError struct{ err error }

// Error implements error.
func (e *iamError) Error() string { return "authenticate with IAM: " + printable(e.err.Error()) }

// Unwrap returns the cause.
func (e *iamError) Unwrap() error { return e.err }

// printable returns up to 1000 characters of s as one line, without what could
// talk to a terminal.
func printable(s string) string {
	return fmt.Sprintf("%.1000s", strings.Map(func(r rune) rune {
		switch {
		case unicode.IsGraphic(r):
			return r
		case r == '\n' || r == '\t':
			return ' '
		default:
			return -1
		}
	}, s))
}

// explain says what a failed authentication means. It takes from the answer
// IAM's message alone.
func (o *Options) explain(err error) error {
	var answer gophercloud.ErrUnexpectedResponseCode
	if !errors.As(err, &answer) {
		return &iamError{err}
	}
	var body struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
		ErrorMsg string `json:"error_msg"`
	}
	// A body of another form has no message to show.
	_ = json.Unmarshal(answer.Body, &body)
	message := cmp.Or(printable(body.Error.Message), printable(body.ErrorMsg), http.StatusText(answer.Actual))
	if answer.Actual != http.StatusUnauthorized {
		return fmt.Errorf("IAM answered HTTP %d: %s", answer.Actual, message)
	}
	if o.Token != "" {
		return &ConfigError{
			Attribute: "token", Summary: "IAM refused the token",
			Detail: fmt.Sprintf("IAM says: %s (HTTP 401).\n\nA token lives 24 hours and is valid in its own region. Get a new one.", message),
		}
	}
	return &ConfigError{
		Attribute: "password", Summary: "IAM refused the user or the password",
		Detail: fmt.Sprintf("IAM says: %s (HTTP 401).\n\nIt does not say which of the user, the domain, the project and "+
			"the password is wrong. Check user_name, domain_name, tenant_name and password, or their OS_ variables.", message),
	}
}
