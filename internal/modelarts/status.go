package modelarts

import (
	"fmt"
	"slices"
)

// Status is the status code of a visualization job, from the page "Job Statuses" of the API reference. The names in the reference have the
// prefix JOBSTAT_.
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

// Class is the meaning of a status for starting, stopping and deleting a job.
type Class int

// The classes of statuses.
const (
	// ClassChanging is a status that another status will follow, with no other meaning.
	ClassChanging Class = iota
	ClassStarting
	ClassRunning
	ClassStopping
	ClassStopped
	ClassFailed
)

// IsTransient reports whether another class follows without a request.
func (c Class) IsTransient() bool {
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

// String returns the documented name without its prefix. For an undocumented code such as 99, it returns UNKNOWN(99).
func (s Status) String() string {
	if known, ok := statuses[s]; ok {
		return known.name
	}
	return fmt.Sprintf("UNKNOWN(%d)", int(s))
}

// StatusNames returns the documented names without their prefix, sorted by code.
func StatusNames() []string {
	names := make([]string, len(statuses))
	for code := range names {
		names[code] = Status(code).String()
	}
	return names
}

// ParseStatus returns the status with a documented name, or false if there is none.
func ParseStatus(name string) (Status, bool) {
	code := slices.Index(StatusNames(), name)
	return Status(max(code, 0)), code >= 0
}

// Class returns the class of the status. An undocumented code is ClassChanging, so that callers wait for another status.
func (s Status) Class() Class { return statuses[s].class }
