package provider

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

func providerSchema(t *testing.T) provider.SchemaResponse {
	t.Helper()
	var resp provider.SchemaResponse
	New("test")().Schema(t.Context(), provider.SchemaRequest{}, &resp)
	if resp.Diagnostics.HasError() {
		t.Fatal(resp.Diagnostics)
	}
	return resp
}

func TestSchemaIsValid(t *testing.T) {
	t.Parallel()
	if diags := providerSchema(t).Schema.ValidateImplementation(t.Context()); diags.HasError() {
		t.Error("provider:", diags)
	}
	served := New("test")().(*Provider)
	var got []string
	check := func(name string, diags diag.Diagnostics) {
		got = append(got, name)
		if diags.HasError() {
			t.Errorf("%s: %v", name, diags)
		}
	}
	for _, construct := range served.Resources(t.Context()) {
		r := construct()
		var metadata resource.MetadataResponse
		r.Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: "modelarts"}, &metadata)
		var schema resource.SchemaResponse
		r.Schema(t.Context(), resource.SchemaRequest{}, &schema)
		check("resource "+metadata.TypeName, append(schema.Diagnostics, schema.Schema.ValidateImplementation(t.Context())...))
		identified, ok := r.(resource.ResourceWithIdentity)
		if !ok {
			t.Errorf("%s has no identity", metadata.TypeName)
			continue
		}
		var identity resource.IdentitySchemaResponse
		identified.IdentitySchema(t.Context(), resource.IdentitySchemaRequest{}, &identity)
		check("identity "+metadata.TypeName, append(identity.Diagnostics, identity.IdentitySchema.ValidateImplementation(t.Context())...))
	}
	for _, construct := range served.DataSources(t.Context()) {
		d := construct()
		var metadata datasource.MetadataResponse
		d.Metadata(t.Context(), datasource.MetadataRequest{ProviderTypeName: "modelarts"}, &metadata)
		var schema datasource.SchemaResponse
		d.Schema(t.Context(), datasource.SchemaRequest{}, &schema)
		check("data source "+metadata.TypeName, append(schema.Diagnostics, schema.Schema.ValidateImplementation(t.Context())...))
	}
	for _, construct := range served.ListResources(t.Context()) {
		l := construct()
		var metadata resource.MetadataResponse
		l.Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: "modelarts"}, &metadata)
		var schema list.ListResourceSchemaResponse
		l.ListResourceConfigSchema(t.Context(), list.ListResourceSchemaRequest{}, &schema)
		check("list "+metadata.TypeName, append(schema.Diagnostics, schema.Schema.ValidateImplementation(t.Context())...))
	}
	for _, construct := range served.Actions(t.Context()) {
		a := construct()
		var metadata action.MetadataResponse
		a.Metadata(t.Context(), action.MetadataRequest{ProviderTypeName: "modelarts"}, &metadata)
		var schema action.SchemaResponse
		a.Schema(t.Context(), action.SchemaRequest{}, &schema)
		check("action "+metadata.TypeName, append(schema.Diagnostics, schema.Schema.ValidateImplementation(t.Context())...))
	}
	want := []string{ // configurations depend on the names
		"resource modelarts_visualization_job", "identity modelarts_visualization_job",
		"data source modelarts_visualization_job", "data source modelarts_visualization_jobs",
		"list modelarts_visualization_job",
		"action modelarts_visualization_job_restart", "action modelarts_visualization_job_stop",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("what is served (-want +got):\n" + diff)
	}
}

// What the protocol carries is what the documentation is made from.
func TestSchemaIsDescribed(t *testing.T) {
	t.Parallel()
	server := NewServer("test")
	schemas, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(schemas.Diagnostics) > 0 {
		t.Fatal(err, schemas.Diagnostics)
	}
	wantDescriptionOfBlock(t, "provider", schemas.Provider.Block)
	for name, schema := range schemas.ResourceSchemas {
		wantDescriptionOfBlock(t, name, schema.Block)
	}
	for name, schema := range schemas.DataSourceSchemas {
		wantDescriptionOfBlock(t, "data source "+name, schema.Block)
	}
	for name, schema := range schemas.ListResourceSchemas {
		wantDescriptionOfBlock(t, "list "+name, schema.Block)
	}
	for name, schema := range schemas.ActionSchemas {
		wantDescriptionOfBlock(t, "action "+name, schema.Schema.Block)
	}
	identities, err := server.GetResourceIdentitySchemas(context.Background(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil || len(identities.Diagnostics) > 0 {
		t.Fatal(err, identities.Diagnostics)
	}
	for name, schema := range identities.IdentitySchemas {
		for _, attribute := range schema.IdentityAttributes {
			wantDescription(t, "identity of "+name+"."+attribute.Name, attribute.Description)
		}
	}
}

func wantDescriptionOfBlock(t *testing.T, at string, block *tfprotov6.SchemaBlock) {
	t.Helper()
	wantDescription(t, at, block.Description)
	wantDescriptionOfAttributes(t, at, block.Attributes)
	for _, nested := range block.BlockTypes {
		wantDescriptionOfBlock(t, at+"."+nested.TypeName, nested.Block)
	}
}

func wantDescriptionOfAttributes(t *testing.T, at string, attributes []*tfprotov6.SchemaAttribute) {
	t.Helper()
	for _, attribute := range attributes {
		wantDescription(t, at+"."+attribute.Name, attribute.Description)
		if attribute.NestedType != nil {
			wantDescriptionOfAttributes(t, at+"."+attribute.Name, attribute.NestedType.Attributes)
		}
	}
}

func wantDescription(t *testing.T, at, description string) {
	t.Helper()
	if description == "" {
		t.Errorf("%s has no description", at)
	}
}

// Every attribute has a variable, and no variable is of an attribute that is not there.
func TestEachAttributeIsInTheEnvironment(t *testing.T) {
	t.Parallel()
	want := slices.Sorted(maps.Keys(providerSchema(t).Schema.Attributes))
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(environment))); diff != "" {
		t.Errorf("the environment differs from the schema (-schema +environment):\n%s", diff)
	}
}

func TestSecretsAreSensitive(t *testing.T) {
	t.Parallel()
	// An access key is none, but in its place there can be the secret key, by mistake.
	secrets := []string{"password", "passcode", "token", "access_key", "secret_key", "security_token", "key"}
	for name, attribute := range providerSchema(t).Schema.Attributes {
		if want := slices.Contains(secrets, name); attribute.IsSensitive() != want {
			t.Errorf("%s: sensitive is %v, want %v", name, attribute.IsSensitive(), want)
		}
	}
}
