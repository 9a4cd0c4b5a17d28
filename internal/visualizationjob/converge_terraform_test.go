package visualizationjob_test

import (
	"maps"
	"strconv"
)

// object is a resource instance in a state; without values there is none.
type object struct {
	instance

	tainted bool
}

func (o *object) exists() bool { return o.values != nil }

func (o *object) id() string {
	id, _ := o.values["id"].(string)
	return id
}

// managed is a resource of the configuration, as Terraform sees it.
type managed struct {
	index  int
	name   string // for the record
	state  object
	config attrs // nil if the resource isn't in the configuration

	created *rpc // the create of this run, or nil
	killed  bool // Terraform received no confirmation of it
}

type action string

const (
	actionNone    action = "no-op"
	actionCreate  action = "create"
	actionUpdate  action = "update"
	actionReplace action = "replace"
	actionDelete  action = "delete"
)

// change is a planned change of a resource.
type change struct {
	action  action
	before  object
	planned instance
}

// refresh reads a resource.
func (p *process) refresh(r *managed, from object) (object, bool) {
	c := &rpc{name: r.name + " read " + from.id()}
	var read instance
	arrived := p.call(c, func() { read, c.diags = p.read(from.instance) })
	if !arrived || c.failed() {
		return object{}, false
	}
	p.scenario.checkRead(r, from, read.values)
	return object{read, from.tainted && read.values != nil}, true
}

// propose requests a plan from a state.
func (p *process) propose(r *managed, prior instance, config attrs) (planned instance, replaces []string, ok bool) {
	c := &rpc{name: r.name + " plan"}
	arrived := p.call(c, func() { planned, replaces, c.diags = p.tryPlan(prior, config) })
	return planned, replaces, arrived && !c.failed()
}

// proposeAgain plans again, as Terraform does just before it applies a plan, and checks that the plan is the same.
func (p *process) proposeAgain(r *managed, prior, shown instance) (instance, bool) {
	planned, _, ok := p.propose(r, prior, r.config)
	for name, value := range shown.values {
		if ok && !unknown(value) && !same(value, planned.values[name]) {
			p.scenario.failf("%s: inconsistent final plan: %s was planned as %v and now as %v", r.name, name, value, planned.values[name])
		}
	}
	return planned, ok
}

// plan plans a resource whose state was refreshed.
func (p *process) plan(r *managed, before object) (*change, bool) {
	switch {
	case !before.exists() && r.config == nil:
		return &change{action: actionNone, before: before}, true
	case r.config == nil:
		planned, _, ok := p.propose(r, before.instance, nil)
		return &change{actionDelete, before, planned}, ok
	case !before.exists() || before.tainted:
		planned, _, ok := p.propose(r, instance{}, r.config)
		if before.tainted {
			return &change{actionReplace, before, planned}, ok
		}
		return &change{actionCreate, before, planned}, ok
	}
	planned, replaced, ok := p.propose(r, before.instance, r.config)
	switch {
	case !ok:
		return nil, false
	case maps.EqualFunc(planned.values, before.values, same):
		return &change{actionNone, before, planned}, true
	case len(replaced) == 0:
		return &change{actionUpdate, before, planned}, true
	}
	// Terraform plans the new job without a prior state.
	planned, _, ok = p.propose(r, instance{private: planned.private}, r.config)
	return &change{actionReplace, before, planned}, ok
}

// change applies one change, and reports whether Terraform received a response without an error.
func (p *process) change(r *managed, c *rpc, prior object, planned instance, config attrs) bool {
	var applied instance
	arrived := p.call(c, func() { applied, c.diags = p.protocol.apply(prior.instance, planned, config) })
	switch {
	case !arrived:
		return false
	case !c.failed():
		r.state = object{instance: applied}
	case applied.values == nil:
		r.state = prior // Terraform keeps the prior state
	default:
		for name, value := range applied.values {
			if unknown(value) {
				applied.values[name] = nil
			}
		}
		r.state = object{applied, prior.tainted || !prior.exists()}
		if id, _ := strconv.ParseInt(r.state.id(), 10, 64); c.existed[id] {
			p.scenario.failf("%s: the job %d was there before the create that tainted it", r.name, id)
		}
	}
	return !c.failed()
}

// apply applies a planned change.
func (p *process) apply(r *managed, ch *change) bool {
	sc := p.scenario
	if ch.action == actionNone || p.isEnding() {
		return ch.action == actionNone
	}
	if ch.action == actionDelete || ch.action == actionReplace {
		c := &rpc{name: r.name + " delete " + ch.before.id()}
		gone := instance{private: ch.planned.private, identity: ch.before.identity}
		if !p.change(r, c, ch.before, gone, nil) {
			return false
		}
		if ch.action == actionDelete {
			return true
		}
		if p.isEnding() {
			return false
		}
	}
	if ch.action == actionUpdate {
		planned, ok := p.proposeAgain(r, ch.before.instance, ch.planned)
		c := &rpc{name: r.name + " update " + ch.before.id()}
		return ok && p.change(r, c, ch.before, planned, r.config)
	}
	planned, ok := p.proposeAgain(r, instance{}, ch.planned)
	if !ok {
		return false
	}
	r.created = &rpc{name: r.name + " create", existed: map[int64]bool{}}
	for _, job := range sc.sim.Jobs() {
		r.created.existed[job.ID] = true
	}
	ok = p.change(r, r.created, object{}, planned, r.config)
	r.killed = p.isKilled()
	return ok
}

// importJob is terraform import.
func (p *process) importJob(r *managed, id string) bool {
	var imported instance
	c := &rpc{name: r.name + " import " + id}
	arrived := p.call(c, func() { imported, c.diags = p.importByID(id) })
	if !arrived || c.failed() {
		return false
	}
	read, ok := p.refresh(r, object{instance: imported})
	if ok && read.exists() {
		r.state = read
	}
	return ok && read.exists()
}
