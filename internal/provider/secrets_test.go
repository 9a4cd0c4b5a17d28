package provider_test

import (
	"archive/zip"
	"crypto/tls"
	"fmt"
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
	traceLog  = "trace.log"
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

// traced has the CLI and the provider write their finest log into the folder of a workspace.
var traced = map[string]string{"TF_LOG": "TRACE", "TF_LOG_PATH": traceLog}

// wantNoSecret searches texts, and prints the surroundings of a secret.
func wantNoSecret(t *testing.T, shown map[string]string, secrets ...string) {
	t.Helper()
	for where, text := range shown {
		if text == "" {
			t.Errorf("%s: there is no text", where)
		}
		for _, secret := range secrets {
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("%s: it has %q:\n…%s…", where, secret, text[max(0, at-300):min(len(text), at+300)])
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
// provider block into a saved plan. TestLogOfCalls has more methods.
func TestSecretsAreShownNowhere(t *testing.T) {
	t.Parallel()
	mine, key := acctest.NewCertificate(t)
	for name, isInClouds := range map[string]bool{
		"temporary key of an agency, with secure.yaml": true,
		"password and passcode, in the block":          false,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serveTLS(t, secretive, loopback, mine, tls.VersionTLS13)
			s.Inject(simulator.Fault{Path: "/visualization-jobs/.*/stop", Code: "ModelArts.0108", Status: http.StatusForbidden, Message: "not yours"})
			w := acctest.NewWorkspace(t, traced)
			b, _ := s.blocks()
			maps.Copy(b, block{
				"password": secretPassword, "passcode": secretive.Passcode, "cacert_file": s.cert, "cert": mine, "key": key,
			})
			if isInClouds {
				b = block{"cloud": "simulator"}
				w.Write("clouds.yaml", fmt.Sprintf("{clouds: {simulator: {cacert: %q, cert: %q, auth: {auth_url: %q, project_name: %q, ak: %q, "+
					"target_agency_name: %q, target_domain_name: %q, target_project_name: %q}}}}", s.cert, mine, s.url+"/v3", simulator.DefaultProjectName,
					simulator.DefaultTemporaryAccessKey, simulator.DefaultAgencyName, simulator.DefaultAgencyDomainName, simulator.DefaultDelegatedProjectName))
				w.Write("secure.yaml", fmt.Sprintf("{clouds: {simulator: {key: %q, auth: {sk: %q, security_token: %q}}}}",
					key, secretive.TemporarySecretKey, secretive.SecurityToken))
			}
			w.Write("main.tf", terraformBlock+b.inHCL()+strings.Replace(board("first"), "\n}", "\n  running = false\n}", 1))
			shown, apply := map[string]string{}, []string{"apply", "-no-color", "-auto-approve"}
			if isInClouds {
				shown["plan"] = w.MustRun(0, "plan", "-out=saved.plan")
				shown["saved plan"] = unpacked(t, filepath.Join(w.Folder, "saved.plan"))
				apply = append(apply, "saved.plan")
				s.Inject(simulator.Fault{Method: http.MethodPost, Path: "/visualization-jobs$", Status: http.StatusUnauthorized}) // a token of a passcode can't be renewed
			}
			s.ResetRequests()
			shown["apply"] = w.MustRun(1, apply...)
			acctest.WantOutput(t, shown["apply"], "not yours")

			shown["log"], shown["state"] = acctest.Read(t, w.Folder, traceLog), acctest.Read(t, w.Folder, stateFile)
			keyLines := strings.Split(strings.TrimSpace(key), "\n")
			wantNoSecret(t, shown, append(keyLines[1:len(keyLines)-1], "PRIVATE KEY", secretPassword, secretive.TemporarySecretKey,
				secretive.SecurityToken, secretive.Passcode, "simulated-", "SDK-HMAC-SHA256", "Signature=")...)
			for _, want := range []string{"IAM request", "Authenticated", "ModelArts API request", "visualization-jobs/1", "403"} {
				if !strings.Contains(shown["log"], want) {
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
	_, key := acctest.NewCertificate(t)
	static := block{"token": mistakenPassword, "tenant_id": simulator.DefaultProjectID}
	w := acctest.NewWorkspace(t, traced)
	w.Write("main.tf", terraformBlock+static.with("endpoint", "https://user:"+mistakenPassword+"@modelarts.example.org").inHCL()+
		static.with("alias", "other").with("endpoint", "https://modelarts.example.org").with("cacert_file", key).inHCL()+board("first")+
		strings.Replace(board("second"), `"test" {`, "\"other\" {\n  provider = modelarts.other", 1))
	output := w.MustRun(1, "plan", "-no-color")
	acctest.WantOutput(t, output, "has a user name or a password in it", "Invalid cacert_file")
	secrets := append(strings.Split(strings.TrimSpace(key), "\n"), mistakenPassword)
	wantNoSecret(t, map[string]string{"log": acctest.Read(t, w.Folder, traceLog), "output": output}, secrets...)
}

// The clouds.yaml of another person's repository gets no password of a variable. TestCloudOfTheWorkingDirectory has the ways to trust the file.
func TestCloudOfAnotherRepositoryWithCLI(t *testing.T) {
	t.Parallel()
	s := acctest.Simulator(t, simulator.Options{})
	w := acctest.NewWorkspace(t, map[string]string{"OS_CLOUD": "prod", "OS_PASSWORD": simulator.DefaultPassword})
	w.Write("clouds.yaml", "clouds: {prod: {auth: {auth_url: '"+s.AuthURL()+"', username: "+simulator.DefaultUserName+
		", domain_name: "+simulator.DefaultDomainName+", project_name: "+simulator.DefaultProjectName+"}}}")
	w.Write("main.tf", terraformBlock+board("first"))
	acctest.WantOutput(t, w.MustRun(1, "plan", "-no-color"), `Could not use cloud "prod"`,
		"clouds.yaml, a file in the working directory, sets auth_url", "password comes from OS_PASSWORD")
	wantCalls(t, s)
}

// A proxy that rejects the connection gets one request, and the error is about the proxy. Its password is shown nowhere.
func TestProxyThatRejects(t *testing.T) {
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	t.Cleanup(server.Close)
	for _, name := range []string{"https_proxy", "NO_PROXY", "no_proxy"} {
		t.Setenv(name, "")
	}
	t.Setenv("HTTPS_PROXY", strings.Replace(server.URL, "://", "://proxy-user:"+mistakenPassword+"@", 1))
	logged(t, func(c *client) {
		wantError(t, c.configure(block{"region": simulator.DefaultRegion, "tenant_name": simulator.DefaultProjectName, "token": "simulated-token"}), "",
			"The proxy rejected the connection", "(from HTTPS_PROXY)", "iam.eu-de.otc.t-systems.com", "HTTP 407 Proxy Authentication Required", "NO_PROXY",
			"/troubleshooting.md#proxy-rejected")
	})
	if n := requests.Load(); n != 1 {
		t.Errorf("the proxy rejected %d requests", n)
	}
}
