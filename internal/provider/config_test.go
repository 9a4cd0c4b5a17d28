package provider

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
)

// attributes is the interface as users know it, written out once more: the
// variables of each attribute in their order, and where its value goes.
var attributes = map[string]struct {
	variables  []string
	option     func(*auth.Options) any
	otherwise  any    // when it is neither configured nor in the environment
	configured any    // a value for the configuration
	text       string // another one for the environment
	parsed     any    // and what it means
}{
	"auth_url":    {[]string{"OS_AUTH_URL"}, func(o *auth.Options) any { return o.AuthURL }, "", "c", "e", "e"},
	"region":      {[]string{"OS_REGION_NAME", "OS_REGION"}, func(o *auth.Options) any { return o.Region }, "", "c", "e", "e"},
	"tenant_name": {[]string{"OS_TENANT_NAME", "OS_PROJECT_NAME"}, func(o *auth.Options) any { return o.ProjectName }, "", "c", "e", "e"},
	"tenant_id":   {[]string{"OS_TENANT_ID", "OS_PROJECT_ID"}, func(o *auth.Options) any { return o.ProjectID }, "", "c", "e", "e"},
	"domain_name": {
		[]string{"OS_USER_DOMAIN_NAME", "OS_PROJECT_DOMAIN_NAME", "OS_DOMAIN_NAME", "OS_DEFAULT_DOMAIN"},
		func(o *auth.Options) any { return o.DomainName }, "", "c", "e", "e",
	},
	"domain_id": {
		[]string{"OS_USER_DOMAIN_ID", "OS_PROJECT_DOMAIN_ID", "OS_DOMAIN_ID"},
		func(o *auth.Options) any { return o.DomainID }, "", "c", "e", "e",
	},
	"user_name":    {[]string{"OS_USERNAME"}, func(o *auth.Options) any { return o.UserName }, "", "c", "e", "e"},
	"user_id":      {[]string{"OS_USER_ID"}, func(o *auth.Options) any { return o.UserID }, "", "c", "e", "e"},
	"password":     {[]string{"OS_PASSWORD"}, func(o *auth.Options) any { return o.Password }, "", "c", "e", "e"},
	"token":        {[]string{"OS_TOKEN", "OS_AUTH_TOKEN"}, func(o *auth.Options) any { return o.Token }, "", "c", "e", "e"},
	"insecure":     {[]string{"OS_INSECURE"}, func(o *auth.Options) any { return o.Insecure }, false, false, "true", true},
	"allow_reauth": {[]string{"OS_ALLOW_REAUTH"}, func(o *auth.Options) any { return o.AllowReauth }, true, true, "false", false},
	"max_retries":  {[]string{"OS_MAX_RETRIES"}, func(o *auth.Options) any { return o.MaxRetries }, 5, 7, "3", 3},
	"endpoint":     {[]string{"OS_MODELARTS_ENDPOINT"}, func(o *auth.Options) any { return o.Endpoint }, "", "c", "e", "e"},
}

// configured returns a model with one attribute set.
func configured(t *testing.T, attribute string, value any) *model {
	t.Helper()
	var m model
	fields := reflect.ValueOf(&m).Elem()
	for i := range fields.NumField() {
		if fields.Type().Field(i).Tag.Get("tfsdk") != attribute {
			continue
		}
		switch value := value.(type) {
		case string:
			fields.Field(i).Set(reflect.ValueOf(types.StringValue(value)))
		case bool:
			fields.Field(i).Set(reflect.ValueOf(types.BoolValue(value)))
		case int:
			fields.Field(i).Set(reflect.ValueOf(types.Int64Value(int64(value))))
		}
		return &m
	}
	t.Fatalf("the model has no %s", attribute)
	return nil
}

// wantOption checks one option, and that all others are as if nothing was set.
func wantOption(t *testing.T, m *model, attribute string, want any) {
	t.Helper()
	options, diags := m.options()
	if diags.HasError() {
		t.Fatal(diags)
	}
	for name, about := range attributes {
		wanted := about.otherwise
		if name == attribute {
			wanted = want
		}
		if got := about.option(&options); got != wanted {
			t.Errorf("%s is %#v, want %#v", name, got, wanted)
		}
	}
}

func TestOptionsOfEachAttribute(t *testing.T) {
	if diff := cmp.Diff(len(environment), len(attributes)); diff != "" {
		t.Fatal("an attribute is not tested:", diff)
	}
	for attribute, about := range attributes {
		t.Run(attribute, func(t *testing.T) {
			t.Run("nothing", func(t *testing.T) {
				wantOption(t, &model{}, attribute, about.otherwise)
			})
			t.Run("configuration", func(t *testing.T) {
				wantOption(t, configured(t, attribute, about.configured), attribute, about.configured)
			})
			t.Run("configuration beats environment", func(t *testing.T) {
				for _, variable := range about.variables {
					t.Setenv(variable, about.text)
				}
				wantOption(t, configured(t, attribute, about.configured), attribute, about.configured)
			})
			t.Run("an empty variable counts as unset", func(t *testing.T) {
				for _, variable := range about.variables {
					t.Setenv(variable, "")
				}
				wantOption(t, &model{}, attribute, about.otherwise)
			})
			for _, variable := range about.variables {
				t.Run(variable, func(t *testing.T) {
					t.Setenv(variable, about.text)
					wantOption(t, &model{}, attribute, about.parsed)
				})
			}
		})
	}
}

func TestOptionsFirstVariableWins(t *testing.T) {
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
				wantOption(t, &model{}, attribute, "first")
			})
		}
	}
}

// What can be said in one word can be said in all its forms.
func TestOptionsParse(t *testing.T) {
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
	}
	for _, test := range tests {
		t.Run(test.variable+"="+test.value, func(t *testing.T) {
			t.Setenv(test.variable, test.value)
			wantOption(t, &model{}, test.attribute, test.want)
		})
	}
}

func TestOptionsOfInvalidVariables(t *testing.T) {
	tests := []struct{ variable, value, attribute, detail string }{
		{"OS_INSECURE", "yes", "insecure", `"yes" is neither true nor false.`},
		{"OS_ALLOW_REAUTH", "2", "allow_reauth", `"2" is neither true nor false.`},
		{"OS_MAX_RETRIES", "many", "max_retries", `"many" is not a number from 0 to 20.`},
		{"OS_MAX_RETRIES", "-1", "max_retries", `"-1" is not a number from 0 to 20.`},
		{"OS_MAX_RETRIES", "21", "max_retries", `"21" is not a number from 0 to 20.`},
		{"OS_MAX_RETRIES", "1.5", "max_retries", `"1.5" is not a number from 0 to 20.`},
	}
	for _, test := range tests {
		t.Run(test.variable+"="+test.value, func(t *testing.T) {
			t.Setenv(test.variable, test.value)
			_, got := (&model{}).options()
			want := diag.Diagnostics{
				diag.NewAttributeErrorDiagnostic(path.Root(test.attribute), "Invalid "+test.variable, test.detail),
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error("unexpected (-want +got):\n" + diff)
			}
			// The configuration leaves no reason to read the variable.
			about := attributes[test.attribute]
			if _, diags := configured(t, test.attribute, about.configured).options(); diags.HasError() {
				t.Error("configured:", diags)
			}
		})
	}
}

// Somebody who reads the documentation of an attribute finds its variables.
func TestDescriptionsNameTheVariables(t *testing.T) {
	for name, attribute := range providerSchema(t).Schema.Attributes {
		want := fmt.Sprintf("Environment: `%s`.", strings.Join(attributes[name].variables, "`, `"))
		if !strings.HasSuffix(attribute.GetMarkdownDescription(), want) {
			t.Errorf("%s: %q does not end with %q", name, attribute.GetMarkdownDescription(), want)
		}
	}
}

// A project that is configured by its name is not overruled by the id of
// another one in the environment, and the reverse.
func TestOptionsOfPairs(t *testing.T) {
	for _, test := range []struct{ configured, other string }{
		{"tenant_name", "tenant_id"},
		{"tenant_id", "tenant_name"},
		{"domain_name", "domain_id"},
		{"domain_id", "domain_name"},
		{"user_name", "user_id"},
		{"user_id", "user_name"},
	} {
		t.Run(test.configured, func(t *testing.T) {
			for _, attribute := range []string{test.configured, test.other} {
				for _, variable := range attributes[attribute].variables {
					t.Setenv(variable, "e")
				}
			}
			wantOption(t, configured(t, test.configured, "c"), test.configured, "c")
		})
	}
}

// A variable of a module that has no value is often written as "".
func TestOptionsOfEmptyString(t *testing.T) {
	for attribute, about := range attributes {
		if about.configured != "c" {
			continue
		}
		t.Run(attribute, func(t *testing.T) {
			t.Setenv(about.variables[0], "e")
			m := configured(t, attribute, "")
			options, diags := m.options()
			if got := about.option(&options); got != "e" || diags.HasError() {
				t.Errorf("%s is %q (%v), want that of the environment", attribute, got, diags)
			}
		})
	}
}
