package provider_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// A plan may come before what the block depends on exists, whatever it is.
func TestConfigureWithUnknownValues(t *testing.T) {
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	schemas, err := provider.NewServer("test").
		GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, attribute := range schemas.Provider.Block.Attributes {
		t.Run(attribute.Name, func(t *testing.T) {
			wantNoDiagnostics(t, configure(t, passwordBlock(server).with(attribute.Name, tftypes.UnknownValue)))
			// What is known already can be wrong without what is not known.
			wantNoDiagnostics(t, configure(t, block{attribute.Name: tftypes.UnknownValue, "endpoint": tftypes.UnknownValue}))
		})
	}
	wantCalls(t, server)
}

func TestConfigureErrors(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Chdir(t.TempDir()) // where is no clouds.yaml either
	for name, test := range faults {
		t.Run(name, func(t *testing.T) {
			server := acctest.Simulator(t, simulator.Options{})
			wantError(t, configure(t, test.block(server)), test.attribute, test.says...)
			wantCalls(t, server, test.calls...)
		})
	}
}

// What is not in the configuration is looked for in vain, unless the error says
// where it is from.
func TestConfigureErrorsNameTheSource(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	for name, test := range map[string]struct {
		environment map[string]string
		attribute   string
		says        string
	}{
		"token": {map[string]string{"OS_AUTH_TOKEN": "simulated- "}, "token", "(from OS_AUTH_TOKEN)"},
		"wrong password": {
			map[string]string{
				"OS_USER_ID": "u", "OS_PASSWORD": "simulator-", "OS_AUTH_URL": server.AuthURL(), "OS_PROJECT_ID": "p",
			},
			"password", "(from OS_PASSWORD)",
		},
		"boolean": {map[string]string{"OS_INSECURE": "yes"}, "insecure", "It comes from OS_INSECURE."},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range test.environment {
				t.Setenv(variable, value)
			}
			wantError(t, configure(t, nil), test.attribute, test.says)
		})
	}
	t.Run("in a cloud", func(t *testing.T) {
		b := inClouds(t, block{"access_key": "AK"}, func(string) bool { return false })
		wantError(t, configure(t, b), "secret_key", `access_key (from cloud "simulator" in `, "/clouds.yaml)")
	})
}

// Credentials that are there and not used are named, as they can be meant to be.
func TestConfigureErrorsNameUnusedCredentials(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	for name, value := range map[string]string{
		"OS_TOKEN": "other", "OS_USERNAME": "other", "OS_PASSWORD": "other", "OS_AGENCY_DOMAIN_NAME": "other", "OS_SECURITY_TOKEN": "other",
	} {
		t.Setenv(name, value)
	}
	wantError(t, configure(t, passwordBlock(server).with("password", nil)), "password", "Missing password",
		"Ignored credentials:", "token (from OS_TOKEN)", "user_name (from OS_USERNAME), password (from OS_PASSWORD)")
	wantError(t, configure(t, passwordBlock(server).asAgency().with("agency_domain_name", nil)), "agency_domain_name",
		"Missing agency_domain_name", "agency_domain_name (from OS_AGENCY_DOMAIN_NAME)")
	wantError(t, configure(t, keyBlock(server).with("secret_key", "wrong-secret-key")), "", "IAM refused the access key",
		"security_token (from OS_SECURITY_TOKEN)")
	wantCalls(t, server, projects)
}

// The bound is that of the whole provider, and what a user sets arrives.
func TestConfigureMaxConcurrentRequests(t *testing.T) {
	t.Parallel()
	const latency, reads = 50 * time.Millisecond, 5
	server := acctest.Simulator(t, simulator.Options{Latency: latency})
	addJob(server)
	c := newClient(t.Context(), t)
	wantNoDiagnostics(t, c.configure(staticBlock(server).with("max_concurrent_requests", 1)))
	start := time.Now()
	var wg sync.WaitGroup
	for range reads {
		reader := *c
		wg.Go(func() { wantNoDiagnostics(t, reader.read()) })
	}
	wg.Wait()
	if took := time.Since(start); took < reads*latency {
		t.Errorf("%d reads, one at a time, took %v", reads, took)
	}
}

// Over HTTP/1.1, about as many connections are opened as are used at a time.
func TestConfigureConnections(t *testing.T) {
	t.Parallel()
	sim := simulator.New(simulator.Options{})
	addJob(sim)
	var opened, reads atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/visualization-jobs") {
			w.WriteHeader(http.StatusForbidden) // so that each job is read by itself
			return
		}
		<-time.After(2 * time.Millisecond) // so that others are under way
		reads.Add(1)
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
		"token": sim.IssueToken(), "endpoint": server.URL, "tenant_id": simulator.DefaultProjectID,
	}))
	var wg sync.WaitGroup
	for range 10 {
		reader := *c
		wg.Go(func() {
			for range 10 {
				wantNoDiagnostics(t, reader.read())
			}
		})
	}
	wg.Wait()
	t.Logf("%d connections for %d reads", opened.Load(), reads.Load())
	if opened.Load() > 15 || reads.Load() < 100 {
		t.Errorf("%d connections for %d reads", opened.Load(), reads.Load())
	}
}

// It is the user's word that counts, and nothing is sent by configuring alone.
func TestConfigureInsecure(t *testing.T) {
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	wantNoDiagnostics(t, configure(t, staticBlock(server).with("endpoint", "http://modelarts.example.org").with("insecure", true)))
}

func TestConfigureWithoutIAM(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close() // nobody answers there from now on
	server := acctest.Simulator(t, simulator.Options{})
	for name, b := range map[string]block{"password": passwordBlock(server), "access key": keyBlock(server)} {
		t.Run(name, func(t *testing.T) {
			wantError(t, configure(t, b.with("auth_url", "http://"+address+"/v3")), "", "Could not authenticate", address)
		})
	}
	wantCalls(t, server)
}
