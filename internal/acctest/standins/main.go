// Command standins stands in for other providers in tests. A CLI needs the schema of each resource in a configuration
// or in a state. A stand-in has these schemas and sends no requests.
package main

import (
	"context"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// resourceTypes has the schemas of the resource types of each provider. A state can have more attributes than its schema.
var resourceTypes = map[string]map[string]schema.Schema{
	"restapi":          {"restapi_object": {Attributes: map[string]schema.Attribute{"id": computed}}},
	"restful":          {"restful_resource": {Attributes: map[string]schema.Attribute{"id": computed}}},
	"opentelekomcloud": openTelekomCloud,
}

var computed = schema.StringAttribute{Computed: true}

func main() {
	// One program stands in for all: a CLI starts it under the name of one of them.
	name := strings.TrimPrefix(filepath.Base(os.Args[0]), "terraform-provider-")
	err := providerserver.Serve(context.Background(), func() provider.Provider { return standIn{name: name} }, providerserver.ServeOpts{
		Address: "registry.terraform.io/test/" + name, ProtocolVersion: 6,
	})
	if err != nil {
		log.Fatal(err)
	}
}

// standIn is a provider. A CLI calls no other methods of it or of its resources.
type standIn struct {
	provider.Provider
	name string
}

// Metadata implements provider.Provider.
func (p standIn) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = p.name
}

// Schema implements provider.Provider.
func (standIn) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	address := providerschema.StringAttribute{Optional: true}
	resp.Schema.Attributes = map[string]providerschema.Attribute{"uri": address, "base_url": address}
}

// Configure implements provider.Provider.
func (standIn) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

// DataSources implements provider.Provider.
func (standIn) DataSources(context.Context) []func() datasource.DataSource { return nil }

// Resources implements provider.Provider.
func (p standIn) Resources(context.Context) (constructors []func() resource.Resource) {
	for typeName, schema := range resourceTypes[p.name] {
		constructors = append(constructors, func() resource.Resource { return standInResource{typeName: typeName, schema: schema} })
	}
	return constructors
}

type standInResource struct {
	resource.Resource
	typeName string
	schema   schema.Schema
}

// Metadata implements resource.Resource.
func (r standInResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = r.typeName
}

// Schema implements resource.Resource.
func (r standInResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.schema
}

// Create implements resource.Resource. The state is the plan, and all resources of a type have the same ID.
func (r standInResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), r.typeName)...)
}

// Read implements resource.Resource. The resource doesn't change.
func (standInResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Delete implements resource.Resource.
func (standInResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
