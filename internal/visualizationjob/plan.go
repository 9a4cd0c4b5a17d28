package visualizationjob

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// importedKey marks in the private state a job that was imported, or moved from
// another provider: what the API does not return is unknown for it, where it is
// unset for one we created.
const importedKey = "imported"

// defaultJobType is what the API takes when the type is left out.
const defaultJobType = "tensorboard"

// privateState is the part of the framework's private state used here.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// unrecorded tells whether null in the state means that nobody knows: the next
// apply then records what the configuration says, without a replacement.
func unrecorded(ctx context.Context, stateIsNull bool, private privateState) (bool, diag.Diagnostics) {
	if !stateIsNull {
		return false, nil
	}
	imported, diags := private.GetKey(ctx, importedKey)
	return imported != nil, diags
}

const replaceDescription = "Changing this replaces the job. " +
	"A job that was imported or moved takes the first value from the configuration without being replaced."

// replaceString replaces the job when the attribute changes, other than from null
// to the default that null stands for, or for the first time after an import.
func replaceString(defaultValue string) planmodifier.String {
	return stringplanmodifier.RequiresReplaceIf(
		func(ctx context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
			skip, diags := unrecorded(ctx, req.StateValue.IsNull(), req.Private)
			resp.Diagnostics.Append(diags...)
			same := !req.PlanValue.IsUnknown() && valueOr(req.StateValue, defaultValue) == valueOr(req.PlanValue, defaultValue)
			resp.RequiresReplace = !skip && !same
		}, replaceDescription, replaceDescription)
}

func valueOr(s types.String, defaultValue string) string {
	if s.IsNull() {
		return defaultValue
	}
	return s.ValueString()
}

// replaceObject is replaceString for an object without a default.
func replaceObject() planmodifier.Object {
	return objectplanmodifier.RequiresReplaceIf(
		func(ctx context.Context, req planmodifier.ObjectRequest, resp *objectplanmodifier.RequiresReplaceIfFuncResponse) {
			skip, diags := unrecorded(ctx, req.StateValue.IsNull(), req.Private)
			resp.Diagnostics.Append(diags...)
			resp.RequiresReplace = !skip
		}, replaceDescription, replaceDescription)
}

// keepSamePath plans the state's spelling of an OBS path that only gained or lost
// its trailing slash.
type keepSamePath struct{}

// Description implements planmodifier.Describer.
func (keepSamePath) Description(context.Context) string {
	return "A trailing slash makes no difference."
}

// MarkdownDescription implements planmodifier.Describer.
func (m keepSamePath) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

// PlanModifyString implements planmodifier.String.
func (keepSamePath) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.StateValue.IsNull() || req.PlanValue.IsUnknown() {
		return
	}
	if samePath(req.StateValue.ValueString(), req.PlanValue.ValueString()) {
		resp.PlanValue = req.StateValue
	}
}

// checkNewPath checks the form of an OBS path that the plan changes. It accepts a path that is in the
// state, so that the generated configuration of an existing job is valid whatever its path.
type checkNewPath struct{}

// Description implements planmodifier.Describer.
func (checkNewPath) Description(context.Context) string {
	return "The path of a new job must be an OBS path of the form /bucket/prefix/."
}

// MarkdownDescription implements planmodifier.Describer.
func (m checkNewPath) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

// PlanModifyString implements planmodifier.String.
func (checkNewPath) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.PlanValue.Equal(req.StateValue) {
		return
	}
	if fault := checkTrainURL(req.PlanValue.ValueString()); fault != "" && !req.PlanValue.IsUnknown() {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid OBS path", fault)
	}
}

// ModifyPlan marks as unknown what a stop or a restart can change, and nothing
// when neither is planned.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() {
		return // a create has everything unknown already, a destroy plans nothing
	}
	running := path.Root("running")
	var before, after types.Bool
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, running, &before)...)
	resp.Diagnostics.Append(resp.Plan.GetAttribute(ctx, running, &after)...)
	if resp.Diagnostics.HasError() || after.Equal(before) {
		return
	}
	for _, name := range []string{"status", "service_url", "resource_id"} {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(name), types.StringUnknown())...)
	}
}
