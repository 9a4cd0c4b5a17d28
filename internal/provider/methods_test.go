package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// method is a way to say who we are.
type method struct {
	options simulator.Options
	block   func(*simulator.Server) block
	calls   []string // of IAM
}

// methods has every method, with and without an endpoint. The other forms are tested in auth.
var methods = map[string]method{
	"password": {block: passwordBlock, calls: []string{login}},
	"password, endpoint": {
		block: func(s *simulator.Server) block { return passwordBlock(s).with("endpoint", s.Endpoint()) },
		calls: []string{login},
	},
	"passcode": {
		options: simulator.Options{Passcode: "simulated-passcode", PasscodeOnce: true},
		block:   func(s *simulator.Server) block { return passwordBlock(s).with("passcode", "simulated-passcode") },
		calls:   []string{login},
	},
	"token": {
		block: func(s *simulator.Server) block { return block{"auth_url": s.AuthURL(), "token": s.IssueToken()} },
		calls: []string{inspect},
	},
	"token, project and endpoint": {block: staticBlock},
	"token, endpoint with the project in it": {
		block: func(s *simulator.Server) block {
			return staticBlock(s).with("tenant_id", nil).with("endpoint", s.Endpoint()+"/v1/"+simulator.DefaultProjectID)
		},
	},
	"token, endpoint": {
		block: func(s *simulator.Server) block { return staticBlock(s).with("tenant_id", nil) },
		calls: []string{inspect},
	},
	"access key": {block: keyBlock, calls: []string{projects, catalog}},
	"access key, project and endpoint": {
		block: func(s *simulator.Server) block {
			return keyBlock(s).with("tenant_id", simulator.DefaultProjectID).with("endpoint", s.Endpoint())
		},
	},
	"temporary access key": {block: temporaryKeyBlock, calls: []string{projects, catalog}},
	"agency on password": {
		block: func(s *simulator.Server) block { return passwordBlock(s).asAgency() },
		calls: []string{login, login},
	},
	"agency on token": {
		block: func(s *simulator.Server) block {
			return block{"auth_url": s.AuthURL(), "token": s.IssueToken()}.asAgency()
		},
		calls: []string{login},
	},
	"agency on access key": {
		block: func(s *simulator.Server) block { return keyBlock(s).asAgency() },
		calls: []string{domains, login},
	},
}

// sources are where a block can come from. Each takes a block out of the
// configuration, and returns what is left of it there.
var sources = map[string]func(*testing.T, block) block{
	"configuration": func(_ *testing.T, b block) block { return b },
	"environment": func(t *testing.T, b block) block {
		t.Helper()
		for variable, value := range inEnvironment(b) {
			t.Setenv(variable, value)
		}
		return nil
	},
	"clouds.yaml": func(t *testing.T, b block) block {
		t.Helper()
		return inClouds(t, b, func(string) bool { return false })
	},
	"OS_CLOUD": func(t *testing.T, b block) block {
		t.Helper()
		t.Setenv("OS_CLOUD", "simulator")
		return inClouds(t, b, func(string) bool { return false }).with("cloud", nil)
	},
	"clouds.yaml and secure.yaml": func(t *testing.T, b block) block {
		t.Helper()
		return inClouds(t, b, secretAttribute)
	},
}

// inClouds has the test use a clouds.yaml with the block, and returns what is left of
// it, as a cloud cannot say that.
func inClouds(t *testing.T, b block, secret func(attribute string) bool) block {
	t.Helper()
	t.Setenv("OS_CLIENT_CONFIG_FILE", writeClouds(t, b, secret))
	left := block{"cloud": "simulator"}
	for attribute, value := range b {
		if _, path := provider.Says(attribute); path == "" {
			left[attribute] = value
		}
	}
	return left
}

// writeClouds writes what a cloud can say of the block into a clouds.yaml, and what of
// that is secret into a secure.yaml beside it.
func writeClouds(t *testing.T, b block, secret func(attribute string) bool) (file string) {
	t.Helper()
	folder := t.TempDir()
	for name, wanted := range map[string]bool{"clouds.yaml": false, "secure.yaml": true} {
		inAuth := map[string]any{}
		cloud := map[string]any{"auth": inAuth}
		for attribute, value := range b {
			_, path := provider.Says(attribute)
			if path == "" || value == nil || secret(attribute) != wanted {
				continue
			}
			if key, ok := strings.CutPrefix(path, "auth."); ok {
				inAuth[key] = value
			} else {
				cloud[path] = value
			}
		}
		content, err := yaml.Marshal(map[string]any{"clouds": map[string]any{"simulator": cloud}})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, "clouds.yaml")
}

// With a real CLI: another tool's cloud is not even read.
func TestUnrelatedCloudWithCLI(t *testing.T) {
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	variables := server.AccessKeyEnv()
	w := acctest.NewWorkspace(t, map[string]string{"OS_CLOUD": "dev"})
	w.Write("main.tf", terraformBlock+inConfiguration(block{
		"endpoint": server.Endpoint(), "tenant_id": simulator.DefaultProjectID,
		"access_key": variables["OS_ACCESS_KEY"], "secret_key": variables["OS_SECRET_KEY"],
	})+board("first"))
	for _, clouds := range []string{"", "clouds: {other: {}}", "clouds: {dev: {auth: {token: expired, target_agency_name: other}}}"} {
		w.Write("clouds.yaml", clouds)
		w.MustRun(0, "plan", "-no-color")
	}
}

// With a real CLI: the clouds.yaml of another person's repository gets no password from a variable,
// until the user trusts the file.
func TestCloudOfAnotherRepositoryWithCLI(t *testing.T) {
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	w := acctest.NewWorkspace(t, map[string]string{"OS_CLOUD": "prod", "OS_PASSWORD": simulator.DefaultPassword})
	w.Write("clouds.yaml", fmt.Sprintf("clouds: {prod: {auth: {auth_url: %q, username: %s, domain_name: %s, project_name: %s}}}",
		server.AuthURL(), simulator.DefaultUserName, simulator.DefaultDomainName, simulator.DefaultProjectName))
	w.Write("main.tf", terraformBlock+board("first"))
	output := strings.ReplaceAll(unwrapped(w.MustRun(1, "plan", "-no-color")), "│ ", "")
	for _, say := range []string{`Cannot use the cloud "prod"`, "clouds.yaml, a file in the working directory, sets auth_url", "password comes from OS_PASSWORD"} {
		if !strings.Contains(output, say) {
			t.Errorf("the output doesn't say %q:\n%s", say, output)
		}
	}
	wantCalls(t, server)
	w.Write("main.tf", terraformBlock+inConfiguration(block{"cloud": "prod"})+board("first"))
	w.MustRun(0, "plan", "-no-color")
}
