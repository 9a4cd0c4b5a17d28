package provider_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// block is a provider block; what it lacks is null.
type block map[string]any

// with returns the block with one more attribute, nil for none.
func (b block) with(name string, value any) block {
	changed := block{name: value}
	for other, kept := range b {
		if other != name {
			changed[other] = kept
		}
	}
	return changed
}

// configure validates and configures a new provider, as the CLI does.
func configure(t *testing.T, b block) []*tfprotov6.Diagnostic {
	t.Helper()
	server := providerserver.NewProtocol6(provider.New("test")())()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	typ := schemas.Provider.ValueType().(tftypes.Object)
	values := map[string]tftypes.Value{}
	for name, attribute := range typ.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, b[name])
	}
	config, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, values))
	if err != nil {
		t.Fatal(err)
	}
	validated, err := server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: &config})
	if err != nil {
		t.Fatal(err)
	}
	if len(validated.Diagnostics) > 0 {
		return validated.Diagnostics
	}
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: &config})
	if err != nil {
		t.Fatal(err)
	}
	return configured.Diagnostics
}

// passwordBlock is the login of the simulator's user.
func passwordBlock(server *simulator.Server) block {
	return block{
		"auth_url": server.AuthURL(), "region": simulator.DefaultRegion, "domain_name": simulator.DefaultDomainName,
		"tenant_name": simulator.DefaultProjectName, "user_name": simulator.DefaultUserName,
		"password": simulator.DefaultPassword, "max_retries": 0,
	}
}

// staticBlock needs no IAM.
func staticBlock(server *simulator.Server) block {
	return block{
		"token": server.IssueToken(), "endpoint": server.Endpoint(), "tenant_id": simulator.DefaultProjectID,
		"auth_url": server.AuthURL(), // which must not be asked all the same
	}
}

func wantCalls(t *testing.T, server *simulator.Server, want ...string) {
	t.Helper()
	var got []string
	for _, call := range server.Calls() {
		got = append(got, call.Method+" "+call.Path)
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("the calls were %q, want %q", got, want)
	}
}

func wantNoDiagnostics(t *testing.T, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	for _, d := range diags {
		t.Errorf("unexpected at %s: %s\n%s", d.Attribute, d.Summary, d.Detail)
	}
}

// wantError checks the one diagnostic: where it is, "" for nowhere, and what it says.
func wantError(t *testing.T, diags []*tfprotov6.Diagnostic, attribute string, says ...string) {
	t.Helper()
	if len(diags) != 1 || diags[0].Severity != tfprotov6.DiagnosticSeverityError {
		t.Fatalf("want one error, got %d diagnostics: %+v", len(diags), diags)
	}
	var want *tftypes.AttributePath
	if attribute != "" {
		want = tftypes.NewAttributePath().WithAttributeName(attribute)
	}
	if got := diags[0].Attribute; !got.Equal(want) {
		t.Errorf("the error is at %s, want %s", got, want)
	}
	text := diags[0].Summary + "\n" + diags[0].Detail
	for _, say := range says {
		if !strings.Contains(text, say) {
			t.Errorf("the error does not say %q:\n%s", say, text)
		}
	}
	for _, secret := range []string{simulator.DefaultPassword, "wrong-password", "simulated-"} {
		if strings.Contains(text, secret) {
			t.Errorf("the error shows the secret %q:\n%s", secret, text)
		}
	}
}

const login = http.MethodPost + " /v3/auth/tokens"

func TestConfigureWithPassword(t *testing.T) {
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	wantNoDiagnostics(t, configure(t, passwordBlock(server)))
	wantCalls(t, server, login)
}

// What the simulator tells its users to export is all that the block needs.
func TestConfigureFromEnvironment(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	for name, value := range server.Env() {
		t.Setenv(name, value)
	}
	wantNoDiagnostics(t, configure(t, nil))
	wantCalls(t, server, login)
}

func TestConfigureWithTokenEndpointAndProjectAsksNobody(t *testing.T) {
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	wantNoDiagnostics(t, configure(t, staticBlock(server)))
	wantCalls(t, server)

	// With any of the two missing IAM has to be asked, so the above means something.
	wantNoDiagnostics(t, configure(t, staticBlock(server).with("endpoint", nil).with("region", simulator.DefaultRegion)))
	wantCalls(t, server, login)
}

// A plan may come before what the block depends on exists, whatever it is.
func TestConfigureWithUnknownValues(t *testing.T) {
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	for _, attribute := range []string{
		"auth_url", "region", "tenant_name", "tenant_id", "domain_name", "domain_id", "user_name", "user_id",
		"password", "token", "insecure", "allow_reauth", "max_retries", "endpoint",
	} {
		t.Run(attribute, func(t *testing.T) {
			wantNoDiagnostics(t, configure(t, passwordBlock(server).with(attribute, tftypes.UnknownValue)))
		})
	}
	wantCalls(t, server)
}

func TestConfigureErrors(t *testing.T) {
	t.Parallel()
	const other = "http://modelarts.example.org"
	tests := map[string]struct {
		block     func(*simulator.Server) block
		attribute string
		says      []string
		calls     []string
	}{
		"nothing": {
			block: func(*simulator.Server) block { return nil },
			says:  []string{"No credentials", "token", "OS_TOKEN", "OS_AUTH_TOKEN", "user_name", "OS_USERNAME", "OS_PASSWORD"},
		},
		"no password": {
			block:     func(s *simulator.Server) block { return passwordBlock(s).with("password", nil) },
			attribute: "password", says: []string{"Missing password", "OS_PASSWORD"},
		},
		"no user": {
			block:     func(s *simulator.Server) block { return passwordBlock(s).with("user_name", nil) },
			attribute: "user_name", says: []string{"Missing user_name", "OS_USERNAME"},
		},
		"no domain": {
			block:     func(s *simulator.Server) block { return passwordBlock(s).with("domain_name", nil) },
			attribute: "domain_name", says: []string{"Missing domain_name", "OS_USER_DOMAIN_NAME"},
		},
		"wrong password": {
			block:     func(s *simulator.Server) block { return passwordBlock(s).with("password", "wrong-password") },
			attribute: "password", says: []string{"IAM refused", "HTTP 401", "user_name"}, calls: []string{login},
		},
		"wrong token": {
			block: func(s *simulator.Server) block {
				return staticBlock(s).with("endpoint", nil).with("token", "simulated-nothing")
			},
			attribute: "token", says: []string{"IAM refused the token"}, calls: []string{login},
		},
		"http to another host with a token": {
			block:     func(s *simulator.Server) block { return staticBlock(s).with("endpoint", other) },
			attribute: "endpoint", says: []string{"plain http", "modelarts.example.org", "insecure"},
		},
		"http to another host with a password": {
			block:     func(s *simulator.Server) block { return passwordBlock(s).with("endpoint", other) },
			attribute: "endpoint", says: []string{"plain http", "modelarts.example.org"},
		},
		"http to another IAM": {
			block:     func(s *simulator.Server) block { return passwordBlock(s).with("auth_url", "http://iam.example.org/v3") },
			attribute: "auth_url", says: []string{"plain http", "iam.example.org"},
		},
		"password in a URL": {
			block: func(s *simulator.Server) block {
				return staticBlock(s).with("endpoint", "https://me:"+simulator.DefaultPassword+"@modelarts.example.org")
			},
			attribute: "endpoint", says: []string{"do not belong in a URL"},
		},
		"too many retries": {
			block:     func(s *simulator.Server) block { return staticBlock(s).with("max_retries", 21) },
			attribute: "max_retries", says: []string{"between 0 and 20"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := acctest.Simulator(t, simulator.Options{})
			wantError(t, configure(t, test.block(server)), test.attribute, test.says...)
			wantCalls(t, server, test.calls...)
		})
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
	wantError(t, configure(t, passwordBlock(server).with("auth_url", "http://"+address+"/v3")), "",
		"Could not authenticate", address)
	wantCalls(t, server)
}
