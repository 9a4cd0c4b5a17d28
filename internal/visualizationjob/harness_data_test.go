package visualizationjob_test

import (
	"math/big"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/visualizationjob"
)

// inMemory is configured with a network in memory, for a testing/synctest bubble,
// and a client that repeats requests so often.
func inMemory(t *testing.T, options simulator.Options, retries int) *protocol {
	t.Helper()
	sim := simulator.New(options)
	n := newNetwork(sim, sim.IssueToken(), func(v any) { t.Error(v) })
	endpoint := &url.URL{Scheme: "https", Host: "modelarts.example.com"}
	client := modelarts.NewClient(endpoint, simulator.DefaultProjectID, n, modelarts.WithMaxRetries(retries))
	p := newProtocol(t, &simulator.Server{Simulator: sim}, newBareProvider(&visualizationjob.ProviderData{
		Controller: lifecycle.New(t.Context(), client), ProjectID: simulator.DefaultProjectID,
	}))
	resp, err := p.provider.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: p.encode(tftypes.Object{}, attrs{}),
	})
	if err != nil {
		t.Fatal(err)
	}
	p.wantNone(resp.Diagnostics)
	return p
}

// during is the protocol for a part of a test.
func (p *protocol) during(t *testing.T) *protocol {
	t.Helper()
	part := *p
	part.t = t
	return &part
}

// standing is a simulator whose clock stands still, so that no duration grows.
func standing() simulator.Options {
	return simulator.Options{Clock: simulator.NewManualClock(time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC))}
}

// plain is a value as Go has it: a number is an int64, a list or a set a []any, an
// object an attrs, null is nil.
func (p *protocol) plain(v tftypes.Value) any {
	p.t.Helper()
	switch {
	case !v.IsKnown():
		return tftypes.UnknownValue
	case v.IsNull():
		return nil
	case v.Type().Is(tftypes.String):
		return as[string](p, v)
	case v.Type().Is(tftypes.Bool):
		return as[bool](p, v)
	case v.Type().Is(tftypes.Number):
		number := as[*big.Float](p, v)
		whole, _ := number.Int64()
		return whole
	}
	if _, ok := v.Type().(tftypes.Object); ok {
		object := attrs{}
		for name, member := range as[map[string]tftypes.Value](p, v) {
			object[name] = p.plain(member)
		}
		return object
	}
	list := []any{}
	for _, element := range as[[]tftypes.Value](p, v) {
		list = append(list, p.plain(element))
	}
	return list
}

func as[T any](p *protocol, v tftypes.Value) (to T) {
	p.t.Helper()
	if err := v.As(&to); err != nil {
		p.t.Fatal(err)
	}
	return to
}

// texts are strings for a list or a set.
func texts(values ...string) []tftypes.Value {
	list := make([]tftypes.Value, len(values))
	for i, value := range values {
		list[i] = tftypes.NewValue(tftypes.String, value)
	}
	return list
}

func (p *protocol) validateData(name string, config attrs) []*tfprotov6.Diagnostic {
	p.t.Helper()
	validated, err := p.provider.ValidateDataResourceConfig(p.t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
		TypeName: name, Config: p.encode(p.schemas.DataSourceSchemas[name].ValueType(), config),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return validated.Diagnostics
}

// readData validates and reads a data source, as a CLI does.
func (p *protocol) readData(name string, config attrs) (attrs, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	p.wantNone(p.validateData(name, config))
	typ := p.schemas.DataSourceSchemas[name].ValueType()
	read, err := p.provider.ReadDataSource(p.t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: name, Config: p.encode(typ, config),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	if slices.ContainsFunc(read.Diagnostics, isError) {
		return nil, read.Diagnostics // a CLI takes nothing then
	}
	state, err := read.State.Unmarshal(typ)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.plain(state).(attrs), read.Diagnostics
}

// wantErrorAt is wantError for an error on an attribute, or within it.
func (p *protocol) wantErrorAt(diags []*tfprotov6.Diagnostic, attribute string, says ...string) {
	p.t.Helper()
	p.wantError(diags, says...)
	for _, d := range diags {
		if steps := d.Attribute.Steps(); len(steps) == 0 || steps[0] != tftypes.AttributeName(attribute) {
			p.t.Errorf("the error is at %s, want %s", d.Attribute, attribute)
		}
	}
}

// wantErrorNowhere is wantError for an error on no attribute.
func (p *protocol) wantErrorNowhere(diags []*tfprotov6.Diagnostic, says ...string) {
	p.t.Helper()
	p.wantError(diags, says...)
	for _, d := range diags {
		if len(d.Attribute.Steps()) > 0 {
			p.t.Errorf("the error is at %s, want none", d.Attribute)
		}
	}
}
