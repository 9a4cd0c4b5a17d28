package lifecycle

import (
	"errors"
	"fmt"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// NotFoundError means that a job doesn't exist: the service reported it twice, or rejected a GET of a job that a
// complete list lacks. The second is no proof for a job outside the default workspace, which no list has.
type NotFoundError struct {
	ID  int64
	Err error // the API's error response
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("visualization job %d does not exist: %v", e.ID, e.Err)
}

func (e *NotFoundError) Unwrap() error { return e.Err }

// ExistsError means that no job was created, because one with the same name and path exists.
type ExistsError struct {
	Jobs []modelarts.VisualizationJob // at least one; several can't be adopted
	// Owned is true if the job can't be adopted, because this run created, adopted or
	// tried to delete it for another resource.
	Owned bool
	// DeleteErr is why this run couldn't delete a job that it had to delete.
	DeleteErr error
}

func (e *ExistsError) Error() string {
	return fmt.Sprintf("visualization job %d has the same name and path", e.Jobs[0].ID)
}

// OtherJobError means that the job with an ID isn't the job that the ID was returned for.
// The provider doesn't change such a job.
type OtherJobError struct {
	Job            modelarts.VisualizationJob // as the API returns it
	Name, TrainURL string                     // of the expected job
}

func (e *OtherJobError) Error() string {
	return fmt.Sprintf("visualization job %d is %q with the path %q, and not %q with the path %q",
		e.Job.ID, e.Job.Name, e.Job.TrainURL, e.Name, e.TrainURL)
}

// ErrAdopted means that a job wasn't deleted, because this run adopted it for another resource.
var ErrAdopted = errors.New("the visualization job was adopted in the same run")

// LostError means that the response to a create request was lost, and that it isn't
// certain which job the request created, if any.
type LostError struct {
	Candidates []modelarts.VisualizationJob // the jobs with this name and path
	Err        error                        // why the response was lost
	SearchErr  error                        // why the last search for the job failed; nil if it succeeded
}

func (e *LostError) Error() string {
	return fmt.Sprintf("the response to the create request was not received: %v", e.Err)
}

func (e *LostError) Unwrap() error { return e.Err }

// FailedError means that a job reached a failed status instead of the wanted one.
type FailedError struct {
	Job    modelarts.VisualizationJob
	Waited time.Duration
}

func (e *FailedError) Error() string {
	return fmt.Sprintf("visualization job %d has the status %s", e.Job.ID, e.Job.Status)
}

// WaitError means that a wait ended before the job reached its goal.
type WaitError struct {
	Goal      string                      // "running", "stopped", "deleted" or "adopted"
	ID        int64                       // of the job
	Last      *modelarts.VisualizationJob // as polled last; nil if no poll succeeded
	Waited    time.Duration
	Accepted  int   // how many requests the API accepted
	Rejection error // the last error response that rejected a request, which can be Err; nil if there was none
	Outage    error // the error of the last request, which can be Err, if the wait ended in an outage
	Err       error // why the wait ended: the error of the context or of a request
}

func (e *WaitError) Error() string {
	return fmt.Sprintf("visualization job %d is not %s after %s: %v", e.ID, e.Goal, e.Waited.Round(time.Second), e.Err)
}

func (e *WaitError) Unwrap() error { return e.Err }

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// canMeanNotFound reports whether err can be the API's response for an unknown job. The gateway
// knows no jobs, but its response might come from the service behind it.
func canMeanNotFound(err error) bool {
	return modelarts.IsRejection(err) && !modelarts.IsDenied(err) && !modelarts.IsTemporary(err)
}
