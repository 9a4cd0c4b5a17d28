package auth

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// validateMethod checks the credentials of the method. Its errors are *ConfigError.
func (o *Options) validateMethod() error {
	method := o.method()
	switch {
	case o.SecurityToken != "" && method != MethodToken && method != MethodAccessKey:
		return missing("access_key", "security_token"+o.Sources.Of("security_token")+
			" belongs to a temporary access key, but no access key is configured.", "OS_ACCESS_KEY")
	case method == "":
		return &ConfigError{
			Lacking: true,
			Summary: "No credentials configured",
			Detail: "Set one of these in the provider block or in the environment. The provider uses the first one that is set:\n" +
				"  - token (OS_TOKEN or OS_AUTH_TOKEN);\n" +
				"  - access_key (OS_ACCESS_KEY) with secret_key (OS_SECRET_KEY), and security_token (OS_SECURITY_TOKEN) " +
				"for a temporary key;\n" +
				"  - user_name (OS_USERNAME) or user_id (OS_USER_ID), with password (OS_PASSWORD) and " +
				"domain_name (OS_USER_DOMAIN_NAME) or domain_id (OS_USER_DOMAIN_ID);\n" +
				"  - cloud (OS_CLOUD), the name of a cloud in clouds.yaml that has one of these.",
		}
	case method == MethodToken:
		return o.validateSecret("token", o.Token)
	case method == MethodAccessKey:
		return o.validateAccessKey()
	case o.Password == "":
		return missing("password", "A user is configured"+o.Sources.Of("user_name", "user_id")+", but no password.", "OS_PASSWORD")
	case o.UserName == "" && o.UserID == "":
		return missing("user_name", "A password is configured"+o.Sources.Of("password")+", but no user.",
			"OS_USERNAME, or user_id with OS_USER_ID")
	case o.UserID == "" && o.DomainName == "" && o.DomainID == "":
		return missing("domain_name", "A user name is unique only within its domain.",
			"OS_USER_DOMAIN_NAME, or domain_id with OS_USER_DOMAIN_ID")
	}
	return nil
}

func (o *Options) validateAccessKey() error {
	switch {
	case o.SecretKey == "":
		return missing("secret_key", "access_key"+o.Sources.Of("access_key")+" needs a secret_key.", "OS_SECRET_KEY")
	case o.AccessKey == "":
		return missing("access_key", "secret_key"+o.Sources.Of("secret_key")+" needs an access_key.", "OS_ACCESS_KEY")
	}
	for _, part := range [][2]string{
		{"access_key", o.AccessKey}, {"secret_key", o.SecretKey}, {"security_token", o.SecurityToken},
	} {
		if err := o.validateSecret(part[0], part[1]); err != nil {
			return err
		}
	}
	return nil
}

// validateSecret returns an error for characters that a secret can't have. They often come from copying. Such a value is invalid in a
// header, or results in wrong signatures.
func (o *Options) validateSecret(attribute, value string) error {
	if !strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil
	}
	return &ConfigError{
		Attribute: attribute, Summary: "Invalid " + attribute,
		Detail: "The value of " + attribute + o.Sources.Of(attribute) +
			" contains a space, a line ending or another character that isn't allowed. Copy the value again.",
	}
}

// Flaw describes a space, a quote or a line ending at the beginning or the end of a value, for example "ends with a space". It returns
// "" if there is none, and never quotes the rest of the value.
func Flaw(value string) string {
	first, _ := utf8.DecodeRuneInString(value)
	last, _ := utf8.DecodeLastRuneInString(value)
	for _, end := range []struct {
		verb string
		rune rune
	}{{"begins", first}, {"ends", last}} {
		switch {
		case strings.ContainsRune("\r\n", end.rune):
			return fmt.Sprintf("%s with a line ending (%+q)", end.verb, end.rune)
		case unicode.IsSpace(end.rune):
			return end.verb + " with a space"
		case strings.ContainsRune("\"'`“”‘’", end.rune):
			return end.verb + " with a quote"
		}
	}
	return ""
}

func (o *Options) validateAgency() error {
	switch {
	case o.AgencyName == "" && o.agencyDomain() == (domain{}) && o.DelegatedProjectID == "" && o.DelegatedProject == "":
		return nil
	case o.AgencyName == "":
		other := "agency_domain_name"
		if o.agencyDomain() == (domain{}) {
			other = "delegated_project"
		}
		return missing("agency_name", other+o.Sources.Of(other)+" belongs to an agency, but no agency is configured.", "OS_AGENCY_NAME")
	case o.agencyDomain() == (domain{}):
		return missing("agency_domain_name", "An agency is unique only within the domain that delegates.",
			"OS_AGENCY_DOMAIN_NAME")
	}
	return nil
}

// validatePlace checks that the options determine the address of IAM and the project. Its errors are *ConfigError.
func (o *Options) validatePlace() error {
	method := o.method()
	switch {
	case o.ProjectID != "" && !IsProjectID(o.ProjectID):
		return o.invalidProjectID("tenant_id", o.ProjectID)
	case o.DelegatedProjectID != "" && !IsProjectID(o.DelegatedProjectID):
		return o.invalidProjectID("delegated_project", o.DelegatedProjectID)
	case !hostPattern.MatchString(o.Region):
		return &ConfigError{
			Attribute: "region", Summary: "Invalid region",
			Detail: fmt.Sprintf("%.100q%s isn't the name of a region. Write a name such as eu-de.", o.Region, o.Sources.Of("region")),
		}
	case o.needsNoIAM():
		return nil
	case o.AuthURL == "" && o.region() == "":
		return missing("region", "Without a region, the provider doesn't know the address of IAM.",
			"OS_REGION_NAME, or auth_url with OS_AUTH_URL")
	case o.AgencyName != "" && o.DelegatedProjectID == "" && o.project() == "":
		return missing("delegated_project", "Visualization jobs belong to a project, but no project is configured.", "OS_DELEGATED_PROJECT")
	case o.ProjectID != "" || o.AgencyName != "" || method == MethodToken: // The token can have a project.
		return nil
	case o.project() == "":
		return missing("tenant_name", "Visualization jobs belong to a project, but no project is configured.",
			"OS_PROJECT_NAME, or tenant_id with OS_PROJECT_ID")
	case method == MethodPassword && o.projectDomain() == (domain{}):
		return missing("domain_name", "A project name is unique only within its domain.",
			"OS_PROJECT_DOMAIN_NAME, or domain_id with OS_PROJECT_DOMAIN_ID, or tenant_id with OS_PROJECT_ID")
	}
	return nil
}

func (o *Options) invalidProjectID(attribute, id string) error {
	return &ConfigError{
		Attribute: attribute, Summary: "Invalid " + attribute,
		Detail: NotAProjectID(id, o.Sources.Of(attribute)),
	}
}

// projectIDPattern is wider than the documented form, which is 32 hexadecimal digits.
var projectIDPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// IsProjectID reports whether id has the form of a project ID. The ID is in the path of each request and in the log, so it must not
// have other characters.
func IsProjectID(id string) bool { return projectIDPattern.MatchString(id) }

// NotAProjectID returns the text of an error for an id for which IsProjectID is false. The source, such as " (from OS_PROJECT_ID)",
// can be empty.
func NotAProjectID(id, source string) string {
	return fmt.Sprintf("%.100q%s isn't a project ID, which has up to 64 letters, digits, _ and -.", id, source)
}

// isSafeProjectID reports whether a project ID from IAM has the form of a project ID, and contains no credential.
func (o *Options) isSafeProjectID(id string) bool {
	return IsProjectID(id) && string(o.Redactor.Text(id, len(id))) == id
}

// Lacking returns the error of the first value that the login needs and that isn't set, or nil. An invalid value isn't lacking.
func (o *Options) Lacking() *ConfigError {
	complete := *o
	if endpoint, err := url.Parse(o.Endpoint); err == nil {
		complete.useProjectOf(endpoint)
	}
	err := complete.validateMethod()
	if err == nil {
		err = complete.validatePlace()
	}
	if lacking, ok := errors.AsType[*ConfigError](err); ok && lacking.Lacking {
		return lacking
	}
	return nil
}

// useProjectOf sets the project from the end of an endpoint, unless a project or an agency is set.
func (o *Options) useProjectOf(endpoint *url.URL) {
	if o.ProjectID == "" && o.ProjectName == "" && o.AgencyName == "" {
		o.ProjectID = projectIn(endpoint)
	}
}

// domain is a domain by its ID or its name.
type domain struct{ id, name string }

// userDomain returns the domain of the user by its ID or its name, because gophercloud doesn't accept both.
func (o *Options) userDomain() domain {
	if o.DomainID != "" {
		return domain{id: o.DomainID}
	}
	return domain{name: o.DomainName}
}

// projectDomain returns the domain of the project. The default is the domain of the user.
func (o *Options) projectDomain() domain {
	switch {
	case o.ProjectDomainID != "":
		return domain{id: o.ProjectDomainID}
	case o.ProjectDomainName != "":
		return domain{name: o.ProjectDomainName}
	default:
		return o.userDomain()
	}
}

func (o *Options) agencyDomain() domain {
	if o.AgencyDomainID != "" {
		return domain{id: o.AgencyDomainID}
	}
	return domain{name: o.AgencyDomainName}
}

// project returns the name of the project to use. The default project of a region has the name of the region. With an agency, the
// project is one of the delegating domain, because the configured project is the user's own.
func (o *Options) project() string {
	if o.AgencyName != "" {
		return cmp.Or(o.DelegatedProject, o.region())
	}
	return cmp.Or(o.ProjectName, o.region())
}

var (
	// regionPattern matches the region at the beginning of a project name. The name is the region alone, or continues with "_".
	regionPattern = regexp.MustCompile(`^([a-z]{2}-[a-z]{2,}[0-9]*)(_|$)`)
	// hostPattern matches a region that can be a part of a host name.
	hostPattern = regexp.MustCompile(`^[A-Za-z0-9_.-]*$`)
	// documentedHost is from "Regions and Endpoints" in the API reference.
	documentedHost = regexp.MustCompile(`(?i)^https://iam\.([a-z0-9-]+)\.otc\.t-systems\.com(:443)?(/|$)`)
)

// region returns the configured region, or else the region in the project name or in the address of IAM, because provider blocks of
// the opentelekomcloud provider can lack a region. It returns "" if the region is unknown.
func (o *Options) region() string {
	if o.Region != "" {
		return o.Region
	}
	name := o.ProjectName
	if o.AgencyName != "" {
		name = o.DelegatedProject
	}
	return cmp.Or(regionOf(name), strings.ToLower(submatch(documentedHost, o.AuthURL)))
}

func regionOf(projectName string) string { return submatch(regionPattern, projectName) }

func submatch(pattern *regexp.Regexp, s string) string {
	if found := pattern.FindStringSubmatch(s); found != nil {
		return found[1]
	}
	return ""
}

// Sources has the origin of the value of each attribute, such as "OS_TOKEN". It lacks the attributes that the provider block sets.
type Sources map[string]string

// Of returns a text such as " (from OS_TOKEN)" for the first of the attributes that has an origin, or "".
func (s Sources) Of(attributes ...string) string {
	for _, attribute := range attributes {
		if source := s[attribute]; source != "" {
			return " (from " + source + ")"
		}
	}
	return ""
}

// withUnused adds the ignored credentials to an error about a missing value.
func (o *Options) withUnused(err error) error {
	if fault, ok := errors.AsType[*ConfigError](err); ok && fault.Lacking {
		fault.Detail += o.unused()
	}
	return err
}

func (o *Options) unused() string {
	if len(o.Unused) == 0 {
		return ""
	}
	return " Ignored credentials: " + strings.Join(o.Unused, ", ") + " (a higher source takes precedence, or they belong to another user or key)."
}

func missing(attribute, why, variables string) error {
	return &ConfigError{
		Attribute: attribute,
		Lacking:   true,
		Summary:   "Missing " + attribute,
		Detail:    fmt.Sprintf("%s Set %s in the provider block, or in the environment: %s.", why, attribute, variables),
	}
}
