package simulator_test

import (
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestManualClock(t *testing.T) {
	t.Parallel()

	c := simulator.NewManualClock(start)
	now, soon, late := c.After(0), c.After(time.Second), c.After(time.Minute)

	rung := func(ring <-chan time.Time) bool {
		select {
		case <-ring:
			return true
		default:
			return false
		}
	}

	if !rung(now) || rung(soon) || rung(late) {
		t.Error("before the clock moves, only a wait of nothing should be over")
	}

	c.Advance(time.Second)

	if !rung(soon) || rung(late) {
		t.Error("after a second, only the short wait should be over")
	}

	c.Advance(time.Hour)

	if !rung(late) || rung(soon) {
		t.Error("after an hour, the long wait should be over, and the short one only once")
	}

	if got, want := c.Now(), start.Add(time.Hour+time.Second); !got.Equal(want) {
		t.Errorf("now = %s, want %s", got, want)
	}
}
