package visualizationjob

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
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

// planPath plans the OBS path of the state if the configured path differs only in the trailing slash. It checks the form of
// any other path. It accepts a path that is in the state, so that the generated configuration of an existing job is valid
// whatever its path.
type planPath struct{ described }

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

// ModifyPlan plans which changes replace the job, and which attributes a stop or a restart changes.
func (r *jobResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() {
		return // A create and a destroy replace nothing, and have no other values to plan.
	}
	imported, diags := req.Private.GetKey(ctx, importedKey)
	resp.Diagnostics.Append(diags...)
	change := func(name string) (before, after attr.Value) {
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root(name), &before)...)
		resp.Diagnostics.Append(resp.Plan.GetAttribute(ctx, path.Root(name), &after)...)
		return before, after
	}
	for _, name := range []string{"job_type", "flavor", "schedule"} {
		before, after := change(name)
		isSame := after.Equal(before) || name == "job_type" && isDefaultType(before) && isDefaultType(after)
		isUnrecorded := before.IsNull() && imported != nil
		if !isSame && !isUnrecorded {
			resp.RequiresReplace.Append(path.Root(name))
		}
	}
	if before, after := change("running"); !after.Equal(before) {
		for _, name := range []string{"status", "service_url", "resource_id"} {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(name), types.StringUnknown())...)
		}
	}
}

func isDefaultType(jobType attr.Value) bool {
	return jobType.IsNull() || jobType.Equal(types.StringValue(defaultJobType))
}
