package visualizationjob

import (
	"cmp"
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

var _ list.ListResourceWithConfigure = (*jobListResource)(nil)

// jobListResource lists the jobs of a project for terraform query.
type jobListResource struct{ resourceType }

// NewListResource returns the list resource for the provider's list.
func NewListResource() list.ListResource { return &jobListResource{} }

func (l *jobListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the ModelArts visualization jobs that match the filters, for `terraform query`.",
		Attributes: map[string]schema.Attribute{
			"status": schema.ListAttribute{
				MarkdownDescription: statusDescription,
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.List{listvalidator.SizeAtLeast(1), listvalidator.ValueStringsAre(statusName)},
			},
			"search_content": schema.StringAttribute{
				MarkdownDescription: searchDescription,
				Optional:            true,
				Validators:          []validator.String{searchContent},
			},
			"workspace_id": schema.StringAttribute{MarkdownDescription: workspaceDescription, Optional: true},
		},
	}
}

// List streams the jobs until the list ends or push returns false. It requests a page only when it needs one.
func (l *jobListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config filterModel
	diags := req.Config.Get(ctx, &config)
	options := config.options(&diags)
	l.data.require(&diags)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		ctx, cancel := context.WithTimeout(ctx, listing.limit)
		defer cancel()
		pushed, isComplete := int64(0), true
		for page, err := range l.data.Controller.Pages(ctx, options) {
			if err != nil {
				push(list.ListResult{Diagnostics: diag.Diagnostics{errorDiagnostic(listJobs, err)}})
				return
			}
			for i := range page.Jobs {
				if !config.matches(&page.Jobs[i]) {
					continue
				}
				pushed++
				if !push(l.result(ctx, req, &page.Jobs[i])) || pushed == req.Limit {
					return
				}
			}
			isComplete = page.Complete
		}
		if !isComplete {
			push(list.ListResult{Diagnostics: diag.Diagnostics{incompleteWarning()}})
		}
	}
}

func (l *jobListResource) result(ctx context.Context, req list.ListRequest, job *modelarts.VisualizationJob) list.ListResult {
	result := req.NewListResult(ctx)
	model := newResourceModel(job, l.data.ProjectID)
	result.DisplayName = cmp.Or(job.Name, model.ID.ValueString())
	result.Diagnostics.Append(result.Identity.Set(ctx, model.identityModel)...)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, model)...)
	}
	return result
}
