package provider

import (
	"fmt"
	"os"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/printable"
)

// settings merges the configuration, the environment and a cloud of clouds.yaml,
// in this order of precedence. An empty string is unset, in HCL as in the
// environment and in a file: mostly it is a variable without a value.
type settings struct {
	configuration map[string]string // by attribute, as are all
	cloud         map[string]string
	cloudName     string // where cloud is from, for messages
	sources       auth.Sources
	diags         diag.Diagnostics
}

// clientConfig is what there is to know for a client.
type clientConfig struct {
	auth                  auth.Options // its MaxRetries are also of a request to ModelArts
	maxConcurrentRequests int
}

// resolve finds out what to make a client with, from what is configured and what is not.
func resolve(configuration map[string]string) (*clientConfig, diag.Diagnostics) {
	s := &settings{configuration: configuration, sources: auth.Sources{}}
	if cloud := s.text("cloud"); cloud != "" {
		var err error
		if s.cloud, s.cloudName, err = readCloud(cloud); err != nil {
			s.diags.AddAttributeError(path.Root("cloud"), "Cannot use the cloud "+strconv.Quote(cloud),
				printable.Capitalised(err.Error())+"."+s.from("cloud"))
			return nil, s.diags
		}
	}
	config := &clientConfig{
		auth: auth.Options{
			AuthURL:       s.text("auth_url"),
			Region:        s.text("region"),
			Password:      s.text("password"),
			Passcode:      s.text("passcode"),
			Token:         s.text("token"),
			AccessKey:     s.text("access_key"),
			SecretKey:     s.text("secret_key"),
			SecurityToken: s.text("security_token"),
			AgencyName:    s.text("agency_name"),
			Endpoint:      s.text("endpoint"),
			CACert:        s.text("cacert_file"),
			Cert:          s.text("cert"),
			Key:           s.text("key"),
			Insecure:      s.boolean("insecure", false),
			AllowReauth:   s.boolean("allow_reauth", true),
			MaxRetries:    s.number("max_retries", modelarts.DefaultMaxRetries, 0, maxRetriesLimit),
			Sources:       s.sources,
		},
		maxConcurrentRequests: s.number("max_concurrent_requests", modelarts.DefaultMaxConcurrentRequests, 1, maxConcurrentRequestsLimit),
	}
	options := &config.auth
	if s.isOfCloud("security_token") && options.AccessKey != "" && !s.isOfCloud("access_key") {
		options.SecurityToken = "" // it belongs to the key of the cloud, which is not used
	}
	options.ProjectID, options.ProjectName = s.pair("tenant_id", "tenant_name")
	options.UserID, options.UserName = s.pair("user_id", "user_name")
	options.DomainID, options.DomainName = s.userDomain()
	options.ProjectDomainID, options.ProjectDomainName = s.projectDomain()
	options.AgencyDomainID, options.AgencyDomainName = s.pair(agencyDomainID, "agency_domain_name")
	options.DelegatedProjectID, options.DelegatedProject = s.pair(delegatedProjectID, "delegated_project")
	return config, s.diags
}

// written returns the attributes of the provider block that are configured.
func written(block types.Object) map[string]string {
	configured := map[string]string{}
	for attribute, value := range block.Attributes() {
		if text, ok := value.(types.String); ok {
			configured[attribute] = text.ValueString()
		} else if !value.IsNull() {
			configured[attribute] = value.String()
		}
	}
	return configured
}

// variable returns the first variable of an attribute that is set.
func variable(attribute string) (name, value string) {
	for _, name := range environment[attribute] {
		if value := os.Getenv(name); value != "" {
			return name, value
		}
	}
	return "", ""
}

// text returns the value of an attribute, and notes where it is from.
func (s *settings) text(attribute string) string {
	if value := s.configuration[attribute]; value != "" {
		return value
	}
	if name, value := variable(attribute); name != "" {
		s.note(attribute, name)
		return value
	}
	return s.cloudText(attribute)
}

// note keeps where the value of an attribute is from, unless that is empty.
func (s *settings) note(attribute, source string) {
	if source != "" {
		s.sources[attribute] = source
	}
}

func (s *settings) cloudText(attribute string) string {
	value := s.cloud[attribute]
	if value != "" {
		s.note(attribute, s.cloudName)
	}
	return value
}

func (s *settings) isOfCloud(attribute string) bool {
	return s.cloud != nil && s.sources[attribute] == s.cloudName
}

// pair returns the id and the name of one thing, both from the first source that
// has either: the id of a variable must not go before a configured name.
func (s *settings) pair(id, name string) (idValue, nameValue string) {
	if s.configuration[id] != "" || s.configuration[name] != "" {
		return s.configuration[id], s.configuration[name]
	}
	idVariable, idValue := variable(id)
	nameVariable, nameValue := variable(name)
	if idVariable == "" && nameVariable == "" {
		return s.cloudText(id), s.cloudText(name)
	}
	s.note(id, idVariable)
	s.note(name, nameVariable)
	return idValue, nameValue
}

// userDomain is pair for the domain of the user, for which the variables go two by
// two: OS_PROJECT_DOMAIN_ID must not go before OS_USER_DOMAIN_NAME.
func (s *settings) userDomain() (id, name string) {
	if s.hasDomain() {
		return s.pair("domain_id", "domain_name")
	}
	ids := environment["domain_id"]
	for i, nameVariable := range environment["domain_name"] {
		idVariable := ""
		if i < len(ids) {
			idVariable = ids[i]
		}
		id, name = os.Getenv(idVariable), os.Getenv(nameVariable)
		if id == "" && name == "" {
			continue
		}
		if id != "" {
			s.note("domain_id", idVariable)
		}
		if name != "" {
			s.note("domain_name", nameVariable)
		}
		return id, name
	}
	return s.cloudText("domain_id"), s.cloudText("domain_name")
}

// projectDomain returns the domain of the project where one is named that need not
// be the user's: the configuration has one for both.
func (s *settings) projectDomain() (id, name string) {
	if s.hasDomain() {
		return "", ""
	}
	if id, name = os.Getenv("OS_PROJECT_DOMAIN_ID"), os.Getenv("OS_PROJECT_DOMAIN_NAME"); id != "" || name != "" {
		return id, name
	}
	for _, both := range []string{"OS_DOMAIN_ID", "OS_DOMAIN_NAME", "OS_DEFAULT_DOMAIN"} {
		if os.Getenv(both) != "" {
			return "", ""
		}
	}
	return s.cloud[projectDomainID], s.cloud[projectDomainName]
}

func (s *settings) hasDomain() bool {
	return s.configuration["domain_id"] != "" || s.configuration["domain_name"] != ""
}

func (s *settings) boolean(attribute string, defaultValue bool) bool {
	value := s.text(attribute)
	if value == "" {
		return defaultValue
	}
	parsed, err := strconv.ParseBool(value)
	if err != nil {
		s.diags.AddAttributeError(path.Root(attribute), "Invalid "+attribute,
			fmt.Sprintf("%.100q is neither true nor false.", value)+s.from(attribute))
	}
	return parsed
}

func (s *settings) number(attribute string, defaultValue, lowest, highest int) int {
	value := s.text(attribute)
	if value == "" {
		return defaultValue
	}
	parsed, err := strconv.Atoi(value)
	if err != nil || parsed < lowest || parsed > highest {
		s.diags.AddAttributeError(path.Root(attribute), "Invalid "+attribute,
			fmt.Sprintf("%.100q is not a whole number from %d to %d.", value, lowest, highest)+s.from(attribute))
	}
	return parsed
}

// from is a sentence that says where a value is from, unless it is configured.
func (s *settings) from(attribute string) string {
	if source := s.sources[attribute]; source != "" {
		return " It comes from " + source + "."
	}
	return ""
}
