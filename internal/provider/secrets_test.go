package provider_test

import (
	"cmp"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const (
	// secretPassword has only what no encoding changes, so that it is found in
	// JSON, in HCL and in a URL alike.
	secretPassword = "correcthorsebatterystaple4711"
	// mistakenPassword is as secret: it may be that of another account.
	mistakenPassword = "incorrecthorsebatterystaple4711"

	terraformBlock = `
terraform {
  required_providers {
    modelarts = { source = "opentelekomcloud-community/modelarts" }
  }
}
`
)

// board is a resource with the given description.
func board(description string) string {
	return `
resource "modelarts_visualization_job" "test" {
  name        = "board"
  train_url   = "/bucket/logs/"
  description = "` + description + `"
}
`
}

// watched is a workspace that keeps all that a CLI and a provider show: their
// log at the finest level, their output and the files they write.
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
	output := w.MustRun(code, args...)
	w.output.WriteString(output)
	return output
}

// wantNoSecret searches what was shown, and says where a secret is without
// showing the whole log.
func (w *watched) wantNoSecret(shown map[string]string, secrets ...string) {
	w.t.Helper()
	shown["log"] = read(w.t, w.log)
	shown["output"] = w.output.String()
	for where, text := range shown {
		if text == "" {
			w.t.Errorf("%s: there is nothing to search", where)
		}
		for _, secret := range secrets {
			if at := strings.Index(text, secret); at >= 0 {
				w.t.Errorf("%s: %q is in it:\n…%s…", where, secret, text[max(0, at-300):min(len(text), at+300)])
			}
		}
	}
}

// renewals counts the tokens that were asked for after the first create.
func renewals(server *simulator.Server) int {
	n := 0
	created := false
	for _, call := range server.Calls() {
		created = created || isCreate(call)
		if created && call.Method == http.MethodPost && call.Path == "/v3/auth/tokens" {
			n++
		}
	}
	return n
}

func isCreate(call simulator.Call) bool {
	return call.Method == http.MethodPost && strings.HasSuffix(call.Path, "/visualization-jobs")
}

// atFirstCreate has something done when the first create arrives.
func atFirstCreate(options simulator.Options, do func()) simulator.Options {
	var once sync.Once
	options.OnCall = func(call simulator.Call) {
		if isCreate(call) {
			once.Do(do)
		}
	}
	return options
}

// revoking starts a simulator whose first create takes its token away, so that
// one and the same apply has to get another.
func revoking(t *testing.T) *simulator.Server {
	t.Helper()
	var server atomic.Pointer[simulator.Server]
	started := acctest.Simulator(t, atFirstCreate(simulator.Options{Password: secretPassword}, func() { server.Load().RevokeTokens() }))
	server.Store(started)
	return started
}

func TestSecretsAreShownNowhere(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		environment func(*simulator.Server) map[string]string
		block       string
		secrets     []string
	}{
		"from the environment": {
			environment: func(s *simulator.Server) map[string]string { return s.Env() },
			secrets:     []string{secretPassword, "simulated-"},
		},
		// The CLI itself copies the configuration and its variables into a saved
		// plan, so all that a provider can do is to keep them out of the rest.
		"from the configuration": {
			environment: func(s *simulator.Server) map[string]string {
				environment := s.Env()
				delete(environment, "OS_PASSWORD")
				return environment
			},
			block:   "\nprovider \"modelarts\" {\n  password = \"" + secretPassword + "\"\n}\n",
			secrets: []string{"simulated-"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := revoking(t)
			w := watch(t, test.environment(server))
			config := terraformBlock + cmp.Or(test.block, "\nprovider \"modelarts\" {}\n")

			w.Write("main.tf", config+board("first"))
			w.run(0, "apply", "-auto-approve", "-no-color")
			if n := renewals(server); n != 1 {
				t.Errorf("the first apply logged in %d times after its token was revoked, want once", n)
			}

			server.RevokeTokens()
			server.Inject(simulator.Fault{
				Method: http.MethodPut, Code: "ModelArts.0108", Status: http.StatusForbidden, Message: "not yours",
			})
			w.Write("main.tf", config+board("second"))
			w.run(0, "plan", "-out=saved.plan", "-no-color")
			plan := w.MustRun(0, "show", "-json", "saved.plan")
			if output := w.run(1, "apply", "-no-color", "saved.plan"); !strings.Contains(output, "not yours") {
				t.Errorf("the apply that was to fail did so for another reason:\n%s", output)
			}
			w.run(0, "apply", "-auto-approve", "-no-color")
			state := read(w.t, filepath.Join(w.Folder, "terraform.tfstate"))
			w.run(0, "destroy", "-auto-approve", "-no-color")

			w.wantNoSecret(map[string]string{"saved plan": plan}, test.secrets...)
			w.wantNoSecret(map[string]string{"state": state}, secretPassword, "simulated-")
			wantLoggedCall(t, read(w.t, w.log), http.MethodPost, `/v1/`+simulator.DefaultProjectID+`/visualization-jobs`, "200")
			wantLoggedCall(t, read(w.t, w.log), http.MethodGet, `/v1/`+simulator.DefaultProjectID+`/visualization-jobs/1`, "200")
			wantLoggedCall(t, read(w.t, w.log), http.MethodPut, `/v1/`+simulator.DefaultProjectID+`/visualization-jobs/1`, "403")
		})
	}
}

// wantLoggedCall looks for the line of a call. Without it the search for secrets
// could be one in a log that the provider does not write to.
func wantLoggedCall(t *testing.T, log, method, path, status string) {
	t.Helper()
	line := regexp.MustCompile(`(?m)^.*ModelArts API call.*$`)
	for _, found := range line.FindAllString(log, -1) {
		fits := true
		for _, field := range []string{`attempt="?1"?`, `method="?` + method + `"?`, `path="?` + path + `"?`, `status="?` + status + `"?`} {
			fits = fits && regexp.MustCompile(`[ :]`+field+`(?: |$)`).MatchString(found)
		}
		if fits {
			return
		}
	}
	t.Errorf("the log has no line of %s %s, attempt 1, status %s", method, path, status)
}

// Whoever reads the output of a failed login must not learn what was tried.
func TestSecretsOfAFailedLoginAreShownNowhere(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		variables map[string]string
		says      string
		secret    string
	}{
		"password": {map[string]string{"OS_PASSWORD": mistakenPassword}, "IAM refused the user or the password", mistakenPassword},
		"token":    {map[string]string{"OS_TOKEN": "simulated-long-ago"}, "IAM refused the token", "simulated-"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := acctest.Simulator(t, simulator.Options{Password: secretPassword})
			environment := server.Env()
			maps.Copy(environment, test.variables)
			w := watch(t, environment)
			w.Write("main.tf", terraformBlock+board("first"))
			if output := w.run(1, "apply", "-auto-approve", "-no-color"); !strings.Contains(output, test.says) {
				t.Errorf("the output does not say %q:\n%s", test.says, output)
			}
			w.wantNoSecret(map[string]string{}, test.secret, secretPassword)
		})
	}
}

// A token that cannot be renewed is as secret when the service refuses it.
func TestSecretTokenThatExpiresIsShownNowhere(t *testing.T) {
	t.Parallel()
	server := revoking(t)
	w := watch(t, map[string]string{
		"OS_TOKEN": server.IssueToken(), "OS_MODELARTS_ENDPOINT": server.Endpoint(), "OS_PROJECT_ID": simulator.DefaultProjectID,
	})
	w.Write("main.tf", terraformBlock+board("first"))
	if output := w.run(1, "apply", "-auto-approve", "-no-color"); !strings.Contains(output, "Could not create") {
		t.Errorf("the apply that was to fail did so for another reason:\n%s", output)
	}
	state := read(w.t, filepath.Join(w.Folder, "terraform.tfstate"))
	w.wantNoSecret(map[string]string{"state": state}, "simulated-")
	wantLoggedCall(t, read(w.t, w.log), http.MethodGet, `/v1/`+simulator.DefaultProjectID+`/visualization-jobs/1`, "401")
	for _, call := range server.Calls() {
		if strings.HasPrefix(call.Path, "/v3") {
			t.Errorf("IAM was asked: %s %s", call.Method, call.Path)
		}
	}
}
