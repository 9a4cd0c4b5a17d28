package visualizationjob

import (
	"cmp"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// createWarning returns the warning of a create that adopted or recovered a job, or nil.
func createWarning(o operation, created *lifecycle.Created) diag.Diagnostic {
	switch {
	case created.Adopted:
		return diag.NewWarningDiagnostic(
			fmt.Sprintf("Adopted %s", o.job()),
			"A job with this name and train_url already existed. The provider adopted it because adopt_existing = true. "+
				"Its job_type, flavor and schedule might differ from the configuration: the API returns neither job_type nor flavor, "+
				"and doesn't always return schedule.")
	case created.Lost != nil:
		outcome := "The provider searched for the job and found it, so it sent no second request."
		if created.Repeated {
			outcome = "The provider searched for the job, didn't find it, and sent the request again."
		}
		return diag.NewWarningDiagnostic(
			fmt.Sprintf("Recovered %s", o.job()),
			"The provider received no confirmation of a request to create the job: "+created.Lost.Error()+"\n\n"+outcome)
	default:
		return nil
	}
}

// duplicateWarning warns of jobs that a create whose response was lost created after all, or of the failure to search
// for them.
func duplicateWarning(o operation, duplicates []modelarts.VisualizationJob, err error) diag.Diagnostic {
	summary := "Possible duplicate of " + o.job()
	const sent = "The provider received no confirmation of its first request to create the job, found no job, and sent a second request. The state has " +
		"the job of the second request. "
	if err != nil {
		return diag.NewWarningDiagnostic(summary, sent+"The search for a job of the first request failed: "+err.Error()+"\n\n"+
			"Check in the ModelArts console whether a second job with this name exists, because it is billed while it runs.")
	}
	return diag.NewWarningDiagnostic(summary, sent+"The first request might have created this job:\n"+statuses(duplicates, o.name)+"\n\n"+
		"A job is billed while it runs. If no other user created this one, delete it in the ModelArts console. To manage it, add another resource "+
		"block, and import the job to the address of that block:"+importHint(duplicates))
}

// interruptWarning says that a create was interrupted while it waited for the job to run.
func interruptWarning(o operation, job *modelarts.VisualizationJob) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Interrupted while waiting for "+o.job(),
		fmt.Sprintf("The last status of the job is %s. The job is in the state and isn't tainted. ModelArts continues to start or stop it, "+
			"and it is billed while it runs. Run terraform plan to see its status.", job.Status))
}

// incompleteWarning says that a list has fewer jobs than the API counts.
func incompleteWarning() diag.Diagnostic {
	return diag.NewWarningDiagnostic("The list of visualization jobs might be incomplete", incompleteList)
}

// repeatWarning says that the provider repeated a request.
func repeatWarning(o operation, r lifecycle.Repetition) diag.Diagnostic {
	reason := fmt.Sprintf("ModelArts accepted the first request, but the job kept status %s.", r.Job.Status)
	if r.Lost != nil {
		reason = fmt.Sprintf("The provider received no confirmation of the first request, and the job kept status %s: %s", r.Job.Status, r.Lost)
	}
	o.name = cmp.Or(o.name, r.Job.Name) // The configuration of an action has no name.
	return diag.NewWarningDiagnostic(fmt.Sprintf("Repeated the request to %s %s", r.Request, o.job()),
		reason+"\n\nModelArts accepted the second request.")
}

// adoptedWarning says that a delete kept the job because another resource adopted it.
func adoptedWarning(o operation) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Did not delete "+o.job(),
		"Another resource of this apply adopted the job, because it has the same name and train_url, and adopt_existing = true. "+
			"With create_before_destroy, this can be the replacement of the resource itself. The job is unchanged, and the state has it as "+
			"the job of the other resource.\n\nTo replace a job with create_before_destroy, change its name or its train_url.")
}

// failures explains each failed status, as far as its name does.
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

// failedWarning warns of a failed job. A plan shows no difference for it if the configuration omits running.
func failedWarning(o operation, job *modelarts.VisualizationJob) diag.Diagnostic {
	o.name = cmp.Or(o.name, job.Name) // An import has no name before its first read.
	return diag.NewWarningDiagnostic("Failed: "+o.job(),
		fmt.Sprintf("The job failed with status %s: %s. ModelArts gives no reason. The job doesn't restart by itself.\n\n%s\n\n"+
			"To restart the job, run terraform apply with running = true in the configuration. "+
			"To delete it, remove its resource block and run terraform apply.",
			job.Status, failures[job.Status], askConsole))
}

// notRefreshedWarning says that a plan uses the state of a job without reading the job.
func notRefreshedWarning(o operation) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Did not refresh "+o.job(),
		"The configuration of the provider depends on values that are known only after an apply, so the provider can't read the job yet. "+
			"The plan uses the job as it is in the state.")
}
