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

// moveSource is a resource type of another provider that people manage jobs with.
type moveSource struct {
	typeName string
	provider string // namespace and type, in lower case
	clues    func(state members) moveClues
}

// moveSources are those whose states can be moved.
var moveSources = []moveSource{
	{"restapi_object", "mastercard/restapi", restapiClues},
	{"restful_resource", "magodo/restful", restfulClues},
}

// moveClues are what a state of theirs says about the job that it is of.
type moveClues struct {
	path    string // the address at which the job, or the list it is in, is read
	id      string // what it is called there; "" when the path alone tells
	request members
	answers []members // of the API, the one that says most first
}

// movedJob is a job as a state of theirs knows it.
type movedJob struct {
	id      string
	project string // "" when the state does not tell
	request members
	answer  members
	job     *modelarts.VisualizationJob // what the answer says; nil when there is none
}

// restapiClues reads a restapi_object of any version. Its schema gained
// attributes since, and lost none that count here. A refresh by version 2 or 3
// puts the last answer in the place of the request, unless told not to.
func restapiClues(state members) moveClues {
	values := state.object("api_data")
	for name, value := range values {
		if string(value) == `"<nil>"` {
			delete(values, name) // how it writes null
		}
	}
	return moveClues{
		path:    cmp.Or(state.text("read_path"), state.text("path")),
		id:      state.text("id"),
		request: state.object("data"),
		answers: []members{state.object("api_response"), values, state.object("create_response")},
	}
}

// restfulClues reads a restful_resource of any version. Body and output are text
// with JSON up to version 0.13, and values of any type from then on. Its id is the
// path to read; that is the path of the list for a resource that picks its job there.
func restfulClues(state members) moveClues {
	return moveClues{
		path:    cmp.Or(state.text("id"), state.text("path")),
		request: state.object("body"),
		answers: []members{state.object("output"), state.object("sensitive_output")},
	}
}

// job finds the job in a state. An error says what was found, and what is wanted.
func (s moveSource) job(raw []byte) (*movedJob, error) {
	state := object(raw)
	if state == nil {
		return nil, errors.New("its state is not a JSON object")
	}
	clues := s.clues(state)
	at := pathOf(clues.path)
	project, last, ok := splitJobPath(at)
	if !ok {
		return nil, fmt.Errorf("it is at the path %q, and visualization jobs are at …/visualization-jobs or …/visualization-jobs/197",
			sanitize.Line(at, 200))
	}
	job := &movedJob{project: project, request: clues.request}
	for _, answer := range clues.answers {
		if job.job = answer.job(); job.job != nil {
			job.answer = answer
			break
		}
	}
	ids := []string{last, clues.id}
	if job.job != nil && job.job.ID != 0 {
		ids = append(ids, strconv.FormatInt(job.job.ID, 10))
	}
	for _, id := range ids {
		if _, err := parseID(id); err != nil {
			continue
		}
		if job.id != "" && job.id != id {
			return nil, fmt.Errorf("its state names two jobs, %s and %s: one is what it is called there, "+
				"the other what the API answered", job.id, id)
		}
		job.id = id
	}
	if job.id == "" {
		_, err := parseID(cmp.Or(clues.id, last))
		return nil, fmt.Errorf("%w; the answer of the API in its state has no job_id either", err)
	}
	if job.name() == "" || samePath(job.trainURL(), "") {
		// Without them the next plan would replace the job.
		return nil, fmt.Errorf("its state has job_name %q and train_url %q of the job %s, and both are needed; "+
			"a refresh by the provider that it comes from may add them",
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

// splitJobPath takes apart the path of a job or of the list of jobs. Of either the
// project, if it is there, and the last part are "" when they are missing.
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

// pathOf returns the path of what may be a whole URL. The rest is not shown: a user
// and a query can hold secrets.
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

// members are those of a JSON object. What is not of the type that is asked for is
// taken for missing: these states were written by many versions of other providers.
type members map[string]json.RawMessage

// object returns the members of a JSON object, nil when it is none. It may be in a
// string, and it may have its type with it, which is how Terraform keeps values of
// any type.
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

// job reads an answer of the API, nil when it says nothing of a job.
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

// What a job was created with and a configuration could not say is left out: nobody
// could write it to keep the job from being replaced.

func (m members) jobType() types.String {
	if jobType := m.text("job_type"); slices.Contains(jobTypes, jobType) {
		return types.StringValue(jobType)
	}
	return types.StringNull()
}

func (m members) flavor() types.String { return stringOrNull(m.object("flavor").text("code")) }

// schedule reads the schedule of a request, which may be in a string like all JSON here.
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
