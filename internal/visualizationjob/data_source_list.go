package visualizationjob

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*DataSourceList)(nil)

// DataSourceList is the data source modelarts_visualization_jobs.
type DataSourceList struct {
	data *ProviderData
}

// NewDataSourceList returns the data source for the provider's list.
func NewDataSourceList() datasource.DataSource { return &DataSourceList{} }

// dataSourceListModel is the data source's schema as a struct.
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

// Metadata names the data source.
func (d *DataSourceList) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_visualization_jobs"
}

// Configure receives the provider data.
func (d *DataSourceList) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = providerDataFrom(req.ProviderData, &resp.Diagnostics)
}

// Schema describes the data source.
func (d *DataSourceList) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Returns all ModelArts visualization jobs that match the filters.",
		Attributes: map[string]schema.Attribute{
			"status": schema.SetAttribute{
				MarkdownDescription: statusDescription,
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.Set{setvalidator.ValueStringsAre(statusName), selectsStatus},
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

// Read lists the jobs.
func (d *DataSourceList) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model dataSourceListModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	d.data.require(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	selected := model.filter()
	selected.options.SortBy, selected.options.Order = model.SortBy.ValueString(), model.Order.ValueString()

	d.data.lists.Lock() // This needs no context: an interrupt also ends the context of the data source that holds it.
	defer d.data.lists.Unlock()
	ctx, cancel := context.WithTimeout(ctx, listing.limit)
	defer cancel()
	list, err := d.data.Controller.List(ctx, selected.options)
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostic(listJobs, err))
		return
	}
	if !list.Complete {
		resp.Diagnostics.Append(incompleteWarning())
	}
	model.Jobs, model.IDs = []*dataModel{}, []string{}
	for i := range list.Jobs {
		if job := &list.Jobs[i]; selected.matches(job) {
			shown := newDataModel(job, d.data.ProjectID)
			model.Jobs, model.IDs = append(model.Jobs, shown), append(model.IDs, shown.ID.ValueString())
		}
	}
	model.TotalCount = number(int64(len(model.Jobs)))
	model.JobCountLimit = number(int64(list.CountLimit))
	model.Quotas = number(int64(list.Quotas))
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
