package auth

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/utils"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

const (
	maxIAMRetryWait = 10 * time.Second
	// maxIAMResponseSize is in bytes. A catalog of all services has about 50 KiB. A decoded response can need a hundred times the
	// memory.
	maxIAMResponseSize = 1 << 20
)

// iam sends requests to IAM, which is Keystone v3 with extensions of Open Telekom Cloud.
type iam struct {
	*Options
	url     *url.URL
	service *gophercloud.ServiceClient
}

// newIAM returns a client of IAM that sends requests with the network.
func (o *Options) newIAM(network http.RoundTripper) (*iam, error) {
	authURL, err := o.parseURL("auth_url", cmp.Or(o.AuthURL, "https://iam."+o.region()+".otc.t-systems.com/v3"), o.Insecure)
	if err != nil {
		return nil, err
	}
	if err := checkProxy(authURL); err != nil {
		return nil, err
	}
	base, _ := utils.BaseEndpoint(authURL.String()) // It only fails for text that isn't a URL.
	client := &gophercloud.ProviderClient{HTTPClient: *httpclient.New(httpclient.Config{
		Transport:        network,
		Redactor:         o.Redactor,
		OnAttempt:        o.OnAttempt,
		MaxRetries:       o.MaxRetries,
		MaxRetryWait:     maxIAMRetryWait,
		IsPostIdempotent: true, // A repeated POST issues another token, or is rejected if a passcode is used up.
		MaxSize:          func(*http.Request) int { return maxIAMResponseSize },
	})}
	client.UserAgent.Prepend(o.UserAgent)
	service := &gophercloud.ServiceClient{ProviderClient: client, Endpoint: gophercloud.NormalizeURL(base) + "v3/"}
	return &iam{Options: o, url: authURL, service: service}, nil
}

// send sends a request for a path below the address of IAM. It decodes the response into out, and returns its header. The body is nil for
// none.
func (i *iam) send(ctx context.Context, method, path string, header map[string]string, body, out any) (http.Header, error) {
	resp, err := i.service.Request(ctx, method, i.service.ServiceURL(path), //nolint:bodyclose // gophercloud does
		&gophercloud.RequestOpts{MoreHeaders: header, JSONBody: body, JSONResponse: out})
	if err != nil {
		return nil, err
	}
	return resp.Header, nil
}

// findEndpoint sets the endpoint of the session from the catalog, unless it is configured. Some catalogs of Open Telekom Cloud lack
// ModelArts, so the documented host is the default. It isn't the default with another IAM, because then the credentials would be
// sent to a host that the user didn't configure.
func (i *iam) findEndpoint(session *Session, catalog []tokens.CatalogEntry, region string) (err error) {
	if session.Endpoint != nil {
		return nil
	}
	addresses := inCatalog(catalog, region)
	switch {
	case len(addresses) > 1:
		return missing("region", "The service catalog has ModelArts in several regions.", "OS_REGION_NAME")
	case len(addresses) == 1:
		session.EndpointSource = "catalog"
		session.Endpoint, err = i.catalogURL(addresses[0])
	case i.AuthURL == "" || documentedHost.MatchString(i.AuthURL):
		session.EndpointSource = "region"
		session.Endpoint, err = i.parseURL("endpoint", "https://modelarts."+region+".otc.t-systems.com", i.Insecure)
	default:
		return missing("endpoint", "IAM returned no service catalog with ModelArts in "+cmp.Or(region, "any region")+". The provider doesn't use the default host, because auth_url"+
			i.Sources.Of("auth_url")+" doesn't have the form https://iam.{region}.otc.t-systems.com.", "OS_MODELARTS_ENDPOINT")
	}
	return err
}

// inCatalog returns the first public address of version 1 of ModelArts in the region, or in each region if the region is empty. The client
// of Open Telekom Cloud knows only the service type modelartsv1, but other catalogs have modelarts.
func inCatalog(catalog []tokens.CatalogEntry, region string) (addresses []string) {
	var regions []string
	for _, entry := range catalog {
		if entry.Type != "modelartsv1" && entry.Type != "modelarts" {
			continue
		}
		for _, e := range entry.Endpoints {
			isInRegion := region == "" || region == e.Region || region == e.RegionID
			isUsed := isInRegion && e.Interface == string(gophercloud.AvailabilityPublic) && !otherVersion.MatchString(e.URL)
			if in := cmp.Or(region, e.RegionID, e.Region); isUsed && !slices.Contains(regions, in) {
				regions, addresses = append(regions, in), append(addresses, gophercloud.NormalizeURL(e.URL))
			}
		}
	}
	return addresses
}

// catalogURL parses the address of ModelArts in the catalog. The user didn't write this address, so plain http is accepted only with
// the scheme and the host of auth_url.
func (i *iam) catalogURL(raw string) (*url.URL, error) {
	u, err := i.parseURL("endpoint", raw, true)
	if err == nil && (u.Scheme == "https" || i.url.Scheme == "http" && strings.EqualFold(u.Host, i.url.Host)) {
		return u, nil
	}
	return nil, &ConfigError{ // The address can have a secret.
		Attribute: "endpoint", Summary: "The service catalog has no usable address of ModelArts",
		Detail: "The provider accepts only https from a catalog, without a user, a query or a fragment.\n\n" +
			"Set endpoint in the provider block, or in the environment: OS_MODELARTS_ENDPOINT.",
	}
}
