package visualizationjob

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// MoveState converts the state of a job that was managed with a generic REST provider. The provider isn't configured when
// Terraform moves a state, so the next refresh reads the values that the state lacks.
func (r *jobResource) MoveState(context.Context) []resource.StateMover {
	movers := make([]resource.StateMover, len(moveSources))
	for i, source := range moveSources {
		movers[i].StateMover = source.move
	}
	return movers
}

// move converts a state of the source. It does nothing with other states, which other movers convert.
func (s moveSource) move(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceTypeName != s.typeName || !s.isProvider(req.SourceProviderAddress) {
		return
	}
	state, err := s.model(req.SourceRawState.JSON)
	if err != nil {
		resp.Diagnostics.Append(explanation{
			facts: sanitize.Capitalize(err.Error()) + ".",
			remedy: "Nothing was changed. Correct or remove the moved block. If the provider can't move the state of a visualization job, " +
				"remove the job from the state with a removed block and import it.",
			anchor: "cannot-move",
		}.diagnostic(fmt.Sprintf("Cannot move this %s to modelarts_visualization_job", s.typeName)))
		return
	}
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, state)...)
	resp.Diagnostics.Append(resp.TargetPrivate.SetKey(ctx, importedKey, []byte("true"))...)
	// Terraform never changes an identity, so it must be complete from the start.
	if resp.TargetIdentity != nil && !state.ProjectID.IsNull() {
		resp.Diagnostics.Append(resp.TargetIdentity.Set(ctx, state.identityModel)...)
	}
}

// UpgradeIdentity removes an identity of version 0, which is the identity of another provider: OpenTofu 1.12 keeps it in a
// moved state. The identity of this provider has version 1, and the next read sets it.
func (r *jobResource) UpgradeIdentity(context.Context) map[int64]resource.IdentityUpgrader {
	forget := func(ctx context.Context, _ resource.UpgradeIdentityRequest, resp *resource.UpgradeIdentityResponse) {
		resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{})...)
	}
	return map[int64]resource.IdentityUpgrader{0: {IdentityUpgrader: forget}}
}

// isProvider reports whether an address is the address of the source's provider, on any host. OpenTofu before 1.11.12 and
// 1.12.4 sends the type without host and namespace. If it moves several instances, it can send the address of the
// target's provider for all but the first, and that provider has no resource type of moveSources.
func (s moveSource) isProvider(address string) bool {
	address = strings.ToLower(address)
	return address == s.provider[strings.Index(s.provider, "/")+1:] ||
		strings.HasSuffix("/"+address, "/"+s.provider) || strings.HasSuffix("/"+address, "/opentelekomcloud-community/modelarts")
}

// movedGoneDiagnostic returns the error for a moved job that the first refresh doesn't find. The job might exist in another
// project, so if the provider removed it from the state, the next apply could create and bill a second one.
func movedGoneDiagnostic(o operation, project string) diag.Diagnostic {
	return explanation{
		facts: fmt.Sprintf("Project %s has no such job. The job was deleted, or it belongs to another project. The moved state names no project, so the provider can't determine which.", project),
		remedy: paragraphs("If the job belongs to another project: "+setProject+" to that project.",
			"If the job was deleted: Remove the moved block, and run terraform state rm OLD_ADDRESS. terraform state list shows the old address. "+
				"The next apply creates a job, which is billed while it runs, unless you remove its resource block as well."),
		anchor: "moved-job-not-found",
	}.diagnostic("Could not find " + o.job())
}

// moveSource is a resource type of another provider with which jobs are managed, and the attributes of its state that have the
// facts about a job, in the order of preference.
type moveSource struct {
	typeName  string
	provider  string   // namespace and type, in lower case
	paths     []string // of the job, or of the list of jobs
	id        string   // "" if only the path has it
	request   string
	responses []string
}

// moveSources are the resource types whose states can be moved. All versions of restapi have these attributes. A refresh by its
// version 2 or 3 overwrites data with the last response, unless configured otherwise. Up to version 0.13 of restful, body and
// output are JSON text; later versions have values of any type.
var moveSources = []moveSource{
	{"restapi_object", "mastercard/restapi", []string{"read_path", "path"}, "id", "data", []string{"api_response", "api_data", "create_response"}},
	{"restful_resource", "magodo/restful", []string{"id", "path"}, "", "body", []string{"output", "sensitive_output"}},
}

// model returns the model of the job in a state. Its errors say what the state has instead.
func (s moveSource) model(raw []byte) (*resourceModel, error) {
	state := object(raw)
	if state == nil {
		return nil, errors.New("its state isn't a JSON object")
	}
	at, err := url.Parse(sanitize.Line(cmp.Or(state.text(s.paths[0]), state.text(s.paths[1])), 2000))
	if err != nil {
		at = &url.URL{} // The error would have the whole URL, in which the user and the query can have secrets.
	}
	parts := jobPath.FindStringSubmatch(at.Path)
	if parts == nil {
		return nil, fmt.Errorf("its path is %q, but the path of a visualization job is …/visualization-jobs or …/visualization-jobs/197",
			sanitize.Line(at.Path, 200))
	}
	project, last, own, request := parts[1], parts[2], state.text(s.id), state.object(s.request)
	job, response := s.job(state, request)
	id := ""
	for _, candidate := range []string{last, own, strconv.FormatInt(job.ID, 10)} {
		if _, err := parseID(candidate); err != nil {
			continue
		}
		if id != "" && id != candidate {
			return nil, fmt.Errorf("its state has the IDs of two jobs, %s and %s: one of the resource and one of the response of the API", id, candidate)
		}
		id = candidate
	}
	if id == "" {
		_, err := parseID(cmp.Or(own, last))
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
	request.configure(model)
	return model, nil
}

// job returns the job in the first response that has one, and this response. Values that the response lacks, as that to a
// create does, are those of the request.
func (s moveSource) job(state, request members) (job modelarts.VisualizationJob, response members) {
	for _, name := range s.responses {
		response = state.object(name)
		maps.DeleteFunc(response, func(_ string, value json.RawMessage) bool { return string(value) == `"<nil>"` }) // null in api_data
		raw, _ := json.Marshal(response)
		parsed, err := modelarts.ParseVisualizationJob(raw)
		if err == nil && *parsed != (modelarts.VisualizationJob{}) {
			job = *parsed
			break
		}
		response = nil
	}
	job.Name = cmp.Or(job.Name, request.text("job_name"))
	job.TrainURL = cmp.Or(job.TrainURL, modelarts.OBSPath(request.text("train_url")))
	if !response.has("job_desc") {
		job.Description = request.text("job_desc")
	}
	return job, response
}

// jobPath matches the path of a job, or of the list of jobs. Its groups are the project and the ID; either can be "".
var jobPath = regexp.MustCompile(`(?:^|/)(?:([0-9a-f]{32})/+)?visualization-jobs(?:/+([^/]+))?/*$`)

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

func (m members) text(name string) (text string) {
	_ = json.Unmarshal(m[name], &text) // A value of another type leaves it empty.
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
