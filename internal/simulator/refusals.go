package simulator

// RefusalProfile defines the statuses in which requests that change a job fail. The API reference
// documents three of these errors, and nothing about other statuses, so a client has to work
// with every profile.
type RefusalProfile string

// The refusal profiles.
const (
	// RefusalsUsual is the default. It accepts stop while the job starts or runs, restart when
	// it is settled, delete unless it is KILLING, and nothing while it is being deleted.
	RefusalsUsual RefusalProfile = "usual"
	// RefusalsDocumented has only the documented errors: stop while COMPLETED, restart while
	// RUNNING, delete while KILLING. A stop request changes nothing if the job is stopped,
	// stopping or being deleted. A restart request starts a job again that is starting or
	// stopping. Restart and delete requests change nothing if the job is being deleted.
	RefusalsDocumented RefusalProfile = "documented"
	// RefusalsStrict accepts stop while RUNNING, restart and delete when the job is settled,
	// and update in both cases.
	RefusalsStrict RefusalProfile = "strict"
)

// RefusalProfiles returns all profiles, the default first.
func RefusalProfiles() []RefusalProfile {
	return []RefusalProfile{RefusalsUsual, RefusalsDocumented, RefusalsStrict}
}

// rules are functions that report whether a request is accepted for a job with a status that is
// or isn't being deleted.
type rules struct {
	stop, restart, delete, update func(status int, deleting bool) bool
}

// rules returns the rules of the profile.
func (p RefusalProfile) rules() rules {
	switch p {
	case RefusalsDocumented:
		return rules{
			stop:    func(status int, _ bool) bool { return status != StatusCompleted },
			restart: func(status int, _ bool) bool { return status != StatusRunning },
			delete:  func(status int, _ bool) bool { return status != StatusKilling },
			update:  func(int, bool) bool { return true },
		}
	case RefusalsStrict:
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
