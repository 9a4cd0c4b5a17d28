package provider_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// proxy is an HTTP proxy that asks for another password from some time on. Until then it answers
// plain http as the simulator, whatever the host.
type proxy struct {
	*simulator.Simulator
	refuses atomic.Bool
	refused atomic.Int32
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.refuses.Load() {
		p.refused.Add(1)
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	p.Simulator.ServeHTTP(w, r)
}

// A proxy that refuses is sent one request in a run, and the error is about the proxy. Its password appears nowhere.
func TestProxyThatRefusesInARun(t *testing.T) {
	t.Parallel()
	plainHTTP := map[string]string{
		"OS_INSECURE": "true", "OS_AUTH_URL": "http://iam.example.com/v3", "OS_MODELARTS_ENDPOINT": "http://ma.example.com",
	}
	password := map[string]string{
		"OS_REGION_NAME": simulator.DefaultRegion, "OS_USER_DOMAIN_NAME": simulator.DefaultDomainName,
		"OS_USERNAME": simulator.DefaultUserName, "OS_PASSWORD": simulator.DefaultPassword, "OS_PROJECT_NAME": simulator.DefaultProjectName,
	}
	for name, test := range map[string]struct {
		variables []map[string]string
		later     bool // refuses from the first create on
		says      []string
	}{
		"login": {
			variables: []map[string]string{password},
			says:      []string{"The proxy refused the connection", "(from HTTPS_PROXY)", "iam.eu-de.otc.t-systems.com"},
		},
		"waiting": {
			variables: []map[string]string{password, plainHTTP}, later: true,
			says: []string{`Could not create visualization job "board" (id 1)`, "(from HTTP_PROXY)", "ma.example.com", "The job 1 is in the state"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &proxy{}
			options := simulator.Options{Transition: time.Hour}
			if test.later {
				options = atFirstCreate(options, func() { p.refuses.Store(true) })
			}
			p.Simulator = simulator.New(options)
			p.refuses.Store(!test.later)
			server := httptest.NewServer(p)
			t.Cleanup(server.Close)
			address := strings.Replace(server.URL, "://", "://proxy-user:"+secretPassword+"@", 1)
			variables := map[string]string{"HTTPS_PROXY": address, "HTTP_PROXY": address, "https_proxy": "", "http_proxy": "", "NO_PROXY": "", "no_proxy": ""}
			for _, more := range test.variables {
				maps.Copy(variables, more)
			}
			w := watch(t, variables)
			w.Write("main.tf", terraformBlock+board("first"))
			output := unwrapped(w.run(1, "apply", "-auto-approve", "-no-color"))
			if n := p.refused.Load(); n != 1 {
				t.Errorf("the proxy refused %d requests", n)
			}
			for _, say := range append(test.says, "HTTP 407 Proxy Authentication Required", "NO_PROXY") {
				if !strings.Contains(strings.ReplaceAll(output, "│ ", ""), say) {
					t.Errorf("the output does not say %q:\n%s", say, output)
				}
			}
			shown := map[string]string{}
			if test.later {
				shown["state"] = read(t, filepath.Join(w.Folder, "terraform.tfstate"))
			}
			w.wantNoSecret(shown, secretPassword, "proxy-user")
		})
	}
}

// A value that isn't a URL would be a direct connection, or one to another host.
func TestProxyVariableThatIsNoURLInARun(t *testing.T) {
	t.Parallel()
	w := watch(t, map[string]string{
		"HTTPS_PROXY": "http://proxy-user:" + secretPassword + "#1@127.0.0.1:1", "https_proxy": "",
		"OS_TOKEN": "simulated-", "OS_PROJECT_ID": simulator.DefaultProjectID, "OS_MODELARTS_ENDPOINT": "https://ma.example.com",
	})
	w.Write("main.tf", terraformBlock+board("first"))
	output := unwrapped(w.run(1, "apply", "-auto-approve", "-no-color"))
	for _, say := range []string{"Invalid HTTPS_PROXY", "percent-encoded", "add ma.example.com to NO_PROXY"} {
		if !strings.Contains(strings.ReplaceAll(output, "│ ", ""), say) {
			t.Errorf("the output does not say %q:\n%s", say, output)
		}
	}
	w.wantNoSecret(map[string]string{}, secretPassword, "proxy-user")
}
