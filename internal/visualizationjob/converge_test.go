package visualizationjob_test

import (
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"
)

// Whatever others do, whatever the service and the network do, and whenever
// Terraform or the provider is interrupted or killed: no job is lost and none is
// made twice, and the first apply after it converges.
func TestConverges(t *testing.T) {
	t.Parallel()
	types := newProtocol(t, nil, newBareProvider(nil))
	rapid.Check(t, func(rt *rapid.T) {
		s := drawScript(rt)
		var wrong error
		synctest.Test(t, func(t *testing.T) { wrong = s.play(t, types) })
		if wrong != nil {
			rt.Fatalf("%v", wrong)
		}
	})
}
