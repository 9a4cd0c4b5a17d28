package visualizationjob_test

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// TestValues sends unusual values through each attribute of each schema: null, unknown,
// fractions, negative, huge and empty values. Each result is a value, or a diagnostic that
// a user understands. The attributes come from the schemas, so a new one is included.
func TestValues(t *testing.T) {
	t.Parallel()
	schemas := unconfigured(t).schemas
	targets := map[string]target{
		"provider": {
			isProvider: true,
			block:      schemas.Provider.Block,
			base: func(p *protocol) attrs {
				return attrs{
					"token": p.IssueToken(), "endpoint": p.Endpoint(), "auth_url": p.AuthURL(), "tenant_id": simulator.DefaultProjectID,
				}
			},
			validate: validateProvider, use: useProvider,
		},
		"resource": {
			block: schemas.ResourceSchemas[typeName].Block, base: fixed(attrs{"name": "other", "train_url": "/bucket/other/"}),
			validate: validateResource, use: useResource,
		},
		"list": {
			block: schemas.ListResourceSchemas[typeName].Block, base: fixed(nil),
			validate: validateList, use: useList,
		},
	}
	for name, schema := range schemas.DataSourceSchemas {
		base := attrs{}
		if name == typeName {
			base = attrs{"id": "197"}
		}
		targets["data source "+name] = target{
			block: schema.Block, base: fixed(base), validate: validateData(name), use: useData(name),
		}
	}
	for name, schema := range schemas.ActionSchemas {
		targets["action "+name] = target{
			block: schema.Schema.Block, base: fixed(attrs{"id": "197"}), validate: validateAction(name), use: useAction(name),
		}
	}
	for name, target := range targets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Run("nothing unusual", target.inBubble(func(p *protocol) {
				config := p.encode(target.block.ValueType(), target.base(p))
				p.wantNone(target.validate(p, config))
				p.wantNone(target.use(p, config))
			}))
			for _, root := range fields(target.block.Attributes, target.block.BlockTypes) {
				for i, odd := range root.unusual() {
					name := fmt.Sprintf("%s/%d %.60s", strings.Join(odd.at, "."), i, odd.leaf)
					t.Run(name, target.inBubble(func(p *protocol) { target.check(p, root, odd) }))
				}
			}
		})
	}
}

// target is a schema that a user configures, and the requests that use its configuration.
type target struct {
	isProvider    bool
	block         *tfprotov6.SchemaBlock
	base          func(*protocol) attrs // a valid configuration
	validate, use func(*protocol, *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic
}

func fixed(config attrs) func(*protocol) attrs {
	return func(*protocol) attrs { return config.with(nil) }
}

// inBubble is a test with a simulator that has the job 197. All but the configuration of the
// provider, which needs a network, has fake time.
func (target target) inBubble(test func(*protocol)) func(*testing.T) {
	if target.isProvider {
		return func(t *testing.T) { test(unconfigured(t)) }
	}
	return func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := inMemory(t, simulator.Options{}, 0)
			p.AddJob(watched)
			test(p)
		})
	}
}

// check sends one unusual value of an attribute.
func (target target) check(p *protocol, root field, odd unusual) {
	t := p.t
	base := target.base(p)
	changed := base.with(attrs{root.name: odd.value})
	config := p.encode(target.block.ValueType(), changed)
	p.ResetCalls()
	diags := target.validate(p, config)
	p.wantNoCalls()
	for _, d := range diags {
		wantUnderstandable(t, d)
		if !concerns(d, odd.at) {
			t.Errorf("the error is at %s: %s\n%s", d.Attribute, d.Summary, d.Detail)
		}
	}
	isFraction := odd.leaf.Type().Is(tftypes.Number) && odd.leaf.IsKnown() && !odd.leaf.IsNull() && !as[*big.Float](p, odd.leaf).IsInt()
	switch failed := slices.ContainsFunc(diags, isError); {
	case failed && !odd.value.IsFullyKnown() && !root.readOnly && !odd.leaf.IsKnown():
		t.Error("an unknown value is an error")
	case !failed && isFraction:
		t.Error("a fraction is a whole number")
	case failed:
		return
	}
	for _, d := range target.use(p, config) {
		wantUnderstandable(t, d)
	}
}

// notForUsers is text about the provider's implementation: the framework's, and what fmt
// prints for a verb that doesn't fit.
var notForUsers = regexp.MustCompile(`(?i)always an? \S+ (?:in|of|with) |report this|report the following|value conversion error|` +
	`\*?big\.Float|basetypes\.|tftypes\.|%!|invalid result|after apply`)

func wantUnderstandable(t *testing.T, d *tfprotov6.Diagnostic) {
	t.Helper()
	if found := notForUsers.FindString(d.Summary + "\n" + d.Detail); found != "" {
		t.Errorf("%q is not for users, at %s: %s\n%.2000s", found, d.Attribute, d.Summary, d.Detail)
	}
}

// concerns reports whether a diagnostic is at the attribute, or at one in it or around it. One
// about several attributes names it.
func concerns(d *tfprotov6.Diagnostic, at []string) bool {
	var names []string
	for _, step := range d.Attribute.Steps() {
		if name, ok := step.(tftypes.AttributeName); ok {
			names = append(names, string(name))
		}
	}
	n := min(len(names), len(at))
	return n > 0 && slices.Equal(names[:n], at[:n]) || regexp.MustCompile(`\[.*\b`+at[0]+`\b.*\]`).MatchString(d.Detail)
}

// field is an attribute or a block of a schema.
type field struct {
	name               string
	typ                tftypes.Type
	required, readOnly bool
	nested             []field // of the object, or of the objects in a list or a set
}

func fields(attributes []*tfprotov6.SchemaAttribute, blocks []*tfprotov6.SchemaNestedBlock) []field {
	var all []field
	for _, a := range attributes {
		f := field{name: a.Name, typ: a.ValueType(), required: a.Required, readOnly: a.Computed && !a.Optional}
		if a.NestedType != nil {
			f.nested = fields(a.NestedType.Attributes, nil)
		}
		all = append(all, f)
	}
	for _, b := range blocks {
		all = append(all, field{name: b.TypeName, typ: b.ValueType(), nested: fields(b.Block.Attributes, b.Block.BlockTypes)})
	}
	return all
}

// unusual is a value of a field of which one part, the leaf, is unusual.
type unusual struct {
	at          []string // the leaf, as names of attributes
	value, leaf tftypes.Value
}

// unusual returns unusual values of the field.
func (f field) unusual() []unusual {
	var all []unusual
	add := func(values ...tftypes.Value) {
		for _, value := range values {
			all = append(all, unusual{[]string{f.name}, value, value})
		}
	}
	add(tftypes.NewValue(f.typ, nil), tftypes.NewValue(f.typ, tftypes.UnknownValue))
	var element tftypes.Type
	switch typ := f.typ.(type) {
	case tftypes.List:
		element = typ.ElementType
	case tftypes.Set:
		element = typ.ElementType
	case tftypes.Object:
		element = typ
	default:
		add(scalars(f.typ)...)
		return all
	}
	inList := func(value tftypes.Value) tftypes.Value {
		if element.Equal(f.typ) {
			return value
		}
		return tftypes.NewValue(f.typ, []tftypes.Value{value})
	}
	if !element.Equal(f.typ) {
		add(tftypes.NewValue(f.typ, []tftypes.Value{}))
		for _, odd := range (field{name: f.name, typ: element, nested: f.nested}).unusual() {
			all = append(all, unusual{odd.at, inList(odd.value), odd.leaf})
		}
		return all
	}
	for _, child := range f.nested {
		for _, odd := range child.unusual() {
			members := map[string]tftypes.Value{}
			for _, other := range f.nested {
				members[other.name] = tftypes.NewValue(other.typ, nil)
				if other.required {
					members[other.name] = usual(other.typ)
				}
			}
			members[child.name] = odd.value
			all = append(all, unusual{append([]string{f.name}, odd.at...), tftypes.NewValue(f.typ, members), odd.leaf})
		}
	}
	return all
}

// usual is a value that is fine for most attributes of the type.
func usual(typ tftypes.Type) tftypes.Value {
	switch {
	case typ.Is(tftypes.Number):
		return tftypes.NewValue(typ, 1)
	case typ.Is(tftypes.Bool):
		return tftypes.NewValue(typ, true)
	default:
		return tftypes.NewValue(typ, "1")
	}
}

// scalars are unusual values of a string, a number or a boolean.
func scalars(typ tftypes.Type) []tftypes.Value {
	var all []tftypes.Value
	switch {
	case typ.Is(tftypes.Bool):
		return []tftypes.Value{tftypes.NewValue(typ, true), tftypes.NewValue(typ, false)}
	case typ.Is(tftypes.Number):
		for _, text := range []string{
			"0", "1", "-1", "2.5", "-0.5", "24.00000000000000000001", "1e-300", "1e30", "1e100", "-1e100", "1e100000", "9223372036854775808",
		} {
			number, _, err := big.ParseFloat(text, 10, 512, big.ToNearestEven)
			if err != nil {
				panic(err)
			}
			all = append(all, tftypes.NewValue(typ, number))
		}
	default:
		for _, text := range []string{
			"", " ", "x", "0", "1", "-1", "2.5", "1e100", "99999999999999999999", "١", "a\u0308", "a\tb\n", "\x00", "%d%v%s", "${x}",
			"null", "true", "0s", "-1s", "soon", "1h", "obs://bucket/x", "//", "bucket/x", strings.Repeat("ä", 1<<16),
		} {
			all = append(all, tftypes.NewValue(typ, text))
		}
	}
	return all
}

// TestValuesOfImport is TestValues for import IDs and identities.
func TestValuesOfImport(t *testing.T) {
	t.Parallel()
	requests := map[string]*tfprotov6.ImportResourceStateRequest{"nothing": {}}
	ids := scalars(tftypes.String)
	p := unconfigured(t)
	for i, id := range ids {
		requests[fmt.Sprintf("ID %d %.60s", i, id)] = &tfprotov6.ImportResourceStateRequest{ID: as[string](p, id)}
	}
	for attribute, typ := range p.identity.(tftypes.Object).AttributeTypes {
		for i, odd := range append(ids, tftypes.NewValue(typ, nil), tftypes.NewValue(typ, tftypes.UnknownValue)) {
			requests[fmt.Sprintf("identity %s %d %.60s", attribute, i, odd)] = &tfprotov6.ImportResourceStateRequest{
				Identity: p.encodeIdentity(attrs{"id": "197"}.with(attrs{attribute: odd})),
			}
		}
	}
	for name, request := range requests {
		t.Run(name, (target{}).inBubble(func(p *protocol) {
			request.TypeName = typeName
			imported, err := p.provider.ImportResourceState(p.t.Context(), request)
			diags := p.diagnosticsOf(imported.Diagnostics, err)
			p.wantNoCalls()
			if failed := slices.ContainsFunc(diags, isError); failed == (len(imported.ImportedResources) == 1) {
				p.t.Errorf("%d resources were imported, with %d diagnostics", len(imported.ImportedResources), len(diags))
			}
			for _, resource := range imported.ImportedResources {
				_, more := p.read(instance{p.decode(p.typ, resource.State), resource.Private, p.decodeIdentity(resource.Identity)})
				diags = append(diags, more...)
			}
			for _, d := range diags {
				wantUnderstandable(p.t, d)
			}
		}))
	}
}
