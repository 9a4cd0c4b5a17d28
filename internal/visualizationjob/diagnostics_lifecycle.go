package visualizationjob

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// explainOther explains why a job isn't changed: its ID is that of another job.
func explainOther(o operation, e *lifecycle.OtherJobError) explanation {
	difference := fmt.Sprintf("The job %d has the name %q and the train_url %q. The expected job has the name %q and the train_url %q. "+
		"The provider didn't change the job %[1]d.",
		e.Job.ID, sanitize.Line(e.Job.Name, 300), sanitize.Line(e.Job.TrainURL, 300), e.Name, e.TrainURL)
	switch o.kind {
	case creating:
		return explanation{
			facts: "The response to the create has the ID of another job, so nothing was added to the state. " + difference,
			remedy: fmt.Sprintf("Check in the ModelArts console whether a job named %q exists now, because it is billed while it runs. "+
				"Then run terraform apply again. If the job exists, the error has the command that imports it.", e.Name),
			anchor: "create-returned-other-job",
		}
	case adopting:
		const again = "Nothing was added to the state. The next apply searches for the job again."
		return explanation{facts: "The adopted ID belongs to another job. " + difference, remedy: again, anchor: "adopted-other-job"}
	default:
		return explanation{
			facts: "The ID in the state belongs to another job. " + difference,
			remedy: "The name and train_url of a job never change, so either the state is wrong, or ModelArts returned a wrong ID when the job was created. " +
				"Remove the resource from the state:\n  terraform state rm ADDRESS\n" +
				"Then import the right job, if the ModelArts console shows it. Otherwise, run terraform apply to create it.",
			anchor: "state-has-other-job",
		}
	}
}

// otherScheduleDiagnostic explains why a job with another schedule isn't adopted: the next plan would
// replace it, and so destroy a job that this configuration didn't create.
func otherScheduleDiagnostic(o operation, hours int64) diag.Diagnostic {
	return explanation{
		attribute: "schedule",
		facts:     "The schedule of the job differs from the configuration, and the API can't change it.",
		remedy: paragraphs(fmt.Sprintf("To adopt the job, set schedule = { duration = %d } in the configuration, or omit schedule. "+
			"To create a separate job, choose another name.", hours), o.outcome),
		anchor: "schedule-differs",
	}.diagnostic(o.summary())
}

func explainWait(o operation, e *lifecycle.WaitError) explanation {
	var accepted, rejected, outage string
	if e.Accepted > 0 {
		accepted = fmt.Sprintf("Requests that ModelArts accepted during the wait: %d. Their effect continues without Terraform.", e.Accepted)
	}
	if e.Rejection != nil && !errors.Is(e.Err, e.Rejection) {
		rejected = "The last error response during the wait:\n" + explainRequest(o, e.Rejection).facts
	}
	if e.Outage != nil && !errors.Is(e.Err, e.Outage) {
		outage = "The last requests of the wait failed:\n" + explainRequest(o, e.Outage).facts
	}
	request := explanation{anchor: "interrupted"}
	how := fmt.Sprintf("Interrupted after %s", inWords(e.Waited))
	switch end := ended(e.Err); {
	case end == nil:
		request = explainRequest(o, e.Err)
		how = fmt.Sprintf("The request failed after %s of", inWords(e.Waited))
	case errors.Is(end, context.DeadlineExceeded):
		request.anchor = "timed-out"
		how = fmt.Sprintf("Timed out after %s", inWords(o.timeout))
		request.remedy = fmt.Sprintf("If the job needs more time, increase %s.", o.setting)
		switch {
		case e.Goal == "adopted":
			request.anchor = "waiting-for-adoption"
			request.remedy = fmt.Sprintf("If the other resource needs more time, increase %s.", o.setting)
		case o.kind == deleting:
			request.remedy = "If the job needs more time, increase timeouts.delete and run terraform apply before you delete the job, " +
				"because a delete uses the timeout in the state."
		case o.id == 0:
			request.anchor = "waiting-for-delete"
		}
	}
	request.facts = paragraphs(request.facts, how+" "+waitedFor(o, e), accepted, rejected, outage)
	outcome := o.outcome
	if e.Goal == "adopted" {
		outcome = "The job wasn't deleted, and is still in the state. If the other resource has the job now, run terraform state rm ADDRESS for this " +
			"resource, because its delete would delete the job of the other one. Otherwise, run the same command again."
	}
	request.remedy = paragraphs(request.remedy, outcome)
	return request
}

// goals has how a sentence about a wait ends.
var goals = map[string]string{
	"running": "to run", "stopped": "to stop", "deleted": "to be deleted", "adopted": "to be adopted by another resource of this apply",
}

// waitedFor says which job a wait was for, and the last status of the job.
func waitedFor(o operation, e *lifecycle.WaitError) string {
	job, status := o.job(), " (status never read)"
	if o.id == 0 { // A create waits for the delete of another job.
		job = fmt.Sprintf("the job %d, which has the same name and train_url and which this apply deletes,", e.ID)
	}
	if e.Last != nil {
		status = fmt.Sprintf(" (last status: %s)", e.Last.Status)
	} else if e.Goal == "adopted" {
		status = ""
	}
	return fmt.Sprintf("waiting for %s %s%s.", job, goals[e.Goal], status)
}

func explainFailed(o operation, e *lifecycle.FailedError) explanation {
	next := "The job is in the state. Fix the cause, then run terraform apply to restart it."
	switch {
	case o.kind == settling:
		next = "The job is in the state and is tainted, so the next apply replaces it. " +
			"To keep the job, run terraform untaint ADDRESS, then terraform apply with running = true, which restarts it."
	case o.kind == adopting, o.setting == invokeSetting:
		next = o.outcome + " Fix the cause before that."
	}
	return explanation{
		facts:  fmt.Sprintf("The job failed %s after the wait began, with status %s. ModelArts gives no reason.", inWords(e.Waited), e.Job.Status),
		remedy: paragraphs(askConsole, next),
		anchor: "job-failed",
	}
}

// movedBlock is the block that a user adds to the configuration after renaming a resource. A provider doesn't know
// the addresses of resources.
const movedBlock = `  moved {
    from = modelarts_visualization_job.OLD
    to   = modelarts_visualization_job.NEW
  }`

func explainExists(e *lifecycle.ExistsError) explanation {
	var next string
	switch {
	case e.DeleteErr != nil:
		next = "The job belongs to another resource, and this apply failed to delete it. " +
			"Fix the cause, which the error of the other resource has, then run terraform apply again."
	case e.Owned:
		next = "The job belongs to another resource of this apply. Choose another name or another train_url for this resource."
	case len(e.Jobs) > 1:
		next = paragraphs("The provider can't adopt more than one job. Import the job that you want to manage, with its ID:"+importHint(e.Jobs),
			"If the other jobs are yours as well, delete them in the ModelArts console. A job is billed while it runs. "+
				"To create a separate job, choose another name.")
	default:
		next = paragraphs("If this apply has deleted that job since then, run terraform apply again.",
			fmt.Sprintf("If terraform state list -id=%d shows another address, because you renamed the resource or its key, add a moved block. "+
				"It keeps the job:\n%s", e.Jobs[0].ID, movedBlock),
			"If the job is in no state, for example because an apply was killed, import it:"+importHint(e.Jobs),
			"To have the create adopt the job instead, set adopt_existing = true. If another configuration manages the job, or with create_before_destroy, choose another name.")
	}
	facts := "A job with this name and train_url already exists, so the provider created none:\n" + statuses(e.Jobs, e.Jobs[0].Name)
	return explanation{attribute: "name", facts: facts, remedy: next, anchor: "job-exists"}
}

func explainLost(o operation, e *lifecycle.LostError) explanation {
	var search string
	switch {
	case e.SearchErr == nil:
	case ended(e.SearchErr) != nil:
		search = "There was no time left to search for the job."
	default:
		search = "The search for the job failed:\n" + explainRequest(o, e.SearchErr).facts
	}
	next := "Run terraform apply again. The provider first searches for the job. If the job exists, the provider adopts it, " +
		"or the error shows how to import it."
	if len(e.Candidates) > 0 {
		next = "The new job might be one of these. Import the one that was created during this apply:\n" +
			statuses(e.Candidates, e.Candidates[0].Name) + importHint(e.Candidates)
	}
	lost := explainRequest(o, e.Err)
	lost.facts = paragraphs("The provider received no confirmation of the request to create the job, so the job might exist and be billed while it runs. It isn't in the state.",
		lost.facts, search)
	lost.remedy, lost.anchor = next, "create-not-confirmed"
	return lost
}

func explainGone(o operation, e *lifecycle.NotFoundError) explanation {
	switch {
	case o.kind == settling:
		return explanation{
			facts:  "ModelArts accepted the request to create the job, but returns no job with this ID. Either the job was deleted meanwhile, or ModelArts returns it late.",
			remedy: o.outcome,
			anchor: "job-not-returned",
		}
	case o.kind == adopting:
		const facts = "The adopted job no longer exists, so nothing was added to the state."
		return explanation{facts: facts, remedy: "Run terraform apply again to create it.", anchor: "adopted-job-gone"}
	case o.isManaging():
		return explanation{
			facts:  "The job no longer exists, but it is still in the state.",
			remedy: "Run terraform plan. It shows that the next apply creates a new job. If you don't want one, remove the resource block first.",
			anchor: "job-gone",
		}
	default:
		return explanation{
			attribute: "id",
			facts:     explainRequest(o, e.Err).facts,
			remedy:    "The project of the provider has no job with this ID. Check the ID, and tenant_id and tenant_name of the provider.",
			anchor:    "job-not-found",
		}
	}
}

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
// for them. It returns nil if there are none.
func duplicateWarning(o operation, duplicates []modelarts.VisualizationJob, err error) diag.Diagnostic {
	summary := "Possible duplicate of " + o.job()
	const sent = "The provider received no confirmation of its first request to create the job, found no job, and sent a second request. The job of " +
		"the second request is in the state. "
	switch {
	case err != nil:
		return diag.NewWarningDiagnostic(summary, sent+"The search for a job of the first request failed: "+explainRequest(o, err).facts+"\n\n"+
			"Check in the ModelArts console whether a second job with this name exists, because it is billed while it runs.")
	case len(duplicates) == 0:
		return nil
	}
	return diag.NewWarningDiagnostic(summary, sent+"The first request might have created this job:\n"+statuses(duplicates, o.name)+"\n\n"+
		"A job is billed while it runs. If no other user created this one, delete it in the ModelArts console. To manage it instead, add another "+
		"resource block, and import the job to the address of that block:"+importHint(duplicates))
}

func interruptWarning(o operation, job *modelarts.VisualizationJob) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Interrupted while waiting for "+o.job(),
		fmt.Sprintf("The last status of the job is %s. The job is in the state and isn't tainted. ModelArts continues to start or stop it, "+
			"and it is billed while it runs. Run terraform plan to see its status.", job.Status))
}

func incompleteWarning() diag.Diagnostic {
	return diag.NewWarningDiagnostic("The list of visualization jobs might be incomplete", incompleteList)
}

func adoptedWarning(o operation) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Did not delete "+o.job(),
		"Another resource of this apply has the same name and train_url, and adopt_existing = true, so it adopted the job. "+
			"With create_before_destroy, that resource can be the replacement of this one. The job is unchanged. In the state, it now belongs "+
			"to the other resource.\n\nTo replace a job with create_before_destroy, change its name or its train_url.")
}

// failedWarning warns of a failed job. A plan shows no difference for it if the configuration omits running.
func failedWarning(o operation, job *modelarts.VisualizationJob) diag.Diagnostic {
	o.name = cmp.Or(o.name, job.Name) // An import has no name before its first read.
	return diag.NewWarningDiagnostic("Failed: "+o.job(),
		fmt.Sprintf("The job failed with status %s. ModelArts gives no reason. The job doesn't restart by itself.\n\n%s\n\n"+
			"The next apply with running = true in the configuration restarts the job. "+
			"To delete it, remove its resource block and run terraform apply.",
			job.Status, askConsole))
}

func notRefreshedWarning(o operation) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Did not refresh "+o.job(),
		"The configuration of the provider depends on values that are known only after an apply, so the provider can't read the job yet. "+
			"The plan uses the job as it is in the state.")
}
