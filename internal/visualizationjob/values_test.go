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
	schemas := unconfigured(t, simulator.Options{}).schemas
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
			check := func(p *protocol, base attrs) {
				p.wantNone(p.validate(block, base))
				p.wantNone(p.use(block, base))
				schema := p.schemaOf(block)
				for _, f := range fields(nil, schema.Attributes, schema.BlockTypes) {
					for _, value := range unusual(f.typ) {
						p.checkValue(block, base, f, value)
						if p.t.Failed() {
							p.t.Fatalf("%s with %.60s", f.at, value)
						}
					}
				}
			}
			if block == providerBlock { // It needs a real network.
				p := unconfigured(t, simulator.Options{})
				check(p, base.with(attrs{"token": p.IssueToken(), "endpoint": p.Endpoint(), "auth_url": p.AuthURL()}))
				return
			}
			synctest.Test(t, func(t *testing.T) {
				p := inMemory(t, simulator.New(simulator.Options{}), 0)
				p.AddJob(watched)
				check(p, base)
			})
		})
	}
}

// use sends the RPCs of a CLI with a valid configuration of a block. It uses an unknown value only in a plan.
func (p *protocol) use(block blockType, config attrs) (diags []*tfprotov6.Diagnostic) {
	p.t.Helper()
	typ := p.schemaOf(block).ValueType()
	switch {
	case block.kind == "provider":
		return send(p, p.provider.ConfigureProvider, &tfprotov6.ConfigureProviderRequest{Config: p.encode(typ, config)}).Diagnostics
	case block.kind == "resource":
		return p.useResource(config)
	case !valueOf(typ, config).IsFullyKnown():
	case block.kind == "data":
		_, diags = p.readData(block, config)
	case block.kind == "list":
		for _, result := range p.list(listing{config: config, includeResource: true}) {
			diags = append(diags, result.diags...)
		}
	default:
		p.ResetRequests()
		_, diags = p.invoke(block, config)
	}
	return diags
}

// useResource creates a job as configured and deletes it, and changes another one to be so.
func (p *protocol) useResource(config attrs) []*tfprotov6.Diagnostic {
	p.t.Helper()
	created, diags := p.change(instance{}, config)
	if created.values != nil {
		_, more := p.change(created, nil)
		diags = append(diags, more...)
	}
	_, more := p.change(p.imported("197"), config.with(boardConfig))
	return append(diags, more...)
}

// checkValue sends one unusual value of an attribute.
func (p *protocol) checkValue(block blockType, base attrs, f field, value tftypes.Value) {
	p.t.Helper()
	config := f.in(p.schemaOf(block).ValueType(), base, value)
	p.ResetRequests()
	diags := p.validate(block, config)
	p.wantNoCalls()
	for _, d := range diags {
		if !concerns(d, f.at) {
			p.t.Errorf("the error is at %s: %s\n%s", d.Attribute, d.Summary, d.Detail)
		}
	}
	isFraction := f.typ.Is(tftypes.Number) && value.IsKnown() && !value.IsNull() && !as[*big.Float](p, value).IsInt()
	switch failed := slices.ContainsFunc(diags, isError); {
	case failed && !value.IsFullyKnown():
		p.t.Error("an unknown value is an error")
	case !failed && isFraction:
		p.t.Error("a fraction is a whole number")
	case !failed:
		diags = append(diags, p.use(block, config)...)
	}
	for _, d := range diags {
		if found := notForUsers.FindString(d.Summary + "\n" + d.Detail); found != "" {
			p.t.Errorf("%q is not for users, at %s: %s\n%.2000s", found, d.Attribute, d.Summary, d.Detail)
		}
	}
}

// notForUsers is text about the provider's implementation: the framework's, and what fmt
// prints for a verb that doesn't fit.
var notForUsers = regexp.MustCompile(`(?i)always an? \S+ (?:in|of|with) |report this|report the following|value conversion error|` +
	`\*?big\.Float|basetypes\.|tftypes\.|%!|invalid result|after apply`)

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

// field is an attribute of a schema, or of an object in it.
type field struct {
	at       []string // its name, after the names of the objects around it
	typ      tftypes.Type
	siblings attrs // the required attributes of the innermost object
}

// fields returns the attributes and blocks that a user can set, and the attributes in each object.
func fields(within []string, attributes []*tfprotov6.SchemaAttribute, blocks []*tfprotov6.SchemaNestedBlock) (all []field) {
	required := attrs{}
	for _, a := range attributes {
		if a.Required && a.NestedType == nil {
			required[a.Name] = scalars(a.ValueType())[1]
		}
	}
	for _, a := range attributes {
		if a.Computed && !a.Optional {
			continue
		}
		at := append(slices.Clone(within), a.Name)
		all = append(all, field{at, a.ValueType(), required})
		if a.NestedType != nil && a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle {
			all = append(all, fields(at, a.NestedType.Attributes, nil)...)
		}
	}
	for _, b := range blocks {
		at := append(slices.Clone(within), b.TypeName)
		all = append(append(all, field{at: at, typ: b.ValueType()}), fields(at, b.Block.Attributes, b.Block.BlockTypes)...)
	}
	return all
}

// unusual returns unusual values of the type. In a list or a set, the element is unusual.
func unusual(typ tftypes.Type) []tftypes.Value {
	all := []tftypes.Value{tftypes.NewValue(typ, nil), tftypes.NewValue(typ, tftypes.UnknownValue)}
	var element tftypes.Type
	switch typ := typ.(type) {
	case tftypes.List:
		element = typ.ElementType
	case tftypes.Set:
		element = typ.ElementType
	case tftypes.Object:
		return all
	default:
		return append(all, scalars(typ)...)
	}
	all = append(all, tftypes.NewValue(typ, []tftypes.Value{}))
	for _, value := range unusual(element) {
		all = append(all, tftypes.NewValue(typ, []tftypes.Value{value}))
	}
	return all
}

// in returns a configuration with the value of the field.
func (f field) in(typ tftypes.Type, config attrs, value tftypes.Value) attrs {
	last := len(f.at) - 1
	if last == 0 {
		return config.with(attrs{f.at[0]: value})
	}
	object := f.siblings.with(attrs{f.at[last]: value})
	return config.with(attrs{f.at[0]: valueOf(typ.(tftypes.Object).AttributeTypes[f.at[0]], object)})
}

// scalars are unusual values of a string, a number or a boolean.
func scalars(typ tftypes.Type) (all []tftypes.Value) {
	switch {
	case typ.Is(tftypes.Bool):
		all = append(all, tftypes.NewValue(typ, true), tftypes.NewValue(typ, false))
	case typ.Is(tftypes.Number):
		for _, text := range []string{"0", "1", "-1", "2.5", "24.00000000000000000001", "1e-300", "1e10000", "9223372036854775808"} {
			number, _, err := big.ParseFloat(text, 10, 512, big.ToNearestEven)
			if err != nil {
				panic(err)
			}
			all = append(all, tftypes.NewValue(typ, number))
		}
	default:
		for _, text := range []string{"", "x", "-1", "99999999999999999999", "a\tb\n", "\x00", "%d%v%s", "0s", "1h", "//", strings.Repeat("ä", 1<<10)} {
			all = append(all, tftypes.NewValue(typ, text))
		}
	}
	return all
}
