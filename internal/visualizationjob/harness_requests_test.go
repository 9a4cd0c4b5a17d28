package visualizationjob_test

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// schemaOf returns the schema of a block.
func (p *protocol) schemaOf(b blockType) *tfprotov6.SchemaBlock {
	switch b.kind {
	case "provider":
		return p.schemas.Provider.Block
	case "resource":
		return p.schema.Block
	case "data":
		return p.schemas.DataSourceSchemas[b.name].Block
	case "list":
		return p.schemas.ListResourceSchemas[b.name].Block
	default:
		return p.schemas.ActionSchemas[b.name].Schema.Block
	}
}

// validate validates the configuration of a block.
func (p *protocol) validate(b blockType, values attrs) []*tfprotov6.Diagnostic {
	p.t.Helper()
	config := p.encode(p.schemaOf(b).ValueType(), values)
	switch b.kind {
	case "provider":
		return send(p, p.provider.ValidateProviderConfig, &tfprotov6.ValidateProviderConfigRequest{Config: config}).Diagnostics
	case "resource":
		return send(p, p.provider.ValidateResourceConfig, &tfprotov6.ValidateResourceConfigRequest{TypeName: b.name, Config: config}).Diagnostics
	case "data":
		return send(p, p.provider.ValidateDataResourceConfig, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: b.name, Config: config}).Diagnostics
	case "list":
		return send(p, p.provider.ValidateListResourceConfig, &tfprotov6.ValidateListResourceConfigRequest{TypeName: b.name, Config: config}).Diagnostics
	}
	return send(p, p.provider.ValidateActionConfig, &tfprotov6.ValidateActionConfigRequest{ActionType: b.name, Config: config}).Diagnostics
}

// importBy imports by an ID, or by an identity if the ID is empty.
func (p *protocol) importBy(id string, identity attrs) (instance, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	resp := send(p, p.provider.ImportResourceState, &tfprotov6.ImportResourceStateRequest{
		TypeName: typeName, ID: id, Identity: p.encodeIdentity(identity),
	})
	if failed := slices.ContainsFunc(resp.Diagnostics, isError); failed == (len(resp.ImportedResources) == 1) {
		p.t.Errorf("%d resources were imported, with %d diagnostics", len(resp.ImportedResources), len(resp.Diagnostics))
	}
	if len(resp.ImportedResources) != 1 {
		return instance{}, resp.Diagnostics
	}
	imported := resp.ImportedResources[0]
	return instance{p.decode(p.typ, imported.State), imported.Private, p.decodeIdentity(imported.Identity)}, resp.Diagnostics
}

// imported returns the job with the ID after its import and the read that follows it, without diagnostics.
func (p *protocol) imported(id string) instance {
	p.t.Helper()
	imported, diags := p.importBy("", attrs{"id": id})
	p.wantNone(diags)
	return p.mustRead(imported)
}

// move moves a state of another provider.
func (p *protocol) move(from foreign) (instance, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	resp := send(p, p.provider.MoveResourceState, &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: from.Provider, SourceTypeName: from.Type, SourceSchemaVersion: from.SchemaVersion,
		SourceState: &tfprotov6.RawState{JSON: from.Attributes}, TargetTypeName: typeName,
		SourcePrivate: []byte(`{"theirs":"e30="}`), SourceIdentity: &tfprotov6.RawState{JSON: from.Identity},
	})
	return instance{p.decode(p.typ, resp.TargetState), resp.TargetPrivate, p.decodeIdentity(resp.TargetIdentity)}, resp.Diagnostics
}

func (p *protocol) read(from instance) (instance, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	resp := send(p, p.provider.ReadResource, &tfprotov6.ReadResourceRequest{
		TypeName: typeName, CurrentState: p.encode(p.typ, from.values), Private: from.private,
		CurrentIdentity: p.encodeIdentity(from.identity),
	})
	return instance{p.decode(p.typ, resp.NewState), resp.Private, p.decodeIdentity(resp.NewIdentity)}, resp.Diagnostics
}

// mustRead is read without diagnostics.
func (p *protocol) mustRead(from instance) instance {
	p.t.Helper()
	read, diags := p.read(from)
	p.wantNone(diags)
	return read
}

// tryPlan plans a configuration, nil for a destroy, and returns which attributes replace the job as well.
func (p *protocol) tryPlan(from instance, config attrs) (planned instance, replaces []string, diags []*tfprotov6.Diagnostic) {
	p.t.Helper()
	proposed := config
	if config != nil {
		// Computed attributes that aren't configured are as before.
		proposed = config.with(nil)
		for _, attribute := range p.schema.Block.Attributes {
			if attribute.Computed && config[attribute.Name] == nil {
				proposed[attribute.Name] = from.values[attribute.Name]
			}
		}
	}
	resp := send(p, p.provider.PlanResourceChange, &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: p.encode(p.typ, from.values), ProposedNewState: p.encode(p.typ, proposed),
		Config: p.encode(p.typ, config), PriorPrivate: from.private, PriorIdentity: p.encodeIdentity(from.identity),
	})
	for _, path := range resp.RequiresReplace {
		replaces = append(replaces, path.String())
	}
	planned = instance{p.decode(p.typ, resp.PlannedState), resp.PlannedPrivate, p.decodeIdentity(resp.PlannedIdentity)}
	if config != nil && !slices.ContainsFunc(resp.Diagnostics, isError) {
		p.checkPlanned(from.values, config, planned.values)
	}
	return planned, replaces, resp.Diagnostics
}

// plan is tryPlan without diagnostics.
func (p *protocol) plan(from instance, config attrs) (planned instance, replaces []string) {
	p.t.Helper()
	planned, replaces, diags := p.tryPlan(from, config)
	p.wantNone(diags)
	return planned, replaces
}

func (p *protocol) apply(from, planned instance, config attrs) (instance, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	resp := send(p, p.provider.ApplyResourceChange, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, PriorState: p.encode(p.typ, from.values), PlannedState: p.encode(p.typ, planned.values),
		Config: p.encode(p.typ, config), PlannedPrivate: planned.private, PlannedIdentity: p.encodeIdentity(planned.identity),
	})
	applied := instance{p.decode(p.typ, resp.NewState), resp.Private, p.decodeIdentity(resp.NewIdentity)}
	if !slices.ContainsFunc(resp.Diagnostics, isError) {
		p.checkApplied(planned.values, applied.values)
	}
	return applied, resp.Diagnostics
}

// change plans and applies, unless the plan fails, the job would be replaced, or a value is unknown.
func (p *protocol) change(from instance, config attrs) (instance, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	planned, replaces, diags := p.tryPlan(from, config)
	if slices.ContainsFunc(diags, isError) || len(replaces) > 0 || config != nil && !valueOf(p.typ, config).IsFullyKnown() {
		return instance{}, diags
	}
	applied, more := p.apply(from, planned, config)
	return applied, append(diags, more...)
}

// must is change without diagnostics and without a replacement.
func (p *protocol) must(from instance, config attrs) instance {
	p.t.Helper()
	planned, replaces := p.plan(from, config)
	if len(replaces) > 0 {
		p.t.Fatalf("the job would be replaced for %q", replaces)
	}
	applied, diags := p.apply(from, planned, config)
	p.wantNone(diags)
	return applied
}

// readData validates and reads a data source, as a CLI does.
func (p *protocol) readData(b blockType, config attrs) (attrs, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	p.wantNone(p.validate(b, config))
	typ := p.schemaOf(b).ValueType()
	read := send(p, p.provider.ReadDataSource, &tfprotov6.ReadDataSourceRequest{TypeName: b.name, Config: p.encode(typ, config)})
	if slices.ContainsFunc(read.Diagnostics, isError) {
		return nil, read.Diagnostics // a CLI takes nothing then
	}
	return p.decode(typ, read.State), read.Diagnostics
}

// listing is one run of the list resource.
type listing struct {
	config          attrs
	limit           int64 // 0 for none
	includeResource bool
	maxResults      int // 0 for all
}

// listed is one result.
type listed struct {
	name               string
	identity, resource attrs
	diags              []*tfprotov6.Diagnostic
}

// list validates and runs a list, as Terraform does.
func (p *protocol) list(l listing) (results []listed) {
	p.t.Helper()
	p.wantNone(p.validate(listBlock, l.config.with(nil)))
	stream, err := p.provider.ListResource(p.t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: typeName, Config: p.encode(p.schemaOf(listBlock).ValueType(), l.config.with(nil)), IncludeResource: l.includeResource, Limit: l.limit,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	for result := range stream.Results {
		results = append(results, listed{
			result.DisplayName, p.decodeIdentity(result.Identity), p.decode(p.typ, result.Resource), result.Diagnostics,
		})
		if len(results) == l.maxResults {
			break
		}
	}
	return results
}

// invoke validates and invokes an action, and returns the progress and the diagnostics at the end.
func (p *protocol) invoke(b blockType, config attrs) (progress []string, diags []*tfprotov6.Diagnostic) {
	p.t.Helper()
	p.wantNone(p.validate(b, config))
	p.wantNoCalls()
	stream, err := p.provider.InvokeAction(p.t.Context(), &tfprotov6.InvokeActionRequest{
		ActionType: b.name, Config: p.encode(p.schemaOf(b).ValueType(), config),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	completed := false
	for event := range stream.Events {
		if completed {
			p.t.Errorf("an event after the end: %+v", event)
		}
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			completed, diags = true, event.Diagnostics
		}
	}
	if !completed {
		p.t.Error("there was no end")
	}
	return progress, diags
}

// stop requests the provider to stop, as Terraform does after Ctrl-C.
func (p *protocol) stop() {
	p.t.Helper()
	send(p, p.provider.StopProvider, &tfprotov6.StopProviderRequest{})
}
