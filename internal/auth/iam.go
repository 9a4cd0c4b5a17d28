package auth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

const (
	maxIAMRetryWait = 10 * time.Second
	// maxIAMResponseSize is in bytes. A catalog of all services has about 50 KiB. A decoded response can need a hundred times the
	// memory.
	maxIAMResponseSize = 1 << 20
	maxMessageSize     = 1000 // in bytes, of a message of IAM
	maxCodeSize        = 100  // in bytes, of an error code
)

// iam sends requests to IAM, which is Keystone v3 with extensions of Open Telekom Cloud.
type iam struct {
	options *Options
	url     *url.URL
	http    *http.Client
}

// newIAM returns a client of IAM. Unless key is nil, the client signs every request with it.
func (o *Options) newIAM(key *accessKey) (*iam, error) {
	authURL, err := o.configuredURL("auth_url", o.authURL())
	if err != nil {
		return nil, err
	}
	network := o.Transport
	if key != nil {
		network = &signing{next: network, key: key}
	}
	client := httpclient.New(httpclient.Config{
		Transport:        network,
		Redactor:         o.Redactor,
		OnAttempt:        o.OnAttempt,
		MaxRetries:       o.MaxRetries,
		MaxRetryWait:     maxIAMRetryWait,
		IsPostIdempotent: true, // A repeated POST only issues another token.
		MaxSize:          func(*http.Request) int { return maxIAMResponseSize },
	})
	return &iam{options: o, url: authURL, http: client}, nil
}

func (o *Options) authURL() string {
	return cmp.Or(o.AuthURL, "https://iam."+o.region()+".otc.t-systems.com/v3")
}

// service returns a client of gophercloud, which sends the token unless it is empty.
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

// get sends a GET for a path below the address of IAM, without a token, and decodes the response into out.
func (i *iam) get(ctx context.Context, path string, header map[string]string, out any) error {
	service, err := i.service("")
	if err != nil {
		return err
	}
	_, err = service.Get(ctx, service.ServiceURL(path), out, &gophercloud.RequestOpts{MoreHeaders: header}) //nolint:bodyclose // gophercloud does
	return err
}

// findEndpoint sets the endpoint of the session from the catalog, unless it is configured. Some catalogs of Open Telekom Cloud lack
// ModelArts, so the documented host is the default. It isn't the default with another IAM, because then the credentials would be
// sent to a host that the user didn't configure.
func (i *iam) findEndpoint(session *Session, catalog *tokens.ServiceCatalog, region string) (err error) {
	if session.Endpoint != nil {
		return nil
	}
	o := i.options
	found, regions := inCatalog(catalog, region)
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
		return missing("endpoint", "IAM returned no service catalog with ModelArts"+where+". The provider doesn't use the default host, because auth_url"+
			o.Sources.Of("auth_url")+" doesn't have the form https://iam.{region}.otc.t-systems.com.", "OS_MODELARTS_ENDPOINT")
	}
	return err
}

// catalogURL parses the address of ModelArts in the catalog. The user didn't write this address, so plain http is accepted only with
// the scheme and the host of auth_url.
func (i *iam) catalogURL(raw string) (*url.URL, error) {
	u, err := parseURL("endpoint", raw, true)
	if fault, ok := errors.AsType[*ConfigError](err); ok && fault.Attribute == "" {
		return nil, err // The variable of the proxy is invalid.
	}
	if err == nil && (u.Scheme == "https" || i.url.Scheme == "http" && strings.EqualFold(u.Host, i.url.Host)) {
		return u, nil
	}
	host := "" // The rest of the address can have a secret.
	if parsed, err := url.Parse(raw); err == nil {
		host = fmt.Sprintf(", %s://%s,", parsed.Scheme, parsed.Host)
	}
	return nil, i.options.unusableCatalog(fmt.Sprintf("The address of ModelArts in the catalog%s can't be used. "+
		"The provider accepts only https from a catalog, without a user, a query or a fragment.", host))
}

// inCatalog returns the first public address of version 1 of ModelArts in a region, and the regions that have such an address. An
// empty region matches all regions. The client of Open Telekom Cloud knows only the service type modelartsv1, but other catalogs have
// modelarts.
func inCatalog(catalog *tokens.ServiceCatalog, region string) (address string, regions map[string]bool) {
	regions = map[string]bool{}
	for _, entry := range catalog.Entries {
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
func (o *Options) unusableCatalog(reason string) error {
	return &ConfigError{
		Attribute: "endpoint", Summary: "The service catalog has no usable address of ModelArts",
		Detail: string(o.Redactor.Text(reason, maxMessageSize)) + "\n\nSet endpoint in the provider block, or in the environment: OS_MODELARTS_ENDPOINT.",
	}
}

// explain returns the error that a user sees for a failed request, or nil if err is nil. The meaning of a 401 depends on the request,
// so refused returns the error of a 401 from the facts and the header of the response.
func (o *Options) explain(err error, refused func(facts string, header http.Header) *ConfigError) error {
	if err == nil {
		return nil
	}
	response, ok := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err)
	if !ok {
		return o.explainNoResponse(err)
	}
	switch status := response.Actual; {
	case status < http.StatusMultipleChoices:
		return o.noToken(fmt.Errorf("HTTP %d", status))
	case status != http.StatusUnauthorized:
		return &statusError{status, o.facts(response), o.statusHint(status, httpclient.RetryAfter(response.ResponseHeader))}
	default:
		return refused(o.facts(response)+"\n\n", response.ResponseHeader)
	}
}

// facts returns the facts in an error response of IAM or of its gateway, line by line.
func (o *Options) facts(response gophercloud.ErrUnexpectedResponseCode) string {
	var body struct {
		Error struct {
			Code    any    `json:"code"` // often the HTTP status
			Message string `json:"message"`
			Title   string `json:"title"`
		} `json:"error"`
		ErrorCode string `json:"error_code"`
		ErrorMsg  string `json:"error_msg"`
		RequestID string `json:"request_id"`
		// Keystone returns the required methods if a password needs a passcode.
		RequiredMethods [][]string `json:"required_auth_methods"`
	}
	// A body of another form has no facts.
	_ = json.Unmarshal(response.Body, &body)
	message := cmp.Or(body.Error.Message, body.ErrorMsg, body.Error.Title)
	if len(body.RequiredMethods) > 0 {
		message = "IAM requires the methods " + strings.Join(body.RequiredMethods[0], " and ")
	}
	code := body.ErrorCode
	if own := fmt.Sprint(body.Error.Code); code == "" && body.Error.Code != nil && own != strconv.Itoa(response.Actual) {
		code = own
	}
	return Facts(o.Redactor.Text(message, maxMessageSize), o.Redactor.Code(code, maxCodeSize), response.Actual,
		cmp.Or(httpclient.RequestID(o.Redactor, response.ResponseHeader), o.Redactor.Text(body.RequestID, httpclient.MaxRequestIDSize)),
		response.Method+" "+sanitize.Line(response.URL, maxMessageSize))
}

// statusHint returns the meaning and the remedy of an error response of IAM that isn't about the credentials themselves. The wait is
// that of Retry-After.
func (o *Options) statusHint(status int, wait time.Duration) string {
	switch {
	case status == http.StatusForbidden:
		return "IAM doesn't allow this request for the user. The user might be disabled, locked or limited to other addresses, or lack a permission. " +
			"Check the user in the IAM console. With an access key, set tenant_id (OS_PROJECT_ID), so that the provider doesn't request the projects."
	case status == http.StatusNotFound || status < http.StatusBadRequest:
		return "IAM isn't at this address. Check auth_url" + o.Sources.Of("auth_url") + "."
	case status == http.StatusTooManyRequests || status >= http.StatusInternalServerError:
		asked := ""
		if wait > 0 {
			asked = fmt.Sprintf("IAM asks to wait %s. ", wait)
		}
		return "IAM can't serve the request at the moment, and retries didn't help. " + asked + "Run the command again later. " +
			"If the error persists, give the request ID to Open Telekom Cloud support."
	default:
		return "IAM couldn't interpret the request. Check auth_url" + o.Sources.Of("auth_url") +
			", and the names of the user, the domain and the project."
	}
}

// explainNoResponse returns the error that a user sees if there is no response.
func (o *Options) explainNoResponse(err error) error {
	if known, ok := errors.AsType[*ConfigError](err); ok {
		return known
	}
	if locked, ok := errors.AsType[*httpclient.CredentialsError](err); ok {
		return locked
	}
	if failure, ok := errors.AsType[*httpclient.ProxyError](err); ok {
		return failure
	}
	if httpclient.IsUntrusted(err) {
		return &ConfigError{
			Attribute: "cacert_file", Summary: "The certificate of IAM isn't trusted",
			Detail: o.Redactor.Error(err).Error() + ".\n\n" + httpclient.TrustHint,
		}
	}
	if httpclient.IsTLSAlert(err) {
		return &ConfigError{
			Attribute: "cert", Summary: "IAM ended the TLS connection",
			Detail: o.Redactor.Error(err).Error() + ".\n\n" + httpclient.TLSAlertHint,
		}
	}
	return fmt.Errorf("the provider received no usable response from IAM: %w. Check the network and auth_url%s, then run the command again",
		o.Redactor.Error(err), o.Sources.Of("auth_url"))
}

// statusError is an error response of IAM that isn't about the credentials.
type statusError struct {
	status      int
	facts, hint string
}

// Error implements error.
func (e *statusError) Error() string { return e.facts + "\n\n" + e.hint }
