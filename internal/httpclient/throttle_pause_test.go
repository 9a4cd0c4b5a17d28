package httpclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// halfASecond is what a pause may be longer than the answer asked for.
const halfASecond = minRetryWait

// One refusal is for all: for those that are new, those that wait, and retries of
// whatever kind. What is under way is left alone, and one request goes first.
func TestPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const s = time.Second
		g := newGate(map[string][]fate{
			"1": {refused(2*s, "10"), after(s, http.StatusOK)},
			"2": {after(11*s, http.StatusOK)},                             // under way
			"3": {after(1*s, http.StatusBadGateway, "Retry-After", "5")},  // to be repeated before the pause is over
			"4": {after(1*s, http.StatusBadGateway, "Retry-After", "20")}, // and after it
		})
		throttle := NewThrottle(4)
		c := clientOn(g, func(c *Config) { c.Throttle = throttle })
		wantNoErrors(t, run(t, c, ask{id: "1"}, ask{id: "2", at: 1}, ask{id: "3", at: 2}, ask{id: "4", at: 3},
			ask{id: "5", at: 2*s + 1}, ask{id: "6", at: 11 * s}))
		g.want(t, halfASecond+3, begun{"1", 0}, begun{"2", 0}, begun{"3", 0}, begun{"4", 0},
			begun{"1", 12 * s}, begun{"3", 13 * s}, begun{"5", 13 * s}, begun{"6", 13 * s}, begun{"4", 21 * s})
		if paused := throttle.Paused(); paused < 11*s || paused > 11*s+halfASecond {
			t.Errorf("paused for %v", paused)
		}
	})
}

// A pause is as long as the one that asks for most has it.
func TestPauseIsNeverShortened(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		first, second, third string
		want                 time.Duration
	}{
		"longer":     {"10", "20", "30", 33 * time.Second},
		"shorter":    {"30", "20", "10", 31 * time.Second},
		"and longer": {"10", "30", "10", 32 * time.Second},
		"not at all": {"10", "10", "0", 12 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newGate(map[string][]fate{
					"1": {refused(1*time.Second, test.first)},
					"2": {refused(2*time.Second, test.second)},
					"3": {refused(3*time.Second, test.third)},
				})
				wantNoErrors(t, run(t, clientOn(g), append(numbered(3), ask{id: "4", at: 4 * time.Second})...))
				if got := g.begun[3].at; got < test.want || got > test.want+halfASecond || len(g.begun) != 7 {
					t.Errorf("began %v, want %v", g.begun, test.want)
				}
			})
		})
	}
}

// A refusal that says no time has the pauses grow until they cover a window of a minute. No
// number of them ends a request.
func TestPauseWithoutRetryAfter(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		message string
		want    []int // seconds, of the first pauses
	}{
		"no hint":        {"slow down", []int{1, 2, 4, 8, 16, 32, 60, 60, 60, 60}},
		"a second":       {"policy ip over ratelimit,limit:5,time:1 second", []int{1, 2, 4, 8, 16, 32, 60, 60}},
		"20 seconds":     {"policy user over ratelimit,limit:15,time:20 second", []int{10, 10, 10, 10, 16, 32, 60, 60}},
		"a minute":       {"policy user over ratelimit,limit:60,time:1 minute", []int{30, 30, 30, 30, 30, 32, 60, 60}},
		"a day":          {"limit:9,time:1 day", []int{30, 30, 30, 30, 30, 32, 60, 60}},
		"a long while":   {"limit:9,time:999999 day", []int{30, 30}},
		"beyond numbers": {"limit:9,time:99999999999999999999 day", []int{1, 2}},
		"no time":        {"limit:9,time:0 second", []int{1, 2}},
		"words":          {"time: a second", []int{1, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				body := fmt.Sprintf(`{"error_code": "APIGW.0308", "error_msg": %q, "request_id": "r1"}`, test.message)
				fates := slices.Repeat([]fate{func(req *http.Request, _ int) (*http.Response, error) {
					return reply(req, http.StatusTooManyRequests, body), nil
				}}, len(test.want))
				g, c := busy(map[string][]fate{"1": fates}, withRetries(0))
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				wantNoErrors(t, []error{put(ctx, c, "1")})
				for i, seconds := range test.want {
					want := time.Duration(seconds) * time.Second
					if wait := g.begun[i+1].at - g.begun[i].at; wait < want || wait > want+halfASecond {
						t.Errorf("waited %v after attempt %d, want %v", wait, i+1, want)
					}
				}
			})
		})
	}
}

// What is asked to wait for longer than it has time ends at once, with all that wait. What
// has more time, waits.
func TestRetryAfterBeyondTheDeadline(t *testing.T) {
	t.Parallel()
	const s = time.Second
	for name, test := range map[string]struct {
		fate fate // of the first attempt, which takes two seconds
		ends time.Duration
		last bool
	}{
		"429": {refused(2*s, "600"), 2 * s, true},
		"503": {after(2*s, http.StatusServiceUnavailable, "Retry-After", "600"), 2 * s, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newGate(map[string][]fate{"1": {test.fate}})
				c := clientOn(g, withSlots(1))
				ends := make([]time.Duration, 5)
				errs := make([]error, 5)
				var wg sync.WaitGroup
				for i, of := range []struct{ at, time time.Duration }{{0, 300 * s}, {s, 300 * s}, {s, 900 * s}, {10 * s, 300 * s}, {400 * s, 300 * s}} {
					wg.Go(func() {
						<-time.After(of.at)
						ctx, cancel := context.WithTimeout(t.Context(), of.time)
						defer cancel()
						errs[i] = put(ctx, c, strconv.Itoa(i+1))
						ends[i] = time.Since(g.start)
					})
				}
				wg.Wait()
				if ends[0] != 2*s {
					t.Errorf("the first ended at %v: %v", ends[0], errs[0])
				}
				if !test.last {
					wantNoErrors(t, errs[1:])
					return
				}
				wantNoErrors(t, []error{errs[2], errs[4]})
				for i, want := range map[int]time.Duration{0: 600 * s, 1: 600 * s, 3: 592 * s} {
					e, ok := errors.AsType[*ThrottledError](errs[i])
					if !ok || e.Wait < want || e.Wait > want+halfASecond {
						t.Errorf("%d: %v", i+1, errs[i])
					}
					if end := max(2*s, time.Duration(i/3)*10*s); ends[i] != end {
						t.Errorf("%d ended at %v, want %v", i+1, ends[i], end)
					}
					if wasSent(t, errs[i]) {
						t.Errorf("%d: %v", i+1, errs[i])
					}
				}
			})
		})
	}
}

// Without a deadline there is an end all the same.
func TestPauseWithoutADeadline(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		retryAfter string
		ends       time.Duration // at most
		attempts   int
	}{
		"a minute": {"60", 61 * time.Second, 2}, "three minutes": {"180", 0, 1}, "no time": {"", 2 * time.Minute, 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				no := after(0, http.StatusTooManyRequests, "Retry-After", test.retryAfter)
				g, c := busy(map[string][]fate{"1": {no, no, no, no, no, no, no, no, no, no}})
				err := put(t.Context(), c, "1")
				if _, ok := errors.AsType[*ThrottledError](err); !ok || time.Since(g.start) > test.ends || len(g.begun) != test.attempts {
					t.Errorf("ended after %v: %v, %v", time.Since(g.start), g.begun, err)
				}
			})
		})
	}
}

// What was refused must not be overtaken by those that came later.
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

// After a pause one goes first, then not all at once, and in the end as many as ever.
func TestFewerAfterRefusals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		refused int   // of four at a time
		want    []int // that begin in each of the seconds after the pause
	}{
		"all":   {4, []int{1, 2, 3, 4, 4, 4, 2}}, // there is always one place
		"three": {3, []int{1, 2, 3, 4, 4, 4, 1}},
		"two":   {2, []int{1, 3, 4, 4, 4, 2}},
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
				wantNoErrors(t, run(t, clientOn(g, withSlots(4)), asks...))
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

// A probe that ends without a response proves nothing: another one follows, alone. One
// that is answered with an error proves that requests are accepted.
func TestProbe(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fate fate
		want []time.Duration // when the others begin, after the pause
	}{
		"refused":    {refused(time.Second, "20"), []time.Duration{22 * time.Second, 22 * time.Second}},
		"dropped":    {dropped(time.Second), []time.Duration{time.Second, 2 * time.Second}},
		"404":        {after(time.Second, http.StatusNotFound), []time.Duration{time.Second, time.Second}},
		"500":        {after(time.Second, http.StatusNotImplemented), []time.Duration{time.Second, time.Second}},
		"given up":   {after(time.Hour, http.StatusOK), []time.Duration{4 * time.Second, 5 * time.Second}},
		"as allowed": {after(time.Second, http.StatusOK), []time.Duration{time.Second, time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				yes := after(time.Second, http.StatusOK)
				g := newGate(map[string][]fate{"1": {refused(0, "10"), test.fate, yes}, "2": {yes}, "3": {yes}})
				asks := []ask{{id: "1"}, {id: "2", at: time.Second}, {id: "3", at: 2 * time.Second}}
				if name == "given up" {
					asks[0].until = 14 * time.Second
				}
				run(t, clientOn(g, withRetries(0)), asks...)
				var got []time.Duration
				for _, b := range g.begun {
					if b.id != "1" {
						got = append(got, b.at-10*time.Second)
					}
				}
				for i, want := range test.want {
					if got[i] < want || got[i] > want+2*halfASecond {
						t.Errorf("began %v, want %v", got, test.want)
					}
				}
			})
		})
	}
}

// dropped is a connection that breaks after a time.
func dropped(wait time.Duration) fate {
	return func(req *http.Request, _ int) (*http.Response, error) {
		connected(req)
		<-time.After(wait)
		return nil, errReset
	}
}
