package visualizationjob_test

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The requests of TestValues. They return the diagnostics.

func validateProvider(p *protocol, config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
	resp, err := p.provider.ValidateProviderConfig(p.t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: config})
	return p.diagnosticsOf(resp.Diagnostics, err)
}

func useProvider(p *protocol, config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
	resp, err := p.provider.ConfigureProvider(p.t.Context(), &tfprotov6.ConfigureProviderRequest{Config: config})
	return p.diagnosticsOf(resp.Diagnostics, err)
}

func validateResource(p *protocol, config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
	resp, err := p.provider.ValidateResourceConfig(p.t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: typeName, Config: config})
	return p.diagnosticsOf(resp.Diagnostics, err)
}

// useResource creates a job as configured, and changes another one to be so.
func useResource(p *protocol, encoded *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
	config := p.decode(p.typ, encoded)
	created, diags := p.change(instance{}, config)
	if created.values != nil {
		read, more := p.read(created)
		diags = append(diags, more...)
		_, more = p.change(read, nil)
		diags = append(diags, more...)
	}
	other, diagsOfOther := p.change(instance{}, attrs{"name": "second", "train_url": "/bucket/second/"})
	p.wantNone(diagsOfOther)
	_, more := p.change(other, config)
	return slices.Concat(diags, more)
}

// change plans and applies, as far as there are no errors and all is known. A job that
// would be replaced stays.
func (p *protocol) change(from instance, config attrs) (instance, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	planned, replaces, diags := p.tryPlan(from, config)
	if slices.ContainsFunc(diags, isError) || len(replaces) > 0 || !p.isKnown(p.typ, config) {
		return instance{}, diags
	}
	applied, more := p.apply(from, planned, config)
	return applied, append(diags, more...)
}

func (p *protocol) isKnown(typ tftypes.Type, config attrs) bool {
	p.t.Helper()
	value, err := p.encode(typ, config).Unmarshal(typ)
	if err != nil {
		p.t.Fatal(err)
	}
	return value.IsFullyKnown()
}

func validateData(name string) func(*protocol, *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
	return func(p *protocol, config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
		resp, err := p.provider.ValidateDataResourceConfig(p.t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: config})
		return p.diagnosticsOf(resp.Diagnostics, err)
	}
}

// useData reads a data source when all is known, as a CLI does.
func useData(name string) func(*protocol, *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
	return func(p *protocol, config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
		if typ := p.schemas.DataSourceSchemas[name].ValueType(); !p.isKnown(typ, p.decode(typ, config)) {
			return nil
		}
		resp, err := p.provider.ReadDataSource(p.t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: config})
		return p.diagnosticsOf(resp.Diagnostics, err)
	}
}

func validateList(p *protocol, config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
	resp, err := p.provider.(tfprotov6.ListResourceServer).ValidateListResourceConfig(p.t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
		TypeName: typeName, Config: config,
	})
	return p.diagnosticsOf(resp.Diagnostics, err)
}

// useList lists when all is known, as a CLI does.
func useList(p *protocol, config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
	if typ := p.schemas.ListResourceSchemas[typeName].ValueType(); !p.isKnown(typ, p.decode(typ, config)) {
		return nil
	}
	stream, err := p.provider.(tfprotov6.ListResourceServer).ListResource(p.t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: typeName, Config: config, IncludeResource: true,
	})
	diags := p.diagnosticsOf(nil, err)
	for result := range stream.Results {
		diags = append(diags, result.Diagnostics...)
	}
	return diags
}

func validateAction(name string) func(*protocol, *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
	return func(p *protocol, config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
		resp, err := p.actions().ValidateActionConfig(p.t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: name, Config: config})
		return p.diagnosticsOf(resp.Diagnostics, err)
	}
}

// useAction plans an action, and invokes it when all is known.
func useAction(name string) func(*protocol, *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
	return func(p *protocol, config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
		planned, err := p.actions().PlanAction(p.t.Context(), &tfprotov6.PlanActionRequest{ActionType: name, Config: config})
		diags := p.diagnosticsOf(planned.Diagnostics, err)
		if typ := p.schemas.ActionSchemas[name].Schema.ValueType(); !p.isKnown(typ, p.decode(typ, config)) {
			return diags
		}
		stream, err := p.actions().InvokeAction(p.t.Context(), &tfprotov6.InvokeActionRequest{ActionType: name, Config: config})
		diags = append(diags, p.diagnosticsOf(nil, err)...)
		for event := range stream.Events {
			if end, ok := event.Type.(tfprotov6.CompletedInvokeActionEventType); ok {
				diags = append(diags, end.Diagnostics...)
			}
		}
		return diags
	}
}

// diagnosticsOf returns the diagnostics of a response. An error of the protocol ends the test.
func (p *protocol) diagnosticsOf(diags []*tfprotov6.Diagnostic, err error) []*tfprotov6.Diagnostic {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	return diags
}
