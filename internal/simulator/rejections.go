package simulator

// RejectionProfile defines the statuses in which requests that change a job fail. The API reference
// documents three of these errors, and nothing about other statuses, so a client has to work
// with every profile.
type RejectionProfile string

// The rejection profiles.
const (
	// RejectionsUsual is the default. It accepts stop while the job starts or runs, restart when
	// it is settled, delete unless it is KILLING, and nothing while it is being deleted.
	RejectionsUsual RejectionProfile = "usual"
	// RejectionsDocumented has only the documented errors: stop while COMPLETED, restart while
	// RUNNING, delete while KILLING. A stop request changes nothing if the job is stopped or
	// stopping. A restart request starts a job again that is starting or
	// stopping. No request changes a job that is being deleted.
	RejectionsDocumented RejectionProfile = "documented"
	// RejectionsStrict accepts stop while RUNNING, restart and delete when the job is settled,
	// and update in both cases.
	RejectionsStrict RejectionProfile = "strict"
)

// RejectionProfiles returns all profiles, the default first.
func RejectionProfiles() []RejectionProfile {
	return []RejectionProfile{RejectionsUsual, RejectionsDocumented, RejectionsStrict}
}

// accepts reports whether a request is accepted for a job with this status that is or isn't being
// deleted. verb is that of the error message.
func (p RejectionProfile) accepts(verb string, status int, deleting bool) bool {
	running, settled := status == StatusRunning, isSettled(status)

	switch {
	case p == RejectionsDocumented:
		rejected, ok := map[string]int{"stop": StatusCompleted, "resubmit": StatusRunning, "delete": StatusKilling}[verb]

		return !ok || status != rejected
	case deleting:
		return false
	case verb == "resubmit":
		return settled
	case p == RejectionsStrict:
		return settled && verb != "stop" || running && verb != "delete"
	case verb == "stop":
		return isActive(status)
	default:
		return verb != "delete" || status != StatusKilling
	}
}
