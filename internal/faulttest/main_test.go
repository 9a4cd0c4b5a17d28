//go:build unix

// Package faulttest has only tests. They run a real CLI with the provider in a process of its own.
// Each request of each operation meets each fault, kill and interrupt, one at a time, and no job
// is lost or duplicated.
//
// Without flags only a sample of the cases runs. All of them run with:
//
//	cd internal/faulttest && go test -all -timeout 180m
package faulttest_test

import (
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

var all = flag.Bool("all", false, "run every case, not only the sample")

// sample has the cases that run without -all: the ways to lose a job in a create. The random histories of internal/visualizationjob
// meet the remaining faults without a CLI.
var sample = []string{
	"TestFaults/create/1_create_drop-after_retried",
	"TestKills/create/1_create_CLI_after",
	"TestInterrupts/create/1_create_interrupt",
}

func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = flag.Set(f.Name, "12") // The cases mostly wait.
	}
	acctest.Main(m)
}

// disturbance is one thing that goes wrong during an operation.
type disturbance struct {
	name    string
	retries bool
	hasty   bool // so the provider might have no time to search for a job whose create got no response
	timeout string
	run     func(*world) (output string) // runs the operation
}

// killed is the output of a run that had no chance to print the ID of a new job.
const killed = ""

// disturbEach tests the disturbances of request n of each operation, and checks that the next apply
// converges.
func disturbEach(t *testing.T, disturbances func(n int, request string) []disturbance) {
	t.Helper()
	t.Parallel()
	acctest.NeedCLI(t)
	for _, o := range operations() {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			isOther := func(name string) bool { return !strings.HasPrefix(name, t.Name()+"/") }
			missing := slices.DeleteFunc(slices.Clone(sample), isOther)
			if !*all && len(missing) == 0 {
				t.Skip("not in the sample")
			}
			for n, request := range setupOf(t, o, patient).requests {
				for _, d := range disturbances(n, request) {
					name := strings.ReplaceAll(fmt.Sprintf("%d %s %s", n, request, d.name), " ", "_")
					i := slices.Index(missing, t.Name()+"/"+name)
					if i >= 0 {
						missing = slices.Delete(missing, i, i+1)
					} else if !*all {
						continue
					}
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						d.test(t, o)
					})
				}
			}
			if len(missing) > 0 {
				t.Errorf("the sample names %q, which aren't cases", missing)
			}
		})
	}
}

func (d disturbance) test(t *testing.T, o *operation) {
	t.Helper()
	w := newWorld(t, setupOf(t, o, d.timeout), d.retries)
	output := d.run(w)
	w.wantTrueState()
	if output != killed {
		w.wantAccounted(output, d.hasty)
	}
	w.converge(output)
}

// TestFaults has each kind of fault, without retries and, if that makes a difference, with them.
func TestFaults(t *testing.T) {
	disturbEach(t, func(n int, request string) (found []disturbance) {
		for _, kind := range simulator.FaultKinds() {
			fault, timeout := kind.Fault, patient
			fault.Kind, fault.Skip, fault.Slow = kind.Name, n, min(fault.Slow, time.Second)
			if fault.Hang {
				timeout = impatient
			}
			run := func(w *world) string { return w.runWithFault(fault) }
			found = append(found, disturbance{name: kind.Name + " once", hasty: fault.Hang, timeout: timeout, run: run})
			if isRepeated(fault, request) {
				found = append(found, disturbance{name: kind.Name + " retried", retries: true, hasty: fault.Hang, timeout: timeout, run: run})
			}
		}
		return found
	})
}

// isRepeated reports whether the provider sends the request again after the fault, or the first
// time with a new token.
func isRepeated(f simulator.Fault, request string) bool {
	unusable := f.Status == http.StatusOK && f.Code == "" && f.Size == 0
	return isRead(request) && unusable || f.Drop || f.Hang || f.Truncate || f.Slow > 0 || f.Kind == "token-invalid" ||
		f.Status >= http.StatusInternalServerError || f.Status == http.StatusTooManyRequests || f.Status == http.StatusUnauthorized
}

// runWithFault runs the operation while one request fails.
func (w *world) runWithFault(fault simulator.Fault) (output string) {
	w.t.Helper()
	w.sim.Inject(fault)
	begin := time.Now()
	output, code := w.run(w.command...)
	if left := w.sim.Faults(); len(left) > 0 {
		w.t.Errorf("no request had the fault: %d requests were sent", len(w.sim.Requests()))
	}
	if took := time.Since(begin); took > maxRun {
		w.t.Errorf("the run took %s", took)
	}
	if code == 0 {
		w.wantReached(true)
	}
	return output
}

// TestKills kills the provider or the CLI before each request is processed, or when its response
// is due. The next apply never creates a second job.
func TestKills(t *testing.T) {
	disturbEach(t, func(n int, _ string) (found []disturbance) {
		for name, target := range map[string]func(*process) []int{"CLI": (*process).cli, "provider": (*process).providers} {
			for when, after := range map[string]bool{"before": false, "after": true} {
				found = append(found, disturbance{name: name + " " + when, timeout: patient, run: func(w *world) string {
					if _, code := w.strike(n, after, syscall.SIGKILL, target); name == "provider" && code != 1 {
						w.t.Errorf("the CLI ended with exit code %d", code)
					}
					return killed
				}})
			}
		}
		return found
	})
}

// TestInterrupts interrupts the CLI as Ctrl-C does, or terminates it, at each request. The job is in
// the state, and the next apply resumes, or an error says that the job might exist.
func TestInterrupts(t *testing.T) {
	targets := map[syscall.Signal]func(*process) []int{syscall.SIGINT: (*process).group, syscall.SIGTERM: (*process).cli}
	disturbEach(t, func(n int, _ string) (found []disturbance) {
		for signal, target := range targets {
			found = append(found, disturbance{name: signal.String(), hasty: true, timeout: patient, run: func(w *world) string {
				output, _ := w.strike(n, true, signal, target)
				return output
			}})
		}
		return found
	})
}
