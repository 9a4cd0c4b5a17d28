// Command scaffolding is the smallest provider that the framework allows: one resource
// with an id. What it needs, every provider needs.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
)

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return scaffolding{} }, providerserver.ServeOpts{
		Address: "registry.terraform.io/opentelekomcloud-community/scaffolding", ProtocolVersion: 6,
	})
	if err != nil {
		log.Fatal(err)
	}
}

// scaffolding is a provider without a configuration.
type scaffolding struct{}

// Metadata implements provider.Provider.
func (scaffolding) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "scaffolding"
}

// Schema implements provider.Provider.
func (scaffolding) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

// Configure implements provider.Provider.
func (scaffolding) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

// DataSources implements provider.Provider.
func (scaffolding) DataSources(context.Context) []func() datasource.DataSource { return nil }

// Resources implements provider.Provider.
func (scaffolding) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return example{} }}
}

// example is a resource that is nothing but an id.
type example struct{}

// Metadata implements resource.Resource.
func (example) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_example"
}

// Schema implements resource.Resource.
func (example) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema.Attributes = map[string]schema.Attribute{"id": schema.StringAttribute{
		Computed:      true,
		PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}}
}

// Create implements resource.Resource.
func (example) Create(ctx context.Context, _ resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), "1")...)
}

// Read implements resource.Resource.
func (example) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update implements resource.Resource.
func (example) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

// Delete implements resource.Resource.
func (example) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
