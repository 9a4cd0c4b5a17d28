package visualizationjob

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// Guides is the address of the guides.
const Guides = "https://github.com/opentelekomcloud-community/terraform-provider-modelarts/blob/main/docs/guides/"

// guide is the address of the troubleshooting guide, without the anchor of a heading.
const guide = Guides + "troubleshooting.md#"

// errorDiagnostic returns the diagnostic of a failed operation. Its summary says what failed, on which job. Its detail
// has the facts that the API returned, what they mean, what to do, and a link to the guide. If the error is about an
// attribute, the diagnostic points to it.
func errorDiagnostic(o operation, err error) diag.Diagnostic {
	return explain(o, err).diagnostic(o.summary())
}

type explanation struct {
	attribute string // at fault; can be empty
	facts     string // how the request or the operation ended
	remedy    string // can be empty
	anchor    string // of the heading in the guide; "" for the one that explains how to find a message
}

func (e explanation) diagnostic(summary string) diag.Diagnostic {
	detail := paragraphs(e.facts, e.remedy, "See "+guide+cmp.Or(e.anchor, "could-not"))
	if e.attribute == "" {
		return diag.NewErrorDiagnostic(summary, detail)
	}
	return diag.NewAttributeErrorDiagnostic(path.Root(e.attribute), summary, detail)
}

func explain(o operation, err error) explanation {
	if wait, ok := errors.AsType[*lifecycle.WaitError](err); ok {
		return explainWait(o, wait)
	}
	if failed, ok := errors.AsType[*lifecycle.FailedError](err); ok {
		return explainFailed(o, failed)
	}
	if exists, ok := errors.AsType[*lifecycle.ExistsError](err); ok {
		return explainExists(exists)
	}
	if lost, ok := errors.AsType[*lifecycle.LostError](err); ok {
		return explainLost(o, lost)
	}
	if gone, ok := errors.AsType[*lifecycle.NotFoundError](err); ok {
		return explainGone(o, gone)
	}
	if other, ok := errors.AsType[*lifecycle.OtherJobError](err); ok {
		return explainOther(o, other)
	}
	request := explainRequest(o, err)
	request.remedy = paragraphs(request.remedy, o.outcome)
	return request
}

// paragraphs joins those that are not empty.
func paragraphs(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(one string) bool { return one == "" }), "\n\n")
}

func explainRequest(o operation, err error) explanation {
	if response, ok := errors.AsType[*modelarts.Error](err); ok {
		return explainResponse(o, response)
	}
	var host, previous string // of the request, and the end of its previous attempt
	none, noResponse := errors.AsType[*modelarts.NoResponseError](err)
	if noResponse && none.Host != "" {
		host = "\nHost: " + none.Host
	}
	if noResponse && none.Last != nil {
		previous = "The previous attempt failed: " + none.Last.Error()
	}
	connection := httpclient.ExplainConnection(err, "the API")
	throttled, isThrottled := errors.AsType[*modelarts.ThrottledError](err)
	credentials, isCredentials := errors.AsType[*httpclient.CredentialsError](err)
	proxy, isProxy := errors.AsType[*httpclient.ProxyError](err)
	switch end := ended(err); {
	case end != nil:
		explained := explainEnd(o, end)
		explained.facts = paragraphs(explained.facts, previous)
		return explained
	case isThrottled:
		facts := fmt.Sprintf("ModelArts received too many requests and accepts no more for %s, which is longer than the rest of the timeout.",
			inWords(throttled.Wait))
		remedy := "Run the command again after that time."
		if o.setting != "" {
			remedy = fmt.Sprintf("Run the command again after that time, or increase %s to more than %s.", o.setting, inWords(throttled.Wait))
		}
		return explanation{facts: paragraphs(facts, previous), remedy: remedy, anchor: "too-many-requests"}
	case isCredentials:
		return explanation{facts: sanitize.Capitalize(credentials.Error()), remedy: connection.Hint, anchor: credentials.Anchor}
	case isProxy:
		return explanation{facts: sanitize.Capitalize(proxy.Error()) + ".", remedy: connection.Hint, anchor: connection.Anchor}
	case connection.Hint != "":
		return explanation{facts: connection.Summary + ": " + err.Error() + host, remedy: connection.Hint, anchor: connection.Anchor}
	case noResponse && !none.Sent:
		return explanation{facts: "The provider couldn't connect to the API: " + err.Error() + host, remedy: checkNetwork, anchor: "no-connection"}
	case noResponse:
		return explanation{facts: "The provider received no usable response: " + err.Error() + host, remedy: checkNetwork, anchor: "no-usable-response"}
	default:
		return explanation{facts: err.Error()}
	}
}

// explainEnd explains a request that ended with the operation.
func explainEnd(o operation, end error) explanation {
	if errors.Is(end, context.Canceled) {
		return explanation{facts: "The operation was interrupted.", remedy: runAgain, anchor: "request-interrupted"}
	}
	remedy := "Run the command again. The timeout of data sources and lists can't be changed."
	switch {
	case o.kind == refreshing && o.name != "": // an import has no state yet
		remedy = "Increase timeouts.read in the configuration, then run terraform apply -refresh=false and check that its plan changes only timeouts. " +
			"A refresh uses the timeout in the state, which only an apply changes."
	case o.setting != "":
		remedy = fmt.Sprintf("Increase %s, or run the command again.", o.setting)
	}
	return explanation{facts: fmt.Sprintf("The operation timed out after %s.", inWords(o.timeout)), remedy: remedy, anchor: "request-timed-out"}
}

func explainResponse(o operation, e *modelarts.Error) explanation {
	key, help := helpFor(e)
	explained := explanation{
		facts:  auth.Facts(e.Message, e.Code, e.StatusCode, e.RequestID, e.Operation+"\nHost: "+e.Host),
		remedy: help.meaning + " " + help.remedy,
		anchor: cmp.Or(anchorOf(key), "api-message"),
	}
	// A 401 can also be about a policy or the account. These two remedies depend on the authentication method.
	switch {
	case e.AuthHint != "" && (key == "" || help.remedy == askAuth || help.remedy == askToken):
		explained.remedy = strings.TrimSpace(help.meaning + " " + e.AuthHint)
	case key == "":
		explained.remedy = remedyByStatus(e)
	case !o.isManaging(): // only a resource configures the attributes that the API names
	case help.attribute == "" && modelarts.IsParameterError(e):
		explained.attribute = attributeIn(string(e.Message))
	default:
		explained.attribute = help.attribute
	}
	return explained
}

// remedyByStatus returns the remedy for an error response without a known code.
func remedyByStatus(e *modelarts.Error) string {
	switch status := e.StatusCode; {
	case status == http.StatusUnauthorized:
		return askAuth
	case status == http.StatusForbidden:
		return askPolicy + " If the credentials have them, check whether a firewall or a proxy rejected the request."
	case status == http.StatusNotFound || status >= 300 && status <= 399:
		return checkPath
	case status >= http.StatusInternalServerError:
		return runAgain
	case e.RequestID != "":
		return askMessage
	default:
		return checkPath
	}
}

// parameterNames finds the names of parameters in a message of the API. Those that aren't names of attributes are in
// parameterAttributes.
var (
	parameterNames      = regexp.MustCompile(`\b(illegal name|job_name|job_desc|description|train_url|obs|flavor|schedule|job_type)\b`)
	parameterAttributes = map[string]string{"illegal name": "name", "job_name": "name", "job_desc": "description", "obs": "train_url"}
)

// attributeIn returns the attribute that the message of a parameter error names, or "" if it names none or several.
// It only decides where a diagnostic points to.
func attributeIn(message string) string {
	var found string
	for _, name := range parameterNames.FindAllString(strings.ToLower(message), -1) {
		attribute := cmp.Or(parameterAttributes[name], name)
		if found != "" && found != attribute {
			return ""
		}
		found = attribute
	}
	return found
}

// ended returns the error of the context that ended the operation, or nil. errors.Is would also match the timeout of a
// connection, which doesn't end the operation.
func ended(err error) error {
	for ; err != nil; err = errors.Unwrap(err) {
		if err == context.DeadlineExceeded || err == context.Canceled { //nolint:errorlint // see above
			return err
		}
	}
	return nil
}

// incompleteList explains why a list might lack jobs.
const incompleteList = "The list might be incomplete: either jobs were deleted while the provider read the list, or ModelArts returned a wrong count. " +
	"If a job is missing, run the command again."

const maxShown = 20

// statuses returns a line for each job, with its ID and its status, and with its name unless that is the name.
func statuses(jobs []modelarts.VisualizationJob, name string) string {
	lines := make([]string, 0, len(jobs))
	for i, job := range jobs {
		if i == maxShown {
			lines = append(lines, fmt.Sprintf("  - and %d more", len(jobs)-i))
			break
		}
		line := fmt.Sprintf("ID %d, status %s", job.ID, job.Status)
		if job.Name != name {
			line = fmt.Sprintf("%q, %s", job.Name, line)
		}
		if !job.CreateTime.IsZero() {
			line += ", created " + job.CreateTime.Format(time.RFC3339)
		}
		lines = append(lines, "  - "+line)
	}
	return strings.Join(lines, "\n")
}

// importHint returns the command that imports one of the jobs. A provider doesn't know the address of the resource.
func importHint(jobs []modelarts.VisualizationJob) string {
	id := "ID"
	if len(jobs) == 1 {
		id = strconv.FormatInt(jobs[0].ID, 10)
	}
	return "\n  terraform import ADDRESS " + id
}

// zeroUnits removes zero units at the end of a duration.
var zeroUnits = strings.NewReplacer("h0m0s", "h", "m0s", "m")

// inWords returns a duration in whole seconds without its zero units: "20m", not "20m0s".
func inWords(d time.Duration) string { return zeroUnits.Replace(d.Round(time.Second).String()) }
