package visualizationjob

import (
	"fmt"
	"time"
)

// kind is the kind of an operation: how diagnostics name it, and what a failed operation leaves behind.
type kind struct {
	verb    string
	setting string        // the argument with the timeout, or ""
	limit   time.Duration // the default timeout
	outcome string        // what a failed operation leaves behind, and what the next one does
}

const (
	invokeSetting = "timeouts.invoke"

	runAgain = "Run the command again."
)

var (
	// Operations of the resource. Terraform taints a job that a failed create added to the state, so the part of a create that
	// has a job is a kind of its own: settling.
	creating = kind{"create", "timeouts.create", 20 * time.Minute, "No job was created."}
	settling = kind{
		"create", "timeouts.create", 20 * time.Minute, "The job is in the state and is tainted, so the next apply replaces it. " +
			"To keep the job, run terraform untaint ADDRESS, then terraform plan to see the remaining changes.",
	}
	adopting = kind{
		"adopt", "timeouts.create", 20 * time.Minute, "The adoption isn't complete, so nothing was added to the state. The job still exists. " +
			"The next apply tries to adopt it again.",
	}
	refreshing = kind{"read", "timeouts.read", 5 * time.Minute, ""}
	updating   = kind{"update", "timeouts.update", 20 * time.Minute, "The job is in the state. The next apply makes the remaining changes."}
	deleting   = kind{"delete", "timeouts.delete", 20 * time.Minute, "The job is still in the state. Run the same command again to delete it, if it still exists."}
	// Operations of the data sources and of the list resource.
	reading = kind{verb: "read", limit: 5 * time.Minute}
	listing = kind{verb: "list", limit: 5 * time.Minute}
)

func invoking(verb string) kind {
	return kind{
		verb, invokeSetting, 20 * time.Minute, "The action isn't complete, and ModelArts doesn't undo it. If you run it again, it continues with the status that the job has then.",
	}
}

// isManaging reports whether the operation is one of the resource.
func (k kind) isManaging() bool { return k.setting != "" && k.setting != invokeSetting }

// operation is an operation on a job, as diagnostics name it.
type operation struct {
	kind

	name    string // of the job; may be empty
	id      int64  // of the job; zero before it has one
	timeout time.Duration
}

// listJobs is the operation of a list of jobs.
var listJobs = operation{kind: listing, timeout: listing.limit}

// operation describes work on the job of a model.
func (m *jobModel) operation(k kind, timeout time.Duration) operation {
	id, _ := parseID(m.ID.ValueString())
	return operation{kind: k, name: m.Name.ValueString(), id: id, timeout: timeout}
}

func (o operation) job() string {
	switch {
	case o.name == "" && o.id == 0:
		return "visualization jobs"
	case o.id == 0:
		return fmt.Sprintf("visualization job %q", o.name)
	case o.name == "":
		return fmt.Sprintf("visualization job %d", o.id)
	default:
		return fmt.Sprintf("visualization job %q (ID %d)", o.name, o.id)
	}
}

func (o operation) summary() string { return fmt.Sprintf("Could not %s %s", o.verb, o.job()) }
