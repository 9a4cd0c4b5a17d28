package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

// grant is a token of IAM, and the facts that IAM returned with it.
type grant struct {
	token   string
	Project tokens.Project // empty for a token without a project
	User    tokens.User
	Catalog []tokens.CatalogEntry
}

// openToken acquires a token, and sets the project, the endpoint and the transport of the session from the response of IAM.
func (o *Options) openToken(ctx context.Context, session *Session) error {
	network := o.Transport
	if session.Method == MethodAccessKey {
		network = o.newSigning("")
	}
	client, err := o.newIAM(network)
	if err != nil {
		return err
	}
	first, err := client.issue(ctx)
	if err != nil {
		return err
	}
	session.ProjectID = first.Project.ID
	switch {
	case session.ProjectID == "":
		return missing("tenant_name", "The token isn't for a project.", "OS_PROJECT_NAME, or tenant_id with OS_PROJECT_ID")
	case !o.isSafeID(session.ProjectID):
		return o.noToken(errors.New("the project of the token has an invalid ID"))
	}
	issue := client.issue
	if !o.renewable() {
		issue = nil
	}
	session.Transport = o.newTokenTransport(first.token, issue)
	session.AuthHint = o.tokenHint
	return client.findEndpoint(session, first.Catalog, cmp.Or(o.region(), submatch(regionPattern, first.Project.Name)))
}

// renewable reports whether the same credentials can acquire another token.
func (o *Options) renewable() bool {
	switch {
	case !o.AllowReauth:
		return false
	case o.method() == MethodToken:
		return o.AgencyName != "" // A token that Keystone exchanges keeps its expiry.
	default:
		return o.method() != MethodPassword || o.Passcode == ""
	}
}

// issue acquires a token. Its errors are ready for the user.
func (i *iam) issue(ctx context.Context) (*grant, error) {
	switch {
	case i.AgencyName != "":
		return i.assumeAgency(ctx)
	case i.method() == MethodToken:
		return i.useToken(ctx)
	default:
		return i.usePassword(ctx, i.projectScope(i.projectDomain()))
	}
}

// projectScope returns the scope of a token for the project. If the project is known only by its name, d is its domain.
func (o *Options) projectScope(d domain) map[string]any {
	project := map[string]any{"name": o.project(), "domain": d}
	if o.ProjectID != "" {
		project = map[string]any{"id": o.ProjectID}
	}
	return map[string]any{"project": project}
}

func (i *iam) usePassword(ctx context.Context, scope map[string]any) (*grant, error) {
	user := gophercloud.AuthOptions{UserID: i.UserID, Password: i.Password, Passcode: i.Passcode}
	if i.UserID == "" {
		d := i.userDomain()
		user.Username, user.DomainID, user.DomainName = i.UserName, d.ID, d.Name
	}
	return i.create(ctx, user, scope, i.rejectedPassword)
}

// useToken returns the configured token with its project and catalog. If the token is for no project, or for another project than
// the configured one, it exchanges the token.
func (i *iam) useToken(ctx context.Context) (*grant, error) {
	g, err := i.token(ctx, http.MethodGet, map[string]string{tokenHeader: i.Token, subjectHeader: i.Token}, nil, i.rejectedToken)
	if err != nil || i.isFor(g.Project) {
		return g, err
	}
	d := i.projectDomain()
	if d == (domain{}) {
		d.ID = g.User.Domain.ID
	}
	if i.ProjectID == "" && (i.project() == "" || d == (domain{})) {
		return g, nil
	}
	return i.create(ctx, gophercloud.AuthOptions{TokenID: i.Token}, i.projectScope(d), func(facts string, _ http.Header) *ConfigError {
		wanted := i.projectAttribute()
		return &ConfigError{
			Attribute: wanted, Summary: "IAM issued no token for the project",
			Detail: facts + "The token" + i.Sources.Of("token") + " is valid, but not for " + wanted + i.Sources.Of(wanted) +
				". Use the project of the token, or a token of a user who has access to this project.",
		}
	})
}

// isFor reports whether a token for the project is a token for the configured project.
func (o *Options) isFor(project tokens.Project) bool {
	switch d := o.projectDomain(); {
	case project.ID == "":
		return false
	case o.ProjectID != "":
		return o.ProjectID == project.ID
	case o.ProjectName == "":
		return true
	default:
		return o.ProjectName == project.Name &&
			(d.ID == "" || d.ID == project.Domain.ID) && (d.Name == "" || d.Name == project.Domain.Name)
	}
}

func (i *iam) create(ctx context.Context, identity gophercloud.AuthOptions, scope map[string]any, rejected rejection) (*grant, error) {
	body, err := identity.ToTokenV3CreateMap(scope)
	if err != nil {
		return nil, err
	}
	return i.token(ctx, http.MethodPost, nil, body, rejected)
}

const subjectHeader = "X-Subject-Token" // has the token that a request or a response is about

func (i *iam) token(ctx context.Context, method string, header map[string]string, body any, rejected rejection) (*grant, error) {
	var content struct{ Token grant }
	received, err := i.send(ctx, method, "auth/tokens", header, body, &content)
	if err != nil {
		return nil, i.explain(err, rejected)
	}
	g := &content.Token
	// Not every response to a GET has the token.
	if g.token = cmp.Or(header[subjectHeader], received.Get(subjectHeader)); g.token == "" {
		return nil, i.noToken(errors.New("the response has no " + subjectHeader))
	}
	i.Redactor.Add(g.token)
	return g, nil
}

func (o *Options) rejectedPassword(facts string, _ http.Header) *ConfigError {
	if flaw := Flaw(o.Password); flaw != "" {
		facts += "The password" + o.Sources.Of("password") + " " + flaw + ". Check that this is part of the password.\n\n"
	}
	detail := facts + "IAM doesn't report which of the user, the domain, the project and the password" + o.Sources.Of("password") +
		" is wrong. Check user_name, domain_name, tenant_name and password, or in the environment: OS_USERNAME, OS_USER_DOMAIN_NAME, OS_PROJECT_NAME and OS_PASSWORD."
	if o.Passcode != "" {
		detail += " A passcode" + o.Sources.Of("passcode") + " is valid for one token, and for 30 seconds."
	}
	return &ConfigError{Attribute: "password", Summary: "IAM rejected the user or the password", Detail: detail}
}

func (o *Options) rejectedToken(facts string, _ http.Header) *ConfigError {
	return &ConfigError{
		Attribute: "token", Summary: "IAM rejected the token",
		Detail: facts + "The token" + o.Sources.Of("token") + " expired, was revoked or is of another region. " + renewalHint,
	}
}

const renewalHint = "A token is valid for 24 hours, and the provider can't renew it without the credentials that it was issued for. " +
	"Get a new token, or configure a user and a password or an access key instead."

// tokenHint returns the meaning and the remedy if ModelArts rejects the token in use.
func (o *Options) tokenHint(http.Header) string {
	switch {
	case o.renewable():
		return "IAM issued a new token, and ModelArts rejected that token as well. Check that auth_url and endpoint are of the same region."
	case o.method() == MethodToken && o.AgencyName == "":
		return "The token" + o.Sources.Of("token") + " expired or was revoked. " + renewalHint
	case o.Passcode != "":
		return "The token expired or was revoked. The provider can't renew it, because the passcode is valid for one token. Run the command again with a new passcode."
	default:
		return fmt.Sprintf("The token expired or was revoked. The provider didn't renew it, because allow_reauth%s is false. Run the command again, or omit allow_reauth.", o.Sources.Of("allow_reauth"))
	}
}
