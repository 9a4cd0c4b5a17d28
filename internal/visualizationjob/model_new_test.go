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
		"empty": {emptyJob(), dataModel{empty, number(0), number(0)}},
		"full":  {fullJob(), dataModel{full.jobModel, number(8), number(3600000)}},
		"a status that is not documented": {
			inTheMiddle, dataModel{middle, number(99), number(1)},
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
