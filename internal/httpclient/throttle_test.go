package httpclient

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// When attempts begin. After a rejection all requests wait: new ones, waiting ones and retries. Those that are under way continue.
func TestThrottle(t *testing.T) {
	t.Parallel()
	const s = time.Second
	yes, slow := after(s, http.StatusOK), after(30*s, http.StatusOK)
	three := []ask{{id: "1"}, {id: "2", at: s}, {id: "3", at: 2 * s}}
	canceled := []ask{{id: "1"}, {id: "2", at: 1, until: 7 * s}, {id: "3", at: 2}, {id: "4", at: 3}, {id: "5", at: 4, until: 8 * s}, {id: "6", at: 5}}
	// pauses are three rejections at the same time, of which the last one to end counts.
	pauses := func(first, second, third string) map[string][]fate {
		return map[string][]fate{"1": {refused(s, first)}, "2": {refused(2*s, second)}, "3": {refused(3*s, third)}}
	}
	paused := func(end time.Duration) []begun {
		return []begun{{"1", 0}, {"2", 0}, {"3", 0}, {"1", end}, {"2", end}, {"3", end}, {"4", end}}
	}
	four := append(numbered(3), ask{id: "4", at: 4 * s})
	// A probe that ends without a response proves nothing: another one follows, alone. One with an error response proves that
	// requests are accepted.
	probe := func(end fate) map[string][]fate {
		return map[string][]fate{"1": {refused(0, "10"), end, yes}, "2": {yes}, "3": {yes}}
	}
	for name, test := range map[string]struct {
		slots, retries int
		fates          map[string][]fate
		asks           []ask
		pauses         int // each of which can be longer by half a second
		want           []begun
	}{
		"first come, first served": {
			1, 0,
			map[string][]fate{"7": {yes}, "3": {yes}, "5": {yes}, "1": {yes}},
			[]ask{{id: "7"}, {id: "3", at: 10}, {id: "5", at: 20}, {id: "1", at: 30}},
			0,
			[]begun{{"7", 0}, {"3", s}, {"5", 2 * s}, {"1", 3 * s}},
		},
		"two at a time": {2, 0, map[string][]fate{"1": {yes}, "2": {yes}, "3": {yes}}, []ask{{id: "1"}, {id: "2", at: 1}, {id: "3", at: 2}}, 0, []begun{{"1", 0}, {"2", 0}, {"3", s}}},
		"a retry keeps its turn, but no slot": {
			1, 1,
			map[string][]fate{"1": {after(0, 503, "Retry-After", "10")}, "2": {after(20*s, 200)}},
			three,
			0,
			[]begun{{"1", 0}, {"2", s}, {"1", 21 * s}, {"3", 21 * s}},
		},
		"pause": {
			4, 1,
			map[string][]fate{
				"1": {refused(2*s, "10"), yes},
				"2": {after(11*s, 200)},
				"3": {after(s, 502, "Retry-After", "5")},  // to be repeated before the pause is over
				"4": {after(s, 502, "Retry-After", "20")}, // and after it
			},
			[]ask{{id: "1"}, {id: "2", at: 1}, {id: "3", at: 2}, {id: "4", at: 3}, {id: "5", at: 2*s + 1}, {id: "6", at: 11 * s}},
			1,
			[]begun{{"1", 0}, {"2", 0}, {"3", 0}, {"4", 0}, {"1", 12 * s}, {"3", 13 * s}, {"5", 13 * s}, {"6", 13 * s}, {"4", 21 * s}},
		},
		"rejected again and again": {
			1, 0,
			map[string][]fate{"1": {refused(0, "1"), refused(0, "1"), yes}, "2": {yes}, "3": {refused(0, "1"), yes}},
			[]ask{{id: "1"}, {id: "2", at: 1}, {id: "3", at: 2}, {id: "4", at: 3}},
			3,
			[]begun{{"1", 0}, {"1", s}, {"1", 2 * s}, {"2", 3 * s}, {"3", 4 * s}, {"3", 5 * s}, {"4", 6 * s}},
		},
		"longer":                {10, 0, pauses("10", "20", "30"), four, 1, paused(33 * s)},
		"shorter":               {10, 0, pauses("30", "20", "10"), four, 1, paused(31 * s)},
		"longer, then shorter":  {10, 0, pauses("10", "30", "10"), four, 1, paused(32 * s)},
		"shorter, without time": {10, 0, pauses("10", "10", "0"), four, 1, paused(12 * s)},
		"probe is rejected":     {10, 0, probe(refused(s, "20")), three, 2, []begun{{"1", 0}, {"1", 10 * s}, {"1", 31 * s}, {"2", 32 * s}, {"3", 32 * s}}},
		"probe is dropped":      {10, 0, probe(after(s, 0)), three, 1, []begun{{"1", 0}, {"1", 10 * s}, {"2", 11 * s}, {"3", 12 * s}}},
		"probe gets 404":        {10, 0, probe(after(s, 404)), three, 1, []begun{{"1", 0}, {"1", 10 * s}, {"2", 11 * s}, {"3", 11 * s}}},
		"probe is accepted":     {10, 0, probe(yes), three, 1, []begun{{"1", 0}, {"1", 10 * s}, {"2", 11 * s}, {"3", 11 * s}}},
		"probe is given up": {
			10, 0, probe(after(time.Hour, 200)),
			[]ask{{id: "1", until: 14 * s}, three[1], three[2]},
			1,
			[]begun{{"1", 0}, {"1", 10 * s}, {"2", 14 * s}, {"3", 15 * s}},
		},
		"canceled without a slot": {1, 0, map[string][]fate{"1": {slow}}, canceled, 0, []begun{{"1", 0}, {"3", 30 * s}, {"4", 30 * s}, {"6", 30 * s}}},
		"canceled in a pause": {
			1, 0,
			map[string][]fate{"1": {refused(0, "30")}},
			canceled,
			1,
			[]begun{{"1", 0}, {"1", 30 * s}, {"3", 30 * s}, {"4", 30 * s}, {"6", 30 * s}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				logged, g := 0, newGate(test.fates)
				errs := run(t, clientOn(g, withSlots(test.slots), withRetries(test.retries), withRequestLog(func(Attempt) {
					g.mu.Lock()
					defer g.mu.Unlock()
					logged++
				})), test.asks...)
				slices.SortStableFunc(g.begun, func(a, b begun) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id)) })
				ok, jitter := len(g.begun) == len(test.want) && logged == len(g.begun), time.Duration(test.pauses)*minRetryWait+3
				for i := 0; ok && i < len(test.want); i++ {
					delay := g.begun[i].at - test.want[i].at
					ok = g.begun[i].id == test.want[i].id && delay >= 0 && delay <= jitter
				}
				if !ok {
					t.Errorf("began %v, want %v", g.begun, test.want)
				}
				for i, err := range errs {
					isSent := slices.ContainsFunc(g.begun, func(b begun) bool { return b.id == test.asks[i].id })
					switch {
					case test.asks[i].until > 0:
						if wasSent(t, err) != isSent || !errors.Is(err, context.Canceled) {
							t.Errorf("%s: %+v", test.asks[i].id, err)
						}
					case err != nil && name != "probe is dropped" && name != "probe gets 404":
						t.Errorf("%s: %v", test.asks[i].id, err)
					}
				}
			})
		})
	}
}

// Without Retry-After, the pauses grow until they cover a window of a minute. No number of them ends a request. The first pause of the
// next rejections is nearly as long as the last one.
func TestPauseWithoutRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		no := status(http.StatusTooManyRequests)
		g, c := busy(map[string][]fate{"1": slices.Repeat([]fate{no}, 10), "2": {no}, "3": {no}, "4": {no, no}}, withRetries(0))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		for _, id := range []string{"1", "2", "3", "4"} {
			wantNoErrors(t, []error{put(ctx, c, id)})
		}
		for i, seconds := range []int{1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 0, 60, 0, 60, 0, 60, 60} {
			want := time.Duration(seconds) * time.Second
			if wait := g.begun[i+1].at - g.begun[i].at; wait < want || wait > want+minRetryWait {
				t.Errorf("waited %v after attempt %d, want %v", wait, i+1, want)
			}
		}
	})
}

// A request that has less time than Retry-After requires ends at once, and so do all waiting ones. Those with more time wait. A request
// without a deadline ends as well.
func TestRetryAfterBeyondTheDeadline(t *testing.T) {
	t.Parallel()
	const s = time.Second
	type request struct {
		at, deadline time.Duration // 0 for none
		ends         time.Duration // if the pause is too long
		wait         time.Duration // in the error; 0 for the end of the context
	}
	for name, test := range map[string]struct {
		slots    int
		fates    map[string][]fate
		requests []request
	}{
		"requested": {1, map[string][]fate{"1": {refused(2*s, "600")}}, []request{
			{0, 300 * s, 2 * s, 600 * s}, {s, 301 * s, 2 * s, 600 * s}, {s, 901 * s, 0, 0}, {10 * s, 310 * s, 10 * s, 592 * s}, {400 * s, 700 * s, 0, 0},
		}},
		"not requested":        {1, map[string][]fate{"1": {refused(2*s, "")}}, []request{{0, 2500 * time.Millisecond, 2 * s, s}}},
		"no deadline":          {1, map[string][]fate{"1": {refused(0, "60"), refused(0, "60")}}, []request{{0, 0, 60 * s, 60 * s}}},
		"no deadline, longer":  {1, map[string][]fate{"1": {refused(3*s, "180")}}, []request{{0, 0, 3 * s, 180 * s}}},
		"no deadline, no time": {1, map[string][]fate{"1": slices.Repeat([]fate{refused(0, "")}, 10)}, []request{{0, 0, 63 * s, 60 * s}}},
		"requested, then a shorter one": {2, map[string][]fate{"1": {refused(s, "600")}, "2": {refused(2*s, "")}}, []request{
			{0, 901 * s, 0, 0}, {0, 901 * s, 0, 0}, {3 * s, 300 * s, 3 * s, 598 * s},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newGate(test.fates)
				c := clientOn(g, withSlots(test.slots))
				var wg sync.WaitGroup
				for i, request := range test.requests {
					wg.Go(func() {
						<-time.After(request.at)
						ctx, cancel := context.WithCancel(t.Context())
						if request.deadline > 0 {
							ctx, cancel = context.WithTimeout(t.Context(), request.deadline-request.at)
						}
						defer cancel()
						err := put(ctx, c, strconv.Itoa(i+1))
						took := time.Since(g.start)
						if request.deadline == 0 {
							took = took.Truncate(3 * s) // without the jitter of up to six pauses
						}
						switch throttled, ok := errors.AsType[*ThrottledError](err); {
						case request.ends == 0:
							wantNoErrors(t, []error{err})
						case wasSent(t, err) || took != request.ends || ok != (request.wait > 0),
							ok && (throttled.Wait < request.wait || throttled.Wait > request.wait+minRetryWait):
							t.Errorf("%d ended at %v: %v", i+1, took, err)
						}
					})
				}
				wg.Wait()
			})
		})
	}
}

// A request whose context has ended isn't sent, whether there is a slot or not, and its body is closed.
func TestCancelledBeforeTheQueue(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), exchangeKey{}, &exchange{}))
	cancel()
	for range 100 { // as a select chooses at random
		g, c := busy(nil)
		body := &endless{}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://modelarts.example.com", body)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := (&throttled{g, NewThrottle(1)}).RoundTrip(req)
		if resp != nil || !errors.Is(err, context.Canceled) || !body.closed || wasSent(t, put(ctx, c, "1")) || len(g.begun) > 0 {
			t.Fatalf("closed %t, began %v: %v", body.closed, g.begun, err)
		}
		wantNoErrors(t, run(t, c, ask{id: "2"}))
	}
}

// However an attempt ends, its slot is free again.
func TestSlotsAreReleased(t *testing.T) {
	t.Parallel()
	panics := func(*http.Request, int) (*http.Response, error) { panic(http.ErrAbortHandler) }
	for name, end := range map[string]fate{
		"200": status(200), "404": status(404), "429": refused(0, "1"), "503": status(503), "timeout": acctest.Hangs, "panic": panics,
		"dropped": acctest.Fails(true, errReset), "truncated": carrying(200, truncated), "too large": carrying(429, unbounded),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newGate(map[string][]fate{"1": {end, end, end}})
				c := clientOn(g, withSlots(2), withRetries(0))
				for range 3 {
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
				before := len(g.begun)
				g.fates["3"], g.fates["4"], g.fates["5"] = []fate{after(1, 200)}, []fate{after(1, 200)}, []fate{after(1, 200)}
				wantNoErrors(t, run(t, c, ask{id: "3"}, ask{id: "4"}, ask{id: "5"}))
				if got := g.begun[before:]; len(got) != 3 || got[1].at != got[0].at || got[2].at != got[0].at+1 {
					t.Errorf("began %v", got)
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
		_, err := throttle.acquire(t.Context(), &exchange{})
		wantNoErrors(t, []error{err})
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for _, waiting := range []context.Context{ctx, t.Context()} {
			wg.Go(func() {
				if _, err := throttle.acquire(waiting, &exchange{}); errors.Is(err, context.Canceled) != (waiting == ctx) {
					t.Errorf("%v", err)
				}
			})
			synctest.Wait()
		}
		throttle.mu.Lock()
		cancel()
		throttle.inUse--
		throttle.grant()
		throttle.mu.Unlock()
		wg.Wait() // a slot that isn't passed on is a deadlock
	})
}
