package faulttest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const (
	// slowAnswer is long enough to be an answer in pieces.
	slowAnswer = time.Second
	// longest is how long a disturbed run may take. The longest waits by design are
	// one attempt of a request that hangs, where no timeout is configured yet, and
	// the patience with a job that was said to be deleted and is still there.
	longest = 110 * time.Second
)

// Every call of every operation goes wrong in every way, one at a time.
func TestFaults(t *testing.T) {
	t.Parallel()
	acctest.NeedCLI(t)
	for _, o := range operations() {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			skipUnlessSampled(t)
			usual := setupOf(t, o, patient)
			for n, call := range usual.calls {
				for _, kind := range simulator.FaultNames() {
					fault, err := simulator.NamedFault(kind)
					if err != nil {
						t.Fatal(err)
					}
					fault.Skip = n
					fault.Slow = min(fault.Slow, slowAnswer)
					for _, r := range []retries{onlyOnce, byDefault} {
						name := fmt.Sprintf("%d %s %s %s", n, call, kind, r)
						if r == byDefault && !repeated(fault, call) || !chosen(t, name) {
							continue
						}
						begin := usual
						if fault.Hang {
							begin = setupOf(t, o, impatient)
						}
						t.Run(name, func(t *testing.T) {
							t.Parallel()
							disturb(t, begin, r, fault)
						})
					}
				}
			}
		})
	}
}

// repeated says whether the client makes a second attempt after the fault, or its
// first one with a new token. To all else it makes no difference whether it may.
func repeated(f simulator.Fault, call string) bool {
	unusable := f.Status == http.StatusOK && f.Code == "" && f.Size == 0
	return looks(call) && unusable || f.Drop || f.Hang || f.Truncate || f.Slow > 0 || f.Kind == "token-invalid" ||
		f.Status >= http.StatusInternalServerError || f.Status == http.StatusTooManyRequests || f.Status == http.StatusUnauthorized
}

// disturb runs one operation during which one request fails, and checks that the
// next apply converges.
func disturb(t *testing.T, s *setup, r retries, fault simulator.Fault) {
	t.Helper()
	w := newCase(t, s, r, &total.faults)
	w.sim.Inject(fault)
	begin := time.Now()
	output, code := w.run(w.command...)
	took := time.Since(begin)
	if left := w.sim.Faults(); len(left) > 0 {
		t.Errorf("the fault did not happen: %d calls were made", len(w.sim.Requests()))
	}
	if took > longest {
		t.Errorf("the run took %s", took)
	}
	t.Logf("exit code %d after %s", code, took.Round(100*time.Millisecond))
	w.wantTrueState()
	w.wantStrangers()
	w.wantAccounted(output, fault.Hang)
	if code == 1 {
		w.wantNamed(output)
	} else {
		total.succeeded.Add(1)
		w.wantReached(true)
	}
	w.converge(output)
}
