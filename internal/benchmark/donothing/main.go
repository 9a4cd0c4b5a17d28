// Command donothing is a provider with the schema of the real one, whose reads do
// nothing: what a refresh costs with it, the framework and the CLI cost for a schema
// of that size.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	product "github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/visualizationjob"
)

func main() {
	start := func() provider.Provider { return &doNothing{Provider: &product.Provider{}} }
	err := providerserver.Serve(context.Background(), start, providerserver.ServeOpts{Address: product.Address, ProtocolVersion: 6})
	if err != nil {
		log.Fatal(err)
	}
}

// doNothing is the product's provider, but for what it does.
type doNothing struct{ *product.Provider }

// Configure implements provider.Provider.
func (*doNothing) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

// Resources implements provider.Provider.
func (*doNothing) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &job{} }}
}

// job takes the schemas from the real resource, and nothing else: what that does in
// ModifyPlan is a cost of its own.
type job struct{ real visualizationjob.Resource }

var _ resource.ResourceWithIdentity = (*job)(nil)

// Metadata implements resource.Resource.
func (j *job) Metadata(ctx context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	j.real.Metadata(ctx, req, resp)
}

// Schema implements resource.Resource.
func (j *job) Schema(ctx context.Context, req resource.SchemaRequest, resp *resource.SchemaResponse) {
	j.real.Schema(ctx, req, resp)
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (j *job) IdentitySchema(ctx context.Context, req resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	j.real.IdentitySchema(ctx, req, resp)
}

// identity is any identity: CLIs before 1.12 keep none, and the framework takes a read
// that leaves it null for a mistake.
var identity = tftypes.NewValue(
	tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String, "project_id": tftypes.String}},
	map[string]tftypes.Value{"id": tftypes.NewValue(tftypes.String, "1"), "project_id": tftypes.NewValue(tftypes.String, "none")},
)

// Read implements resource.Resource.
func (*job) Read(_ context.Context, _ resource.ReadRequest, resp *resource.ReadResponse) {
	if resp.Identity.Raw.IsNull() {
		resp.Identity.Raw = identity
	}
}

// Create implements resource.Resource.
func (*job) Create(_ context.Context, _ resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.AddError("This provider does nothing", "It creates nothing.")
}

// Update implements resource.Resource.
func (*job) Update(_ context.Context, _ resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.AddError("This provider does nothing", "It changes nothing.")
}

// Delete implements resource.Resource.
func (*job) Delete(_ context.Context, _ resource.DeleteRequest, resp *resource.DeleteResponse) {
	resp.Diagnostics.AddError("This provider does nothing", "It deletes nothing.")
}
