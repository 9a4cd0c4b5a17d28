// Command restproviders stands in for the generic REST providers restapi and restful
// where a test has a state of theirs: a CLI wants the schemas of all that is in a
// state. It has the attributes that such states need, and does nothing.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func main() {
	// One program serves for both: under which name it was started says which one it is.
	name := strings.TrimPrefix(filepath.Base(os.Args[0]), "terraform-provider-")
	stand, ok := standIns[name]
	if !ok {
		fmt.Fprintf(os.Stderr, "no provider is called %q\n", name)
		os.Exit(2)
	}
	err := providerserver.Serve(context.Background(), func() provider.Provider { return &stand }, providerserver.ServeOpts{
		Address: "registry.terraform.io/" + stand.namespace + "/" + name, ProtocolVersion: 6,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// standIn is a provider with one resource type.
type standIn struct {
	name, namespace string
	provider        map[string]providerschema.Attribute
	resource        standInResource
}

var standIns = map[string]standIn{
	"restapi": {
		name: "restapi", namespace: "mastercard",
		provider: map[string]providerschema.Attribute{
			"uri":                   providerschema.StringAttribute{Required: true},
			"headers":               providerschema.MapAttribute{Optional: true, ElementType: types.StringType},
			"id_attribute":          providerschema.StringAttribute{Optional: true},
			"create_returns_object": providerschema.BoolAttribute{Optional: true},
		},
		resource: standInResource{suffix: "_object", schema: schema.Schema{Attributes: map[string]schema.Attribute{
			"id":                        schema.StringAttribute{Computed: true},
			"path":                      schema.StringAttribute{Required: true},
			"read_path":                 schema.StringAttribute{Optional: true},
			"data":                      schema.StringAttribute{Required: true},
			"ignore_all_server_changes": schema.BoolAttribute{Optional: true},
			"ignore_server_additions":   schema.BoolAttribute{Optional: true},
			"api_data":                  schema.MapAttribute{Computed: true, ElementType: types.StringType},
			"api_response":              schema.StringAttribute{Computed: true},
			"create_response":           schema.StringAttribute{Computed: true},
		}}},
	},
	"restful": {
		name: "restful", namespace: "magodo",
		provider: map[string]providerschema.Attribute{
			"base_url": providerschema.StringAttribute{Required: true},
			"header":   providerschema.MapAttribute{Optional: true, ElementType: types.StringType},
		},
		resource: standInResource{suffix: "_resource", schema: schema.Schema{Version: 2, Attributes: map[string]schema.Attribute{
			"id":                   schema.StringAttribute{Computed: true},
			"path":                 schema.StringAttribute{Required: true},
			"read_path":            schema.StringAttribute{Optional: true},
			"body":                 schema.DynamicAttribute{Required: true},
			"write_only_attrs":     schema.ListAttribute{Optional: true, ElementType: types.StringType},
			"use_sensitive_output": schema.BoolAttribute{Optional: true},
			"output":               schema.DynamicAttribute{Computed: true},
			"sensitive_output":     schema.DynamicAttribute{Computed: true, Sensitive: true},
		}}},
	},
}

// Metadata implements provider.Provider.
func (p *standIn) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = p.name
}

// Schema implements provider.Provider.
func (p *standIn) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema.Attributes = p.provider
}

// Configure implements provider.Provider.
func (*standIn) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

// DataSources implements provider.Provider.
func (*standIn) DataSources(context.Context) []func() datasource.DataSource { return nil }

// Resources implements provider.Provider.
func (p *standIn) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &p.resource }}
}

// standInResource is what it was when it is read, and cannot be changed.
type standInResource struct {
	suffix string
	schema schema.Schema
}

// Metadata implements resource.Resource.
func (r *standInResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + r.suffix
}

// Schema implements resource.Resource.
func (r *standInResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.schema
}

// Create implements resource.Resource.
func (*standInResource) Create(_ context.Context, _ resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.AddError("This is a stand-in", "It creates nothing.")
}

// Read implements resource.Resource.
func (*standInResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update implements resource.Resource.
func (*standInResource) Update(_ context.Context, _ resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.AddError("This is a stand-in", "It changes nothing.")
}

// Delete implements resource.Resource.
func (*standInResource) Delete(_ context.Context, _ resource.DeleteRequest, resp *resource.DeleteResponse) {
	resp.Diagnostics.AddError("This is a stand-in", "It deletes nothing.")
}
