package visualizationjob_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// A value that the provider rejects is an error on its attribute, before any request.
func TestRejectedValues(t *testing.T) {
	t.Parallel()
	p := unconfigured(t, simulator.Options{})
	null, unknown := tftypes.NewValue(tftypes.String, nil), tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	with := func(name string, value any) attrs { return boardConfig.with(attrs{name: value}) }
	schedule := func(duration float64) attrs { return with("schedule", attrs{"duration": duration}) }
	limit := func(name, value string) attrs { return with("timeouts", attrs{name: value}) }
	const wholeNumber, above = " must be a whole number from ", ` must be a number above zero with a unit, for example "30m", got "`
	const name, oneOf = "must have 1 to 20 characters: letters, digits, _ and -", "Exactly one of these attributes must be configured: [id,name]"
	const sorts = `"job_id" "job_name" "job_desc" "create_time" "status"`
	for _, test := range []struct {
		block    blockType
		config   attrs
		at       string
		contains string // "" for no error
	}{
		{providerBlock, attrs{"max_retries": 2.5}, "max_retries", "max_retries" + wholeNumber + "0 to 20, got 2.5."},
		{providerBlock, attrs{"max_concurrent_requests": 1e100}, "max_concurrent_requests", "max_concurrent_requests" + wholeNumber + "1 to 100, got 1e+100."},
		{providerBlock, attrs{"max_retries": 20}, "", ""},

		{resourceBlock, with("name", ""), "name", name},
		{resourceBlock, with("name", strings.Repeat("x", 21)), "name", name},
		{resourceBlock, with("name", "ä"), "name", name},
		{resourceBlock, with("name", strings.Repeat("x", 20)), "", ""},
		{resourceBlock, with("description", strings.Repeat("ä", 257)), "description", "at most 256"},
		{resourceBlock, with("description", strings.Repeat("ä", 256)), "", ""},
		{resourceBlock, with("job_type", "tensor"), "job_type", "tensorboard"},
		{resourceBlock, with("flavor", ""), "flavor", "at least 1"},
		{resourceBlock, with("train_url", "obs://bucket/logs"), "train_url", `Write "/bucket/logs/".`},
		{resourceBlock, with("schedule", attrs{"duration": 1, "time_unit": "DAYS"}), "schedule", `schedule.time_unit value must be one of: ["HOURS"]`},
		{resourceBlock, with("schedule", attrs{"duration": 1, "type": "start"}), "schedule", `schedule.type value must be one of: ["stop"]`},
		{resourceBlock, schedule(2.4), "schedule", "schedule.duration" + wholeNumber + "0 to 24, got 2.4."},
		{resourceBlock, schedule(-1), "schedule", "schedule.duration" + wholeNumber + "0 to 24, got -1."},
		{resourceBlock, schedule(25), "schedule", "schedule.duration" + wholeNumber + "0 to 24, got 25."},
		{resourceBlock, schedule(24), "", ""},
		{resourceBlock, limit("read", "0s"), "timeouts", "timeouts.read" + above + `0s".`},
		{resourceBlock, limit("create", "-1s"), "timeouts", "timeouts.create" + above + `-1s".`},
		{resourceBlock, limit("update", "soon"), "timeouts", "timeouts.update" + above + `soon".`},
		{resourceBlock, limit("delete", "5"), "timeouts", "timeouts.delete" + above + `5".`},

		{jobBlock, attrs{}, "", oneOf},
		{jobBlock, byID.with(byName), "id", oneOf},
		{jobBlock, attrs{"id": "board"}, "id", `"board" isn't the ID`},
		{jobBlock, attrs{"name": "my board"}, "name", name},

		{jobsBlock, attrs{"status": texts()}, "status", "at least 1 elements"},
		{jobsBlock, attrs{"status": []tftypes.Value{null, unknown}}, "", ""},
		{jobsBlock, attrs{"status": texts("RUNNING", "running")}, "status", `got: "running"`},
		{jobsBlock, attrs{"search_content": strings.Repeat("ä", 65)}, "search_content", "64"},
		{jobsBlock, attrs{"sort_by": "name"}, "sort_by", sorts},
		{jobsBlock, attrs{"order": "descending"}, "order", `"asc" "desc"`},
		{listBlock, attrs{"status": []tftypes.Value{unknown}}, "", ""},
		{listBlock, attrs{"status": texts("RUNNING", "running")}, "status", `got: "running"`},
		{listBlock, attrs{"search_content": strings.Repeat("ä", 65)}, "search_content", "64"},

		{actionBlock("stop"), byID.with(attrs{"timeouts": attrs{"invoke": "0s"}}), "timeouts", "timeouts.invoke" + above + `0s".`},
		{actionBlock("restart"), attrs{"id": "board"}, "id", `"board" isn't the ID`},
		{actionBlock("stop"), attrs{"id": tftypes.UnknownValue}, "", ""}, // as of a job that is yet to be created
	} {
		diags := p.validate(test.block, test.config)
		if test.block.kind == "action" { // Terraform validates one only while variables are unknown, so its plan does the same.
			config := p.encode(p.schemaOf(test.block).ValueType(), test.config)
			planned := send(p, p.provider.PlanAction, &tfprotov6.PlanActionRequest{ActionType: test.block.name, Config: config})
			if diff := cmp.Diff(diags, planned.Diagnostics); diff != "" {
				t.Errorf("a plan finds other faults than a validation (-validation +plan):\n%s", diff)
			}
		}
		if test.contains == "" {
			p.wantNone(diags)
		} else {
			p.wantErrorAt(diags, test.at, test.contains)
		}
		if t.Failed() {
			t.Fatalf("with %v of %v", test.config, test.block)
		}
	}
	// The configuration of an existing job can have a path that a new one can't, so only a plan rejects it.
	config := with("train_url", "/bucket//logs/")
	p.wantNone(p.validate(resourceBlock, config))
	_, _, diags := p.tryPlan(instance{}, config)
	p.wantErrorAt(diags, "train_url", "empty part")
	p.wantNoCalls()
}
