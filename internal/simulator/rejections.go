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
	// RUNNING, delete while KILLING. A stop request changes nothing if the job is stopped,
	// stopping or being deleted. A restart request starts a job again that is starting or
	// stopping. Restart and delete requests change nothing if the job is being deleted.
	RejectionsDocumented RejectionProfile = "documented"
	// RejectionsStrict accepts stop while RUNNING, restart and delete when the job is settled,
	// and update in both cases.
	RejectionsStrict RejectionProfile = "strict"
)

// RejectionProfiles returns all profiles, the default first.
func RejectionProfiles() []RejectionProfile {
	return []RejectionProfile{RejectionsUsual, RejectionsDocumented, RejectionsStrict}
}

// rules are functions that report whether a request is accepted for a job with a status that is
// or isn't being deleted.
type rules struct {
	stop, restart, delete, update func(status int, deleting bool) bool
}

// rules returns the rules of the profile.
func (p RejectionProfile) rules() rules {
	switch p {
	case RejectionsDocumented:
		return rules{
			stop:    func(status int, _ bool) bool { return status != StatusCompleted },
			restart: func(status int, _ bool) bool { return status != StatusRunning },
			delete:  func(status int, _ bool) bool { return status != StatusKilling },
			update:  func(int, bool) bool { return true },
		}
	case RejectionsStrict:
		settled := func(status int, deleting bool) bool { return isSettled(status) && !deleting }

		return rules{
			stop:    func(status int, deleting bool) bool { return status == StatusRunning && !deleting },
			restart: settled,
			delete:  settled,
			update: func(status int, deleting bool) bool {
				return (status == StatusRunning || isSettled(status)) && !deleting
			},
		}
	default:
		return rules{
			stop:    func(status int, deleting bool) bool { return isActive(status) && !deleting },
			restart: func(status int, deleting bool) bool { return isSettled(status) && !deleting },
			delete:  func(status int, deleting bool) bool { return status != StatusKilling && !deleting },
			update:  func(_ int, deleting bool) bool { return !deleting },
		}
	}
}
