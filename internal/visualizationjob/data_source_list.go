package visualizationjob

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

var _ datasource.DataSourceWithConfigure = (*jobListDataSource)(nil)

// jobListDataSource is the data source modelarts_visualization_jobs.
type jobListDataSource struct{ dataSource }

// NewDataSourceList returns the data source for the provider's list.
func NewDataSourceList() datasource.DataSource { return &jobListDataSource{} }

type dataSourceListModel struct {
	filterModel
	SortBy        types.String `tfsdk:"sort_by"`
	Order         types.String `tfsdk:"order"`
	Jobs          []*dataModel `tfsdk:"jobs"`
	IDs           []string     `tfsdk:"ids"`
	TotalCount    types.Number `tfsdk:"total_count"`
	JobCountLimit types.Number `tfsdk:"job_count_limit"`
	Quotas        types.Number `tfsdk:"quotas"`
}

func (d *jobListDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_visualization_jobs"
}

func (d *jobListDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Returns all ModelArts visualization jobs that match the filters.",
		Attributes: map[string]schema.Attribute{
			"status": schema.SetAttribute{
				MarkdownDescription: statusDescription,
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(statusName)},
			},
			"search_content": schema.StringAttribute{
				MarkdownDescription: searchDescription,
				Optional:            true,
				Validators:          []validator.String{searchContent},
			},
			"workspace_id": schema.StringAttribute{MarkdownDescription: workspaceDescription, Optional: true},
			"sort_by": schema.StringAttribute{
				MarkdownDescription: "Sort key: `job_id` (default), `job_name`, `job_desc`, `create_time` or `status`.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf("job_id", "job_name", "job_desc", "create_time", "status")},
			},
			"order": schema.StringAttribute{
				MarkdownDescription: "Sort order: `asc` (default) or `desc`.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf("asc", "desc")},
			},
			"jobs": schema.ListNestedAttribute{
				MarkdownDescription: "Matching jobs.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: dataAttributes()},
			},
			"ids": schema.ListAttribute{
				MarkdownDescription: "IDs of the jobs, in the same order as `jobs`.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"total_count": schema.NumberAttribute{MarkdownDescription: "Number of jobs in `jobs`.", Computed: true},
			"job_count_limit": schema.NumberAttribute{
				MarkdownDescription: "Number of jobs that the project can still create, whether they run or not. Independent of `quotas`.",
				Computed:            true,
			},
			"quotas": schema.NumberAttribute{
				MarkdownDescription: "Number of jobs of the project that can run at the same time. Independent of `job_count_limit`.",
				Computed:            true,
			},
		},
	}
}

func (d *jobListDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model dataSourceListModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	options := model.options(&resp.Diagnostics)
	d.data.require(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	options.SortBy, options.Order = model.SortBy.ValueString(), model.Order.ValueString()

	d.data.lists.Lock() // This needs no context: an interrupt also ends the context of the data source that holds it.
	defer d.data.lists.Unlock()
	ctx, cancel := context.WithTimeout(ctx, listing.limit)
	defer cancel()
	list, err := d.data.Controller.List(ctx, options)
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostic(listJobs, err))
		return
	}
	if !list.Complete {
		resp.Diagnostics.Append(incompleteWarning())
	}
	model.Jobs, model.IDs = []*dataModel{}, []string{}
	for i := range list.Jobs {
		if job := &list.Jobs[i]; model.matches(job) {
			shown := newDataModel(job, d.data.ProjectID)
			model.Jobs, model.IDs = append(model.Jobs, shown), append(model.IDs, shown.ID.ValueString())
		}
	}
	model.TotalCount = number(int64(len(model.Jobs)))
	model.JobCountLimit = number(int64(list.CountLimit))
	model.Quotas = number(int64(list.Quotas))
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// filterModel has the filters of every schema that lists jobs.
type filterModel struct {
	Status        []types.String `tfsdk:"status"` // a set, or a list where the framework has no sets
	SearchContent types.String   `tfsdk:"search_content"`
	WorkspaceID   types.String   `tfsdk:"workspace_id"`
}

const (
	searchDescription    = "Selects the jobs whose name contains this text of up to 64 characters, for example `training`."
	workspaceDescription = "ID of the workspace of the jobs. Default `0`, the default workspace, in which the resource creates its jobs."
)

var statusDescription = "Selects the jobs that have one of these statuses: `" + strings.Join(modelarts.StatusNames(), "`, `") + "`. " +
	"Null elements are ignored. An empty value is an error. To select jobs in all statuses, omit `status`."

// Validators for the values that the API accepts.
var (
	statusName    = stringvalidator.OneOf(modelarts.StatusNames()...)
	searchContent = stringvalidator.UTF8LengthAtMost(64)
)

// options returns the options of a list. It adds an error if the statuses select nothing, because that could be meant to select all jobs.
func (m *filterModel) options(diags *diag.Diagnostics) modelarts.ListOptions {
	options := modelarts.ListOptions{SearchContent: m.SearchContent.ValueString(), WorkspaceID: m.WorkspaceID.ValueString()}
	selected := make(map[modelarts.Status]bool)
	for _, name := range m.Status {
		if status, ok := modelarts.ParseStatus(name.ValueString()); ok { // null isn't, and the schema rejects other names
			selected[status], options.Status = true, &status
		}
	}
	switch {
	case m.Status != nil && len(selected) == 0:
		diags.AddAttributeError(path.Root("status"), "No status selected",
			"status must name at least one status. To select jobs in all statuses, omit it or set it to null.")
	case len(selected) > 1:
		options.Status = nil // The API accepts only one status, so matches selects the jobs.
	}
	return options
}

func (m *filterModel) matches(job *modelarts.VisualizationJob) bool {
	return m.Status == nil || slices.Contains(m.Status, types.StringValue(job.Status.String()))
}
