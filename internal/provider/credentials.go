package provider

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
)

// value is the value of an attribute. The origin is the name of a variable or a cloud, or "" for the provider block.
type value struct {
	text, origin string
	discovered   bool // whether the value is from a file in the working directory that the user didn't name
}

// source has the values of one source of configuration, such as the environment, by setting. An empty text is no value, because it is usually
// a variable without a value.
type source map[string]value

func (s source) has(attributes ...string) bool {
	return slices.ContainsFunc(attributes, func(attribute string) bool { return s[attribute].text != "" })
}

// copyFrom copies the attributes that have a value in another source.
func (s source) copyFrom(from source, attributes ...string) {
	for _, attribute := range attributes {
		if from.has(attribute) {
			s[attribute] = from[attribute]
		}
	}
}

// credentials has the attributes of one method.
type credentials struct {
	owner   []string // attributes that name the access key or the user
	secrets []string // attributes that belong to the owner
	more    []string // attributes that complete the others, but don't select the method
}

// methods are in order of precedence within one source, highest first.
var methods = []credentials{
	{owner: []string{"token"}},
	{owner: []string{"access_key"}, secrets: []string{"secret_key", "security_token"}},
	{owner: []string{"user_id", "user_name"}, secrets: []string{"password"}, more: []string{"passcode"}},
}

// secrets are the attributes that are sent to IAM or ModelArts, or sign requests to them.
var secrets = []string{"token", "secret_key", "security_token", "password", "passcode"}

// redirects are the attributes that can send a secret to another server. Each has its key in clouds.yaml and a safe setting in the
// environment.
var redirects = [][3]string{
	{"auth_url", "auth_url", "OS_AUTH_URL=https://iam.eu-de.otc.t-systems.com/v3"},
	{"cacert_file", "cacert", "OS_CACERT=/etc/ssl/certs/ca-certificates.crt"},
	{"insecure", "verify", "OS_INSECURE=false"},
}

// The values of agency, and those of each pair, come from the same source. For example, the ID in a variable must not take precedence over a
// name in the provider block.
var (
	agency = []string{"agency_name", "agency_domain_name", agencyDomainID, "delegated_project", delegatedProjectID}
	pairs  = [][]string{{"tenant_id", "tenant_name"}, {"domain_id", "domain_name"}, {projectDomainID, projectDomainName}}
	others = []string{
		"auth_url", "region", "endpoint", "cacert_file", "cert", "key", "insecure", "allow_reauth", "max_retries", "max_concurrent_requests",
	}
)

// sources are in order of precedence, the highest first.
type sources []source

// method returns the method of the highest source with any credential. If there is none, it returns false and the last method.
func (s sources) method() (credentials, bool) {
	for _, from := range s {
		for _, method := range methods {
			if from.has(method.owner...) || from.has(method.secrets...) {
				return method, true
			}
		}
	}
	return methods[len(methods)-1], false
}

// merge returns the values to use.
//
// The credentials are those of one method. A secret belongs to its owner, so a source that names another access key or another user adds no
// credentials. A complete key without a security token is permanent. A security token in a lower source belongs to another key, unless that
// source names the same key.
//
// An agency belongs to its delegate, so a source below the one that names the token, the access key or the user adds no agency.
func (s sources) merge() source {
	method, _ := s.method()
	merged, delegates := source{}, s
	for i, from := range s {
		if another(merged, from, method.owner) {
			continue
		}
		permanent := merged.has("access_key") && merged.has("secret_key")
		if !merged.has(method.owner...) && from.has(method.owner...) {
			merged.copyFrom(from, method.owner...)
			delegates = s[:i+1]
		}
		for _, secret := range slices.Concat(method.secrets, method.more) {
			if !merged.has(secret) && (secret != "security_token" || !permanent || from.has("access_key")) {
				merged.copyFrom(from, secret)
			}
		}
	}
	delegates.first(merged, agency...)
	for _, pair := range pairs {
		s.first(merged, pair...)
	}
	for _, attribute := range others {
		s.first(merged, attribute)
	}
	return merged
}

// distrusted returns the text of an error if a discovered file determines the server for a secret that isn't in such a file, because the
// working directory can be another person's repository. Otherwise, it returns "".
func (s source) distrusted(cloud string) string {
	var keys, settings []string
	var file string
	for _, redirect := range redirects {
		if found := s[redirect[0]]; found.discovered {
			keys, settings, file = append(keys, redirect[1]), append(settings, redirect[2]), found.origin
		}
	}
	for _, secret := range secrets {
		if found := s[secret]; file != "" && found.text != "" && !found.discovered {
			return fmt.Sprintf("The %s, a file in the working directory, sets %s, but %s comes from %s. Such a file can't "+
				"decide where a secret from elsewhere is sent, or that TLS isn't verified. If you trust the file, set OS_CLIENT_CONFIG_FILE to its path, or set "+
				"cloud = %q in the provider block. Otherwise, unset OS_CLOUD, or set your own values: %s.",
				file, listed(keys), secret, cmp.Or(found.origin, "the provider block"), cloud, listed(settings))
		}
	}
	return ""
}

// first copies a group of attributes from the highest source that has any of them.
func (s sources) first(merged source, group ...string) {
	if i := slices.IndexFunc(s, func(from source) bool { return from.has(group...) }); i >= 0 {
		merged.copyFrom(s[i], group...)
	}
}

// another reports whether two sources name different owners. It can't compare an ID with a name.
func another(a, b source, owner []string) bool {
	for _, attribute := range owner {
		if a.has(attribute) && b.has(attribute) {
			return a[attribute].text != b[attribute].text
		}
	}
	return false
}

// unused returns the ignored credentials and agencies of the sources, such as "token (from OS_TOKEN)".
func (s sources) unused(merged source) (list []string) {
	for _, method := range slices.Concat(methods, []credentials{{owner: agency}}) {
		for _, attribute := range slices.Concat(method.owner, method.secrets, method.more) {
			for _, from := range s {
				if from.has(attribute) && from[attribute].text != merged[attribute].text {
					list = append(list, attribute+auth.Sources{attribute: from[attribute].origin}.Of(attribute))
				}
			}
		}
	}
	return list
}
