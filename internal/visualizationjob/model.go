package visualizationjob

import (
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// jobModel is what the API tells of a job, in every schema that has one.
type jobModel struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	TrainURL    types.String `tfsdk:"train_url"`
	Description types.String `tfsdk:"description"`
	Running     types.Bool   `tfsdk:"running"`
	Status      types.String `tfsdk:"status"`
	CreateTime  types.String `tfsdk:"create_time"`
	ServiceURL  types.String `tfsdk:"service_url"`
	ResourceID  types.String `tfsdk:"resource_id"`
	ProjectID   types.String `tfsdk:"project_id"`
}

// resourceModel is the resource's schema as a struct.
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

// identityModel is the resource's identity as a struct.
type identityModel struct {
	ID        types.String `tfsdk:"id"`
	ProjectID types.String `tfsdk:"project_id"`
}

func (m *jobModel) identity() identityModel {
	return identityModel{ID: m.ID, ProjectID: m.ProjectID}
}

// jobID returns the id as the client wants it. The id of a state was checked
// when it came in.
func (m *jobModel) jobID() (int64, error) {
	return parseID(m.ID.ValueString())
}

// createOptions returns what to ask the API for.
func (m *resourceModel) createOptions() modelarts.CreateOptions {
	options := modelarts.CreateOptions{
		Name:        m.Name.ValueString(),
		TrainURL:    m.TrainURL.ValueString(),
		Description: m.Description.ValueString(),
		JobType:     m.JobType.ValueString(),
		Flavor:      m.Flavor.ValueString(),
	}
	if m.Schedule != nil {
		options.Schedule = &modelarts.Schedule{
			Type:     m.Schedule.Type.ValueString(),
			TimeUnit: m.Schedule.TimeUnit.ValueString(),
			Duration: whole(m.Schedule.Duration),
		}
	}
	return options
}

// newResourceModel returns the job as a resource that no configuration is about.
func newResourceModel(job *modelarts.VisualizationJob, projectID string) *resourceModel {
	m := &resourceModel{Timeouts: timeouts.Value{Object: types.ObjectNull(map[string]attr.Type{
		"create": types.StringType, "read": types.StringType, "update": types.StringType, "delete": types.StringType,
	})}}
	m.setJob(job, projectID)
	m.Schedule = newScheduleModel(job.Schedule).ifConfigurable()
	return m
}

// newDataModel returns the job as the data sources show it.
func newDataModel(job *modelarts.VisualizationJob, projectID string) *dataModel {
	m := &dataModel{
		jobModel:   jobModel{Running: types.BoolValue(false)}, // unless the status tells otherwise
		StatusCode: number(int64(job.Status)),
		Duration:   number(job.Duration.Milliseconds()),
		Schedule:   newScheduleModel(job.Schedule),
	}
	m.setJob(job, projectID)
	return m
}

// newScheduleModel returns a schedule as the API shows it, nil when it shows none.
func newScheduleModel(s modelarts.Schedule) *scheduleModel {
	if s == (modelarts.Schedule{}) {
		return nil
	}
	return &scheduleModel{
		Duration: number(s.Duration), TimeUnit: types.StringValue(s.TimeUnit), Type: types.StringValue(s.Type),
	}
}

// ifConfigurable returns nil for a schedule that a configuration cannot say: in a state,
// nothing could be written to keep the job from being replaced.
func (s *scheduleModel) ifConfigurable() *scheduleModel {
	if s == nil || s.Type.ValueString() != scheduleType || s.TimeUnit.ValueString() != scheduleUnit ||
		whole(s.Duration) < 0 || whole(s.Duration) > longestSchedule {
		return nil
	}
	return s
}

// equal compares with Equal, because a types.Number has a pointer.
func (s *scheduleModel) equal(other *scheduleModel) bool {
	return s.Duration.Equal(other.Duration) && s.TimeUnit.Equal(other.TimeUnit) && s.Type.Equal(other.Type)
}

// refreshSchedule brings the schedule to what the API shows, and reports whether that is
// another one. Not every answer shows it. A job of ours that was created without one has
// none, whatever the API shows as its default.
func (m *resourceModel) refreshSchedule(job *modelarts.VisualizationJob, isImported bool) bool {
	shown := newScheduleModel(job.Schedule).ifConfigurable()
	if shown == nil || m.Schedule == nil && !isImported || m.Schedule != nil && m.Schedule.equal(shown) {
		return false
	}
	m.Schedule = shown
	return true
}

// setJob makes the model say what the API says of the job.
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

// setComputed is setJob for the attributes that are not the user's.
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

// planned returns the planned model m with what the plan left open filled in
// from the job. What the plan said is kept, as Terraform insists on it.
func (m *resourceModel) planned(job *modelarts.VisualizationJob, projectID string) resourceModel {
	filled := *m
	filled.setComputed(job, projectID)
	keepKnown(&filled.ID, m.ID)
	keepKnown(&filled.Status, m.Status)
	keepKnown(&filled.CreateTime, m.CreateTime)
	keepKnown(&filled.ServiceURL, m.ServiceURL)
	keepKnown(&filled.ResourceID, m.ResourceID)
	keepKnown(&filled.ProjectID, m.ProjectID)
	if !m.Running.IsUnknown() {
		filled.Running = m.Running
	}
	return filled
}

// agreesWith reports whether the job is as far as the plan wants it, but for what
// comes by itself. The description of the model m is that of the job.
func (m *resourceModel) agreesWith(plan *resourceModel, job *modelarts.VisualizationJob) bool {
	return m.Description.Equal(plan.Description) &&
		(plan.Running.IsUnknown() || plan.Running.Equal(runningIn(job.Status, types.BoolNull())))
}

func keepKnown(target *types.String, planned types.String) {
	if !planned.IsUnknown() {
		*target = planned
	}
}

// runningIn returns whether a job with the status runs or is about to. If the status doesn't
// tell, running keeps its value, so that no plan shows a false difference. It is null if there is
// none, as after an import: true or false would become a start or a stop in generated configuration.
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

// number returns a whole number as the schemas have it. Their numbers are types.Number, because the
// framework reports a fraction in place of a types.Int64 as an error of the provider.
func number(n int64) types.Number { return types.NumberValue(new(big.Float).SetInt64(n)) }

// whole is the reverse of number. It returns zero for null and unknown.
func whole(n types.Number) int64 {
	if n.IsNull() || n.IsUnknown() {
		return 0
	}
	i, _ := n.ValueBigFloat().Int64()
	return i
}

func stringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// samePath tells whether two OBS paths differ in a trailing slash at most.
func samePath(a, b string) bool {
	return strings.TrimRight(a, "/") == strings.TrimRight(b, "/")
}
