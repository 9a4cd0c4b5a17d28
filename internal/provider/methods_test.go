package provider_test

import (
	"cmp"
	"fmt"
	"net/http"
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
	project string   // whose jobs are managed; empty is the user's
}

// methods has every method, in every form that makes other calls of IAM.
var methods = map[string]method{
	"password": {block: passwordBlock, calls: []string{login}},
	"password, by ids": {
		block: func(s *simulator.Server) block {
			return block{
				"auth_url": s.AuthURL(), "user_id": simulator.DefaultUserID, "password": simulator.DefaultPassword,
				"tenant_id": simulator.DefaultProjectID,
			}
		},
		calls: []string{login},
	},
	"password, id of the domain": {
		block: func(s *simulator.Server) block {
			return passwordBlock(s).with("domain_name", nil).with("domain_id", simulator.DefaultDomainID)
		},
		calls: []string{login},
	},
	"password, default project of the region": {
		options: simulator.Options{ProjectName: simulator.DefaultRegion},
		block:   func(s *simulator.Server) block { return passwordBlock(s).with("tenant_name", nil) },
		calls:   []string{login},
	},
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
	"token, project": {
		block: func(s *simulator.Server) block { return staticBlock(s).with("endpoint", nil) },
		calls: []string{inspect},
	},
	"token, endpoint": {
		block: func(s *simulator.Server) block { return staticBlock(s).with("tenant_id", nil) },
		calls: []string{inspect},
	},
	"token of no project": {
		block: func(s *simulator.Server) block {
			return block{
				"auth_url": s.AuthURL(), "token": unscopedToken(s), "tenant_name": simulator.DefaultProjectName,
			}
		},
		calls: []string{inspect, login},
	},
	"access key": {block: keyBlock, calls: []string{projects, catalog}},
	"access key, project": {
		block: func(s *simulator.Server) block { return keyBlock(s).with("tenant_id", simulator.DefaultProjectID) },
		calls: []string{catalog},
	},
	"access key, endpoint": {
		block: func(s *simulator.Server) block { return keyBlock(s).with("endpoint", s.Endpoint()) },
		calls: []string{projects},
	},
	"access key, project and endpoint": {
		block: func(s *simulator.Server) block {
			return keyBlock(s).with("tenant_id", simulator.DefaultProjectID).with("endpoint", s.Endpoint())
		},
	},
	"access key, endpoint with the project in it": {
		block: func(s *simulator.Server) block {
			return keyBlock(s).with("tenant_name", nil).with("endpoint", s.Endpoint()+"/v1/"+simulator.DefaultProjectID+"/")
		},
	},
	"access key, default project of the region": {
		options: simulator.Options{ProjectName: simulator.DefaultRegion},
		block: func(s *simulator.Server) block {
			return keyBlock(s).with("tenant_name", nil).with("region", simulator.DefaultRegion)
		},
		calls: []string{projects, catalog},
	},
	"temporary access key": {block: temporaryKeyBlock, calls: []string{projects, catalog}},
	"temporary access key, project and endpoint": {
		block: func(s *simulator.Server) block {
			return temporaryKeyBlock(s).with("tenant_id", simulator.DefaultProjectID).with("endpoint", s.Endpoint())
		},
	},
	"agency on password": {
		block: func(s *simulator.Server) block { return passwordBlock(s).asAgency() },
		calls: []string{login, login}, project: simulator.DefaultDelegatedProjectID,
	},
	"agency on password, default project of the region": {
		options: simulator.Options{DelegatedProjectName: simulator.DefaultRegion},
		block:   func(s *simulator.Server) block { return passwordBlock(s).asAgency().with("delegated_project", nil) },
		calls:   []string{login, login}, project: simulator.DefaultDelegatedProjectID,
	},
	"agency on passcode": {
		options: simulator.Options{Passcode: "simulated-passcode", PasscodeOnce: true},
		block: func(s *simulator.Server) block {
			return passwordBlock(s).asAgency().with("passcode", "simulated-passcode")
		},
		calls: []string{login, login}, project: simulator.DefaultDelegatedProjectID,
	},
	"agency on token": {
		block: func(s *simulator.Server) block {
			return block{"auth_url": s.AuthURL(), "token": s.IssueToken()}.asAgency()
		},
		calls: []string{login}, project: simulator.DefaultDelegatedProjectID,
	},
	"agency on access key": {
		block: func(s *simulator.Server) block { return keyBlock(s).asAgency() },
		calls: []string{domains, login}, project: simulator.DefaultDelegatedProjectID,
	},
	"agency on access key, domain": {
		block: func(s *simulator.Server) block {
			return keyBlock(s).asAgency().with("domain_id", simulator.DefaultDomainID)
		},
		calls: []string{login}, project: simulator.DefaultDelegatedProjectID,
	},
	"agency on access key, endpoint": {
		block: func(s *simulator.Server) block { return keyBlock(s).asAgency().with("endpoint", s.Endpoint()) },
		calls: []string{domains, login}, project: simulator.DefaultDelegatedProjectID,
	},
	"agency on temporary access key": {
		block: func(s *simulator.Server) block { return temporaryKeyBlock(s).asAgency() },
		calls: []string{domains, login}, project: simulator.DefaultDelegatedProjectID,
	},
}

// unscopedToken gets a token for no project, and leaves no trace of that.
func unscopedToken(s *simulator.Server) string {
	body := fmt.Sprintf(`{"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": %q, "password": %q}}}}}`,
		simulator.DefaultUserID, simulator.DefaultPassword)
	resp, err := http.Post(s.AuthURL()+"/auth/tokens", "application/json", strings.NewReader(body))
	if err != nil || resp.Body.Close() != nil || resp.StatusCode != http.StatusCreated {
		panic(fmt.Sprint("no token: ", resp, err))
	}
	s.ResetCalls()
	return resp.Header.Get("X-Subject-Token")
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

// unrelated is set for another tool: variables, and a clouds.yaml.
var unrelated = map[string]struct {
	variables map[string]string
	clouds    string // the clouds in it; empty for no file
}{
	"nothing":                   {},
	"OS_CLOUD, no clouds.yaml":  {variables: map[string]string{"OS_CLOUD": "dev"}},
	"OS_CLOUD, no such cloud":   {map[string]string{"OS_CLOUD": "dev"}, "    other: {}\n"},
	"OS_CLOUD, expired token":   {map[string]string{"OS_CLOUD": "dev"}, "    dev: {auth: {token: expired}}\n"},
	"OS_CLOUD, broken entry":    {map[string]string{"OS_CLOUD": "dev"}, "    dev: {region_name: [eu-nl]}\n"},
	"OS_CLOUD, unsupported key": {map[string]string{"OS_CLOUD": "dev"}, "    dev: {regions: [eu-nl]}\n"},
	"OS_CLOUD, agency": {
		map[string]string{"OS_CLOUD": "dev"}, "    dev: {verify: false, auth: {auth_url: 'https://iam.example.org/v3', project_name: other, " +
			"target_agency_name: other, target_domain_name: other}}\n",
	},
	"OS_TOKEN":          {variables: map[string]string{"OS_TOKEN": "expired"}},
	"OS_AGENCY_NAME":    {variables: map[string]string{"OS_AGENCY_NAME": "other", "OS_AGENCY_DOMAIN_NAME": "other"}},
	"OS_SECURITY_TOKEN": {variables: map[string]string{"OS_SECURITY_TOKEN": "other"}},
	"another key": {variables: map[string]string{
		"OS_ACCESS_KEY": "other", "OS_SECRET_KEY": "other", "OS_SECURITY_TOKEN": "other",
	}},
	"another user": {variables: map[string]string{"OS_USERNAME": "other", "OS_PASSWORD": "other", "OS_PASSCODE": "000000"}},
}

// Each method makes no more calls of IAM than it has to, and ModelArts takes its
// credentials, wherever they come from, and whatever another tool has set.
func TestConfigureWithEachMethodFromEachSource(t *testing.T) {
	for name, method := range methods {
		for source, say := range sources {
			for other, set := range unrelated {
				_, cloud := set.variables["OS_CLOUD"]
				switch {
				case other == "nothing":
				case source == "OS_CLOUD", source == "environment" && !cloud:
					continue // it takes precedence, or isn't another tool's
				case source == "clouds.yaml and secure.yaml":
					continue // the same as clouds.yaml alone
				}
				t.Run(name+", "+source+", "+other, func(t *testing.T) {
					server := acctest.Simulator(t, method.options)
					addJob(server)
					b := say(t, method.block(server))
					setUnrelated(t, set.variables, set.clouds)
					c := newClient(t.Context(), t)
					wantNoDiagnostics(t, c.configure(b))
					wantCalls(t, server, method.calls...)
					server.ResetCalls()
					wantNoDiagnostics(t, c.read())
					project := cmp.Or(method.project, simulator.DefaultProjectID)
					wantCalls(t, server, readOf(project))
					if c.project != project {
						t.Errorf("the project of the job is %q, want %s", c.project, project)
					}
				})
			}
		}
	}
}

// setUnrelated sets variables, and adds to the clouds.yaml that the test uses.
func setUnrelated(t *testing.T, variables map[string]string, clouds string) {
	t.Helper()
	for variable, value := range variables {
		t.Setenv(variable, value)
	}
	name := os.Getenv("OS_CLIENT_CONFIG_FILE")
	if name == "" {
		t.Setenv("OS_CLIENT_CONFIG_FILE", filepath.Join(t.TempDir(), "missing.yaml"))
	}
	if name == "" && clouds != "" {
		t.Setenv("OS_CLIENT_CONFIG_FILE", file(t, "clouds.yaml", "clouds:\n"+clouds))
	} else if clouds != "" {
		if err := os.WriteFile(name, []byte("clouds:\n"+clouds+strings.TrimPrefix(read(t, name), "clouds:\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
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

// Of an agency a cloud can say the ids as well.
func TestConfigureWithAgencyByIDs(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	addJob(server)
	for _, base := range []block{passwordBlock(server), keyBlock(server)} {
		b := inClouds(t, base, func(string) bool { return false })
		file := os.Getenv("OS_CLIENT_CONFIG_FILE")
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		ids := fmt.Sprintf("auth:\n            target_agency_name: %s\n            target_domain_id: %s\n            target_project_id: %s\n",
			simulator.DefaultAgencyName, simulator.DefaultAgencyDomainID, simulator.DefaultDelegatedProjectID)
		if err := os.WriteFile(file, []byte(strings.Replace(string(content), "auth:\n", ids, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		c := newClient(t.Context(), t)
		wantNoDiagnostics(t, c.configure(b))
		server.ResetCalls()
		wantNoDiagnostics(t, c.read())
		wantCalls(t, server, readOf(simulator.DefaultDelegatedProjectID))
	}
}

// Of several methods in one source, the first is used, and no other is tried.
func TestConfigureWithSeveralMethods(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	wrong := map[string]string{"token": "wrong-token", "access_key": "wrong-key", "secret_key": "wrong-secret", "password": "wrong-password"}
	lower := map[string][]string{"token": {"access_key", "secret_key", "password"}, "access_key": {"password"}}
	rights := map[string]block{
		"token":      {"token": server.IssueToken()},
		"access_key": {"access_key": simulator.DefaultAccessKey, "secret_key": simulator.DefaultSecretKey},
	}
	calls := map[string][]string{"token": {inspect}, "access_key": {projects, catalog}}
	for attribute, right := range rights {
		for source, say := range sources {
			t.Run(attribute+" of the "+source, func(t *testing.T) {
				server.ResetCalls()
				right = right.with("auth_url", server.AuthURL()).with("tenant_name", simulator.DefaultProjectName)
				b := right.with("user_name", simulator.DefaultUserName).with("domain_name", simulator.DefaultDomainName)
				for _, other := range lower[attribute] {
					b = b.with(other, wrong[other])
				}
				wantNoDiagnostics(t, configure(t, say(t, b.with("max_retries", 0))))
				wantCalls(t, server, calls[attribute]...)
			})
		}
	}
}
