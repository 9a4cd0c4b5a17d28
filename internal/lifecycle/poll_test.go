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
		n := rapid.IntRange(0, 1_000_000).Draw(t, "n")
		elapsed := time.Duration(rapid.Int64Range(0, int64(48*time.Hour)).Draw(t, "elapsed"))
		got := lifecycle.PollInterval(n, elapsed)
		if got <= 0 {
			t.Errorf("pollInterval(%d, %s) = %s, want more than 0", n, elapsed, got)
		}
		if limit := max(time.Second, elapsed/10); got > limit {
			t.Errorf("pollInterval(%d, %s) = %s, want at most %s", n, elapsed, got, limit)
		}
		if got > 30*time.Second {
			t.Errorf("pollInterval(%d, %s) = %s, want at most 30 s", n, elapsed, got)
		}
		if first := lifecycle.PollInterval(0, elapsed); first > 250*time.Millisecond {
			t.Errorf("pollInterval(0, %s) = %s, want at most 250 ms", elapsed, first)
		}
	})
}

// Short intervals for ever would satisfy the limits, and cost a call a second
// and job.
func TestPollIntervalGrows(t *testing.T) {
	t.Parallel()
	if got := lifecycle.PollInterval(50, 10*time.Minute); got < 20*time.Second {
		t.Errorf("after ten minutes the interval is %s, want at least 20 s", got)
	}
}
