// Package acctest supports tests: it runs a real CLI with the provider and with the
// simulator in place of the cloud, and has servers that break HTTP. It imports nothing of
// the product, so the tests of every package can import it.
package acctest

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

var (
	// program is the path of the CLI to test with, "" when there is none.
	program string
	// cleanup is done when all tests of a package are.
	cleanup []func() error
)

// Main runs the tests of a package that has acceptance tests. It finds the CLI,
// and keeps the OS_ variables of the user's shell out of the tests, unless TF_ACC requests
// for the test of an account.
func Main(m *testing.M) {
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		isFromMake := name == "MAKEFLAGS" || name == "MAKELEVEL" || name == "MFLAGS" // would change the output of a test's own make
		if isFromMake || strings.HasPrefix(name, "OS_") && os.Getenv("TF_ACC") == "" {
			if err := os.Unsetenv(name); err != nil {
				panic(err)
			}
		}
	}
	if err := findCLI(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	for _, clean := range cleanup {
		if err := clean(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// findCLI finds the CLI to test with, and sets it for terraform-plugin-testing.
func findCLI() (err error) {
	program, err = FindCLI()
	if errors.Is(err, errNoCLI) {
		return nil
	}
	if err != nil {
		return err
	}
	environment := map[string]string{
		"TF_ACC_TERRAFORM_PATH": program,
		"TF_CLI_CONFIG_FILE":    os.DevNull, // not the user's
		"CHECKPOINT_DISABLE":    "1",
	}
	if strings.HasPrefix(filepath.Base(program), "tofu") {
		// OpenTofu searches for providers without a source in its own registry.
		environment["TF_ACC_PROVIDER_HOST"] = "registry.opentofu.org"
		environment["TF_ACC_PROVIDER_NAMESPACE"] = "hashicorp"
	}
	for name, value := range environment {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// NeedCLI skips a test, loudly, on a machine without a CLI, and returns its path
// elsewhere.
func NeedCLI(tb testing.TB) string {
	tb.Helper()
	if program == "" {
		skip(tb, errNoCLI.Error())
	}
	return program
}

// NeedProgram skips a test, loudly, on a machine without a program, and returns its
// path elsewhere.
func NeedProgram(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		skip(t, "there is no "+name)
	}
	return path
}

// NotFoundVariable names the variable with the shape of the error response for an unknown job, for
// tests that do not choose one: the API does not document it, so tests have to pass with each.
const NotFoundVariable = "SIMULATOR_NOT_FOUND_SHAPE"

// Simulator starts a simulator that ends with the test.
func Simulator(tb testing.TB, options simulator.Options) *simulator.Server {
	tb.Helper()
	options.NotFoundShape = cmp.Or(options.NotFoundShape, simulator.NotFoundShape(os.Getenv(NotFoundVariable)))
	server, err := simulator.Start(options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(server.Close)
	return server
}

// ProviderConfig is a provider block that needs no IAM and no environment.
func ProviderConfig(server *simulator.Server) string {
	return fmt.Sprintf(`
provider "modelarts" {
  token     = %q
  endpoint  = %q
  tenant_id = %q
}
`, server.IssueToken(), server.Endpoint(), simulator.DefaultProjectID)
}
