package provider_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// block is a provider block. Missing attributes are null.
type block map[string]any

// with returns the block with another value of an attribute, nil for none.
func (b block) with(name string, value any) block {
	changed := block{name: value}
	for other, kept := range b {
		if other != name {
			changed[other] = kept
		}
	}
	return changed
}

// asAgency returns a block that acts as the simulator's agency.
func (b block) asAgency() block {
	return b.with("agency_name", simulator.DefaultAgencyName).with("agency_domain_name", simulator.DefaultAgencyDomainName).
		with("delegated_project", simulator.DefaultDelegatedProjectName)
}

// inHCL returns the block in HCL.
func (b block) inHCL() string {
	var text strings.Builder
	text.WriteString("\nprovider \"modelarts\" {\n")
	for attribute, value := range b {
		fmt.Fprintf(&text, "  %s = %#v\n", attribute, value)
	}
	return text.String() + "}\n"
}

// encode returns an object of a schema, with null for missing attributes.
func encode(t *testing.T, schema *tfprotov6.Schema, attributes map[string]any) *tfprotov6.DynamicValue {
	t.Helper()
	typ := schema.ValueType()
	values, unknown := map[string]tftypes.Value{}, len(attributes)
	for name, form := range typ.(tftypes.Object).AttributeTypes {
		if _, ok := attributes[name]; ok {
			unknown--
		}
		values[name] = tftypes.NewValue(form, attributes[name])
	}
	if unknown > 0 {
		t.Fatalf("the schema lacks attributes of %v", attributes)
	}
	encoded, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, values))
	if err != nil {
		t.Fatal(err)
	}
	return &encoded
}

const jobType = "modelarts_visualization_job"

// client sends requests to a provider like a CLI.
type client struct {
	t       *testing.T
	ctx     context.Context // has the loggers of tests of the log
	server  tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
}

func newClient(ctx context.Context, t *testing.T) *client {
	t.Helper()
	c := &client{t: t, ctx: ctx, server: provider.NewServer("test")}
	var err error
	if c.schemas, err = c.server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	return c
}

// configure validates and configures a new provider.
func configure(t *testing.T, b block) []*tfprotov6.Diagnostic {
	t.Helper()
	return newClient(t.Context(), t).configure(b)
}

// configure validates and configures the provider.
func (c *client) configure(b block) []*tfprotov6.Diagnostic {
	c.t.Helper()
	config := encode(c.t, c.schemas.Provider, b)
	validated, err := c.server.ValidateProviderConfig(c.ctx, &tfprotov6.ValidateProviderConfigRequest{Config: config})
	if err != nil {
		c.t.Fatal(err)
	}
	if len(validated.Diagnostics) > 0 {
		return validated.Diagnostics
	}
	configured, err := c.server.ConfigureProvider(c.ctx, &tfprotov6.ConfigureProviderRequest{Config: config, TerraformVersion: "1.99.0"})
	if err != nil {
		c.t.Fatal(err)
	}
	return configured.Diagnostics
}

// addJob adds the job 1 to the simulator.
func addJob(server interface{ AddJob(job simulator.Job) int64 }) {
	server.AddJob(simulator.Job{ID: 1, Name: "board", TrainURL: "/bucket/logs/", Status: simulator.StatusRunning})
}

// read imports the job 1 and reads it: one request to ModelArts.
func (c *client) read() []*tfprotov6.Diagnostic {
	c.t.Helper()
	imported, err := c.server.ImportResourceState(c.ctx, &tfprotov6.ImportResourceStateRequest{TypeName: jobType, ID: "1"})
	if err != nil {
		c.t.Fatal(err)
	}
	if len(imported.ImportedResources) != 1 {
		return imported.Diagnostics
	}
	job := imported.ImportedResources[0]
	read, err := c.server.ReadResource(c.ctx, &tfprotov6.ReadResourceRequest{
		TypeName: jobType, CurrentState: job.State, Private: job.Private, CurrentIdentity: job.Identity,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return slices.Concat(imported.Diagnostics, read.Diagnostics)
}

// server is a simulator that records requests.
type server interface{ Requests() []simulator.Request }

func wantCalls(t *testing.T, s server, want ...string) {
	t.Helper()
	var got []string
	for _, call := range s.Requests() {
		got = append(got, call.Method+" "+call.Path)
	}
	provider.WantEqual(t, want, got)
}

func wantNoDiagnostics(t *testing.T, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	for _, d := range diags {
		t.Errorf("unexpected at %s: %s\n%s", d.Attribute, d.Summary, d.Detail)
	}
}

// wantError checks that there is one diagnostic, its attribute, "" for none, its texts, and that it shows no secret.
func wantError(t *testing.T, diags []*tfprotov6.Diagnostic, attribute string, wants ...string) {
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
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("the error lacks %q:\n%s", want, text)
		}
	}
	// All secrets of the simulator and of the tests begin with one of these.
	for _, secret := range []string{"simulator-", "simulated-", "wrong-", "PRIVATE KEY", mistakenPassword} {
		if strings.Contains(text, secret) {
			t.Errorf("the error shows the secret %q:\n%s", secret, text)
		}
	}
}

// The requests to IAM.
const (
	login    = "POST /v3/auth/tokens"
	projects = "GET /v3/projects"
	catalog  = "GET /v3/auth/catalog"
	domains  = "GET /v3/auth/domains"
)

// readOf is the request that reads the job 1 of a project.
func readOf(project string) string { return "GET /v1/" + project + "/visualization-jobs/1" }

// passwordBlock has the password of the simulator's user.
func passwordBlock(s *simulator.Server) block {
	return block{
		"auth_url": s.AuthURL(), "region": simulator.DefaultRegion, "domain_name": simulator.DefaultDomainName,
		"tenant_name": simulator.DefaultProjectName, "user_name": simulator.DefaultUserName,
		"password": simulator.DefaultPassword, "max_retries": 0,
	}
}

// keyBlock has the access key of the simulator's user.
func keyBlock(s *simulator.Server) block {
	return block{
		"auth_url": s.AuthURL(), "tenant_name": simulator.DefaultProjectName, "access_key": simulator.DefaultAccessKey,
		"secret_key": simulator.DefaultSecretKey, "max_retries": 0,
	}
}

// staticBlock needs no IAM: the provider sends no request to the auth_url that it has.
func staticBlock(s *simulator.Server) block {
	return block{
		"token": s.IssueToken(), "endpoint": s.Endpoint(), "tenant_id": simulator.DefaultProjectID, "auth_url": s.AuthURL(), "max_retries": 0,
	}
}

// logBuffer has the log of a provider. A list that no caller waits for anymore can write its last line after the operation.
type logBuffer struct {
	mu  sync.Mutex
	log strings.Builder
}

// Write implements io.Writer.
func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.Write(p)
}

// String returns the log so far.
func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.String()
}
