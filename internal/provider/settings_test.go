package provider

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"go.yaml.in/yaml/v3"

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

// block returns the values of a provider block as Configure reads them.
func block(t *testing.T, texts map[string]string) source {
	t.Helper()
	typ := providerSchema(t).Schema.Type()
	values := map[string]tftypes.Value{}
	for name, form := range typ.TerraformType(t.Context()).(tftypes.Object).AttributeTypes {
		text, set := texts[name]
		var value any
		switch number, _, err := big.ParseFloat(text, 10, 64, big.ToNearestEven); {
		case !set:
		case form.Is(tftypes.Number):
			value = number
			if err != nil {
				t.Fatal(err)
			}
		case form.Is(tftypes.Bool):
			value = text == "true"
		default:
			value = text
		}
		values[name] = tftypes.NewValue(form, value)
	}
	for name := range texts {
		if _, ok := values[name]; !ok {
			t.Fatal("the block has no", name)
		}
	}
	object, err := typ.ValueFromTerraform(t.Context(), tftypes.NewValue(typ.TerraformType(t.Context()), values))
	if err != nil {
		t.Fatal(err)
	}
	return fromBlock(object.(types.Object))
}

// unchecked returns the values of a provider block that the framework would refuse, or with attributes that a block can't have.
func unchecked(texts map[string]string) source {
	s := source{}
	for attribute, text := range texts {
		s[attribute] = value{text: text}
	}
	s[projectDomainID], s[projectDomainName] = s["domain_id"], s["domain_name"]
	return s
}

// resolved resolves a block that is valid, apart from missing credentials, and returns the configuration.
func resolved(t *testing.T, texts map[string]string) *clientConfig {
	t.Helper()
	config, errs := resolve(block(t, texts))
	if err := errors.Join(errs...); err != nil && !strings.HasPrefix(err.Error(), "No credentials configured") {
		t.Fatal(errs)
	}
	return config
}

func wantEqual(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error("unexpected (-want +got):\n" + diff)
	}
}

// chain returns the sources that can set an attribute together, in order of precedence. A variable is a source.
func chain(attribute string, cloudInBlock bool) []string {
	about, sources := attributes[attribute], []string{"block"}
	switch cloud := about.path != ""; {
	case cloud && cloudInBlock:
		sources = append(append(sources, "cloud"), about.variables...)
	case cloud:
		sources = append(append(sources, about.variables...), "OS_CLOUD")
	default:
		sources = append(sources, about.variables...)
	}
	return sources
}

// setSources sets values of attributes by source. It returns the block, and the file with the cloud.
func setSources(t *testing.T, values map[string]map[string]string) (block map[string]string, file string) {
	t.Helper()
	block, cloud := map[string]string{}, map[string]any{"auth": map[string]any{}}
	file = filepath.Join(t.TempDir(), "clouds.yaml")
	t.Setenv("OS_CLIENT_CONFIG_FILE", file)
	for source, texts := range values {
		for attribute, text := range texts {
			key, inAuth := strings.CutPrefix(attributes[attribute].path, "auth.")
			switch {
			case source == "block":
				block[attribute] = text
			case source != "cloud" && source != "OS_CLOUD":
				t.Setenv(source, text)
			case inAuth:
				cloud["auth"].(map[string]any)[key] = text
			default:
				cloud[key] = text
			}
		}
	}
	if _, inBlock := values["cloud"]; inBlock {
		block["cloud"] = "mine"
	}
	if _, fallback := values["OS_CLOUD"]; fallback {
		t.Setenv("OS_CLOUD", "mine")
	}
	content, err := yaml.Marshal(map[string]any{"clouds": map[string]any{"mine": cloud}})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Dir(file), "clouds.yaml", string(content))
	return block, file
}

// origin returns how errors name a source.
func origin(source, file string) string {
	switch source {
	case "block":
		return ""
	case "cloud", "OS_CLOUD":
		return fmt.Sprintf("cloud %q in %s", "mine", file)
	default:
		return source
	}
}

// The value of the source with the highest precedence is used. An empty value counts as unset.
func TestResolveSourcesOfEachAttribute(t *testing.T) {
	wantEqual(t, len(settings), len(attributes)+3) // cloud and the settings that only clouds have are the others
	values := map[string][][2]string{
		"insecure": {{"true", "false"}, {"false", "true"}}, "allow_reauth": {{"false", "true"}, {"true", "false"}},
		"max_retries": {{"0", "7"}, {"20", "7"}}, "max_concurrent_requests": {{"1", "7"}, {"100", "7"}},
	}
	for attribute := range attributes {
		pairs, isText := values[attribute], values[attribute] == nil
		if isText {
			pairs = [][2]string{{"used", "other"}}
		}
		for _, cloudInBlock := range []bool{true, false} {
			sources := chain(attribute, cloudInBlock)
			for i, highest := range sources {
				for _, pair := range pairs {
					t.Run(fmt.Sprintf("%s=%s of %s in %v", attribute, pair[0], highest, sources), func(t *testing.T) {
						set := map[string]map[string]string{highest: {attribute: pair[0]}}
						for _, higher := range sources[:i] {
							if isText || higher != "block" {
								set[higher] = map[string]string{attribute: ""}
							}
						}
						for _, lower := range sources[i+1:] {
							set[lower] = map[string]string{attribute: pair[1]}
						}
						texts, file := setSources(t, set)
						config := resolved(t, texts)
						got := valuesOf(config)
						if strings.HasPrefix(attribute, "domain_") { // TestResolvePairs has the domain of the project
							delete(got, projectDomainID)
							delete(got, projectDomainName)
						}
						want := valuesOf(&clientConfig{auth: auth.Options{AllowReauth: true, MaxRetries: 5}, maxConcurrentRequests: 10})
						want[attribute] = pair[0]
						if pair[0] == "false" && attribute == "insecure" || pair[0] == "true" && attribute == "allow_reauth" {
							delete(want, attribute) // the default
						}
						wantEqual(t, want, got)
						wantEqual(t, origin(highest, file), config.auth.Sources[attribute])
					})
				}
			}
		}
	}
}

// secure.yaml takes precedence over clouds.yaml, for each attribute.
func TestResolveSecureValues(t *testing.T) {
	for attribute, about := range attributes {
		if about.path == "" {
			continue
		}
		for _, clouds := range []string{"clouds: {mine: {auth: {}}}", inCloud(about.path, "public")} {
			file := useClouds(t, clouds, inCloud(about.path, "secure"))
			config := resolved(t, map[string]string{"cloud": "mine"})
			wantEqual(t, "secure", valuesOf(config)[attribute])
			wantEqual(t, origin("cloud", filepath.Join(filepath.Dir(file), "secure.yaml")), config.auth.Sources[attribute])
		}
	}
}

// anID has the form of the IDs of Open Telekom Cloud.
const anID = "5d0c1e8a3b7f4c96a2e4d1b08f6c7a93"

// The ID and the name of a project, a user or a domain come from one source: an ID in a lower source doesn't override a name in a
// higher one, and the reverse. The domains of the user and the project are separate.
func TestResolvePairs(t *testing.T) {
	for name, test := range map[string]struct{ environment, cloud, block, want string }{
		"project's name above an ID":        {"OS_TENANT_ID=x", "project_id: x", "tenant_name=p", "tenant_name=p"},
		"project's ID above a name":         {"OS_PROJECT_ID=p", "project_name: x, project_id: x", "", "tenant_id=p"},
		"project's name above both":         {"OS_PROJECT_NAME=p", "project_name: x, project_id: x", "", "tenant_name=p"},
		"project's ID and name above both":  {"OS_TENANT_ID=x", "project_name: x", "tenant_id=p tenant_name=n", "tenant_id=p tenant_name=n"},
		"user's name above an ID":           {"OS_USER_ID=x", "", "user_name=u", "user_name=u"},
		"user's ID above a name":            {"OS_USER_ID=u", "username: x, user_id: x", "", "user_id=u"},
		"agency's domain by ID":             {"", "username: u, target_domain_id: " + anID, "", "user_name=u agency_domain_id=" + anID},
		"agency's domain by both":           {"", "target_domain_name: n, target_domain_id: " + anID, "", "agency_domain_name=n agency_domain_id=" + anID},
		"agency's domain by name, above ID": {"OS_AGENCY_DOMAIN_NAME=n", "target_domain_id: " + anID, "", "agency_domain_name=n"},
		"delegated project's name above ID": {"OS_DELEGATED_PROJECT=p", "target_project_id: x", "", "delegated_project=p"},
		"delegated project by both":         {"", "target_project_id: p, target_project_name: n", "", "delegated_project=n delegated_project_id=p"},
		"user's name, project's ID":         {"OS_USER_DOMAIN_NAME=u OS_PROJECT_DOMAIN_ID=p", "", "", "domain_name=u project_domain_id=p"},
		"user's ID, project's name":         {"OS_USER_DOMAIN_ID=u OS_PROJECT_DOMAIN_NAME=p", "", "", "domain_id=u project_domain_name=p"},
		"names of both":                     {"OS_USER_DOMAIN_NAME=u OS_PROJECT_DOMAIN_NAME=p", "", "", "domain_name=u project_domain_name=p"},
		"IDs of both":                       {"OS_USER_DOMAIN_ID=u OS_PROJECT_DOMAIN_ID=p", "", "", "domain_id=u project_domain_id=p"},
		"all four": {
			"OS_USER_DOMAIN_ID=u OS_USER_DOMAIN_NAME=user OS_PROJECT_DOMAIN_ID=p OS_PROJECT_DOMAIN_NAME=project", "", "",
			"domain_id=u domain_name=user project_domain_id=p project_domain_name=project",
		},
		"user's alone":                        {"OS_USER_DOMAIN_NAME=u", "", "", "domain_name=u"},
		"project's alone is also the user's":  {"OS_PROJECT_DOMAIN_ID=p", "", "", "domain_id=p project_domain_id=p"},
		"user's above the project's cloud":    {"OS_USER_DOMAIN_NAME=u", "user_domain_id: x, project_domain_id: p", "", "domain_name=u project_domain_id=p"},
		"general above the project's cloud":   {"OS_DOMAIN_NAME=d", "project_domain_id: p", "", "domain_name=d project_domain_name=d"},
		"user's name, general ID":             {"OS_USER_DOMAIN_NAME=u OS_DOMAIN_ID=d", "", "", "domain_name=u project_domain_name=u"},
		"project's ID, general name":          {"OS_PROJECT_DOMAIN_ID=p OS_DOMAIN_NAME=d", "", "", "domain_id=p project_domain_id=p"},
		"general ID, default name":            {"OS_DOMAIN_ID=d OS_DEFAULT_DOMAIN=x", "", "", "domain_id=d project_domain_id=d"},
		"default name":                        {"OS_DEFAULT_DOMAIN=d", "", "", "domain_name=d project_domain_name=d"},
		"the block's name is for both":        {"OS_USER_DOMAIN_ID=u OS_PROJECT_DOMAIN_NAME=p", "user_domain_id: y", "domain_name=b", "domain_name=b project_domain_name=b"},
		"the block's ID is for both":          {"OS_USER_DOMAIN_NAME=u OS_PROJECT_DOMAIN_ID=p", "", "domain_id=b", "domain_id=b project_domain_id=b"},
		"cloud: user's name, project's ID":    {"", "user_domain_name: u, project_domain_id: p", "", "domain_name=u project_domain_id=p"},
		"cloud: user's ID, project's name":    {"", "user_domain_id: u, project_domain_name: p", "", "domain_id=u project_domain_name=p"},
		"cloud: project's alone":              {"", "project_domain_name: p", "", "domain_name=p project_domain_name=p"},
		"cloud: project's above general":      {"", "domain_name: x, domain_id: d, project_domain_id: p", "", "domain_id=p project_domain_id=p"},
		"cloud: user's above all":             {"", "default_domain: x, domain_id: d, user_domain_name: u", "", "domain_name=u project_domain_name=u"},
		"cloud: general above default":        {"", "default_domain: x, domain_name: d", "", "domain_name=d project_domain_name=d"},
		"cloud: default is an ID":             {"", "default_domain: d", "", "domain_id=d project_domain_id=d"},
		"general name above the cloud's both": {"OS_DOMAIN_NAME=d", "user_domain_id: u, project_domain_id: p, project_domain_name: n", "", "domain_name=d project_domain_name=d"},
		"general ID above the cloud's both":   {"OS_DOMAIN_ID=d", "user_domain_name: u, project_domain_id: p", "", "domain_id=d project_domain_id=d"},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range texts(test.environment) {
				t.Setenv(variable, value)
			}
			if test.cloud != "" {
				t.Setenv("OS_CLOUD", "mine")
				useClouds(t, "{clouds: {mine: {auth: {"+test.cloud+"}}}}", "")
			}
			wantEqual(t, texts(test.want), valuesOf(resolved(t, texts(test.block))))
		})
	}
}

// verify: false of a cloud is insecure, with the precedence of the cloud.
func TestResolveVerify(t *testing.T) {
	file := useClouds(t, "{clouds: {mine: {verify: false}, other: {verify: true}, both: {verify: false}}}", "{clouds: {both: {verify: true}}}")
	for _, test := range []struct{ block, variable, fallback, want, source string }{
		{block: "cloud=mine", variable: "false", want: "true", source: "cloud"},
		{block: "cloud=other", source: "block"},
		{block: "cloud=both", source: "block"},
		{block: "cloud=mine insecure=false", source: "block"},
		{fallback: "mine", want: "true", source: "cloud"},
		{fallback: "mine", variable: "false", source: "OS_INSECURE"},
	} {
		t.Setenv("OS_INSECURE", test.variable)
		t.Setenv("OS_CLOUD", test.fallback)
		config := resolved(t, texts(test.block))
		wantEqual(t, test.want, valuesOf(config)["insecure"])
		wantEqual(t, origin(test.source, file), config.auth.Sources["insecure"])
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

// texts reads attributes or variables, as in "token=t region=eu-de".
func texts(list string) map[string]string {
	texts := map[string]string{}
	for field := range strings.FieldsSeq(list) {
		attribute, text, _ := strings.Cut(field, "=")
		texts[attribute] = text
	}
	return texts
}
