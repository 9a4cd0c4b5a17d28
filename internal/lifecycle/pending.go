package lifecycle

import (
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// pendingRequest is the last request that the API accepted or might have received. The zero
// value is for none.
type pendingRequest struct {
	action     action
	accepted   time.Time        // zero if the response was not received
	lost       error            // why the response was not received; nil if the request was accepted
	status     modelarts.Status // of the job before the request
	progressed bool             // the job has since had a status that it reaches only by the request
	repeats    int              // how often it was accepted again
}

// accept records that the API accepted a request.
func (p *pendingRequest) accept(next action, status modelarts.Status) {
	repeats := 0
	if next == p.action && p.lost == nil {
		repeats = p.repeats + 1
	}
	*p = pendingRequest{action: next, accepted: time.Now(), status: status, repeats: repeats}
}

// lose records that the response to a request was not received.
func (p *pendingRequest) lose(next action, status modelarts.Status, err error) {
	*p = pendingRequest{action: next, lost: err, status: status, repeats: p.repeats}
}

// observe records the status of the job.
func (p *pendingRequest) observe(status modelarts.Status) {
	if p.action != actionWait && status != p.status && !isAutomatic(p.status.Class(), status) {
		p.progressed = true
	}
}

// isOpen reports whether the request can still change the status.
func (p *pendingRequest) isOpen() bool { return p.action != actionWait && !p.progressed }

// isInEffect reports whether an action was accepted so recently that polls might not show it yet.
func (p *pendingRequest) isInEffect(next action) bool {
	return next == p.action && time.Since(p.accepted) < maxStaleness<<p.repeats
}

// isAutomatic reports whether a job of a class reaches a status without a request.
func isAutomatic(from modelarts.Class, to modelarts.Status) bool {
	if to == modelarts.StatusDeleteFailed {
		return false
	}
	switch class := to.Class(); from {
	case modelarts.ClassStarting:
		return class == modelarts.ClassStarting || class == modelarts.ClassRunning || class == modelarts.ClassFailed
	case modelarts.ClassStopping:
		return class == modelarts.ClassStopping || class == modelarts.ClassStopped || class == modelarts.ClassFailed
	default:
		return from == modelarts.ClassChanging
	}
}

// rejection is the last error response with which the API rejected a request.
type rejection struct {
	err     error
	action  action
	status  modelarts.Status // of the job before the request
	first   time.Time        // when the unbroken series of rejections of this action started
	applies bool             // the job has had the same status since
}

// record records that the API rejected a request.
func (r *rejection) record(next action, status modelarts.Status, err error) {
	first := time.Now()
	if r.applies && r.action == next {
		first = r.first
	}
	*r = rejection{err: err, action: next, status: status, first: first, applies: true}
}

// observe records the status of the job.
func (r *rejection) observe(status modelarts.Status) {
	if status != r.status {
		r.applies = false
	}
}

// isFinal reports whether the API will keep rejecting the request for a job of a class: the status
// doesn't change by itself and no accepted request is in progress. If the reason can be the status, or a
// request whose response was not received, that takes a minute of rejections.
func (r *rejection) isFinal(class modelarts.Class, pending *pendingRequest) bool {
	switch {
	case !r.applies || class.IsTransient() || pending.isOpen() && pending.lost == nil:
		return false
	case pending.isOpen() || modelarts.CanBeConflict(r.err):
		return time.Since(r.first) > maxStaleness
	default:
		return true
	}
}
