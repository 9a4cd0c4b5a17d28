package visualizationjob

import (
	"cmp"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
)

// kind is the kind of an operation. It decides what a failed operation leaves behind.
type kind int

const (
	_ kind = iota
	// Operations of the resource.
	creating
	adopting // a create that found the job
	refreshing
	updating
	deleting
	// Operations of the data sources and of the list resource.
	reading
	listing
	// The operation of an action.
	invoking
)

// verbs has the verb of each kind. An action has its own.
var verbs = map[kind]string{
	creating: "create", adopting: "adopt", refreshing: "read", updating: "update", deleting: "delete", reading: "read", listing: "list",
}

// operation is an operation on a job, as diagnostics name it.
type operation struct {
	kind    kind
	action  string // the verb of an action
	name    string // of the job; may be empty
	id      string // of the job; empty before it has one
	timeout time.Duration
}

// listJobs is the operation of a list of jobs.
var listJobs = operation{kind: listing, timeout: defaultReadTimeout}

// operation describes work on the job of a state.
func (m *jobModel) operation(k kind, timeout time.Duration) operation {
	return operation{kind: k, name: m.Name.ValueString(), id: m.ID.ValueString(), timeout: timeout}
}

func (o operation) job() string {
	switch {
	case o.name == "" && o.id == "":
		return "visualization jobs"
	case o.name != "" && o.id != "":
		return fmt.Sprintf("visualization job %q (ID %s)", o.name, o.id)
	case o.name != "":
		return fmt.Sprintf("visualization job %q", o.name)
	default:
		return "visualization job " + o.id
	}
}

func (o operation) verb() string { return cmp.Or(o.action, verbs[o.kind]) }

// summary returns the summary of the diagnostic of a failed operation.
func (o operation) summary() string { return fmt.Sprintf("Could not %s %s", o.verb(), o.job()) }

// isManaging reports whether the operation is one of the resource.
func (o operation) isManaging() bool {
	switch o.kind {
	case creating, adopting, refreshing, updating, deleting:
		return true
	default:
		return false
	}
}

// isTainted reports whether Terraform taints the job if the operation fails, as it does with a job that a failed create
// added to the state.
func (o operation) isTainted() bool { return o.kind == creating && o.id != "" }

// setting returns the argument with the timeout of the operation, or "".
func (o operation) setting() string {
	switch {
	case o.kind == invoking:
		return "timeouts.invoke"
	case o.kind == adopting:
		return "timeouts.create"
	case o.isManaging():
		return "timeouts." + o.verb()
	default:
		return ""
	}
}

// outcome says what a failed operation leaves behind, and what to run next.
func (o operation) outcome() string {
	switch {
	case o.kind == invoking:
		return "The job wasn't rolled back. Run the action again to resume."
	case o.isTainted():
		return "The job is in the state and is tainted, so the next apply replaces it. " +
			"To keep the job, run terraform untaint ADDRESS, then terraform plan to see the remaining changes."
	case o.kind == creating:
		return "No job was created. Run terraform apply again to create it."
	case o.kind == adopting:
		return "The adoption isn't complete, so nothing was added to the state. The job still exists. " +
			"The next apply adopts it again, unless this apply also deletes it for another resource."
	default:
		return "The job is in the state. Run the command again to resume."
	}
}

// again says, without a period, how to repeat the operation.
func (o operation) again() string {
	switch {
	case o.kind == invoking:
		return "run the action again to resume"
	case o.isTainted(), o.kind == adopting, o.kind == reading, o.kind == listing:
		return "run the command again"
	default:
		return "run the command again to resume"
	}
}

// settleOptions returns the options of an operation on the job of the model.
func (m *jobModel) settleOptions(o operation, diags *diag.Diagnostics) lifecycle.SettleOptions {
	options := o.settleOptions(diags)
	options.Name, options.TrainURL = m.Name.ValueString(), m.TrainURL.ValueString()
	return options
}

// settleOptions returns options that add a warning for each repeated request.
func (o operation) settleOptions(diags *diag.Diagnostics) lifecycle.SettleOptions {
	return lifecycle.SettleOptions{OnRepeat: func(r lifecycle.Repetition) { diags.Append(repeatWarning(o, r)) }}
}
