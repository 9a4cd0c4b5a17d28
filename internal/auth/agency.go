package auth

import (
	"context"
	"net/http"
)

// assumeAgency logs in with the configured credentials, and returns a token of the agency for the delegated project. The request is documented
// under "Obtaining an Agency Token" in the IAM API reference. gophercloud can't send the token of the user with this request.
func (i *iam) assumeAgency(ctx context.Context) (*grant, error) {
	header := map[string]string{}
	switch i.method() {
	case MethodAccessKey:
		// IAM requires the domain of the key's owner in a signed request that isn't for a project.
		id, err := i.DomainID, error(nil)
		if id == "" {
			id, err = i.findID(ctx, "domain", "domain", "auth/domains", i.DomainName)
		}
		if err != nil {
			return nil, err
		}
		header["X-Domain-Id"] = id
	case MethodToken:
		header[tokenHeader] = i.Token
	default:
		// A user assumes an agency with a token that isn't for a project.
		var scope map[string]any
		if d := i.userDomain(); d != (domain{}) {
			scope = map[string]any{"domain": d}
		}
		own, err := i.usePassword(ctx, scope)
		if err != nil {
			return nil, err
		}
		header[tokenHeader] = own.token
	}
	// The table of the reference has agency_name, and its sample and the clients of Open Telekom Cloud have xrole_name.
	role, d := map[string]string{"agency_name": i.AgencyName, "xrole_name": i.AgencyName}, i.projectDomain()
	if d.ID != "" {
		role["domain_id"] = d.ID
	} else {
		role["domain_name"] = d.Name
	}
	return i.token(ctx, http.MethodPost, header, map[string]any{"auth": map[string]any{
		"identity": map[string]any{"methods": []string{"assume_role"}, "assume_role": role},
		"scope":    i.projectScope(d),
	}}, i.rejectedAgency)
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
