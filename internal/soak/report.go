//go:build unix

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// row is what is told of a round.
type row struct {
	round          string
	hours          float64 // of schedules, since the beginning
	changes        int     // of the configuration, and outside of it
	plans, applies int
	calls, faults  int
	took           time.Duration
	provider       string // who started it
	sample         sample // zero when the CLI did
}

// rowHead is the line above the rows.
var rowHead = "Until the round had converged, and what the provider that does not end then has at rest.\n\n" +
	fmt.Sprintf("%5s %6s %8s %6s %8s %7s %7s %7s  %-8s %9s %11s %12s %6s",
		"round", "hours", "changes", "plans", "applies", "calls", "faults", "time s", "provider", "heap KiB", "goroutines", "descriptors", "conns")

// String returns the row as it is printed.
func (r row) String() string {
	line := fmt.Sprintf("%5s %6.0f %8d %6d %8d %7d %7d %7.1f  %-8s",
		r.round, r.hours, r.changes, r.plans, r.applies, r.calls, r.faults, r.took.Seconds(), r.provider)
	if r.sample == (sample{}) {
		return line
	}
	return line + fmt.Sprintf(" %9d %11d %12d %6d", r.sample.Heap>>10, r.sample.Goroutines, r.sample.Descriptors, r.sample.connections)
}

// summary tells what went wrong, and how often.
func (g *gateway) summary() string {
	calls, faults := g.count()
	g.mu.Lock()
	defer g.mu.Unlock()
	kinds := make([]string, 0, len(g.happened))
	for _, kind := range slices.Sorted(maps.Keys(g.happened)) {
		kinds = append(kinds, fmt.Sprintf("%s %d", kind, g.happened[kind]))
	}
	return fmt.Sprintf("\n%d calls, %d faults: %s.\n", calls, faults, strings.Join(kinds, ", "))
}
