package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// What a simulator is. Only what has an option in [Options] can be otherwise.
const (
	DefaultRegion      = "eu-de"
	DefaultDomainName  = "OTC-EU-DE-00000000001000000001"
	DefaultDomainID    = "5d0c1e8a3b7f4c96a2e4d1b08f6c7a93"
	DefaultUserName    = "simulator"
	DefaultUserID      = "0b9e6f4d2a8c4371b5d3e7f1a6c4820d"
	DefaultPassword    = "simulator-password"
	DefaultProjectName = "eu-de_simulator"
	DefaultProjectID   = "c3f2a1d04b5e46f78a9bd0e1f2c3a4b5"

	DefaultAccessKey          = "SIMULATORACCESSKEY01"
	DefaultSecretKey          = "simulator-secret-key"
	DefaultTemporaryAccessKey = "SIMULATORTEMPORARY01"
	DefaultTemporarySecretKey = "simulator-temporary-secret-key"
	DefaultSecurityToken      = "simulator-security-token"

	DefaultAgencyName           = "simulator_agency"
	DefaultAgencyDomainName     = "OTC-EU-DE-00000000001000000002"
	DefaultAgencyDomainID       = "9a4e2c7d1f3b48508e6d0c2b4a697f15"
	DefaultDelegatedProjectName = "eu-de_delegated"
	DefaultDelegatedProjectID   = "e1d2c3b4a5f647089b0a1c2d3e4f5061"

	DefaultHour          = time.Hour
	DefaultTokenLifetime = 24 * time.Hour
	DefaultJobLimit      = 1000
	DefaultRunLimit      = 10_000 // above the limit of jobs, so that only those who ask for one meet it
)

// maxPerPage is the largest per_page the API documents.
const maxPerPage = 1000

// Options says what a simulator is like. The zero value is a fast, faultless
// service that knows the one user, domain and project of the constants above,
// and an agency of another domain that the user may assume.
type Options struct {
	// Address is where [Start] listens, as host:port; the host has to be a
	// loopback one. The default is a free port of 127.0.0.1. [New] ignores it.
	Address string

	// Clock tells the time; the default is the machine's.
	Clock Clock
	// Latency passes between the processing of a request and its answer. The
	// wait ends early when the request is cancelled; what the request did stays
	// done.
	Latency time.Duration
	// Transition is how long a job takes from an accepted create or restart to
	// RUNNING, from an accepted stop to KILLED, and from an accepted delete
	// until it is gone. The statuses between are reached at fractions of it.
	// With 0 the next look finds the job settled.
	Transition time.Duration
	// Stale is for how long after an accepted stop, restart, delete or update the
	// details and the list still show the job as it was at that moment; a deleted
	// job is still shown. The service itself knows better: what it accepts or
	// refuses, and what [Simulator.Job] returns, is the truth. With 0 reads are
	// never stale.
	Stale time.Duration
	// Appear is for how long neither the details nor the list show a job that
	// was just created, although calls that change it work. With 0 it is shown at
	// once.
	Appear time.Duration
	// Hour is how long one hour of a schedule takes; the default is one hour.
	Hour time.Duration
	// TokenLifetime is how long a token is valid; the default is 24 hours.
	TokenLifetime time.Duration

	// JobLimit is how many jobs the project may hold; the default is 1000. The list shows
	// how many more may be created.
	JobLimit int
	// RunLimit is how many jobs may start or run at once, which the list shows as its
	// quotas; the default is 10000. A create or a restart of one more is refused.
	RunLimit int
	// ShowSchedule has the list and the details show the schedule of a job, in the form of
	// a sample that the API reference had until 2024. Today's reference shows none.
	ShowSchedule bool
	// PageCap is the most rows a page has, whatever per_page asks for; the
	// default, and the most it can be, is 1000.
	PageCap int
	// StrictPageCap refuses a per_page above the cap instead of lowering it.
	StrictPageCap bool
	// RateLimit is how many ModelArts calls are answered in each second of the
	// clock; more get 429 with Retry-After. 0 is no limit.
	RateLimit int
	// Refusals says which calls are refused in which status; the default is
	// [RefusalsUsual].
	Refusals RefusalProfile
	// ErrorShape says how refusals of ModelArts look; the default is
	// [ErrorShapeDocumented].
	ErrorShape ErrorShape
	// NotFoundShape says how the refusal of an unknown job looks; the default is
	// [NotFoundShape400].
	NotFoundShape NotFoundShape
	// Buckets are the OBS buckets that exist; with nil every bucket does.
	Buckets []string

	// Password is the user's.
	Password string
	// Passcode, when set, has to come with every password as a totp method;
	// otherwise totp is ignored.
	Passcode string
	// PasscodeOnce refuses the passcode when it has been used.
	PasscodeOnce bool
	// ProjectName is that of the user's only project.
	ProjectName string
	// DelegatedProjectName is that of the only project of the agency's domain. The
	// jobs are one set, whichever of the two projects is asked.
	DelegatedProjectName string

	// SecretKey is the user's, to sign requests with, together with
	// [DefaultAccessKey].
	SecretKey string
	// TemporarySecretKey is the user's as well, of [DefaultTemporaryAccessKey];
	// requests signed with it need SecurityToken in X-Security-Token. They do not
	// expire.
	TemporarySecretKey, SecurityToken string

	// Control serves [ControlPath] next to the services, so that faults can be
	// queued from outside of the process. Each line of the body of a POST is a
	// fault as [ParseFault] reads it; GET lists what is left of the queue, and
	// DELETE clears it. There are no credentials, but a request with an Origin
	// header, as of a web page, is refused.
	Control bool

	// ForgetCalls has [Simulator.Calls] remember none, for who runs for long.
	ForgetCalls bool
	// OnCall, when set, is told of every call just before it is answered, from
	// the goroutine that serves it: it has to be safe for concurrent use, and
	// may call the simulator.
	OnCall func(Call)
}

// withDefaults returns o with everything filled in that was left zero.
func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = machineClock{}
	}

	o.Address = cmp.Or(o.Address, "127.0.0.1:0")
	o.Hour = cmp.Or(o.Hour, DefaultHour)
	o.TokenLifetime = cmp.Or(o.TokenLifetime, DefaultTokenLifetime)
	o.JobLimit = cmp.Or(o.JobLimit, DefaultJobLimit)
	o.RunLimit = cmp.Or(o.RunLimit, DefaultRunLimit)
	o.PageCap = cmp.Or(o.PageCap, maxPerPage)
	o.Refusals = cmp.Or(o.Refusals, RefusalsUsual)
	o.ErrorShape = cmp.Or(o.ErrorShape, ErrorShapeDocumented)
	o.NotFoundShape = cmp.Or(o.NotFoundShape, NotFoundShape400)
	o.Password = cmp.Or(o.Password, DefaultPassword)
	o.ProjectName = cmp.Or(o.ProjectName, DefaultProjectName)
	o.SecretKey = cmp.Or(o.SecretKey, DefaultSecretKey)
	o.TemporarySecretKey = cmp.Or(o.TemporarySecretKey, DefaultTemporarySecretKey)
	o.SecurityToken = cmp.Or(o.SecurityToken, DefaultSecurityToken)
	o.DelegatedProjectName = cmp.Or(o.DelegatedProjectName, DefaultDelegatedProjectName)

	return o
}

// check says which options have none of their values.
func (o Options) check() error {
	var tooMany error
	if o.PageCap > maxPerPage {
		tooMany = fmt.Errorf("simulator option PageCap %d: it cannot be more than %d", o.PageCap, maxPerPage)
	}

	return errors.Join(
		requireNotNegative("Latency", o.Latency),
		requireNotNegative("Transition", o.Transition),
		requireNotNegative("Stale", o.Stale),
		requireNotNegative("Appear", o.Appear),
		requireNotNegative("Hour", o.Hour),
		requireNotNegative("TokenLifetime", o.TokenLifetime),
		requireNotNegative("JobLimit", o.JobLimit),
		requireNotNegative("RunLimit", o.RunLimit),
		requireNotNegative("PageCap", o.PageCap),
		requireNotNegative("RateLimit", o.RateLimit),
		tooMany,
		requireOneOf("Refusals", o.Refusals, RefusalProfiles()),
		requireOneOf("ErrorShape", o.ErrorShape, ErrorShapes()),
		requireOneOf("NotFoundShape", o.NotFoundShape, NotFoundShapes()),
	)
}

func requireNotNegative[T int | time.Duration](option string, value T) error {
	if value < 0 {
		return fmt.Errorf("simulator option %s %v: it cannot be negative", option, value)
	}

	return nil
}

// requireOneOf refuses a value that is neither empty nor in values.
func requireOneOf[T ~string](option string, value T, values []T) error {
	if value == "" || slices.Contains(values, value) {
		return nil
	}

	return fmt.Errorf("simulator option %s %q: it has to be one of %q", option, value, values)
}
