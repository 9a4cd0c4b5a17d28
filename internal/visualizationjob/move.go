package visualizationjob

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// MoveState converts the state of a job that was managed with a generic REST provider. The provider isn't configured when
// Terraform moves a state, so the next refresh reads the values that the state lacks.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
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
		resp.Diagnostics.AddError(fmt.Sprintf("Cannot move this %s to modelarts_visualization_job", s.typeName),
			sanitize.Capitalize(err.Error())+".\n\nNothing was changed. Correct or remove the moved block. If the provider can't move the state of a visualization job, "+
				"remove the job from the state with a removed block and import it.")
		return
	}
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, state)...)
	resp.Diagnostics.Append(resp.TargetPrivate.SetKey(ctx, importedKey, []byte("true"))...)
	// Terraform never changes an identity, so it must be complete from the start.
	if resp.TargetIdentity != nil && !state.ProjectID.IsNull() {
		resp.Diagnostics.Append(resp.TargetIdentity.Set(ctx, state.identity())...)
	}
}

// UpgradeIdentity removes an identity of version 0, which is the identity of another provider: OpenTofu 1.12 keeps it in a
// moved state. The identity of this provider has version 1, and the next read sets it.
func (r *Resource) UpgradeIdentity(context.Context) map[int64]resource.IdentityUpgrader {
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
	return diag.NewErrorDiagnostic("Could not find "+o.job(),
		fmt.Sprintf("Project %s has no such job. The job was deleted, or it belongs to another project, because the moved state names no project.\n\n"+
			"If the job belongs to another project: "+setProject+" to that project.\n\n"+
			"If the job was deleted: Remove the moved block, and run terraform state rm OLD_ADDRESS. terraform state list shows the old address. "+
			"The next apply creates a job, which is billed while it runs, unless you remove its resource block as well.", project))
}
