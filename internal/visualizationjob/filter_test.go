package visualizationjob

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// One status is the API's business, several are ours: it takes no more than one.
func TestFilter(t *testing.T) {
	t.Parallel()
	running, killed, unknown := modelarts.StatusRunning, modelarts.StatusKilled, modelarts.StatusUnknown
	for name, test := range map[string]struct {
		model    filterModel
		options  modelarts.ListOptions
		statuses []modelarts.Status // that match, of those below
	}{
		"nothing": {statuses: []modelarts.Status{running, killed, unknown, 99}},
		"null": {
			model:    filterModel{SearchContent: types.StringNull(), WorkspaceID: types.StringNull()},
			statuses: []modelarts.Status{running, killed, unknown, 99},
		},
		"null beside one": {
			model:    filterModel{Status: []types.String{types.StringNull(), types.StringValue("RUNNING")}},
			options:  modelarts.ListOptions{Status: &running},
			statuses: []modelarts.Status{running},
		},
		"no status": {
			model:    filterModel{Status: []types.String{}},
			statuses: []modelarts.Status{running, killed, unknown, 99},
		},
		"one status": {
			model:    filterModel{Status: []types.String{types.StringValue("RUNNING")}},
			options:  modelarts.ListOptions{Status: &running},
			statuses: []modelarts.Status{running},
		},
		"the status with the code 0": { // which is not the lack of one
			model:    filterModel{Status: []types.String{types.StringValue("UNKNOWN")}},
			options:  modelarts.ListOptions{Status: &unknown},
			statuses: []modelarts.Status{unknown},
		},
		"the same twice": {
			model:    filterModel{Status: []types.String{types.StringValue("KILLED"), types.StringValue("KILLED")}},
			options:  modelarts.ListOptions{Status: &killed},
			statuses: []modelarts.Status{killed},
		},
		"two": {
			model:    filterModel{Status: []types.String{types.StringValue("KILLED"), types.StringValue("RUNNING")}},
			statuses: []modelarts.Status{running, killed},
		},
		"two, one of them twice": {
			model:    filterModel{Status: []types.String{types.StringValue("KILLED"), types.StringValue("UNKNOWN"), types.StringValue("KILLED")}},
			statuses: []modelarts.Status{killed, unknown},
		},
		"all else": {
			model:    filterModel{SearchContent: types.StringValue("board"), WorkspaceID: types.StringValue("7")},
			options:  modelarts.ListOptions{SearchContent: "board", WorkspaceID: "7"},
			statuses: []modelarts.Status{running, killed, unknown, 99},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := test.model.filter()
			if diff := cmp.Diff(test.options, got.options); diff != "" {
				t.Error("options (-want +got):\n" + diff)
			}
			var matching []modelarts.Status
			for _, status := range []modelarts.Status{running, killed, unknown, 99} {
				if got.matches(&modelarts.VisualizationJob{Status: status}) {
					matching = append(matching, status)
				}
			}
			if diff := cmp.Diff(test.statuses, matching); diff != "" {
				t.Error("matching (-want +got):\n" + diff)
			}
		})
	}
}
