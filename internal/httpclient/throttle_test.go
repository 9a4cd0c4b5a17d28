package httpclient

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"path"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// gate is a network that records when attempts begin.
type gate struct {
	// fates are of the attempts for each job, in their order. Later ones succeed at once.
	fates map[string][]fate

	start time.Time
	mu    sync.Mutex
	begun []begun
	busy  int
	peak  int // the maximum of busy
}

// begun is an attempt: for which job, and when.
type begun struct {
	id string
	at time.Duration
}

func newGate(fates map[string][]fate) *gate { return &gate{fates: fates, start: time.Now()} }

func (g *gate) RoundTrip(req *http.Request) (*http.Response, error) {
	id := path.Base(req.URL.Path)
	g.mu.Lock()
	next := after(0, http.StatusOK)
	if row := g.fates[id]; len(row) > 0 {
		next, g.fates[id] = row[0], row[1:]
	}
	g.begun = append(g.begun, begun{id, time.Since(g.start)})
	g.busy++
	g.peak = max(g.peak, g.busy)
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		g.busy--
		g.mu.Unlock()
	}()
	return next(req, 0)
}

// want checks that the attempts began in this order and at these times, or later by up to jitter. Those of one moment
// are in the order of their IDs.
func (g *gate) want(t *testing.T, jitter time.Duration, want ...begun) {
	t.Helper()
	slices.SortFunc(g.begun, func(a, b begun) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id)) })
	ok := len(g.begun) == len(want)
	for i := 0; ok && i < len(want); i++ {
		delay := g.begun[i].at - want[i].at
		ok = g.begun[i].id == want[i].id && delay >= 0 && delay <= jitter
	}
	if !ok {
		t.Errorf("began %v, want %v", g.begun, want)
	}
}

// after responds when a time has passed.
func after(wait time.Duration, status int, header ...string) fate {
	return func(req *http.Request, _ int) (*http.Response, error) {
		connected(req)
		select {
		case <-req.Context().Done():
			return nil, req.Context().Err()
		case <-time.After(wait):
			return reply(req, status, "", header...), nil
		}
	}
}

// refused is 429 after a time, with Retry-After.
func refused(wait time.Duration, seconds string) fate {
	return after(wait, http.StatusTooManyRequests, "Retry-After", seconds)
}

// ask is a request for a job.
type ask struct {
	id    string
	at    time.Duration
	until time.Duration // the end of its context; 0 for never
}

// run sends requests, and returns their errors. A request that is given up has to end just then.
func run(t *testing.T, c *http.Client, asks ...ask) []error {
	t.Helper()
	start := time.Now()
	errs := make([]error, len(asks))
	var wg sync.WaitGroup
	for i, ask := range asks {
		wg.Go(func() {
			<-time.After(ask.at)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if ask.until > 0 {
				defer time.AfterFunc(ask.until-ask.at, cancel).Stop()
			}
			errs[i] = put(ctx, c, ask.id)
			if got := time.Since(start); ask.until > 0 && got != ask.until {
				t.Errorf("%s ended at %v, want %v: %v", ask.id, got, ask.until, errs[i])
			}
		})
	}
	wg.Wait()
	return errs
}

func wantNoErrors(t *testing.T, errs []error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

// numbered returns n requests at once.
func numbered(n int) []ask {
	asks := make([]ask, n)
	for i := range asks {
		asks[i].id = strconv.Itoa(i + 1)
	}
	return asks
}

func TestMaxConcurrentRequests(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options []func(*Config)
		want    int
	}{
		"default": {nil, 10},
		"1":       {[]func(*Config){withSlots(1)}, 1},
		"2":       {[]func(*Config){withSlots(2)}, 2},
		"100":     {[]func(*Config){withSlots(100)}, 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newGate(map[string][]fate{})
				for _, ask := range numbered(200) {
					g.fates[ask.id] = []fate{after(time.Second, http.StatusOK)}
				}
				wantNoErrors(t, run(t, clientOn(g, test.options...), numbered(200)...))
				if took := time.Since(g.start); g.peak != test.want || took != time.Duration(200/test.want)*time.Second {
					t.Errorf("%d at a time, in %v", g.peak, took)
				}
			})
		})
	}
}

// busy is a client for one request at a time, and a network of those fates.
func busy(fates map[string][]fate, options ...func(*Config)) (*gate, *http.Client) {
	g := newGate(fates)
	return g, clientOn(g, append([]func(*Config){withSlots(1)}, options...)...)
}

func TestFirstComeFirstServed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		second := after(time.Second, http.StatusOK)
		g, c := busy(map[string][]fate{"7": {second}, "3": {second}, "5": {second}, "1": {second}})
		wantNoErrors(t, run(t, c, ask{id: "7"}, ask{id: "3", at: 10}, ask{id: "5", at: 20}, ask{id: "1", at: 30}))
		g.want(t, 0, begun{"7", 0}, begun{"3", time.Second}, begun{"5", 2 * time.Second}, begun{"1", 3 * time.Second})
	})
}

// A request that waits to be repeated holds no slot, and then keeps its turn.
func TestNoSlotIsHeldWhileARetryWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, c := busy(map[string][]fate{
			"1": {after(0, http.StatusServiceUnavailable, "Retry-After", "10")},
			"2": {after(20*time.Second, http.StatusOK)},
		})
		wantNoErrors(t, run(t, c, ask{id: "1"}, ask{id: "2", at: time.Second}, ask{id: "3", at: 2 * time.Second}))
		g.want(t, 0, begun{"1", 0}, begun{"2", time.Second}, begun{"1", 21 * time.Second}, begun{"3", 21 * time.Second})
	})
}

// The end of a waiting request affects no other.
func TestCancelInTheQueue(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		first  fate
		begins []begun // after it
	}{
		"for a slot":        {after(30*time.Second, http.StatusOK), nil},
		"for a pause's end": {refused(0, "30"), []begun{{"1", 30 * time.Second}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var logged int
				g, c := busy(map[string][]fate{"1": {test.first}}, withRetries(0),
					withRequestLog(func(Attempt) { logged++ }))
				// The first in the queue, and another one.
				errs := run(t, c, ask{id: "1"}, ask{id: "2", at: 1, until: 7 * time.Second}, ask{id: "3", at: 2},
					ask{id: "4", at: 3}, ask{id: "5", at: 4, until: 8 * time.Second}, ask{id: "6", at: 5})
				wantNoErrors(t, []error{errs[0], errs[2], errs[3], errs[5]})
				want := append([]begun{{"1", 0}}, test.begins...)
				want = append(want, begun{"3", 30 * time.Second}, begun{"4", 30 * time.Second}, begun{"6", 30 * time.Second})
				g.want(t, 500*time.Millisecond, want...)
				for _, err := range []error{errs[1], errs[4]} {
					if wasSent(t, err) || !errors.Is(err, context.Canceled) {
						t.Errorf("%+v", err)
					}
				}
				if logged != len(want) {
					t.Errorf("%d calls in the log", logged)
				}
			})
		})
	}
}

// A request whose context has ended isn't sent, whether there is a slot or not.
func TestCancelledBeforeTheQueue(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 { // as a select chooses at random
		g, c := busy(nil)
		if err := put(ctx, c, "1"); wasSent(t, err) || len(g.begun) > 0 {
			t.Fatalf("began %v: %v", g.begun, err)
		}
		wantNoErrors(t, run(t, c, ask{id: "2"}))
	}
}

// However an attempt ends, its slot is free again.
func TestSlotsAreReleased(t *testing.T) {
	t.Parallel()
	panics := func(*http.Request, int) (*http.Response, error) { panic(http.ErrAbortHandler) }
	for name, end := range map[string]fate{
		"200": status(200), "404": status(404), "429": refused(0, "1"), "503": status(503),
		"dropped": failure(true, errReset), "truncated": truncated, "timeout": hanging, "panic": panics,
		"too large": tooLarge(429),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newGate(map[string][]fate{"1": {end, end, end, end, end}})
				c := clientOn(g, withSlots(2), withRetries(0))
				for range 5 {
					func() {
						defer func() {
							if recovered := recover(); (recovered != nil) != (name == "panic") {
								t.Errorf("panicked: %v", recovered)
							}
						}()
						if err := put(t.Context(), c, "1"); (err == nil) != (name == "429" || name == "200") {
							t.Errorf("the error is %v", err)
						}
					}()
				}
				// A slot that refusals removed comes back as well.
				wantNoErrors(t, run(t, c, ask{id: "2"}))
				g.fates["3"], g.fates["4"], g.peak = []fate{after(1, http.StatusOK)}, []fate{after(1, http.StatusOK)}, 0
				wantNoErrors(t, run(t, c, ask{id: "3"}, ask{id: "4"}, ask{id: "5"}))
				if g.peak != 2 {
					t.Errorf("%d at a time", g.peak)
				}
			})
		})
	}
}

// A slot that is granted to a request just when that ends goes to the next.
func TestSlotOfARequestThatEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		throttle := NewThrottle(1)
		held, err := throttle.acquire(t.Context(), &exchange{})
		wantNoErrors(t, []error{err})
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := throttle.acquire(ctx, &exchange{}); !errors.Is(err, context.Canceled) {
				t.Errorf("the request that ended: %v", err)
			}
		})
		synctest.Wait()
		wg.Go(func() {
			_, err := throttle.acquire(t.Context(), &exchange{})
			wantNoErrors(t, []error{err})
		})
		synctest.Wait()
		throttle.mu.Lock()
		cancel()
		throttle.free(held)
		throttle.grant()
		throttle.mu.Unlock()
		wg.Wait() // a slot that isn't passed on is a deadlock
	})
}
