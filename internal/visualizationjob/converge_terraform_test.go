package visualizationjob_test

import (
	"context"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
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
	config attrs // null when the resource is not in the configuration

	created *rpc // the create of the present run, nil when there was none
	killed  bool // its answer did not arrive
}

type action string

const (
	actionNone    action = "no-op"
	actionCreate  action = "create"
	actionUpdate  action = "update"
	actionReplace action = "replace"
	actionDelete  action = "delete"
)

// change is what Terraform planned for a resource.
type change struct {
	action  action
	before  object
	planned instance
}

// same compares attributes.
func same(a, b any) bool {
	x, structured := a.(tftypes.Value)
	y, both := b.(tftypes.Value)
	if structured || both {
		return structured && both && x.Equal(y)
	}
	return a == b
}

func sameAttrs(a, b attrs) bool {
	for name := range a {
		if !same(a[name], b[name]) {
			return false
		}
	}
	return (a == nil) == (b == nil)
}

func unknown(v any) bool { return v == any(tftypes.UnknownValue) }

// proposed is Terraform's proposal: the configuration, and what was there where
// the provider decides.
func (w *world) proposed(prior, config attrs) attrs {
	proposal := config.with(nil)
	for _, attribute := range w.schema.Block.Attributes {
		if attribute.Computed && config[attribute.Name] == nil {
			proposal[attribute.Name] = prior[attribute.Name]
		}
	}
	return proposal
}

// checkPlanned is Terraform's check of a planned state: it is what the
// configuration says, or still what was there; the rest is the provider's only
// where it is computed.
func (w *world) checkPlanned(r *managed, prior, planned attrs) {
	computed := map[string]bool{}
	for _, attribute := range w.schema.Block.Attributes {
		computed[attribute.Name] = attribute.Computed
	}
	for name, value := range planned {
		config := r.config[name]
		switch {
		case same(value, config):
		case config != nil && prior[name] != nil && same(value, prior[name]):
		case config == nil && computed[name]:
		default:
			w.failf("%s: invalid plan: %s is planned as %v, and configured as %v", r.name, name, value, config)
		}
	}
}

// checkApplied is Terraform's check of a new state: nothing is unknown, and all
// that was known is as planned.
func (w *world) checkApplied(r *managed, planned, applied attrs) {
	for name, value := range applied {
		if unknown(value) {
			w.failf("%s: invalid result object after apply: %s is unknown", r.name, name)
		}
	}
	for name, value := range planned {
		if !unknown(value) && !same(value, applied[name]) {
			w.failf("%s: inconsistent result after apply: %s was planned as %v and is %v", r.name, name, value, applied[name])
		}
	}
}

// refresh reads a resource.
func (p *process) refresh(r *managed, from object) (object, bool) {
	w := p.world
	c := &rpc{name: r.name + " read " + from.id(), limit: timeout(w, from.values, "read", 5*time.Minute)}
	var read instance
	arrived := p.call(c, func(ctx context.Context) ([]*tfprotov6.Diagnostic, error) {
		resp, err := p.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
			TypeName: typeName, CurrentState: w.encode(w.typ, from.values), Private: from.private,
			CurrentIdentity: w.encodeIdentity(from.identity),
		})
		if err != nil {
			return nil, err
		}
		read = instance{w.decode(w.typ, resp.NewState), resp.Private, w.decodeIdentity(resp.NewIdentity)}
		return resp.Diagnostics, nil
	})
	if !arrived || c.failed() {
		return object{}, false
	}
	w.checkRead(r, from, read.values)
	return object{read, from.tainted && read.values != nil}, true
}

// propose asks the provider for a plan from a state.
func (p *process) propose(r *managed, prior instance, config attrs) (planned instance, replaced []string, ok bool) {
	w := p.world
	var proposal attrs
	if config != nil {
		proposal = w.proposed(prior.values, config)
	}
	c := &rpc{name: r.name + " plan"}
	arrived := p.call(c, func(ctx context.Context) ([]*tfprotov6.Diagnostic, error) {
		resp, err := p.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
			TypeName: typeName, PriorState: w.encode(w.typ, prior.values), ProposedNewState: w.encode(w.typ, proposal),
			Config: w.encode(w.typ, config), PriorPrivate: prior.private, PriorIdentity: w.encodeIdentity(prior.identity),
		})
		if err != nil {
			return nil, err
		}
		planned = instance{w.decode(w.typ, resp.PlannedState), resp.PlannedPrivate, w.decodeIdentity(resp.PlannedIdentity)}
		for _, path := range resp.RequiresReplace {
			name, _ := path.Steps()[0].(tftypes.AttributeName)
			if !same(prior.values[string(name)], planned.values[string(name)]) {
				replaced = append(replaced, string(name))
			}
		}
		return resp.Diagnostics, nil
	})
	if config != nil && arrived && !c.failed() {
		w.checkPlanned(r, prior.values, planned.values)
	}
	return planned, replaced, arrived && !c.failed()
}

// proposeAgain asks for the plan once more, as Terraform does just before it
// applies it, and checks that it still is the one that was shown.
func (p *process) proposeAgain(r *managed, prior, shown instance) (instance, bool) {
	planned, _, ok := p.propose(r, prior, r.config)
	for name, value := range shown.values {
		if ok && !unknown(value) && !same(value, planned.values[name]) {
			p.world.failf("%s: inconsistent final plan: %s was planned as %v and now as %v", r.name, name, value, planned.values[name])
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
	case sameAttrs(planned.values, before.values):
		return &change{actionNone, before, planned}, true
	case len(replaced) == 0:
		return &change{actionUpdate, before, planned}, true
	}
	// What comes instead is planned from nothing.
	planned, _, ok = p.propose(r, instance{private: planned.private}, r.config)
	return &change{actionReplace, before, planned}, ok
}

// change makes one change, and says whether its answer arrived and was no error.
func (p *process) change(r *managed, c *rpc, prior object, planned instance, config attrs) bool {
	w := p.world
	var applied instance
	arrived := p.call(c, func(ctx context.Context) ([]*tfprotov6.Diagnostic, error) {
		resp, err := p.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
			TypeName: typeName, PriorState: w.encode(w.typ, prior.values), PlannedState: w.encode(w.typ, planned.values),
			Config: w.encode(w.typ, config), PlannedPrivate: planned.private, PlannedIdentity: w.encodeIdentity(planned.identity),
		})
		if err != nil {
			return nil, err
		}
		applied = instance{w.decode(w.typ, resp.NewState), resp.Private, w.decodeIdentity(resp.NewIdentity)}
		return resp.Diagnostics, nil
	})
	switch {
	case !arrived:
		return false
	case !c.failed():
		w.checkApplied(r, planned.values, applied.values)
		r.state = object{instance: applied}
	case applied.values == nil:
		r.state = prior // what was there is kept, in case the error is mended
	default:
		for name, value := range applied.values {
			if unknown(value) {
				applied.values[name] = nil
			}
		}
		r.state = object{applied, prior.tainted || !prior.exists()}
		if id, _ := strconv.ParseInt(r.state.id(), 10, 64); c.existed[id] {
			w.failf("%s: the job %d was there before the create that tainted it", r.name, id)
		}
	}
	return !c.failed()
}

// apply makes a planned change.
func (p *process) apply(r *managed, ch *change) bool {
	w := p.world
	if ch.action == actionNone || p.isEnding() {
		return ch.action == actionNone
	}
	if ch.action == actionDelete || ch.action == actionReplace {
		c := &rpc{name: r.name + " delete " + ch.before.id(), limit: timeout(w, ch.before.values, "delete", 20*time.Minute)}
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
		c := &rpc{name: r.name + " update " + ch.before.id(), limit: timeout(w, r.config, "update", 20*time.Minute)}
		return ok && p.change(r, c, ch.before, planned, r.config)
	}
	planned, ok := p.proposeAgain(r, instance{}, ch.planned)
	if !ok {
		return false
	}
	r.created = &rpc{name: r.name + " create", limit: timeout(w, r.config, "create", 20*time.Minute), existed: map[int64]bool{}}
	for _, job := range w.sim.Jobs() {
		r.created.existed[job.ID] = true
	}
	ok = p.change(r, r.created, object{}, planned, r.config)
	r.killed = p.isKilled()
	return ok
}

// take is terraform import.
func (p *process) take(r *managed, id string) bool {
	w := p.world
	var imported instance
	c := &rpc{name: r.name + " import " + id}
	arrived := p.call(c, func(ctx context.Context) ([]*tfprotov6.Diagnostic, error) {
		resp, err := p.server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id})
		if err != nil || len(resp.ImportedResources) != 1 {
			return resp.Diagnostics, err
		}
		from := resp.ImportedResources[0]
		imported = instance{w.decode(w.typ, from.State), from.Private, w.decodeIdentity(from.Identity)}
		return resp.Diagnostics, nil
	})
	if !arrived || c.failed() {
		return false
	}
	read, ok := p.refresh(r, object{instance: imported})
	if ok && read.exists() {
		r.state = read
	}
	return ok && read.exists()
}

// timeout returns how long an operation may take by the timeouts block.
func timeout(w *world, values attrs, operation string, otherwise time.Duration) time.Duration {
	block, ok := values["timeouts"].(tftypes.Value)
	var limits map[string]tftypes.Value
	if !ok || block.IsNull() || block.As(&limits) != nil {
		return otherwise
	}
	var text *string
	if err := limits[operation].As(&text); err != nil || text == nil {
		return otherwise
	}
	limit, err := time.ParseDuration(*text)
	if err != nil {
		w.failf("timeouts.%s: %v", operation, err)
	}
	return limit
}
