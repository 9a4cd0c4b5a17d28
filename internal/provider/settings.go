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

// parser parses values, and collects the errors of invalid values.
type parser struct {
	values  source
	origins auth.Sources // of the values; empty texts for the provider block
	errs    []error
}

type clientConfig struct {
	auth                  auth.Options // MaxRetries applies to ModelArts as well
	maxConcurrentRequests int
}

// resolve returns the configuration of the client. Precedence of the sources, highest first: provider block, the cloud that the block names,
// environment, the cloud that OS_CLOUD names. The last one is a fallback: it is read only if the login lacks a value that has no default,
// because an unrelated OS_CLOUD must not change the project. An empty cloud in the block disables the fallback.
func resolve(block source) (*clientConfig, []error) {
	env := fromEnvironment()
	config, errs := sources{block, env}.resolve()
	named, inBlock := block["cloud"]
	lacking := config.auth.Lacking()
	isFallback := !inBlock && lacking != nil && len(errs) == 0
	if isFallback {
		named = env["cloud"]
	}
	name := named.text
	if name == "" {
		return config, errs
	}
	c, err := readCloud(name)
	if err != nil {
		detail := sanitize.Capitalize(err.Error()) + "."
		if flaw := auth.Flaw(name); flaw != "" {
			detail += " The name " + flaw + "."
		}
		if isFallback {
			detail += "\n\nThe provider reads the cloud that OS_CLOUD names only because the login lacks something: " + lacking.Summary +
				". If you set that in the provider block or in the environment, the provider ignores OS_CLOUD."
		}
		return nil, []error{unusableCloud(name, detail)}
	}
	found := sources{block, c.settings(), env}
	if isFallback {
		found = sources{block, env, c.settings()}
		if detail := found.merge().distrusted(name); detail != "" {
			return nil, []error{unusableCloud(name, detail)}
		}
	}
	config, errs = found.resolve()
	if _, ok := found.method(); !ok {
		errs = append(errs, &auth.ConfigError{
			Attribute: "cloud", Summary: "No credentials configured",
			Detail: fmt.Sprintf("The %s %s. The provider block and the environment have no credentials either. Write credentials under \"auth\", or set them in the provider block or in the environment.", c.origin, c.noCredentials()),
		})
	}
	return config, errs
}

func unusableCloud(cloud, detail string) error {
	return &auth.ConfigError{Attribute: "cloud", Summary: "Could not use cloud " + strconv.Quote(cloud), Detail: detail}
}

func (found sources) resolve() (*clientConfig, []error) {
	merged := found.merge()
	p := &parser{values: merged, origins: auth.Sources{}}
	config := &clientConfig{
		auth: auth.Options{
			AuthURL:            p.text("auth_url"),
			Region:             p.text("region"),
			ProjectID:          p.text("tenant_id"),
			ProjectName:        p.text("tenant_name"),
			DomainID:           p.text("domain_id"),
			DomainName:         p.text("domain_name"),
			ProjectDomainID:    p.text(projectDomainID),
			ProjectDomainName:  p.text(projectDomainName),
			UserID:             p.text("user_id"),
			UserName:           p.text("user_name"),
			Password:           p.text("password"),
			Passcode:           p.text("passcode"),
			Token:              p.text("token"),
			AccessKey:          p.text("access_key"),
			SecretKey:          p.text("secret_key"),
			SecurityToken:      p.text("security_token"),
			AgencyName:         p.text("agency_name"),
			AgencyDomainID:     p.text(agencyDomainID),
			AgencyDomainName:   p.text("agency_domain_name"),
			DelegatedProjectID: p.text(delegatedProjectID),
			DelegatedProject:   p.text("delegated_project"),
			Endpoint:           p.text("endpoint"),
			CACert:             p.text("cacert_file"),
			Cert:               p.text("cert"),
			Key:                p.text("key"),
			Insecure:           p.boolean("insecure", "false"),
			AllowReauth:        p.boolean("allow_reauth", "true"),
			MaxRetries:         p.number("max_retries", modelarts.DefaultMaxRetries, 0, maxRetriesLimit),
			Sources:            p.origins,
			Unused:             found.unused(merged),
		},
		maxConcurrentRequests: p.number("max_concurrent_requests", modelarts.DefaultMaxConcurrentRequests, 1, maxConcurrentRequestsLimit),
	}
	return config, p.errs
}

// fromBlock returns the configured attributes of the provider block.
func fromBlock(block types.Object) source {
	s := source{}
	for attribute, configured := range block.Attributes() {
		if text, ok := configured.(types.String); ok && !configured.IsNull() {
			s[attribute] = value{text: text.ValueString()}
		} else if !configured.IsNull() {
			s[attribute] = value{text: configured.String()}
		}
	}
	s[projectDomainID], s[projectDomainName] = s["domain_id"], s["domain_name"]
	return s
}

func fromEnvironment() source {
	s := source{}
	for _, setting := range settings {
		s[setting.name] = variable(strings.Fields(setting.variables)...)
	}
	s.setDomains(func(key string) value { return variable("OS_" + strings.ToUpper(key)) }, [2]value{{}, variable("OS_DEFAULT_DOMAIN")})
	return s
}

// setDomains sets the domains of the user and the project from the keys user_domain_id, user_domain_name and so on. A source can have one
// domain for both. The ID and the name are a pair, because OS_PROJECT_DOMAIN_ID must not take precedence over OS_USER_DOMAIN_NAME.
func (s source) setDomains(get func(key string) value, byDefault [2]value) {
	domain := func(kind string) [2]value { return [2]value{get(kind + "domain_id"), get(kind + "domain_name")} }
	user, project, both := domain("user_"), domain("project_"), cmp.Or(domain(""), byDefault)
	user = cmp.Or(user, project, both)
	if both != [2]value{} {
		project = cmp.Or(project, user)
	}
	s["domain_id"], s["domain_name"] = user[0], user[1]
	s[projectDomainID], s[projectDomainName] = project[0], project[1]
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
func (p *parser) text(attribute string) string {
	value := p.values[attribute]
	p.origins[attribute] = value.origin
	flaw := auth.Flaw(value.text)
	if flaw == "" || attribute == "password" || strings.Contains(value.text, "-----BEGIN") {
		return value.text
	}
	p.invalid(attribute, "value of "+attribute, flaw)
	return ""
}

// invalid adds the error of an invalid value, with its description and what is wrong with it.
func (p *parser) invalid(attribute, value, flaw string) {
	p.errs = append(p.errs, &auth.ConfigError{
		Attribute: attribute, Summary: "Invalid " + attribute, Detail: fmt.Sprintf("The %s%s %s.", value, p.origins.Of(attribute), flaw),
	})
}

func (p *parser) boolean(attribute, byDefault string) bool {
	text := cmp.Or(p.text(attribute), byDefault)
	parsed, err := strconv.ParseBool(text)
	if err != nil {
		p.invalid(attribute, fmt.Sprintf("value %.100q of %s", text, attribute), "is neither true nor false")
	}
	return parsed
}

func (p *parser) number(attribute string, byDefault, minimum, maximum int) int {
	text := cmp.Or(p.text(attribute), strconv.Itoa(byDefault))
	parsed, err := strconv.Atoi(text)
	if err != nil || parsed < minimum || parsed > maximum {
		p.invalid(attribute, fmt.Sprintf("value %.100q of %s", text, attribute), fmt.Sprintf("isn't a whole number from %d to %d", minimum, maximum))
	}
	return parsed
}
