package provider_test

import (
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// A plan can come before the apply that creates values of the block. Known values can be invalid only together with the unknown
// ones. A block with a token and insecure is valid, and needs no request.
func TestConfigureWithoutRequests(t *testing.T) {
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	wantNoDiagnostics(t, configure(t, staticBlock(server).with("endpoint", "http://modelarts.example.org").with("insecure", true)))
	for _, attribute := range newClient(t.Context(), t).schemas.Provider.Block.Attributes {
		wantNoDiagnostics(t, configure(t, passwordBlock(server).with(attribute.Name, tftypes.UnknownValue)))
		wantNoDiagnostics(t, configure(t, block{attribute.Name: tftypes.UnknownValue, "endpoint": tftypes.UnknownValue}))
	}
	wantCalls(t, server)
}

// TestConfigureErrors has one block for each way in which an error becomes a diagnostic: the other errors are tested
// in auth. If there are requests, the error is from IAM. An error on a secret of the block has no attribute, because a CLI
// would show its line.
func TestConfigureErrors(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Chdir(t.TempDir()) // has no clouds.yaml either
	for name, test := range map[string]struct {
		base      func(*simulator.Server) block
		with      block
		variables string
		attribute string
		wants     []string
		calls     []string
	}{
		"nothing": {
			base:  func(*simulator.Server) block { return block{} },
			wants: []string{"No credentials", "token", "OS_TOKEN", "OS_PASSWORD", "OS_ACCESS_KEY", "OS_CLOUD"},
		},
		"no password, but other credentials": {
			base: passwordBlock, with: block{"password": nil}, variables: "OS_TOKEN=x OS_USERNAME=x OS_PASSWORD=x", attribute: "password",
			wants: []string{"Missing password", "Ignored credentials:", "token (from OS_TOKEN)", "user_name (from OS_USERNAME), password (from OS_PASSWORD)"},
		},
		"endpoint of another project than the agency's": {
			base: passwordBlock, with: block{}.asAgency().with("endpoint", "https://modelarts.example.org/v1/other"), attribute: "endpoint",
			wants: []string{"another project", simulator.DefaultDelegatedProjectID, `"other"`, "correct delegated_project."}, calls: []string{login, login},
		},
		"wrong password": {
			base: passwordBlock, with: block{"password": "wrong-password"},
			wants: []string{"IAM rejected", "HTTP status: 401", "user_name"}, calls: []string{login},
		},
		"wrong password in a variable": {
			base: passwordBlock, with: block{"password": nil}, variables: "OS_PASSWORD=wrong-password", attribute: "password",
			wants: []string{"IAM rejected", "(from OS_PASSWORD)"}, calls: []string{login},
		},
		"no IAM": {
			base: passwordBlock, with: block{"auth_url": "http://127.0.0.1:1/v3"},
			wants: []string{"Could not authenticate", "The provider received no usable response from IAM", "127.0.0.1:1"},
		},
		"http to another host with a token": {
			base: staticBlock, with: block{"endpoint": "http://modelarts.example.org"}, attribute: "endpoint",
			wants: []string{"Insecure endpoint", "modelarts.example.org", "insecure"},
		},
		"password in an endpoint": {
			base: staticBlock, with: block{"endpoint": "https://me:" + simulator.DefaultPassword + "@modelarts.example.org"},
			wants: []string{"Invalid endpoint", "has a user name or a password in it"},
		},
		"token in the query of an endpoint": {
			base: staticBlock, with: block{"endpoint": "https://modelarts.example.org?token=simulated-token"},
			wants: []string{"Invalid endpoint", "a query (?)"},
		},
		"token in the fragment of auth_url": {
			base: passwordBlock, with: block{"auth_url": "https://iam.example.org/v3#simulated-token"},
			wants: []string{"Invalid auth_url", "a fragment (#)"},
		},
		"boolean in a variable": {base: staticBlock, variables: "OS_INSECURE=yes", attribute: "insecure", wants: []string{"(from OS_INSECURE)"}},
		"certificate that is missing": {
			base: passwordBlock, with: block{"cert": "~/cert.pem", "key": "key.pem"}, attribute: "cert",
			wants: []string{"Invalid cert", "no such file"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for variable := range strings.FieldsSeq(test.variables) {
				name, value, _ := strings.Cut(variable, "=")
				t.Setenv(name, value)
			}
			server := acctest.Simulator(t, simulator.Options{})
			b := test.base(server)
			maps.Copy(b, test.with)
			wantError(t, configure(t, b), test.attribute, test.wants...)
			wantCalls(t, server, test.calls...)
		})
	}
	t.Run("wrong key without IAM", func(t *testing.T) {
		s := acctest.Simulator(t, simulator.Options{})
		t.Setenv("OS_SECRET_KEY", "wrong-secret-key")
		c := newClient(t.Context(), t)
		wantNoDiagnostics(t, c.configure(keyBlock(s).with("secret_key", nil).with("endpoint", s.Endpoint()).with("tenant_id", simulator.DefaultProjectID)))
		wantError(t, c.read(), "", "verify aksk signature fail", "secret_key (from OS_SECRET_KEY) is wrong")
	})
}

// readTogether has some readers read the job 1 several times each.
func readTogether(t *testing.T, c *client, readers, times int) {
	t.Helper()
	var wg sync.WaitGroup
	for range readers {
		reader := *c
		wg.Go(func() {
			for range times {
				wantNoDiagnostics(t, reader.read())
			}
		})
	}
	wg.Wait()
}

// max_concurrent_requests counts for the requests of the whole provider. Over HTTP/1.1, the provider opens about as many connections as it
// uses at a time.
func TestConfigureConnections(t *testing.T) {
	t.Parallel()
	for maxConcurrent, maxOpened := range map[int]int64{1: 2, 10: 15} {
		sim := simulator.New(simulator.Options{Latency: 2 * time.Millisecond}) // so that requests overlap
		addJob(sim)
		sim.Inject(simulator.Fault{Path: "/visualization-jobs$", Status: http.StatusForbidden, Count: -1}) // so that each job is read by itself
		var opened, running, most atomic.Int64
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			sim.ServeHTTP(w, r)
		}))
		server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				opened.Add(1)
			}
		}
		server.Start()
		t.Cleanup(server.Close)
		c := newClient(t.Context(), t)
		wantNoDiagnostics(t, c.configure(block{
			"token": sim.IssueToken(), "endpoint": server.URL, "tenant_id": simulator.DefaultProjectID, "max_concurrent_requests": maxConcurrent,
		}))
		readTogether(t, c, 10, 10)
		if reads := len(sim.Requests()); opened.Load() > maxOpened || most.Load() > int64(maxConcurrent) || reads < 100 {
			t.Errorf("%d connections and up to %d requests at a time for %d reads", opened.Load(), most.Load(), reads)
		}
	}
}
