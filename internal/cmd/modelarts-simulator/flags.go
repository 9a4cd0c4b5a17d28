package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// defaultTransition is long enough to watch a job change its status, and short
// enough not to wait for it.
const defaultTransition = 3 * time.Second

// config is what the command line says.
type config struct {
	options simulator.Options
	faults  []simulator.Fault // queued before the first request
	jobs    int               // RUNNING jobs to begin with
	verbose bool
}

// parseArgs reads the command line. With -help it writes the usage to stderr
// and returns [flag.ErrHelp].
func parseArgs(args []string, stderr io.Writer) (config, error) {
	var c config

	flags := flag.NewFlagSet("modelarts-simulator", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // The caller reports errors, once.
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
		"loopback `address` to listen on, as host:port; port 0 is a free one")
	flags.DurationVar(&o.Latency, "latency", 0,
		"`time` that passes before every answer")
	flags.DurationVar(&o.Transition, "transition", defaultTransition,
		"`time` a job takes to start, to stop and to be deleted")
	flags.DurationVar(&o.Stale, "stale", 0,
		"`time` for which reads still show a job as it was before a stop, restart, delete or update")
	flags.DurationVar(&o.Appear, "appear", 0,
		"`time` for which no read shows a job just created")
	flags.DurationVar(&o.Hour, "hour", simulator.DefaultHour,
		"`time` that one hour of a job's schedule takes")
	flags.DurationVar(&o.TokenLifetime, "token-lifetime", simulator.DefaultTokenLifetime,
		"`time` after which a token has to be renewed")
	flags.IntVar(&o.JobLimit, "job-limit", simulator.DefaultJobLimit,
		"`number` of jobs the project may hold")
	flags.IntVar(&o.RunLimit, "run-limit", simulator.DefaultRunLimit,
		"`number` of jobs that may start or run at once; the list shows it as quotas")
	flags.BoolVar(&o.ShowSchedule, "show-schedule", false,
		"show the schedule of a job in the list and the details, as the API reference did until 2024")
	flags.IntVar(&o.PageCap, "page-cap", 0,
		"largest `number` of jobs on a page of the list, whatever is asked for; 0 is 1000")
	flags.BoolVar(&o.StrictPageCap, "strict-page-cap", false,
		"refuse a page larger than page-cap instead of shortening it")
	flags.IntVar(&o.RateLimit, "rate-limit", 0,
		"`number` of ModelArts requests answered per second; more get status 429; 0 is no limit")
	flags.Func("buckets", "comma-separated `list` of the OBS buckets that exist (default: every bucket does)",
		func(list string) error {
			o.Buckets = strings.Split(list, ",")

			return nil
		})
	flags.Func("refusals", "`profile` of the calls refused in a status:\n"+refusalsHelp,
		oneOf(&o.Refusals, simulator.RefusalProfiles()))
	flags.Func("error-shape", "`shape` of the refusals of ModelArts:\n"+errorShapeHelp,
		oneOf(&o.ErrorShape, simulator.ErrorShapes()))
	flags.Func("not-found-shape", "`shape` of the refusal of an unknown job:\n"+notFoundShapeHelp,
		oneOf(&o.NotFoundShape, simulator.NotFoundShapes()))
	flags.Func("fault", "`fault` to queue, as '"+simulator.FaultSyntax+"'; see below; may be repeated",
		func(words string) error {
			f, err := simulator.ParseFault(words)
			c.faults = append(c.faults, f)

			return err
		})
	flags.IntVar(&c.jobs, "jobs", 0, "`number` of RUNNING jobs to begin with")
	flags.BoolVar(&c.verbose, "v", false, "write a line for each request to standard error")
}

// oneOf returns what reads a flag that takes one of the values.
func oneOf[T ~string](target *T, values []T) func(string) error {
	return func(s string) error {
		if !slices.Contains(values, T(s)) {
			return fmt.Errorf("it has to be one of %q", values)
		}

		*target = T(s)

		return nil
	}
}

// check refuses what the simulator does not: zeros that stand for a default there.
func (c *config) check() error {
	if c.jobs < 0 {
		return errors.New("jobs cannot be negative")
	}

	if o := c.options; o.Hour == 0 || o.TokenLifetime == 0 || o.JobLimit == 0 || o.RunLimit == 0 {
		return errors.New("hour, token-lifetime, job-limit and run-limit have to be positive")
	}

	return nil
}
