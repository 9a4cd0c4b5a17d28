package auth

import (
	"context"
	"fmt"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

const domainHeader = "X-Domain-Id" // has the ID of the domain of a signed request to IAM

// assumeRole has the parameters of the method assume_role, by which a user assumes an agency. It is documented under "Obtaining an
// Agency Token" in the IAM API reference.
type assumeRole struct {
	DomainID   string `json:"domain_id,omitempty"` // the delegating domain; or DomainName
	DomainName string `json:"domain_name,omitempty"`
	AgencyName string `json:"agency_name"`
	// XRoleName is a copy of AgencyName: the table of the reference has agency_name, and its sample and the clients of Open
	// Telekom Cloud have xrole_name.
	XRoleName string `json:"xrole_name"`
}

// assumeAgency logs in with the configured credentials, and returns a token of the agency for the delegated project.
func (i *iam) assumeAgency(ctx context.Context) (*grant, error) {
	o := i.options
	header := map[string]string{}
	switch o.method() {
	case MethodAccessKey:
		id, err := i.keyDomain(ctx)
		if err != nil {
			return nil, err
		}
		header[domainHeader] = id
	case MethodToken:
		header[tokenHeader] = o.Token
	default:
		// A user assumes an agency with a token that isn't for a project.
		var scope *gophercloud.AuthScope
		if d := o.userDomain(); d != (domain{}) {
			scope = &gophercloud.AuthScope{DomainID: d.id, DomainName: d.name}
		}
		own, err := i.usePassword(ctx, scope)
		if err != nil {
			return nil, err
		}
		header[tokenHeader] = own.token
	}
	return i.assume(ctx, header)
}

// assume requests the token of the agency. The header has the credentials. The function for this in gophercloud would omit the
// token of the user.
func (i *iam) assume(ctx context.Context, header map[string]string) (*grant, error) {
	o := i.options
	d := o.agencyDomain()
	scope, err := (&gophercloud.AuthOptions{Scope: o.projectScope(d)}).ToTokenV3ScopeMap()
	if err != nil {
		return nil, err
	}
	body := map[string]any{"auth": map[string]any{
		"identity": map[string]any{
			"methods":     []string{"assume_role"},
			"assume_role": assumeRole{DomainID: d.id, DomainName: d.name, AgencyName: o.AgencyName, XRoleName: o.AgencyName},
		},
		"scope": scope,
	}}
	service, err := i.service("")
	if err != nil {
		return nil, err
	}
	var result tokens.CreateResult
	resp, err := service.Post(ctx, service.ServiceURL("auth", "tokens"), body, &result.Body, //nolint:bodyclose // gophercloud does
		&gophercloud.RequestOpts{MoreHeaders: header})
	_, result.Header, result.Err = gophercloud.ParseResponse(resp, err)
	if result.Err != nil {
		return nil, o.explain(result.Err, o.rejectedAgency)
	}
	return o.newGrant(result)
}

func (o *Options) rejectedAgency(facts string, header http.Header) *ConfigError {
	detail := facts + "IAM doesn't report which of agency_name, agency_domain_name" + o.Sources.Of("agency_domain_name") +
		" and delegated_project is wrong. The agency has to trust the domain of your credentials, and the user needs the policy Agent Operator."
	switch o.method() {
	case MethodToken:
		detail += " The token" + o.Sources.Of("token") + " might also have expired, or be the token of an agency."
	case MethodAccessKey:
		detail += " " + o.accessKeyHint(header, false)
	}
	return &ConfigError{Attribute: "agency_name", Summary: "IAM rejected the agency", Detail: detail}
}

// keyDomain returns the ID of the domain of an access key's owner. IAM requires it in a signed request that isn't for a project.
func (i *iam) keyDomain(ctx context.Context) (string, error) {
	o := i.options
	if o.DomainID != "" {
		return o.DomainID, nil
	}
	var list struct {
		Domains []struct{ ID, Name string } `json:"domains"`
	}
	if err := i.get(ctx, "auth/domains", nil, &list); err != nil {
		return "", o.explain(err, o.rejectedAccessKey)
	}
	for _, d := range list.Domains {
		if o.DomainName == d.Name || o.DomainName == "" && len(list.Domains) == 1 {
			return d.ID, nil
		}
	}
	if o.DomainName == "" {
		return "", missing("domain_name", "The owner of the access key has more than one domain, or none.",
			"OS_DOMAIN_NAME, or domain_id with OS_DOMAIN_ID")
	}
	return "", &ConfigError{
		Attribute: "domain_name", Summary: fmt.Sprintf("Could not find domain %.100q", o.DomainName),
		Detail: "The owner of the access key has no domain of this name" + o.Sources.Of("domain_name") +
			". Correct domain_name, or set domain_id (OS_DOMAIN_ID).",
	}
}
