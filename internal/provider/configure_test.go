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

// What the simulator tells its users to export is all that the block needs.
func TestConfigureFromWhatTheSimulatorPrints(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	for name, value := range server.Env() {
		t.Setenv(name, value)
	}
	wantNoDiagnostics(t, configure(t, nil))
	wantCalls(t, server, login)

	for name, value := range server.AccessKeyEnv() {
		t.Setenv(name, value)
	}
	wantNoDiagnostics(t, configure(t, nil))
	wantCalls(t, server, login, projects, catalog)
}

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
			server := acctest.Simulator(t, simulator.Options{Passcode: passcodeOf(name)})
			wantError(t, configure(t, test.block(server)), test.attribute, test.says...)
			wantCalls(t, server, test.calls...)
		})
	}
}

// passcodeOf makes the passcode matter where it is what a case is about.
func passcodeOf(name string) string {
	if name == "wrong passcode" {
		return "simulated-passcode"
	}
	return ""
}

// What is not in the configuration is looked for in vain, unless the error says
// where it is from.
func TestConfigureErrorsNameTheSource(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	folder := t.TempDir()
	for name, test := range map[string]struct {
		environment map[string]string
		attribute   string
		says        string
	}{
		"access key":     {map[string]string{"OS_ACCESS_KEY": "AK"}, "secret_key", "access_key (from OS_ACCESS_KEY)"},
		"secret key":     {map[string]string{"OS_SECRET_KEY": "simulator-"}, "access_key", "secret_key (from OS_SECRET_KEY)"},
		"security token": {map[string]string{"OS_SECURITY_TOKEN": "simulator-"}, "access_key", "security_token (from OS_SECURITY_TOKEN)"},
		"password":       {map[string]string{"OS_PASSWORD": "simulator-"}, "user_name", "(from OS_PASSWORD)"},
		"user":           {map[string]string{"OS_USERNAME": "simulator"}, "password", "(from OS_USERNAME)"},
		"token":          {map[string]string{"OS_AUTH_TOKEN": "simulated- "}, "token", "(from OS_AUTH_TOKEN)"},
		"wrong token":    {map[string]string{"OS_TOKEN": "simulated-", "OS_AUTH_URL": server.AuthURL()}, "token", "(from OS_TOKEN)"},
		"wrong access key": {
			map[string]string{
				"OS_ACCESS_KEY": "AK", "OS_SECRET_KEY": "simulator-", "OS_AUTH_URL": server.AuthURL(), "OS_PROJECT_ID": "p",
			},
			"access_key", "(from OS_SECRET_KEY)",
		},
		"wrong password": {
			map[string]string{
				"OS_USER_ID": "u", "OS_PASSWORD": "simulator-", "OS_AUTH_URL": server.AuthURL(), "OS_PROJECT_ID": "p",
			},
			"password", "(from OS_PASSWORD)",
		},
		"agency": {
			map[string]string{"OS_TOKEN": "simulated-", "OS_AGENCY_DOMAIN_NAME": "d"}, "agency_name", "(from OS_AGENCY_DOMAIN_NAME)",
		},
		"project of an agency": {
			map[string]string{"OS_TOKEN": "simulated-", "OS_DELEGATED_PROJECT": "d"}, "agency_name", "(from OS_DELEGATED_PROJECT)",
		},
		"authorities": {map[string]string{"OS_CACERT": folder}, "cacert_file", "(from OS_CACERT)"},
		"certificate": {map[string]string{"OS_CERT": folder}, "key", "(from OS_CERT)"},
		"key":         {map[string]string{"OS_KEY": folder}, "cert", "(from OS_KEY)"},
		"cloud":       {map[string]string{"OS_CLOUD": "mine", "OS_CLIENT_CONFIG_FILE": folder}, "cloud", "OS_CLOUD names this cloud"},
		"boolean":     {map[string]string{"OS_INSECURE": "yes"}, "insecure", "It comes from OS_INSECURE."},
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

// However an endpoint is written, requests go to the same place.
func TestConfigureEndpointForms(t *testing.T) {
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	addJob(server)
	for _, form := range []string{"", "/", "/v1", "/v1/", "/v1/" + simulator.DefaultProjectID, "/v1/" + simulator.DefaultProjectID + "/"} {
		for name, b := range map[string]block{"token": staticBlock(server), "access key": keyBlock(server), "password": passwordBlock(server)} {
			t.Run(name+" "+form, func(t *testing.T) {
				b = b.with("endpoint", server.Endpoint()+form)
				if strings.Contains(form, simulator.DefaultProjectID) {
					b = b.with("tenant_id", nil).with("tenant_name", nil)
				}
				c := newClient(t.Context(), t)
				wantNoDiagnostics(t, c.configure(b))
				server.ResetCalls()
				wantNoDiagnostics(t, c.read())
				wantCalls(t, server, readOf(simulator.DefaultProjectID))
			})
		}
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
