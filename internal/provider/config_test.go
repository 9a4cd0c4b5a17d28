package provider

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
)

// setting is an attribute as users know it.
type setting struct {
	variables  []string
	put        func(*clientConfig, any) // its value to where it goes
	configured any                      // a value for the configuration
	text       string                   // another one for the environment
	parsed     any                      // and what it means
	path       string                   // of it in a cloud of clouds.yaml; empty when a cloud cannot say it
}

func text(field func(*clientConfig) *string, path string, variables ...string) setting {
	return setting{variables, func(f *clientConfig, value any) { *field(f) = value.(string) }, "c", "e", "e", path}
}

// attributes is the interface as users know it, written out once more: the
// variables of each attribute in their order, and where its value goes.
var attributes = map[string]setting{
	"auth_url":    text(func(f *clientConfig) *string { return &f.auth.AuthURL }, "auth.auth_url", "OS_AUTH_URL"),
	"region":      text(func(f *clientConfig) *string { return &f.auth.Region }, "region_name", "OS_REGION_NAME", "OS_REGION"),
	"tenant_name": text(func(f *clientConfig) *string { return &f.auth.ProjectName }, "auth.project_name", "OS_TENANT_NAME", "OS_PROJECT_NAME"),
	"tenant_id":   text(func(f *clientConfig) *string { return &f.auth.ProjectID }, "auth.project_id", "OS_TENANT_ID", "OS_PROJECT_ID"),
	"domain_name": {
		[]string{"OS_USER_DOMAIN_NAME", "OS_PROJECT_DOMAIN_NAME", "OS_DOMAIN_NAME", "OS_DEFAULT_DOMAIN"},
		func(f *clientConfig, value any) {
			f.auth.DomainName, f.auth.ProjectDomainName = value.(string), value.(string)
		},
		"c", "e", "e", "auth.domain_name",
	},
	"domain_id": {
		[]string{"OS_USER_DOMAIN_ID", "OS_PROJECT_DOMAIN_ID", "OS_DOMAIN_ID"},
		func(f *clientConfig, value any) {
			f.auth.DomainID, f.auth.ProjectDomainID = value.(string), value.(string)
		},
		"c", "e", "e", "auth.domain_id",
	},
	"user_name":      text(func(f *clientConfig) *string { return &f.auth.UserName }, "auth.username", "OS_USERNAME"),
	"user_id":        text(func(f *clientConfig) *string { return &f.auth.UserID }, "auth.user_id", "OS_USER_ID"),
	"password":       text(func(f *clientConfig) *string { return &f.auth.Password }, "auth.password", "OS_PASSWORD"),
	"passcode":       text(func(f *clientConfig) *string { return &f.auth.Passcode }, "auth.passcode", "OS_PASSCODE"),
	"token":          text(func(f *clientConfig) *string { return &f.auth.Token }, "auth.token", "OS_TOKEN", "OS_AUTH_TOKEN"),
	"access_key":     text(func(f *clientConfig) *string { return &f.auth.AccessKey }, "auth.ak", "OS_ACCESS_KEY"),
	"secret_key":     text(func(f *clientConfig) *string { return &f.auth.SecretKey }, "auth.sk", "OS_SECRET_KEY"),
	"security_token": text(func(f *clientConfig) *string { return &f.auth.SecurityToken }, "auth.security_token", "OS_SECURITY_TOKEN"),
	"agency_name":    text(func(f *clientConfig) *string { return &f.auth.AgencyName }, "auth.target_agency_name", "OS_AGENCY_NAME"),
	"agency_domain_name": text(func(f *clientConfig) *string { return &f.auth.AgencyDomainName }, "auth.target_domain_name",
		"OS_AGENCY_DOMAIN_NAME"),
	"delegated_project": text(func(f *clientConfig) *string { return &f.auth.DelegatedProject }, "auth.target_project_name",
		"OS_DELEGATED_PROJECT"),
	"cacert_file": text(func(f *clientConfig) *string { return &f.auth.CACert }, "cacert", "OS_CACERT"),
	"cert":        text(func(f *clientConfig) *string { return &f.auth.Cert }, "cert", "OS_CERT"),
	"key":         text(func(f *clientConfig) *string { return &f.auth.Key }, "key", "OS_KEY"),
	"insecure": {
		[]string{"OS_INSECURE"},
		func(f *clientConfig, value any) { f.auth.Insecure = value.(bool) },
		false, "true", true, "",
	},
	"allow_reauth": {
		[]string{"OS_ALLOW_REAUTH"}, func(f *clientConfig, value any) { f.auth.AllowReauth = value.(bool) }, true, "false", false, "",
	},
	"max_retries": {
		[]string{"OS_MAX_RETRIES"}, func(f *clientConfig, value any) { f.auth.MaxRetries = value.(int) }, 7, "3", 3, "",
	},
	"max_concurrent_requests": {
		[]string{"OS_MAX_CONCURRENT_REQUESTS"}, func(f *clientConfig, value any) { f.maxConcurrentRequests = value.(int) }, 7, "3", 3, "",
	},
	"endpoint": text(func(f *clientConfig) *string { return &f.auth.Endpoint }, "", "OS_MODELARTS_ENDPOINT"),
}

// configured returns what a block with the values says.
func configured(t *testing.T, values map[string]any) map[string]string {
	t.Helper()
	attributes := map[string]tftypes.Value{}
	block := providerSchema(t).Schema.Type()
	for name, form := range block.TerraformType(t.Context()).(tftypes.Object).AttributeTypes {
		attributes[name] = tftypes.NewValue(form, values[name])
	}
	for name := range values {
		if _, ok := attributes[name]; !ok {
			t.Fatal("the block has no", name)
		}
	}
	value, err := block.ValueFromTerraform(t.Context(), tftypes.NewValue(block.TerraformType(t.Context()), attributes))
	if err != nil {
		t.Fatal(err)
	}
	return written(value.(types.Object))
}

// wantFound checks all that resolve finds: the sources of what is not configured,
// and what differs from when nothing is set.
func wantFound(t *testing.T, configuration map[string]string, sources auth.Sources, change func(*clientConfig)) {
	t.Helper()
	got, errs := resolve(configuration)
	if err := errors.Join(errs...); err != nil && !strings.HasPrefix(err.Error(), "No credentials configured") { // as in most tests
		t.Fatal(errs)
	}
	delete(got.auth.Sources, projectDomainID) // which no error names
	delete(got.auth.Sources, projectDomainName)
	want := &clientConfig{
		auth:                  auth.Options{AllowReauth: true, MaxRetries: 5, Sources: sources},
		maxConcurrentRequests: 10,
	}
	change(want)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.AllowUnexported(clientConfig{}),
		cmpopts.IgnoreFields(auth.Options{}, "Unused")); diff != "" {
		t.Error("unexpected (-want +got):\n" + diff)
	}
}

func nothing(*clientConfig) {}

// inProject puts the domain of the project: OS_USER_DOMAIN_ alone is of the user.
func inProject(f *clientConfig) {
	switch user := "OS_USER_DOMAIN_"; {
	case os.Getenv(user+"ID") == "" && os.Getenv(user+"NAME") == "":
	case os.Getenv("OS_DOMAIN_ID") == "" && os.Getenv("OS_DOMAIN_NAME") == "" || os.Getenv("OS_PROJECT_DOMAIN_ID") != "" || os.Getenv("OS_PROJECT_DOMAIN_NAME") != "":
		f.auth.ProjectDomainID, f.auth.ProjectDomainName = os.Getenv("OS_PROJECT_DOMAIN_ID"), os.Getenv("OS_PROJECT_DOMAIN_NAME")
	}
}

func TestResolveEachAttribute(t *testing.T) {
	if diff := cmp.Diff(len(environment), len(attributes)+1); diff != "" { // cloud is the one more
		t.Fatal("an attribute is not tested:", diff)
	}
	for attribute, about := range attributes {
		t.Run(attribute, func(t *testing.T) {
			m := configured(t, map[string]any{attribute: about.configured})
			asConfigured := func(f *clientConfig) { about.put(f, about.configured) }
			t.Run("nothing", func(t *testing.T) {
				wantFound(t, configured(t, nil), nil, nothing)
			})
			t.Run("configuration", func(t *testing.T) {
				wantFound(t, m, nil, asConfigured)
			})
			t.Run("configuration beats environment", func(t *testing.T) {
				for _, variable := range about.variables {
					t.Setenv(variable, about.text)
				}
				wantFound(t, m, nil, asConfigured)
			})
			t.Run("an empty variable counts as unset", func(t *testing.T) {
				for _, variable := range about.variables {
					t.Setenv(variable, "")
				}
				wantFound(t, configured(t, nil), nil, nothing)
			})
			for _, variable := range about.variables {
				t.Run(variable, func(t *testing.T) {
					t.Setenv(variable, about.text)
					wantFound(t, configured(t, nil), auth.Sources{attribute: variable}, func(f *clientConfig) {
						about.put(f, about.parsed)
						inProject(f)
					})
				})
			}
		})
	}
}

func TestResolveFirstVariableWins(t *testing.T) {
	for attribute, about := range attributes {
		for i, first := range about.variables[:len(about.variables)-1] {
			t.Run(first, func(t *testing.T) {
				for _, before := range about.variables[:i] {
					t.Setenv(before, "") // as in a shell that has cleared it
				}
				t.Setenv(first, "first")
				for _, after := range about.variables[i+1:] {
					t.Setenv(after, "later")
				}
				wantFound(t, configured(t, nil), auth.Sources{attribute: first}, func(f *clientConfig) {
					about.put(f, "first")
					inProject(f)
				})
			})
		}
	}
}

// What can be said in one word can be said in all its forms.
func TestResolveParses(t *testing.T) {
	tests := []struct {
		variable, value, attribute string
		want                       any
	}{
		{"OS_INSECURE", "1", "insecure", true},
		{"OS_INSECURE", "True", "insecure", true},
		{"OS_INSECURE", "false", "insecure", false},
		{"OS_ALLOW_REAUTH", "0", "allow_reauth", false},
		{"OS_ALLOW_REAUTH", "true", "allow_reauth", true},
		{"OS_MAX_RETRIES", "0", "max_retries", 0},
		{"OS_MAX_RETRIES", "20", "max_retries", 20},
		{"OS_MAX_CONCURRENT_REQUESTS", "1", "max_concurrent_requests", 1},
		{"OS_MAX_CONCURRENT_REQUESTS", "100", "max_concurrent_requests", 100},
	}
	for _, test := range tests {
		t.Run(test.variable+"="+test.value, func(t *testing.T) {
			t.Setenv(test.variable, test.value)
			wantFound(t, configured(t, nil), auth.Sources{test.attribute: test.variable}, func(f *clientConfig) {
				attributes[test.attribute].put(f, test.want)
			})
		})
	}
}

func TestResolveConfiguredNumbersAndBooleans(t *testing.T) {
	for _, test := range []struct {
		attribute string
		value     any
	}{
		{"insecure", true},
		{"insecure", false},
		{"allow_reauth", true},
		{"allow_reauth", false},
		{"max_retries", 0},
		{"max_retries", 20},
		{"max_concurrent_requests", 1},
		{"max_concurrent_requests", 100},
	} {
		t.Run(fmt.Sprintf("%s = %v", test.attribute, test.value), func(t *testing.T) {
			for _, variable := range attributes[test.attribute].variables {
				t.Setenv(variable, "not a value at all") // must not even be read
			}
			wantFound(t, configured(t, map[string]any{test.attribute: test.value}), nil, func(f *clientConfig) {
				attributes[test.attribute].put(f, test.value)
			})
		})
	}
}

func TestResolveInvalidVariables(t *testing.T) {
	long := strings.Repeat("yes", 1000)
	tests := []struct{ variable, value, attribute, detail string }{
		{"OS_INSECURE", "yes", "insecure", `"yes" is neither true nor false.`},
		{"OS_INSECURE", long, "insecure", `"` + long[:100] + `" is neither true nor false.`},
		{"OS_ALLOW_REAUTH", "2", "allow_reauth", `"2" is neither true nor false.`},
		{"OS_MAX_RETRIES", "many", "max_retries", `"many" is not a whole number from 0 to 20.`},
		{"OS_MAX_RETRIES", "-1", "max_retries", `"-1" is not a whole number from 0 to 20.`},
		{"OS_MAX_RETRIES", "21", "max_retries", `"21" is not a whole number from 0 to 20.`},
		{"OS_MAX_RETRIES", "1.5", "max_retries", `"1.5" is not a whole number from 0 to 20.`},
		{"OS_MAX_RETRIES", long, "max_retries", `"` + long[:100] + `" is not a whole number from 0 to 20.`},
		{"OS_MAX_RETRIES", "99999999999999999999", "max_retries", `"99999999999999999999" is not a whole number from 0 to 20.`},
		{"OS_MAX_CONCURRENT_REQUESTS", "all", "max_concurrent_requests", `"all" is not a whole number from 1 to 100.`},
		{"OS_MAX_CONCURRENT_REQUESTS", "0", "max_concurrent_requests", `"0" is not a whole number from 1 to 100.`},
		{"OS_MAX_CONCURRENT_REQUESTS", "101", "max_concurrent_requests", `"101" is not a whole number from 1 to 100.`},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s=%.30s", test.variable, test.value), func(t *testing.T) {
			t.Setenv(test.variable, test.value)
			_, got := resolve(configured(t, nil))
			want := []error{&auth.ConfigError{
				Attribute: test.attribute, Summary: "Invalid " + test.attribute, Detail: test.detail + " It comes from " + test.variable + ".",
			}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error("unexpected (-want +got):\n" + diff)
			}
		})
	}
}

// Somebody with four typing errors is told of all of them at once.
func TestResolveInvalidVariablesTogether(t *testing.T) {
	t.Setenv("OS_INSECURE", "yes")
	t.Setenv("OS_ALLOW_REAUTH", "no")
	t.Setenv("OS_MAX_RETRIES", "many")
	t.Setenv("OS_MAX_CONCURRENT_REQUESTS", "all")
	if _, errs := resolve(configured(t, nil)); len(errs) != 4 {
		t.Errorf("want an error for each of the four variables, got %v", errs)
	}
}

// Somebody who reads the documentation of an attribute finds its variables.
func TestDescriptionsNameTheVariables(t *testing.T) {
	for name, attribute := range providerSchema(t).Schema.Attributes {
		variables := attributes[name].variables
		if name == "cloud" {
			variables = []string{"OS_CLOUD"}
		}
		want := fmt.Sprintf("Environment: `%s`.", strings.Join(variables, "`, `"))
		if !strings.HasSuffix(attribute.GetMarkdownDescription(), want) {
			t.Errorf("%s: %q does not end with %q", name, attribute.GetMarkdownDescription(), want)
		}
	}
}

// A variable of a module that has no value is often written as "".
func TestResolveEmptyString(t *testing.T) {
	for attribute, about := range attributes {
		if about.configured != "c" {
			continue
		}
		t.Run(attribute, func(t *testing.T) {
			m := configured(t, map[string]any{attribute: "", "cloud": ""})
			wantFound(t, m, nil, nothing)
			t.Setenv(about.variables[0], "e")
			wantFound(t, m, auth.Sources{attribute: about.variables[0]}, func(f *clientConfig) {
				about.put(f, "e")
				inProject(f)
			})
		})
	}
}

// said is YAML of a cloud that says value at a path such as auth.password.
func said(path, value string) string {
	for _, key := range slices.Backward(strings.Split("clouds.mine."+path, ".")) {
		value = fmt.Sprintf("{%s: %s}", key, value)
	}
	return value
}

// useClouds writes a clouds.yaml and, unless it is empty, a secure.yaml, and has
// the test use them alone.
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

// write writes a file, for which it makes the folder, and returns its path.
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
