package provider

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Configurations depend on the served names, and the documentation is generated from the descriptions. The
// framework validates each schema before it sends it.
func TestSchemas(t *testing.T) {
	t.Parallel()
	server := NewServer("test")
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(schemas.Diagnostics) > 0 {
		t.Fatal(err, schemas.Diagnostics)
	}
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil || len(identities.Diagnostics) > 0 {
		t.Fatal(err, identities.Diagnostics)
	}
	served := map[string]*tfprotov6.SchemaBlock{"provider": schemas.Provider.Block}
	for kind, ofKind := range map[string]map[string]*tfprotov6.Schema{
		"resource ": schemas.ResourceSchemas, "data source ": schemas.DataSourceSchemas, "list ": schemas.ListResourceSchemas,
	} {
		for name, schema := range ofKind {
			served[kind+name] = schema.Block
		}
	}
	for name, schema := range schemas.ActionSchemas {
		served["action "+name] = schema.Schema.Block
	}
	for name, schema := range identities.IdentitySchemas {
		block := &tfprotov6.SchemaBlock{Description: "The block of an identity has no description."}
		for _, attribute := range schema.IdentityAttributes {
			block.Attributes = append(block.Attributes, &tfprotov6.SchemaAttribute{Name: attribute.Name, Description: attribute.Description})
		}
		served["identity "+name] = block
	}
	for at, block := range served {
		wantDescriptions(t, at, block)
	}
	want := []string{
		"action modelarts_visualization_job_restart", "action modelarts_visualization_job_stop",
		"data source modelarts_visualization_job", "data source modelarts_visualization_jobs", "identity modelarts_visualization_job",
		"list modelarts_visualization_job", "provider", "resource modelarts_visualization_job",
	}
	wantEqual(t, want, slices.Sorted(maps.Keys(served)))
}

// wantDescriptions checks that a block, its attributes and its nested blocks have descriptions.
func wantDescriptions(t *testing.T, at string, block *tfprotov6.SchemaBlock) {
	t.Helper()
	if block.Description == "" {
		t.Errorf("%s has no description", at)
	}
	for _, attribute := range block.Attributes {
		nested := &tfprotov6.SchemaBlock{Description: attribute.Description}
		if attribute.NestedType != nil {
			nested.Attributes = attribute.NestedType.Attributes
		}
		wantDescriptions(t, at+"."+attribute.Name, nested)
	}
	for _, nested := range block.BlockTypes {
		wantDescriptions(t, at+"."+nested.TypeName, nested.Block)
	}
}

// Each attribute has variables, which its description names, and each variable has an attribute. Secrets are sensitive. An access key isn't
// secret, but a user can set the secret key there by mistake.
func TestProviderBlock(t *testing.T) {
	t.Parallel()
	secrets := []string{"password", "passcode", "token", "access_key", "secret_key", "security_token", "key"}
	var resp provider.SchemaResponse
	(&Provider{}).Schema(t.Context(), provider.SchemaRequest{}, &resp)
	wantEqual(t, len(attributes)+1, len(resp.Schema.Attributes)) // cloud is the other one
	for name, attribute := range resp.Schema.Attributes {
		variables := attributes[name].variables
		if name == "cloud" {
			variables = []string{"OS_CLOUD"}
		}
		if want := "Environment: `" + strings.Join(variables, "`, `") + "`."; !strings.HasSuffix(attribute.GetMarkdownDescription(), want) {
			t.Errorf("%s: %q does not end with %q", name, attribute.GetMarkdownDescription(), want)
		}
		if want := slices.Contains(secrets, name); attribute.IsSensitive() != want {
			t.Errorf("%s: sensitive is %v, want %v", name, attribute.IsSensitive(), want)
		}
	}
}
