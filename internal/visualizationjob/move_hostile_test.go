package visualizationjob

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// hostileStates are of no job, of another thing, or of several.
var hostileStates = map[string]struct {
	typeName, state string
	says            string
}{
	"nothing":       {"restapi_object", ``, "its state is not a JSON object"},
	"null":          {"restapi_object", `null`, "its state is not a JSON object"},
	"no JSON":       {"restful_resource", `{"id":`, "its state is not a JSON object"},
	"a list":        {"restful_resource", `[]`, "its state is not a JSON object"},
	"too deep":      {"restful_resource", strings.Repeat(`{"a":`, 20000), "its state is not a JSON object"},
	"text for ever": {"restapi_object", `"\"\\\"\\\\\\\"{}\\\\\\\"\\\"\""`, "its state is not a JSON object"},
	"empty":         {"restapi_object", `{}`, `it is at the path "", and visualization jobs are at …/visualization-jobs`},
	"wrong types": {
		"restapi_object", `{"id":197,"path":["/visualization-jobs"],"data":true,"api_data":[]}`, `it is at the path ""`,
	},
	"a training job": {"restapi_object", `{"id":"197","path":"/v1/p/training-jobs"}`, `it is at the path "/v1/p/training-jobs"`},
	"a training job, with the secrets of its URL": {
		"restful_resource", `{"id":"https://user:secret@example.org/training-jobs/197?token=secret#secret"}`,
		`it is at the path "/training-jobs/197", and`,
	},
	"something of a job": {
		"restful_resource", `{"id":"/visualization-jobs/197/stop"}`, `it is at the path "/visualization-jobs/197/stop"`,
	},
	"something like jobs": {"restapi_object", `{"id":"197","path":"/my-visualization-jobs"}`, `it is at the path "/my-visualization-jobs"`},
	"a name": {
		"restapi_object", `{"id":"board","path":"/visualization-jobs","data":` + minimalRequest + `}`,
		`"board" is not the id of a visualization job, which is a number such as 197; the answer of the API in its state has no job_id`,
	},
	"the name of a path": {
		"restful_resource", `{"id":"/visualization-jobs/board","body":` + minimalRequest + `}`, `"board" is not the id`,
	},
	"a number that is no id": {
		"restapi_object", `{"id":"0197","path":"/visualization-jobs","data":` + minimalRequest + `,"api_response":"{\"job_id\":-1}"}`,
		`"0197" is not the id`,
	},
	"a list alone": {
		"restful_resource", `{"id":"/visualization-jobs","body":` + minimalRequest + `,"output":"{\"jobs\":[{\"job_id\":197}]}"}`,
		`"" is not the id`,
	},
	"two jobs": {
		"restapi_object", `{"id":"197","path":"/visualization-jobs","data":` + minimalRequest + `,"api_response":"{\"job_id\":198}"}`,
		"its state names two jobs, 197 and 198",
	},
	"two jobs, by the path": {
		"restful_resource", `{"id":"/visualization-jobs/197","body":` + minimalRequest + `,"output":"{\"job_id\":\"198\"}"}`,
		"its state names two jobs, 197 and 198",
	},
	"two jobs, by the path to read": {
		"restapi_object", `{"id":"197","read_path":"/visualization-jobs/198","data":` + minimalRequest + `}`,
		"its state names two jobs, 198 and 197",
	},
	"no name": {
		"restapi_object", `{"id":"197","path":"/visualization-jobs","data":"{\"train_url\":\"/bucket/logs/\"}"}`,
		`its state has job_name "" and train_url "/bucket/logs/" of the job 197, and both are needed`,
	},
	"no train_url": {
		"restful_resource", `{"id":"/visualization-jobs/197","output":"{\"job_id\":197,\"job_name\":\"board\"}"}`,
		`its state has job_name "board" and train_url "" of the job 197`,
	},
	"no bucket in train_url": {
		"restapi_object", `{"id":"197","path":"/visualization-jobs","api_response":"{\"job_name\":\"board\",\"train_url\":\"/\"}"}`,
		`its state has job_name "board" and train_url "/" of the job 197`,
	},
	"what a terminal obeys": {"restapi_object", `{"id":"197","path":"/\u001b[2J\nError: all is lost\u202e"}`, `"/[2J Error: all is lost"`},
	"a book":                {"restapi_object", `{"id":"197","path":"/` + strings.Repeat("x", 100000) + `"}`, `xxx…", and`},
}

func TestMoveStateErrors(t *testing.T) {
	t.Parallel()
	for name, test := range hostileStates {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			job, err := sourceOf(t, test.typeName).job([]byte(test.state))
			if err == nil {
				t.Fatalf("it is taken for the job %s", job.id)
			}
			if !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "secret") {
				t.Errorf("the error does not say %q:\n%v", test.says, err)
			}
			checkMoveError(t, err)
		})
	}
}

// checkMoveError checks that an error can be shown.
func checkMoveError(t *testing.T, err error) {
	t.Helper()
	text := err.Error()
	if len(text) > 1000 || text != sanitize.Line(text, 1000) {
		t.Errorf("not fit to be shown: %q", text)
	}
}

// FuzzMoveState gives all sources a state of any kind: what comes of it is a job
// that the next plan keeps, or an error that can be shown.
func FuzzMoveState(f *testing.F) {
	records, err := filepath.Glob("testdata/moved/*.json")
	if err != nil || len(records) == 0 {
		f.Fatalf("no recorded states: %v", err)
	}
	for _, record := range records {
		f.Add([]byte(readRecorded(f, strings.TrimSuffix(filepath.Base(record), ".json")).Attributes))
	}
	for _, hostile := range hostileStates {
		f.Add([]byte(hostile.state))
	}
	f.Fuzz(func(t *testing.T, state []byte) {
		for _, source := range moveSources {
			job, err := source.job(state)
			if err != nil {
				checkMoveError(t, err)
				continue
			}
			var model resourceModel
			job.fill(&model)
			if _, err := model.jobID(); err != nil {
				t.Error(err)
			}
			if model.Name.ValueString() == "" || model.TrainURL.ValueString() == "" || model.Description.IsNull() {
				t.Errorf("the next plan would change %+v", model)
			}
			if !model.ProjectID.IsNull() && !projectIDPattern.MatchString(model.ProjectID.ValueString()) {
				t.Errorf("the project is %s", model.ProjectID)
			}
		}
	})
}
