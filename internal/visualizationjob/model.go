package visualizationjob

import (
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// jobModel has the attributes of a job that the API returns, which all schemas share.
type jobModel struct {
	identityModel
	Name        types.String `tfsdk:"name"`
	TrainURL    types.String `tfsdk:"train_url"`
	Description types.String `tfsdk:"description"`
	Running     types.Bool   `tfsdk:"running"`
	Status      types.String `tfsdk:"status"`
	CreateTime  types.String `tfsdk:"create_time"`
	ServiceURL  types.String `tfsdk:"service_url"`
	ResourceID  types.String `tfsdk:"resource_id"`
}

type resourceModel struct {
	jobModel
	JobType       types.String   `tfsdk:"job_type"`
	Flavor        types.String   `tfsdk:"flavor"`
	Schedule      *scheduleModel `tfsdk:"schedule"`
	AdoptExisting types.Bool     `tfsdk:"adopt_existing"`
	Timeouts      timeouts.Value `tfsdk:"timeouts"`
}

type scheduleModel struct {
	Duration types.Number `tfsdk:"duration"`
	TimeUnit types.String `tfsdk:"time_unit"`
	Type     types.String `tfsdk:"type"`
}

// dataModel is a job in the schemas of the data sources as a struct.
type dataModel struct {
	jobModel
	StatusCode types.Number   `tfsdk:"status_code"`
	Duration   types.Number   `tfsdk:"duration"` // milliseconds
	Schedule   *scheduleModel `tfsdk:"schedule"`
}

type identityModel struct {
	ID        types.String `tfsdk:"id"`
	ProjectID types.String `tfsdk:"project_id"`
}

func (m *resourceModel) createOptions() modelarts.CreateOptions {
	options := modelarts.CreateOptions{
		Name:        m.Name.ValueString(),
		TrainURL:    m.TrainURL.ValueString(),
		Description: m.Description.ValueString(),
		JobType:     m.JobType.ValueString(),
		Flavor:      m.Flavor.ValueString(),
	}
	if m.Schedule != nil {
		schedule := m.Schedule.schedule()
		options.Schedule = &schedule
	}
	return options
}

// newResourceModel returns the model of a job without a configuration.
func newResourceModel(job *modelarts.VisualizationJob, projectID string) *resourceModel {
	m := &resourceModel{Timeouts: timeouts.Value{Object: types.ObjectNull(timeoutTypes)}}
	m.setJob(job, projectID)
	m.refreshSchedule(job.Schedule, true)
	return m
}

func newDataModel(job *modelarts.VisualizationJob, projectID string) *dataModel {
	m := &dataModel{
		jobModel:   jobModel{Running: types.BoolValue(false)}, // for a status that doesn't decide
		StatusCode: number(int64(job.Status)),
		Duration:   number(job.Duration.Milliseconds()),
		Schedule:   newScheduleModel(job.Schedule),
	}
	m.setJob(job, projectID)
	return m
}

// newScheduleModel returns the schedule that the API returned, or nil.
func newScheduleModel(s modelarts.Schedule) *scheduleModel {
	if s == (modelarts.Schedule{}) {
		return nil
	}
	return &scheduleModel{
		Duration: number(s.Duration), TimeUnit: types.StringValue(s.TimeUnit), Type: types.StringValue(s.Type),
	}
}

// schedule is the reverse of newScheduleModel.
func (s *scheduleModel) schedule() modelarts.Schedule {
	duration, _ := s.Duration.ValueBigFloat().Int64()
	return modelarts.Schedule{Type: s.Type.ValueString(), TimeUnit: s.TimeUnit.ValueString(), Duration: duration}
}

// refreshSchedule sets the schedule to the one that the API returned, if any, and reports whether it changed. A job that
// the provider created without a schedule keeps none, even if the API returns a default. A schedule that the schema doesn't
// allow is ignored, because with it in the state, every configuration would replace the job.
func (m *resourceModel) refreshSchedule(shown modelarts.Schedule, isImported bool) bool {
	isAllowed := shown.Type == scheduleType && shown.TimeUnit == scheduleUnit && shown.Duration >= 0 && shown.Duration <= maxSchedule
	if !isAllowed || m.Schedule == nil && !isImported || m.Schedule != nil && m.Schedule.schedule() == shown {
		return false
	}
	m.Schedule = newScheduleModel(shown)
	return true
}

func (m *jobModel) setJob(job *modelarts.VisualizationJob, projectID string) {
	if job.Name != "" {
		m.Name = types.StringValue(job.Name)
	}
	if job.TrainURL != "" && (m.TrainURL.IsNull() || !samePath(job.TrainURL, m.TrainURL.ValueString())) {
		m.TrainURL = types.StringValue(job.TrainURL)
	}
	m.Description = types.StringValue(job.Description)
	m.setComputed(job, projectID)
}

// setComputed is setJob for the attributes that a user doesn't configure, and for running.
func (m *jobModel) setComputed(job *modelarts.VisualizationJob, projectID string) {
	m.ID = types.StringValue(strconv.FormatInt(job.ID, 10))
	m.Running = runningIn(job.Status, m.Running)
	m.Status = types.StringValue(job.Status.String())
	m.CreateTime = types.StringNull()
	if !job.CreateTime.IsZero() {
		m.CreateTime = types.StringValue(job.CreateTime.UTC().Format(time.RFC3339))
	}
	m.ServiceURL = stringOrNull(job.ServiceURL)
	m.ResourceID = stringOrNull(job.ResourceID)
	m.ProjectID = types.StringValue(projectID)
}

// planned returns the planned model m with its unknown values set from the job. It keeps the known values, because
// Terraform requires that an apply doesn't change them.
func (m *resourceModel) planned(job *modelarts.VisualizationJob, projectID string) resourceModel {
	filled := *m
	filled.setComputed(job, projectID)
	if !m.ID.IsUnknown() { // in an update
		filled.ID, filled.CreateTime, filled.ProjectID = m.ID, m.CreateTime, m.ProjectID
	}
	if !m.Running.IsUnknown() {
		filled.Running = m.Running
	}
	return filled
}

// agreesWith reports whether a created job needs no further request to become as planned.
func (m *resourceModel) agreesWith(job *modelarts.VisualizationJob) bool {
	return m.Running.IsUnknown() || m.Running.Equal(runningIn(job.Status, types.BoolNull()))
}

// runningIn returns whether a job with the status runs or is starting. If the status doesn't decide that, running keeps its
// value, so that no plan shows a false difference. Without a value, as after an import, running is null: true or false
// would start or stop the job through the generated configuration.
func runningIn(status modelarts.Status, before types.Bool) types.Bool {
	switch class := status.Class(); {
	case class != modelarts.ClassChanging:
		return types.BoolValue(class == modelarts.ClassRunning || class == modelarts.ClassStarting)
	case before.IsUnknown():
		return types.BoolNull()
	default:
		return before
	}
}

// number converts a number for the schemas. They use types.Number, because the framework reports a fraction that is
// configured for a types.Int64 as an error in the provider.
func number(n int64) types.Number { return types.NumberValue(new(big.Float).SetInt64(n)) }

func stringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// samePath reports whether two OBS paths are equal apart from a trailing slash.
func samePath(a, b string) bool {
	return strings.TrimRight(a, "/") == strings.TrimRight(b, "/")
}
