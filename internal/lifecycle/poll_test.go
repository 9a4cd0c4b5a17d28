package lifecycle_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
)

func TestPollInterval(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		elapsed := time.Duration(rapid.Int64Range(0, int64(48*time.Hour)).Draw(t, "elapsed"))
		got := lifecycle.PollInterval(elapsed)
		if got <= 0 {
			t.Errorf("pollInterval(%s) = %s, want more than 0", elapsed, got)
		}
		if limit := max(time.Second, elapsed/10); got > limit {
			t.Errorf("pollInterval(%s) = %s, want at most %s", elapsed, got, limit)
		}
		if got > 30*time.Second {
			t.Errorf("pollInterval(%s) = %s, want at most 30 s", elapsed, got)
		}
		if limit := 250*time.Millisecond + elapsed/2; got > limit {
			t.Errorf("pollInterval(%s) = %s, want at most %s", elapsed, got, limit)
		}
	})
}

// Intervals that stay short would satisfy the limits and cost a request a second for each job.
func TestPollIntervalGrows(t *testing.T) {
	t.Parallel()
	if got := lifecycle.PollInterval(10 * time.Minute); got < 20*time.Second {
		t.Errorf("after ten minutes the interval is %s, want at least 20 s", got)
	}
}
