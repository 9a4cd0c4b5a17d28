package lifecycle

import (
	"context"
	"math"
	"math/rand/v2"
	"time"
)

const (
	firstPoll   = 250 * time.Millisecond
	steadyPoll  = time.Second
	longestPoll = 30 * time.Second
	pollGrowth  = 1.5
)

// pollInterval returns how long to wait before look n (from 0) when the wait has
// taken elapsed. It looks early, and later in proportion: what it finds out too
// late is at most a second, or a tenth of the wait.
func pollInterval(n int, elapsed time.Duration) time.Duration {
	steady := min(max(steadyPoll, elapsed/10), longestPoll)
	growing := float64(firstPoll) * math.Pow(pollGrowth, float64(n))
	interval := time.Duration(min(growing, float64(steady)))
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
