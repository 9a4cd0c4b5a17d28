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
	cmp.AllowUnexported(resourceModel{}, dataModel{}),
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
			ID: types.StringValue("197"), Name: types.StringValue("board"), TrainURL: types.StringValue("/bucket/logs/"),
			Description: types.StringValue("theirs"), Running: types.BoolValue(true), Status: types.StringValue("RUNNING"),
			CreateTime: types.StringValue("2024-02-29T23:30:15Z"), ServiceURL: types.StringValue("https://example.org/197/"),
			ResourceID: types.StringValue("4711"), ProjectID: types.StringValue(project),
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
	tests := map[string]struct {
		before func(*resourceModel)
		job    func(*modelarts.VisualizationJob)
		want   func(*resourceModel)
	}{
		"the same": {},
		"null, as after an import": {
			before: func(m *resourceModel) { *m = resourceModel{jobModel: jobModel{ID: types.StringValue("197")}} },
			want: func(m *resourceModel) {
				m.JobType, m.Flavor, m.Schedule, m.AdoptExisting = types.StringNull(), types.StringNull(), nil, types.BoolNull()
			},
		},
		"everything else": {
			before: func(m *resourceModel) {
				m.Name, m.TrainURL, m.Description = types.StringValue("other"), types.StringValue("/other/"), types.StringValue("ours")
				m.ID, m.Running, m.Status = types.StringValue("1"), types.BoolValue(false), types.StringValue("KILLED")
				m.CreateTime, m.ServiceURL = types.StringValue("x"), types.StringValue("y")
				m.ResourceID, m.ProjectID = types.StringValue("z"), types.StringValue("p")
			},
		},
		"without the trailing slash of the response": {
			before: func(m *resourceModel) { m.TrainURL = types.StringValue("/bucket/logs") },
			want:   func(m *resourceModel) { m.TrainURL = types.StringValue("/bucket/logs") },
		},
		"with a trailing slash that the response lacks": {
			job: func(job *modelarts.VisualizationJob) { job.TrainURL = "/bucket/logs" },
		},
		"a path that only begins alike": {
			job:  func(job *modelarts.VisualizationJob) { job.TrainURL = "/bucket/logs2" },
			want: func(m *resourceModel) { m.TrainURL = types.StringValue("/bucket/logs2") },
		},
		"a response without name and path": {
			job: func(job *modelarts.VisualizationJob) { job.Name, job.TrainURL = "", "" },
		},
		"a response without later attributes": {
			job: func(job *modelarts.VisualizationJob) {
				job.Description, job.CreateTime, job.ServiceURL, job.ResourceID = "", time.Time{}, "", ""
				job.Status = modelarts.StatusInit
			},
			want: func(m *resourceModel) {
				m.Description, m.Status = types.StringValue(""), types.StringValue("INIT")
				m.CreateTime, m.ServiceURL, m.ResourceID = types.StringNull(), types.StringNull(), types.StringNull()
			},
		},
		"a path that no configuration can have": {
			before: func(m *resourceModel) { m.TrainURL = types.StringNull() },
			job:    func(job *modelarts.VisualizationJob) { job.TrainURL = "/b//c" },
			want:   func(m *resourceModel) { m.TrainURL = types.StringValue("/b//c") },
		},
		"a path without a bucket": {
			before: func(m *resourceModel) { m.TrainURL = types.StringNull() },
			job:    func(job *modelarts.VisualizationJob) { job.TrainURL = "//" },
			want:   func(m *resourceModel) { m.TrainURL = types.StringValue("//") },
		},
		"stopped": {
			job: func(job *modelarts.VisualizationJob) { job.Status = modelarts.StatusKilled },
			want: func(m *resourceModel) {
				m.Running, m.Status = types.BoolValue(false), types.StringValue("KILLED")
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, want, job := fullModel(), fullModel(), fullJob()
			apply(test.before, &got)
			apply(test.job, job)
			apply(test.want, &want)
			got.setJob(job, project)
			wantModel(t, got, want)
		})
	}
}

func apply[T any](change func(*T), to *T) {
	if change != nil {
		change(to)
	}
}

// Configured attributes stay as they are.
func TestSetComputed(t *testing.T) {
	t.Parallel()
	ours := func(m *resourceModel) {
		m.Name, m.TrainURL, m.Description = types.StringValue("ours"), types.StringValue("/ours"), types.StringNull()
	}
	got, want := fullModel(), fullModel()
	ours(&got)
	ours(&want)
	got.ID, got.Status, got.ServiceURL = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	got.setComputed(fullJob(), project)
	wantModel(t, got, want)
}

// A job counts as running while it runs or is about to. An ambiguous status changes nothing.
func TestRunningOfEachStatus(t *testing.T) {
	t.Parallel()
	running := map[modelarts.Status]bool{1: true, 2: true, 4: true, 7: true, 8: true, 15: true, 18: true, 19: true, 20: true}
	for status := modelarts.Status(-1); status <= 100; status++ {
		job := fullJob()
		job.Status = status
		var m resourceModel
		for before, unchanged := range map[types.Bool]types.Bool{
			types.BoolNull(): types.BoolNull(), types.BoolUnknown(): types.BoolNull(),
			types.BoolValue(true): types.BoolValue(true), types.BoolValue(false): types.BoolValue(false),
		} {
			m.Running = before
			m.setComputed(job, project)
			want := types.BoolValue(running[status])
			if status.Class() == modelarts.ClassChanging {
				want = unchanged
			}
			if !m.Running.Equal(want) {
				t.Errorf("status %s (%d): running was %s and is %s, want %s", status, int(status), before, m.Running, want)
			}
			agrees := status.Class() != modelarts.ClassChanging && before.Equal(want) || before.IsUnknown()
			plan := resourceModel{jobModel: jobModel{Running: before}}
			if got := plan.agreesWith(job); got != agrees && !before.IsNull() { // no plan of a create has null
				t.Errorf("status %s (%d) agrees with running = %s: %v", status, int(status), before, got)
			}
		}
		if got := m.Status.ValueString(); got != status.String() {
			t.Errorf("status %d is shown as %q", int(status), got)
		}
	}
}

// An apply returns the planned values, whatever the job is like by now. Only the unknown ones come from the job.
func TestPlanned(t *testing.T) {
	t.Parallel()
	plan, want := fullModel(), fullModel()
	plan.Status, want.Status = types.StringUnknown(), types.StringValue("KILLED")
	job := &modelarts.VisualizationJob{ID: 5, Name: "x", TrainURL: "/x/", Status: modelarts.StatusKilled, ServiceURL: "x", ResourceID: "x"}
	wantModel(t, plan.planned(job, "other"), want)
}

func schedule(duration int64, unit, what string) *scheduleModel {
	return &scheduleModel{Duration: number(duration), TimeUnit: types.StringValue(unit), Type: types.StringValue(what)}
}

func hours(duration int64) *scheduleModel { return schedule(duration, "HOURS", "stop") }

// A data source shows whatever the API shows; a resource only what a configuration can say.
func TestScheduleOfNewModels(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		shown          modelarts.Schedule
		data, resource *scheduleModel
	}{
		{modelarts.Schedule{}, nil, nil},
		{modelarts.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 4}, hours(4), hours(4)},
		{modelarts.Schedule{Type: "stop", TimeUnit: "HOURS"}, hours(0), hours(0)},
		{modelarts.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 24}, hours(24), hours(24)},
		{modelarts.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 25}, hours(25), nil},
		{modelarts.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: -1}, hours(-1), nil},
		{modelarts.Schedule{Type: "stop", TimeUnit: "DAYS", Duration: 4}, schedule(4, "DAYS", "stop"), nil},
		{modelarts.Schedule{Type: "delete", TimeUnit: "HOURS", Duration: 4}, schedule(4, "HOURS", "delete"), nil},
	} {
		job := fullJob()
		job.Schedule = test.shown
		if diff := cmp.Diff(test.data, newDataModel(job, project).Schedule); diff != "" {
			t.Errorf("data source, %+v (-want +got):\n%s", test.shown, diff)
		}
		if diff := cmp.Diff(test.resource, newResourceModel(job, project).Schedule); diff != "" {
			t.Errorf("resource, %+v (-want +got):\n%s", test.shown, diff)
		}
	}
}

func TestRefreshSchedule(t *testing.T) {
	t.Parallel()
	shown := func(duration int64) modelarts.Schedule {
		return modelarts.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: duration}
	}
	for name, test := range map[string]struct {
		before     *scheduleModel
		shown      modelarts.Schedule
		isImported bool
		want       *scheduleModel
	}{
		"imported, and shown for the first time":  {nil, shown(4), true, hours(4)},
		"imported, and not shown":                 {nil, modelarts.Schedule{}, true, nil},
		"imported, shown and not configurable":    {nil, shown(99), true, nil},
		"created without one, shown as a default": {nil, shown(4), false, nil},
		"the same":                           {hours(4), shown(4), false, hours(4)},
		"drift":                              {hours(4), shown(9), false, hours(9)},
		"drift after an import":              {hours(4), shown(9), true, hours(9)},
		"not in this response":               {hours(4), modelarts.Schedule{}, true, hours(4)},
		"drift to what cannot be configured": {hours(4), shown(99), false, hours(4)},
	} {
		m := resourceModel{Schedule: test.before}
		changed := m.refreshSchedule(test.shown, test.isImported)
		if diff := cmp.Diff(test.want, m.Schedule); diff != "" || changed != (cmp.Diff(test.before, test.want) != "") {
			t.Errorf("%s: changed %t (-want +got):\n%s", name, changed, diff)
		}
	}
}
