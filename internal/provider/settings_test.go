package provider

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
)

// documented is where users set an attribute besides the provider block.
type documented struct {
	path      string   // in a cloud of clouds.yaml; empty if a cloud can't have the attribute
	variables []string // in order of precedence
}

// attributes repeats the documented interface by hand.
var attributes = map[string]documented{
	"auth_url":                {"auth.auth_url", []string{"OS_AUTH_URL"}},
	"region":                  {"region_name", []string{"OS_REGION_NAME", "OS_REGION"}},
	"tenant_name":             {"auth.project_name", []string{"OS_TENANT_NAME", "OS_PROJECT_NAME"}},
	"tenant_id":               {"auth.project_id", []string{"OS_TENANT_ID", "OS_PROJECT_ID"}},
	"domain_name":             {"auth.domain_name", []string{"OS_USER_DOMAIN_NAME", "OS_PROJECT_DOMAIN_NAME", "OS_DOMAIN_NAME", "OS_DEFAULT_DOMAIN"}},
	"domain_id":               {"auth.domain_id", []string{"OS_USER_DOMAIN_ID", "OS_PROJECT_DOMAIN_ID", "OS_DOMAIN_ID"}},
	"user_name":               {"auth.username", []string{"OS_USERNAME"}},
	"user_id":                 {"auth.user_id", []string{"OS_USER_ID"}},
	"password":                {"auth.password", []string{"OS_PASSWORD"}},
	"passcode":                {"auth.passcode", []string{"OS_PASSCODE"}},
	"token":                   {"auth.token", []string{"OS_TOKEN", "OS_AUTH_TOKEN"}},
	"access_key":              {"auth.ak", []string{"OS_ACCESS_KEY"}},
	"secret_key":              {"auth.sk", []string{"OS_SECRET_KEY"}},
	"security_token":          {"auth.security_token", []string{"OS_SECURITY_TOKEN"}},
	"agency_name":             {"auth.target_agency_name", []string{"OS_AGENCY_NAME"}},
	"agency_domain_name":      {"auth.target_domain_name", []string{"OS_AGENCY_DOMAIN_NAME"}},
	"delegated_project":       {"auth.target_project_name", []string{"OS_DELEGATED_PROJECT"}},
	"cacert_file":             {"cacert", []string{"OS_CACERT"}},
	"cert":                    {"cert", []string{"OS_CERT"}},
	"key":                     {"key", []string{"OS_KEY"}},
	"insecure":                {"", []string{"OS_INSECURE"}},
	"allow_reauth":            {"", []string{"OS_ALLOW_REAUTH"}},
	"max_retries":             {"", []string{"OS_MAX_RETRIES"}},
	"max_concurrent_requests": {"", []string{"OS_MAX_CONCURRENT_REQUESTS"}},
	"endpoint":                {"", []string{"OS_MODELARTS_ENDPOINT"}},
}

// valuesOf returns the values of a configuration that aren't the default, by attribute.
func valuesOf(c *clientConfig) map[string]string {
	o, defaults := c.auth, map[string]string{"insecure": "false", "allow_reauth": "true", "max_retries": "5", "max_concurrent_requests": "10"}
	values := map[string]string{
		"auth_url": o.AuthURL, "region": o.Region, "tenant_name": o.ProjectName, "tenant_id": o.ProjectID,
		"domain_name": o.DomainName, "domain_id": o.DomainID, projectDomainName: o.ProjectDomainName, projectDomainID: o.ProjectDomainID,
		"user_name": o.UserName, "user_id": o.UserID, "password": o.Password, "passcode": o.Passcode, "token": o.Token,
		"access_key": o.AccessKey, "secret_key": o.SecretKey, "security_token": o.SecurityToken,
		"agency_name": o.AgencyName, "agency_domain_name": o.AgencyDomainName, agencyDomainID: o.AgencyDomainID,
		"delegated_project": o.DelegatedProject, delegatedProjectID: o.DelegatedProjectID,
		"cacert_file": o.CACert, "cert": o.Cert, "key": o.Key, "endpoint": o.Endpoint,
		"insecure": strconv.FormatBool(o.Insecure), "allow_reauth": strconv.FormatBool(o.AllowReauth),
		"max_retries": strconv.Itoa(o.MaxRetries), "max_concurrent_requests": strconv.Itoa(c.maxConcurrentRequests),
	}
	maps.DeleteFunc(values, func(attribute, value string) bool { return value == defaults[attribute] })
	return values
}

// block returns the values of a provider block, such as "token=t region=eu-de".
func block(list string) source {
	s := source{}
	for attribute, text := range texts(list) {
		s[attribute] = value{text: text}
	}
	s[projectDomainID], s[projectDomainName] = s["domain_id"], s["domain_name"]
	return s
}

// texts reads attributes or variables, as in "token=t region=eu-de".
func texts(list string) map[string]string {
	texts := map[string]string{}
	for field := range strings.FieldsSeq(list) {
		attribute, text, _ := strings.Cut(field, "=")
		texts[attribute] = text
	}
	return texts
}

// resolved resolves a block that is valid, apart from missing credentials, and returns the configuration.
func resolved(t *testing.T, block source) *clientConfig {
	t.Helper()
	config, errs := resolve(block)
	if err := errors.Join(errs...); err != nil && !strings.HasPrefix(err.Error(), "No credentials configured") {
		t.Fatal(errs)
	}
	return config
}

func wantEqual(t *testing.T, want, got any) {
	t.Helper()
	if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error("unexpected (-want +got):\n" + diff)
	}
}

// The value of the source with the highest precedence is used. An empty value counts as unset. Each variable is a source.
func TestResolveSourcesOfEachAttribute(t *testing.T) {
	wantEqual(t, len(settings), len(attributes)+3) // cloud and the settings that only clouds have are the others
	values := map[string][2]string{
		"insecure": {"true", "false"}, "allow_reauth": {"false", "true"}, "max_retries": {"20", "7"}, "max_concurrent_requests": {"100", "7"},
	}
	for attribute, about := range attributes {
		used, lower := "used", "lower"
		if pair, ok := values[attribute]; ok {
			used, lower = pair[0], pair[1]
		}
		chains := [][]string{slices.Concat([]string{"block"}, about.variables)}
		if about.path != "" {
			chains = [][]string{slices.Concat([]string{"block", "cloud"}, about.variables), append(chains[0], "OS_CLOUD")}
		}
		for _, chain := range chains {
			for i, highest := range chain {
				t.Run(fmt.Sprintf("%s of %s in %v", attribute, highest, chain), func(t *testing.T) {
					configured, origin := source{}, highest
					for j, from := range chain {
						text := lower
						switch {
						case j < i:
							text = ""
						case j == i:
							text = used
						}
						switch from {
						case "block":
							configured = block(attribute + "=" + text)
						case "cloud", "OS_CLOUD":
							file := useClouds(t, inCloud(about.path, text), "")
							if from == highest {
								origin = fmt.Sprintf("cloud %q in %s", "mine", file)
							}
						default:
							t.Setenv(from, text)
						}
					}
					switch {
					case slices.Contains(chain, "cloud"):
						configured["cloud"] = value{text: "mine"}
					case about.path != "":
						t.Setenv("OS_CLOUD", "mine")
					}
					config := resolved(t, configured)
					got := valuesOf(config)
					if strings.HasPrefix(attribute, "domain_") { // TestResolvePairs has the domain of the project.
						delete(got, projectDomainID)
						delete(got, projectDomainName)
					}
					wantEqual(t, map[string]string{attribute: used}, got)
					wantEqual(t, strings.TrimPrefix(origin, "block"), config.auth.Sources[attribute])
				})
			}
		}
	}
}

// anID has the form of the IDs of Open Telekom Cloud.
const anID = "5d0c1e8a3b7f4c96a2e4d1b08f6c7a93"

// The ID and the name of a project, a user or a domain come from one source: an ID in a lower source doesn't override a name in a
// higher one, and the reverse. The domains of the user and the project are separate.
func TestResolvePairs(t *testing.T) {
	for name, test := range map[string]struct{ environment, cloud, block, want string }{
		"project's name above an ID":          {"OS_TENANT_ID=x", "project_id: x", "tenant_name=p", "tenant_name=p"},
		"project's ID and name above both":    {"OS_TENANT_ID=x", "project_name: x", "tenant_id=p tenant_name=n", "tenant_id=p tenant_name=n"},
		"user's name above an ID":             {"OS_USER_ID=x", "", "user_name=u", "user_name=u"},
		"user's ID above a name":              {"OS_USER_ID=u", "username: x, user_id: x", "", "user_id=u"},
		"agency's domain by name, above ID":   {"OS_AGENCY_DOMAIN_NAME=n", "target_domain_id: " + anID, "", "agency_domain_name=n"},
		"delegated project's name above ID":   {"OS_DELEGATED_PROJECT=p", "target_project_id: x", "", "delegated_project=p"},
		"user's name, project's ID":           {"OS_USER_DOMAIN_NAME=u OS_PROJECT_DOMAIN_ID=p", "", "", "domain_name=u project_domain_id=p"},
		"user's alone":                        {"OS_USER_DOMAIN_NAME=u", "", "", "domain_name=u"},
		"project's alone is also the user's":  {"OS_PROJECT_DOMAIN_ID=p", "", "", "domain_id=p project_domain_id=p"},
		"user's above the project's cloud":    {"OS_USER_DOMAIN_NAME=u", "user_domain_id: x, project_domain_id: p", "", "domain_name=u project_domain_id=p"},
		"user's name, general ID":             {"OS_USER_DOMAIN_NAME=u OS_DOMAIN_ID=d", "", "", "domain_name=u project_domain_name=u"},
		"default name":                        {"OS_DEFAULT_DOMAIN=d", "", "", "domain_name=d project_domain_name=d"},
		"the block's name is for both":        {"OS_USER_DOMAIN_ID=u OS_PROJECT_DOMAIN_NAME=p", "user_domain_id: y", "domain_name=b", "domain_name=b project_domain_name=b"},
		"cloud: user's name, project's ID":    {"", "user_domain_name: u, project_domain_id: p", "", "domain_name=u project_domain_id=p"},
		"cloud: user's above all":             {"", "default_domain: x, domain_id: d, user_domain_name: u", "", "domain_name=u project_domain_name=u"},
		"cloud: general above default":        {"", "default_domain: x, domain_name: d", "", "domain_name=d project_domain_name=d"},
		"cloud: default is an ID":             {"", "default_domain: d", "", "domain_id=d project_domain_id=d"},
		"general name above the cloud's both": {"OS_DOMAIN_NAME=d", "user_domain_id: u, project_domain_id: p, project_domain_name: n", "", "domain_name=d project_domain_name=d"},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range texts(test.environment) {
				t.Setenv(variable, value)
			}
			t.Setenv("OS_CLOUD", "mine")
			useClouds(t, "{clouds: {mine: {auth: {"+test.cloud+"}}}}", "")
			wantEqual(t, texts(test.want), valuesOf(resolved(t, block(test.block))))
		})
	}
}

// verify: false of a cloud is insecure, with the precedence of the cloud.
func TestResolveVerify(t *testing.T) {
	file := useClouds(t, "{clouds: {mine: {verify: false}, both: {verify: false}}}", "{clouds: {both: {verify: true}}}")
	ofCloud := fmt.Sprintf("cloud %q in %s", "mine", file)
	for _, test := range []struct{ block, variable, fallback, want, source string }{
		{block: "cloud=mine", variable: "false", want: "true", source: ofCloud},
		{block: "cloud=both"},
		{block: "cloud=mine insecure=false"},
		{fallback: "mine", want: "true", source: ofCloud},
		{fallback: "mine", variable: "0", source: "OS_INSECURE"},
		{variable: "True", want: "true", source: "OS_INSECURE"},
	} {
		t.Setenv("OS_INSECURE", test.variable)
		t.Setenv("OS_CLOUD", test.fallback)
		config := resolved(t, block(test.block))
		wantEqual(t, test.want, valuesOf(config)["insecure"])
		wantEqual(t, test.source, config.auth.Sources["insecure"])
	}
}

// An error names the variable or the cloud at fault, and is short. If the cloud can't be used, there is no configuration, because other
// credentials can be meant for another cloud.
func TestResolveErrors(t *testing.T) {
	file := useClouds(t, "{clouds: {mine: {region_name: eu-de, verify: true, auth: {project_name: p, password: }}, empty: }}", "")
	long := strings.Repeat("yes", 1000)
	const (
		retries, requests = "max_retries (from OS_MAX_RETRIES) isn't a whole number from 0 to 20.",
			"max_concurrent_requests (from OS_MAX_CONCURRENT_REQUESTS) isn't a whole number from 1 to 100."
		unusable, noCredentials = `Could not use cloud "other"`, "No credentials configured"
	)
	noCloud := "The file " + file + " has no such cloud. Clouds in the file: empty, mine."
	fallback := "\n\nThe provider reads the cloud that OS_CLOUD names only because the login lacks something: Missing region. " +
		"If you set that in the provider block or in the environment, the provider ignores OS_CLOUD."
	hasOnly := func(cloud, keys string) string {
		return fmt.Sprintf(`The cloud %q in %s has no credentials under "auth". Keys of the cloud: %s. `+
			"The provider block and the environment have no credentials either. "+
			`Write credentials under "auth", or set them in the provider block or in the environment.`, cloud, file, keys)
	}
	for _, test := range []struct{ block, environment, attribute, summary, detail string }{
		{"", "OS_INSECURE=yes", "insecure", "", `The value "yes" of insecure (from OS_INSECURE) is neither true nor false.`},
		{"", "OS_ALLOW_REAUTH=" + long, "allow_reauth", "", `The value "` + long[:100] + `" of allow_reauth (from OS_ALLOW_REAUTH) is neither true nor false.`},
		{"", "OS_MAX_RETRIES=-1", "max_retries", "", `The value "-1" of ` + retries},
		{"", "OS_MAX_RETRIES=21", "max_retries", "", `The value "21" of ` + retries},
		{"", "OS_MAX_RETRIES=1.5", "max_retries", "", `The value "1.5" of ` + retries},
		{"", "OS_MAX_RETRIES=" + long, "max_retries", "", `The value "` + long[:100] + `" of ` + retries},
		{"", "OS_MAX_CONCURRENT_REQUESTS=0", "max_concurrent_requests", "", `The value "0" of ` + requests},
		{"", "OS_MAX_CONCURRENT_REQUESTS=101 OS_CLOUD=other", "max_concurrent_requests", "", `The value "101" of ` + requests},
		{"cloud=other", "OS_TOKEN=t OS_CLOUD=mine", "cloud", unusable, noCloud},
		{"", "OS_TOKEN=t OS_CLOUD=other", "cloud", unusable, noCloud + fallback},
		{"cloud=mine", "", "cloud", noCredentials, hasOnly("mine", "project_name, region_name, verify")},
		{"", "OS_CLOUD=empty", "cloud", noCredentials, hasOnly("empty", "none")},
	} {
		t.Run(fmt.Sprintf("%s %.50s", test.block, test.environment), func(t *testing.T) {
			for variable, value := range texts(test.environment) {
				t.Setenv(variable, value)
			}
			config, errs := resolve(block(test.block))
			want := &auth.ConfigError{Attribute: test.attribute, Summary: cmp.Or(test.summary, "Invalid "+test.attribute), Detail: test.detail}
			wantEqual(t, []error{want}, errs)
			if test.summary == unusable && config != nil {
				t.Errorf("there is a configuration besides the error: %+v", config)
			}
		})
	}
}

// A value that begins or ends with a character of its surroundings is an error that names the
// variable, and shows no secret. PEM ends with a line ending, and a password can end with any character.
func TestResolveFlaws(t *testing.T) {
	wantFlaw := func(block source, attribute, origin, flaw string) {
		t.Helper()
		_, errs := resolve(block)
		// A domain is also the project's, which has the same flaw.
		if len(errs) == 0 || len(errs) > 1 && !strings.HasPrefix(attribute, "domain_") {
			t.Fatalf("%s: got %v", attribute, errs)
		}
		want := &auth.ConfigError{Attribute: attribute, Summary: "Invalid " + attribute, Detail: fmt.Sprintf("The value of %s%s %s.", attribute, origin, flaw)}
		wantEqual(t, error(want), errs[0])
	}
	for text, flaw := range map[string]string{
		cloudSecret + "\r\n": `ends with a line ending ('\n')`, cloudSecret + " ": "ends with a space", "\u00a0" + cloudSecret: "begins with a space",
		`"` + cloudSecret + `"`: "begins with a quote", cloudSecret + "'": "ends with a quote", "“" + cloudSecret: "begins with a quote",
	} {
		wantFlaw(source{"token": {text: text}}, "token", "", flaw)
	}
	for name, about := range attributes {
		t.Setenv(about.variables[0], cloudSecret+"\r")
		if name != "password" {
			wantFlaw(nil, name, " (from "+about.variables[0]+")", `ends with a line ending ('\r')`)
		}
		t.Setenv(about.variables[0], "")
	}
	t.Setenv("OS_TOKEN", "unused\r")
	if _, errs := resolve(source{"user_name": {text: "u"}, "password": {text: "'p\r"}, "cacert_file": {text: "\n-----BEGIN\n"}}); len(errs) > 0 {
		t.Error(errs)
	}
	t.Setenv("OS_TOKEN", "")
	t.Setenv("OS_CLOUD", "mine\r")
	file := useClouds(t, "{clouds: {mine: {}}}", "")
	if _, errs := resolve(nil); !strings.Contains(errors.Join(errs...).Error(), `The name ends with a line ending ('\r').`) {
		t.Error(errs)
	}
	for _, variable := range []string{"OS_CLIENT_SECURE_FILE", "OS_CLIENT_CONFIG_FILE"} {
		t.Setenv(variable, file+"\r")
		wantCloudError(t, variable+` names (the value ends with a line ending ('\r')) can't be read`)
	}
}

// inCloud returns YAML of a cloud with a value at a path such as auth.password.
func inCloud(path, value string) string {
	for _, key := range slices.Backward(strings.Split("clouds.mine."+path, ".")) {
		value = fmt.Sprintf("{%s: %s}", key, value)
	}
	return value
}

// useClouds writes a clouds.yaml and, unless it is empty, a secure.yaml, which the test uses.
func useClouds(t *testing.T, clouds, secure string) (file string) {
	t.Helper()
	folder := t.TempDir()
	file = write(t, folder, "clouds.yaml", clouds)
	if secure != "" {
		write(t, folder, "secure.yaml", secure)
	}
	t.Setenv("OS_CLIENT_CONFIG_FILE", file)
	return file
}

// write writes a file and the folder that it is in, and returns its path.
func write(t *testing.T, folder, name, content string) (file string) {
	t.Helper()
	file = filepath.Join(folder, name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
