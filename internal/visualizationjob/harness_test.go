package visualizationjob_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	frameworkprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const typeName = "modelarts_visualization_job"

// attrs are attributes by name; those it lacks are null.
type attrs map[string]any

// with returns the attributes with changes.
func (a attrs) with(changes attrs) attrs {
	changed := attrs{}
	maps.Copy(changed, a)
	maps.Copy(changed, changes)
	return changed
}

// protocol talks to a provider as the CLI does, for what a CLI cannot be brought
// to do, or only a newer one.
type protocol struct {
	*simulator.Server

	t        *testing.T
	provider tfprotov6.ProviderServer
	schemas  *tfprotov6.GetProviderSchemaResponse
	schema   *tfprotov6.Schema // of the resource, as are the types
	typ      tftypes.Object
	identity tftypes.Type
}

// instance is a resource instance in a state, or planned.
type instance struct {
	values   attrs // null for one that is not there
	private  []byte
	identity attrs
}

// unconfigured starts a provider, and a simulator whose jobs settle at once.
func unconfigured(t *testing.T) *protocol {
	t.Helper()
	return unconfiguredFor(t, simulator.Options{})
}

func unconfiguredFor(t *testing.T, options simulator.Options) *protocol {
	t.Helper()
	return newProtocol(t, acctest.Simulator(t, options), provider.New("test")())
}

func newProtocol(t *testing.T, server *simulator.Server, serves frameworkprovider.Provider) *protocol {
	t.Helper()
	p := &protocol{Server: server, t: t, provider: providerserver.NewProtocol6(serves)()}
	schemas, err := p.provider.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	identities, err := p.provider.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	p.schemas, p.schema, p.identity = schemas, schemas.ResourceSchemas[typeName], identities.IdentitySchemas[typeName].ValueType()
	p.typ = p.schema.ValueType().(tftypes.Object)
	return p
}

// configured is unconfigured, and configured for the simulator with changes.
func configured(t *testing.T, changes attrs) *protocol {
	t.Helper()
	return unconfigured(t).configure(changes)
}

// configure configures the provider for its simulator.
func (p *protocol) configure(changes attrs) *protocol {
	t := p.t
	t.Helper()
	config := attrs{
		"token": p.IssueToken(), "endpoint": p.Endpoint(), "tenant_id": simulator.DefaultProjectID, "max_retries": 0,
	}.with(changes)
	resp, err := p.provider.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: p.encode(p.schemas.Provider.ValueType(), config),
	})
	if err != nil {
		t.Fatal(err)
	}
	p.wantNone(resp.Diagnostics)
	return p
}

// encode makes an object with null for what is missing; no attributes at all
// make null.
func (p *protocol) encode(typ tftypes.Type, values attrs) *tfprotov6.DynamicValue {
	p.t.Helper()
	object := tftypes.NewValue(typ, nil)
	if values != nil {
		members := map[string]tftypes.Value{}
		for name, member := range typ.(tftypes.Object).AttributeTypes {
			if value, ok := values[name].(tftypes.Value); ok {
				members[name] = value
				continue
			}
			members[name] = tftypes.NewValue(member, values[name])
		}
		object = tftypes.NewValue(typ, members)
	}
	encoded, err := tfprotov6.NewDynamicValue(typ, object)
	if err != nil {
		p.t.Fatal(err)
	}
	return &encoded
}

// decode is the reverse of encode. Strings and booleans are themselves, null is
// nil, and all else stays a tftypes.Value.
func (p *protocol) decode(typ tftypes.Type, encoded *tfprotov6.DynamicValue) attrs {
	p.t.Helper()
	if encoded == nil {
		return nil
	}
	object, err := encoded.Unmarshal(typ)
	if err != nil {
		p.t.Fatal(err)
	}
	if object.IsNull() {
		return nil
	}
	var members map[string]tftypes.Value
	if err := object.As(&members); err != nil {
		p.t.Fatal(err)
	}
	values := attrs{}
	for name, member := range members {
		var text string
		var truth bool
		switch {
		case !member.IsKnown():
			values[name] = tftypes.UnknownValue
		case member.IsNull():
			values[name] = nil
		case member.Type().Is(tftypes.String) && member.As(&text) == nil:
			values[name] = text
		case member.Type().Is(tftypes.Bool) && member.As(&truth) == nil:
			values[name] = truth
		default:
			values[name] = member
		}
	}
	return values
}

func (p *protocol) encodeIdentity(identity attrs) *tfprotov6.ResourceIdentityData {
	p.t.Helper()
	if identity == nil {
		return nil
	}
	return &tfprotov6.ResourceIdentityData{IdentityData: p.encode(p.identity, identity)}
}

func (p *protocol) decodeIdentity(data *tfprotov6.ResourceIdentityData) attrs {
	p.t.Helper()
	if data == nil {
		return nil
	}
	return p.decode(p.identity, data.IdentityData)
}

// take imports by identity.
func (p *protocol) take(identity attrs) (instance, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	resp, err := p.provider.ImportResourceState(p.t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: typeName, Identity: p.encodeIdentity(identity),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	if len(resp.ImportedResources) != 1 {
		return instance{}, resp.Diagnostics
	}
	imported := resp.ImportedResources[0]
	return instance{p.decode(p.typ, imported.State), imported.Private, p.decodeIdentity(imported.Identity)}, resp.Diagnostics
}

func (p *protocol) read(from instance) (instance, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	resp, err := p.provider.ReadResource(p.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: typeName, CurrentState: p.encode(p.typ, from.values), Private: from.private,
		CurrentIdentity: p.encodeIdentity(from.identity),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return instance{p.decode(p.typ, resp.NewState), resp.Private, p.decodeIdentity(resp.NewIdentity)}, resp.Diagnostics
}

// plan plans a configuration, nil for a destroy, and returns which attributes
// replace the job as well.
func (p *protocol) plan(from instance, config attrs) (planned instance, replaces []string) {
	p.t.Helper()
	planned, replaces, diags := p.tryPlan(from, config)
	p.wantNone(diags)
	return planned, replaces
}

// tryPlan is plan with its diagnostics.
func (p *protocol) tryPlan(from instance, config attrs) (planned instance, replaces []string, diags []*tfprotov6.Diagnostic) {
	p.t.Helper()
	proposed := config
	if config != nil {
		// What is computed and not configured is as before, or yet to come.
		proposed = config.with(nil)
		for _, attribute := range p.schema.Block.Attributes {
			switch {
			case !attribute.Computed || config[attribute.Name] != nil:
			case from.values == nil:
				proposed[attribute.Name] = tftypes.UnknownValue
			default:
				proposed[attribute.Name] = from.values[attribute.Name]
			}
		}
	}
	resp, err := p.provider.PlanResourceChange(p.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: p.encode(p.typ, from.values), ProposedNewState: p.encode(p.typ, proposed),
		Config: p.encode(p.typ, config), PriorPrivate: from.private, PriorIdentity: p.encodeIdentity(from.identity),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, path := range resp.RequiresReplace {
		replaces = append(replaces, path.String())
	}
	return instance{p.decode(p.typ, resp.PlannedState), resp.PlannedPrivate, p.decodeIdentity(resp.PlannedIdentity)}, replaces, resp.Diagnostics
}

func (p *protocol) apply(from, planned instance, config attrs) (instance, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	resp, err := p.provider.ApplyResourceChange(p.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, PriorState: p.encode(p.typ, from.values), PlannedState: p.encode(p.typ, planned.values),
		Config: p.encode(p.typ, config), PlannedPrivate: planned.private, PlannedIdentity: p.encodeIdentity(planned.identity),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	// Terraform insists on what was planned.
	if !slices.ContainsFunc(resp.Diagnostics, isError) {
		after := p.decode(p.typ, resp.NewState)
		for name, value := range planned.values {
			_, structured := value.(tftypes.Value)
			if value != any(tftypes.UnknownValue) && !structured && after[name] != value {
				p.t.Errorf("%s is %v after the apply, and was planned as %v", name, after[name], value)
			}
		}
	}
	return instance{p.decode(p.typ, resp.NewState), resp.Private, p.decodeIdentity(resp.NewIdentity)}, resp.Diagnostics
}

func isError(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError }

// must is apply of a plan made now, without diagnostics.
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

func (p *protocol) wantNone(diags []*tfprotov6.Diagnostic) {
	p.t.Helper()
	for _, d := range diags {
		p.t.Errorf("unexpected: %s\n%s", d.Summary, d.Detail)
	}
}

// wantError checks that there is one error, and what it says.
func (p *protocol) wantError(diags []*tfprotov6.Diagnostic, says ...string) {
	p.t.Helper()
	p.wantOne(diags, tfprotov6.DiagnosticSeverityError, says...)
}

// wantWarning is wantError for a warning.
func (p *protocol) wantWarning(diags []*tfprotov6.Diagnostic, says ...string) {
	p.t.Helper()
	p.wantOne(diags, tfprotov6.DiagnosticSeverityWarning, says...)
}

func (p *protocol) wantOne(diags []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity, says ...string) {
	p.t.Helper()
	if len(diags) != 1 || diags[0].Severity != severity {
		p.t.Errorf("want one %s, got %d diagnostics", severity, len(diags))
		p.wantNone(diags)
		return
	}
	text := diags[0].Summary + "\n" + diags[0].Detail
	for _, say := range says {
		if !strings.Contains(text, say) {
			p.t.Errorf("the diagnostic does not say %q:\n%s", say, text)
		}
	}
}

// wantChanges compares the calls since it was last asked, without those that only
// look.
func (p *protocol) wantChanges(want ...string) {
	p.t.Helper()
	var got []string
	for _, call := range p.Calls() {
		if call.Method != "GET" {
			got = append(got, call.Method+" "+strings.TrimPrefix(call.Path, "/v1/"+simulator.DefaultProjectID))
		}
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		p.t.Errorf("the changes were %q, want %q", got, want)
	}
	p.ResetCalls()
}

func (p *protocol) wantNoCalls() {
	p.t.Helper()
	if calls := p.Calls(); len(calls) > 0 {
		p.t.Errorf("%d calls were made, the first was %+v", len(calls), calls[0])
	}
}

// count returns how many of the calls had the method.
func count(calls []simulator.Call, method string) int {
	n := 0
	for _, call := range calls {
		if call.Method == method {
			n++
		}
	}
	return n
}

// denied is an answer that these credentials may not make the call, once so many of the
// method and the path passed. Empty strings are any.
func denied(method, path string, skip int) simulator.Fault {
	fault, err := simulator.NamedFault("denied")
	if err != nil {
		panic(err)
	}
	fault.Method, fault.Path, fault.Skip, fault.Message = method, path, skip, "not yours"
	return fault
}
