package visualizationjob

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// maxShown is how many bytes of a name or a path of the API a diagnostic shows at most.
const maxShown = 300

// explainOther explains why a job isn't changed: its ID is that of another job.
func explainOther(o operation, e *lifecycle.OtherJobError) string {
	difference := fmt.Sprintf("The job %d has the name %q and the train_url %q. The expected job has the name %q and the train_url %q. "+
		"The provider didn't change the job %[1]d.",
		e.Job.ID, sanitize.Line(e.Job.Name, maxShown), sanitize.Line(e.Job.TrainURL, maxShown), e.Name, e.TrainURL)
	switch o.kind {
	case creating:
		return paragraphs("The response to the create has the ID of another job, so nothing was added to the state. "+difference,
			fmt.Sprintf("Check in the ModelArts console whether a job named %q exists now, because it is billed while it runs. "+
				"Then run terraform apply again. Before it creates a job, the provider searches for the existing one.", e.Name))
	case adopting:
		return paragraphs("The adopted ID belongs to another job. "+difference, o.outcome())
	default:
		return paragraphs("The ID in the state belongs to another job. "+difference,
			"The name and train_url of a job never change, so either the state is wrong, or ModelArts returned a wrong ID when the job was created. "+
				"Remove the resource from the state:\n  terraform state rm ADDRESS\n"+
				"Then import the right job, or run terraform apply to create it.")
	}
}

// otherScheduleDiagnostic explains why a job with another schedule isn't adopted: the next plan would
// replace it, and so destroy a job that this configuration didn't create.
func otherScheduleDiagnostic(o operation, shown *scheduleModel) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("schedule"), o.summary(), paragraphs(
		"The schedule of the job differs from the configuration, and the API can't change it.",
		fmt.Sprintf("To adopt the job, set schedule = { duration = %d } in the configuration, or omit schedule. "+
			"To create a separate job, choose another name.", toInt64(shown.Duration)),
		o.outcome()))
}
