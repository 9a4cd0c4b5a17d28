// Package auth finds out who we are for ModelArts: which project, at which
// endpoint, with which credentials on each request.
package auth

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// Options say who we are. Empty strings are unset. ConfigError.Attribute names the
// provider attribute of the field at fault.
type Options struct {
	AuthURL string // Keystone v3; default https://iam.{region}.otc.t-systems.com/v3
	Region  string // default is that of the project's name or of AuthURL, see region

	ProjectID, ProjectName             string // default is the region's project
	DomainID, DomainName               string // of the user
	ProjectDomainID, ProjectDomainName string // of the project; default is the user's

	UserID, UserName   string
	Password, Passcode string // Passcode is of a virtual MFA device, and good for one token

	Token string

	AccessKey, SecretKey string
	SecurityToken        string // comes with a temporary AccessKey

	AgencyName                           string // to act as, on top of any of the above
	AgencyDomainID, AgencyDomainName     string // of the one who delegates
	DelegatedProjectID, DelegatedProject string // of the one who delegates; default is the region's

	Endpoint    string // ModelArts; default from the catalog, else by region
	AllowReauth bool   // renew a token that the service refuses
	MaxRetries  int    // of one request
	UserAgent   string
	Transport   http.RoundTripper // to the network; TLSConfig is for it

	// Each is the path of a PEM file or the PEM itself.
	CACert    string // CA bundle that replaces the system's
	Cert, Key string // of the client
	Insecure  bool   // plain http to any host, and any certificate of the server

	// Redactor removes credentials from foreign text. Open adds those of the session. Nil is a new one.
	Redactor *sanitize.Redactor

	Sources Sources  // for what errors say
	Unused  []string // credentials that were found and are not used, for the same
	// OnCall, unless nil, is called after every attempt of every request to IAM.
	OnCall func(context.Context, httpclient.Call)
	// OnEvent, unless nil, is called when credentials are renewed or given up.
	OnEvent func(ctx context.Context, event string)
}

func (o *Options) event(ctx context.Context, event string) {
	if o.OnEvent != nil {
		o.OnEvent(ctx, event)
	}
}

// ConfigError is a fault of the options, found before any call, or a refusal of
// IAM that one of them explains.
type ConfigError struct {
	Attribute string // the provider attribute at fault; empty when no single one is
	Summary   string
	Detail    string
	Lacking   bool // whether a value isn't set that the login needs
}

// Error implements error.
func (e *ConfigError) Error() string { return e.Summary + ": " + e.Detail }

// Session is who we are, found out.
type Session struct {
	ProjectID      string
	Endpoint       *url.URL          // of ModelArts, as configured or found; see modelarts.NewClient
	EndpointSource string            // "configuration", "catalog" or "region", for logs
	AuthURLSource  string            // "configuration", "default of region eu-de" or, without a request to IAM, "", for logs
	Transport      http.RoundTripper // puts the credentials on each request
	Method         string            // MethodToken, MethodAccessKey or MethodPassword
	Agency         bool              // whether the method's owner acts as an agency
	// AuthHint returns the remedy for a refusal of the credentials. Its argument is the header of the response,
	// which was just received.
	AuthHint func(http.Header) string
}

// The methods, in the order in which they go before each other.
const (
	MethodToken     = "token"
	MethodAccessKey = "access key"
	MethodPassword  = "password"
)

// method is the method to use. It is empty when there are no credentials.
func (o *Options) method() string {
	switch {
	case o.Token != "":
		return MethodToken
	case o.AccessKey != "" || o.SecretKey != "":
		return MethodAccessKey
	case o.UserName != "" || o.UserID != "" || o.Password != "":
		return MethodPassword
	default:
		return ""
	}
}

// Open finds out who we are. With a token or an access key, an endpoint and a
// project id, and no agency, it makes no call. Errors are *ConfigError where the
// options are at fault.
func Open(ctx context.Context, o Options) (*Session, error) {
	if err := o.validateMethod(); err != nil {
		return nil, o.withUnused(err)
	}
	if err := o.validateAgency(); err != nil {
		return nil, o.withUnused(err)
	}
	if o.Redactor == nil {
		o.Redactor = &sanitize.Redactor{}
	}
	o.Redactor.Add(o.Password, o.Passcode, o.Token, o.AccessKey, o.SecretKey, o.SecurityToken)
	o.Redactor.Add(httpclient.ProxySecrets()...)
	session := &Session{Method: o.method(), Agency: o.AgencyName != ""}
	if o.Endpoint != "" {
		endpoint, err := o.configuredURL("endpoint", o.Endpoint)
		if err != nil {
			return nil, err
		}
		if id := projectIn(endpoint); id != "" && !IsProjectID(id) {
			return nil, o.withSource(&ConfigError{
				Attribute: "endpoint", Summary: "Invalid endpoint",
				Detail: fmt.Sprintf("The path of endpoint ends in %.100q, which isn't a project ID. End the path at /v1, or write the ID of your project.", id),
			})
		}
		session.Endpoint, session.EndpointSource = endpoint, "configuration"
		o.useProjectOf(endpoint)
	}
	if err := o.validatePlace(); err != nil {
		return nil, err
	}
	switch {
	case o.AuthURL != "":
		session.AuthURLSource = "configuration"
	case !o.needsNoIAM():
		session.AuthURLSource = "default of region " + o.region()
	}
	if err := o.open(ctx, session); err != nil {
		return nil, err
	}
	if err := o.checkEndpoint(session); err != nil {
		return nil, err
	}
	return session, nil
}

// open finds out what the session lacks, with the one method to use.
func (o *Options) open(ctx context.Context, session *Session) error {
	switch {
	case session.Method == MethodAccessKey && !session.Agency:
		return o.openAccessKey(ctx, session)
	case session.Method == MethodToken && o.needsNoIAM():
		o.openStatic(session)
		return nil
	default:
		return o.openToken(ctx, session)
	}
}

// checkEndpoint refuses an endpoint that ends in the id of another project.
func (o *Options) checkEndpoint(s *Session) error {
	other := projectIn(s.Endpoint)
	if other == "" || other == s.ProjectID {
		return nil
	}
	wanted := "tenant_id or tenant_name"
	if s.Agency {
		wanted = "delegated_project"
	}
	err := &ConfigError{
		Attribute: "endpoint", Summary: "The endpoint is of another project",
		Detail: fmt.Sprintf("The path of endpoint ends in the project ID %q, but the project in use is %q. "+
			"Remove the project ID from endpoint, or correct %s.", o.Redactor.Text(other, 100), s.ProjectID, wanted),
	}
	if s.EndpointSource == "catalog" {
		return o.unusableCatalog(err.Detail)
	}
	return err
}

// needsNoIAM reports whether the session needs nothing from IAM.
func (o *Options) needsNoIAM() bool {
	return o.Endpoint != "" && o.ProjectID != "" && o.AgencyName == "" && o.method() != MethodPassword
}

// openStatic uses a token without a request to IAM.
func (o *Options) openStatic(session *Session) {
	session.ProjectID = o.ProjectID
	session.Transport = &transport{next: o.Transport, credentials: staticToken(o.Token)}
	session.AuthHint = o.tokenHint
}
