//go:build unix

package main

import (
	"fmt"
	"slices"
	"time"
)

// The targets.
const (
	pageSize        = 1000 // jobs on a page of a list
	mostBeyondPages = 10   // calls of a refresh

	mostTerraformData = 5.0 // times the CPU, and the time, of a refresh
	mostDoNothing     = 1.3

	mostSlower   = time.Second // with latency
	mostPerStep  = 2.0         // calls
	mostLag      = time.Second // or
	mostLagShare = 0.1         // of the wait

	mostStart   = 1.15       // times the scaffolding
	mostSize    = 25_000_000 // bytes
	mostMemory  = 60 << 20   // bytes
	mostLimited = 2 * time.Second
)

// verdict is a target, what was measured of it, and whether it is met.
type verdict struct {
	what, target, measured string
	met                    bool
}

// verdictTable sets what was measured against the targets.
func (b *bench) verdictTable(r *results) *table {
	t := &table{title: "Targets", head: []string{"what", "target", "measured", ""}}
	if b.short {
		t.notes = []string{"The targets are for the sizes of a whole run: these figures, of -short, say little."}
	}
	for _, part := range []struct {
		what  string
		judge func(*results) []verdict
	}{
		{"calls of a refresh", b.judgeCalls},
		{"cost of a refresh", b.judgeCost},
		{"slow API", b.judgeLatency},
		{"calls while jobs settle at once", b.judgeSharing},
		{"detection lag", b.judgeLag},
		{"start", b.judgeStart},
		{"peak memory", b.judgeMemory},
		{"rate limit", b.judgeLimit},
		{"growth", b.judgeGrowth},
	} {
		judged := part.judge(r)
		if len(judged) == 0 {
			t.add(part.what, unknown, unknown, "not measured")
		}
		for _, v := range judged {
			word := "NOT met"
			if v.met {
				word = "met"
			}
			t.add(part.what+", "+v.what, v.target, v.measured, word)
		}
	}
	return t
}

// atMost judges a proportion.
func atMost(what string, measured float64, known bool, most float64, of string) verdict {
	return verdict{
		what: what, target: fmt.Sprintf("at most %.2f times %s", most, of), measured: formatRatio(measured, known),
		met: known && measured <= most,
	}
}

func (b *bench) judgeCalls(r *results) (all []verdict) {
	for _, jobs := range b.sizes {
		if own := r.refreshOf(ours, jobs, 0); own != nil {
			most := (jobs+pageSize-1)/pageSize + mostBeyondPages
			made := own.calls().reads()
			all = append(all, verdict{
				fmt.Sprintf("N = %d", jobs), fmt.Sprintf("at most %d to ModelArts", most), fmt.Sprint(made), made <= most,
			})
		}
	}
	return all
}

func (b *bench) judgeCost(r *results) (all []verdict) {
	own := r.refreshOf(ours, b.reference, 0)
	for _, limit := range []struct {
		contestant string
		most       float64
	}{{terraformData, mostTerraformData}, {doNothing, mostDoNothing}} {
		other := r.refreshOf(limit.contestant, b.reference, 0)
		if own == nil || other == nil {
			continue
		}
		cpu, known := ratio(own.cpu(), other.cpu())
		all = append(all, atMost(fmt.Sprintf("N = %d, CPU", b.reference), cpu, known, limit.most, limit.contestant))
		took, known := ratio(own.time(), other.time())
		all = append(all, atMost(fmt.Sprintf("N = %d, time", b.reference), took, known, limit.most, limit.contestant))
	}
	return all
}

func (b *bench) judgeLatency(r *results) []verdict {
	fast, slow := r.refreshOf(ours, b.reference, 0), r.refreshOf(ours, b.reference, b.latency)
	if fast == nil || slow == nil {
		return nil
	}
	more := slow.time() - fast.time()
	return []verdict{{
		fmt.Sprintf("N = %d, %d ms", b.reference, b.latency.Milliseconds()), "at most " + seconds(mostSlower) + " s more", seconds(more) + " s",
		more <= mostSlower,
	}}
}

func (b *bench) judgeSharing(r *results) (all []verdict) {
	for _, change := range []string{"create", "stop"} {
		alone, many := r.waitOf(change, 1, b.transition), r.waitOf(change, b.together, b.transition)
		if alone == nil || many == nil {
			continue
		}
		perStep, known := ratio(many.calls.reads(), alone.calls.reads())
		all = append(all, atMost(fmt.Sprintf("%s %d", change, b.together), perStep, known, mostPerStep, "one job alone"))
	}
	return all
}

func (b *bench) judgeLag(r *results) (all []verdict) {
	for i := range r.waits {
		one := &r.waits[i]
		if len(one.lags) == 0 {
			continue
		}
		most := max(mostLag, time.Duration(mostLagShare*float64(one.transition)))
		largest := slices.Max(one.lags)
		all = append(all, verdict{
			fmt.Sprintf("%s %d in %.0f s", one.change, one.jobs, one.transition.Seconds()), "at most " + seconds(most) + " s", seconds(largest) + " s",
			largest <= most,
		})
	}
	return all
}

func (b *bench) judgeStart(r *results) []verdict {
	own, bare := r.startOf(ours), r.startOf(scaffolding)
	if own == nil || bare == nil {
		return nil
	}
	times, known := ratio(own.time(), bare.time())
	return []verdict{
		atMost("time", times, known, mostStart, scaffolding),
		{"size of the program", "at most " + megabytes(mostSize) + " MB", megabytes(own.size) + " MB", own.size <= mostSize},
	}
}

func (b *bench) judgeMemory(r *results) []verdict {
	own := r.refreshOf(ours, b.reference, 0)
	if own == nil {
		return nil
	}
	return []verdict{{
		fmt.Sprintf("N = %d", b.reference), "at most " + mebibytes(mostMemory) + " MiB", mebibytes(own.memory()) + " MiB", own.memory() <= mostMemory,
	}}
}

func (b *bench) judgeLimit(r *results) (all []verdict) {
	var free *limited
	for i := range r.limits {
		one := &r.limits[i]
		if one.rate == 0 {
			free = one
			continue
		}
		what := fmt.Sprintf("%s %d, %d at once", one.what, one.jobs, one.at)
		all = append(all, verdict{what, "succeeds", one.succeeded(), one.failed == 0})
		if one.what == "plan" && free != nil {
			more := one.time() - free.time()
			all = append(all, verdict{what, "at most " + seconds(mostLimited) + " s more", seconds(more) + " s", more <= mostLimited})
		}
	}
	return all
}

// judgeGrowth compares the sizes beyond the reference with it: below, the start is most
// of what there is.
func (b *bench) judgeGrowth(r *results) (all []verdict) {
	small := r.refreshOf(ours, b.reference, 0)
	for _, jobs := range b.sizes {
		large := r.refreshOf(ours, jobs, 0)
		if jobs <= b.reference || small == nil || large == nil {
			continue
		}
		most, of := float64(jobs)/float64(b.reference), fmt.Sprintf("N = %d", b.reference)
		took, known := ratio(large.time(), small.time())
		all = append(all, atMost(fmt.Sprintf("N = %d, time", jobs), took, known, most, of))
		cpu, known := ratio(large.providerCPU(), small.providerCPU())
		all = append(all, atMost(fmt.Sprintf("N = %d, provider's CPU", jobs), cpu, known, most, of))
		memory, known := ratio(large.memory(), small.memory())
		all = append(all, atMost(fmt.Sprintf("N = %d, memory", jobs), memory, known, most, of))
	}
	return all
}
