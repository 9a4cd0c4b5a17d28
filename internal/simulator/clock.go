package simulator

import (
	"sync"
	"time"
)

// Clock tells the simulator the time. Job statuses, token lifetimes and the
// Date header follow Now; only the latency of answers waits on After.
type Clock interface {
	// Now returns the current time.
	Now() time.Time
	// After returns a channel that receives the time once d has passed.
	After(d time.Duration) <-chan time.Time
}

// machineClock is the clock of the machine. Inside a testing/synctest bubble it
// is the bubble's.
type machineClock struct{}

func (machineClock) Now() time.Time                         { return time.Now() }
func (machineClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// ManualClock is a [Clock] that moves only when it is told to. It is safe for
// concurrent use.
type ManualClock struct {
	mu     sync.Mutex
	now    time.Time
	alarms []alarm
}

type alarm struct {
	due  time.Time
	ring chan time.Time
}

// NewManualClock returns a clock that stands at start.
func NewManualClock(start time.Time) *ManualClock {
	return &ManualClock{now: start}
}

// Now returns the time the clock stands at.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()

	return c.now
}

// After returns a channel that receives the time once [ManualClock.Advance] has
// moved the clock by d.
func (c *ManualClock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()

	ring := make(chan time.Time, 1)
	if d <= 0 {
		ring <- c.now

		return ring
	}

	c.alarms = append(c.alarms, alarm{due: c.now.Add(d), ring: ring})

	return ring
}

// Advance moves the clock forward by d and wakes whoever waited for a time that
// has come.
func (c *ManualClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.now = c.now.Add(d)

	waiting := c.alarms[:0]

	for _, a := range c.alarms {
		if a.due.After(c.now) {
			waiting = append(waiting, a)

			continue
		}

		a.ring <- c.now
	}

	c.alarms = waiting
}
