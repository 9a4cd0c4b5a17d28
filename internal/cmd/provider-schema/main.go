// Command provider-schema prints the provider's schema in the form of
// "terraform providers schema -json". It reads the schema from the provider itself, so that the
// documentation does not depend on which CLI, if any, is there.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
)

func main() {
	schema, err := schemaOf(context.Background(), provider.NewServer("dev"))
	if err != nil {
		log.Fatal(err)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(schema); err != nil {
		log.Fatal(err)
	}
}

// object is a JSON object.
type object = map[string]any

func schemaOf(ctx context.Context, server tfprotov6.ProviderServer) (object, error) {
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}
	for _, diagnostic := range append(schemas.Diagnostics, identities.Diagnostics...) {
		return nil, fmt.Errorf("%s: %s", diagnostic.Summary, diagnostic.Detail)
	}
	return object{
		"format_version": "1.0",
		"provider_schemas": object{
			"modelarts": object{
				"provider":                  schema(schemas.Provider),
				"resource_schemas":          each(schemas.ResourceSchemas, schema),
				"data_source_schemas":       each(schemas.DataSourceSchemas, schema),
				"list_resource_schemas":     each(schemas.ListResourceSchemas, schema),
				"action_schemas":            each(schemas.ActionSchemas, action),
				"resource_identity_schemas": each(identities.IdentitySchemas, identity),
			},
		},
	}, nil
}

func each[T any](schemas map[string]T, convert func(T) object) object {
	converted := object{}
	for name, s := range schemas {
		converted[name] = convert(s)
	}
	return converted
}

func schema(s *tfprotov6.Schema) object {
	return object{"version": s.Version, "block": block(s.Block)}
}

func action(s *tfprotov6.ActionSchema) object {
	return schema(s.Schema)
}

func block(b *tfprotov6.SchemaBlock) object {
	blocks := object{}
	for _, nested := range b.BlockTypes {
		blocks[nested.TypeName] = object{
			"nesting_mode": strings.ToLower(nested.Nesting.String()),
			"min_items":    nested.MinItems,
			"max_items":    nested.MaxItems,
			"block":        block(nested.Block),
		}
	}
	return object{
		"attributes":       attributes(b.Attributes),
		"block_types":      blocks,
		"description":      b.Description,
		"description_kind": strings.ToLower(b.DescriptionKind.String()),
		"deprecated":       b.Deprecated,
	}
}

func attributes(list []*tfprotov6.SchemaAttribute) object {
	converted := object{}
	for _, a := range list {
		attribute := object{
			"description":      a.Description,
			"description_kind": strings.ToLower(a.DescriptionKind.String()),
			"deprecated":       a.Deprecated,
			"required":         a.Required,
			"optional":         a.Optional,
			"computed":         a.Computed,
			"sensitive":        a.Sensitive,
			"write_only":       a.WriteOnly,
		}
		if a.NestedType != nil {
			attribute["nested_type"] = object{
				"nesting_mode": strings.ToLower(a.NestedType.Nesting.String()),
				"attributes":   attributes(a.NestedType.Attributes),
			}
		} else {
			attribute["type"] = a.Type
		}
		converted[a.Name] = attribute
	}
	return converted
}

func identity(s *tfprotov6.ResourceIdentitySchema) object {
	converted := object{}
	for _, a := range s.IdentityAttributes {
		converted[a.Name] = object{
			"type":                a.Type,
			"description":         a.Description,
			"required_for_import": a.RequiredForImport,
			"optional_for_import": a.OptionalForImport,
		}
	}
	return object{"version": s.Version, "attributes": converted}
}
