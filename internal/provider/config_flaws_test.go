package provider

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
)

// A value that begins or ends with something of its surroundings is an error that names the
// variable, and shows no secret. PEM ends with a line ending, and a password can end with anything.
func TestResolveFlaws(t *testing.T) {
	for name, about := range attributes {
		for value, flaw := range map[string]string{
			cloudSecret + "\r": `ends with a line ending ('\r')`, cloudSecret + "\r\n": `ends with a line ending ('\n')`,
			cloudSecret + " ": "ends with a space", "\t" + cloudSecret: "begins with a space", "\u00a0" + cloudSecret: "begins with a space",
			`"` + cloudSecret + `"`: "begins with a quote", cloudSecret + "'": "ends with a quote", "“" + cloudSecret: "begins with a quote",
		} {
			t.Run(fmt.Sprintf("%s=%q", name, value), func(t *testing.T) {
				want := []error{&auth.ConfigError{
					Attribute: name, Summary: "Invalid " + name,
					Detail: fmt.Sprintf("The value of %s (from %s) %s.", name, about.variables[0], flaw),
				}}
				if name == "password" {
					want = nil
				}
				t.Setenv("OS_TOKEN", "") // unless it is the one
				t.Setenv(about.variables[0], value)
				_, got := resolve(nil)
				if name == "domain_id" || name == "domain_name" { // nothing is wrong with the user's alone
					got = got[:min(1, len(got))]
				}
				if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
					t.Error("unexpected (-want +got):\n" + diff)
				}
				if name == "password" {
					return
				}
				if fault, ok := errors.AsType[*auth.ConfigError](want[0]); ok {
					fault.Detail = fmt.Sprintf("The value of %s %s.", name, flaw)
				}
				t.Setenv(about.variables[0], "")
				if _, got = resolve(map[string]string{name: value}); len(got) == 0 || cmp.Diff(want[0], got[0]) != "" {
					t.Errorf("in the block: %v, want %v", got, want)
				}
			})
		}
	}
	t.Setenv("OS_TOKEN", "unused\r")
	if _, errs := resolve(map[string]string{"access_key": "a", "secret_key": "s", "cacert_file": "\n-----BEGIN CERTIFICATE-----\n"}); len(errs) > 0 {
		t.Error(errs)
	}
}

// So are the names of clouds and of files.
func TestResolveFlawsOfNames(t *testing.T) {
	file := useClouds(t, "{clouds: {mine: {}}}", "")
	t.Setenv("OS_CLOUD", "mine\r")
	if _, errs := resolve(nil); len(errs) != 1 || !strings.Contains(errs[0].Error(), `The name ends with a line ending ('\r'). OS_CLOUD names this cloud`) {
		t.Errorf("got %v", errs)
	}
	for _, variable := range []string{"OS_CLIENT_SECURE_FILE", "OS_CLIENT_CONFIG_FILE"} {
		t.Setenv(variable, file+"\r")
		wantCloudError(t, "mine", variable+" names cannot be read", `(the value ends with a line ending ('\r'))`)
	}
}
