package lifecycle

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	firstPoll   = 250 * time.Millisecond
	longestPoll = 30 * time.Second
	// promptness is the share of the allowed delay spent waiting; the rest is for the
	// request itself.
	promptness = 0.9
)

// pollInterval returns how long to wait before the next look when the wait has taken
// elapsed. It looks early, each time half as much later, and in the end in proportion:
// what it finds out too late is at most a second, or a tenth of the wait.
func pollInterval(elapsed time.Duration) time.Duration {
	steady := min(time.Duration(promptness*float64(max(time.Second, elapsed/10))), longestPoll)
	interval := min(firstPoll+elapsed/2, steady)
	// Jitter downwards keeps the bound and spreads what started at once.
	return interval - rand.N(interval/5)
}

// sleep waits for d, or less when ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
