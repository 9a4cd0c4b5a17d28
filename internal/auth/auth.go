// Package auth finds out who we are for ModelArts: which project, at which
// endpoint, with which credentials on each request.
package auth

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Options say who we are. Empty strings are unset. The names of the fields'
// attributes are in ConfigError.Attribute when one of them is at fault.
type Options struct {
	AuthURL string // Keystone v3; default https://iam.{Region}.otc.t-systems.com/v3
	Region  string

	ProjectID, ProjectName string
	DomainID, DomainName   string
	UserID, UserName       string
	Password               string
	Token                  string
	Endpoint               string // ModelArts; default from the catalogue, else by region
	Insecure               bool   // plain http to any host, TLS certificates unchecked
	AllowReauth            bool   // renew a token that the service refuses
	MaxRetries             int    // of one request to IAM
	UserAgent              string
	Transport              http.RoundTripper // to the network
}

// ConfigError is a fault of the options, found before any call, or a refusal of
// IAM that one of them explains.
type ConfigError struct {
	Attribute string // the provider attribute at fault; empty when no single one is
	Summary   string
	Detail    string
}

// Error implements error.
func (e *ConfigError) Error() string { return e.Summary + ": " + e.Detail }

// Session is who we are, found out.
type Session struct {
	ProjectID string
	Endpoint  *url.URL          // of ModelArts, as configured or found; see modelarts.BaseURL
	Transport http.RoundTripper // puts the credentials on each request
	Method    string            // "token" or "password", for logs
}

// Open finds out who we are. With a token, an endpoint and a project id it makes
// no call. Errors are *ConfigError where the options can mend them.
func Open(ctx context.Context, o Options) (*Session, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	if o.static() {
		return o.openStatic()
	}
	return o.openKeystone(ctx)
}

// static tells whether IAM knows nothing that is not there already.
func (o *Options) static() bool {
	return o.Token != "" && o.Endpoint != "" && o.ProjectID != ""
}

// openStatic uses what is there and asks nobody.
func (o *Options) openStatic() (*Session, error) {
	endpoint, err := parseURL("endpoint", o.Endpoint, o.Insecure)
	if err != nil {
		return nil, err
	}
	return &Session{
		ProjectID: o.ProjectID,
		Endpoint:  endpoint,
		Transport: &transport{next: o.Transport, credentials: staticToken(o.Token)},
		Method:    "token",
	}, nil
}

// validate checks what can be checked without a call.
func (o *Options) validate() error {
	switch {
	case o.Token == "" && o.UserName == "" && o.UserID == "" && o.Password == "":
		return &ConfigError{
			Summary: "No credentials configured",
			Detail: "Set one of these, in the provider block or in the environment:\n" +
				"  - token (OS_TOKEN or OS_AUTH_TOKEN);\n" +
				"  - user_name (OS_USERNAME) or user_id (OS_USER_ID), with password (OS_PASSWORD) and " +
				"domain_name (OS_USER_DOMAIN_NAME) or domain_id (OS_USER_DOMAIN_ID).",
		}
	case strings.ContainsFunc(o.Token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return &ConfigError{
			Attribute: "token", Summary: "Invalid token",
			Detail: "It has a space, a line end or another character in it that no token has.",
		}
	case o.Token == "" && o.Password == "":
		return missing("password", "A user is configured, and no password.", "OS_PASSWORD")
	case o.Token == "" && o.UserName == "" && o.UserID == "":
		return missing("user_name", "A password is configured, and no user.", "OS_USERNAME, or user_id with OS_USER_ID")
	case o.Token == "" && o.UserID == "" && o.DomainName == "" && o.DomainID == "":
		return missing("domain_name", "A user name is unique within its domain alone.",
			"OS_USER_DOMAIN_NAME, or domain_id with OS_USER_DOMAIN_ID")
	case o.AuthURL == "" && o.Region == "" && !o.static():
		return missing("region", "Without a region the address of IAM is not known.", "OS_REGION_NAME, or auth_url with OS_AUTH_URL")
	case o.ProjectID == "" && o.project() == "" && o.Token == "":
		return missing("tenant_name", "Without a project there are no jobs to manage.",
			"OS_PROJECT_NAME, or tenant_id with OS_PROJECT_ID")
	case o.ProjectID == "" && o.project() != "" && o.DomainName == "" && o.DomainID == "":
		return missing("domain_name", "A project name is unique within its domain alone.",
			"OS_PROJECT_DOMAIN_NAME, or domain_id with OS_PROJECT_DOMAIN_ID, or tenant_id with OS_PROJECT_ID")
	}
	return nil
}

// project returns the name of the project to use. The default project of a
// domain has the name of its region.
func (o *Options) project() string {
	if o.ProjectName != "" || o.Token != "" {
		return o.ProjectName
	}
	return o.Region
}

func missing(attribute, why, variables string) error {
	return &ConfigError{
		Attribute: attribute,
		Summary:   "Missing " + attribute,
		Detail:    fmt.Sprintf("%s Set %s in the provider block, or in the environment: %s.", why, attribute, variables),
	}
}
