package visualizationjob

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// emptyJob is an answer with no more than has to be there.
func emptyJob() *modelarts.VisualizationJob { return &modelarts.VisualizationJob{ID: 197} }

// emptyJobModel is what emptyJob comes to.
func emptyJobModel() jobModel {
	return jobModel{
		ID: types.StringValue("197"), Description: types.StringValue(""),
		Status: types.StringValue("UNKNOWN"), ProjectID: types.StringValue(project),
	}
}

// resourceState sets the state of the resource to a model, and reads it back.
func resourceState(t *testing.T, m *resourceModel) (back resourceModel) {
	t.Helper()
	var schema resource.SchemaResponse
	NewResource().Schema(t.Context(), resource.SchemaRequest{}, &schema)
	state := tfsdk.State{Schema: schema.Schema, Raw: tftypes.NewValue(schema.Schema.Type().TerraformType(t.Context()), nil)}
	diags := state.Set(t.Context(), m)
	diags.Append(state.Get(t.Context(), &back)...)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	return back
}

func TestNewResourceModel(t *testing.T) {
	t.Parallel()
	full := fullModel()
	for name, test := range map[string]struct {
		job  *modelarts.VisualizationJob
		want jobModel
	}{
		"empty": {emptyJob(), emptyJobModel()},
		"full":  {fullJob(), full.jobModel},
	} {
		got := resourceState(t, newResourceModel(test.job, project))
		// What no configuration says and the API does not return is null.
		want := resourceModel{jobModel: test.want}
		if diff := cmp.Diff(want, got, compareModels); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if !got.Timeouts.IsNull() {
			t.Errorf("%s: the timeouts are %s", name, got.Timeouts)
		}
	}
}

func TestNewDataModel(t *testing.T) {
	t.Parallel()
	full := fullModel()
	inTheMiddle := fullJob()
	inTheMiddle.Status, inTheMiddle.Duration = 99, 1500*time.Microsecond
	middle, empty := full.jobModel, emptyJobModel()
	empty.Running = types.BoolValue(false)
	middle.Status, middle.Running = types.StringValue("UNKNOWN(99)"), types.BoolValue(false)
	for name, test := range map[string]struct {
		job  *modelarts.VisualizationJob
		want dataModel
	}{
		"empty": {emptyJob(), dataModel{empty, number(0), number(0), nil}},
		"full":  {fullJob(), dataModel{full.jobModel, number(8), number(3600000), nil}},
		"a status that is not documented": {
			inTheMiddle, dataModel{middle, number(99), number(1), nil},
		},
	} {
		model := newDataModel(test.job, project)
		if diff := cmp.Diff(&test.want, model, compareModels); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		var schema datasource.SchemaResponse
		NewDataSource().Schema(t.Context(), datasource.SchemaRequest{}, &schema)
		state := tfsdk.State{Schema: schema.Schema, Raw: tftypes.NewValue(schema.Schema.Type().TerraformType(t.Context()), nil)}
		var back dataModel
		diags := state.Set(t.Context(), model)
		diags.Append(state.Get(t.Context(), &back)...)
		if diff := cmp.Diff(&back, model, compareModels); diff != "" || len(diags) > 0 {
			t.Errorf("%s is another one in the state: %v\n%s", name, diags, diff)
		}
	}
}

func hours(duration int64) *scheduleModel {
	return &scheduleModel{Duration: number(duration), TimeUnit: types.StringValue("HOURS"), Type: types.StringValue("stop")}
}

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
		{
			modelarts.Schedule{Type: "stop", TimeUnit: "DAYS", Duration: 4},
			&scheduleModel{Duration: number(4), TimeUnit: types.StringValue("DAYS"), Type: types.StringValue("stop")}, nil,
		},
		{
			modelarts.Schedule{Type: "delete", TimeUnit: "HOURS", Duration: 4},
			&scheduleModel{Duration: number(4), TimeUnit: types.StringValue("HOURS"), Type: types.StringValue("delete")}, nil,
		},
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
		"not shown by this answer":           {hours(4), modelarts.Schedule{}, true, hours(4)},
		"drift to what cannot be configured": {hours(4), shown(99), false, hours(4)},
	} {
		m := resourceModel{Schedule: test.before}
		changed := m.refreshSchedule(&modelarts.VisualizationJob{Schedule: test.shown}, test.isImported)
		if diff := cmp.Diff(test.want, m.Schedule); diff != "" || changed != (cmp.Diff(test.before, test.want) != "") {
			t.Errorf("%s: changed %t (-want +got):\n%s", name, changed, diff)
		}
	}
}
