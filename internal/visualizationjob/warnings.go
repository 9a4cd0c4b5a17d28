package visualizationjob

import (
	"cmp"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// createWarning tells what a create did besides creating; nil when nothing.
func createWarning(o operation, created *lifecycle.Created) diag.Diagnostic {
	switch {
	case created.Adopted:
		return diag.NewWarningDiagnostic(
			fmt.Sprintf("Adopted %s", o.job()),
			"A job of this name and train_url existed already and was adopted because adopt_existing = true. "+
				"Its job_type, flavor and schedule can differ from the configuration, because the API doesn't return the first two, "+
				"and the schedule not always.")
	case created.Lost != nil:
		outcome := "The provider looked for the job and found it: nothing was created twice."
		if created.Repeated {
			outcome = "The provider looked for the job, found none, and created it with another call."
		}
		return diag.NewWarningDiagnostic(
			fmt.Sprintf("Recovered the creation of %s", o.job()),
			"The answer to a create was lost: "+created.Lost.Error()+"\n\n"+outcome)
	default:
		return nil
	}
}

// twinDiagnostic warns of jobs that a lost create made after all, or that nobody
// could look for them.
func twinDiagnostic(o operation, twins []modelarts.VisualizationJob, err error) diag.Diagnostic {
	summary := "A second job may exist beside " + o.job()
	if err != nil {
		return diag.NewWarningDiagnostic(summary, "The answer to the first create was lost and the job was created with a second call. "+
			"Whether something came of the first one all the same could not be found out: "+err.Error()+"\n\n"+
			"Look for a second job of this name in the ModelArts console.")
	}
	return diag.NewWarningDiagnostic(summary, "The answer to the first create was lost, no job was found, and the job was created with a second call. "+
		"By now there is also:\n"+statuses(twins)+"\n\n"+
		"If nobody else made it, it came of the first call after all. It is billed while it runs: delete it in the ModelArts console, "+
		"or take it into a state to manage it:"+importHint(twins))
}

// interruptWarning tells that a create was interrupted when nothing was left to do
// but to wait.
func interruptWarning(o operation, job *modelarts.VisualizationJob) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Interrupted while waiting for "+o.job(),
		fmt.Sprintf("The job is in the state, and was last seen in status %s. The provider did not wait for it to get any further. "+
			"The next plan shows where it is.", job.Status))
}

// incompleteWarning tells that a list has fewer jobs than it counts.
func incompleteWarning() diag.Diagnostic {
	return diag.NewWarningDiagnostic("Not all visualization jobs may be listed", incompleteList)
}

// repeatWarning tells that a call was made once more.
func repeatWarning(o operation, r lifecycle.Repetition) diag.Diagnostic {
	reason := fmt.Sprintf("The API accepted the first one, and still showed %s long after.", r.Job.Status)
	if r.Lost != nil {
		reason = fmt.Sprintf("The answer to the first one was lost, and the job still had the status %s: %s", r.Job.Status, r.Lost)
	}
	o.name = cmp.Or(o.name, r.Job.Name) // an action learns it on the way
	return diag.NewWarningDiagnostic(fmt.Sprintf("Repeated the call to %s %s", r.Request, o.job()),
		reason+"\n\nThe repeated call was accepted.")
}

// adoptedWarning tells that a delete left the job to the one who took it over.
func adoptedWarning(o operation) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Did not delete "+o.job(),
		"Its replacement, or another resource of this apply, has the same name and train_url and adopt_existing = true, "+
			"and took the job over: it is in the state there, as it was. To really replace a job together with "+
			"create_before_destroy, change its name or its train_url.")
}

// failures say what happened to a job in each failed status, as far as its name tells.
var failures = map[modelarts.Status]string{
	modelarts.StatusImageFailed:         "its image could not be created",
	modelarts.StatusSubmitFailed:        "it could not be submitted",
	modelarts.StatusDeleteFailed:        "it could not be deleted",
	modelarts.StatusFailed:              "it ended with an error",
	modelarts.StatusLost:                "ModelArts no longer has contact with it",
	modelarts.StatusSubmitModelFailed:   "its model could not be submitted",
	modelarts.StatusDeployServiceFailed: "its service could not be deployed",
	modelarts.StatusCheckFailed:         "a check before its start failed",
}

// failedWarning warns of a job that has failed, which is no difference in a plan if the
// configuration omits running.
func failedWarning(o operation, job *modelarts.VisualizationJob) diag.Diagnostic {
	o.name = cmp.Or(o.name, job.Name) // an import learns it now
	return diag.NewWarningDiagnostic("Failed: "+o.job(),
		fmt.Sprintf("The job has the status %s: %s. The API gives no reason. The job doesn't run, and it doesn't start again by itself.\n\n%s\n\n"+
			"To start the job again, set running = true, or keep it if it is set, and run terraform apply. "+
			"To delete the job, remove its resource block and run terraform apply.",
			job.Status, failures[job.Status], askConsole))
}

// notRefreshedWarning tells that a job was not read.
func notRefreshedWarning(o operation) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Not refreshed: "+o.job(),
		"The configuration of the provider depends on values that are known only after an apply. "+
			"The plan is made from the state as it is.")
}
