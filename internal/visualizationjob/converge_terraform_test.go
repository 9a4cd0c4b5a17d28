package visualizationjob_test

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// grace is the time in which an interrupted operation has to return.
const grace = time.Second

// noResponse is in the error of a create that received no response and found no job.
const noResponse = "The provider received no confirmation of the request to create the job, so the job might exist and be billed while it runs."

// managed is a resource of the configuration, as Terraform sees it.
type managed struct {
	instance // the state; without values there is none

	name    string
	tainted bool
	config  attrs // nil if the resource isn't in the configuration

	changes []change // of the plan

	killed, unconfirmed bool // whether Terraform, or the provider, received no confirmation of the create of this run
}

// change is a part of a plan. A replacement has two of them.
type change struct {
	verb    string
	planned instance
	config  attrs // nil for a delete
}

// id returns the ID of the job in the state, or 0.
func (r *managed) id() int64 {
	id, _ := r.values["id"].(string)
	number, _ := strconv.ParseInt(id, 10, 64)
	return number
}

// process is a provider as Terraform starts one for each walk of its graph.
type process struct {
	*network
	*protocol

	scenario *scenario
	ended    atomic.Pointer[time.Time] // when it was interrupted or killed
}

// start starts a provider with max_retries.
func (sc *scenario) start(retries int) *process {
	p := &process{scenario: sc, network: newNetwork(sc.t, sc.sim, sc.token)}
	p.protocol = sc.during(reporter{sc.t, sc, p.alive})
	p.serveWith(p.network, retries)
	return p
}

// reporter is the test of a process: it reports to the scenario, and its context ends with the process, as that of a gRPC connection.
type reporter struct {
	testing.TB

	scenario *scenario
	alive    context.Context
}

func (r reporter) Errorf(format string, args ...any) { r.scenario.failf(format, args...) }
func (r reporter) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (r reporter) Context() context.Context          { return r.alive }

// end interrupts or kills the process, once.
func (p *process) end(how string) {
	if now := time.Now(); !p.ended.CompareAndSwap(nil, &now) {
		return
	}
	p.scenario.notef("%s", how)
	if how == stop {
		// The framework doesn't cancel an RPC that arrives after the stop.
		<-time.After(time.Millisecond)
		p.stop()
		return
	}
	p.kill()
}

// arm ends the process as scripted.
func (p *process) arm(e ending) *time.Timer {
	end := func(n int) {
		if n == e.request {
			p.end(e.how)
		}
	}
	switch {
	case e.how == "":
	case e.request == 0:
		return time.AfterFunc(e.at, func() { p.end(e.how) })
	case e.after:
		p.after = end
	default:
		p.before = end
	}
	return time.NewTimer(0)
}

// call sends a request to the provider, and reports whether Terraform received a response without an error. It checks the time
// that an interrupted request takes, and each diagnostic.
func (p *process) call(name string, do func() []*tfprotov6.Diagnostic) (diags []*tfprotov6.Diagnostic, succeeded bool) {
	sc, begun := p.scenario, time.Now()
	defer func() {
		if v := recover(); v != nil {
			sc.failf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	sc.notef("%s begins", name)
	diags = do()
	if ended := p.ended.Load(); ended != nil && min(time.Since(*ended), time.Since(begun)) > grace {
		sc.failf("%s didn't return within %s after the interrupt", name, grace)
	}
	if p.isKilled() {
		sc.notef("%s got no response", name)
		return nil, false
	}
	sc.notef("%s ends", name)
	for _, d := range diags {
		sc.notef("\t%s: %s: %s", d.Severity, d.Summary, strings.ReplaceAll(d.Detail, "\n", " "))
		sc.check(name, d)
	}
	return diags, !slices.ContainsFunc(diags, isError)
}

// each calls do for all resources at the same time, as Terraform does, and reports whether all calls returned true.
func (sc *scenario) each(do func(*managed) bool) bool {
	results := make([]bool, len(sc.resources))
	var group sync.WaitGroup
	for i, r := range sc.resources {
		group.Go(func() { results[i] = do(r) })
	}
	group.Wait()
	return !slices.Contains(results, false)
}

// plan is terraform plan: it refreshes and plans each resource.
func (sc *scenario) plan(s step) bool {
	p := sc.start(s.retries)
	defer p.kill()
	return sc.each(p.refreshAndPlan)
}

// apply is terraform apply, and reports whether it succeeded.
func (sc *scenario) apply(s step) bool {
	for _, r := range sc.resources {
		r.killed, r.unconfirmed = false, false
	}
	if !sc.plan(s) {
		return false
	}
	<-time.After(s.pause)
	p := sc.start(s.retries)
	defer p.kill()
	defer p.arm(s.ending).Stop()
	return sc.each(p.applyPlanned)
}

// refreshAndPlan validates, refreshes and plans a resource.
func (p *process) refreshAndPlan(r *managed) bool {
	r.changes = nil
	if r.config != nil {
		if _, ok := p.call(r.name+" validate", func() []*tfprotov6.Diagnostic { return p.validate(resourceBlock, r.config) }); !ok {
			return false
		}
	}
	if r.values != nil {
		var read instance
		_, ok := p.call(r.name+" read", func() (diags []*tfprotov6.Diagnostic) {
			read, diags = p.read(r.instance)
			return diags
		})
		if _, there := p.scenario.sim.Job(r.id()); ok && there && read.values == nil {
			p.scenario.failf("%s: the job %d is there, and was dropped from the state", r.name, r.id())
		}
		if !ok {
			return false
		}
		r.instance, r.tainted = read, r.tainted && read.values != nil
	}
	if r.values == nil && r.config == nil {
		return true
	}
	var planned instance
	var replaces []string
	plan := func(prior instance, config attrs) bool {
		_, ok := p.call(r.name+" plan", func() (diags []*tfprotov6.Diagnostic) {
			planned, replaces, diags = p.tryPlan(prior, config)
			return diags
		})
		return ok
	}
	if r.values != nil {
		config := r.config
		if r.tainted {
			config = nil
		}
		switch {
		case !plan(r.instance, config):
			return false
		case config != nil && cmp.Equal(planned.values, r.values):
			return true
		case config != nil && len(replaces) == 0:
			r.changes = []change{{"update", planned, config}}
			return true
		}
		r.changes = []change{{"delete", instance{private: planned.private, identity: r.identity}, nil}}
	}
	if r.config == nil {
		return true
	}
	// Terraform plans the new job of a replacement without a prior state.
	isPlanned := plan(instance{private: planned.private}, r.config)
	r.changes = append(r.changes, change{"create", planned, r.config})
	return isPlanned
}

// applyPlanned applies the changes in turn, until one fails or the run is interrupted.
func (p *process) applyPlanned(r *managed) bool {
	for _, c := range r.changes {
		if p.ended.Load() != nil || !p.change(r, c) {
			return false
		}
	}
	return true
}

// change applies one change, and reports whether Terraform received a response without an error.
func (p *process) change(r *managed, c change) bool {
	existed := p.scenario.sim.Jobs()
	var applied instance
	diags, ok := p.call(r.name+" "+c.verb, func() (diags []*tfprotov6.Diagnostic) {
		applied, diags = p.apply(r.instance, c.planned, c.config)
		return diags
	})
	isCreate := c.verb == "create"
	switch {
	case p.isKilled():
		r.killed = isCreate
	case ok:
		r.instance, r.tainted = applied, false
	case applied.values == nil: // Terraform keeps the prior state.
		r.unconfirmed = isCreate && strings.Contains(diags[len(diags)-1].Detail, noResponse)
	default:
		for name, value := range applied.values {
			if unknown(value) {
				applied.values[name] = nil
			}
		}
		r.instance, r.tainted = applied, r.tainted || isCreate
		if isCreate && slices.ContainsFunc(existed, func(job simulator.Job) bool { return job.ID == r.id() }) {
			p.scenario.failf("%s: the job %d was there before the create that tainted it", r.name, r.id())
		}
	}
	return ok
}
