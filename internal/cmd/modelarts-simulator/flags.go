package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// defaultTransition is long enough to show the statuses of a job, and short enough for tests.
const defaultTransition = 3 * time.Second

// config is the configuration of the command line.
type config struct {
	options simulator.Options
	faults  []simulator.Fault // queued before the first request
	jobs    int               // initial RUNNING jobs
	verbose bool
}

// parseArgs parses the command line. With -help it writes the usage to stderr and returns
// [flag.ErrHelp].
func parseArgs(args []string, stderr io.Writer) (config, error) {
	var c config

	flags := flag.NewFlagSet("modelarts-simulator", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // The caller reports errors.
	flags.Usage = func() {}

	c.define(flags)

	err := flags.Parse(args)

	switch {
	case errors.Is(err, flag.ErrHelp):
		if err := printHelp(flags, stderr); err != nil {
			return config{}, err
		}

		return config{}, flag.ErrHelp
	case err != nil:
		return config{}, fmt.Errorf("%w (see -help)", err)
	case flags.NArg() > 0:
		return config{}, fmt.Errorf("unexpected argument %q (see -help)", flags.Arg(0))
	}

	return c, c.check()
}

func (c *config) define(flags *flag.FlagSet) {
	o := &c.options

	flags.StringVar(&o.Address, "listen", "127.0.0.1:0",
		"loopback `address` to listen on, as host:port; with port 0, a free port")
	flags.DurationVar(&o.Latency, "latency", 0,
		"`duration` between a request and its response")
	flags.DurationVar(&o.Transition, "transition", defaultTransition,
		"`duration` of the start, the stop and the deletion of a job")
	flags.DurationVar(&o.Stale, "stale", 0,
		"`duration` for which reads show a job as it was before a stop, restart, delete or update request")
	flags.DurationVar(&o.Appear, "appear", 0,
		"`duration` for which reads don't show a new job")
	flags.DurationVar(&o.Hour, "hour", simulator.DefaultHour,
		"`duration` of one hour of a schedule")
	flags.DurationVar(&o.TokenLifetime, "token-lifetime", simulator.DefaultTokenLifetime,
		"`duration` for which a token is valid")
	flags.IntVar(&o.JobLimit, "job-limit", simulator.DefaultJobLimit,
		"maximum `number` of jobs in the project")
	flags.IntVar(&o.RunLimit, "run-limit", simulator.DefaultRunLimit,
		"maximum `number` of jobs that start or run at the same time; the list shows it as quotas")
	flags.BoolVar(&o.ShowSchedule, "show-schedule", false,
		"show the schedule of a job in the list and the details, as the API reference did until 2024")
	flags.IntVar(&o.PageCap, "page-cap", 0,
		"maximum `number` of jobs on a page of the list, even if per_page is larger; 0 is 1000")
	flags.BoolVar(&o.StrictPageCap, "strict-page-cap", false,
		"return an error for a per_page above page-cap instead of lowering it")
	flags.Func("rate-limit", "maximum `number` of ModelArts requests per second; others get status 429 with Retry-After;\n"+
		"as number/duration, for example 15/20s, the maximum in that time, and others get status 429\n"+
		"without Retry-After (default: no limit)",
		c.setRateLimit)
	flags.Func("buckets", "comma-separated `list` of the existing OBS buckets (default: every bucket exists)",
		func(list string) error {
			o.Buckets = strings.Split(list, ",")

			return nil
		})
	flags.Func("rejections", "`profile` of the requests that fail because of the status of the job:\n"+rejectionsHelp,
		oneOf(&o.Rejections, simulator.RejectionProfiles()))
	flags.Func("error-shape", "`shape` of ModelArts error responses:\n"+errorShapeHelp,
		oneOf(&o.ErrorShape, simulator.ErrorShapes()))
	flags.Func("not-found-shape", "`shape` of the error response for an unknown job:\n"+notFoundShapeHelp,
		oneOf(&o.NotFoundShape, simulator.NotFoundShapes()))
	flags.Func("fault", "`fault` to queue, as '"+simulator.FaultSyntax+"'; see below; can be repeated",
		func(words string) error {
			f, err := simulator.ParseFault(words)
			c.faults = append(c.faults, f)

			return err
		})
	flags.IntVar(&c.jobs, "jobs", 0, "initial `number` of RUNNING jobs")
	flags.BoolVar(&c.verbose, "v", false, "write a line for each request to standard error")
}

// setRateLimit parses a number of requests, with or without a window.
func (c *config) setRateLimit(value string) (err error) {
	number, window, hasWindow := strings.Cut(value, "/")
	o := &c.options

	if o.RateLimit, err = strconv.Atoi(number); err == nil && hasWindow {
		if o.RateWindow, err = time.ParseDuration(window); err == nil && o.RateWindow == 0 {
			err = errors.New("the duration cannot be zero")
		}
	}

	return err
}

// oneOf returns a function that sets target to one of the values.
func oneOf[T ~string](target *T, values []T) func(string) error {
	return func(s string) error {
		if !slices.Contains(values, T(s)) {
			return fmt.Errorf("it has to be one of %q", values)
		}

		*target = T(s)

		return nil
	}
}

// check returns an error for values that [simulator.Options] would accept: zeros, which are defaults
// there.
func (c *config) check() error {
	if c.jobs < 0 {
		return errors.New("jobs cannot be negative")
	}

	if o := c.options; o.Hour == 0 || o.TokenLifetime == 0 || o.JobLimit == 0 || o.RunLimit == 0 {
		return errors.New("hour, token-lifetime, job-limit and run-limit have to be positive")
	}

	return nil
}
