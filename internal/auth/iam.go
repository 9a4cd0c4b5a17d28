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
	"strconv"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/hashicorp/go-retryablehttp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

const (
	iamTimeout       = time.Minute
	iamRetryAfterMax = time.Minute
	// maxIAMAnswerSize is in bytes; a catalogue of every service is about 50 KiB.
	// Decoded, an answer can take a hundred times as much.
	maxIAMAnswerSize = 1 << 20
	longestMessage   = 1000 // in bytes, of what IAM says
	longestCode      = 100
)

// iam makes calls to IAM, which is Keystone v3 with extensions of the vendor.
type iam struct {
	options *Options
	url     *url.URL
	http    *http.Client
}

// newIAM makes the client. With a key it signs every request.
func (o *Options) newIAM(key *accessKey) (*iam, error) {
	authURL, err := o.configuredURL("auth_url", o.authURL())
	if err != nil {
		return nil, err
	}
	var network http.RoundTripper = limited{o.Transport}
	if key != nil {
		network = &signing{next: network, key: key}
	}
	return &iam{options: o, url: authURL, http: o.iamClient(network)}, nil
}

func (o *Options) authURL() string {
	return cmp.Or(o.AuthURL, "https://iam."+o.region()+".otc.t-systems.com/v3")
}

// service returns gophercloud's client, which sends token, unless it is empty.
func (i *iam) service(token string) (*gophercloud.ServiceClient, error) {
	client, err := openstack.NewClient(i.url.String())
	if err != nil {
		return nil, &ConfigError{Attribute: "auth_url", Summary: "Invalid auth_url", Detail: err.Error()}
	}
	client.HTTPClient = *i.http
	client.UserAgent.Prepend(i.options.UserAgent)
	client.SetToken(token)
	return openstack.NewIdentityV3(client, gophercloud.EndpointOpts{})
}

// get asks for path, below the address of IAM, without a token.
func (i *iam) get(ctx context.Context, path string, header map[string]string, out any) error {
	service, err := i.service("")
	if err != nil {
		return err
	}
	_, err = service.Get(ctx, service.ServiceURL(path), out, &gophercloud.RequestOpts{MoreHeaders: header}) //nolint:bodyclose // gophercloud does
	return err
}

// findEndpoint looks ModelArts up in the catalog, unless it is configured. Some catalogs of Open
// Telekom Cloud lack it, so there the documented host is the default. With another IAM, the
// credentials would go to a host that the user didn't configure.
func (i *iam) findEndpoint(session *Session, catalogue *tokens.ServiceCatalog, region string) (err error) {
	if session.Endpoint != nil {
		return nil
	}
	o := i.options
	found, regions := inCatalogue(catalogue, region)
	switch {
	case len(regions) > 1 && region == "":
		return missing("region", "The service catalog has ModelArts in several regions.", "OS_REGION_NAME")
	case len(regions) > 0:
		session.EndpointSource = "catalog"
		session.Endpoint, err = i.catalogURL(found)
	case o.AuthURL == "" || documentedHost.MatchString(o.AuthURL):
		session.EndpointSource = "region"
		session.Endpoint, err = parseURL("endpoint", "https://modelarts."+region+".otc.t-systems.com", o.Insecure)
	default:
		where := ""
		if region != "" {
			where = fmt.Sprintf(" in the region %q", region)
		}
		return missing("endpoint", "IAM returned no service catalog with ModelArts"+where+". The default host isn't used, because auth_url"+
			o.Sources.Of("auth_url")+" doesn't have the form https://iam.{region}.otc.t-systems.com.", "OS_MODELARTS_ENDPOINT")
	}
	return err
}

// catalogURL reads the address of ModelArts in the catalog. The user wrote none of it, so plain
// http is accepted only for the scheme and the host that the user wrote in auth_url.
func (i *iam) catalogURL(raw string) (*url.URL, error) {
	u, err := parseURL("endpoint", raw, true)
	if fault, ok := errors.AsType[*ConfigError](err); ok && fault.Attribute == "" {
		return nil, err // of a proxy
	}
	if err == nil && (u.Scheme == "https" || i.url.Scheme == "http" && strings.EqualFold(u.Host, i.url.Host)) {
		return u, nil
	}
	host := "" // all that can be shown: the rest can have a secret
	if parsed, err := url.Parse(raw); err == nil {
		host = fmt.Sprintf(", %s://%s,", parsed.Scheme, parsed.Host)
	}
	return nil, i.options.unusableCatalog(fmt.Sprintf("The address of ModelArts in the catalog%s can't be used. "+
		"The provider accepts only https from a catalog, without a user, a query or a fragment.", host))
}

// inCatalogue returns the first public address of version 1 of ModelArts in a region, and all regions
// with one. An empty region is any. The vendor's own client knows the type modelartsv1 alone; other
// catalogues have modelarts.
func inCatalogue(catalogue *tokens.ServiceCatalog, region string) (address string, regions map[string]bool) {
	regions = map[string]bool{}
	for _, entry := range catalogue.Entries {
		if entry.Type != "modelartsv1" && entry.Type != "modelarts" {
			continue
		}
		for _, e := range entry.Endpoints {
			if e.Interface != string(gophercloud.AvailabilityPublic) || region != "" && region != e.Region && region != e.RegionID || isOtherVersion(e.URL) {
				continue
			}
			if len(regions) == 0 {
				address = gophercloud.NormalizeURL(e.URL)
			}
			regions[cmp.Or(e.RegionID, e.Region)] = true
		}
	}
	return address, regions
}

// unusableCatalog returns the error of an address that the user didn't write.
func (o *Options) unusableCatalog(why string) error {
	return &ConfigError{
		Attribute: "endpoint", Summary: "The service catalog has no usable address of ModelArts",
		Detail: string(o.Redactor.Text(why, longestMessage)) + "\n\nSet endpoint in the provider block, or in the environment: OS_MODELARTS_ENDPOINT.",
	}
}

// iamClient makes the client for calls to IAM. All of them can be repeated: they
// change nothing, or give one more token.
func (o *Options) iamClient(network http.RoundTripper) *http.Client {
	retrying := &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     &reported{next: network, redactor: o.Redactor, onCall: o.OnCall},
			Timeout:       iamTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryMax:     o.MaxRetries,
		RetryWaitMin: 500 * time.Millisecond,
		RetryWaitMax: 10 * time.Second,
		CheckRetry:   iamRetryPolicy,
		ErrorHandler: closeAnswer,
		Backoff:      iamBackoff,
	}
	return &http.Client{
		Transport:     counted{patient{&retryablehttp.RoundTripper{Client: retrying}}},
		CheckRedirect: retrying.HTTPClient.CheckRedirect,
	}
}

// closeAnswer is a retryablehttp.ErrorHandler. Given the last answer of several it
// passes it on; one that comes when the context has ended is not to be used.
func closeAnswer(resp *http.Response, err error, _ int) (*http.Response, error) {
	if resp == nil || err == nil {
		return resp, err
	}
	return nil, errors.Join(err, resp.Body.Close())
}

// iamRetryPolicy is a retryablehttp.CheckRetry. A 429 is not one of the retries: see patient.
func iamRetryPolicy(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if resp != nil && resp.StatusCode == http.StatusTooManyRequests {
		return false, ctx.Err()
	}
	if _, refused := errors.AsType[*CredentialsError](err); refused || IsTLSAlert(err) || IsRefusedByProxy(err) {
		return false, err
	}
	return retryablehttp.DefaultRetryPolicy(ctx, resp, err)
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

// explain says what a failed call means. What a 401 means depends on what was asked, which
// refused says.
func (o *Options) explain(err error, refused func(said string, header http.Header) *ConfigError) error {
	if err == nil {
		return nil
	}
	answer, ok := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err)
	if !ok {
		return o.explainSilence(err)
	}
	switch status := answer.Actual; {
	case status < http.StatusMultipleChoices:
		return o.noToken(fmt.Errorf("HTTP %d", status))
	case status != http.StatusUnauthorized:
		return &statusError{status, o.facts(answer), o.adviseStatus(status, RetryAfter(answer.ResponseHeader))}
	default:
		return refused(o.facts(answer)+"\n\nIAM refused the request. ", answer.ResponseHeader)
	}
}

// facts is what IAM, or the gateway in front of it, says of a call, line by line.
func (o *Options) facts(answer gophercloud.ErrUnexpectedResponseCode) string {
	var body struct {
		Error struct {
			Code    any    `json:"code"` // often the HTTP status once more
			Message string `json:"message"`
			Title   string `json:"title"`
		} `json:"error"`
		ErrorCode string `json:"error_code"`
		ErrorMsg  string `json:"error_msg"`
		RequestID string `json:"request_id"`
		// Keystone's answer to a password that has to come with a passcode.
		RequiredMethods [][]string `json:"required_auth_methods"`
	}
	// A body of another form has nothing to show.
	_ = json.Unmarshal(answer.Body, &body)
	message := cmp.Or(body.Error.Message, body.ErrorMsg, body.Error.Title)
	if len(body.RequiredMethods) > 0 {
		message = "the methods needed are " + strings.Join(body.RequiredMethods[0], " and ")
	}
	code := body.ErrorCode
	if own := fmt.Sprint(body.Error.Code); code == "" && body.Error.Code != nil && own != strconv.Itoa(answer.Actual) {
		code = own
	}
	return Facts(o.Redactor.Text(message, longestMessage), o.Redactor.Code(code, longestCode), answer.Actual,
		cmp.Or(RequestID(o.Redactor, answer.ResponseHeader), o.Redactor.Text(body.RequestID, LongestRequestID)),
		answer.Method+" "+sanitize.Line(answer.URL, longestMessage))
}

// adviseStatus says what a response of IAM means that isn't about the credentials themselves, and
// what to do about it.
func (o *Options) adviseStatus(status int, wait time.Duration) string {
	switch {
	case status == http.StatusForbidden:
		return "IAM doesn't allow this for the user, who may be disabled, locked or limited to other addresses, or lack a permission. " +
			"Check the user in the IAM console. With an access key, set tenant_id, so that IAM isn't asked for the project."
	case status == http.StatusNotFound || status < http.StatusBadRequest:
		return "Check auth_url" + o.Sources.Of("auth_url") + ": there is no IAM at this address."
	case status == http.StatusTooManyRequests || status >= http.StatusInternalServerError:
		asked := ""
		if wait > 0 {
			asked = fmt.Sprintf("IAM asks you to wait %s. ", wait)
		}
		return "IAM can't serve the request at the moment, and retrying did not help. " + asked + "Run it again later. " +
			"If the error persists, give the request ID to Open Telekom Cloud support."
	default:
		return "IAM could not make sense of the request. Check auth_url" + o.Sources.Of("auth_url") +
			", and the names of the user, the domain and the project."
	}
}

// explainSilence says what it means that there is no answer.
func (o *Options) explainSilence(err error) error {
	if known, ok := errors.AsType[*ConfigError](err); ok {
		return known
	}
	if locked, ok := errors.AsType[*CredentialsError](err); ok {
		return locked
	}
	if failure, ok := errors.AsType[*ProxyError](err); ok {
		return failure
	}
	if IsUntrusted(err) {
		return &ConfigError{
			Attribute: "cacert_file", Summary: "The certificate of IAM is not trusted",
			Detail: o.Redactor.Error(err).Error() + ".\n\n" + AdviceOnTrust,
		}
	}
	if IsTLSAlert(err) {
		return &ConfigError{
			Attribute: "cert", Summary: "IAM ended the TLS connection",
			Detail: o.Redactor.Error(err).Error() + ".\n\n" + AdviceOnAlert,
		}
	}
	return fmt.Errorf("authenticate with IAM: %w", o.Redactor.Error(err))
}

// statusError is an answer of IAM that says no, for another reason than the
// credentials.
type statusError struct {
	status        int
	facts, advice string
}

// Error implements error.
func (e *statusError) Error() string { return e.facts + "\n\n" + e.advice }
