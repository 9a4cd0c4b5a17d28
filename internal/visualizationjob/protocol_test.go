package visualizationjob_test

import (
	"net/http"
	"strings"
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

// A saved plan can be older than the job. The apply succeeds if the job already is as planned.
func TestSavedPlan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before, after bool
		meanwhile     func(*protocol)
		status        string
		changes       []string
	}{
		"stopped meanwhile": {true, false, func(p *protocol) { p.StopJob(1) }, "KILLED", nil},
		"ended by its schedule meanwhile": {
			true, false, func(p *protocol) { p.SetStatus(1, simulator.StatusCompleted) }, "COMPLETED", nil,
		},
		"started meanwhile": {false, true, func(p *protocol) { p.SetStatus(1, simulator.StatusRunning) }, "RUNNING", nil},
		"still to stop":     {true, false, func(*protocol) {}, "KILLED", []string{"POST /visualization-jobs/1/stop"}},
		"still to start":    {false, true, func(*protocol) {}, "RUNNING", []string{"POST /visualization-jobs/1/restart"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, nil)
			state := p.must(instance{}, boardConfig.with(attrs{"running": test.before}))
			wanted := boardConfig.with(attrs{"running": test.after})
			saved, _ := p.plan(state, wanted)
			test.meanwhile(p)
			p.ResetCalls()
			applied, diags := p.apply(state, saved, wanted)
			p.wantNone(diags)
			p.wantChanges(test.changes...)
			if applied.values["running"] != test.after || applied.values["status"] != test.status {
				t.Errorf("the job is %v, running is %v", applied.values["status"], applied.values["running"])
			}
		})
	}
}

// A failed update says why, and returns a state with what it changed before it failed. No code for an unknown job is
// documented, so a read of the job decides whether it is gone.
func TestFailedUpdate(t *testing.T) {
	t.Parallel()
	described, stopped := attrs{"description": "ours"}, attrs{"running": false}
	const gone = "no longer exists"
	for name, test := range map[string]struct {
		change, left attrs
		fault        simulator.Fault
		gone         bool
		contains     string
	}{
		"not described":              {change: described, fault: simulator.Fault{Method: "PUT", Code: "ModelArts.0101", Message: "wrong"}, contains: "API message: wrong"},
		"described, and not stopped": {change: described.with(stopped), left: described, fault: denied("POST", ".*/stop", 0), contains: "not yours"},
		"gone before the stop":       {change: stopped, gone: true, contains: gone},
		"gone before both":           {change: described.with(stopped), gone: true, contains: gone},
		"gone, with an ambiguous error": {
			change: described, gone: true, fault: simulator.Fault{Method: "PUT", Code: "ModelArts.0101", Message: "wrong"}, contains: gone,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, nil)
			state := p.must(instance{}, boardConfig)
			wanted := boardConfig.with(test.change)
			saved, _ := p.plan(state, wanted)
			if test.fault.Method != "" {
				p.Inject(test.fault)
			}
			if test.gone {
				p.RemoveJob(1)
			}
			after, diags := p.apply(state, saved, wanted)
			p.wantError(diags, `Could not update visualization job "board" (ID 1)`, test.contains)
			wantSame(t, after.values, state.values.with(test.left))
			wantSame(t, after.identity, boardIdentity)
			if read := p.mustRead(after); (read.values == nil) != test.gone {
				t.Errorf("the next read returns %v", read.values)
			}
		})
	}
}

// A delete that stopped the job and then failed leaves the job in the state as it is now.
func TestFailedDelete(t *testing.T) {
	t.Parallel()
	p := unconfiguredFor(t, simulator.Options{Refusals: simulator.RefusalsStrict}).configure(nil)
	created := p.must(instance{}, boardConfig)
	p.Inject(denied(http.MethodDelete, "", 1))
	planned, _ := p.plan(created, nil)
	left, diags := p.apply(created, planned, nil)
	p.wantError(diags, `Could not delete visualization job "board" (ID 1)`, "ModelArts.0108", "last status: KILLED")
	if left.values["id"] != "1" || left.values["status"] != "KILLED" || left.values["running"] != false {
		t.Errorf("the state is %v", left.values)
	}
	wantSame(t, left.identity, boardIdentity)
}

// The state after a failed create has an identity, or the CLI adds that this is a bug in the provider.
func TestFailedCreate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config       attrs
		method, path string
		want         attrs // identity
	}{
		"refused":            {boardConfig, http.MethodPost, "", nil},
		"not shown any more": {boardConfig, http.MethodGet, ".*/1", boardIdentity},
		"not stopped":        {boardConfig.with(attrs{"running": false}), http.MethodPost, ".*/stop", boardIdentity},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, nil)
			always := denied(test.method, test.path, 0)
			always.Count = -1
			p.Inject(always)
			planned, _ := p.plan(instance{}, test.config)
			after, diags := p.apply(instance{}, planned, test.config)
			p.wantError(diags, "not yours")
			if (after.values != nil) != (test.want != nil) {
				t.Errorf("the state is %v", after.values)
			}
			if test.want != nil {
				wantSame(t, after.identity, test.want)
			}
		})
	}
}

// An error taints a job that was just created, and the next apply destroys it. So an interrupt is an error only if the
// job isn't yet as planned.
func TestInterruptedCreate(t *testing.T) {
	t.Parallel()
	isGet := func(call simulator.Call) bool {
		return call.Method == http.MethodGet && strings.HasSuffix(call.Path, "/visualization-jobs/1")
	}
	isStop := func(call simulator.Call) bool { return strings.HasSuffix(call.Path, "/stop") }
	for name, test := range map[string]struct {
		config           attrs
		at               func(simulator.Call) bool
		running, tainted bool
	}{
		"waiting, running omitted": {config: boardConfig, at: isGet, running: true},
		"waiting to run":           {config: boardConfig.with(attrs{"running": true}), at: isGet, running: true},
		"stopping":                 {config: boardConfig.with(attrs{"running": false}), at: isStop},
		"not stopped yet":          {config: boardConfig.with(attrs{"running": false}), at: isGet, running: true, tainted: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				interrupt := make(chan struct{}, 100)
				p := inMemory(t, simulator.Options{
					Transition: time.Hour, Latency: 200 * time.Millisecond,
					OnCall: func(call simulator.Call) {
						if test.at(call) {
							interrupt <- struct{}{}
						}
					},
				}, 0)
				planned, _ := p.plan(instance{}, test.config)
				go func() {
					<-interrupt
					if !test.running {
						<-time.After(3 * time.Second) // until the provider has read that the job stops
					}
					p.stop()
				}()
				created, diags := p.apply(instance{}, planned, test.config)
				if test.tainted {
					p.wantError(diags, `"board" (ID 1)`, "Interrupted after", "tainted")
				} else {
					p.wantWarning(diags, `Interrupted while waiting for visualization job "board" (ID 1)`)
				}
				if created.values["id"] != "1" || created.values["running"] != test.running {
					t.Errorf("the state is %v", created.values)
				}
				for attribute, value := range created.values {
					if value == any(tftypes.UnknownValue) {
						t.Errorf("%s is unknown", attribute)
					}
				}
				wantSame(t, created.identity, boardIdentity)
			})
		})
	}
}

func TestIdentityOfEachOperation(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	fresh, _ := p.plan(instance{}, boardConfig)
	wantSame(t, fresh.identity, nil)
	created := p.must(instance{}, boardConfig)
	wantSame(t, created.identity, boardIdentity)
	for _, config := range []attrs{boardConfig, boardConfig.with(attrs{"running": false}), boardConfig.with(attrs{"name": "other"})} {
		planned, _ := p.plan(created, config)
		wantSame(t, planned.identity, boardIdentity)
	}
	read := p.mustRead(created)
	wantSame(t, read.identity, boardIdentity)
	described := p.must(read, boardConfig.with(attrs{"description": "ours"}))
	wantSame(t, described.identity, boardIdentity)
	stopped := p.must(described, boardConfig.with(attrs{"description": "ours", "running": false}))
	wantSame(t, stopped.identity, boardIdentity)
	// A state of a version without identities gets one, also without a refresh.
	stopped.identity = nil
	wantSame(t, p.must(stopped, boardConfig.with(attrs{"running": false})).identity, boardIdentity)
	wantSame(t, p.mustRead(stopped).identity, boardIdentity)
}

// Before its configuration is known, the provider sends no request and loses no state.
func TestUnknownConfiguration(t *testing.T) {
	t.Parallel()
	state := configured(t, nil).must(instance{}, boardConfig)
	const message = "The provider isn't configured yet"
	for name, start := range notConfiguredYet {
		t.Run(name, func(t *testing.T) {
			p := start(t)
			read, diags := p.read(state)
			p.wantWarning(diags, "Did not refresh", "board")
			wantSame(t, read.values, state.values)
			created, diags := p.change(instance{}, boardConfig)
			p.wantError(diags, message)
			wantSame(t, created.values, nil)
			updated, diags := p.change(state, boardConfig.with(attrs{"running": false}))
			p.wantError(diags, message)
			wantSame(t, updated.values, state.values)
			deleted, diags := p.change(state, nil)
			p.wantError(diags, message)
			wantSame(t, deleted.values, state.values)
			// The read after an import, and the first one after a move, needs the configuration.
			imported, diags := p.importByIdentity(attrs{"id": "1", "project_id": elsewhere})
			p.wantNone(diags)
			_, diags = p.read(imported)
			p.wantError(diags, message)
			moved, diags := p.move(recordedState(t, "restapi-3.0"))
			p.wantNone(diags)
			_, diags = p.read(moved)
			p.wantError(diags, message)

			for _, block := range []blockType{jobBlock, jobsBlock} {
				_, diags = p.readData(block, map[blockType]attrs{jobBlock: byID, jobsBlock: {}}[block])
				p.wantErrorAt(diags, "", message, "-target")
			}
			before, diags := p.last(p.list(listing{includeResource: true}))
			p.wantListed(before, "")
			p.wantErrorAt(diags, "", message, "-target")
			for _, verb := range []string{"stop", "restart"} {
				progress, diags := p.invoke(t.Context(), actionBlock(verb), byID)
				wantProgress(t, progress, "")
				p.wantErrorAt(diags, "", message, "-target")
			}
			p.wantNoCalls()
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
				p := inMemory(t, simulator.Options{Transition: time.Hour}, 20)
				p.AddJob(existing)
				state, timeouts := p.imported("197"), attrs{}
				if timeout != "" {
					timeouts[operation] = timeout
				}
				config := p.withTimeouts(boardConfig.with(attrs{"description": "theirs", "timeouts": timeouts}))
				state.values["timeouts"] = config["timeouts"]
				began, contains := time.Now(), []string{"imed out after ", "ncrease timeouts." + operation}
				var diags []*tfprotov6.Diagnostic
				switch operation {
				case "create":
					_, diags = p.change(instance{}, config.with(attrs{"name": "new"}))
				case "read":
					p.Inject(simulator.Fault{Hang: true, Count: -1})
					_, diags = p.read(state)
					contains = append(contains, `Could not read visualization job "board" (ID 197)`, "terraform apply -refresh=false")
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

func TestRefreshWarnsOfFailedJob(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	state := p.must(instance{}, boardConfig)
	for _, status := range []int{simulator.StatusKilled, 99} {
		p.SetStatus(1, status)
		p.mustRead(state)
	}
	p.SetStatus(1, simulator.StatusLost)
	_, diags := p.read(state)
	p.wantWarning(diags, `Failed: visualization job "board" (ID 1)`, "status LOST")
}

// An error of a gateway that doesn't know the API is no proof that the job is gone, so the job stays in the state.
func TestAPIThatIsGone(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	state := p.must(instance{}, boardConfig)
	p.Inject(simulator.Fault{Count: -1, Status: http.StatusNotFound, Code: "APIGW.0101", Message: "The API does not exist"})
	after, diags := p.read(state)
	p.wantError(diags, `Could not read visualization job "board" (ID 1)`, "Error code: APIGW.0101", "The gateway doesn't know this API",
		"switched off the API of visualization jobs in this region", "endpoint or region", "The jobs might still exist")
	wantSame(t, after.values, state.values)
	_, diags = p.readData(jobsBlock, attrs{})
	p.wantError(diags, "Could not list visualization jobs", "APIGW.0101", "The gateway doesn't know this API")
}
