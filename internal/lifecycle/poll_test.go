package lifecycle_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
)

// Intervals that stay short would satisfy the limits of the delay, and cost a request a second for each job. So they grow.
func TestPollInterval(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		elapsed := time.Duration(rapid.Int64Range(0, int64(48*time.Hour)).Draw(t, "elapsed"))
		got, limit := lifecycle.PollInterval(elapsed), min(max(time.Second, elapsed/10), 30*time.Second, 250*time.Millisecond+elapsed/2)
		if got < min(limit*7/10, 20*time.Second) || got > limit {
			t.Errorf("pollInterval(%s) = %s, want at most %s and not much less", elapsed, got, limit)
		}
	})
}
