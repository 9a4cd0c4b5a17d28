package visualizationjob

import (
	"cmp"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
)

// kind is what was asked for, and by whom. It decides what a failed operation leaves behind.
type kind int

const (
	_ kind = iota
	// Of a resource: the job is in the state, or about to be.
	creating
	adopting // a create that found the job
	refreshing
	updating
	deleting
	// Of a data source, and of all that lists jobs.
	reading
	listing
	// Of an action.
	invoking
)

// verbs has what a user calls the kinds. An action has its own.
var verbs = map[kind]string{
	creating: "create", adopting: "adopt", refreshing: "read", updating: "update", deleting: "delete", reading: "read", listing: "list",
}

// operation is what was being done to which job, for a diagnostic to say.
type operation struct {
	kind    kind
	action  string // the verb of an action
	name    string // of the job; may be empty
	id      string // of the job; empty before it has one
	timeout time.Duration
}

// listJobs is the operation of all that lists jobs.
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
		return fmt.Sprintf("visualization job %q (id %s)", o.name, o.id)
	case o.name != "":
		return fmt.Sprintf("visualization job %q", o.name)
	default:
		return "visualization job " + o.id
	}
}

func (o operation) verb() string { return cmp.Or(o.action, verbs[o.kind]) }

// summary is that of the diagnostic of a failed operation.
func (o operation) summary() string { return fmt.Sprintf("Could not %s %s", o.verb(), o.job()) }

// isManaging reports whether it is the operation of a resource.
func (o operation) isManaging() bool {
	switch o.kind {
	case creating, adopting, refreshing, updating, deleting:
		return true
	default:
		return false
	}
}

// isTainted reports whether Terraform taints the job when the operation fails: it
// does so with what a create puts into the state.
func (o operation) isTainted() bool { return o.kind == creating && o.id != "" }

// setting is the argument that says how long the operation may take, or "".
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

// outcome says what is left of a failed operation, and what the next one does.
func (o operation) outcome() string {
	switch {
	case o.kind == invoking:
		return "Nothing was undone. Invoke the action again: it goes on from what is there."
	case o.isTainted():
		return fmt.Sprintf("The job %s is in the state and marked as tainted: the next apply replaces it. "+
			"To keep it, run terraform untaint once it is well.", o.id)
	case o.kind == creating:
		return "No job was created. The next apply creates it."
	case o.kind == adopting:
		return fmt.Sprintf("The adoption isn't complete, so it added nothing to the state. The job %s still exists. "+
			"The next apply adopts it again, unless this apply also destroys it under another address.", o.id)
	default:
		return fmt.Sprintf("The job %s is in the state; the next apply goes on from there.", o.id)
	}
}

// again says what to do about what passes by itself.
func (o operation) again() string {
	if o.isTainted() || o.kind == adopting || o.kind == reading || o.kind == listing {
		return "run it again."
	}
	return "run it again: it goes on from what is there."
}

// settleOptions are those of an operation on the job of the model.
func (m *jobModel) settleOptions(o operation, diags *diag.Diagnostics) lifecycle.SettleOptions {
	options := o.settleOptions(diags)
	options.Name, options.TrainURL = m.Name.ValueString(), m.TrainURL.ValueString()
	return options
}

// settleOptions has a warning made of every call that is repeated.
func (o operation) settleOptions(diags *diag.Diagnostics) lifecycle.SettleOptions {
	return lifecycle.SettleOptions{OnRepeat: func(r lifecycle.Repetition) { diags.Append(repeatWarning(o, r)) }}
}
