package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Defaults of a simulator. [Options] has fields for some of them.
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
	DefaultRunLimit      = 10_000 // above the limit of jobs, so that it has no effect by default
)

// maxPerPage is the maximum per_page that the API documents.
const maxPerPage = 1000

// Options configures a simulator. The zero value is a service without delays and faults. It has
// the user, domain and project of the constants above, and an agency of another domain that
// the user can assume.
type Options struct {
	// Address is the loopback address on which [Start] listens, as host:port. The default is
	// a free port of 127.0.0.1. [New] ignores it.
	Address string

	// Now returns the time on which statuses, tokens and the Date header depend. The default is
	// [time.Now]. Delays always take real time or, in a testing/synctest bubble, that of the bubble.
	Now func() time.Time
	// Latency is the time between the processing of a request and its response. A canceled
	// request ends the wait, but keeps its effect.
	Latency time.Duration
	// Transition is the time from an accepted create or restart request to RUNNING, from a
	// stop request to KILLED, and from a delete request until the job doesn't exist. A job
	// passes the statuses in between at fractions of it. With 0 the next read shows the end.
	Transition time.Duration
	// Stale is the time after an accepted stop, restart, delete or update request for which
	// the details and the list show the job as it was before, even if it is deleted. All
	// other requests, and [Simulator.Job], use the present state.
	Stale time.Duration
	// Appear is the time after a create request for which neither the details nor the list
	// show the job, although requests that change it succeed.
	Appear time.Duration
	// Hour is the duration of one hour of a schedule. The default is one hour.
	Hour time.Duration
	// TokenLifetime is the time for which a token is valid. The default is 24 hours.
	TokenLifetime time.Duration

	// JobLimit is the maximum number of jobs. The default is 1000. The list shows how many
	// more can be created.
	JobLimit int
	// RunLimit is the maximum number of jobs that start or run at the same time. The default
	// is 10000. The list shows it as quotas.
	RunLimit int
	// ShowSchedule adds the schedule of a job to the list and the details, in the form of a
	// sample that the API reference had until 2024. Today's reference shows none.
	ShowSchedule bool
	// PageCap is the maximum number of rows on a page, even if per_page is larger. The default, and
	// the maximum, is 1000.
	PageCap int
	// StrictPageCap makes a per_page above the cap an error instead of lowering it.
	StrictPageCap bool
	// RateLimit is the maximum number of ModelArts requests in a second of the clock. Others
	// get status 429 with Retry-After. 0 is no limit.
	RateLimit int
	// RateWindow, a number of seconds, replaces the second of RateLimit. The response with
	// status 429 then has no Retry-After. Its message names the window.
	RateWindow time.Duration
	// Rejections selects the requests that fail because of the status of the job. The default
	// is [RejectionsUsual].
	Rejections RejectionProfile
	// ErrorShape is the form of ModelArts error responses. The default is
	// [ErrorShapeDocumented].
	ErrorShape ErrorShape
	// NotFoundShape is the form of the error response for an unknown job. The default is
	// [NotFoundShape400].
	NotFoundShape NotFoundShape
	// Buckets are the existing OBS buckets. With nil every bucket exists.
	Buckets []string

	// Password is the user's password.
	Password string
	// Passcode, if set, is required with every password, as method totp. Without it, that
	// method is ignored.
	Passcode string
	// PasscodeOnce accepts the passcode only once.
	PasscodeOnce bool
	// ProjectName is the name of the user's only project.
	ProjectName string

	// SecretKey belongs to [DefaultAccessKey].
	SecretKey string
	// TemporarySecretKey belongs to [DefaultTemporaryAccessKey]. Requests that are signed
	// with it require SecurityToken in X-Security-Token. Both don't expire.
	TemporarySecretKey, SecurityToken string

	// Control serves [ControlPath], so that another process can queue faults. A POST request
	// adds the faults in its body, one per line in the syntax of [ParseFault]. GET returns
	// the queue, and DELETE clears it. The path needs no credentials, but requests with an
	// Origin header, which web pages send, get status 403.
	Control bool

	// ForgetRequests keeps no requests for [Simulator.Requests], for processes that run for long.
	ForgetRequests bool
	// OnRequest, if set, is called with every request before its response is sent, from the
	// goroutine that serves the request. It has to be safe for concurrent use, and can call
	// the simulator.
	OnRequest func(Request)
}

// withDefaults returns o with defaults for its zero fields.
func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}

	o.Address = cmp.Or(o.Address, "127.0.0.1:0")
	o.Hour = cmp.Or(o.Hour, DefaultHour)
	o.TokenLifetime = cmp.Or(o.TokenLifetime, DefaultTokenLifetime)
	o.JobLimit = cmp.Or(o.JobLimit, DefaultJobLimit)
	o.RunLimit = cmp.Or(o.RunLimit, DefaultRunLimit)
	o.PageCap = cmp.Or(o.PageCap, maxPerPage)
	o.Rejections = cmp.Or(o.Rejections, RejectionsUsual)
	o.ErrorShape = cmp.Or(o.ErrorShape, ErrorShapeDocumented)
	o.NotFoundShape = cmp.Or(o.NotFoundShape, NotFoundShape400)
	o.Password = cmp.Or(o.Password, DefaultPassword)
	o.ProjectName = cmp.Or(o.ProjectName, DefaultProjectName)
	o.SecretKey = cmp.Or(o.SecretKey, DefaultSecretKey)
	o.TemporarySecretKey = cmp.Or(o.TemporarySecretKey, DefaultTemporarySecretKey)
	o.SecurityToken = cmp.Or(o.SecurityToken, DefaultSecurityToken)

	return o
}

// check returns an error that names the invalid options.
func (o Options) check() error {
	errs := []error{
		requireOneOf("Rejections", o.Rejections, RejectionProfiles()),
		requireOneOf("ErrorShape", o.ErrorShape, ErrorShapes()),
		requireOneOf("NotFoundShape", o.NotFoundShape, NotFoundShapes()),
	}

	for name, value := range map[string]time.Duration{
		"Latency": o.Latency, "Transition": o.Transition, "Stale": o.Stale, "Appear": o.Appear, "Hour": o.Hour,
		"TokenLifetime": o.TokenLifetime, "RateWindow": o.RateWindow,
	} {
		if value < 0 {
			errs = append(errs, fmt.Errorf("simulator option %s %v: it cannot be negative", name, value))
		}
	}

	for name, value := range map[string]int{
		"JobLimit": o.JobLimit, "RunLimit": o.RunLimit, "PageCap": o.PageCap, "RateLimit": o.RateLimit,
	} {
		if value < 0 {
			errs = append(errs, fmt.Errorf("simulator option %s %v: it cannot be negative", name, value))
		}
	}

	if o.PageCap > maxPerPage {
		errs = append(errs, fmt.Errorf("simulator option PageCap %d: it cannot be more than %d", o.PageCap, maxPerPage))
	}

	if o.RateWindow%time.Second != 0 {
		errs = append(errs, fmt.Errorf("simulator option RateWindow %v: it has to be a number of seconds", o.RateWindow))
	}

	return errors.Join(errs...)
}

// requireOneOf returns an error for a value that is neither empty nor in values.
func requireOneOf[T ~string](option string, value T, values []T) error {
	if value == "" || slices.Contains(values, value) {
		return nil
	}

	return fmt.Errorf("simulator option %s %q: it has to be one of %q", option, value, values)
}
