package auth

import (
	"context"
	"fmt"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

const domainHeader = "X-Domain-Id" // names the domain that a signed call to IAM is for

// assumeRole is Open Telekom Cloud's method to act as an agency: "Obtaining an Agency
// Token" of the IAM API reference.
type assumeRole struct {
	DomainID   string `json:"domain_id,omitempty"` // of the one who delegates, or:
	DomainName string `json:"domain_name,omitempty"`
	AgencyName string `json:"agency_name"`
	// XRoleName is the agency again: in the reference the table has agency_name,
	// the sample has xrole_name, as the clients of Open Telekom Cloud do.
	XRoleName string `json:"xrole_name"`
}

// assumeAgency logs in with the method's credentials. With them it gets a token for
// the project of those who delegate.
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
		// An agency is assumed by a user as such, not by one in a project.
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

// assume asks for the agency's token. gophercloud's own call leaves out the token
// of the one who asks.
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
		return nil, o.explain(result.Err, o.refusedAgency)
	}
	return o.newGrant(result)
}

func (o *Options) refusedAgency(facts string, header http.Header) *ConfigError {
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

// keyDomain returns the id of the domain of an access key's owner, by which IAM
// takes a signed call that is for no project.
func (i *iam) keyDomain(ctx context.Context) (string, error) {
	o := i.options
	if o.DomainID != "" {
		return o.DomainID, nil
	}
	var list struct {
		Domains []struct{ ID, Name string } `json:"domains"`
	}
	if err := i.get(ctx, "auth/domains", nil, &list); err != nil {
		return "", o.explain(err, o.refusedAccessKey)
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
