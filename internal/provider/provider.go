// Package provider is the provider block: its schema, and the way from
// configuration and environment to a client.
package provider

import (
	"cmp"
	"context"
	"errors"
	"runtime/debug"
	"strings"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/printable"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/visualizationjob"
)

// maxHeader is how many bytes the header of a response can have. A token of IAM can have 20 KiB.
const maxHeader = 256 << 10

// Address is where the registry has the provider.
const Address = "registry.terraform.io/opentelekomcloud-community/modelarts"

var (
	_ provider.Provider                  = (*Provider)(nil)
	_ provider.ProviderWithActions       = (*Provider)(nil)
	_ provider.ProviderWithListResources = (*Provider)(nil)
)

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
	var block types.Object
	resp.Diagnostics.Append(req.Config.Get(ctx, &block)...)
	configuration := written(block)
	config, errs := resolve(configuration)
	for _, err := range errs {
		resp.Diagnostics.Append(diagnose(ctx, req.Config, configuration, err))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	options := config.auth
	transport := cleanhttp.DefaultPooledTransport()
	// With fewer, most requests over HTTP/1.1 would open a connection of their own.
	transport.MaxIdleConnsPerHost = config.maxConcurrentRequests
	transport.MaxResponseHeaderBytes = maxHeader
	var err error
	if transport.TLSClientConfig, err = options.TLSConfig(); err != nil {
		resp.Diagnostics.Append(diagnose(ctx, req.Config, configuration, err))
		return
	}
	options.Transport = auth.ThroughProxy(transport)
	options.OnCall = logCall("IAM call")
	options.OnEvent = func(ctx context.Context, event string) { tflog.Info(ctx, event) }
	build, _ := debug.ReadBuildInfo() // nil where there is none
	options.UserAgent = userAgent(p.version, build, req.TerraformVersion)
	tflog.Info(ctx, "Configuring", map[string]any{"user_agent": options.UserAgent})

	session, err := auth.Open(ctx, options)
	if err != nil {
		resp.Diagnostics.Append(diagnose(ctx, req.Config, configuration, err))
		return
	}
	from := func(attribute, value string) string {
		if value == "" {
			return ""
		}
		return cmp.Or(options.Sources[attribute], "configuration")
	}
	tflog.Info(ctx, "Authenticated", map[string]any{
		"method":          session.Method,
		"source":          from(deciding[session.Method], session.Method),
		"agency":          session.Agency,
		"agency_source":   from("agency_name", options.AgencyName),
		"auth_url_source": from("auth_url", options.AuthURL),
		"unused":          strings.Join(options.Unused, ", "),
		"project_id":      session.ProjectID,
		"endpoint":        session.Endpoint.Redacted(),
		"endpoint_source": cmp.Or(options.Sources["endpoint"], session.EndpointSource),
	})
	client := modelarts.NewClient(session.Endpoint, session.ProjectID, session.Transport,
		modelarts.WithUserAgent(options.UserAgent),
		modelarts.WithMaxRetries(options.MaxRetries),
		modelarts.WithMaxConcurrentRequests(config.maxConcurrentRequests),
		modelarts.WithCallLog(logCall("ModelArts API call")),
		modelarts.WithAdvice(session.Advice))
	data := &visualizationjob.ProviderData{Controller: lifecycle.New(ctx, client), ProjectID: session.ProjectID}
	resp.ResourceData, resp.DataSourceData, resp.ListResourceData, resp.ActionData = data, data, data, data
}

// diagnose puts an error of the authentication on the attribute at fault, unless a
// secret is configured there: a CLI shows the lines that it is written in.
func diagnose(ctx context.Context, block tfsdk.Config, configuration map[string]string, err error) diag.Diagnostic {
	if failure, ok := errors.AsType[*auth.ProxyError](err); ok {
		return diag.NewErrorDiagnostic(failure.Summary(), printable.Capitalised(failure.Error())+".\n\n"+failure.Advice())
	}
	fault, ok := errors.AsType[*auth.ConfigError](err)
	if !ok {
		return diag.NewErrorDiagnostic("Could not authenticate", err.Error())
	}
	at := path.Root(fault.Attribute)
	attribute, diags := block.Schema.AttributeAtPath(ctx, at)
	value := configuration[fault.Attribute]
	if diags.HasError() || value != "" && (attribute.IsSensitive() || showsSecret(value)) {
		return diag.NewErrorDiagnostic(fault.Summary, fault.Detail)
	}
	return diag.NewAttributeErrorDiagnostic(at, fault.Summary, fault.Detail)
}

// showsSecret tells whether a value that is none can have a secret in it: a key in
// the place of a certificate, a password in a URL.
func showsSecret(value string) bool {
	return strings.Contains(value, "PRIVATE KEY") || strings.Contains(value, "@")
}

// deciding has the attribute that makes each method the one to use.
var deciding = map[string]string{
	auth.MethodToken: "token", auth.MethodAccessKey: "access_key", auth.MethodPassword: "password",
}

// logCall returns what writes a line for each attempt of each call.
func logCall(message string) func(context.Context, auth.Call) {
	return func(ctx context.Context, call auth.Call) {
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
		tflog.Debug(ctx, message, fields)
	}
}

// Actions lists the constructors of the actions.
func (p *Provider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{
		visualizationjob.NewRestartAction,
		visualizationjob.NewStopAction,
	}
}

// DataSources lists the constructors of the data sources.
func (p *Provider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		visualizationjob.NewDataSource,
		visualizationjob.NewDataSourceList,
	}
}

// ListResources lists the constructors of the list resources.
func (p *Provider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		visualizationjob.NewListResource,
	}
}

// Resources lists the constructors of the resources.
func (p *Provider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		visualizationjob.NewResource,
	}
}
