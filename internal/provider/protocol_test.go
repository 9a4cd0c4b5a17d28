package provider_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

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

// client is a new provider, used as the CLI does.
type client struct {
	t      *testing.T
	ctx    context.Context // with a logger, for tests that look at the log
	server tfprotov6.ProviderServer
}

func newClient(ctx context.Context, t *testing.T) *client {
	t.Helper()
	return &client{t: t, ctx: ctx, server: provider.NewServer("test")}
}

// configure validates and configures the provider.
func (c *client) configure(b block) []*tfprotov6.Diagnostic {
	c.t.Helper()
	schemas, err := c.server.GetProviderSchema(c.ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		c.t.Fatal(err)
	}
	typ := schemas.Provider.ValueType().(tftypes.Object)
	values := map[string]tftypes.Value{}
	for name, attribute := range typ.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, b[name])
	}
	for name := range b {
		if _, ok := values[name]; !ok {
			c.t.Fatalf("the provider has no attribute %s", name)
		}
	}
	config, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, values))
	if err != nil {
		c.t.Fatal(err)
	}
	validated, err := c.server.ValidateProviderConfig(c.ctx, &tfprotov6.ValidateProviderConfigRequest{Config: &config})
	if err != nil {
		c.t.Fatal(err)
	}
	if len(validated.Diagnostics) > 0 {
		return validated.Diagnostics
	}
	configured, err := c.server.ConfigureProvider(c.ctx, &tfprotov6.ConfigureProviderRequest{
		Config: &config, TerraformVersion: "1.99.0",
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return configured.Diagnostics
}

// addJob gives the simulator the job 1.
func addJob(server interface{ AddJob(job simulator.Job) int64 }) {
	server.AddJob(simulator.Job{ID: 1, Name: "board", TrainURL: "/bucket/logs/", Status: simulator.StatusRunning})
}

// read imports the job 1 and reads it: one call of ModelArts.
func (c *client) read() []*tfprotov6.Diagnostic {
	c.t.Helper()
	const typeName = "modelarts_visualization_job"
	imported, err := c.server.ImportResourceState(c.ctx, &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: "1"})
	if err != nil {
		c.t.Fatal(err)
	}
	if len(imported.ImportedResources) != 1 {
		return imported.Diagnostics
	}
	job := imported.ImportedResources[0]
	read, err := c.server.ReadResource(c.ctx, &tfprotov6.ReadResourceRequest{
		TypeName: typeName, CurrentState: job.State, Private: job.Private, CurrentIdentity: job.Identity,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return slices.Concat(imported.Diagnostics, read.Diagnostics)
}

// configure validates and configures a new provider.
func configure(t *testing.T, b block) []*tfprotov6.Diagnostic {
	t.Helper()
	return newClient(t.Context(), t).configure(b)
}

// calling is what calls are looked up in.
type calling interface{ Calls() []simulator.Call }

func wantCalls(t *testing.T, server calling, want ...string) {
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
		for _, d := range diags {
			t.Errorf("%s at %s: %s\n%s", d.Severity, d.Attribute, d.Summary, d.Detail)
		}
		t.Fatalf("want one error, got %d diagnostics", len(diags))
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
	// What all secrets of the simulator and of the tests begin with, and keys.
	for _, secret := range []string{"simulator-", "simulated-", "wrong-", "PRIVATE KEY"} {
		if strings.Contains(text, secret) {
			t.Errorf("the error shows the secret %q:\n%s", secret, text)
		}
	}
}

// The calls of IAM.
const (
	login    = "POST /v3/auth/tokens"
	inspect  = "GET /v3/auth/tokens"
	projects = "GET /v3/projects"
	catalog  = "GET /v3/auth/catalog"
	domains  = "GET /v3/auth/domains"
)

// readOf is the call that reads the job 1 of a project.
func readOf(project string) string { return "GET /v1/" + project + "/visualization-jobs/1" }

// passwordBlock is the login of the simulator's user.
func passwordBlock(server *simulator.Server) block {
	return block{
		"auth_url": server.AuthURL(), "region": simulator.DefaultRegion, "domain_name": simulator.DefaultDomainName,
		"tenant_name": simulator.DefaultProjectName, "user_name": simulator.DefaultUserName,
		"password": simulator.DefaultPassword, "max_retries": 0,
	}
}

// keyBlock is for the simulator's user with an access key.
func keyBlock(server *simulator.Server) block {
	return block{
		"auth_url": server.AuthURL(), "tenant_name": simulator.DefaultProjectName, "access_key": simulator.DefaultAccessKey,
		"secret_key": simulator.DefaultSecretKey, "max_retries": 0,
	}
}

// temporaryKeyBlock is keyBlock with a key that needs a security token.
func temporaryKeyBlock(server *simulator.Server) block {
	return keyBlock(server).with("access_key", simulator.DefaultTemporaryAccessKey).
		with("secret_key", simulator.DefaultTemporarySecretKey).with("security_token", simulator.DefaultSecurityToken)
}

// staticBlock needs no IAM.
func staticBlock(server *simulator.Server) block {
	return block{
		"token": server.IssueToken(), "endpoint": server.Endpoint(), "tenant_id": simulator.DefaultProjectID,
		"auth_url":    server.AuthURL(), // which must not be asked all the same
		"max_retries": 0,
	}
}

// asAgency returns a block that acts as the simulator's agency.
func (b block) asAgency() block {
	return b.with("agency_name", simulator.DefaultAgencyName).with("agency_domain_name", simulator.DefaultAgencyDomainName).
		with("delegated_project", simulator.DefaultDelegatedProjectName)
}
