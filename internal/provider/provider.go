// Package provider implements the provider: the schema of the provider block, the resolution of its configuration from all sources, and the
// server of the plugin protocol.
package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
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

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/visualizationjob"
)

// maxHeader is the maximum size of the header of a response, in bytes. A token of IAM can have 20 KiB.
const maxHeader = 256 << 10

// Address is the provider's address in the registry.
const Address = "registry.terraform.io/opentelekomcloud-community/modelarts"

var (
	_ provider.ProviderWithActions       = (*Provider)(nil)
	_ provider.ProviderWithListResources = (*Provider)(nil)
)

// Provider is the modelarts provider. NewServer creates it with its version.
type Provider struct {
	version  string
	redactor sanitize.Redactor // shared by all runs that the process serves
}

// Metadata returns the name and the version of the provider.
func (p *Provider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "modelarts"
	resp.Version = p.version
}

// Configure authenticates and creates the API client.
func (p *Provider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	log := logger{&p.redactor}
	if !req.Config.Raw.IsFullyKnown() {
		// The block can depend on values that only an apply creates. Then only an operation that needs a client fails.
		log.info(ctx, "The provider configuration depends on unknown values", nil)
		return
	}
	var block types.Object
	resp.Diagnostics.Append(req.Config.Get(ctx, &block)...)
	configured := fromBlock(block)
	config, errs := resolve(configured)
	for _, err := range errs {
		resp.Diagnostics.Append(diagnose(ctx, req.Config, configured, err))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	options := config.auth
	transport := cleanhttp.DefaultPooledTransport()
	// With fewer idle connections, most requests over HTTP/1.1 would open a new one.
	transport.MaxIdleConnsPerHost = config.maxConcurrentRequests
	transport.MaxResponseHeaderBytes = maxHeader
	var err error
	if transport.TLSClientConfig, err = options.TLSConfig(); err != nil {
		resp.Diagnostics.Append(diagnose(ctx, req.Config, configured, err))
		return
	}
	options.Redactor = &p.redactor
	options.Transport = httpclient.ThroughProxy(transport, &p.redactor)
	options.OnAttempt = log.attempt("IAM request")
	options.OnEvent = func(ctx context.Context, event string) { log.info(ctx, event, nil) }
	options.UserAgent = userAgent(p.version, req.TerraformVersion)
	log.info(ctx, "Configuring", map[string]any{"user_agent": options.UserAgent})

	session, err := auth.Open(ctx, options)
	if err != nil {
		resp.Diagnostics.Append(diagnose(ctx, req.Config, configured, err))
		return
	}
	origin := func(attribute string) string { return cmp.Or(options.Sources[attribute], "configuration") }
	agencySource := ""
	if options.AgencyName != "" {
		agencySource = origin("agency_name")
	}
	log.info(ctx, "Authenticated", map[string]any{
		"method":          session.Method,
		"source":          origin(strings.ReplaceAll(session.Method, " ", "_")), // the attribute has the name of the method
		"agency":          options.AgencyName != "",
		"agency_source":   agencySource,
		"auth_url_source": session.AuthURLSource,
		"unused":          strings.Join(options.Unused, ", "),
		"project_id":      session.ProjectID,
		"endpoint":        session.Endpoint.Redacted(),
		"endpoint_source": session.EndpointSource,
	})
	client := modelarts.NewClient(session.Endpoint, session.ProjectID, session.Transport, modelarts.Options{
		UserAgent:             options.UserAgent,
		MaxRetries:            options.MaxRetries,
		MaxConcurrentRequests: config.maxConcurrentRequests,
		OnAttempt:             log.attempt("ModelArts API request"),
		Redactor:              &p.redactor,
		AuthHint:              session.AuthHint,
	})
	data := &visualizationjob.ProviderData{Controller: lifecycle.New(ctx, client), ProjectID: session.ProjectID}
	resp.ResourceData, resp.DataSourceData, resp.ListResourceData, resp.ActionData = data, data, data, data
}

// userAgent returns the User-Agent header, such as "terraform-provider-modelarts/1.2.3 (build v1.2.3; CLI 1.11.4)". The version that Go records
// of a build has the commit, unless the commit has a tag. A CLI sends its version, but not whether it is Terraform or OpenTofu.
func userAgent(version, cli string) string {
	build := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		build = cmp.Or(info.Main.Version, build)
	}
	return fmt.Sprintf("terraform-provider-modelarts/%s (build %s; CLI %s)", version, build, cli)
}

// diagnose returns the diagnostic of an error of the authentication. It refers to the attribute at fault, unless the block has a secret in that
// attribute, because a CLI shows the source line of the attribute.
func diagnose(ctx context.Context, block tfsdk.Config, configured source, err error) diag.Diagnostic {
	if failure, ok := errors.AsType[*httpclient.ProxyError](err); ok {
		explained := httpclient.ExplainConnection(failure, "IAM")
		return diag.NewErrorDiagnostic(explained.Summary, fmt.Sprintf("%s.\n\n%s\n\nSee %stroubleshooting.md#%s",
			sanitize.Capitalize(failure.Error()), explained.Hint, visualizationjob.Guides, explained.Anchor))
	}
	fault, ok := errors.AsType[*auth.ConfigError](err)
	if !ok {
		fault = &auth.ConfigError{Summary: "Could not authenticate", Detail: strings.TrimSuffix(sanitize.Capitalize(err.Error()), ".") + "."}
	}
	detail := fault.Detail + "\n\nSee " + visualizationjob.Guides + "authentication.md#troubleshooting"
	at := path.Root(fault.Attribute)
	attribute, diags := block.Schema.AttributeAtPath(ctx, at)
	value := configured[fault.Attribute].text
	if diags.HasError() || value != "" && (attribute.IsSensitive() || showsSecret(fault.Attribute, value)) {
		return diag.NewErrorDiagnostic(fault.Summary, detail)
	}
	return diag.NewAttributeErrorDiagnostic(at, fault.Summary, detail)
}

// certificatePath matches a value that is certainly the path of a file, such as ~/ca.pem.
var certificatePath = regexp.MustCompile(`^[^\s@]+\.[A-Za-z]{2,4}$`)

// showsSecret reports whether the value of an attribute that isn't sensitive can contain a secret: a password or a token in a URL, or a private
// key instead of a certificate. A private key without its first line isn't recognizable, so for a certificate only a path is safe.
func showsSecret(attribute, value string) bool {
	if attribute == "cert" || attribute == "cacert_file" {
		return !certificatePath.MatchString(value)
	}
	return strings.ContainsAny(value, "@?#")
}

// Actions returns the constructors of the actions.
func (p *Provider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{visualizationjob.NewRestartAction, visualizationjob.NewStopAction}
}

// DataSources returns the constructors of the data sources.
func (p *Provider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{visualizationjob.NewDataSource, visualizationjob.NewDataSourceList}
}

// ListResources returns the constructors of the list resources.
func (p *Provider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{visualizationjob.NewListResource}
}

// Resources returns the constructors of the resources.
func (p *Provider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{visualizationjob.NewResource}
}
