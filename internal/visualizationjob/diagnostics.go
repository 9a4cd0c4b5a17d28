package visualizationjob

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// errorDiagnostic makes of an error what a user reads: what was being done to which
// job, what the API said, what that means, what to do. A refresh drops a job that is
// gone and a delete leaves one that was taken over: those are no errors.
func errorDiagnostic(o operation, err error) diag.Diagnostic {
	attribute, detail := explain(o, err)
	if attribute == "" {
		return diag.NewErrorDiagnostic(o.summary(), detail)
	}
	return diag.NewAttributeErrorDiagnostic(path.Root(attribute), o.summary(), detail)
}

func explain(o operation, err error) (attribute, detail string) {
	if wait, ok := errors.AsType[*lifecycle.WaitError](err); ok {
		return explainWait(o, wait)
	}
	if failed, ok := errors.AsType[*lifecycle.FailedError](err); ok {
		return "", explainFailed(o, failed)
	}
	if exists, ok := errors.AsType[*lifecycle.ExistsError](err); ok {
		return "name", explainExists(exists)
	}
	if lost, ok := errors.AsType[*lifecycle.LostError](err); ok {
		return explainLost(o, lost)
	}
	if gone, ok := errors.AsType[*lifecycle.NotFoundError](err); ok {
		return explainGone(o, gone)
	}
	if other, ok := errors.AsType[*lifecycle.OtherJobError](err); ok {
		return "", explainOther(o, other)
	}
	attribute, detail = explainCall(o, err)
	if o.isTainted() || o.kind == adopting {
		detail = paragraphs(detail, o.outcome())
	}
	return attribute, detail
}

// paragraphs joins those that are not empty.
func paragraphs(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(one string) bool { return one == "" }), "\n\n")
}

func explainGone(o operation, e *lifecycle.NotFoundError) (attribute, detail string) {
	switch {
	case o.isTainted():
		return "", paragraphs("The API accepted the create, and does not show the job: somebody deleted it, or it shows very late.", o.outcome())
	case o.isManaging():
		return "", paragraphs("The job does not exist any more.", "Run terraform plan: it shows what is there now.")
	default:
		return "id", paragraphs(callFacts(o, e.Err), "There is no job of this id in the project that the provider is configured for.")
	}
}

// explainCall explains the error of one call to the API.
func explainCall(o operation, err error) (attribute, detail string) {
	attribute, advice := callAdvice(o, err)
	return attribute, paragraphs(callFacts(o, err), advice)
}

// callFacts says how a call to the API ended.
func callFacts(o operation, err error) string {
	if refusal, ok := errors.AsType[*modelarts.Error](err); ok {
		return refusalFacts(refusal)
	}
	none, unanswered := errors.AsType[*modelarts.NoAnswerError](err)
	if end := ended(err); end != nil {
		facts, before := "It was interrupted.", ""
		if errors.Is(end, context.DeadlineExceeded) {
			facts = fmt.Sprintf("It was not done within %s.", o.timeout)
		}
		if unanswered && none.Last != nil {
			before = "The attempt before ended with: " + none.Last.Error()
		}
		return paragraphs(facts, before)
	}
	if throttled, ok := errors.AsType[*modelarts.ThrottledError](err); ok {
		facts := fmt.Sprintf("The API refuses requests because there are too many, and asks to wait %s. "+
			"The operation has less time.", roundWait(throttled.Wait))
		if refusal, ok := errors.AsType[*modelarts.Error](none.Last); ok {
			facts = paragraphs(facts, refusalFacts(refusal))
		}
		return facts
	}
	if credentials, ok := errors.AsType[*auth.CredentialsError](err); ok {
		return sanitize.Capitalize(credentials.Error())
	}
	proxy, stuck := errors.AsType[*auth.ProxyError](err)
	switch {
	case stuck:
		return sanitize.Capitalize(proxy.Error()) + "."
	case auth.IsUntrusted(err):
		return "The certificate of the API is not trusted: " + err.Error()
	case auth.IsTLSAlert(err):
		return "The API ended the TLS connection: " + err.Error()
	case unanswered:
		return "The API gave no usable answer: " + err.Error()
	default:
		return err.Error()
	}
}

// callAdvice says what to do about a call that ended so, and which attribute is at fault.
func callAdvice(o operation, err error) (attribute, advice string) {
	if refusal, ok := errors.AsType[*modelarts.Error](err); ok {
		return refusalAdvice(o, refusal)
	}
	if end := ended(err); end != nil {
		if setting := o.setting(); setting != "" && errors.Is(end, context.DeadlineExceeded) {
			if o.kind == refreshing && o.name != "" { // an import has no state yet
				return "", "Raise timeouts.read in the configuration, then run terraform apply -refresh=false, and check that its plan changes only timeouts. " +
					"A refresh uses the timeout in the state, and only an apply changes that."
			}
			return "", fmt.Sprintf("Raise %s, or run it again.", setting)
		}
		return "", sanitize.Capitalize(o.again())
	}
	if throttled, ok := errors.AsType[*modelarts.ThrottledError](err); ok {
		if setting := o.setting(); setting != "" {
			return "", fmt.Sprintf("Raise %s to more than %s, or run it again after that time.", setting, roundWait(throttled.Wait))
		}
		return "", "Run it again after that time."
	}
	_, withoutCredentials := errors.AsType[*auth.CredentialsError](err)
	_, unanswered := errors.AsType[*modelarts.NoAnswerError](err)
	proxy, stuck := errors.AsType[*auth.ProxyError](err)
	switch {
	case stuck:
		return "", proxy.Advice()
	case withoutCredentials:
		return "", askAuth
	case auth.IsUntrusted(err):
		return "", auth.AdviceOnTrust
	case auth.IsTLSAlert(err):
		return "", auth.AdviceOnAlert
	case unanswered:
		return "", "Check the network, and endpoint and region of the provider. If those are right, " + o.again()
	default:
		return "", ""
	}
}

// refusalFacts is what the API says of a call, line by line.
func refusalFacts(e *modelarts.Error) string {
	return auth.Facts(e.Message, e.Code, e.StatusCode, e.RequestID, e.Operation)
}

func refusalAdvice(o operation, e *modelarts.Error) (attribute, advice string) {
	help, known := helpFor(e)
	// A 401 can also be about a policy or the account.
	switch {
	case e.Advice != "" && (!known || help.isAboutCredentials()):
		return "", strings.TrimSpace(help.meaning + " " + e.Advice)
	case !known:
		return "", remedyByStatus(o, e)
	}
	attribute = help.attribute
	if attribute == "" && modelarts.IsParameterError(e) {
		attribute = attributeIn(string(e.Message))
	}
	if !o.isManaging() {
		attribute = "" // only a resource configures what the API speaks of
	}
	return attribute, help.meaning + " " + help.remedy
}

// remedyByStatus says what to do about an answer whose code says nothing.
func remedyByStatus(o operation, e *modelarts.Error) string {
	switch status := e.StatusCode; {
	case status == http.StatusUnauthorized:
		return askAuth
	case status == http.StatusForbidden:
		return askPolicy
	case status == http.StatusNotFound || status >= 300 && status <= 399:
		return "Check endpoint and region of the provider."
	case status == http.StatusTooManyRequests || status >= http.StatusInternalServerError:
		return sanitize.Capitalize(o.again())
	case e.RequestID != "":
		return "If the message does not help, give the request id to support."
	default:
		return "If the message does not help, check endpoint and region of the provider."
	}
}

// parameterNames finds what a parameter error names, as the API calls it.
var parameterNames = regexp.MustCompile(`(?i)\b(illegal name|job_name|job_desc|description|train_url|obs|flavor|schedule|job_type)\b`)

// attributeIn finds in a parameter error the one attribute that it names. It
// decides where a diagnostic is shown and nothing else.
func attributeIn(message string) string {
	var found string
	for _, name := range parameterNames.FindAllString(message, -1) {
		attribute := strings.ToLower(name)
		switch attribute {
		case "illegal name", "job_name":
			attribute = "name"
		case "job_desc":
			attribute = "description"
		case "obs":
			attribute = "train_url"
		}
		if found != "" && found != attribute {
			return ""
		}
		found = attribute
	}
	return found
}

// isInterrupt reports whether err is that somebody interrupted the operation. One
// that ran out of time was not.
func isInterrupt(err error) bool { return errors.Is(ended(err), context.Canceled) }

// ended returns the context's error that err is, or nil. errors.Is of err itself would also
// take a connection that timed out for the end of the operation.
func ended(err error) error {
	for ; err != nil; err = errors.Unwrap(err) {
		if err == context.DeadlineExceeded || err == context.Canceled { //nolint:errorlint // see above
			return err
		}
	}
	return nil
}

func explainWait(o operation, e *lifecycle.WaitError) (attribute, detail string) {
	waited := fmt.Sprintf("%s The wait for it to be %s took %s.", lastSeen(o, e), e.Goal, roundWait(e.Waited))
	if e.Accepted > 0 {
		waited += fmt.Sprintf(" The API accepted %d call(s) on the way.", e.Accepted)
	}
	var refusal, outage, cause string
	if e.Rejection != nil && !errors.Is(e.Err, e.Rejection) {
		refusal = "The last refusal on the way:\n" + callFacts(o, e.Rejection)
	}
	if e.Outage != nil && !errors.Is(e.Err, e.Outage) {
		outage = "The API did not answer any more in the end:\n" + callFacts(o, e.Outage)
	}
	outcome := o.outcome()
	switch end := ended(e.Err); {
	case errors.Is(end, context.DeadlineExceeded):
		raise := "Raise it if the job only needs longer."
		if o.kind == deleting {
			raise = "If the job only needs longer, raise it and apply that first: a delete goes by what is in the state."
		}
		outcome = fmt.Sprintf("The time of %s = %q is over. %s %s", o.setting(), o.timeout, raise, outcome)
	case end != nil:
		outcome = "It was interrupted. " + outcome
	default:
		attribute, cause = explainCall(o, e.Err)
	}
	return attribute, paragraphs(waited, refusal, outage, cause, outcome)
}

// lastSeen says how the job was that a wait was for.
func lastSeen(o operation, e *lifecycle.WaitError) string {
	switch {
	case e.Goal == "adopted":
		return "Another resource of this apply adopts the job."
	case e.Last == nil:
		return "The job was never seen."
	case o.id == "": // of a create
		return fmt.Sprintf("This apply deletes the job %d of the same name and train_url, which was last seen in status %s.", e.ID, e.Last.Status)
	default:
		return "The job was last seen in status " + e.Last.Status.String() + "."
	}
}

func explainFailed(o operation, e *lifecycle.FailedError) string {
	next := "The job is in the state. Run terraform apply to have it started again."
	if o.isTainted() || o.kind == adopting || o.kind == invoking {
		next = o.outcome()
	}
	return paragraphs(
		fmt.Sprintf("The job went to status %s, %s after the wait began. The API gives no reason.", e.Job.Status, roundWait(e.Waited)),
		askConsole,
		next)
}

// movedBlock is what a user adds to the configuration after renaming a resource. The
// provider does not learn the addresses.
const movedBlock = `  moved {
    from = modelarts_visualization_job.OLD
    to   = modelarts_visualization_job.NEW
  }`

func explainExists(e *lifecycle.ExistsError) string {
	var next string
	switch {
	case e.DeleteErr != nil:
		reason := e.DeleteErr.Error()
		if refusal, ok := errors.AsType[*modelarts.Error](e.DeleteErr); ok {
			reason = refusalFacts(refusal)
		}
		next = paragraphs("This apply tried to delete the job for another resource, and failed:\n"+reason,
			"That resource is still in the state. Correct the cause, then run terraform apply again.")
	case e.Owned:
		next = "It belongs to another resource of this apply. Give this one another name or another train_url."
	case len(e.Jobs) > 1:
		next = "More than one cannot be adopted. Delete what nobody needs, or import one of them:" + importHint(e.Jobs)
	default:
		next = paragraphs("If you renamed the resource or its key, a moved block avoids the replacement. Add it before you apply:\n"+movedBlock,
			"If this apply has destroyed the job by now, run terraform apply again.",
			"If the job comes from an apply that was killed, or belongs to another configuration, import it:"+importHint(e.Jobs)+
				"\nOr set adopt_existing = true, so that a create adopts the job. Or choose another name.")
	}
	return paragraphs("A job of this name and train_url exists already, so none was created:\n"+statuses(e.Jobs), next)
}

func explainLost(o operation, e *lifecycle.LostError) (attribute, detail string) {
	var look string
	if e.SearchErr != nil {
		failure := "There was no time left for it."
		if ended(e.SearchErr) == nil {
			failure = callFacts(o, e.SearchErr)
		}
		look = "The look for the job failed:\n" + failure
	}
	next := "Run apply again: a create looks first whether the job exists."
	if len(e.Candidates) > 0 {
		next = fmt.Sprintf("It may be one of these:\n%s\nTake the right one into the state with:%s", statuses(e.Candidates), importHint(e.Candidates))
	}
	attribute, _ = callAdvice(o, e.Err)
	return attribute, paragraphs("The answer to the create was lost, so it is not certain whether the job was created.",
		callFacts(o, e.Err), look, next)
}

// incompleteList says what is the matter with a list that may lack jobs.
const incompleteList = "The list may be incomplete: jobs were deleted while it was read, or the API counts wrongly. " +
	"Run it again if something is missing."

// mostListed bounds how many jobs a diagnostic lists.
const mostListed = 20

// listed has a line for each job.
func listed(jobs []modelarts.VisualizationJob, line func(modelarts.VisualizationJob) string) string {
	lines := make([]string, 0, len(jobs))
	for i, job := range jobs {
		if i == mostListed {
			lines = append(lines, fmt.Sprintf("  - and %d more", len(jobs)-i))
			break
		}
		lines = append(lines, "  - "+line(job))
	}
	return strings.Join(lines, "\n")
}

// statuses lists jobs of one name.
func statuses(jobs []modelarts.VisualizationJob) string {
	return listed(jobs, func(job modelarts.VisualizationJob) string {
		line := fmt.Sprintf("id %d, status %s", job.ID, job.Status)
		if !job.CreateTime.IsZero() {
			line += ", created " + job.CreateTime.Format(time.RFC3339)
		}
		return line
	})
}

// importHint is the command that takes the job, or each of the jobs that are listed,
// into the state. The provider does not learn the address of its resource.
func importHint(jobs []modelarts.VisualizationJob) string {
	var commands strings.Builder
	for _, job := range jobs[:min(len(jobs), mostListed)] {
		fmt.Fprintf(&commands, "\n  terraform import <address of the resource> %d", job.ID)
	}
	return commands.String()
}

func roundWait(d time.Duration) time.Duration {
	if d < time.Second {
		return d.Round(time.Millisecond)
	}
	return d.Round(time.Second)
}
