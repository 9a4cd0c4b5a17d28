//go:build unix

package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"time"
)

// settings say how long, and how hard.
type settings struct {
	short  bool
	length time.Duration
	jobs   int
	faults float64 // share of the calls that go wrong
	seed   uint64
}

// hour is how long an hour of a schedule takes.
const hour = 5 * time.Second

func parseArgs(args []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.DurationVar(&s.length, "for", 20*time.Minute, "after how long no other round begins")
	flags.IntVar(&s.jobs, "jobs", 1000, "how many jobs there are")
	flags.Float64Var(&s.faults, "faults", 0.05, "share of the calls to IAM and ModelArts that go wrong")
	flags.Uint64Var(&s.seed, "seed", 0, "repeats the changes, and the faults as far as the calls come in the same order; 0 is a new one")
	flags.BoolVar(&s.short, "short", false, "few jobs for a moment, and the first creates are not disturbed, as to look for one that was lost\n"+
		"takes a minute: whether it works, not whether the memory grows")
	if err := flags.Parse(args); err != nil {
		return settings{}, err
	}
	if s.short {
		s.length, s.jobs = 20*time.Second, 30
	}
	switch {
	case flags.NArg() > 0:
		return settings{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case s.length <= 0:
		return settings{}, errors.New("-for has to be more than nothing")
	case s.jobs < 10:
		return settings{}, errors.New("-jobs has to be at least 10, for there to be some of each kind")
	case s.faults < 0 || s.faults > 0.5:
		return settings{}, errors.New("-faults has to be from 0 to 0.5")
	}
	if s.seed == 0 {
		s.seed = rand.Uint64()
	}
	return s, nil
}

// hardEnd is after how long the soak is given up: there is time for a round that began
// in the last moment, and for the destroy.
func (s settings) hardEnd() time.Duration { return s.length*3/2 + 10*time.Minute }

// random returns what is random for one purpose, so that what one draws is nothing to
// another.
func (s settings) random(purpose uint64) *rand.Rand { return rand.New(rand.NewPCG(s.seed, purpose)) }
