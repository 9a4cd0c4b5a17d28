//go:build unix

package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// wait is what it took to bring jobs somewhere, all at once.
type wait struct {
	change     string // create or stop
	jobs       int
	transition time.Duration // how long the service takes for one
	calls      calls
	lags       []time.Duration // of each job, from settled to applied; none when the apply failed
}

// share returns the largest lag as a part of the wait.
func (w *wait) share() float64 { return slices.Max(w.lags).Seconds() / w.transition.Seconds() }

// waitOf returns what was measured, or nil.
func (r *results) waitOf(change string, jobs int, transition time.Duration) *wait {
	for i := range r.waits {
		one := &r.waits[i]
		if one.change == change && one.jobs == jobs && one.transition == transition && len(one.lags) > 0 {
			return one
		}
	}
	return nil
}

// waits measures one job, which tells how many looks a wait takes, many at once, and
// one that takes long.
func (b *bench) waits(ctx context.Context, r *results) error {
	for _, one := range []struct {
		jobs       int
		transition time.Duration
	}{{1, b.transition}, {b.together, b.transition}, {1, b.longTransition}} {
		progress("create and stop %d jobs in %s", one.jobs, one.transition)
		measured, err := b.waitsOf(ctx, one.jobs, one.transition)
		if err != nil {
			return err
		}
		r.waits = append(r.waits, measured...)
	}
	return nil
}

// waitsOf creates jobs and stops them, all at once.
func (b *bench) waitsOf(ctx context.Context, jobs int, transition time.Duration) ([]wait, error) {
	server, err := simulator.Start(simulator.Options{Transition: transition}) //nolint:contextcheck // it lives until Close
	if err != nil {
		return nil, err
	}
	defer server.Close()
	w, err := b.workspaceOf(ours, server, jobs, nil)
	if err != nil {
		return nil, err
	}
	var measured []wait
	for _, change := range []string{"create", "stop"} {
		server.ResetCalls()
		// What a refresh calls is measured for itself.
		e, ok, err := w.apply(ctx, fmt.Sprintf("%s %d jobs", change, jobs), "-json", "-refresh=false",
			fmt.Sprintf("-parallelism=%d", max(jobs, defaultParallelism)), fmt.Sprintf("-var=running=%t", change == "create"))
		if err != nil {
			return nil, err
		}
		one := wait{change: change, jobs: jobs, transition: transition, calls: countCalls(server.Calls())}
		if ok {
			if one.lags, err = lags(e.output, server.Calls(), server.Jobs(), transition); err != nil {
				return nil, err
			}
		}
		measured = append(measured, one)
	}
	return measured, nil
}

func waitTable(r *results) *table {
	t := &table{
		title: "Wait: create and stop jobs, all at once",
		notes: []string{
			"Changes, lists and GETs are calls. Per step: lists and GETs, for each of those that one job alone takes.",
			"The lag of a job is from the moment it settled until the CLI says that it is done.",
		},
		head: []string{
			"change", "jobs", "settled after s", "changes", "lists", "GETs", "per step", "lag median s", "largest s", "of the wait",
		},
	}
	for i := range r.waits {
		one := &r.waits[i]
		row := []any{one.change, one.jobs, seconds(one.transition), one.calls.changes, one.calls.lists, one.calls.gets}
		perStep := unknown
		if alone := r.waitOf(one.change, 1, one.transition); alone != nil {
			perStep = formatRatio(ratio(one.calls.reads(), alone.calls.reads()))
		}
		if len(one.lags) == 0 {
			t.add(append(row, perStep, unknown, unknown, unknown)...)
			continue
		}
		t.add(append(row, perStep, seconds(median(one.lags)), seconds(slices.Max(one.lags)), percent(one.share()))...)
	}
	return t
}
