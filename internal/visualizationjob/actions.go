package visualizationjob

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

var (
	_ action.ActionWithConfigure  = (*jobAction)(nil)
	_ action.ActionWithModifyPlan = (*jobAction)(nil)
)

// jobAction is an action on one job: a stop or a restart.
type jobAction struct {
	verb        string // names the action and the operation
	description string
	settle      func(*lifecycle.Controller, context.Context, int64, lifecycle.SettleOptions) (*modelarts.VisualizationJob, error)
	data        *ProviderData
}

// NewStopAction returns the action that stops a job, for the provider's list.
func NewStopAction() action.Action {
	return &jobAction{
		verb: "stop",
		description: "Stops a visualization job and waits until it is stopped. A stopped job isn't billed. " +
			"The action doesn't change a job that is already stopped or has failed.",
		settle: (*lifecycle.Controller).EnsureStopped,
	}
}

// NewRestartAction returns the action that restarts a job, for the provider's list.
func NewRestartAction() action.Action {
	return &jobAction{
		verb: "restart",
		description: "Restarts a visualization job and waits until it runs. The action stops and starts a running job, and starts " +
			"a stopped or failed job. If the job is already starting, the action only waits. The job is billed while it runs.",
		settle: (*lifecycle.Controller).Restart,
	}
}

type actionModel struct {
	ID       types.String   `tfsdk:"id"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (a *jobAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_visualization_job_" + a.verb
}

func (a *jobAction) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	a.data, _ = req.ProviderData.(*ProviderData)
}

func (a *jobAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: a.description,
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{MarkdownDescription: idDescription, Required: true, Validators: []validator.String{validID}},
		},
		Blocks: map[string]schema.Block{
			"timeouts": schema.SingleNestedBlock{ // The validator of the library's block accepts zero.
				MarkdownDescription: "Timeout, as a number above zero with a unit, for example `30m`.",
				CustomType:          timeouts.Type{ObjectType: types.ObjectType{AttrTypes: map[string]attr.Type{"invoke": types.StringType}}},
				Attributes: map[string]schema.Attribute{
					"invoke": schema.StringAttribute{
						MarkdownDescription: "Timeout of the action. Default `20m`.",
						Optional:            true,
						Validators:          []validator.String{validTimeout},
					},
				},
			},
		},
	}
}

// ModifyPlan checks the configuration again, because Terraform validates the configuration of an action only while
// variables are unknown.
func (a *jobAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var config actionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(config.check()...)
}

func (m *actionModel) check() diag.Diagnostics {
	timeout, _ := m.Timeouts.Attributes()["invoke"].(types.String) // null without a block
	return diag.Diagnostics{validID.check(path.Root("id"), m.ID), validTimeout.check(path.Root("timeouts").AtName("invoke"), timeout)}
}

// Invoke stops or restarts the job, and reports each status as progress.
func (a *jobAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config actionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(config.check()...)
	a.data.require(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	kind := invoking(a.verb)
	timeout, diags := config.Timeouts.Invoke(ctx, kind.limit)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	op := (&jobModel{identityModel: identityModel{ID: config.ID}}).operation(kind, timeout)
	onStatus := func(job modelarts.VisualizationJob) {
		op.name = job.Name
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("%s: %s", sanitize.Capitalize(op.job()), job.Status)})
	}
	if _, err := a.settle(a.data.Controller, ctx, op.id, lifecycle.SettleOptions{OnStatus: onStatus}); err != nil {
		resp.Diagnostics.Append(errorDiagnostic(op, err))
	}
}
