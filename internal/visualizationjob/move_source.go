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

// movedJob is a job in the state of another provider.
type movedJob struct {
	id       string
	project  string // "" if the state doesn't have it
	request  members
	response members
	job      *modelarts.VisualizationJob // from the response; nil without one
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

// job returns the job in a state. Its errors say what the state has instead.
func (s moveSource) job(raw []byte) (*movedJob, error) {
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
	job := &movedJob{project: project, request: facts.request}
	for _, response := range facts.responses {
		if job.job = response.job(); job.job != nil {
			job.response = response
			break
		}
	}
	ids := []string{last, facts.id}
	if job.job != nil && job.job.ID != 0 {
		ids = append(ids, strconv.FormatInt(job.job.ID, 10))
	}
	for _, id := range ids {
		if _, err := parseID(id); err != nil {
			continue
		}
		if job.id != "" && job.id != id {
			return nil, fmt.Errorf("its state has the IDs of two jobs, %s and %s: one of the resource and one of the response of the API", job.id, id)
		}
		job.id = id
	}
	if job.id == "" {
		_, err := parseID(cmp.Or(facts.id, last))
		return nil, fmt.Errorf("%w, and the response of the API in its state has no job_id", err)
	}
	if job.name() == "" || samePath(job.trainURL(), "") {
		// Without these values, the next plan would replace the job.
		return nil, fmt.Errorf("its state has job_name %q and train_url %q for the job %s, but both are required. "+
			"Refresh the state with its current provider, which might add them",
			sanitize.Line(job.name(), 40), sanitize.Line(job.trainURL(), 200), job.id)
	}
	return job, nil
}

func (j *movedJob) name() string {
	if j.job != nil && j.job.Name != "" {
		return j.job.Name
	}
	return j.request.text("job_name")
}

func (j *movedJob) trainURL() string {
	if j.job != nil && j.job.TrainURL != "" {
		return j.job.TrainURL
	}
	return j.request.text("train_url")
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
	if _, rest, ok := strings.Cut(url, "://"); ok {
		_, rest, _ = strings.Cut(rest, "/")
		url = "/" + rest
	}
	if end := strings.IndexAny(url, "?#"); end >= 0 {
		url = url[:end]
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

// job parses a response of the API. It returns nil if the response has no job.
func (m members) job() *modelarts.VisualizationJob {
	raw, err := json.Marshal(m)
	if err != nil {
		return nil
	}
	job, err := modelarts.ParseVisualizationJob(raw)
	if err != nil || *job == (modelarts.VisualizationJob{}) {
		return nil
	}
	return job
}

// The following functions return null for values that the schema doesn't allow. With such a value in the state, every
// configuration would replace the job.

func (m members) jobType() types.String {
	if jobType := m.text("job_type"); slices.Contains(jobTypes, jobType) {
		return types.StringValue(jobType)
	}
	return types.StringNull()
}

func (m members) flavor() types.String { return stringOrNull(m.object("flavor").text("code")) }

// schedule returns the schedule of a request, which can be in a string like any JSON value in these states.
func (m members) schedule() *scheduleModel {
	raw := m["schedule"]
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil && len(list) == 1 {
		raw = list[0]
	}
	var schedule modelarts.Schedule
	if plain, err := json.Marshal(object(raw)); err != nil || json.Unmarshal(plain, &schedule) != nil {
		return nil
	}
	return newScheduleModel(schedule).ifConfigurable()
}
