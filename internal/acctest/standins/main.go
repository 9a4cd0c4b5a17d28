// Command restproviders stands in for the generic REST providers restapi and restful
// where a test has a state of theirs: a CLI needs the schema of each resource in a state,
// and a state can have more attributes than the schema. The stand-in does nothing.
package main

import (
	"context"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

func main() {
	// One program serves for both: a CLI starts it under the name of one of them.
	name := strings.TrimPrefix(filepath.Base(os.Args[0]), "terraform-provider-")
	err := providerserver.Serve(context.Background(), func() provider.Provider { return standIn{name: name} }, providerserver.ServeOpts{
		Address: "registry.terraform.io/test/" + name, ProtocolVersion: 6,
	})
	if err != nil {
		log.Fatal(err)
	}
}

// standIn is a provider with one resource type. A CLI calls no other methods of either.
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
func (p standIn) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource {
		return standInResource{typeName: map[string]string{"restapi": "restapi_object", "restful": "restful_resource"}[p.name]}
	}}
}

type standInResource struct {
	resource.Resource
	typeName string
}

// Metadata implements resource.Resource.
func (r standInResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = r.typeName
}

// Schema implements resource.Resource.
func (standInResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema.Attributes = map[string]schema.Attribute{"id": schema.StringAttribute{Computed: true}}
}

// Read implements resource.Resource. The resource stays as it was.
func (standInResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}
