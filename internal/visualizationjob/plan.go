package visualizationjob

import (
	"cmp"
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// importedKey marks in the private state that a job was imported, or moved from another provider. For such a job, null
// means that the provider doesn't know a value that the API doesn't return. For a job that the provider created, null
// means that the value isn't set.
const importedKey = "imported"

// defaultJobType is the default of the API.
const defaultJobType = "tensorboard"

const replaceDescription = "Changing this replaces the job. " +
	"For an imported or moved job, the first apply records the configured value without replacing the job."

// privateState is the private state of the framework.
type privateState interface {
	GetKey(context.Context, string) ([]byte, diag.Diagnostics)
}

// isUnrecorded reports whether the state has null because the provider doesn't know the value. The next apply then records
// the configured value without replacing the job.
func isUnrecorded(ctx context.Context, state attr.Value, private privateState, diags *diag.Diagnostics) bool {
	imported, more := private.GetKey(ctx, importedKey)
	diags.Append(more...)
	return state.IsNull() && imported != nil
}

// replaceString replaces the job if the attribute changes, except between null and the default value, and except for the
// first value after an import.
func replaceString(defaultValue string) planmodifier.String {
	return stringplanmodifier.RequiresReplaceIf(
		func(ctx context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
			before, after := cmp.Or(req.StateValue.ValueString(), defaultValue), cmp.Or(req.PlanValue.ValueString(), defaultValue)
			isSame := before == after && !req.PlanValue.IsUnknown()
			resp.RequiresReplace = !isSame && !isUnrecorded(ctx, req.StateValue, req.Private, &resp.Diagnostics)
		}, replaceDescription, replaceDescription)
}

// replaceObject is replaceString for an object without a default.
func replaceObject() planmodifier.Object {
	return objectplanmodifier.RequiresReplaceIf(
		func(ctx context.Context, req planmodifier.ObjectRequest, resp *objectplanmodifier.RequiresReplaceIfFuncResponse) {
			resp.RequiresReplace = !isUnrecorded(ctx, req.StateValue, req.Private, &resp.Diagnostics)
		}, replaceDescription, replaceDescription)
}

// planPath plans the OBS path of the state if the configured path differs only in the trailing slash. It checks the form of
// any other path. It accepts a path that is in the state, so that the generated configuration of an existing job is valid
// whatever its path.
type planPath struct{ described }

// PlanModifyString implements planmodifier.String.
func (planPath) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	switch {
	case req.PlanValue.IsUnknown():
	case !req.StateValue.IsNull() && samePath(req.StateValue.ValueString(), req.PlanValue.ValueString()):
		resp.PlanValue = req.StateValue
	default:
		if fault := checkTrainURL(req.PlanValue.ValueString()); fault != "" {
			resp.Diagnostics.AddAttributeError(req.Path, "Invalid OBS path", fault)
		}
	}
}

// ModifyPlan marks the attributes that a stop or a restart can change as unknown, if one is planned.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() {
		return // In a create they are unknown already, and a destroy plans no values.
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
