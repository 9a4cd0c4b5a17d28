package visualizationjob_test

import (
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// objectOf makes a value of a field that is an object, with null for what is missing.
func objectOf(typ tftypes.Type, values attrs) tftypes.Value {
	members := map[string]tftypes.Value{}
	for name, member := range typ.(tftypes.Object).AttributeTypes {
		members[name] = tftypes.NewValue(member, values[name])
	}
	return tftypes.NewValue(typ, members)
}

// A value that the provider refuses is an error on its attribute, before any request.
func TestRefusedValues(t *testing.T) {
	t.Parallel()
	p := unconfigured(t)
	null, unknown := tftypes.NewValue(tftypes.String, nil), tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	provider, resource := p.schemas.Provider.ValueType(), p.typ
	const jobs, stop = "modelarts_visualization_jobs", "modelarts_visualization_job_stop"
	data, list := p.schemas.DataSourceSchemas[jobs].ValueType(), p.schemas.ListResourceSchemas[typeName].ValueType()
	action := p.schemas.ActionSchemas[stop].Schema.ValueType()
	schedule := func(duration string) attrs {
		number, _, err := big.ParseFloat(duration, 10, 512, big.ToNearestEven)
		if err != nil {
			t.Fatal(err)
		}
		return boardConfig.with(attrs{"schedule": objectOf(resource.AttributeTypes["schedule"], attrs{"duration": number})})
	}
	limit := func(name, value string) attrs {
		return boardConfig.with(attrs{"timeouts": objectOf(resource.AttributeTypes["timeouts"], attrs{name: value})})
	}
	invoke := func(value string) attrs {
		return attrs{"id": "197", "timeouts": objectOf(action.(tftypes.Object).AttributeTypes["timeouts"], attrs{"invoke": value})}
	}
	const whole, above, select1 = " must be a whole number from ", ` must be a number above zero with a unit, for example "30m", got "`, "status must name at least one status."
	for _, test := range []struct {
		typ    tftypes.Type
		config attrs
		says   string // "" for no error
	}{
		{provider, attrs{"max_retries": 2.5}, "max_retries" + whole + "0 to 20, got 2.5."},
		{provider, attrs{"max_retries": -1}, "max_retries" + whole + "0 to 20, got -1."},
		{provider, attrs{"max_concurrent_requests": 1e100}, "max_concurrent_requests" + whole + "1 to 100, got 1e+100."},
		{provider, attrs{"max_retries": 20}, ""},
		{resource, schedule("2.4"), "schedule.duration" + whole + "0 to 24, got 2.4."},
		{resource, schedule("-0.5"), "schedule.duration" + whole + "0 to 24, got -0.5."},
		{resource, schedule("25"), "schedule.duration" + whole + "0 to 24, got 25."},
		{resource, schedule("24.000000000000000000001"), "schedule.duration" + whole + "0 to 24, got 24.000000000000000000001."},
		{resource, schedule("24"), ""},
		{resource, limit("read", "0s"), "timeouts.read" + above + `0s".`},
		{resource, limit("create", "-1s"), "timeouts.create" + above + `-1s".`},
		{resource, limit("update", "soon"), "timeouts.update" + above + `soon".`},
		{resource, limit("delete", "5"), "timeouts.delete" + above + `5".`},
		{resource, limit("delete", ""), "timeouts.delete" + above + `".`},
		{resource, limit("read", "1.5h"), ""},
		{resource, boardConfig.with(attrs{"train_url": "obs://bucket/logs"}), `Write "/bucket/logs/".`},
		{data, attrs{"status": texts()}, select1},
		{data, attrs{"status": []tftypes.Value{null}}, select1},
		{data, attrs{"status": []tftypes.Value{null, unknown}}, ""},
		{list, attrs{"status": texts()}, select1},
		{list, attrs{"status": []tftypes.Value{null, null}}, select1},
		{list, attrs{"status": []tftypes.Value{unknown}}, ""},
		{action, invoke("0s"), "timeouts.invoke" + above + `0s".`},
		{action, invoke("-1s"), "timeouts.invoke" + above + `-1s".`},
		{action, invoke("5"), "timeouts.invoke" + above + `5".`},
		{action, invoke("1m"), ""},
		{action, attrs{"id": ""}, `"" is not the id`},
	} {
		config := p.encode(test.typ, test.config)
		var diags []*tfprotov6.Diagnostic
		switch {
		case test.typ.Equal(provider):
			diags = validateProvider(p, config)
		case test.typ.Equal(resource):
			diags = validateResource(p, config)
		case test.typ.Equal(data):
			diags = validateData(jobs)(p, config)
		case test.typ.Equal(list):
			diags = validateList(p, config)
		default:
			diags = validateAction(stop)(p, config)
			// Terraform validates an action only while variables are unknown.
			planned, err := p.actions().PlanAction(t.Context(), &tfprotov6.PlanActionRequest{ActionType: stop, Config: config})
			if err != nil || len(planned.Diagnostics) != len(diags) {
				t.Errorf("the plan of %v has %d diagnostics, %v", test.config, len(planned.Diagnostics), err)
			}
		}
		if test.says == "" {
			p.wantNone(diags)
			continue
		}
		p.wantError(diags, test.says)
	}
	p.wantNoCalls()
}

// An existing job can have a form that a new one can't. Its configuration is valid, and only a
// new value is checked.
func TestFormOfExistingJob(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path string
		says string // about a new job, "" for nothing
	}{
		"empty part":        {"/bucket//logs/", "empty part"},
		"no slash":          {"bucket/logs", "must begin with a slash"},
		"no bucket":         {"//", "must name a bucket"},
		"control character": {"/bucket/a\tb\x01/", "control characters"},
		"scheme":            {"obs://bucket/logs", ""}, // which the provider removes
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, nil)
			p.AddJob(simulator.Job{ID: 197, Name: "b", TrainURL: test.path, Status: simulator.StatusRunning})
			imported, diags := p.take(attrs{"id": "197"})
			p.wantNone(diags)
			state, diags := p.read(imported)
			p.wantNone(diags)
			config := attrs{}
			for _, attribute := range []string{"name", "train_url", "description"} {
				config[attribute] = state.values[attribute]
			}
			p.wantNone(validateResource(p, p.encode(p.typ, config)))
			if _, replaces := p.plan(state, config); len(replaces) > 0 {
				t.Errorf("the job would be replaced for %q", replaces)
			}
			p.ResetCalls()
			if _, _, diags = p.tryPlan(instance{}, config); test.says == "" {
				p.wantNone(diags)
			} else {
				p.wantError(diags, test.says)
			}
			p.wantNoCalls()
		})
	}
}
