package visualizationjob

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// How long an operation may take when the configuration does not say.
const (
	defaultCreateTimeout = 20 * time.Minute
	defaultReadTimeout   = 5 * time.Minute
	defaultUpdateTimeout = 20 * time.Minute
	defaultDeleteTimeout = 20 * time.Minute
)

// What is computed is described alike in all schemas.
const (
	idDescription          = "Id of the job, as digits."
	statusOfJobDescription = "Status of the job, such as `RUNNING`, `KILLED` (stopped) or `FAILED`, " +
		"as in the API reference without its prefix. A code that is not documented is `UNKNOWN(99)`."
	createTimeDescription = "When the job was created, in RFC 3339 and UTC."
	serviceURLDescription = "Address of the TensorBoard or MindInsight in the console. You need a console login to open it, and " +
		"you can open it only while the job runs. The API can return it before."
	resourceIDDescription = "Id under which the job is billed."
	projectIDDescription  = "Id of the project the job belongs to."
)

// What the API takes.
const (
	longestSchedule = 24
	scheduleUnit    = "HOURS"
	scheduleType    = "stop"
)

var jobTypes = []string{defaultJobType, "mindinsight"}

// Schema describes the resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A visualization job of ModelArts: a hosted TensorBoard or MindInsight that reads event files " +
			"from OBS.\n\n" +
			"~> **A job is billed for as long as it runs.** `running = false` stops it and keeps it; `schedule` stops it by itself.\n\n" +
			"See the [API reference](https://docs.otc.t-systems.com/modelarts/api-ref/historical_apis/" +
			"training_management_old_version/visualization_jobs/).",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "Name: 1 to 20 letters, digits, `_` and `-`. Changing it replaces the job.",
				Required:            true,
				Validators: []validator.String{
					stringvalidator.RegexMatches(namePattern, nameForm),
				},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"train_url": schema.StringAttribute{
				MarkdownDescription: "OBS path of the event files, `/bucket/prefix/`. A trailing slash makes no difference. " +
					"Changing it replaces the job.",
				Required:      true,
				Validators:    []validator.String{schemeValidator{}},
				PlanModifiers: []planmodifier.String{keepSamePath{}, checkNewPath{}, stringplanmodifier.RequiresReplace()},
			},
			"description": schema.StringAttribute{
				MarkdownDescription: "Description of up to 256 characters. Removing it clears it.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(""),
				Validators:          []validator.String{stringvalidator.UTF8LengthAtMost(256)},
			},
			"job_type": schema.StringAttribute{
				MarkdownDescription: "`tensorboard`, which is the API's default, or `mindinsight`. " + replaceDescription,
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(jobTypes...)},
				PlanModifiers:       []planmodifier.String{replaceString(defaultJobType)},
			},
			"flavor": schema.StringAttribute{
				MarkdownDescription: "Code of the specification to run on. " + replaceDescription,
				Optional:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers:       []planmodifier.String{replaceString("")},
			},
			"schedule": scheduleAttribute(),
			"running": schema.BoolAttribute{
				MarkdownDescription: "Whether the job runs. `false` stops it, `true` starts it again; both wait until it is done. " +
					"Left out, the provider does not care: a job that its schedule or somebody stopped stays stopped and shows " +
					"no difference.",
				Optional:      true,
				Computed:      true,
				PlanModifiers: []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
			},
			"adopt_existing": schema.BoolAttribute{
				MarkdownDescription: "What a create does if a job of this name and path exists. `false`, the default, is an error with " +
					"the ID of the job and the import command. `true` adopts the job: the provider sets its description, starts or stops " +
					"it as configured, and then adds it to the state. Use it in pipelines whose runner can be killed at any moment.",
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
			"timeouts": timeoutsBlock(ctx),
		},
	}
}

func timeoutsBlock(ctx context.Context) schema.Block {
	block := timeouts.Block(ctx, timeouts.Opts{
		Create: true, Read: true, Update: true, Delete: true,
		CreateDescription: "How long a create may take, until the job runs or is stopped. Default `20m`.",
		ReadDescription:   "How long a refresh may take. Default `5m`.",
		UpdateDescription: "How long a stop or a restart may take. Default `20m`.",
		DeleteDescription: "How long a destroy may take, until the job is gone. Default `20m`.",
	})
	if described, ok := block.(schema.SingleNestedBlock); ok {
		for name, attribute := range described.Attributes {
			if timeout, ok := attribute.(schema.StringAttribute); ok {
				timeout.Validators = []validator.String{timeoutValidator{}} // the one it has accepts zero
				described.Attributes[name] = timeout
			}
		}
		described.MarkdownDescription = "How long the operations may take, as numbers above zero with a unit, for example `30m`. " +
			"If an operation takes longer, it fails. A job that Terraform created stays in the state."
		return described
	}
	return block
}

func computed(description string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description,
		Computed:            true,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

func scheduleAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "Stops the job by itself. " + replaceDescription + " This doesn't apply to a schedule that the API returns, which it doesn't for every job.",
		Optional:            true,
		PlanModifiers:       []planmodifier.Object{replaceObject()},
		Attributes: map[string]schema.Attribute{
			"duration": schema.NumberAttribute{
				MarkdownDescription: "How long the job runs before it is stopped, 0 to 24 in `time_unit`. " +
					"The API reference allows 0 without saying what it means, and the console offers 1 to 24.",
				Required:   true,
				Validators: []validator.Number{WholeNumber{Min: 0, Max: longestSchedule}},
			},
			"time_unit": schema.StringAttribute{
				MarkdownDescription: "Unit of `duration`. `HOURS` is the default and all there is.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(scheduleUnit),
				Validators:          []validator.String{stringvalidator.OneOf(scheduleUnit)},
			},
			"type": schema.StringAttribute{
				MarkdownDescription: "What happens then. `stop` is the default and all there is.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(scheduleType),
				Validators:          []validator.String{stringvalidator.OneOf(scheduleType)},
			},
		},
	}
}

// IdentitySchema describes what identifies a job to Terraform 1.12 and later.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Version: 1, // for UpgradeIdentity
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.StringAttribute{
				Description:       idDescription,
				RequiredForImport: true,
			},
			"project_id": identityschema.StringAttribute{
				Description:       "Id of the project the job belongs to; that of the provider when left out.",
				OptionalForImport: true,
			},
		},
	}
}
