package visualizationjob

import (
	"context"
	"crypto/tls"
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
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/printable"
)

// kind is on whose behalf an operation is: it tells what is left of one that failed.
type kind int

const (
	managing kind = iota // a resource: the job is in the state, or about to be
	reading              // a data source or a list
	invoking             // an action
)

// operation is what was being done to which job, for a diagnostic to say.
type operation struct {
	kind    kind
	verb    string // "create", "read", "update" or "delete" of a resource: also the name of its timeout
	name    string // of the job; may be empty
	id      string // of the job; empty before it has one
	timeout time.Duration
}

// listing is the operation of who lists jobs.
func listing() operation {
	return operation{kind: reading, verb: "list", timeout: defaultReadTimeout}
}

func (o operation) job() string {
	switch {
	case o.name == "" && o.id == "":
		return "visualization jobs"
	case o.name != "" && o.id != "":
		return fmt.Sprintf("visualization job %q (id %s)", o.name, o.id)
	case o.name != "":
		return fmt.Sprintf("visualization job %q", o.name)
	default:
		return "visualization job " + o.id
	}
}

// operation describes work on the job of a state.
func (m *jobModel) operation(verb string, timeout time.Duration) operation {
	return operation{verb: verb, name: m.Name.ValueString(), id: m.ID.ValueString(), timeout: timeout}
}

// isTainted reports whether Terraform taints the job when the operation fails: it
// does so with what a create puts into the state.
func (o operation) isTainted() bool { return o.verb == "create" && o.id != "" }

// setting is the argument that says how long the operation may take, or "".
func (o operation) setting() string {
	switch o.kind {
	case reading:
		return ""
	case invoking:
		return "timeouts.invoke"
	default:
		return "timeouts." + o.verb
	}
}

// outcome says what is left of a failed operation, and what the next one does.
func (o operation) outcome() string {
	switch {
	case o.kind == invoking:
		return "Nothing was undone. Invoke the action again: it goes on from what is there."
	case o.isTainted():
		return fmt.Sprintf("The job %s is in the state and marked as tainted: the next apply replaces it. "+
			"To keep it, run terraform untaint once it is well.", o.id)
	default:
		return fmt.Sprintf("The job %s is in the state; the next apply goes on from there.", o.id)
	}
}

// again says what to do about what passes by itself.
func (o operation) again() string {
	if o.isTainted() || o.kind == reading {
		return "run it again."
	}
	return "run it again: it goes on from what is there."
}

// errorDiagnostic is the one way from an error to what a user reads: what was
// being done to which job, what the API said, what that means, what to do.
func errorDiagnostic(o operation, err error) diag.Diagnostic {
	var attribute string
	var paragraphs []string
	var wait *lifecycle.WaitError
	var failed *lifecycle.FailedError
	var exists *lifecycle.ExistsError
	var lost *lifecycle.LostError
	var gone *lifecycle.NotFoundError
	switch {
	case errors.As(err, &wait):
		attribute, paragraphs = explainWait(o, wait)
	case errors.As(err, &failed):
		paragraphs = explainFailed(o, failed)
	case errors.As(err, &exists):
		attribute, paragraphs = "name", explainExists(exists)
	case errors.As(err, &lost):
		attribute, paragraphs = explainLost(o, lost)
	case errors.As(err, &gone) && o.isTainted():
		paragraphs = []string{"The API accepted the create, and does not show the job: somebody deleted it, or it shows very late.", o.outcome()}
	case errors.As(err, &gone) && o.kind == managing:
		paragraphs = []string{"The job does not exist any more.", "Run terraform plan: it shows what is there now."}
	case errors.As(err, &gone):
		_, answer := explainCall(o, gone.Err)
		paragraphs = []string{answer[0], "There is no job of this id in the project that the provider is configured for."}
		return diag.NewAttributeErrorDiagnostic(path.Root("id"), o.summary(), strings.Join(paragraphs, "\n\n"))
	default:
		attribute, paragraphs = explainCall(o, err)
		if o.isTainted() {
			paragraphs = append(paragraphs, o.outcome())
		}
	}
	detail := strings.Join(paragraphs, "\n\n")
	if attribute == "" || o.kind != managing { // only a resource configures what the API speaks of
		return diag.NewErrorDiagnostic(o.summary(), detail)
	}
	return diag.NewAttributeErrorDiagnostic(path.Root(attribute), o.summary(), detail)
}

func (o operation) summary() string { return fmt.Sprintf("Could not %s %s", o.verb, o.job()) }

// explainCall explains the error of one call to the API.
func explainCall(o operation, err error) (attribute string, paragraphs []string) {
	var refusal *modelarts.Error
	if errors.As(err, &refusal) {
		return explainRefusal(o, refusal)
	}
	var none *modelarts.NoAnswerError
	var credentials *auth.CredentialsError
	var untrusted *tls.CertificateVerificationError
	var before []string
	if errors.As(err, &none) && none.Last != nil {
		before = []string{"The attempt before ended with: " + none.Last.Error()}
	}
	switch end := ended(err); {
	case errors.Is(end, context.DeadlineExceeded):
		advice := printable.Capitalised(o.again())
		if setting := o.setting(); setting != "" {
			advice = fmt.Sprintf("Raise %s, or run it again.", setting)
		}
		return "", slices.Concat([]string{fmt.Sprintf("It was not done within %s.", o.timeout)}, before, []string{advice})
	case end != nil:
		return "", slices.Concat([]string{"It was interrupted."}, before, []string{printable.Capitalised(o.again())})
	case errors.As(err, &credentials):
		return "", []string{printable.Capitalised(credentials.Error()), askAuth}
	case errors.As(err, &untrusted):
		return "", []string{"The certificate of the API is not trusted: " + err.Error(), auth.AdviceOnTrust}
	case auth.IsTLSAlert(err):
		return "", []string{"The API ended the TLS connection: " + err.Error(), auth.AdviceOnAlert}
	case errors.As(err, &none):
		return "", []string{
			"The API gave no usable answer: " + err.Error(),
			"Check the network, and endpoint and region of the provider. If those are right, " + o.again(),
		}
	default:
		return "", []string{err.Error()}
	}
}

// explainRefusal explains an answer that says no.
func explainRefusal(o operation, e *modelarts.Error) (attribute string, paragraphs []string) {
	message := e.Message
	if message == "" {
		message = "(no message)"
	}
	facts := []string{"API message: " + message}
	if e.Code != "" {
		facts = append(facts, "Error code: "+e.Code)
	}
	facts = append(facts, fmt.Sprintf("HTTP status: %d", e.StatusCode))
	if e.RequestID != "" {
		facts = append(facts, "Request id: "+e.RequestID)
	}
	facts = append(facts, "Call: "+e.Operation)
	paragraphs = []string{strings.Join(facts, "\n")}

	help, known := errorCodes[e.Code]
	// A 401 of the service itself can be about a policy or the account.
	aboutCredentials := !known || !strings.HasPrefix(e.Code, "ModelArts.")
	if e.Advice != "" && aboutCredentials {
		return "", append(paragraphs, e.Advice)
	}
	if !known {
		return "", append(paragraphs, remedyByStatus(o, e))
	}
	attribute = help.attribute
	if attribute == "" && modelarts.IsParameterError(e) {
		attribute = attributeIn(e.Message)
	}
	return attribute, append(paragraphs, help.meaning+" "+help.remedy)
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
		return printable.Capitalised(o.again())
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

func explainWait(o operation, e *lifecycle.WaitError) (attribute string, paragraphs []string) {
	seen := "The job was never seen."
	if e.Last != nil {
		seen = "The job was last seen in status " + e.Last.Status.String() + "."
	}
	waited := fmt.Sprintf("%s The wait for it to be %s took %s.", seen, e.Goal, roundWait(e.Waited))
	if e.Accepted > 0 {
		waited += fmt.Sprintf(" The API accepted %d call(s) on the way.", e.Accepted)
	}
	paragraphs = []string{waited}
	if e.Refusal != nil && !errors.Is(e.Err, e.Refusal) {
		_, last := explainCall(o, e.Refusal)
		paragraphs = append(paragraphs, "The last refusal on the way:\n"+last[0])
	}
	if e.Outage != nil && !errors.Is(e.Err, e.Outage) {
		_, last := explainCall(o, e.Outage)
		paragraphs = append(paragraphs, "The API did not answer any more in the end:\n"+last[0])
	}
	switch end := ended(e.Err); {
	case errors.Is(end, context.DeadlineExceeded):
		raise := "Raise it if the job only needs longer."
		if o.verb == "delete" {
			raise = "If the job only needs longer, raise it and apply that first: a delete goes by what is in the state."
		}
		return "", append(paragraphs, fmt.Sprintf("The time of %s = %q is over. %s %s", o.setting(), o.timeout, raise, o.outcome()))
	case end != nil:
		return "", append(paragraphs, "It was interrupted. "+o.outcome())
	default:
		attribute, cause := explainCall(o, e.Err)
		return attribute, append(append(paragraphs, cause...), o.outcome())
	}
}

func explainFailed(o operation, e *lifecycle.FailedError) []string {
	next := "The job is in the state. Run terraform apply to have it started again."
	if o.isTainted() || o.kind == invoking {
		next = o.outcome()
	}
	return []string{
		fmt.Sprintf("The job went to status %s, %s after the wait began. The API gives no reason.", e.Job.Status, roundWait(e.Waited)),
		"Look at the job in the ModelArts console. Often the cause is that train_url does not exist, holds no event files, " +
			"or may not be read by ModelArts.",
		next,
	}
}

func explainExists(e *lifecycle.ExistsError) []string {
	paragraphs := []string{
		fmt.Sprintf("A job of this name and train_url exists already, so none was created:\n%s", listJobs(e.Jobs)),
	}
	if e.Owned {
		return append(paragraphs, "It belongs to another resource of this apply. Give this one another name or another train_url.")
	}
	if len(e.Jobs) > 1 {
		return append(paragraphs, "More than one cannot be adopted. Delete what nobody needs, or import one of them:"+importHint(e.Jobs))
	}
	return append(paragraphs,
		"It may come from an apply that was killed, or belong to another configuration. Take it into this state with:"+
			importHint(e.Jobs)+"\nOr set adopt_existing = true to have a create do so by itself, or choose another name.")
}

func explainLost(o operation, e *lifecycle.LostError) (attribute string, paragraphs []string) {
	attribute, cause := explainCall(o, e.Err)
	paragraphs = []string{
		"The answer to the create was lost, so it is not certain whether the job was created.",
		cause[0],
	}
	if e.Look != nil {
		failure := "There was no time left for it."
		if ended(e.Look) == nil {
			_, look := explainCall(o, e.Look)
			failure = look[0]
		}
		paragraphs = append(paragraphs, "The look for the job failed:\n"+failure)
	}
	if len(e.Candidates) == 0 {
		return attribute, append(paragraphs, "Run apply again: a create looks first whether the job exists.")
	}
	return attribute, append(paragraphs, fmt.Sprintf("It may be one of these:\n%s\nTake the right one into the state with:%s",
		listJobs(e.Candidates), importHint(e.Candidates)))
}

func listJobs(jobs []modelarts.VisualizationJob) string {
	lines := make([]string, 0, len(jobs))
	for _, job := range jobs {
		line := fmt.Sprintf("  - id %d, status %s", job.ID, job.Status)
		if !job.CreateTime.IsZero() {
			line += ", created " + job.CreateTime.Format(time.RFC3339)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// importHint is the command that takes the job, or each of the jobs, into the
// state. The provider does not learn the address of its resource.
func importHint(jobs []modelarts.VisualizationJob) string {
	commands := make([]string, 0, len(jobs))
	for _, job := range jobs {
		commands = append(commands, fmt.Sprintf("\n  terraform import <address of the resource> %d", job.ID))
	}
	return strings.Join(commands, "")
}

func roundWait(d time.Duration) time.Duration {
	if d < time.Second {
		return d.Round(time.Millisecond)
	}
	return d.Round(time.Second)
}
