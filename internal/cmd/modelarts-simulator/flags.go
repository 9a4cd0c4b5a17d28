package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
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
	jobs    int // RUNNING jobs to begin with
	verbose bool
}

const usage = `Usage: modelarts-simulator [flags]

Serves an in-memory imitation of Open Telekom Cloud's IAM and ModelArts on a
loopback address until it is interrupted. The environment variables that a
client needs go to standard output, everything else to standard error.

Example:

  modelarts-simulator -transition 10s -jobs 2 >simulator.env &
  until [ -s simulator.env ]; do sleep 0.1; done
  . ./simulator.env
  terraform plan

Flags:

`

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
		flags.SetOutput(stderr)

		if _, err := fmt.Fprint(stderr, usage); err != nil {
			return config{}, fmt.Errorf("write usage: %w", err)
		}

		flags.PrintDefaults()

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
	flags.DurationVar(&o.Hour, "hour", simulator.DefaultHour,
		"`time` that one hour of a job's schedule takes")
	flags.DurationVar(&o.TokenLifetime, "token-lifetime", simulator.DefaultTokenLifetime,
		"`time` after which a token has to be renewed")
	flags.IntVar(&o.JobLimit, "job-limit", simulator.DefaultJobLimit,
		"`number` of jobs the project may hold")
	flags.IntVar(&o.PageCap, "page-cap", 0,
		"largest `number` of jobs on a page of the list, whatever is asked for; 0 is 1000")
	flags.IntVar(&o.RateLimit, "rate-limit", 0,
		"`number` of ModelArts requests answered per second; more get status 429; 0 is no limit")
	flags.Func("buckets", "comma-separated `list` of the OBS buckets that exist (default: every bucket does)",
		func(list string) error {
			o.Buckets = strings.Split(list, ",")

			return nil
		})
	flags.IntVar(&c.jobs, "jobs", 0, "`number` of RUNNING jobs to begin with")
	flags.BoolVar(&c.verbose, "v", false, "write a line for each request to standard error")
}

// check refuses values that mean nothing.
func (c *config) check() error {
	o := c.options
	if min(o.Latency, o.Transition) < 0 || min(c.jobs, o.PageCap, o.RateLimit) < 0 {
		return errors.New("latency, transition, jobs, page-cap and rate-limit cannot be negative")
	}

	if min(o.Hour, o.TokenLifetime) <= 0 || o.JobLimit <= 0 {
		return errors.New("hour, token-lifetime and job-limit have to be positive")
	}

	return nil
}
