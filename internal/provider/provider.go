// Package provider is the provider block: its schema, and the way from
// configuration and environment to a client.
package provider

import (
	"context"
	"crypto/tls"
	"errors"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/visualizationjob"
)

// Address is where the registry has the provider.
const Address = "registry.terraform.io/opentelekomcloud-community/modelarts"

var _ provider.Provider = (*Provider)(nil)

// Provider is the modelarts provider.
type Provider struct {
	version string
}

// New returns a constructor of the provider, for its server.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &Provider{version: version} }
}

// Metadata names the provider.
func (p *Provider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "modelarts"
	resp.Version = p.version
}

// Configure finds out who we are and makes the client.
func (p *Provider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	if !req.Config.Raw.IsFullyKnown() {
		// A plan may come before what it depends on exists. Nothing is configured
		// then, and only what really needs a client complains.
		tflog.Info(ctx, "The provider configuration is not known yet")
		return
	}
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	options, diags := config.options()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	transport := cleanhttp.DefaultPooledTransport()
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: options.Insecure} //nolint:gosec // insecure is the user's word
	options.Transport = transport
	options.UserAgent = "terraform-provider-modelarts/" + p.version

	session, err := auth.Open(ctx, options)
	if err != nil {
		resp.Diagnostics.Append(configDiagnostic(err))
		return
	}
	tflog.Info(ctx, "Authenticated", map[string]any{
		"method": session.Method, "project_id": session.ProjectID, "endpoint": session.Endpoint.Redacted(),
	})
	client := modelarts.NewClient(modelarts.BaseURL(session.Endpoint, session.ProjectID), session.Transport,
		modelarts.WithUserAgent(options.UserAgent),
		modelarts.WithMaxRetries(options.MaxRetries),
		modelarts.WithCallLog(logCall))
	data := &visualizationjob.ProviderData{Controller: lifecycle.New(client), ProjectID: session.ProjectID}
	resp.ResourceData = data
}

// configDiagnostic puts an error of the authentication on the attribute at fault.
func configDiagnostic(err error) diag.Diagnostic {
	var config *auth.ConfigError
	switch {
	case !errors.As(err, &config):
		return diag.NewErrorDiagnostic("Could not authenticate", err.Error())
	case config.Attribute == "":
		return diag.NewErrorDiagnostic(config.Summary, config.Detail)
	default:
		return diag.NewAttributeErrorDiagnostic(path.Root(config.Attribute), config.Summary, config.Detail)
	}
}

// logCall writes a line for each attempt of each call.
func logCall(ctx context.Context, call modelarts.Call) {
	fields := map[string]any{
		"method":      call.Method,
		"path":        call.Path,
		"status":      call.Status,
		"attempt":     call.Attempt,
		"request_id":  call.RequestID,
		"duration_ms": call.Duration.Milliseconds(),
	}
	if call.Err != nil {
		fields["error"] = call.Err.Error()
	}
	tflog.Debug(ctx, "ModelArts API call", fields)
}

// DataSources lists the constructors of the data sources.
func (p *Provider) DataSources(context.Context) []func() datasource.DataSource {
	return nil
}

// Resources lists the constructors of the resources.
func (p *Provider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		visualizationjob.NewResource,
	}
}
