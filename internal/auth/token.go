package auth

import (
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
	project tokens.Project // empty for a token without a project
	user    tokens.User
	catalog tokens.ServiceCatalog
}

// tokenResult is a response of IAM as gophercloud returns it.
type tokenResult interface {
	gophercloud.AuthResult
	ExtractProject() (*tokens.Project, error)
	ExtractUser() (*tokens.User, error)
	ExtractServiceCatalog() (*tokens.ServiceCatalog, error)
}

func (o *Options) newGrant(result tokenResult) (*grant, error) {
	token, err := result.ExtractTokenID()
	if err != nil {
		return nil, o.noToken(err)
	}
	if token == "" {
		return nil, o.noToken(errors.New("the response has no X-Subject-Token"))
	}
	o.Redactor.Add(token)
	project, err := result.ExtractProject()
	if err != nil {
		return nil, o.noToken(err)
	}
	user, err := result.ExtractUser()
	if err != nil {
		return nil, o.noToken(err)
	}
	catalog, err := result.ExtractServiceCatalog()
	if err != nil {
		return nil, o.noToken(err)
	}
	g := &grant{token: token, catalog: *catalog}
	if project != nil {
		g.project = *project
	}
	if user != nil {
		g.user = *user
	}
	return g, nil
}

// openToken acquires a token, and sets the project, the endpoint and the transport of the session from the response of IAM.
func (o *Options) openToken(ctx context.Context, session *Session) error {
	var key *accessKey
	if session.Method == MethodAccessKey {
		key = o.newAccessKey()
	}
	client, err := o.newIAM(key)
	if err != nil {
		return err
	}
	issue := client.issuer()
	first, err := issue(ctx)
	if err != nil {
		return err
	}
	if id := first.project.ID; id != "" && !o.isSafeProjectID(id) {
		return o.noToken(errors.New("the project of the token has an invalid ID"))
	}
	if first.project.ID == "" {
		return missing("tenant_name", "The token isn't for a project.", "OS_PROJECT_NAME, or tenant_id with OS_PROJECT_ID")
	}
	session.ProjectID = first.project.ID
	store := &keystone{client: &gophercloud.ProviderClient{}, event: o.event}
	store.client.UseTokenLock()
	store.client.SetToken(first.token)
	if o.renewable() {
		store.renewWith(issue)
	}
	session.Transport = &transport{next: o.Transport, credentials: store}
	session.AuthHint = o.tokenHint
	region := o.region()
	if region == "" {
		region = regionOf(first.project.Name)
	}
	return client.findEndpoint(session, &first.catalog, region)
}

// issuer returns a function that acquires a token from IAM. Its errors are ready for the user.
func (i *iam) issuer() func(context.Context) (*grant, error) {
	switch o := i.options; {
	case o.AgencyName != "":
		return i.assumeAgency
	case o.method() == MethodToken:
		return i.useToken
	default:
		return func(ctx context.Context) (*grant, error) {
			return i.usePassword(ctx, o.projectScope(o.projectDomain()))
		}
	}
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

// projectScope returns the scope of a token for the project. If the project is known only by its name, d is its domain.
func (o *Options) projectScope(d domain) *gophercloud.AuthScope {
	id := o.ProjectID
	if o.AgencyName != "" {
		id = o.DelegatedProjectID
	}
	if id != "" {
		return &gophercloud.AuthScope{ProjectID: id}
	}
	return &gophercloud.AuthScope{ProjectName: o.project(), DomainID: d.id, DomainName: d.name}
}

// usePassword acquires a token with the password of the user.
func (i *iam) usePassword(ctx context.Context, scope *gophercloud.AuthScope) (*grant, error) {
	o := i.options
	options := &gophercloud.AuthOptions{
		UserID: o.UserID, Password: o.Password, Passcode: o.Passcode, Scope: scope,
	}
	if o.UserID == "" {
		d := o.userDomain()
		options.Username, options.DomainID, options.DomainName = o.UserName, d.id, d.name
	}
	return i.create(ctx, options, o.rejectedPassword)
}

// useToken returns the configured token with its project and catalog. If the token is for no project, or for another project than
// the configured one, it exchanges the token.
func (i *iam) useToken(ctx context.Context) (*grant, error) {
	o := i.options
	service, err := i.service(o.Token)
	if err != nil {
		return nil, err
	}
	result := tokens.Get(ctx, service, o.Token)
	if result.Err != nil {
		return nil, o.explain(result.Err, o.rejectedToken)
	}
	result.Header.Set("X-Subject-Token", o.Token) // Not every response has it.
	g, err := o.newGrant(result)
	if err != nil {
		return nil, err
	}
	if o.isFor(g.project) || o.AgencyName != "" {
		return g, nil
	}
	d := o.projectDomain()
	if d == (domain{}) {
		d = domain{id: g.user.Domain.ID}
	}
	scope := o.projectScope(d)
	if scope.ProjectID == "" && (scope.ProjectName == "" || d == (domain{})) {
		return g, nil
	}
	return i.create(ctx, &gophercloud.AuthOptions{TokenID: o.Token, Scope: scope}, func(facts string, _ http.Header) *ConfigError {
		wanted := "tenant_name"
		if o.ProjectID != "" {
			wanted = "tenant_id"
		}
		return &ConfigError{
			Attribute: wanted, Summary: "IAM issued no token for the project",
			Detail: facts + "The token" + o.Sources.Of("token") + " is valid, but not for " + wanted + o.Sources.Of(wanted) +
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
			(d.id == "" || d.id == project.Domain.ID) && (d.name == "" || d.name == project.Domain.Name)
	}
}

// create acquires a new token. The parameter refused returns the error of a 401.
func (i *iam) create(
	ctx context.Context, options tokens.AuthOptionsBuilder, refused func(string, http.Header) *ConfigError,
) (*grant, error) {
	service, err := i.service("")
	if err != nil {
		return nil, err
	}
	result := tokens.Create(ctx, service, options)
	if result.Err != nil {
		return nil, i.options.explain(result.Err, refused)
	}
	return i.options.newGrant(result)
}

// noToken returns the error of a response without a usable token.
func (o *Options) noToken(err error) error {
	return fmt.Errorf("IAM returned no usable token (%w). Check that auth_url is the address of IAM, and that no proxy responds in its place", o.Redactor.Error(err))
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
