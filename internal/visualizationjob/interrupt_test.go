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

// An error taints a job that was just created, and the next apply destroys it. So
// an interrupt is one only when the job is not yet where the plan wants it.
func TestProtocolInterruptedCreate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config  attrs
		stop    func(simulator.Call) bool // when to interrupt
		running bool
		tainted bool
	}{
		"waiting, left out": {config: boardConfig, stop: isGet, running: true},
		"waiting to run":    {config: boardConfig.with(attrs{"running": true}), stop: isGet, running: true},
		"stopping":          {config: boardConfig.with(attrs{"running": false}), stop: isStop},
		"not stopped yet":   {config: boardConfig.with(attrs{"running": false}), stop: isGet, running: true, tainted: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				interrupt := make(chan struct{}, 100)
				p := inMemory(t, simulator.Options{
					Transition: time.Hour, Latency: 200 * time.Millisecond,
					OnCall: func(call simulator.Call) {
						if test.stop(call) {
							interrupt <- struct{}{}
						}
					},
				}, 0)
				planned, _ := p.plan(instance{}, test.config)
				go func() {
					<-interrupt
					if !test.running {
						<-time.After(3 * time.Second) // for the stop to be answered, and seen
					}
					if _, err := p.provider.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
						t.Error(err)
					}
				}()
				created, diags := p.apply(instance{}, planned, test.config)
				if test.tainted {
					p.wantError(diags, `"board" (id 1)`, "interrupted", "tainted")
				} else {
					p.wantWarning(diags, `Interrupted while waiting for visualization job "board" (id 1)`)
				}
				if created.values["id"] != "1" || created.values["running"] != test.running {
					t.Errorf("the state is %v", created.values)
				}
				for attribute, value := range created.values {
					if value == any(tftypes.UnknownValue) {
						t.Errorf("%s is unknown", attribute)
					}
				}
				wantIdentity(t, created.identity, boardIdentity)
			})
		})
	}
}

// A delete that stopped the job and then failed leaves it in the state as it is now.
func TestProtocolFailedDelete(t *testing.T) {
	t.Parallel()
	p := unconfiguredFor(t, simulator.Options{Refusals: simulator.RefusalsStrict}).configure(nil)
	created := p.must(instance{}, boardConfig)
	p.Inject(denied(http.MethodDelete, "", 1))
	planned, _ := p.plan(created, nil)
	left, diags := p.apply(created, planned, nil)
	p.wantError(diags, `Could not delete visualization job "board" (id 1)`, "ModelArts.0108", "status KILLED")
	if left.values["id"] != "1" || left.values["status"] != "KILLED" || left.values["running"] != false {
		t.Errorf("the state is %v", left.values)
	}
}

func isGet(call simulator.Call) bool {
	return call.Method == http.MethodGet && strings.HasSuffix(call.Path, "/visualization-jobs/1")
}

func isStop(call simulator.Call) bool { return strings.HasSuffix(call.Path, "/stop") }
