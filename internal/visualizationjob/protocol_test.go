package visualizationjob_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

var (
	boardConfig   = attrs{"name": "board", "train_url": "/bucket/logs/"}
	boardIdentity = attrs{"id": "1", "project_id": simulator.DefaultProjectID}
	elsewhere     = "0123456789abcdef0123456789abcdef"
)

// A failed operation says why, and returns a state with the changes before the failure, and with an identity, or the CLI adds
// that this is a bug in the provider. No code for an unknown job is documented, so a read of the job decides whether it is gone.
func TestFailedOperations(t *testing.T) {
	t.Parallel()
	const update, gone = `Could not update visualization job "board" (ID 1)`, "no longer exists"
	described, stopped := boardConfig.with(attrs{"description": "ours"}), boardConfig.with(attrs{"running": false})
	wrong := simulator.Fault{Method: http.MethodPut, Code: "ModelArts.0101", Message: "wrong"}
	killed := attrs{"status": "KILLED", "running": false}
	for name, test := range map[string]struct {
		creates  bool
		config   attrs
		fault    simulator.Fault
		gone     bool
		contains []string
		changes  attrs // of the state; nil if a create leaves none
	}{
		"not created":                   {true, boardConfig, denied(http.MethodPost, "", 0), false, []string{`Could not create visualization job "board"`}, nil},
		"not shown any more":            {true, boardConfig, denied(http.MethodGet, ".*/1", 0), false, []string{"not yours", "tainted"}, attrs{}},
		"created, and not stopped":      {true, stopped, denied(http.MethodPost, ".*/stop", 0), false, []string{"not yours", "tainted"}, attrs{}},
		"not described":                 {false, described, wrong, false, []string{update, "API message: wrong"}, attrs{}},
		"described, and not stopped":    {false, described.with(stopped), denied(http.MethodPost, ".*/stop", 0), false, []string{update, "not yours"}, attrs{"description": "ours"}},
		"gone before the stop":          {false, stopped, simulator.Fault{}, true, []string{update, gone}, attrs{}},
		"gone before both":              {false, described.with(stopped), simulator.Fault{}, true, []string{update, gone}, attrs{}},
		"gone, with an ambiguous error": {false, described, wrong, true, []string{update, gone}, attrs{}},
		"stopped, and not deleted":      {false, nil, denied(http.MethodDelete, "", 1), false, []string{"Could not delete", "ModelArts.0108", "last status: KILLED"}, killed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, simulator.Options{Rejections: simulator.RejectionsStrict})
			var state instance
			if !test.creates {
				state = p.must(instance{}, boardConfig)
			}
			saved, _ := p.plan(state, test.config)
			if test.fault.Method != "" {
				test.fault.Count = -1
				p.Inject(test.fault)
			}
			if test.gone {
				p.RemoveJob(1)
			}
			after, diags := p.apply(state, saved, test.config)
			p.wantError(diags, test.contains...)
			if test.changes == nil {
				wantSame(t, after.values, nil)
				return
			}
			wantSame(t, after.identity, boardIdentity)
			if !test.creates {
				wantSame(t, after.values, state.values.with(test.changes))
			}
			p.ClearFaults()
			if read := p.mustRead(after); (read.values == nil) != test.gone {
				t.Errorf("the next read returns %v", read.values)
			}
		})
	}
}

// An error taints a job that was just created, and the next apply destroys it. So an interrupt is an error only if the
// job isn't yet as planned.
func TestInterruptedCreate(t *testing.T) {
	t.Parallel()
	stopped := boardConfig.with(attrs{"running": false})
	for name, test := range map[string]struct {
		config           attrs
		after            time.Duration // the job exists after 400 ms, and a request takes 200 ms
		running, tainted bool
	}{
		"waiting, running omitted": {config: boardConfig, after: time.Minute, running: true},
		"waiting to run":           {config: boardConfig.with(attrs{"running": true}), after: time.Minute, running: true},
		"stopping":                 {config: stopped, after: time.Minute},
		"not stopped yet":          {config: stopped, after: 500 * time.Millisecond, running: true, tainted: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := inMemory(t, simulator.New(simulator.Options{Transition: time.Hour, Latency: 200 * time.Millisecond}), 0)
				planned, _ := p.plan(instance{}, test.config)
				time.AfterFunc(test.after, p.stop)
				created, diags := p.apply(instance{}, planned, test.config)
				if test.tainted {
					p.wantError(diags, `"board" (ID 1)`, "Interrupted after", "tainted")
				} else {
					p.wantWarning(diags, `Interrupted while waiting for visualization job "board" (ID 1)`)
				}
				if created.values["id"] != "1" || created.values["running"] != test.running {
					t.Errorf("the state is %v", created.values)
				}
				wantSame(t, created.identity, boardIdentity)
			})
		})
	}
}

// Before its configuration is known, the provider sends no request and loses no state.
func TestUnknownConfiguration(t *testing.T) {
	t.Parallel()
	state := configured(t, simulator.Options{}).must(instance{}, boardConfig)
	const message = "The provider isn't configured yet"
	for name, configure := range map[string]func(*protocol){
		"not configured": func(*protocol) {},
		"unknown token":  func(p *protocol) { p.configure(attrs{"token": tftypes.UnknownValue}) },
	} {
		t.Run(name, func(t *testing.T) {
			p := unconfigured(t, simulator.Options{})
			configure(p)
			read, diags := p.read(state)
			p.wantWarning(diags, "Did not refresh", "board")
			wantSame(t, read.values, state.values)
			for _, change := range []struct {
				from instance
				to   attrs
			}{{instance{}, boardConfig}, {state, boardConfig.with(attrs{"running": false})}, {state, nil}} {
				after, diags := p.change(change.from, change.to)
				p.wantError(diags, message)
				wantSame(t, after.values, change.from.values)
			}
			// The read after an import, and the first one after a move, needs the configuration.
			imported, none := p.importBy("", attrs{"id": "1", "project_id": elsewhere})
			moved, more := p.move(recordedState(t, "restapi-3.0"))
			p.wantNone(append(none, more...))
			for _, first := range []instance{imported, moved} {
				_, diags = p.read(first)
				p.wantError(diags, message)
			}

			for _, block := range []blockType{jobBlock, jobsBlock} {
				_, diags = p.readData(block, map[blockType]attrs{jobBlock: byID, jobsBlock: {}}[block])
				p.wantErrorAt(diags, "", message, "-target")
			}
			before, diags := p.last(p.list(listing{includeResource: true}))
			p.wantListed(before, "")
			p.wantErrorAt(diags, "", message, "-target")
			for _, verb := range []string{"stop", "restart"} {
				progress, diags := p.invoke(actionBlock(verb), byID)
				wantProgress(t, progress, "")
				p.wantErrorAt(diags, "", message, "-target")
			}
			p.wantNoCalls()
		})
	}
}

// Only a create that was sent twice can have created a second job.
func TestDuplicatesOfRepeatedCreate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		second func(*simulator.Simulator) // after the second request
		warns  string                     // "" for no warning of a duplicate
	}{
		"none":    {func(*simulator.Simulator) {}, ""},
		"one":     {func(s *simulator.Simulator) { s.AddJob(existing) }, "The first request might have created this job:\n  - ID 197, status RUNNING"},
		"no list": {func(s *simulator.Simulator) { s.Inject(denied(http.MethodGet, "/visualization-jobs", 0)) }, "The search for a job of the first request failed: API message: not yours"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var sim *simulator.Simulator
				sim = simulator.New(simulator.Options{OnRequest: func(call simulator.Request) {
					if call.Method == http.MethodPost && call.Status == http.StatusOK {
						test.second(sim)
					}
				}})
				p := inMemory(t, sim, 0)
				p.Inject(simulator.Fault{Method: http.MethodPost, Status: http.StatusGatewayTimeout})
				created, diags := p.change(instance{}, boardConfig)
				wantSame(t, created.identity, boardIdentity)
				if test.warns != "" {
					p.wantWarning(diags[:1], `Possible duplicate of visualization job "board" (ID 1)`, test.warns)
					diags = diags[1:]
				}
				p.wantWarning(diags, `Recovered visualization job "board" (ID 1)`, "HTTP 504", "sent the request again")
			})
		})
	}
}

// Each operation ends at its timeout, and the error names the setting.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	for operation, byDefault := range map[string]time.Duration{
		"create": 20 * time.Minute, "read": 5 * time.Minute, "update": 20 * time.Minute, "delete": 20 * time.Minute,
	} {
		for timeout, takes := range map[string]time.Duration{"": byDefault, "90s": 90 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				p := inMemory(t, simulator.New(simulator.Options{Transition: time.Hour}), 20)
				p.AddJob(existing)
				state, config := p.imported("197"), boardConfig.with(attrs{"description": "theirs"})
				if timeout != "" {
					config["timeouts"] = attrs{operation: timeout}
					state.values["timeouts"] = config["timeouts"]
				}
				began, contains := time.Now(), []string{"imed out after ", "ncrease timeouts." + operation}
				var diags []*tfprotov6.Diagnostic
				switch operation {
				case "create":
					_, diags = p.change(instance{}, config.with(attrs{"name": "new"}))
				case "read":
					p.Inject(simulator.Fault{Hang: true, Count: -1})
					_, diags = p.read(state)
					contains = append(contains, `Could not read visualization job "board" (ID 197)`, "terraform apply -refresh=false")
					p.must(state, config.with(attrs{"timeouts": attrs{"read": "10m"}})) // as this command does
				case "update":
					_, diags = p.change(state, config.with(attrs{"running": false}))
				case "delete":
					p.Inject(simulator.Fault{Method: http.MethodDelete, Code: "ModelArts.0105", Count: -1})
					_, diags = p.change(state, nil)
				}
				p.wantError(diags, contains...)
				wantTook(t, began, takes)
			})
		}
	}
}
