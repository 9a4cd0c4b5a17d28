// Package auth authenticates with IAM. It provides the project, the endpoint of ModelArts, and a round-tripper that adds the
// credentials to each request.
package auth

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// Options are the configuration of a session. Empty strings are unset. If a field is invalid, the Attribute of the *ConfigError is
// its attribute in the provider block.
type Options struct {
	AuthURL string // Keystone v3; default https://iam.{region}.otc.t-systems.com/v3
	Region  string // the default is the region in the name of the project or in AuthURL; see region

	ProjectID, ProjectName             string // the default is the default project of the region
	DomainID, DomainName               string // of the user
	ProjectDomainID, ProjectDomainName string // of the project; the default is the domain of the user

	UserID, UserName   string
	Password, Passcode string // Passcode is from a virtual MFA device, and valid for one token

	Token string

	AccessKey, SecretKey string
	SecurityToken        string // of a temporary AccessKey

	AgencyName                           string // to assume, with each of the methods above
	AgencyDomainID, AgencyDomainName     string // of the delegating domain
	DelegatedProjectID, DelegatedProject string // of the delegating domain; the default is the default project of the region

	Endpoint    string // of ModelArts; the default is from the catalog, or else by region
	AllowReauth bool   // renew a token that ModelArts rejects
	MaxRetries  int    // of one request to IAM
	UserAgent   string
	Transport   http.RoundTripper // sends requests; its TLS configuration is that of TLSConfig

	// Each is the path of a PEM file or the PEM itself.
	CACert    string // CA bundle that replaces the system's
	Cert, Key string // client certificate
	Insecure  bool   // accept plain http to any host, and any certificate of the server

	Redactor *sanitize.Redactor // removes credentials from foreign text; Open adds the credentials of the session

	Sources Sources  // origins of the values, for errors
	Unused  []string // ignored credentials, for errors

	OnAttempt func(context.Context, httpclient.Attempt) // called after every attempt of every request to IAM; nil for none
	OnEvent   func(ctx context.Context, event string)   // called when credentials are renewed or no longer used
}

// Session is the result of an authentication.
type Session struct {
	ProjectID      string
	Endpoint       *url.URL          // of ModelArts; see modelarts.NewClient
	EndpointSource string            // such as "OS_MODELARTS_ENDPOINT", "configuration", "catalog" or "region", for logs
	AuthURLSource  string            // such as "OS_AUTH_URL", "configuration", "default of region eu-de" or, without a request to IAM, ""
	Transport      http.RoundTripper // adds the credentials to each request
	Method         string            // MethodToken, MethodAccessKey or MethodPassword
	// AuthHint returns the remedy if ModelArts rejects the credentials. Its argument is the header of the response, which was just
	// received.
	AuthHint func(http.Header) string
}

// The methods in order of precedence, highest first.
const (
	MethodToken     = "token"
	MethodAccessKey = "access key"
	MethodPassword  = "password"
)

// method returns the method to use, or "" without credentials.
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

// Open authenticates. It sends no request if the options have a token or an access key, an endpoint and a project ID, and no agency.
// If the options are at fault, the error is a *ConfigError.
func Open(ctx context.Context, o Options) (*Session, error) {
	o.Redactor.Add(o.Password, o.Passcode, o.Token, o.AccessKey, o.SecretKey, o.SecurityToken)
	o.Redactor.Add(httpclient.ProxySecrets()...)
	session := &Session{Method: o.method()}
	if err := o.complete(session); err != nil {
		return nil, err
	}
	switch {
	case !o.needsIAM():
	case o.AuthURL != "":
		session.AuthURLSource = cmp.Or(o.Sources["auth_url"], "configuration")
	default:
		session.AuthURLSource = "default of region " + o.region()
	}
	var err error
	switch {
	case session.Method == MethodAccessKey && o.AgencyName == "":
		err = o.openAccessKey(ctx, session)
	case !o.needsIAM():
		session.ProjectID, session.Transport, session.AuthHint = o.ProjectID, o.newTokenTransport(o.Token, nil), o.tokenHint
	default:
		err = o.openToken(ctx, session)
	}
	if err != nil {
		return nil, err
	}
	if err := checkProxy(session.Endpoint); err != nil {
		return nil, err
	}
	if id := projectIn(session.Endpoint); id != "" && id != session.ProjectID {
		return nil, &ConfigError{
			Attribute: "endpoint", Summary: "The endpoint is of another project",
			Detail: fmt.Sprintf("The path of the endpoint (from %s) ends in the project ID %q, but the project in use is %q. Set endpoint without a project ID, "+
				"or correct tenant_id or tenant_name. With an agency, correct delegated_project.", session.EndpointSource, o.Redactor.Text(id, 100), session.ProjectID),
		}
	}
	return session, nil
}

// needsIAM reports whether the session needs a response of IAM.
func (o *Options) needsIAM() bool {
	return o.Endpoint == "" || o.ProjectID == "" || o.AgencyName != "" || o.method() == MethodPassword
}
