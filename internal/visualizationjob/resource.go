package visualizationjob

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

var (
	_ resource.Resource                = (*Resource)(nil)
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
)

// Resource is modelarts_visualization_job.
type Resource struct {
	client *ProviderData
}

// NewResource returns the resource for the provider's list.
func NewResource() resource.Resource { return &Resource{} }

// Metadata names the resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_visualization_job"
}

// Configure takes over what the provider hands out.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	var diags diag.Diagnostics
	r.client, diags = ConfigureClient(req.ProviderData)
	resp.Diagnostics.Append(diags...)
}

// Create creates the job and waits until it runs, or is stopped.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	timeout, diags := plan.Timeouts.Create(ctx, defaultCreateTimeout)
	resp.Diagnostics.Append(diags...)
	if r.client == nil {
		resp.Diagnostics.Append(notConfigured())
	}
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	o := operation{verb: "create", name: plan.Name.ValueString(), timeout: timeout}

	created, err := r.client.Controller.Create(ctx, plan.createOptions(), plan.AdoptExisting.ValueBool())
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostic(o, err))
		return
	}
	o.id = strconv.FormatInt(created.Job.ID, 10)
	if warning := createWarning(o, created); warning != nil {
		resp.Diagnostics.Append(warning)
	}
	// From here on the job is in the state, whatever happens.
	model := plan
	model.setComputed(&created.Job, r.client.ProjectID)
	if created.Adopted {
		model.Description = types.StringValue(created.Job.Description)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, model.identity())...)

	if !model.Description.Equal(plan.Description) {
		if err := r.client.Controller.UpdateDescription(ctx, created.Job.ID, plan.Description.ValueString()); err != nil {
			resp.Diagnostics.Append(errorDiagnostic(o, err))
			return
		}
		model.Description = plan.Description
	}
	job, err := r.settleCreated(ctx, created, plan.Running)
	if err != nil {
		if job != nil {
			model.setComputed(job, r.client.ProjectID)
		}
		resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
		resp.Diagnostics.Append(errorDiagnostic(o, err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan.planned(job, r.client.ProjectID))...)
}

// settleCreated waits until a created or adopted job is what running asks for.
func (r *Resource) settleCreated(ctx context.Context, created *lifecycle.Created, running types.Bool) (*modelarts.VisualizationJob, error) {
	id := created.Job.ID
	switch {
	case running.IsNull() || running.IsUnknown():
		return r.client.Controller.WaitStarted(ctx, id)
	case !running.ValueBool():
		return r.client.Controller.EnsureStopped(ctx, id, !created.Adopted)
	case created.Adopted:
		return r.client.Controller.EnsureRunning(ctx, id)
	default:
		return r.client.Controller.EnsureCreatedRunning(ctx, id)
	}
}

// Read brings the state to what the API says.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := state.Timeouts.Read(ctx, defaultReadTimeout)
	resp.Diagnostics.Append(diags...)
	id := r.check(&state, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	// The framework wants an identity also for a job that turns out to be gone.
	state.ProjectID = types.StringValue(r.client.ProjectID)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	job, err := r.client.Controller.Get(ctx, id)
	var gone *lifecycle.NotFoundError
	if errors.As(err, &gone) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostic(state.operation("read", timeout), err))
		return
	}
	state.setJob(job, r.client.ProjectID)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// Update changes the description first, then whether the job runs.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := plan.Timeouts.Update(ctx, defaultUpdateTimeout)
	resp.Diagnostics.Append(diags...)
	id := r.check(&state, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	o := state.operation("update", timeout)

	if !plan.Description.Equal(state.Description) {
		if err := r.client.Controller.UpdateDescription(ctx, id, plan.Description.ValueString()); err != nil {
			resp.Diagnostics.Append(errorDiagnostic(o, err))
			return
		}
		state.Description = plan.Description
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	}
	if !plan.Running.Equal(state.Running) {
		job, err := r.settle(ctx, id, plan.Running)
		if err != nil {
			if job != nil {
				state.setComputed(job, r.client.ProjectID)
			}
			resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
			resp.Diagnostics.Append(errorDiagnostic(o, err))
			return
		}
		plan = plan.planned(job, r.client.ProjectID)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// settle brings an existing job to what running asks for.
func (r *Resource) settle(ctx context.Context, id int64, running types.Bool) (*modelarts.VisualizationJob, error) {
	switch {
	case running.IsUnknown():
		return r.client.Controller.Get(ctx, id)
	case running.ValueBool():
		return r.client.Controller.EnsureRunning(ctx, id)
	default:
		return r.client.Controller.EnsureStopped(ctx, id, false)
	}
}

// Delete deletes the job and waits until it is gone.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := state.Timeouts.Delete(ctx, defaultDeleteTimeout)
	resp.Diagnostics.Append(diags...)
	id := r.check(&state, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	if err := r.client.Controller.EnsureDeleted(ctx, id); err != nil {
		resp.Diagnostics.Append(errorDiagnostic(state.operation("delete", timeout), err))
	}
}

// ImportState takes a job by its id, or by its identity.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	imported := identityModel{ID: types.StringValue(req.ID)}
	at := path.Root("id")
	if req.ID == "" && req.Identity != nil {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &imported)...)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	if _, err := parseID(imported.ID.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(at, "Invalid id of a visualization job", capitalised(err)+
			".\n\nThe ids of all jobs are in the ModelArts console, and at the end of their service URLs.")
		return
	}
	if !imported.ProjectID.IsNull() && r.client != nil {
		resp.Diagnostics.Append(r.checkProject(imported.ID, imported.ProjectID)...)
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, at, imported.ID)...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, importedKey, []byte("true"))...)
}

// check finds out whether there is something to work with, and returns the id.
func (r *Resource) check(state *resourceModel, diags *diag.Diagnostics) int64 {
	if diags.HasError() {
		return 0
	}
	if r.client == nil {
		diags.Append(notConfigured())
		return 0
	}
	id, err := state.jobID()
	if err != nil {
		diags.AddAttributeError(path.Root("id"), "The state holds an invalid id", capitalised(err)+".")
	}
	diags.Append(r.checkProject(state.ID, state.ProjectID)...)
	return id
}

// checkProject refuses to look for a job in another project than its own. It
// would not be found there, dropped from the state, and created and billed anew.
func (r *Resource) checkProject(id, project types.String) diag.Diagnostics {
	if project.IsNull() || project.ValueString() == r.client.ProjectID {
		return nil
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic(
		fmt.Sprintf("Visualization job %s belongs to another project", id.ValueString()),
		fmt.Sprintf("It belongs to the project %s, and the provider is configured for %s.\n\n"+
			"Set tenant_id or tenant_name of the provider (OS_PROJECT_ID, OS_PROJECT_NAME) to the project of the job.",
			project.ValueString(), r.client.ProjectID))}
}
