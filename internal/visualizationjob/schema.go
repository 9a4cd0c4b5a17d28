package visualizationjob

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Descriptions of the computed attributes, for all schemas.
const (
	idDescription          = "ID of the job, for example `197`."
	statusOfJobDescription = "Status of the job, such as `RUNNING`, `KILLED` (stopped) or `FAILED`. The API reference explains each status, with " +
		"the prefix `JOBSTAT_`. An undocumented status has its number, for example `UNKNOWN(99)`."
	createTimeDescription = "Creation time of the job in UTC, for example `2026-11-25T16:03:56Z`."
	serviceURLDescription = "URL of the TensorBoard or MindInsight in the console. To open it, you need a console login and a running job. " +
		"The API can return the URL before the job runs."
	resourceIDDescription = "ID of the job in billing records."
	projectIDDescription  = "ID of the project of the job."
)

// Values that the API accepts.
const (
	maxSchedule  = 24
	scheduleUnit = "HOURS"
	scheduleType = "stop"
)

var jobTypes = []string{defaultJobType, "mindinsight"}

func (r *jobResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages a ModelArts visualization job: a hosted TensorBoard or MindInsight that reads event files " +
			"from OBS.\n\n" +
			"~> **A job is billed while it runs.** To stop a job without deleting it, set `running = false`. To stop it automatically, set `schedule`.\n\n" +
			"See the [API reference](https://docs.otc.t-systems.com/modelarts/api-ref/historical_apis/" +
			"training_management_old_version/visualization_jobs/).",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "Name of the job, for example `training-7`. It has 1 to 20 characters: letters, digits, `_` and `-`. Changing this replaces the job.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.RegexMatches(namePattern, nameForm)},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"train_url": schema.StringAttribute{
				MarkdownDescription: "OBS path of the event files, for example `/my-bucket/training-7/events/`. A trailing slash makes no difference. " +
					"Changing this replaces the job.",
				Required:      true,
				Validators:    []validator.String{noScheme},
				PlanModifiers: []planmodifier.String{planPath{"The path of a new job must be an OBS path."}, stringplanmodifier.RequiresReplace()},
			},
			"description": schema.StringAttribute{
				MarkdownDescription: "Description of the job, up to 256 characters. If omitted, the description is empty.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(""),
				Validators:          []validator.String{stringvalidator.UTF8LengthAtMost(256)},
			},
			"job_type": schema.StringAttribute{
				MarkdownDescription: "Type of the job: `tensorboard` (default) or `mindinsight`. " + replaceDescription,
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(jobTypes...)},
			},
			"flavor": schema.StringAttribute{
				MarkdownDescription: "Code of the resource flavor that the job runs on, for example `modelarts.vm.cpu.2u`. If omitted, ModelArts chooses one. " + replaceDescription,
				Optional:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"schedule": schema.SingleNestedAttribute{
				MarkdownDescription: "Stops the job automatically some hours after its start, for example `{ duration = 8 }`. The API doesn't document whether " +
					"the hours count again after a restart. " + replaceDescription + " However, if the API returns a different schedule, that apply replaces the job.",
				Optional: true,
				Attributes: map[string]schema.Attribute{
					"duration": schema.NumberAttribute{
						MarkdownDescription: "Hours from the start of the job until ModelArts stops it: a whole number from 1 to 24, for example `8`. " +
							"The API reference also allows 0, without an explanation.",
						Required:   true,
						Validators: []validator.Number{WholeNumber(0, maxSchedule)},
					},
					"time_unit": only(scheduleUnit, "Unit of `duration`: `HOURS` (default), the only possible value."),
					"type":      only(scheduleType, "Action after `duration`: `stop` (default), the only possible value."),
				},
			},
			"running": schema.BoolAttribute{
				MarkdownDescription: "Whether the job runs. `false` stops the job, `true` starts it. Terraform waits until the job is stopped or runs. " +
					"If omitted, Terraform doesn't manage whether the job runs: a job that is stopped, for example by its schedule, " +
					"stays stopped, and the plan shows no difference.",
				Optional:      true,
				Computed:      true,
				PlanModifiers: []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
			},
			"adopt_existing": schema.BoolAttribute{
				MarkdownDescription: "Whether a create adopts an existing job with the same `name` and `train_url`. If `false` (default), the create fails " +
					"and shows the ID of the job and the import command. If `true`, the provider sets the description of the job, starts or stops " +
					"it as configured, and then adds it to the state. Use it in pipelines whose runner can be killed at any time.",
				Optional: true,
			},
			"id":          computed(idDescription),
			"status":      computed(statusOfJobDescription),
			"create_time": computed(createTimeDescription),
			"service_url": computed(serviceURLDescription),
			"resource_id": computed(resourceIDDescription),
			"project_id":  computed(projectIDDescription),
		},
		Blocks: map[string]schema.Block{
			"timeouts": schema.SingleNestedBlock{ // The validator of the library's block accepts zero.
				MarkdownDescription: "Timeouts, as numbers above zero with a unit, for example `30m`. " +
					"If an operation takes longer, it fails. A job that Terraform created stays in the state.",
				CustomType: timeouts.Type{ObjectType: types.ObjectType{AttrTypes: timeoutTypes}},
				Attributes: map[string]schema.Attribute{
					"create": timeout("Timeout for a create, until the job runs or is stopped. Default `20m`."),
					"read":   timeout("Timeout for a refresh. Default `5m`."),
					"update": timeout("Timeout for an update, including a stop or a restart. Default `20m`."),
					"delete": timeout("Timeout for a delete, until the job no longer exists. Default `20m`."),
				},
			},
		},
	}
}

// timeoutTypes are the types of the attributes of the timeouts block.
var timeoutTypes = map[string]attr.Type{
	"create": types.StringType, "read": types.StringType, "update": types.StringType, "delete": types.StringType,
}

func timeout(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: []validator.String{validTimeout}}
}

func computed(description string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description,
		Computed:            true,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

func only(value, description string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description,
		Optional:            true,
		Computed:            true,
		Default:             stringdefault.StaticString(value),
		Validators:          []validator.String{stringvalidator.OneOf(value)},
	}
}

// IdentitySchema describes the identity of a job, which Terraform 1.12 and later uses.
func (r *jobResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Version: 1, // for UpgradeIdentity
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.StringAttribute{Description: idDescription, RequiredForImport: true},
			"project_id": identityschema.StringAttribute{
				Description:       "ID of the project of the job. Default: the project of the provider.",
				OptionalForImport: true,
			},
		},
	}
}
