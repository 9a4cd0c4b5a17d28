package visualizationjob_test

import (
	"context"
	"maps"
	"math/big"
	"testing"

	frameworkprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/visualizationjob"
)

const typeName = "modelarts_visualization_job"

// attrs are attributes by name; those it lacks are null. A nested object is attrs as well.
type attrs map[string]any

// with returns the attributes with changes.
func (a attrs) with(changes attrs) attrs {
	changed := attrs{}
	maps.Copy(changed, a)
	maps.Copy(changed, changes)
	return changed
}

// protocol sends a provider the requests that a CLI sends. These tests use it for everything that
// doesn't depend on the CLI.
type protocol struct {
	service

	provider server
	schemas  *tfprotov6.GetProviderSchemaResponse
	schema   *tfprotov6.Schema // of the resource, as are the types
	typ      tftypes.Object
	identity tftypes.Type
}

// server is a provider as a CLI sees it.
type server interface {
	tfprotov6.ProviderServer
	tfprotov6.ActionServer
	tfprotov6.ListResourceServer
}

// instance is a resource instance in a state, or planned.
type instance struct {
	values   attrs // null if there is none
	private  []byte
	identity attrs
}

// blockType is a block that a user configures: the provider, or a resource, data source, list or action with a name.
type blockType struct{ kind, name string }

var (
	providerBlock = blockType{kind: "provider"}
	resourceBlock = blockType{"resource", typeName}
	jobBlock      = blockType{"data", typeName}
	jobsBlock     = blockType{"data", typeName + "s"}
	listBlock     = blockType{"list", typeName}
)

func actionBlock(verb string) blockType { return blockType{"action", typeName + "_" + verb} }

// unconfigured starts a provider, and a simulator.
func unconfigured(t *testing.T, options simulator.Options) *protocol {
	t.Helper()
	return newProtocol(t, acctest.Simulator(t, options))
}

// configured is unconfigured, and configured for the simulator.
func configured(t *testing.T, options simulator.Options) *protocol {
	t.Helper()
	return unconfigured(t, options).configure(nil)
}

func newProtocol(t *testing.T, sim *simulator.Server) *protocol {
	t.Helper()
	p := &protocol{service: service{sim, t}}
	p.serve(&provider.Provider{})
	p.schemas = send(p, p.provider.GetProviderSchema, &tfprotov6.GetProviderSchemaRequest{})
	identities := send(p, p.provider.GetResourceIdentitySchemas, &tfprotov6.GetResourceIdentitySchemasRequest{})
	p.schema, p.identity = p.schemas.ResourceSchemas[typeName], identities.IdentitySchemas[typeName].ValueType()
	p.typ = p.schema.ValueType().(tftypes.Object)
	return p
}

func (p *protocol) serve(served frameworkprovider.Provider) {
	p.provider = providerserver.NewProtocol6(served)().(server)
}

// configure configures the provider for its simulator with changes.
func (p *protocol) configure(changes attrs) *protocol {
	p.t.Helper()
	config := p.encode(p.schemas.Provider.ValueType(), attrs{
		"token": p.IssueToken(), "endpoint": p.Endpoint(), "tenant_id": simulator.DefaultProjectID, "max_retries": 0,
	}.with(changes))
	p.wantNone(send(p, p.provider.ConfigureProvider, &tfprotov6.ConfigureProviderRequest{Config: config}).Diagnostics)
	return p
}

// inMemory is configured with a network in memory, for a testing/synctest bubble,
// and a client that repeats requests so often.
func inMemory(t *testing.T, sim *simulator.Simulator, retries int) *protocol {
	t.Helper()
	p := newProtocol(t, &simulator.Server{Simulator: sim})
	p.serveWith(newNetwork(t, sim, sim.IssueToken()), retries)
	return p
}

// serveWith starts a provider that is configured with a client that uses the network.
func (p *protocol) serveWith(network *network, retries int) {
	p.t.Helper()
	client := modelarts.NewClient(endpointInMemory, simulator.DefaultProjectID, network, modelarts.Options{MaxRetries: retries})
	data := &visualizationjob.ProviderData{Controller: lifecycle.New(p.t.Context(), client), ProjectID: simulator.DefaultProjectID}
	p.serve(&bareProvider{&provider.Provider{}, data})
	config := p.encode(tftypes.Object{}, attrs{})
	p.wantNone(send(p, p.provider.ConfigureProvider, &tfprotov6.ConfigureProviderRequest{Config: config}).Diagnostics)
}

// bareProvider is the provider with a client instead of a configuration.
type bareProvider struct {
	*provider.Provider
	data *visualizationjob.ProviderData
}

// Schema implements provider.Provider.
func (*bareProvider) Schema(context.Context, frameworkprovider.SchemaRequest, *frameworkprovider.SchemaResponse) {
}

// Configure implements provider.Provider.
func (p *bareProvider) Configure(_ context.Context, _ frameworkprovider.ConfigureRequest, resp *frameworkprovider.ConfigureResponse) {
	resp.ResourceData, resp.DataSourceData, resp.ListResourceData, resp.ActionData = p.data, p.data, p.data, p.data
}

// during is the protocol for a part of a test.
func (p *protocol) during(t testing.TB) *protocol {
	t.Helper()
	part := *p
	part.t = t
	return &part
}

// send sends a request. An error of the protocol ends the test.
func send[Request, Response any](p *protocol, method func(context.Context, Request) (Response, error), request Request) Response {
	p.t.Helper()
	response, err := method(p.t.Context(), request)
	if err != nil {
		p.t.Fatal(err)
	}
	return response
}

// valueOf makes a value of the type.
func valueOf(typ tftypes.Type, value any) tftypes.Value {
	switch value := value.(type) {
	case tftypes.Value:
		return value
	case attrs:
		members := map[string]tftypes.Value{}
		for name, member := range typ.(tftypes.Object).AttributeTypes {
			members[name] = valueOf(member, value[name])
		}
		return tftypes.NewValue(typ, members)
	default:
		return tftypes.NewValue(typ, value)
	}
}

// encode makes an object; without attributes it is null.
func (p *protocol) encode(typ tftypes.Type, values attrs) *tfprotov6.DynamicValue {
	p.t.Helper()
	object := tftypes.NewValue(typ, nil)
	if values != nil {
		object = valueOf(typ, values)
	}
	encoded, err := tfprotov6.NewDynamicValue(typ, object)
	if err != nil {
		p.t.Fatal(err)
	}
	return &encoded
}

// decode is the reverse of encode.
func (p *protocol) decode(typ tftypes.Type, encoded *tfprotov6.DynamicValue) attrs {
	p.t.Helper()
	if encoded == nil {
		return nil
	}
	object, err := encoded.Unmarshal(typ)
	if err != nil {
		p.t.Fatal(err)
	}
	values, _ := p.plain(object).(attrs) // nil for null
	return values
}

// plain returns a value as Go has it: a number is an int64, a list or a set is a []any, an object is attrs, null is nil.
func (p *protocol) plain(v tftypes.Value) any {
	p.t.Helper()
	switch typ := v.Type(); {
	case !v.IsKnown():
		return tftypes.UnknownValue
	case v.IsNull():
		return nil
	case typ.Is(tftypes.String):
		return as[string](p, v)
	case typ.Is(tftypes.Bool):
		return as[bool](p, v)
	case typ.Is(tftypes.Number):
		whole, _ := as[*big.Float](p, v).Int64()
		return whole
	case typ.Is(tftypes.Object{}):
		object := attrs{}
		for name, member := range as[map[string]tftypes.Value](p, v) {
			object[name] = p.plain(member)
		}
		return object
	default:
		list := []any{}
		for _, element := range as[[]tftypes.Value](p, v) {
			list = append(list, p.plain(element))
		}
		return list
	}
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

func isError(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError }
