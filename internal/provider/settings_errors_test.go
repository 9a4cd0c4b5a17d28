package provider

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
)

// Variables are parsed as booleans and numbers. An error names the variable, and is short.
func TestResolveParsesVariables(t *testing.T) {
	long := strings.Repeat("yes", 1000)
	for _, test := range []struct{ attribute, value, want, detail string }{
		{"insecure", "1", "true", ""},
		{"insecure", "True", "true", ""},
		{"insecure", "yes", "", `The value "yes" of %s (from %s) is neither true nor false.`},
		{"insecure", long, "", `The value "` + long[:100] + `" of %s (from %s) is neither true nor false.`},
		{"allow_reauth", "0", "false", ""},
		{"allow_reauth", "2", "", `The value "2" of %s (from %s) is neither true nor false.`},
		{"max_retries", "many", "", `The value "many" of %s (from %s) isn't a whole number from 0 to 20.`},
		{"max_retries", "-1", "", `The value "-1" of %s (from %s) isn't a whole number from 0 to 20.`},
		{"max_retries", "21", "", `The value "21" of %s (from %s) isn't a whole number from 0 to 20.`},
		{"max_retries", "1.5", "", `The value "1.5" of %s (from %s) isn't a whole number from 0 to 20.`},
		{"max_retries", long, "", `The value "` + long[:100] + `" of %s (from %s) isn't a whole number from 0 to 20.`},
		{"max_retries", "99999999999999999999", "", `The value "99999999999999999999" of %s (from %s) isn't a whole number from 0 to 20.`},
		{"max_concurrent_requests", "all", "", `The value "all" of %s (from %s) isn't a whole number from 1 to 100.`},
		{"max_concurrent_requests", "0", "", `The value "0" of %s (from %s) isn't a whole number from 1 to 100.`},
		{"max_concurrent_requests", "101", "", `The value "101" of %s (from %s) isn't a whole number from 1 to 100.`},
	} {
		t.Run(fmt.Sprintf("%s=%.30s", test.attribute, test.value), func(t *testing.T) {
			variable := attributes[test.attribute].variables[0]
			t.Setenv("OS_TOKEN", "token")
			t.Setenv(variable, test.value)
			config, errs := resolve(nil)
			if test.detail == "" {
				wantEqual(t, map[string]string{"token": "token", test.attribute: test.want}, valuesOf(config))
				return
			}
			wantEqual(t, []error{&auth.ConfigError{
				Attribute: test.attribute, Summary: "Invalid " + test.attribute, Detail: fmt.Sprintf(test.detail, test.attribute, variable),
			}}, errs)
		})
	}
	for _, variable := range []string{"OS_INSECURE", "OS_ALLOW_REAUTH", "OS_MAX_RETRIES", "OS_MAX_CONCURRENT_REQUESTS"} {
		t.Setenv(variable, "many")
	}
	t.Setenv("OS_CLOUD", "mine") // An error about the fallback would hide these.
	if _, errs := resolve(nil); len(errs) != 4 {
		t.Errorf("want an error for each of the four variables, got %v", errs)
	}
	t.Setenv("OS_CLOUD", "")
	// A variable isn't parsed if the block has a value.
	resolved(t, map[string]string{"insecure": "true", "allow_reauth": "true", "max_retries": "1", "max_concurrent_requests": "1"})
}

// A value that begins or ends with a character of its surroundings is an error that names the
// variable, and shows no secret. PEM ends with a line ending, and a password can end with any character.
func TestResolveFlaws(t *testing.T) {
	for name, about := range attributes {
		for value, flaw := range map[string]string{
			cloudSecret + "\r": `ends with a line ending ('\r')`, cloudSecret + "\r\n": `ends with a line ending ('\n')`,
			cloudSecret + " ": "ends with a space", "\t" + cloudSecret: "begins with a space", "\u00a0" + cloudSecret: "begins with a space",
			`"` + cloudSecret + `"`: "begins with a quote", cloudSecret + "'": "ends with a quote", "“" + cloudSecret: "begins with a quote",
		} {
			t.Run(fmt.Sprintf("%s=%q", name, value), func(t *testing.T) {
				wantFlaw := func(block map[string]string, origin string) {
					_, errs := resolve(unchecked(block))
					if name == "password" {
						wantEqual(t, 0, len(errs))
						return
					}
					// A domain is also the project's, which has the same flaw.
					if len(errs) == 0 || len(errs) > 1 && !strings.HasPrefix(name, "domain_") && block == nil {
						t.Fatalf("got %v", errs)
					}
					wantEqual(t, error(&auth.ConfigError{
						Attribute: name, Summary: "Invalid " + name, Detail: fmt.Sprintf("The value of %s%s %s.", name, origin, flaw),
					}), errs[0])
				}
				t.Setenv("OS_TOKEN", "") // unless it is the one
				t.Setenv(about.variables[0], value)
				wantFlaw(nil, " (from "+about.variables[0]+")")
				t.Setenv(about.variables[0], "")
				wantFlaw(map[string]string{name: value}, "")
			})
		}
	}
	t.Setenv("OS_TOKEN", "unused\r")
	if _, errs := resolve(unchecked(map[string]string{"access_key": "a", "secret_key": "s", "cacert_file": "\n-----BEGIN CERTIFICATE-----\n"})); len(errs) > 0 {
		t.Error(errs)
	}
	file := useClouds(t, "{clouds: {mine: {}}}", "")
	t.Setenv("OS_TOKEN", "")
	t.Setenv("OS_CLOUD", "mine\r")
	if _, errs := resolve(nil); len(errs) != 1 || !strings.Contains(errs[0].Error(), "The name ends with a line ending ('\\r').\n\nThe provider reads the cloud of OS_CLOUD") {
		t.Errorf("got %v", errs)
	}
	for _, variable := range []string{"OS_CLIENT_SECURE_FILE", "OS_CLIENT_CONFIG_FILE"} {
		t.Setenv(variable, file+"\r")
		wantCloudError(t, "mine", variable+` names (the value ends with a line ending ('\r')) can't be read`)
	}
}

// An error about a cloud names the cloud, the file, and the variable that names the cloud. No other credentials are used:
// they can be meant for another cloud.
func TestResolveUnusableCloud(t *testing.T) {
	t.Setenv("OS_TOKEN", "token")
	for _, file := range []string{useClouds(t, "{clouds: {other: {auth: {password: "+cloudSecret+"}}}}", ""), "clouds.yaml", "österreich/clouds.yaml"} {
		if !filepath.IsAbs(file) {
			atHome(t)
			write(t, filepath.Dir(file), filepath.Base(file), "{clouds: {other: {}}}")
			t.Setenv("OS_CLIENT_CONFIG_FILE", file)
		}
		t.Setenv("OS_CLOUD", "mine")
		for _, block := range []map[string]string{{"cloud": "mine"}, {}} {
			detail := ""
			if len(block) == 0 {
				detail = "\n\nThe provider reads the cloud of OS_CLOUD only because another value is missing: Missing region. " +
					"If you set that value, in the provider block or in the environment, the provider ignores OS_CLOUD."
			}
			config, errs := resolve(unchecked(block))
			wantEqual(t, []error{&auth.ConfigError{
				Attribute: "cloud", Summary: `Could not use cloud "mine"`, Detail: "The file " + file + " has no such cloud. Clouds in the file: other." + detail,
			}}, errs)
			if config != nil {
				t.Errorf("there is a configuration besides the error: %+v", config)
			}
		}
	}
}

// If no source has credentials, the error describes the cloud.
func TestResolveNoCredentials(t *testing.T) {
	file := useClouds(t, "{clouds: {mine: {region_name: eu-de, verify: true, auth: {project_name: p, password: }}, empty: }}", "")
	for name, keys := range map[string]string{"mine": "project_name, region_name, verify", "empty": "none"} {
		want := []error{&auth.ConfigError{
			Attribute: "cloud", Summary: "No credentials configured",
			Detail: fmt.Sprintf(`The cloud %q in %s has no credentials under "auth". Keys of the cloud: %s. `+
				"The provider block and the environment have no credentials either. "+
				`Write credentials under "auth", or set them in the provider block or in the environment.`, name, file, keys),
		}}
		_, inBlock := resolve(unchecked(map[string]string{"cloud": name}))
		wantEqual(t, want, inBlock)
		t.Setenv("OS_CLOUD", name)
		_, inEnvironment := resolve(nil)
		wantEqual(t, want, inEnvironment)
	}
}
