//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// refresh is what plans with so many jobs in the state took a contestant.
type refresh struct {
	contestant string
	jobs       int
	latency    time.Duration // of every answer
	samples    []sample      // none when no plan was empty
}

// sample is one run of the CLI, and the calls it led to.
type sample struct {
	*execution

	calls calls
}

func (r *refresh) time() time.Duration {
	return medianOf(r.samples, func(s sample) time.Duration { return s.time })
}

func (r *refresh) cpu() time.Duration {
	return medianOf(r.samples, func(s sample) time.Duration { return s.cpu })
}

func (r *refresh) providerCPU() time.Duration {
	return medianOf(r.samples, func(s sample) time.Duration { return s.provider.CPU })
}

func (r *refresh) memory() int64 {
	return medianOf(r.samples, func(s sample) int64 { return s.provider.Memory })
}

// calls returns the median of each count.
func (r *refresh) calls() calls {
	return calls{
		iam:       medianOf(r.samples, func(s sample) int { return s.calls.iam }),
		lists:     medianOf(r.samples, func(s sample) int { return s.calls.lists }),
		gets:      medianOf(r.samples, func(s sample) int { return s.calls.gets }),
		changes:   medianOf(r.samples, func(s sample) int { return s.calls.changes }),
		throttled: medianOf(r.samples, func(s sample) int { return s.calls.throttled }),
	}
}

// refreshOf returns what was measured, or nil.
func (r *results) refreshOf(contestant string, jobs int, latency time.Duration) *refresh {
	for i := range r.refreshes {
		if one := &r.refreshes[i]; one.contestant == contestant && one.jobs == jobs && one.latency == latency && len(one.samples) > 0 {
			return one
		}
	}
	return nil
}

// refreshes measures all sizes.
func (b *bench) refreshes(ctx context.Context, r *results) error {
	for _, jobs := range b.sizes {
		measured, err := b.refreshesOf(ctx, jobs)
		if err != nil {
			return err
		}
		r.refreshes = append(r.refreshes, measured...)
	}
	return nil
}

// refreshesOf measures one size. The contestants take turns, so that a machine that is
// slower for a while is slower for all of them.
func (b *bench) refreshesOf(ctx context.Context, jobs int) ([]refresh, error) {
	var all []refresh
	for _, one := range []struct {
		contestant string
		latency    time.Duration
		most       int // jobs it is measured with: what tells little beyond, and takes minutes
	}{
		{terraformData, 0, largest},
		{scaffolding, 0, b.reference},
		{doNothing, 0, largest},
		{ours, 0, largest},
		{naive, 0, largest},
		{ours, b.latency, largest},
		{naive, b.latency, b.reference},
	} {
		if jobs <= one.most || b.all {
			all = append(all, refresh{contestant: one.contestant, jobs: jobs, latency: one.latency})
		}
	}
	job, err := b.template(ctx, ours)
	if err != nil {
		return nil, err
	}
	servers := make(map[time.Duration]*simulator.Server)
	for _, latency := range []time.Duration{0, b.latency} {
		server, err := startSimulator(simulator.Options{Latency: latency}, job.job, jobs) //nolint:contextcheck // it lives until Close
		if err != nil {
			return nil, err
		}
		defer server.Close()
		servers[latency] = server
	}
	workspaces := make([]*workspace, len(all))
	for i, one := range all {
		from, err := b.template(ctx, one.contestant)
		if err != nil {
			return nil, err
		}
		if workspaces[i], err = b.workspaceOf(one.contestant, servers[one.latency], jobs, from); err != nil {
			return nil, err
		}
	}
	for run := range b.runsOf(jobs) {
		progress("refresh N = %d, run %d of %d", jobs, run+1, b.runsOf(jobs))
		for i := range all {
			if err := all[i].measure(ctx, workspaces[i], servers[all[i].latency]); err != nil {
				return nil, err
			}
		}
	}
	for _, w := range workspaces {
		if err := w.remove(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// measure adds a sample.
func (r *refresh) measure(ctx context.Context, w *workspace, server *simulator.Server) error {
	server.ResetCalls()
	e, ok, err := w.planNothing(ctx, r.String())
	if err != nil || !ok {
		return err
	}
	made := countCalls(server.Calls())
	if made.changes > 0 {
		return errors.New("a plan changed something")
	}
	r.samples = append(r.samples, sample{e, made})
	progress("  %-40s %6s s", r, seconds(e.time))
	return nil
}

// String names the measurement.
func (r *refresh) String() string {
	return fmt.Sprintf("%s, N = %d, %d ms", r.contestant, r.jobs, r.latency.Milliseconds())
}

// refreshTables shows the figures, and then how they compare.
func refreshTables(r *results) []*table {
	figures := &table{
		title: "Refresh: a plan with N jobs in the state",
		notes: []string{
			"Latency is that of every answer of the API. CPU is of the CLI and the provider; terraform_data has no",
			"provider process. Memory is the peak of the provider's largest process.",
		},
		head: []string{
			"N", "latency ms", "provider", "IAM calls", "lists", "GETs", "time s", "CPU s", "provider's CPU s", "memory MiB",
		},
	}
	for i := range r.refreshes {
		one := &r.refreshes[i]
		if len(one.samples) == 0 {
			continue
		}
		providerCPU, memory := unknown, unknown
		if one.memory() > 0 {
			providerCPU, memory = seconds(one.providerCPU()), mebibytes(one.memory())
		}
		c := one.calls()
		figures.add(one.jobs, one.latency.Milliseconds(), one.contestant, c.iam, c.lists, c.gets,
			seconds(one.time()), seconds(one.cpu()), providerCPU, memory)
	}
	ratios := &table{
		title: "Refresh: this provider in proportion to the others",
		head:  []string{"N", "latency ms", "in proportion to", "time", "CPU", "provider's CPU"},
	}
	for i := range r.refreshes {
		other := &r.refreshes[i]
		own := r.refreshOf(ours, other.jobs, other.latency)
		if other.contestant == ours || own == nil || len(other.samples) == 0 {
			continue
		}
		ratios.add(other.jobs, other.latency.Milliseconds(), other.contestant,
			formatRatio(ratio(own.time(), other.time())), formatRatio(ratio(own.cpu(), other.cpu())),
			formatRatio(ratio(own.providerCPU(), other.providerCPU())))
	}
	return []*table{figures, ratios}
}
