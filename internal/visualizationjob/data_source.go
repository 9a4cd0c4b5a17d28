package visualizationjob

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

var (
	_ datasource.DataSourceWithConfigure        = (*jobDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*jobDataSource)(nil)
)

// dataSource is the part that the data sources have in common.
type dataSource struct{ data *ProviderData }

func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.data, _ = req.ProviderData.(*ProviderData)
}

// jobDataSource is the data source modelarts_visualization_job: one job.
type jobDataSource struct{ dataSource }

// NewDataSource returns the data source for the provider's list.
func NewDataSource() datasource.DataSource { return &jobDataSource{} }

func (d *jobDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_visualization_job"
}

func (d *jobDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := dataAttributes()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: attributes["id"].GetMarkdownDescription() + " Set either `id` or `name`.",
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{validID},
	}
	attributes["name"] = schema.StringAttribute{
		MarkdownDescription: "Exact name of the job, for example `training-7`. Set either `id` or `name`. If the default workspace has no job with " +
			"this name, or several, the data source fails. If there are several, the error lists their IDs.",
		Optional:   true,
		Computed:   true,
		Validators: []validator.String{stringvalidator.RegexMatches(namePattern, nameForm)},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Returns one ModelArts visualization job, by its ID or its exact name.",
		Attributes:          attributes,
	}
}

func dataAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	number := func(description string) schema.NumberAttribute {
		return schema.NumberAttribute{MarkdownDescription: description, Computed: true}
	}
	return map[string]schema.Attribute{
		"id":          text(idDescription),
		"name":        text("Name of the job."),
		"train_url":   text("OBS path of the event files."),
		"description": text("Description of the job. Empty if it has none."),
		"running": schema.BoolAttribute{
			MarkdownDescription: "Whether the job runs or is starting. If the status is `UNKNOWN` or undocumented, `running` is `false` although the job " +
				"might run and be billed, so check `status`.",
			Computed: true,
		},
		"status":      text(statusOfJobDescription),
		"status_code": number("Status of the job as a number, for example `8` for `RUNNING`."),
		"create_time": text(createTimeDescription),
		"duration":    number("Running time of the job, in milliseconds."),
		"service_url": text(serviceURLDescription),
		"resource_id": text(resourceIDDescription),
		"project_id":  text(projectIDDescription),
		"schedule": schema.SingleNestedAttribute{
			MarkdownDescription: "Schedule that stops the job automatically. Null if the API doesn't return it.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"duration":  number("Time until the job is stopped, in `time_unit`."),
				"time_unit": text("Unit of `duration`, such as `HOURS`."),
				"type":      text("Action of the schedule, such as `stop`."),
			},
		},
	}
}

func (d *jobDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name"))}
}

func (d *jobDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config dataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	d.data.require(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, reading.limit)
	defer cancel()
	job, problem := d.find(ctx, config.operation(reading, reading.limit))
	resp.Diagnostics.Append(problem)
	if job != nil {
		resp.Diagnostics.Append(resp.State.Set(ctx, newDataModel(job, d.data.ProjectID))...)
	}
}

// find returns the job with the ID, or without one the job with the name. It selects among the jobs whose name contains the
// name, because the API searches for those.
func (d *jobDataSource) find(ctx context.Context, o operation) (*modelarts.VisualizationJob, diag.Diagnostic) {
	if o.id != 0 {
		job, err := d.data.Controller.Get(ctx, o.id)
		if err != nil {
			return nil, errorDiagnostic(o, err)
		}
		return job, nil
	}
	list, err := d.data.Controller.List(ctx, modelarts.ListOptions{SearchContent: o.name})
	if err != nil {
		return nil, errorDiagnostic(o, err)
	}
	same := slices.DeleteFunc(slices.Clone(list.Jobs), func(job modelarts.VisualizationJob) bool { return job.Name != o.name })
	var detail string
	switch {
	case len(same) == 1 && !list.Complete:
		return &same[0], incompleteWarning() // there may be another one
	case len(same) == 1:
		return &same[0], nil
	case len(same) > 1:
		detail = fmt.Sprintf("%d jobs have this name:\n%s\n\nSet id instead of name.", len(same), statuses(same, o.name))
	default:
		detail = "No job in the default workspace has this name."
		if len(list.Jobs) > 0 {
			detail += " These names contain it:\n" + statuses(list.Jobs, o.name)
		}
		if !list.Complete {
			detail += "\n\n" + incompleteList
		}
	}
	return nil, explanation{attribute: "name", facts: detail, anchor: "not-found-by-name"}.diagnostic("Could not find " + o.job())
}
