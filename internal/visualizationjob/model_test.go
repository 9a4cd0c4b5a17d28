package visualizationjob

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

const project = "c3f2a1d0"

// compareModels ignores the timeouts, which the methods of the model don't change.
var compareModels = cmp.Options{
	cmp.AllowUnexported(resourceModel{}, dataModel{}, jobModel{}),
	cmpopts.IgnoreFields(resourceModel{}, "Timeouts"),
}

// fullJob is a response with every attribute. Its time isn't in UTC.
func fullJob() *modelarts.VisualizationJob {
	return &modelarts.VisualizationJob{
		ID: 197, Name: "board", Description: "theirs", TrainURL: "/bucket/logs/", Status: modelarts.StatusRunning,
		CreateTime: time.Date(2024, 3, 1, 0, 30, 15, 987e6, time.FixedZone("CET", 3600)),
		Duration:   time.Hour, ServiceURL: "https://example.org/197/", ResourceID: "4711",
	}
}

// fullModel is the model of a full configuration and fullJob.
func fullModel() resourceModel {
	return resourceModel{
		jobModel: jobModel{
			identityModel: identityModel{ID: types.StringValue("197"), ProjectID: types.StringValue(project)},
			Name:          types.StringValue("board"), TrainURL: types.StringValue("/bucket/logs/"),
			Description: types.StringValue("theirs"), Running: types.BoolValue(true), Status: types.StringValue("RUNNING"),
			CreateTime: types.StringValue("2024-02-29T23:30:15Z"), ServiceURL: types.StringValue("https://example.org/197/"),
			ResourceID: types.StringValue("4711"),
		},
		JobType: types.StringValue("mindinsight"), Flavor: types.StringValue("x"),
		Schedule:      hours(2),
		AdoptExisting: types.BoolValue(true),
	}
}

func wantModel(t *testing.T, got, want resourceModel) {
	t.Helper()
	if diff := cmp.Diff(want, got, compareModels); diff != "" {
		t.Error("unexpected (-want +got):\n" + diff)
	}
}

func TestSetJob(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before resourceModel
		job    func(*modelarts.VisualizationJob)
		want   func(*resourceModel)
	}{
		"the same": {before: fullModel()},
		"null, as after an import": {
			want: func(m *resourceModel) {
				m.JobType, m.Flavor, m.Schedule, m.AdoptExisting = types.StringNull(), types.StringNull(), nil, types.BoolNull()
			},
		},
		"a response with few members": {
			before: fullModel(),
			job: func(job *modelarts.VisualizationJob) {
				*job = modelarts.VisualizationJob{ID: 198, Status: modelarts.StatusKilled}
			},
			want: func(m *resourceModel) {
				m.ID, m.Description, m.Status, m.Running = types.StringValue("198"), types.StringValue(""), types.StringValue("KILLED"), types.BoolValue(false)
				m.CreateTime, m.ServiceURL, m.ResourceID = types.StringNull(), types.StringNull(), types.StringNull()
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			job, want := fullJob(), fullModel()
			apply(test.job, job)
			apply(test.want, &want)
			test.before.setJob(job, project)
			wantModel(t, test.before, want)
		})
	}
	for _, test := range []struct{ before, shown, want string }{
		{"/bucket/logs", "/bucket/logs/", "/bucket/logs"},
		{"/bucket/logs/", "/bucket/logs", "/bucket/logs/"},
		{"/bucket/logs", "/bucket/logs2", "/bucket/logs2"},
		{"", "//", "//"}, // which no configuration can have
	} {
		m := jobModel{TrainURL: stringOrNull(test.before)}
		if m.setJob(&modelarts.VisualizationJob{TrainURL: test.shown}, project); m.TrainURL.ValueString() != test.want {
			t.Errorf("the path %s became %s, want %s", test.before, m.TrainURL, test.want)
		}
	}
}

func apply[T any](change func(*T), to *T) {
	if change != nil {
		change(to)
	}
}

// A job counts as running while it runs or is about to. An ambiguous status changes nothing.
func TestRunningOfEachStatus(t *testing.T) {
	t.Parallel()
	running := map[modelarts.Status]bool{1: true, 2: true, 4: true, 7: true, 8: true, 15: true, 18: true, 19: true, 20: true}
	for status := modelarts.Status(-1); status <= 100; status++ {
		job := fullJob()
		job.Status = status
		isAmbiguous := status.Class() == modelarts.ClassChanging
		for _, before := range []types.Bool{types.BoolNull(), types.BoolUnknown(), types.BoolValue(true), types.BoolValue(false)} {
			m, want := resourceModel{jobModel: jobModel{Running: before}}, before
			switch {
			case !isAmbiguous:
				want = types.BoolValue(running[status])
			case before.IsUnknown():
				want = types.BoolNull()
			}
			agrees := before.IsUnknown() || !isAmbiguous && before.Equal(want)
			if got := m.agreesWith(job); got != agrees && !before.IsNull() { // no plan of a create has null
				t.Errorf("status %s (%d) agrees with running = %s: %v", status, int(status), before, got)
			}
			if m.setComputed(job, project); !m.Running.Equal(want) || m.Status.ValueString() != status.String() {
				t.Errorf("status %s (%d) is shown as %s: running was %s and is %s, want %s", status, int(status), m.Status, before, m.Running, want)
			}
		}
	}
}

// An apply returns the planned values, whatever the job is like by now. Only the unknown ones come from the job.
func TestPlanned(t *testing.T) {
	t.Parallel()
	plan, want := fullModel(), fullModel()
	plan.Status, plan.ServiceURL, plan.ResourceID = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	want.Status, want.ServiceURL, want.ResourceID = types.StringValue("KILLED"), types.StringValue("x"), types.StringValue("x")
	job := &modelarts.VisualizationJob{ID: 5, Name: "x", TrainURL: "/x/", Status: modelarts.StatusKilled, ServiceURL: "x", ResourceID: "x"}
	wantModel(t, plan.planned(job, "other"), want)
}

func schedule(duration int64, unit, what string) *scheduleModel {
	return &scheduleModel{Duration: number(duration), TimeUnit: types.StringValue(unit), Type: types.StringValue(what)}
}

func hours(duration int64) *scheduleModel { return schedule(duration, "HOURS", "stop") }

// A data source has any schedule, a resource only one that a configuration can have. A resource that was created without a
// schedule keeps none.
func TestSchedule(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		shown                         modelarts.Schedule
		data, imported, created, four *scheduleModel // in a data source, after an import, after a create without one, and with 4 hours
	}{
		{modelarts.Schedule{}, nil, nil, nil, hours(4)},
		{modelarts.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 4}, hours(4), hours(4), nil, hours(4)},
		{modelarts.Schedule{Type: "stop", TimeUnit: "HOURS"}, hours(0), hours(0), nil, hours(0)},
		{modelarts.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 24}, hours(24), hours(24), nil, hours(24)},
		{modelarts.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 25}, hours(25), nil, nil, hours(4)},
		{modelarts.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: -1}, hours(-1), nil, nil, hours(4)},
		{modelarts.Schedule{Type: "stop", TimeUnit: "DAYS", Duration: 4}, schedule(4, "DAYS", "stop"), nil, nil, hours(4)},
		{modelarts.Schedule{Type: "delete", TimeUnit: "HOURS", Duration: 4}, schedule(4, "HOURS", "delete"), nil, nil, hours(4)},
	} {
		job, created, four := fullJob(), resourceModel{}, resourceModel{Schedule: hours(4)}
		job.Schedule = test.shown
		changed := []bool{created.refreshSchedule(test.shown, false), four.refreshSchedule(test.shown, true)}
		got := []*scheduleModel{newDataModel(job, project).Schedule, newResourceModel(job, project).Schedule, created.Schedule, four.Schedule}
		if diff := cmp.Diff([]*scheduleModel{test.data, test.imported, test.created, test.four}, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", test.shown, diff)
		}
		if want := []bool{false, cmp.Diff(hours(4), test.four) != ""}; !cmp.Equal(want, changed) {
			t.Errorf("%+v: changed %v, want %v", test.shown, changed, want)
		}
	}
}
