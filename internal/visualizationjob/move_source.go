package visualizationjob

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// moveSource is a resource type of another provider with which jobs are managed.
type moveSource struct {
	typeName string
	provider string // namespace and type, in lower case
	facts    func(state members) moveFacts
}

// moveSources are the resource types whose states can be moved.
var moveSources = []moveSource{
	{"restapi_object", "mastercard/restapi", restapiFacts},
	{"restful_resource", "magodo/restful", restfulFacts},
}

// moveFacts are the facts about a job in the state of another provider.
type moveFacts struct {
	path      string // of the job, or of the list of jobs
	id        string // of the resource; "" if only the path has it
	request   members
	responses []members // of the API, in the order of preference
}

// restapiFacts reads the state of a restapi_object. All versions have the attributes that it reads. A refresh by version 2
// or 3 overwrites the request with the last response, unless configured otherwise.
func restapiFacts(state members) moveFacts {
	values := state.object("api_data")
	for name, value := range values {
		if string(value) == `"<nil>"` {
			delete(values, name) // This provider writes null as text.
		}
	}
	return moveFacts{
		path:      cmp.Or(state.text("read_path"), state.text("path")),
		id:        state.text("id"),
		request:   state.object("data"),
		responses: []members{state.object("api_response"), values, state.object("create_response")},
	}
}

// restfulFacts reads the state of a restful_resource. Up to version 0.13, body and output are JSON text; later versions
// have values of any type. The ID is the path of the job, or of the list if the resource selects its job there.
func restfulFacts(state members) moveFacts {
	return moveFacts{
		path:      cmp.Or(state.text("id"), state.text("path")),
		request:   state.object("body"),
		responses: []members{state.object("output"), state.object("sensitive_output")},
	}
}

// model returns the model of the job in a state. Its errors say what the state has instead.
func (s moveSource) model(raw []byte) (*resourceModel, error) {
	state := object(raw)
	if state == nil {
		return nil, errors.New("its state isn't a JSON object")
	}
	facts := s.facts(state)
	at := pathOf(facts.path)
	project, last, ok := splitJobPath(at)
	if !ok {
		return nil, fmt.Errorf("its path is %q, but the path of a visualization job is …/visualization-jobs or …/visualization-jobs/197",
			sanitize.Line(at, 200))
	}
	job, response := facts.job()
	id := ""
	for _, candidate := range []string{last, facts.id, strconv.FormatInt(job.ID, 10)} {
		if _, err := parseID(candidate); err != nil {
			continue
		}
		if id != "" && id != candidate {
			return nil, fmt.Errorf("its state has the IDs of two jobs, %s and %s: one of the resource and one of the response of the API", id, candidate)
		}
		id = candidate
	}
	if id == "" {
		_, err := parseID(cmp.Or(facts.id, last))
		return nil, fmt.Errorf("%w, and the response of the API in its state has no job_id", err)
	}
	if job.Name == "" || samePath(job.TrainURL, "") {
		// Without these values, the next plan would replace the job.
		return nil, fmt.Errorf("its state has job_name %q and train_url %q for the job %s, but both are required. "+
			"Refresh the state with its current provider, which might add them",
			sanitize.Line(job.Name, 40), sanitize.Line(job.TrainURL, 200), id)
	}
	model := newResourceModel(&job, project)
	model.ID, model.ProjectID = types.StringValue(id), stringOrNull(project)
	if !response.has("status") {
		model.Status, model.Running = types.StringNull(), types.BoolNull()
	}
	facts.request.configure(model)
	return model, nil
}

// job returns the job in the first response that has one, and this response. Values that the response lacks, as that to a
// create does, are those of the request.
func (f moveFacts) job() (job modelarts.VisualizationJob, response members) {
	for _, response = range f.responses {
		raw, _ := json.Marshal(response)
		parsed, err := modelarts.ParseVisualizationJob(raw)
		if err == nil && *parsed != (modelarts.VisualizationJob{}) {
			job = *parsed
			break
		}
		response = nil
	}
	job.Name = cmp.Or(job.Name, f.request.text("job_name"))
	job.TrainURL = cmp.Or(job.TrainURL, modelarts.OBSPath(f.request.text("train_url")))
	if !response.has("job_desc") {
		job.Description = f.request.text("job_desc")
	}
	return job, response
}

var projectIDPattern = regexp.MustCompile(`^[0-9a-f]{32}$`)

// splitJobPath returns the project and the last part of the path of a job, or of the list of jobs. Either is "" if the
// path doesn't have it.
func splitJobPath(path string) (project, last string, ok bool) {
	parts := strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
	list := slices.Index(parts, "visualization-jobs")
	if list < 0 || len(parts) > list+2 {
		return "", "", false
	}
	if list > 0 && projectIDPattern.MatchString(parts[list-1]) {
		project = parts[list-1]
	}
	if len(parts) == list+2 {
		last = parts[list+1]
	}
	return project, last, true
}

// pathOf returns the path of a URL or a path. It removes user and query, because they can have secrets.
func pathOf(url string) string {
	url, _, _ = strings.Cut(url, "?")
	url, _, _ = strings.Cut(url, "#")
	if _, rest, ok := strings.Cut(url, "://"); ok {
		_, rest, _ = strings.Cut(rest, "/")
		return "/" + rest
	}
	return url
}

// members are the members of a JSON object. A member of another type than the requested one counts as missing, because
// these states are from many versions of other providers.
type members map[string]json.RawMessage

// object returns the members of a JSON object, or nil if the value is no object. The object can be in a string, and can be
// in an object with its type, as Terraform stores dynamic values.
func object(raw json.RawMessage) members {
	for range 3 {
		var text string
		if len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &text) == nil {
			raw = json.RawMessage(text)
			continue
		}
		var found members
		if json.Unmarshal(raw, &found) != nil {
			return nil
		}
		if len(found) != 2 || !found.has("type") || !found.has("value") {
			return found
		}
		raw = found["value"]
	}
	return nil
}

func (m members) has(name string) bool {
	value, ok := m[name]
	return ok && string(value) != "null"
}

func (m members) object(name string) members { return object(m[name]) }

func (m members) text(name string) string {
	var text string
	if json.Unmarshal(m[name], &text) != nil {
		return ""
	}
	return text
}

// configure sets the attributes that only a request has, except to values that the schema doesn't allow. With such a value in
// the state, every configuration would replace the job.
func (m members) configure(model *resourceModel) {
	if jobType := m.text("job_type"); slices.Contains(jobTypes, jobType) {
		model.JobType = types.StringValue(jobType)
	}
	model.Flavor = stringOrNull(m.object("flavor").text("code"))
	var schedule modelarts.Schedule
	if model.Schedule == nil && json.Unmarshal(m["schedule"], &schedule) == nil {
		model.refreshSchedule(schedule, true)
	}
}
