package httpclient

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// halfASecond is the longest jitter of a pause.
const halfASecond = minRetryWait

// One refusal pauses all requests: new ones, waiting ones and retries. Those that are under way go on, and after the
// pause one request goes first.
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
		c := clientOn(g, func(c *Config) { c.Throttle = NewThrottle(4) })
		wantNoErrors(t, run(t, c, ask{id: "1"}, ask{id: "2", at: 1}, ask{id: "3", at: 2}, ask{id: "4", at: 3},
			ask{id: "5", at: 2*s + 1}, ask{id: "6", at: 11 * s}))
		g.want(t, halfASecond+3, begun{"1", 0}, begun{"2", 0}, begun{"3", 0}, begun{"4", 0},
			begun{"1", 12 * s}, begun{"3", 13 * s}, begun{"5", 13 * s}, begun{"6", 13 * s}, begun{"4", 21 * s})
	})
}

// The longest of several pauses counts.
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

// Without Retry-After, the pauses grow until they cover a window of a minute. No number of them ends a request.
func TestPauseWithoutRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		seconds := []int{1, 2, 4, 8, 16, 32, 60, 60, 60, 60}
		g, c := busy(map[string][]fate{"1": slices.Repeat([]fate{status(429)}, len(seconds))}, withRetries(0))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		wantNoErrors(t, []error{put(ctx, c, "1")})
		for i := range seconds {
			want := time.Duration(seconds[i]) * time.Second
			if wait := g.begun[i+1].at - g.begun[i].at; wait < want || wait > want+halfASecond {
				t.Errorf("waited %v after attempt %d, want %v", wait, i+1, want)
			}
		}
	})
}

// A request that has less time than Retry-After requires ends at once, and so do all waiting ones. Those with more time
// wait.
func TestRetryAfterBeyondTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const s = time.Second
		g, c := busy(map[string][]fate{"1": {refused(2*s, "600")}})
		var wg sync.WaitGroup
		for i, request := range []struct {
			at, deadline time.Duration
			ends         time.Duration // if the pause is too long
			wait         time.Duration // in the error
		}{
			{0, 300 * s, 2 * s, 600 * s},
			{s, 301 * s, 2 * s, 600 * s},
			{s, 901 * s, 0, 0},
			{10 * s, 310 * s, 10 * s, 592 * s},
			{400 * s, 700 * s, 0, 0},
		} {
			wg.Go(func() {
				<-time.After(request.at)
				ctx, cancel := context.WithTimeout(t.Context(), request.deadline-request.at)
				defer cancel()
				err := put(ctx, c, strconv.Itoa(i+1))
				if request.ends == 0 {
					wantNoErrors(t, []error{err})
					return
				}
				e, ok := errors.AsType[*ThrottledError](err)
				if !ok || e.Wait < request.wait || e.Wait > request.wait+halfASecond || wasSent(t, err) || time.Since(g.start) != request.ends {
					t.Errorf("%d ended at %v: %v", i+1, time.Since(g.start), err)
				}
			})
		}
		wg.Wait()
	})
}

// A request without a deadline ends as well.
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

// Later requests don't overtake a refused one.
func TestRetriesKeepTheirTurn(t *testing.T) {
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

// A probe that ends without a response proves nothing: another one follows, alone. One with an error response
// proves that requests are accepted.
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
