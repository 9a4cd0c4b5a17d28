package provider

import (
	"cmp"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// settings parses values, and collects the errors of invalid values.
type settings struct {
	values  source
	origins auth.Sources // of the values that aren't from the provider block
	errs    []error
}

// clientConfig is the configuration of a client.
type clientConfig struct {
	auth                  auth.Options // MaxRetries applies to ModelArts as well
	maxConcurrentRequests int
}

// resolve returns the configuration of the client. Precedence of the sources, highest first: provider block, the cloud that the block names,
// environment, the cloud that OS_CLOUD names. The last one is a fallback: it is read only if the login lacks a value that has no default,
// because an unrelated OS_CLOUD must not change the project. An empty cloud in the block disables the fallback.
func resolve(configuration map[string]string) (*clientConfig, []error) {
	block, env := newSource(value{}, configuration), fromEnvironment()
	block[projectDomainID], block[projectDomainName] = block["domain_id"], block["domain_name"]
	name, named := configuration["cloud"]
	found := sources{block, env}
	if name != "" {
		cloud, err := fromCloud(name)
		if err != nil {
			return nil, []error{err}
		}
		found = sources{block, cloud, env}
	}
	config, errs := found.resolve()
	lacking := config.auth.Lacking()
	if fallback := env["cloud"].text; !named && fallback != "" && lacking != nil && len(errs) == 0 {
		name = fallback
		cloud, err := fromCloud(name)
		if err != nil {
			err.Detail += " OS_CLOUD names this cloud, and the provider reads it because of another error: " + lacking.Summary +
				`. To ignore OS_CLOUD, set cloud = "" and the missing value in the provider block.`
			return nil, []error{err}
		}
		found = append(found, cloud)
		if err := found.merge().checkTrust(name); err != nil {
			return nil, []error{err}
		}
		config, errs = found.resolve()
	}
	if _, ok := found.method(); !ok && name != "" {
		c, err := openCloud(name)
		if err == nil {
			errs = append(errs, &auth.ConfigError{
				Attribute: "cloud", Summary: "No credentials configured",
				Detail: fmt.Sprintf("The %s %s. The provider block and the environment have no credentials either. Write credentials under \"auth\", or set them in the provider block or in the environment.", c.public.origin, c.noCredentials()),
			})
		}
	}
	return config, errs
}

// fromCloud returns the values of a cloud in clouds.yaml.
func fromCloud(name string) (source, *auth.ConfigError) {
	values, err := readCloud(name)
	if err == nil {
		return values, nil
	}
	detail := sanitize.Capitalize(err.Error()) + "."
	if flaw := auth.Flaw(name); flaw != "" {
		detail += " The name " + flaw + "."
	}
	return nil, &auth.ConfigError{Attribute: "cloud", Summary: cannotUse(name), Detail: detail}
}

func cannotUse(cloud string) string { return "Could not use cloud " + strconv.Quote(cloud) }

// resolve returns the configuration from some sources.
func (found sources) resolve() (*clientConfig, []error) {
	merged := found.merge()
	s := &settings{values: merged, origins: auth.Sources{}}
	config := &clientConfig{
		auth: auth.Options{
			AuthURL:            s.text("auth_url"),
			Region:             s.text("region"),
			ProjectID:          s.text("tenant_id"),
			ProjectName:        s.text("tenant_name"),
			DomainID:           s.text("domain_id"),
			DomainName:         s.text("domain_name"),
			ProjectDomainID:    s.text(projectDomainID),
			ProjectDomainName:  s.text(projectDomainName),
			UserID:             s.text("user_id"),
			UserName:           s.text("user_name"),
			Password:           s.text("password"),
			Passcode:           s.text("passcode"),
			Token:              s.text("token"),
			AccessKey:          s.text("access_key"),
			SecretKey:          s.text("secret_key"),
			SecurityToken:      s.text("security_token"),
			AgencyName:         s.text("agency_name"),
			AgencyDomainID:     s.text(agencyDomainID),
			AgencyDomainName:   s.text("agency_domain_name"),
			DelegatedProjectID: s.text(delegatedProjectID),
			DelegatedProject:   s.text("delegated_project"),
			Endpoint:           s.text("endpoint"),
			CACert:             s.text("cacert_file"),
			Cert:               s.text("cert"),
			Key:                s.text("key"),
			Insecure:           s.boolean("insecure", false),
			AllowReauth:        s.boolean("allow_reauth", true),
			MaxRetries:         s.number("max_retries", modelarts.DefaultMaxRetries, 0, maxRetriesLimit),
			Sources:            s.origins,
			Unused:             found.unused(merged),
		},
		maxConcurrentRequests: s.number("max_concurrent_requests", modelarts.DefaultMaxConcurrentRequests, 1, maxConcurrentRequestsLimit),
	}
	return config, s.errs
}

// written returns the configured attributes of the provider block as text.
func written(block types.Object) map[string]string {
	configured := map[string]string{}
	for attribute, value := range block.Attributes() {
		if text, ok := value.(types.String); ok && !value.IsNull() {
			configured[attribute] = text.ValueString()
		} else if !value.IsNull() {
			configured[attribute] = value.String()
		}
	}
	return configured
}

// fromEnvironment returns the values of the environment variables. It uses the ID and the name of a domain as a pair, because
// OS_PROJECT_DOMAIN_ID must not take precedence over OS_USER_DOMAIN_NAME.
func fromEnvironment() source {
	s := source{}
	for attribute, variables := range environment {
		s[attribute] = variable(variables...)
	}
	domain := func(kind string) [2]value {
		return [2]value{variable("OS_" + kind + "DOMAIN_ID"), variable("OS_" + kind + "DOMAIN_NAME")}
	}
	user, project := domains(domain("USER_"), domain("PROJECT_"), cmp.Or(domain(""), [2]value{{}, variable("OS_DEFAULT_DOMAIN")}))
	s["domain_id"], s["domain_name"] = user[0], user[1]
	s[projectDomainID], s[projectDomainName] = project[0], project[1]
	return s
}

// domains returns the domains of the user and the project of one source. A source can have one domain for both.
func domains[T comparable](user, project, both T) (T, T) {
	var none T
	user = cmp.Or(user, project, both)
	if both != none {
		project = cmp.Or(project, user)
	}
	return user, project
}

// variable returns the value of the first environment variable that is set.
func variable(names ...string) value {
	for _, name := range names {
		if text := os.Getenv(name); text != "" {
			return value{text: text, origin: name}
		}
	}
	return value{}
}

// text returns the value of an attribute, and records its origin. A value that begins or ends with a space, a quote or a line ending is an error,
// except for PEM and for a password.
func (s *settings) text(attribute string) string {
	value := s.values[attribute]
	if value.text != "" && value.origin != "" {
		s.origins[attribute] = value.origin
	}
	flaw := auth.Flaw(value.text)
	if flaw == "" || attribute == "password" || strings.Contains(value.text, "-----BEGIN") {
		return value.text
	}
	s.invalid(attribute, fmt.Sprintf("The value of %s%s %s.", attribute, s.origins.Of(attribute), flaw))
	return ""
}

// invalid adds the error of an invalid value.
func (s *settings) invalid(attribute, detail string) {
	s.errs = append(s.errs, &auth.ConfigError{Attribute: attribute, Summary: "Invalid " + attribute, Detail: detail})
}

func (s *settings) boolean(attribute string, defaultValue bool) bool {
	value := s.text(attribute)
	if value == "" {
		return defaultValue
	}
	parsed, err := strconv.ParseBool(value)
	if err != nil {
		s.invalid(attribute, fmt.Sprintf("The value %.100q of %s%s is neither true nor false.", value, attribute, s.origins.Of(attribute)))
	}
	return parsed
}

func (s *settings) number(attribute string, defaultValue, minimum, maximum int) int {
	value := s.text(attribute)
	if value == "" {
		return defaultValue
	}
	parsed, err := strconv.Atoi(value)
	if err != nil || parsed < minimum || parsed > maximum {
		s.invalid(attribute, fmt.Sprintf("The value %.100q of %s%s isn't a whole number from %d to %d.", value, attribute, s.origins.Of(attribute), minimum, maximum))
	}
	return parsed
}
