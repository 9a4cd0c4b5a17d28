package provider_test

import (
	"archive/zip"
	"crypto/tls"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const (
	// secretPassword and the other secrets have only letters and digits, so no encoding changes them.
	secretPassword = "correcthorsebatterystaple4711"
	// mistakenPassword isn't the simulator's. It is a secret, because it can be that of another account.
	mistakenPassword = "incorrecthorsebatterystaple4711"

	terraformBlock = `
terraform {
  required_providers {
    modelarts = { source = "opentelekomcloud-community/modelarts" }
  }
}
`
	stateFile = "terraform.tfstate"
)

// secretive has the simulator accept secrets that a test can find.
var secretive = simulator.Options{
	Password: secretPassword, SecretKey: "correctkeybatterystaple4712", TemporarySecretKey: "correctkeybatterystaple4713",
	SecurityToken: "correcttokenbatterystaple4714", Passcode: "correctcodebatterystaple4715",
}

// board is a resource with a description.
func board(description string) string {
	return `
resource "modelarts_visualization_job" "test" {
  name        = "board"
  train_url   = "/bucket/logs/"
  description = "` + description + `"
}
`
}

// watched is a workspace that keeps the output and the finest log of the CLI and the provider.
type watched struct {
	*acctest.Workspace

	t      *testing.T
	log    string
	output strings.Builder
}

func watch(t *testing.T, variables map[string]string) *watched {
	t.Helper()
	w := &watched{t: t, log: filepath.Join(t.TempDir(), "trace.log")}
	logged := map[string]string{"TF_LOG": "TRACE", "TF_LOG_PATH": w.log}
	maps.Copy(logged, variables)
	w.Workspace = acctest.NewWorkspace(t, logged)
	return w
}

func (w *watched) run(code int, args ...string) string {
	w.t.Helper()
	output := w.MustRun(code, append(args, "-no-color")...)
	w.output.WriteString(output)
	return output
}

// wantNoSecret searches the log, the output and other texts, and prints the surroundings of a secret.
func (w *watched) wantNoSecret(shown map[string]string, secrets ...string) {
	w.t.Helper()
	shown["log"], shown["output"] = read(w.t, w.log), w.output.String()
	for where, text := range shown {
		if text == "" {
			w.t.Errorf("%s: there is no text", where)
		}
		for _, secret := range secrets {
			if at := strings.Index(text, secret); at >= 0 {
				w.t.Errorf("%s: it has %q:\n…%s…", where, secret, text[max(0, at-300):min(len(text), at+300)])
			}
		}
	}
}

// unpacked returns the content of a saved plan.
func unpacked(t *testing.T, path string) (text string) {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	for _, packed := range archive.File {
		content, err := fs.ReadFile(archive, packed.Name)
		if err != nil {
			t.Fatal(err)
		}
		text += string(content)
	}
	return text
}

// No log, output, saved plan or state has a secret, although a token is rejected during an apply that fails later. The CLI itself copies a
// provider block into a saved plan. TestLogOfCalls has more methods and sources.
func TestSecretsAreShownNowhere(t *testing.T) {
	t.Parallel()
	ca := issue(t, nil, "CA", "")
	mine := issue(t, ca, "client", "")
	user := block{
		"region": simulator.DefaultRegion, "domain_name": simulator.DefaultDomainName, "tenant_name": simulator.DefaultProjectName,
		"user_name": simulator.DefaultUserName, "password": secretPassword,
	}
	temporary := block{
		"tenant_name": simulator.DefaultProjectName, "access_key": simulator.DefaultTemporaryAccessKey,
		"secret_key": secretive.TemporarySecretKey, "security_token": secretive.SecurityToken,
	}
	for name, test := range map[string]struct {
		block    block
		inClouds bool // in clouds.yaml and secure.yaml, or else in the provider block
	}{
		"temporary key of an agency, with secure.yaml": {temporary.asAgency(), true},
		"password and passcode, in the block":          {user.with("passcode", secretive.Passcode), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serveTLS(t, secretive, issue(t, ca, "server", loopback), ca, tls.VersionTLS12, 0)
			s.Inject(simulator.Fault{Path: "/visualization-jobs/.*/stop", Code: "ModelArts.0108", Status: http.StatusForbidden, Message: "not yours"})
			b := test.block.with("auth_url", s.url+"/v3").
				with("cacert_file", ca.certPEM()).with("cert", mine.certPEM()).with("key", mine.keyPEM(t))
			variables, config := map[string]string{}, terraformBlock+b.inHCL()
			if test.inClouds {
				_, variables["OS_CLIENT_CONFIG_FILE"] = b.inClouds(t, true)
				variables["OS_CLOUD"] = "simulator"
				config = terraformBlock + "provider \"modelarts\" {}\n"
			}
			w := watch(t, variables)
			w.Write("main.tf", config+strings.Replace(board("first"), "\n}", "\n  running = false\n}", 1))
			apply := []string{"apply", "-auto-approve"}
			if test.inClouds {
				w.run(0, "plan", "-out=saved.plan")
				apply = []string{"apply", "saved.plan"}
				s.Inject(simulator.Fault{Method: http.MethodPost, Path: "/visualization-jobs$", Status: http.StatusUnauthorized}) // a token of a passcode can't be renewed
			}
			s.ResetRequests()
			wantOutput(t, w.run(1, apply...), "not yours")

			shown := map[string]string{"state": read(t, w.Folder, stateFile)}
			if test.inClouds {
				shown["saved plan"] = unpacked(t, filepath.Join(w.Folder, "saved.plan"))
			}
			keyLines := strings.Split(strings.TrimSpace(mine.keyPEM(t)), "\n")
			w.wantNoSecret(shown, append(keyLines[1:len(keyLines)-1], "PRIVATE KEY", secretPassword, secretive.TemporarySecretKey,
				secretive.SecurityToken, secretive.Passcode, "simulated-", "SDK-HMAC-SHA256", "Signature=")...)
			log := read(t, w.log)
			for _, want := range []string{"IAM request", "Authenticated", "ModelArts API request", "visualization-jobs/1", "403"} {
				if !strings.Contains(log, want) {
					t.Errorf("the log lacks %q", want)
				}
			}
			logins := 0 // for a plan and an apply, or for an apply and after the rejection
			for _, call := range s.Requests() {
				if call.Method+" "+call.Path == login {
					logins++
				}
			}
			if logins != 2 {
				t.Errorf("%d tokens were acquired", logins)
			}
		})
	}
}

// A CLI shows the lines of the configuration that a diagnostic is about. TestConfigureErrors and TestKeyInThePlaceOfACertificate
// have the other mistakes.
func TestSecretsOfAFaultyBlockAreShownNowhere(t *testing.T) {
	t.Parallel()
	key := issue(t, nil, "client", "").keyPEM(t)
	static := block{"token": mistakenPassword, "tenant_id": simulator.DefaultProjectID}
	w := watch(t, nil)
	w.Write("main.tf", terraformBlock+static.with("endpoint", "https://user:"+mistakenPassword+"@modelarts.example.org").inHCL()+
		static.with("alias", "other").with("endpoint", "https://modelarts.example.org").with("cacert_file", key).inHCL()+board("first")+
		strings.Replace(board("second"), `"test" {`, "\"other\" {\n  provider = modelarts.other", 1))
	wantOutput(t, w.run(1, "plan"), "has a user name or a password in it", "Invalid cacert_file")
	w.wantNoSecret(map[string]string{}, append(strings.Split(strings.TrimSpace(key), "\n"), mistakenPassword)...)
}

// The clouds.yaml of another person's repository gets no password of a variable. TestCloudOfTheWorkingDirectory has the ways to trust the file.
func TestCloudOfAnotherRepositoryWithCLI(t *testing.T) {
	t.Parallel()
	s := acctest.Simulator(t, simulator.Options{})
	w := acctest.NewWorkspace(t, map[string]string{"OS_CLOUD": "prod", "OS_PASSWORD": simulator.DefaultPassword})
	w.Write("clouds.yaml", "clouds: {prod: {auth: {auth_url: '"+s.AuthURL()+"', username: "+simulator.DefaultUserName+
		", domain_name: "+simulator.DefaultDomainName+", project_name: "+simulator.DefaultProjectName+"}}}")
	w.Write("main.tf", terraformBlock+board("first"))
	wantOutput(t, w.MustRun(1, "plan", "-no-color"), `Could not use cloud "prod"`,
		"clouds.yaml, a file in the working directory, sets auth_url", "password comes from OS_PASSWORD")
	wantCalls(t, s)
}

// A proxy that rejects the connection gets one request, and the error is about the proxy. Its password is shown nowhere. A value that isn't a
// URL would be a direct connection, or one to another host.
func TestProxyThatRejects(t *testing.T) {
	for suffix, want := range map[string]struct { // by the end of the password
		requests int32
		wants    []string
	}{
		"":   {1, []string{"The proxy rejected the connection", "(from HTTPS_PROXY)", "iam.eu-de.otc.t-systems.com", "HTTP 407 Proxy Authentication Required", "NO_PROXY"}},
		"#1": {0, []string{"Invalid HTTPS_PROXY", "percent-encoded", "add iam.eu-de.otc.t-systems.com to NO_PROXY"}},
	} {
		var requests atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			w.WriteHeader(http.StatusProxyAuthRequired)
		}))
		t.Cleanup(server.Close)
		for _, name := range []string{"https_proxy", "NO_PROXY", "no_proxy"} {
			t.Setenv(name, "")
		}
		t.Setenv("HTTPS_PROXY", strings.Replace(server.URL, "://", "://proxy-user:"+mistakenPassword+suffix+"@", 1))
		logged(t, func(c *client) {
			wantError(t, c.configure(block{
				"region": simulator.DefaultRegion, "domain_name": simulator.DefaultDomainName, "user_name": simulator.DefaultUserName,
				"password": simulator.DefaultPassword, "tenant_name": simulator.DefaultProjectName,
			}), "", want.wants...)
		})
		if n := requests.Load(); n != want.requests {
			t.Errorf("the proxy rejected %d requests", n)
		}
	}
}
