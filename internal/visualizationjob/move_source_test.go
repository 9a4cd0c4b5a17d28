package visualizationjob

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// The indexes in moveSources.
const restapi, restful = 0, 1

// minimalRequest is the smallest request that creates a job.
const minimalRequest = `"{\"job_name\":\"board\",\"train_url\":\"/bucket/logs\"}"`

// minimalStates are the smallest states of a job, without their ends. In a state, a later member replaces an earlier one.
var minimalStates = []string{
	restapi: `{"id":"197","path":"/visualization-jobs","data":` + minimalRequest,
	restful: `{"id":"/visualization-jobs/197","body":` + minimalRequest,
}

func TestMoveStates(t *testing.T) {
	t.Parallel()
	inProject := func(m *resourceModel) { m.ProjectID = types.StringValue("c3f2a1d04b5e46f78a9bd0e1f2c3a4b5") }
	for name, test := range map[string]struct {
		source  int
		members string // after those of the minimal state
		want    func(*resourceModel)
	}{
		"everything": {
			restapi, `,"data":"{\"job_name\":\"board\",\"train_url\":\"/bucket/logs\",\"job_type\":\"mindinsight\",` +
				`\"flavor\":{\"code\":\"x\"},\"schedule\":[{\"type\":\"stop\",\"time_unit\":\"HOURS\",\"duration\":2}]}",` +
				`"api_response":"{\"status\":8,\"create_time\":1709249415987,\"service_url\":\"https://example.org/197/\",\"resource_id\":\"4711\"}"`,
			func(m *resourceModel) {
				*m = fullModel()
				m.TrainURL, m.Description, m.AdoptExisting, m.ProjectID = types.StringValue("/bucket/logs"), types.StringValue(""), types.BoolNull(), types.StringNull()
			},
		},
		"nothing but the request": {restapi, "", nil},
		"a path with a slash, a query and a project": {
			restapi, `,"path":"v1/c3f2a1d04b5e46f78a9bd0e1f2c3a4b5/visualization-jobs/?workspace_id=0"`, inProject,
		},
		"a path to read":                  {restapi, `,"id":"board","path":"/","read_path":"/visualization-jobs/197"`, nil},
		"another id than that of the job": {restapi, `,"id":"board","api_response":"{\"job_id\":\"197\"}"`, nil},
		"the values of version 1.2, with its null": {
			restapi, `,"id":"1234567","api_data":{"job_id":"1.234567e+06","job_desc":"map[a:1]","status":"12","resource_id":"<nil>",` +
				`"duration":"<nil>","train_url":"/bucket/logs/"}`,
			func(m *resourceModel) {
				m.ID, m.TrainURL, m.Description = types.StringValue("1234567"), types.StringValue("/bucket/logs/"), types.StringValue("map[a:1]")
				m.Status, m.Running = types.StringValue("KILLED"), types.BoolValue(false)
			},
		},
		"an unreadable response": {
			restapi, `,"api_response":"{\"status\":\"odd\"}","api_data":{"status":"8"}`,
			func(m *resourceModel) { m.Status, m.Running = types.StringValue("RUNNING"), types.BoolValue(true) },
		},
		"a newer response": {
			restapi, `,"data":"{\"job_name\":\"x\",\"train_url\":\"/x/\",\"job_desc\":\"theirs\"}",` +
				`"api_response":"{\"job_name\":\"board\",\"train_url\":\"/bucket/logs\",\"job_desc\":\"\"}"`, nil,
		},
		"a response without a description": {
			restapi, `,"data":"{\"job_name\":\"board\",\"train_url\":\"/bucket/logs\",\"job_desc\":\"theirs\"}",` +
				`"api_response":"{\"job_id\":197,\"job_desc\":null}"`,
			func(m *resourceModel) { m.Description = types.StringValue("theirs") },
		},
		"values that no configuration can have": {
			restapi, `,"data":"{\"job_name\":\"board\",\"train_url\":\"/bucket/logs\",\"job_type\":\"other\",\"flavor\":\"x\",` +
				`\"schedule\":[{\"type\":\"stop\",\"time_unit\":\"DAYS\",\"duration\":2}]}"`, nil,
		},
		"values of other types": {
			restapi, `,"debug":{},"data":"{\"job_name\":\"board\",\"train_url\":\"/bucket/logs\",\"job_type\":[],\"job_desc\":7,` +
				`\"flavor\":[{\"code\":\"x\"}],\"schedule\":{\"duration\":\"2h\"}}"`, nil,
		},
		"a whole URL": {
			restful, `,"id":"https://modelarts.eu-de.otc.t-systems.com/v1/c3f2a1d04b5e46f78a9bd0e1f2c3a4b5/visualization-jobs/197?x=1"`, inProject,
		},
		"no id, but a path": {restful, `,"id":"","path":"/visualization-jobs/197"`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := moveSources[test.source].model([]byte(minimalStates[test.source] + test.members + "}"))
			if err != nil {
				t.Fatal(err)
			}
			want := resourceModel{jobModel: jobModel{
				identityModel: identityModel{ID: types.StringValue("197")}, Name: types.StringValue("board"), TrainURL: types.StringValue("/bucket/logs"), Description: types.StringValue(""),
			}}
			apply(test.want, &want)
			wantModel(t, *got, want)
		})
	}
}

func TestMoveSourceIsProvider(t *testing.T) {
	t.Parallel()
	const none, each = -1, -2
	for address, want := range map[string]int{
		"":           none,
		"restapi":    restapi,
		"notrestapi": none,
		"registry.terraform.io/mastercard/restapi":                   restapi,
		"registry.opentofu.org/Mastercard/restapi":                   restapi,
		"mastercard/restapi":                                         restapi,
		"registry.terraform.io/magodo/restful":                       restful,
		"registry.terraform.io/hashicorp/restapi":                    none,
		"registry.terraform.io/notmastercard/restapi":                none,
		"registry.opentofu.org/opentelekomcloud-community/modelarts": each,
		"registry.opentofu.org/opentelekomcloud/modelarts":           none,
	} {
		for i, source := range moveSources {
			if got := source.isProvider(address); got != (i == want || want == each) {
				t.Errorf("that %q provides %s is %v", address, source.typeName, got)
			}
		}
	}
}

// hostileStates are of no job, of another thing, or of several.
var hostileStates = map[string]struct {
	source          int
	state, contains string
}{
	"nothing":     {restapi, ``, "its state isn't a JSON object"},
	"no JSON":     {restful, `{"id":`, "its state isn't a JSON object"},
	"wrong types": {restapi, `{"id":197,"path":["/visualization-jobs"],"data":true,"api_data":[]}`, `its path is "", but the path of a visualization job is …/visualization-jobs`},
	"a training job, with the secrets of its URL": {restful, `{"id":"https://user:secret@example.org/training-jobs/197?token=secret#secret"}`, `its path is "/training-jobs/197", but`},
	"something of a job":                          {restful, `{"id":"/visualization-jobs/197/stop"}`, `its path is "/visualization-jobs/197/stop"`},
	"a name":                                      {restapi, minimalStates[restapi] + `,"id":"board"}`, `"board" isn't the ID of a visualization job, which is a number such as 197, and the response of the API in its state has no job_id`},
	"a number that is no id":                      {restapi, minimalStates[restapi] + `,"id":"0197","api_response":"{\"job_id\":-1}"}`, `"0197" isn't the ID`},
	"two jobs":                                    {restapi, minimalStates[restapi] + `,"api_response":"{\"job_id\":198}"}`, "its state has the IDs of two jobs, 197 and 198"},
	"no name":                                     {restapi, minimalStates[restapi] + `,"data":"{\"train_url\":\"/bucket/logs/\"}"}`, `its state has job_name "" and train_url "/bucket/logs/" for the job 197, but both are required`},
	"no bucket":                                   {restful, minimalStates[restful] + `,"body":"{\"job_name\":\"board\",\"train_url\":\"/\"}"}`, `its state has job_name "board" and train_url "/" for the job 197`},
	"control characters":                          {restapi, `{"id":"197","path":"/\u001b[2J\nError: all is lost\u202e"}`, `"/[2J Error: all is lost"`},
	"a long path":                                 {restapi, `{"id":"197","path":"/` + strings.Repeat("x", 100000) + `"}`, `xxx…", but`},
}

func TestMoveStateErrors(t *testing.T) {
	t.Parallel()
	for name, test := range hostileStates {
		model, err := moveSources[test.source].model([]byte(test.state))
		if err == nil {
			t.Fatalf("%s: it is taken for the job %s", name, model.ID)
		}
		if !strings.Contains(err.Error(), test.contains) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error does not say %q:\n%v", name, test.contains, err)
		}
	}
}

// FuzzMoveState parses any state. The result is a job that the next plan keeps, or a sanitized error.
func FuzzMoveState(f *testing.F) {
	records, err := filepath.Glob("testdata/moved/*.json")
	if err != nil || len(records) == 0 {
		f.Fatalf("no recorded states: %v", err)
	}
	for _, record := range records {
		var state struct{ Attributes json.RawMessage }
		if err := json.Unmarshal([]byte(acctest.Read(f, record)), &state); err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(state.Attributes))
	}
	for _, hostile := range hostileStates {
		f.Add([]byte(hostile.state))
	}
	f.Fuzz(func(t *testing.T, state []byte) {
		for _, source := range moveSources {
			model, err := source.model(state)
			if err != nil {
				if text := err.Error(); len(text) > 1000 || text != sanitize.Line(text, 1000) {
					t.Errorf("not fit to be shown: %q", text)
				}
				continue
			}
			if _, err := parseID(model.ID.ValueString()); err != nil {
				t.Error(err)
			}
			if model.Name.ValueString() == "" || model.TrainURL.ValueString() == "" || model.Description.IsNull() {
				t.Errorf("the next plan would change %+v", model)
			}
			if !model.ProjectID.IsNull() && !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(model.ProjectID.ValueString()) {
				t.Errorf("the project is %s", model.ProjectID)
			}
		}
	})
}
