package simulator

// Status codes of a visualization job. The API documents them with the prefix
// JOBSTAT_.
const (
	StatusUnknown               = 0
	StatusInit                  = 1
	StatusImageCreating         = 2
	StatusImageFailed           = 3
	StatusSubmitTrying          = 4
	StatusSubmitFailed          = 5
	StatusDeleteFailed          = 6
	StatusWaiting               = 7
	StatusRunning               = 8
	StatusKilling               = 9
	StatusCompleted             = 10
	StatusFailed                = 11
	StatusKilled                = 12
	StatusCanceled              = 13
	StatusLost                  = 14
	StatusScaling               = 15
	StatusSubmitModelFailed     = 16
	StatusDeployServiceFailed   = 17
	StatusCheckInit             = 18
	StatusCheckRunning          = 19
	StatusCheckRunningCompleted = 20
	StatusCheckFailed           = 21
)

// startingStatuses is the way from an accepted create or restart to RUNNING.
func startingStatuses() []int {
	return []int{
		StatusInit, StatusCheckInit, StatusCheckRunning, StatusCheckRunningCompleted,
		StatusImageCreating, StatusSubmitTrying, StatusWaiting,
	}
}

// isActive says whether a job in this status holds, or is on its way to hold,
// what it needs to run. These are the statuses that a stop is accepted in.
func isActive(status int) bool {
	switch status {
	case StatusInit, StatusImageCreating, StatusSubmitTrying, StatusWaiting, StatusRunning,
		StatusScaling, StatusCheckInit, StatusCheckRunning, StatusCheckRunningCompleted:
		return true
	default:
		return false
	}
}

// isSettled says whether a job has come to an end, good or bad. These are the
// statuses that a restart is accepted in.
func isSettled(status int) bool {
	switch status {
	case StatusCompleted, StatusKilled, StatusCanceled,
		StatusImageFailed, StatusSubmitFailed, StatusDeleteFailed, StatusFailed, StatusLost,
		StatusSubmitModelFailed, StatusDeployServiceFailed, StatusCheckFailed:
		return true
	default:
		return false
	}
}
