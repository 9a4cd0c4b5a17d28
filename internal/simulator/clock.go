package simulator

import (
	"sync"
	"time"
)

// Clock provides the time to the simulator. Job statuses, token lifetimes and the Date header
// depend on Now. Delayed responses wait for After.
type Clock interface {
	// Now returns the current time.
	Now() time.Time
	// After returns a channel that receives the time once d has passed.
	After(d time.Duration) <-chan time.Time
}

// machineClock is the clock of the machine or, in a testing/synctest bubble, of the bubble.
type machineClock struct{}

func (machineClock) Now() time.Time                         { return time.Now() }
func (machineClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// ManualClock is a [Clock] that only [ManualClock.Advance] moves. It is safe for concurrent use.
type ManualClock struct {
	mu     sync.Mutex
	now    time.Time
	timers []timer
}

type timer struct {
	at time.Time
	c  chan time.Time
}

// NewManualClock returns a clock with the time start.
func NewManualClock(start time.Time) *ManualClock {
	return &ManualClock{now: start}
}

// Now returns the current time of the clock.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()

	return c.now
}

// After returns a channel that receives the time when [ManualClock.Advance] has moved the
// clock by d.
func (c *ManualClock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()

	received := make(chan time.Time, 1)
	if d <= 0 {
		received <- c.now

		return received
	}

	c.timers = append(c.timers, timer{at: c.now.Add(d), c: received})

	return received
}

// Advance moves the clock forward by d, and ends the waits for a time that has come.
func (c *ManualClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.now = c.now.Add(d)

	pending := c.timers[:0]

	for _, t := range c.timers {
		if t.at.After(c.now) {
			pending = append(pending, t)

			continue
		}

		t.c <- c.now
	}

	c.timers = pending
}
