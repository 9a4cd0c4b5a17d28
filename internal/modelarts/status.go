package modelarts

import (
	"fmt"
	"maps"
	"slices"
)

// Status is the status code of a visualization job, from the API reference's
// page "Job Statuses". The API's own names carry the prefix JOBSTAT_.
type Status int

// The documented statuses.
const (
	StatusUnknown               Status = 0
	StatusInit                  Status = 1
	StatusImageCreating         Status = 2
	StatusImageFailed           Status = 3
	StatusSubmitTrying          Status = 4
	StatusSubmitFailed          Status = 5
	StatusDeleteFailed          Status = 6
	StatusWaiting               Status = 7
	StatusRunning               Status = 8
	StatusKilling               Status = 9
	StatusCompleted             Status = 10
	StatusFailed                Status = 11
	StatusKilled                Status = 12
	StatusCanceled              Status = 13
	StatusLost                  Status = 14
	StatusScaling               Status = 15
	StatusSubmitModelFailed     Status = 16
	StatusDeployServiceFailed   Status = 17
	StatusCheckInit             Status = 18
	StatusCheckRunning          Status = 19
	StatusCheckRunningCompleted Status = 20
	StatusCheckFailed           Status = 21
)

// Class says what a status means to somebody who wants the job to run, to be
// stopped or to be gone.
type Class int

// The classes of statuses.
const (
	// ClassChanging is a status that says nothing but that another one will follow.
	ClassChanging Class = iota
	ClassStarting
	ClassRunning
	ClassStopping
	ClassStopped
	ClassFailed
)

// Moving reports whether the job will leave the class by itself.
func (c Class) Moving() bool {
	return c == ClassChanging || c == ClassStarting || c == ClassStopping
}

var statuses = map[Status]struct {
	name  string
	class Class
}{
	StatusUnknown:               {"UNKNOWN", ClassChanging},
	StatusInit:                  {"INIT", ClassStarting},
	StatusImageCreating:         {"IMAGE_CREATING", ClassStarting},
	StatusImageFailed:           {"IMAGE_FAILED", ClassFailed},
	StatusSubmitTrying:          {"SUBMIT_TRYING", ClassStarting},
	StatusSubmitFailed:          {"SUBMIT_FAILED", ClassFailed},
	StatusDeleteFailed:          {"DELETE_FAILED", ClassFailed},
	StatusWaiting:               {"WAITING", ClassStarting},
	StatusRunning:               {"RUNNING", ClassRunning},
	StatusKilling:               {"KILLING", ClassStopping},
	StatusCompleted:             {"COMPLETED", ClassStopped},
	StatusFailed:                {"FAILED", ClassFailed},
	StatusKilled:                {"KILLED", ClassStopped},
	StatusCanceled:              {"CANCELED", ClassStopped},
	StatusLost:                  {"LOST", ClassFailed},
	StatusScaling:               {"SCALING", ClassStarting},
	StatusSubmitModelFailed:     {"SUBMIT_MODEL_FAILED", ClassFailed},
	StatusDeployServiceFailed:   {"DEPLOY_SERVICE_FAILED", ClassFailed},
	StatusCheckInit:             {"CHECK_INIT", ClassStarting},
	StatusCheckRunning:          {"CHECK_RUNNING", ClassStarting},
	StatusCheckRunningCompleted: {"CHECK_RUNNING_COMPLETED", ClassStarting},
	StatusCheckFailed:           {"CHECK_FAILED", ClassFailed},
}

// String returns the documented name without its prefix, or UNKNOWN(99) for a
// code the documentation does not have.
func (s Status) String() string {
	if known, ok := statuses[s]; ok {
		return known.name
	}
	return fmt.Sprintf("UNKNOWN(%d)", int(s))
}

// StatusNames returns the documented names, without their prefix, in the order of
// their codes.
func StatusNames() []string {
	codes := slices.Sorted(maps.Keys(statuses))
	names := make([]string, len(codes))
	for i, code := range codes {
		names[i] = code.String()
	}
	return names
}

// ParseStatus returns the status of a documented name, and false for another.
func ParseStatus(name string) (Status, bool) {
	for status, known := range statuses {
		if known.name == name {
			return status, true
		}
	}
	return 0, false
}

// Class returns the class of the status. A code that is not documented is
// ClassChanging: it is waited on.
func (s Status) Class() Class {
	return statuses[s].class
}
