package lifecycle

import (
	"errors"
	"fmt"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// NotFoundError means that a job does not exist, and that this is certain.
type NotFoundError struct {
	ID  int64
	Err error // what the API said
}

// Error implements error.
func (e *NotFoundError) Error() string {
	return fmt.Sprintf("visualization job %d does not exist: %v", e.ID, e.Err)
}

// Unwrap returns what the API said.
func (e *NotFoundError) Unwrap() error { return e.Err }

// isGone reports whether err says that a job certainly does not exist.
func isGone(err error) bool {
	_, ok := errors.AsType[*NotFoundError](err)
	return ok
}

// isOther reports whether err says that an ID is that of another job.
func isOther(err error) bool {
	_, ok := errors.AsType[*OtherJobError](err)
	return ok
}

// mayMeanGone reports whether err can be the API's way to say that it knows no
// such job. The gateway knows no jobs, but may speak for what is behind it.
func mayMeanGone(err error) bool {
	return modelarts.IsRefusal(err) && !modelarts.IsDenied(err) && !modelarts.IsTemporary(err)
}

// ExistsError means that a job of the wanted name and path exists, so that none
// was created.
type ExistsError struct {
	Jobs []modelarts.VisualizationJob // at least one; more than one cannot be adopted
	// Owned is true if the job can't be adopted, because this run created, adopted or
	// tried to delete it for another resource.
	Owned bool
	// DeleteErr is why this run could not delete a job that was to be deleted.
	DeleteErr error
}

// Error implements error.
func (e *ExistsError) Error() string {
	return fmt.Sprintf("%d visualization job(s) named %q with the path %q exist already",
		len(e.Jobs), e.Jobs[0].Name, e.Jobs[0].TrainURL)
}

// OtherJobError means that the job with an ID isn't the job that the ID was returned for.
// The provider leaves such a job alone.
type OtherJobError struct {
	Job            modelarts.VisualizationJob // as the API returns it
	Name, TrainURL string                     // of the job that it should be
}

// Error implements error.
func (e *OtherJobError) Error() string {
	return fmt.Sprintf("visualization job %d is %q with the path %q, and not %q with the path %q",
		e.Job.ID, e.Job.Name, e.Job.TrainURL, e.Name, e.TrainURL)
}

// AdoptedError means that a job was not deleted, because this run adopted it for
// another resource.
type AdoptedError struct{ ID int64 }

// Error implements error.
func (e *AdoptedError) Error() string {
	return fmt.Sprintf("visualization job %d was adopted in the same run", e.ID)
}

// LostError means that the answer to a create was lost and that it is not
// certain which job, if any, came of it.
type LostError struct {
	Candidates []modelarts.VisualizationJob // jobs of this name and path that it may be
	Err        error                        // how the answer was lost
	Look       error                        // why the last look for the job failed; nil when it did not
}

// Error implements error.
func (e *LostError) Error() string {
	text := fmt.Sprintf("the answer to the create was lost (%d candidates): %v", len(e.Candidates), e.Err)
	if e.Look != nil {
		text += fmt.Sprintf("; the look for the job failed: %v", e.Look)
	}
	return text
}

// Unwrap returns how the answer was lost.
func (e *LostError) Unwrap() error { return e.Err }

// FailedError means that a job ended in a failed status instead of the wanted one.
type FailedError struct {
	Job    modelarts.VisualizationJob
	Waited time.Duration
}

// Error implements error.
func (e *FailedError) Error() string {
	return fmt.Sprintf("visualization job %d has the status %s", e.Job.ID, e.Job.Status)
}

// WaitError means that a wait ended before the job was where it should be.
type WaitError struct {
	Goal     string                      // what was waited for: "running", "stopped", "deleted" or "adopted"
	ID       int64                       // of the job
	Last     *modelarts.VisualizationJob // as last seen; nil when it was never seen
	Waited   time.Duration
	Accepted int   // how many calls the API accepted on the way
	Refusal  error // the API's last refusal on the way, which may be Err; nil when there was none
	Outage   error // how the last request ended, when the wait ended in a row without an answer; may be Err
	Err      error // why the wait ended: the context's error, or that of a call
}

// Error implements error.
func (e *WaitError) Error() string {
	last := "never seen"
	if e.Last != nil {
		last = "last status " + e.Last.Status.String()
	}
	return fmt.Sprintf("visualization job %d is not %s after %s, %s: %v",
		e.ID, e.Goal, e.Waited.Round(time.Second), last, e.Err)
}

// Unwrap returns why the wait ended.
func (e *WaitError) Unwrap() error { return e.Err }
