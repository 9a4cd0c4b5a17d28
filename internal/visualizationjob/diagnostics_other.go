package visualizationjob

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// maxShown bounds in bytes how much of a name or a path of the API a diagnostic shows.
const maxShown = 300

// explainOther explains why a job isn't changed: its ID is that of another job.
func explainOther(o operation, e *lifecycle.OtherJobError) string {
	difference := fmt.Sprintf("The job %d has the name %q and the train_url %q. The expected job has the name %q and the train_url %q. "+
		"The provider didn't change the job %[1]d.",
		e.Job.ID, sanitize.Line(e.Job.Name, maxShown), sanitize.Line(e.Job.TrainURL, maxShown), e.Name, e.TrainURL)
	switch o.kind {
	case creating:
		return paragraphs("The response to the create had the ID of another job, so nothing was added to the state. "+difference,
			fmt.Sprintf("Check in the ModelArts console whether a job named %q exists now, because it is billed while it runs. "+
				"Then run terraform apply again: before it creates a job, the provider checks whether the job exists.", e.Name))
	case adopting:
		return paragraphs("The ID of the adopted job is that of another job. "+difference, o.outcome())
	default:
		return paragraphs("The ID in the state is that of another job. "+difference,
			"The name and the path of a job never change. So the state is wrong, or the API returned a wrong ID when the job was created. "+
				"Remove the resource from the state:\n  terraform state rm <address of the resource>\n"+
				"Then import the right job, or run terraform apply to create it.")
	}
}

// otherScheduleDiagnostic explains why a job with another schedule isn't adopted: the next plan would
// replace it, and so destroy a job that this configuration didn't create.
func otherScheduleDiagnostic(o operation, shown *scheduleModel) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("schedule"), o.summary(), paragraphs(
		"The job has another schedule than the configuration, and the API can't change the schedule of a job.",
		fmt.Sprintf("To adopt the job, set schedule = { duration = %d } in the configuration, or omit schedule. "+
			"To get a job of its own, choose another name.", whole(shown.Duration)),
		o.outcome()))
}
