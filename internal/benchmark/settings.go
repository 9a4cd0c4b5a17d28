//go:build unix

package main

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"time"
)

// settings say what is measured, and how often.
type settings struct {
	short bool
	only  string // one part; "" is all
	all   bool
	runs  int // of each refresh, but for the largest

	sizes     []int // how many jobs a refresh has
	reference int   // the size that the targets are about
	latency   time.Duration

	together                   int           // jobs that settle at once
	transition, longTransition time.Duration // theirs, and that of the long wait

	rate             int // ModelArts calls a second under the limit
	limited, created int // jobs of a refresh, and creates, under it

	startRuns int
}

// parts are what -only chooses from, in the order in which they are measured.
var parts = []string{"refresh", "wait", "limit", "start"}

// largest is the size that is measured once, as it takes longer than all others together.
const largest = 10_000

func parseArgs(args []string) (settings, error) {
	s := settings{
		sizes: []int{1, 10, 100, 1000, largest}, reference: 1000, latency: 50 * time.Millisecond,
		together: 100, transition: 5 * time.Second, longTransition: 20 * time.Second,
		rate: 20, limited: 500, created: 100,
		startRuns: 20,
	}
	flags := flag.NewFlagSet("benchmark", flag.ContinueOnError)
	flags.BoolVar(&s.short, "short", false, "measure small sizes, once: whether it works, not how fast it is")
	flags.BoolVar(&s.all, "all", false, fmt.Sprintf("measure with %d jobs what tells little there as well: minutes more", largest))
	flags.IntVar(&s.runs, "runs", 3, fmt.Sprintf("how often a refresh is measured, below %d jobs; the median counts", largest))
	most := flags.Int("most", largest, "refresh no more jobs than that")
	flags.StringVar(&s.only, "only", "", fmt.Sprintf("measure one `part` of %q", parts))
	if err := flags.Parse(args); err != nil {
		return settings{}, err
	}
	switch {
	case flags.NArg() > 0:
		return settings{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case s.runs < 1:
		return settings{}, errors.New("-runs has to be at least 1")
	}
	if s.only != "" && !slices.Contains(parts, s.only) {
		return settings{}, fmt.Errorf("-only %q: it has to be one of %q", s.only, parts)
	}
	s.sizes = slices.DeleteFunc(s.sizes, func(jobs int) bool { return jobs > *most })
	if s.short {
		s.sizes, s.reference, s.runs = []int{1, 100}, 100, 1
		s.together, s.transition, s.longTransition = 10, time.Second, 2*time.Second
		s.limited, s.created, s.startRuns = 50, 20, 3
	}
	return s, nil
}

// runsOf returns how often a refresh of that many jobs is measured.
func (s *settings) runsOf(jobs int) int {
	if jobs >= largest {
		return 1
	}
	return s.runs
}
