package auth

import (
	"context"
	"net/http"
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

// assumeAgency logs in with the configured credentials, and returns a token of the agency for the delegated project. gophercloud can't
// send the token of the user with this request.
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
		var scope map[string]any
		if d := o.userDomain(); d != (domain{}) {
			scope = map[string]any{"domain": d}
		}
		own, err := i.usePassword(ctx, scope)
		if err != nil {
			return nil, err
		}
		header[tokenHeader] = own.token
	}
	d := o.projectDomain()
	return i.token(ctx, http.MethodPost, header, map[string]any{"auth": map[string]any{
		"identity": map[string]any{
			"methods":     []string{"assume_role"},
			"assume_role": assumeRole{DomainID: d.ID, DomainName: d.Name, AgencyName: o.AgencyName, XRoleName: o.AgencyName},
		},
		"scope": o.projectScope(d),
	}}, o.rejectedAgency)
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
	return i.findID(ctx, "domain", "auth/domains", o.DomainName)
}
