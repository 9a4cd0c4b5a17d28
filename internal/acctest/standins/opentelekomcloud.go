package main

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// openTelekomCloud has the arguments of the opentelekomcloud provider that the examples use, and no others. Names, types
// and nesting are those of the pages obs_bucket, identity_role_v3 and identity_agency_v3 in docs/resources of
// https://github.com/opentelekomcloud/terraform-provider-opentelekomcloud, version 1.36.
var openTelekomCloud = map[string]schema.Schema{
	"opentelekomcloud_obs_bucket": {
		Attributes: map[string]schema.Attribute{
			"id":     computed,
			"bucket": schema.StringAttribute{Required: true},
			"acl":    schema.StringAttribute{Optional: true},
		},
		Blocks: map[string]schema.Block{
			"lifecycle_rule": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{
				Attributes: map[string]schema.Attribute{
					"name":    schema.StringAttribute{Required: true},
					"enabled": schema.BoolAttribute{Required: true},
					"prefix":  schema.StringAttribute{Optional: true},
				},
				Blocks: map[string]schema.Block{
					"expiration": schema.SetNestedBlock{NestedObject: schema.NestedBlockObject{
						Attributes: map[string]schema.Attribute{"days": schema.Int64Attribute{Required: true}},
					}},
				},
			}},
		},
	},
	"opentelekomcloud_identity_role_v3": {
		Attributes: map[string]schema.Attribute{
			"id":            computed,
			"description":   schema.StringAttribute{Required: true},
			"display_layer": schema.StringAttribute{Required: true},
			"display_name":  schema.StringAttribute{Required: true},
		},
		Blocks: map[string]schema.Block{
			"statement": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{
				Attributes: map[string]schema.Attribute{
					"effect":   schema.StringAttribute{Required: true},
					"action":   schema.ListAttribute{Required: true, ElementType: types.StringType},
					"resource": schema.ListAttribute{Optional: true, ElementType: types.StringType},
				},
			}},
		},
	},
	"opentelekomcloud_identity_agency_v3": {
		Attributes: map[string]schema.Attribute{
			"id":                    computed,
			"name":                  schema.StringAttribute{Required: true},
			"delegated_domain_name": schema.StringAttribute{Required: true},
			"description":           schema.StringAttribute{Optional: true},
			"domain_roles":          schema.SetAttribute{Optional: true, ElementType: types.StringType},
		},
	},
}
