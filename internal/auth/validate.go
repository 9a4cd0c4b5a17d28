package auth

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// complete validates the options, and sets the configured endpoint of the session and the project. The project of an agency is one of
// the delegating domain, because the configured project is the user's own.
func (o *Options) complete(session *Session) error {
	if fault := cmp.Or(o.validateMethod(), o.validateAgency()); fault != nil {
		fault.Detail += o.unused()
		return fault
	}
	if o.AgencyName != "" {
		o.ProjectID, o.ProjectName = o.DelegatedProjectID, o.DelegatedProject
		o.ProjectDomainID, o.ProjectDomainName = o.AgencyDomainID, o.AgencyDomainName
	}
	if o.Endpoint != "" {
		var err error
		if session.Endpoint, err = o.parseURL("endpoint", o.Endpoint, o.Insecure); err != nil {
			return err
		}
		session.EndpointSource = cmp.Or(o.Sources["endpoint"], "configuration")
		if id := projectIn(session.Endpoint); isProjectID(id) && o.ProjectID == "" && o.ProjectName == "" && o.AgencyName == "" {
			o.ProjectID = id
		}
	}
	return o.validatePlace()
}

// Lacking returns the error of the first value that the login needs and that isn't set, or nil. An invalid value isn't lacking, and no
// agency is needed.
func (o *Options) Lacking() *ConfigError {
	complete := *o
	if fault, ok := errors.AsType[*ConfigError](complete.complete(&Session{})); ok && fault.Lacking {
		return fault
	}
	return nil
}

func (o *Options) validateMethod() *ConfigError {
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
	case method == MethodAccessKey && o.SecretKey == "":
		return missing("secret_key", "access_key"+o.Sources.Of("access_key")+" needs a secret_key.", "OS_SECRET_KEY")
	case method == MethodAccessKey && o.AccessKey == "":
		return missing("access_key", "secret_key"+o.Sources.Of("secret_key")+" needs an access_key.", "OS_ACCESS_KEY")
	case method == MethodAccessKey:
		return cmp.Or(o.validateSecret("access_key", o.AccessKey), o.validateSecret("secret_key", o.SecretKey),
			o.validateSecret("security_token", o.SecurityToken))
	case o.Password == "":
		return missing("password", "A user is configured"+cmp.Or(o.Sources.Of("user_name"), o.Sources.Of("user_id"))+", but no password.", "OS_PASSWORD")
	case o.UserName == "" && o.UserID == "":
		return missing("user_name", "A password is configured"+o.Sources.Of("password")+", but no user.",
			"OS_USERNAME, or user_id with OS_USER_ID")
	case o.UserID == "" && o.userDomain() == (domain{}):
		return missing("domain_name", "A user name is unique only within its domain.",
			"OS_USER_DOMAIN_NAME, or domain_id with OS_USER_DOMAIN_ID")
	}
	return nil
}

// validateSecret returns an error for characters that a secret can't have. They often come from copying. Such a value is invalid in a
// header, or results in wrong signatures.
func (o *Options) validateSecret(attribute, value string) *ConfigError {
	if !strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil
	}
	return invalid(attribute, "The value of %s%s contains a space, a line ending or another character that isn't allowed. Copy the value again.",
		attribute, o.Sources.Of(attribute))
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

func (o *Options) validateAgency() (fault *ConfigError) {
	hasDomain := o.AgencyDomainID != "" || o.AgencyDomainName != ""
	hasProject := o.DelegatedProjectID != "" || o.DelegatedProject != ""
	const noAgency = " belongs to an agency, but no agency is configured."
	switch {
	case o.AgencyName != "" && !hasDomain:
		fault = missing("agency_domain_name", "An agency is unique only within the domain that delegates.", "OS_AGENCY_DOMAIN_NAME")
	case o.AgencyName == "" && hasDomain:
		fault = missing("agency_name", "agency_domain_name"+o.Sources.Of("agency_domain_name")+noAgency, "OS_AGENCY_NAME")
	case o.AgencyName == "" && hasProject:
		fault = missing("agency_name", "delegated_project"+o.Sources.Of("delegated_project")+noAgency, "OS_AGENCY_NAME")
	default:
		return nil
	}
	fault.Lacking = false // A login needs no agency.
	return fault
}

// validatePlace checks that the options determine the address of IAM and the project.
func (o *Options) validatePlace() error {
	switch attribute := o.projectAttribute(); {
	case o.ProjectID != "" && !isProjectID(o.ProjectID):
		return invalid(attribute, "%.100q%s isn't a project ID, which has up to 64 letters, digits, _ and -.", o.ProjectID, o.Sources.Of(attribute))
	case !hostPattern.MatchString(o.Region):
		return invalid("region", "%.100q%s isn't the name of a region. Write a name such as eu-de.", o.Region, o.Sources.Of("region"))
	case !o.needsIAM():
		return nil
	case o.AuthURL == "" && o.region() == "":
		return missing("region", "Without a region, the provider doesn't know the address of IAM.",
			"OS_REGION_NAME, or auth_url with OS_AUTH_URL")
	case o.ProjectID != "" || o.AgencyName == "" && o.method() == MethodToken: // The token can have a project.
		return nil
	case o.project() == "":
		variables := map[string]string{"delegated_project": "OS_DELEGATED_PROJECT", "tenant_name": "OS_PROJECT_NAME, or tenant_id with OS_PROJECT_ID"}
		return missing(attribute, "Visualization jobs belong to a project, but no project is configured.", variables[attribute])
	case o.method() == MethodPassword && o.projectDomain() == (domain{}):
		return missing("domain_name", "A project name is unique only within its domain.",
			"OS_PROJECT_DOMAIN_NAME, or domain_id with OS_PROJECT_DOMAIN_ID, or tenant_id with OS_PROJECT_ID")
	}
	return nil
}

// projectIDPattern is wider than the documented form, which is 32 hexadecimal digits.
var projectIDPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// isProjectID reports whether id has the form of a project ID. The ID is in the path of each request and in the log, so it must not
// have other characters.
func isProjectID(id string) bool { return projectIDPattern.MatchString(id) }

// isSafeID reports whether the ID of a project or a domain from IAM has the form of a project ID, and contains no credential.
func (o *Options) isSafeID(id string) bool {
	return isProjectID(id) && string(o.Redactor.Text(id, len(id))) == id
}

// domain is a domain by its ID or its name.
type domain struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// domainOf returns a domain by its ID if there is one, because gophercloud doesn't accept both.
func domainOf(id, name string) domain {
	if id != "" {
		return domain{ID: id}
	}
	return domain{Name: name}
}

func (o *Options) userDomain() domain { return domainOf(o.DomainID, o.DomainName) }

// projectDomain returns the domain of the project. The default is the domain of the user.
func (o *Options) projectDomain() domain {
	return cmp.Or(domainOf(o.ProjectDomainID, o.ProjectDomainName), o.userDomain())
}

// project returns the name of the project to use. The default project of a region has the name of the region.
func (o *Options) project() string { return cmp.Or(o.ProjectName, o.region()) }

func (o *Options) projectAttribute() string {
	switch {
	case o.AgencyName != "":
		return "delegated_project"
	case o.ProjectID != "":
		return "tenant_id"
	default:
		return "tenant_name"
	}
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
	return cmp.Or(o.Region, submatch(regionPattern, o.ProjectName), strings.ToLower(submatch(documentedHost, o.AuthURL)))
}

func submatch(pattern *regexp.Regexp, s string) string {
	if found := pattern.FindStringSubmatch(s); found != nil {
		return found[1]
	}
	return ""
}

// unused returns a text about the ignored credentials, or "".
func (o *Options) unused() string {
	if len(o.Unused) == 0 {
		return ""
	}
	return " Ignored credentials: " + strings.Join(o.Unused, ", ") + " (a higher source takes precedence, or they belong to another user or key)."
}
