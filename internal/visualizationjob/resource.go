package visualizationjob

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

var (
	_ resource.ResourceWithConfigure       = (*jobResource)(nil)
	_ resource.ResourceWithIdentity        = (*jobResource)(nil)
	_ resource.ResourceWithImportState     = (*jobResource)(nil)
	_ resource.ResourceWithModifyPlan      = (*jobResource)(nil)
	_ resource.ResourceWithMoveState       = (*jobResource)(nil)
	_ resource.ResourceWithUpgradeIdentity = (*jobResource)(nil)
)

// resourceType is the part that the resource and its list resource have in common.
type resourceType struct{ data *ProviderData }

func (r *resourceType) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_visualization_job"
}

func (r *resourceType) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.data, _ = req.ProviderData.(*ProviderData)
}

// jobResource is modelarts_visualization_job.
type jobResource struct{ resourceType }

// NewResource returns the resource for the provider's list.
func NewResource() resource.Resource { return &jobResource{} }

// Create creates the job and waits until it runs, or is stopped.
func (r *jobResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	ctx, op, end := r.begin(ctx, creating, &plan, plan.Timeouts.Create, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}
	created, err := r.data.Controller.Create(ctx, plan.createOptions(), plan.AdoptExisting.ValueBool())
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostic(op, err))
		return
	}
	op.kind, op.id = settling, created.Job.ID
	if created.Adopted {
		op.kind = adopting
		defer func() { r.data.Controller.EndAdoption(created.Job.ID, !resp.Diagnostics.HasError()) }()
		if shown := plan; shown.refreshSchedule(created.Job.Schedule, false) {
			resp.Diagnostics.Append(otherScheduleDiagnostic(op, created.Job.Schedule.Duration))
			return
		}
	}
	r.complete(ctx, op, created, &plan, resp)
}

// complete brings a created or adopted job to the plan, and puts it into the state.
func (r *jobResource) complete(ctx context.Context, op operation, created *lifecycle.Created, plan *resourceModel, resp *resource.CreateResponse) {
	job, err := r.settleCreated(ctx, op, created, plan)
	if created.Repeated {
		duplicates, searchErr := r.data.Controller.Duplicates(ctx, created)
		resp.Diagnostics.Append(duplicateWarning(op, duplicates, searchErr))
	}
	// Terraform taints a job that a failed create leaves in the state, and the next apply
	// destroys it. So the job isn't in the state before its adoption is complete, nor if it
	// is another job than the one that was created.
	_, other := errors.AsType[*lifecycle.OtherJobError](err)
	if other && !created.Adopted {
		op.kind, op.id = creating, 0 // of the other job
	}
	if other || created.Adopted && err != nil {
		resp.Diagnostics.Append(errorDiagnostic(op, err))
		return
	}
	resp.Diagnostics.Append(createWarning(op, created))
	if job == nil {
		job = &created.Job
	}
	result := plan.planned(job, r.data.ProjectID)
	switch {
	case err == nil:
	case errors.Is(ended(err), context.Canceled) && plan.agreesWith(job):
		// An error would taint the job, and the next apply replace it, for nothing.
		resp.Diagnostics.Append(interruptWarning(op, job))
	default:
		result = *plan
		result.setComputed(&created.Job, r.data.ProjectID)
		result.setComputed(job, r.data.ProjectID)
		resp.Diagnostics.Append(errorDiagnostic(op, err))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, result)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, result.identityModel)...)
}

// settleCreated updates a created or adopted job as planned, and waits.
func (r *jobResource) settleCreated(ctx context.Context, op operation, created *lifecycle.Created, plan *resourceModel) (*modelarts.VisualizationJob, error) {
	if description := plan.Description.ValueString(); created.Adopted && description != created.Job.Description {
		if err := r.data.Controller.UpdateDescription(ctx, op.id, description); err != nil {
			return nil, err
		}
	}
	return r.settle(ctx, op.id, lifecycle.SettleOptions{Name: op.name, TrainURL: plan.TrainURL.ValueString(), Fresh: !created.Adopted}, plan.Running)
}

// settle starts or stops a job as planned, and waits.
func (r *jobResource) settle(ctx context.Context, id int64, opts lifecycle.SettleOptions, running types.Bool) (*modelarts.VisualizationJob, error) {
	switch {
	case running.IsUnknown():
		return r.data.Controller.WaitStarted(ctx, id, opts)
	case running.ValueBool():
		return r.data.Controller.EnsureRunning(ctx, id, opts)
	default:
		return r.data.Controller.EnsureStopped(ctx, id, opts)
	}
}

// Read updates the state from the API. It removes a job that no longer exists.
func (r *jobResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	moved := state.ProjectID.IsNull() && !state.Name.IsNull() // and not read since
	// A job that was imported or moved without its project is read even so, to find out whether it exists.
	if r.data == nil && !state.ProjectID.IsNull() && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(notRefreshedWarning(state.operation(refreshing, 0)))
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identityModel)...)
		return
	}
	ctx, op, end := r.begin(ctx, refreshing, &state, state.Timeouts.Read, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}
	before := state.jobModel
	// The framework requires an identity also for a job that no longer exists.
	state.ProjectID = types.StringValue(r.data.ProjectID)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identityModel)...)
	job, err := r.data.Controller.Get(ctx, op.id)
	if err == nil && !moved {
		err = lifecycle.CheckKey(job, state.Name.ValueString(), state.TrainURL.ValueString())
	}
	_, gone := errors.AsType[*lifecycle.NotFoundError](err)
	switch {
	case gone && moved:
		resp.Diagnostics.Append(movedGoneDiagnostic(op, r.data.ProjectID))
		return
	case gone:
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(errorDiagnostic(op, err))
		return
	}
	if job.Status.Class() == modelarts.ClassFailed {
		resp.Diagnostics.Append(failedWarning(op, job))
	}
	state.setJob(job, r.data.ProjectID)
	imported, diags := req.Private.GetKey(ctx, importedKey)
	resp.Diagnostics.Append(diags...)
	if state.refreshSchedule(job.Schedule, imported != nil) || state.jobModel != before { // The response already has an unchanged state.
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	}
}

// Update changes the description first, then starts or stops the job.
func (r *jobResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ctx, op, end := r.begin(ctx, updating, &state, plan.Timeouts.Update, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}
	if !plan.Description.Equal(state.Description) {
		job, err := r.data.Controller.Get(ctx, op.id)
		if err == nil { // An ID in the state can be that of another job.
			err = lifecycle.CheckKey(job, state.Name.ValueString(), state.TrainURL.ValueString())
		}
		if err == nil {
			err = r.data.Controller.UpdateDescription(ctx, op.id, plan.Description.ValueString())
		}
		if err != nil {
			resp.Diagnostics.Append(errorDiagnostic(op, err))
			return
		}
		state.Description = plan.Description
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	}
	if !plan.Running.Equal(state.Running) {
		job, err := r.settle(ctx, op.id, lifecycle.SettleOptions{Name: op.name, TrainURL: state.TrainURL.ValueString()}, plan.Running)
		if err != nil {
			if job != nil {
				state.setComputed(job, r.data.ProjectID)
			}
			resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
			resp.Diagnostics.Append(errorDiagnostic(op, err))
			return
		}
		plan = plan.planned(job, r.data.ProjectID)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	// A moved state that was not refreshed can lack the project, and Terraform never changes an identity.
	plan.ProjectID = types.StringValue(r.data.ProjectID)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identityModel)...)
}

func (r *jobResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ctx, op, end := r.begin(ctx, deleting, &state, state.Timeouts.Delete, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}
	err := r.data.Controller.EnsureDeleted(ctx, op.id, lifecycle.SettleOptions{Name: op.name, TrainURL: state.TrainURL.ValueString()})
	if errors.Is(err, lifecycle.ErrAdopted) {
		resp.Diagnostics.Append(adoptedWarning(op))
		return
	}
	if err != nil {
		if wait, ok := errors.AsType[*lifecycle.WaitError](err); ok && wait.Last != nil {
			state.setComputed(wait.Last, r.data.ProjectID) // The job might have been stopped before the error.
			resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
		}
		resp.Diagnostics.Append(errorDiagnostic(op, err))
	}
}

func (r *jobResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	imported := identityModel{ID: types.StringValue(req.ID)}
	if req.ID == "" && req.Identity != nil && !req.Identity.Raw.IsNull() {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &imported)...)
		if imported.ProjectID.ValueString() == "" { // an empty string is unset
			imported.ProjectID = types.StringNull()
			resp.Diagnostics.Append(resp.Identity.Set(ctx, imported)...)
		}
	}
	if fault := validID.fault(path.Root("id"), imported.ID.ValueString()); fault != nil {
		resp.Diagnostics.Append(fault)
		return
	}
	if r.data != nil {
		resp.Diagnostics.Append(r.checkProject(imported.ID, imported.ProjectID))
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), imported.ID)...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, importedKey, []byte("true"))...)
}

// begin starts an operation on the job of a model, and the timeout of the operation. It adds an error if the provider isn't
// configured for the job.
func (r *jobResource) begin(
	ctx context.Context, k kind, m *resourceModel, timeout func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), diags *diag.Diagnostics,
) (context.Context, operation, context.CancelFunc) {
	limit, more := timeout(ctx, k.limit)
	diags.Append(more...)
	r.data.require(diags)
	if k != creating && !diags.HasError() {
		diags.Append(validID.fault(path.Root("id"), m.ID.ValueString()))
		diags.Append(r.checkProject(m.ID, m.ProjectID))
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	return ctx, m.operation(k, limit), cancel
}

// setProject is the start of the remedy for a job of another project.
const setProject = "Set tenant_id or tenant_name of the provider (OS_PROJECT_ID, OS_PROJECT_NAME), " +
	"or with an agency delegated_project (OS_DELEGATED_PROJECT),"

// checkProject returns an error for a job of another project. In the project of the provider, the job would seem to be
// deleted, and the next apply would create and bill a second one.
func (r *jobResource) checkProject(id, project types.String) diag.Diagnostic {
	if project.IsNull() || project.ValueString() == r.data.ProjectID {
		return nil
	}
	return explanation{
		facts:  fmt.Sprintf("The job belongs to project %s, but the provider is configured for project %s.", project.ValueString(), r.data.ProjectID),
		remedy: setProject + " to the project of the job.",
		anchor: "other-project",
	}.diagnostic(fmt.Sprintf("Visualization job %s belongs to another project", id.ValueString()))
}
