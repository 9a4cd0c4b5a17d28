// Command scaffolding is a provider without a resource. Every provider costs at least as much as this one.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

func main() {
	options := providerserver.ServeOpts{Address: "registry.terraform.io/opentelekomcloud-community/scaffolding", ProtocolVersion: 6}
	if err := providerserver.Serve(context.Background(), func() provider.Provider { return scaffolding{} }, options); err != nil {
		log.Fatal(err)
	}
}

type scaffolding struct{}

// Metadata implements provider.Provider.
func (scaffolding) Metadata(context.Context, provider.MetadataRequest, *provider.MetadataResponse) {}

// Schema implements provider.Provider.
func (scaffolding) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

// Configure implements provider.Provider.
func (scaffolding) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

// DataSources implements provider.Provider.
func (scaffolding) DataSources(context.Context) []func() datasource.DataSource { return nil }

// Resources implements provider.Provider.
func (scaffolding) Resources(context.Context) []func() resource.Resource { return nil }
