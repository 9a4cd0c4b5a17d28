package lifecycle

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	minPollInterval = 250 * time.Millisecond
	maxPollInterval = 30 * time.Second
	// pollShare is the share of the allowed delay that a wait spends between two polls. The rest
	// is for the request.
	pollShare = 0.9
)

// pollInterval returns the time until the next poll of a wait that has taken elapsed. The
// interval starts short and grows with the wait, so that a wait notices a change at most a second
// or a tenth of its duration late.
func pollInterval(elapsed time.Duration) time.Duration {
	steady := min(time.Duration(pollShare*float64(max(time.Second, elapsed/10))), maxPollInterval)
	interval := min(minPollInterval+elapsed/2, steady)
	// Jitter that only shortens the interval keeps the limit, and spreads waits that started together.
	return interval - rand.N(interval/5)
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
