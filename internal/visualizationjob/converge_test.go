package visualizationjob_test

import (
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"
)

// TestConverges draws changes outside Terraform, faults of the service and the network, interrupts and kills. No job is lost or
// created twice, and the first apply afterwards converges.
func TestConverges(t *testing.T) {
	t.Parallel()
	types := newProtocol(t, nil, newBareProvider(nil))
	rapid.Check(t, func(rt *rapid.T) {
		s := drawScript(rt)
		var failures error
		synctest.Test(t, func(t *testing.T) { failures = s.run(t, types) })
		if failures != nil {
			rt.Fatalf("%v", failures)
		}
	})
}
