package visualizationjob_test

import (
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
	bases := map[blockType]attrs{
		providerBlock: {"tenant_id": simulator.DefaultProjectID}, listBlock: {},
		resourceBlock: {"name": "other", "train_url": "/bucket/other/"},
	}
	for name := range schemas.DataSourceSchemas {
		bases[blockType{"data", name}] = attrs{}
	}
	bases[jobBlock] = byID
	for name := range schemas.ActionSchemas {
		bases[blockType{"action", name}] = byID
	}
	for block, base := range bases {
		t.Run(block.kind+" "+block.name, func(t *testing.T) {
			t.Parallel()
			schema := (&protocol{schemas: schemas, schema: schemas.ResourceSchemas[typeName]}).schemaOf(block)
			for _, root := range fields(schema.Attributes, schema.BlockTypes) {
				t.Run(root.name, inBubble(block != providerBlock, func(p *protocol) {
					base := base
					if block == providerBlock {
						base = base.with(attrs{"token": p.IssueToken(), "endpoint": p.Endpoint(), "auth_url": p.AuthURL()})
					}
					p.wantNone(p.validate(block, base))
					p.wantNone(p.use(block, base))
					for _, odd := range root.unusual() {
						p.checkValue(block, base, root, odd)
						if p.t.Failed() {
							p.t.Fatalf("with %s = %.60s", strings.Join(odd.at, "."), odd.leaf)
						}
					}
				}))
			}
		})
	}
}

// inBubble is a test with a simulator that has the job 197, with fake time unless it needs a network.
func inBubble(fake bool, test func(*protocol)) func(*testing.T) {
	if !fake {
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

// use does what a CLI does with a valid configuration of a block. It uses an unknown value only in a plan.
func (p *protocol) use(block blockType, config attrs) (diags []*tfprotov6.Diagnostic) {
	p.t.Helper()
	typ := p.schemaOf(block).ValueType()
	switch {
	case block.kind == "provider":
		return send(p, p.provider.ConfigureProvider, &tfprotov6.ConfigureProviderRequest{Config: p.encode(typ, config)}).Diagnostics
	case block.kind == "resource":
		return p.useResource(config)
	case !p.isKnown(typ, config):
	case block.kind == "data":
		_, diags = p.readData(block, config)
	case block.kind == "list":
		for _, result := range p.list(listing{config: config, includeResource: true}) {
			diags = append(diags, result.diags...)
		}
	default:
		p.ResetCalls()
		_, diags = p.invoke(p.t.Context(), block, config)
	}
	return diags
}

// useResource creates a job as configured and deletes it, and changes another one to be so.
func (p *protocol) useResource(config attrs) []*tfprotov6.Diagnostic {
	p.t.Helper()
	created, diags := p.change(instance{}, config)
	if created.values != nil {
		read, more := p.read(created)
		diags = append(diags, more...)
		_, more = p.change(read, nil)
		diags = append(diags, more...)
	}
	other := p.must(instance{}, attrs{"name": "second", "train_url": "/bucket/second/"})
	changed, more := p.change(other, config)
	if changed.values == nil {
		changed = other
	}
	_, last := p.change(changed, nil)
	return slices.Concat(diags, more, last)
}

// checkValue sends one unusual value of an attribute.
func (p *protocol) checkValue(block blockType, base attrs, root field, odd unusual) {
	t := p.t
	config := base.with(attrs{root.name: odd.value})
	p.ResetCalls()
	diags := p.validate(block, config)
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
	for _, d := range p.use(block, config) {
		wantUnderstandable(t, d)
	}
}

// notForUsers is text about the provider's implementation: the framework's, and what fmt
// prints for a verb that doesn't fit.
var notForUsers = regexp.MustCompile(`(?i)always an? \S+ (?:in|of|with) |report this|report the following|value conversion error|` +
	`\*?big\.Float|basetypes\.|tftypes\.|%!|invalid result|after apply`)

func wantUnderstandable(t testing.TB, d *tfprotov6.Diagnostic) {
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
			"", " ", "x", "0", "-1", "99999999999999999999", "١", "a\tb\n", "\x00", "%d%v%s", "${x}", "0s", "1h", "//", strings.Repeat("ä", 1<<16),
		} {
			all = append(all, tftypes.NewValue(typ, text))
		}
	}
	return all
}
