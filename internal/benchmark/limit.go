//go:build unix

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// limited is what the provider did against an API that answers so many calls a second,
// and refuses the others with 429.
type limited struct {
	what    string // plan or create
	jobs    int
	rate    int // 0 is no limit
	at      int // the CLI's -parallelism
	samples []sample
	failed  int // how many runs
}

func (l *limited) time() time.Duration {
	return medianOf(l.samples, func(s sample) time.Duration { return s.time })
}

// defaultParallelism is the CLI's.
const defaultParallelism = 10

func (l *limited) succeeded() string {
	return fmt.Sprintf("%d of %d", len(l.samples)-l.failed, len(l.samples))
}

// limits measures plans with and without the limit, and creates with it. The provider
// is as it is without a configuration.
func (b *bench) limits(ctx context.Context, r *results) error {
	plans := []limited{
		{what: "plan", jobs: b.limited, at: defaultParallelism},
		{what: "plan", jobs: b.limited, rate: b.rate, at: defaultParallelism},
	}
	from, err := b.template(ctx, ours)
	if err != nil {
		return err
	}
	for run := range b.runs {
		progress("refresh %d jobs with and without a limit of %d calls a second, run %d of %d", b.limited, b.rate, run+1, b.runs)
		for i := range plans {
			if err := b.limitedPlan(ctx, &plans[i], from); err != nil {
				return err
			}
		}
	}
	r.limits = plans
	for _, parallelism := range []int{defaultParallelism, b.created} {
		progress("create %d jobs with that limit, %d at once", b.created, parallelism)
		one := limited{what: "create", jobs: b.created, rate: b.rate, at: parallelism}
		if err := b.limitedCreate(ctx, &one); err != nil {
			return err
		}
		r.limits = append(r.limits, one)
	}
	return nil
}

func (b *bench) limitedPlan(ctx context.Context, l *limited, from *template) error {
	server, err := startSimulator(simulator.Options{RateLimit: l.rate}, from.job, l.jobs) //nolint:contextcheck // it lives until Close
	if err != nil {
		return err
	}
	defer server.Close()
	w, err := b.workspaceOf(ours, server, l.jobs, from)
	if err != nil {
		return err
	}
	e, ok, err := w.planNothing(ctx, fmt.Sprintf("%d jobs, %d calls a second", l.jobs, l.rate))
	return l.note(e, ok, err, server)
}

func (b *bench) limitedCreate(ctx context.Context, l *limited) error {
	server, err := simulator.Start(simulator.Options{RateLimit: l.rate}) //nolint:contextcheck // it lives until Close
	if err != nil {
		return err
	}
	defer server.Close()
	w, err := b.workspaceOf(ours, server, l.jobs, nil)
	if err != nil {
		return err
	}
	e, ok, err := w.apply(ctx, fmt.Sprintf("create %d jobs, %d calls a second", l.jobs, l.rate), fmt.Sprintf("-parallelism=%d", l.at))
	return l.note(e, ok, err, server)
}

// note adds a run that has ended.
func (l *limited) note(e *execution, ok bool, err error, server *simulator.Server) error {
	if err != nil {
		return err
	}
	l.samples = append(l.samples, sample{e, countCalls(server.Calls())})
	if !ok {
		l.failed++
	}
	return nil
}

func limitTable(r *results) *table {
	t := &table{
		title: "Rate limit: so many ModelArts calls a second, the others get 429",
		notes: []string{"Calls and 429s are those to ModelArts."},
		head:  []string{"what", "jobs", "at once", "limit", "succeeded", "time s", "calls", "of them 429"},
	}
	for i := range r.limits {
		one := &r.limits[i]
		limit := "none"
		if one.rate > 0 {
			limit = fmt.Sprint(one.rate)
		}
		t.add(one.what, one.jobs, one.at, limit, one.succeeded(),
			seconds(one.time()),
			medianOf(one.samples, func(s sample) int { return s.calls.reads() + s.calls.changes }),
			medianOf(one.samples, func(s sample) int { return s.calls.throttled }))
	}
	return t
}
