package simulator

// RefusalProfile says which changing calls are refused in which status. Three
// refusals are documented, and nothing is said of all other statuses, so a
// client has to get along with every profile.
type RefusalProfile string

// The refusal profiles.
const (
	// RefusalsUsual is the default: stop is accepted while the job starts or
	// runs, restart when it has come to an end, delete unless it is KILLING, and
	// nothing while it is being deleted.
	RefusalsUsual RefusalProfile = "usual"
	// RefusalsDocumented refuses what the API reference says is refused and
	// nothing else: stop while COMPLETED, restart while RUNNING, delete while
	// KILLING. Stopping what has stopped, is stopping or is being deleted changes
	// nothing; restarting what starts or stops starts it anew; restarting or
	// deleting what is being deleted changes nothing.
	RefusalsDocumented RefusalProfile = "documented"
	// RefusalsStrict accepts stop while RUNNING alone, restart and delete when
	// the job has come to an end, and update in either of these.
	RefusalsStrict RefusalProfile = "strict"
)

// RefusalProfiles returns all profiles, the default first.
func RefusalProfiles() []RefusalProfile {
	return []RefusalProfile{RefusalsUsual, RefusalsDocumented, RefusalsStrict}
}

// rules says of each changing call whether it is accepted for a job in this
// status; leaving is a job that is being deleted.
type rules struct {
	stop, restart, remove, describe func(status int, leaving bool) bool
}

// rules returns the rules of the profile.
func (p RefusalProfile) rules() rules {
	switch p {
	case RefusalsDocumented:
		return rules{
			stop:     func(status int, _ bool) bool { return status != StatusCompleted },
			restart:  func(status int, _ bool) bool { return status != StatusRunning },
			remove:   func(status int, _ bool) bool { return status != StatusKilling },
			describe: func(int, bool) bool { return true },
		}
	case RefusalsStrict:
		settled := func(status int, leaving bool) bool { return isSettled(status) && !leaving }

		return rules{
			stop:     func(status int, leaving bool) bool { return status == StatusRunning && !leaving },
			restart:  settled,
			remove:   settled,
			describe: func(status int, leaving bool) bool { return (status == StatusRunning || isSettled(status)) && !leaving },
		}
	default:
		return rules{
			stop:     func(status int, leaving bool) bool { return isActive(status) && !leaving },
			restart:  func(status int, leaving bool) bool { return isSettled(status) && !leaving },
			remove:   func(status int, leaving bool) bool { return status != StatusKilling && !leaving },
			describe: func(_ int, leaving bool) bool { return !leaving },
		}
	}
}
