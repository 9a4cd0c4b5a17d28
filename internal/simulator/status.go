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

// startingStatuses returns the statuses from an accepted create or restart to RUNNING.
func startingStatuses() []int {
	return []int{
		StatusInit, StatusCheckInit, StatusCheckRunning, StatusCheckRunningCompleted,
		StatusImageCreating, StatusSubmitTrying, StatusWaiting,
	}
}

// isActive reports whether a job in this status starts or runs. These are the statuses in which a
// stop request is usually accepted.
func isActive(status int) bool {
	switch status {
	case StatusInit, StatusImageCreating, StatusSubmitTrying, StatusWaiting, StatusRunning,
		StatusScaling, StatusCheckInit, StatusCheckRunning, StatusCheckRunningCompleted:
		return true
	default:
		return false
	}
}

// isSettled reports whether a job in this status has stopped or failed. These are the statuses in
// which a restart request is usually accepted.
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
