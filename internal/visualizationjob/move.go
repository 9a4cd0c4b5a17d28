package visualizationjob

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// MoveState takes over the state of a job that was made with a generic REST
// provider. No provider is configured when a CLI asks for it: what their state does
// not say is found out by the refresh that follows.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	movers := make([]resource.StateMover, len(moveSources))
	for i, source := range moveSources {
		movers[i].StateMover = source.move
	}
	return movers
}

// move moves a state that is the source's, and leaves the response to others if it is not.
func (s moveSource) move(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceTypeName != s.typeName || !s.isProvider(req.SourceProviderAddress) {
		return
	}
	job, err := s.job(req.SourceRawState.JSON)
	if err != nil {
		resp.Diagnostics.AddError(fmt.Sprintf("Cannot move this %s to modelarts_visualization_job", s.typeName),
			sanitize.Capitalize(err.Error())+".\n\nNothing was changed. Correct or remove the moved block. A visualization job whose state "+
				"cannot be moved can be taken out of the state with a removed block, and imported.")
		return
	}
	// This makes an object of the schema, with null for all else.
	resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("id"), job.id)...)
	var state resourceModel
	resp.Diagnostics.Append(resp.TargetState.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	job.fill(&state)
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, &state)...)
	resp.Diagnostics.Append(resp.TargetPrivate.SetKey(ctx, importedKey, []byte("true"))...)
	// An identity can never be changed, so it has to be whole from the start.
	if resp.TargetIdentity != nil && !state.ProjectID.IsNull() {
		resp.Diagnostics.Append(resp.TargetIdentity.Set(ctx, state.identity())...)
	}
}

// UpgradeIdentity forgets an identity of version 0, which is that of another
// provider: OpenTofu 1.12 leaves it with a state that was moved and takes it for ours,
// although it lacks the project. Ours begins with version 1. The next read finds it.
func (r *Resource) UpgradeIdentity(context.Context) map[int64]resource.IdentityUpgrader {
	forget := func(ctx context.Context, _ resource.UpgradeIdentityRequest, resp *resource.UpgradeIdentityResponse) {
		resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{})...)
	}
	return map[int64]resource.IdentityUpgrader{0: {IdentityUpgrader: forget}}
}

// ownProvider is namespace and type of this provider, which has none of the types that
// are moved.
const ownProvider = "opentelekomcloud-community/modelarts"

// isProvider reports whether an address is that of the source's provider, on any
// host. OpenTofu before 1.11.12 and 1.12.4 gives the type without host and namespace; and
// where several instances are moved, it can give the target's provider for all but the first.
func (s moveSource) isProvider(address string) bool {
	address = strings.ToLower(address)
	return address == s.provider[strings.Index(s.provider, "/")+1:] ||
		strings.HasSuffix("/"+address, "/"+s.provider) || strings.HasSuffix("/"+address, "/"+ownProvider)
}

// fill makes the model say what their state said of the job.
func (j *movedJob) fill(m *resourceModel) {
	m.Name = stringOrNull(j.request.text("job_name"))
	m.TrainURL = stringOrNull(modelarts.OBSPath(j.request.text("train_url")))
	m.Description = types.StringValue(j.request.text("job_desc"))
	m.JobType, m.Flavor, m.Schedule = j.request.jobType(), j.request.flavor(), j.request.schedule()
	if j.job != nil {
		description := m.Description
		m.setJob(j.job, j.project)
		m.refreshSchedule(j.job, true)
		// The answer to a create is short.
		if !j.answer.has("job_desc") {
			m.Description = description
		}
		if !j.answer.has("status") {
			m.Status, m.Running = types.StringNull(), types.BoolNull()
		}
	}
	m.ID, m.ProjectID = types.StringValue(j.id), stringOrNull(j.project)
}

// movedGoneDiagnostic is for a job that is not there when its moved state is first
// refreshed. Dropped from the state, it would be created and billed anew, and it may
// well be there, in another project.
func movedGoneDiagnostic(o operation, project string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Could not find "+o.job(),
		fmt.Sprintf("There is no such job in the project %s, and the state that was moved does not say which project it belongs to: "+
			"it was deleted, or it belongs to another one.\n\n"+
			"If it belongs to another project: "+setProject+" to that one.\n"+
			"If it was deleted: Remove the moved block, and what terraform state list shows of it with terraform state rm; "+
			"the next apply creates it.", project))
}
