package modelarts

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// halfASecond is what a pause may be longer than the answer asked for.
const halfASecond = retryWaitMin

// One refusal is for all: for those that are new, those that wait, and retries of
// whatever kind. What is under way is left alone.
func TestPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const s = time.Second

		g := newGate(map[string][]fate{
			"1": {refused(2*s, "10")},
			"2": {after(11*s, http.StatusOK)},                             // under way
			"3": {after(1*s, http.StatusBadGateway, "Retry-After", "5")},  // to be repeated before the pause is over
			"4": {after(1*s, http.StatusBadGateway, "Retry-After", "20")}, // and after it
		})
		c := clientOn(g, WithMaxConcurrentRequests(4))
		wantNoErrors(t, run(t, c, ask{id: "1"}, ask{id: "2", at: 1}, ask{id: "3", at: 2}, ask{id: "4", at: 3},
			ask{id: "5", at: 2*s + 1}, ask{id: "6", at: 11 * s}))
		g.want(t, halfASecond+3, begun{"1", 0}, begun{"2", 0}, begun{"3", 0}, begun{"4", 0},
			begun{"1", 12 * s}, begun{"3", 12 * s}, begun{"5", 12 * s}, begun{"6", 12 * s}, begun{"4", 21 * s})
	})
}

// A pause is as long as the one that asks for most has it.
func TestPauseIsNeverShortened(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		first, second, third string
		want                 time.Duration
	}{
		"longer":         {"10", "20", "30", 33 * time.Second},
		"shorter":        {"30", "20", "10", 31 * time.Second},
		"and shorter":    {"10", "30", "10", 32 * time.Second},
		"not at all":     {"10", "10", "0", 12 * time.Second},
		"beyond measure": {"10", "3600", "10", 2*time.Minute + 2*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newGate(map[string][]fate{
					"1": {refused(1*time.Second, test.first)},
					"2": {refused(2*time.Second, test.second)},
					"3": {refused(3*time.Second, test.third)},
				})
				errs := run(t, clientOn(g, WithMaxRetries(0)), append(numbered(3), ask{id: "4", at: 4 * time.Second})...)
				wantNoErrors(t, errs[3:])

				if got := g.begun[3].at; got < test.want || got > test.want+halfASecond {
					t.Errorf("began %v, want %v", g.begun, test.want)
				}

				// Without a retry there is still a pause, and an error that does not wait for it.
				for _, err := range errs[:3] {
					if errorFrom(t, err).StatusCode != http.StatusTooManyRequests {
						t.Error(err)
					}
				}
			})
		})
	}
}

// A refusal that says no time has the pauses grow.
func TestPauseWithoutRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		no := after(0, http.StatusTooManyRequests)
		g, c := busy(map[string][]fate{"1": {no, no, no, no, no, no, no}})
		errs := run(t, c, ask{id: "1"}, ask{id: "2", at: 1})
		wantNoErrors(t, errs[1:])

		if errorFrom(t, errs[0]).StatusCode != http.StatusTooManyRequests || len(g.begun) != DefaultMaxRetries+2 {
			t.Fatalf("began %v: %v", g.begun, errs[0])
		}

		for i := range DefaultMaxRetries + 1 {
			longest := retryWaitMin << i
			if wait := g.begun[i+1].at - g.begun[i].at; wait < longest/2 || wait > longest {
				t.Errorf("waited %v after attempt %d, want %v to %v", wait, i+1, longest/2, longest)
			}
		}
	})
}

// What was refused must not be overtaken by those that came later: its retries are
// counted.
func TestRetriesKeepTheirPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, c := busy(map[string][]fate{"1": {refused(1, "1"), refused(1, "1")}, "3": {refused(1, "1")}})
		wantNoErrors(t, run(t, c, ask{id: "1"}, ask{id: "2", at: 1}, ask{id: "3", at: 2}, ask{id: "4", at: 3}))

		var order string
		for _, b := range g.begun {
			order += b.id
		}

		if order != "1112334" {
			t.Errorf("began %v", g.begun)
		}
	})
}

// After a pause not all go at once, and in the end as many as ever.
func TestFewerAfterRefusals(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		refused int   // of four at a time
		want    []int // that begin in each of the seconds after the pause
	}{
		"all":   {4, []int{1, 2, 4, 4, 4, 4, 1}}, // there is always one place
		"three": {3, []int{2, 4, 4, 4, 4, 1}},
		"two":   {2, []int{4, 4, 4, 4, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g, asks := newGate(map[string][]fate{}), numbered(20)
				yes := after(time.Second, http.StatusOK)

				for i, ask := range asks {
					asks[i].at = time.Duration(i)
					g.fates[ask.id] = []fate{yes, yes}

					if i < test.refused {
						g.fates[ask.id][0] = refused(time.Second, "10")
					}
				}

				wantNoErrors(t, run(t, clientOn(g, WithMaxConcurrentRequests(4)), asks...))

				first := g.begun[4].at
				if first < 11*time.Second || first > 11*time.Second+halfASecond+time.Microsecond {
					t.Fatalf("the pause ended at %v", first)
				}

				got := make([]int, len(test.want))
				for _, b := range g.begun[4:] {
					got[(b.at-first)/time.Second]++
				}

				if !slices.Equal(got, test.want) {
					t.Errorf("began %v, want %v", got, test.want)
				}
			})
		})
	}
}

// How often a request is repeated stays what the caller says.
func TestRetriesAfterPausesAreCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, c := busy(map[string][]fate{"1": {refused(0, "5"), refused(0, "5")}}, WithMaxRetries(1))
		errs := run(t, c, ask{id: "1"}, ask{id: "2", at: 1}, ask{id: "3", at: 2})
		wantNoErrors(t, errs[1:])

		if !is[*Error](errs[0]) || len(g.begun) != 4 {
			t.Errorf("began %v: %v", g.begun, errs[0])
		}
	})
}
