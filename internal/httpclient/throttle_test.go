package httpclient

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// When attempts begin. After a rejection all requests wait: new ones, waiting ones and retries. Those that are under way continue. A
// request whose deadline is before the end of the pause ends at once, and a request without a deadline after two minutes.
func TestThrottle(t *testing.T) {
	t.Parallel()
	const s = time.Second
	yes, slow := after(s, http.StatusOK), after(30*s, http.StatusOK)
	three := []request{{id: "1"}, {id: "2", at: s}, {id: "3", at: 2 * s}}
	canceled := []request{{id: "1"}, {id: "2", at: 1, until: 7 * s}, {id: "3", at: 2}, {id: "4", at: 3}, {id: "5", at: 4, until: 8 * s}, {id: "6", at: 5}}
	// pauses are three rejections at the same time, of which the last one to end counts.
	pauses := func(first, second, third string) map[string][]fate {
		return map[string][]fate{"1": {rejected(s, first)}, "2": {rejected(2*s, second)}, "3": {rejected(3*s, third)}}
	}
	paused := func(end time.Duration) []begun {
		return []begun{{"1", 0}, {"2", 0}, {"3", 0}, {"1", end}, {"2", end}, {"3", end}, {"4", end}}
	}
	begins := func(id string, seconds ...int) (all []begun) {
		for _, at := range seconds {
			all = append(all, begun{id, time.Duration(at) * s})
		}
		return all
	}
	four := []request{{id: "1"}, {id: "2"}, {id: "3"}, {id: "4", at: 4 * s}}
	// A probe that ends without a response proves nothing: another one follows, alone. One with an error response proves that
	// requests are accepted.
	probe := func(end fate) map[string][]fate {
		return map[string][]fate{"1": {rejected(0, "10"), end, yes}, "2": {yes}, "3": {yes}}
	}
	for name, test := range map[string]struct {
		slots, retries int
		fates          map[string][]fate
		requests       []request
		pauses         int // each of which can be longer by minRetryWait
		want           []begun
	}{
		"two at a time": {2, 0, map[string][]fate{"1": {yes}, "2": {yes}, "3": {yes}}, []request{{id: "1"}, {id: "2", at: 1}, {id: "3", at: 2}}, 0, []begun{{"1", 0}, {"2", 0}, {"3", s}}},
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
				"1": {rejected(2*s, "10"), yes},
				"2": {after(11*s, 200)},
				"3": {after(s, 502, "Retry-After", "5")},  // to be repeated before the pause is over
				"4": {after(s, 502, "Retry-After", "20")}, // and after it
			},
			[]request{{id: "1"}, {id: "2", at: 1}, {id: "3", at: 2}, {id: "4", at: 3}, {id: "5", at: 2*s + 1}, {id: "6", at: 11 * s}},
			1,
			[]begun{{"1", 0}, {"2", 0}, {"3", 0}, {"4", 0}, {"1", 12 * s}, {"3", 13 * s}, {"5", 13 * s}, {"6", 13 * s}, {"4", 21 * s}},
		},
		"longer":                {10, 0, pauses("10", "20", "30"), four, 1, paused(33 * s)},
		"shorter":               {10, 0, pauses("30", "20", "10"), four, 1, paused(31 * s)},
		"shorter, without time": {10, 0, pauses("10", "10", "0"), four, 1, paused(12 * s)},
		"probe is rejected":     {10, 0, probe(rejected(s, "20")), three, 2, []begun{{"1", 0}, {"1", 10 * s}, {"1", 31 * s}, {"2", 32 * s}, {"3", 32 * s}}},
		"probe is dropped":      {10, 0, probe(after(s, 0)), three, 1, []begun{{"1", 0}, {"1", 10 * s}, {"2", 11 * s}, {"3", 12 * s}}},
		"probe gets 404":        {10, 0, probe(after(s, 404)), three, 1, []begun{{"1", 0}, {"1", 10 * s}, {"2", 11 * s}, {"3", 11 * s}}},
		"probe is given up": {
			10, 0, probe(after(time.Hour, 200)),
			[]request{{id: "1", until: 14 * s}, three[1], three[2]},
			1,
			[]begun{{"1", 0}, {"1", 10 * s}, {"2", 14 * s}, {"3", 15 * s}},
		},
		"canceled without a slot": {1, 0, map[string][]fate{"1": {slow}}, canceled, 0, []begun{{"1", 0}, {"3", 30 * s}, {"4", 30 * s}, {"6", 30 * s}}},
		// Without Retry-After, the pauses grow to a minute. The first pause of the next rejections is nearly as long as the last one.
		"growing pauses": {
			1, 0,
			map[string][]fate{"1": slices.Repeat([]fate{rejected(0, "")}, 10), "2": {rejected(0, "")}, "3": {rejected(0, "")}, "4": {rejected(0, ""), rejected(0, "")}},
			[]request{{id: "1", deadline: 900 * s}, {id: "2", at: 400 * s}, {id: "3", at: 500 * s}, {id: "4", at: 600 * s, deadline: 900 * s}},
			14,
			slices.Concat(begins("1", 0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303), begins("2", 400, 460), begins("3", 500, 560), begins("4", 600, 660, 720)),
		},
		"deadlines before and after the pause": {
			1, 0,
			map[string][]fate{"1": {rejected(2*s, "600")}},
			[]request{
				{id: "1", deadline: 300 * s, until: 2 * s, wait: 600 * s},
				{id: "2", at: s, deadline: 301 * s, until: 2 * s, wait: 600 * s},
				{id: "3", at: s, deadline: 901 * s},
				{id: "4", at: 10 * s, deadline: 310 * s, until: 10 * s, wait: 592 * s},
				{id: "5", at: 400 * s, deadline: 700 * s},
			},
			1,
			[]begun{{"1", 0}, {"3", 602 * s}, {"5", 602 * s}},
		},
		"deadline before a shorter pause": {
			2, 0,
			map[string][]fate{"1": {rejected(s, "600")}, "2": {rejected(2*s, "")}},
			[]request{{id: "1", deadline: 901 * s}, {id: "2", deadline: 901 * s}, {id: "3", at: 3 * s, deadline: 300 * s, until: 3 * s, wait: 598 * s}},
			1,
			[]begun{{"1", 0}, {"2", 0}, {"1", 601 * s}, {"2", 601 * s}},
		},
		"deadline in a pause that wasn't requested": {1, 0, map[string][]fate{"1": {rejected(2*s, "")}}, []request{{id: "1", deadline: 2500 * time.Millisecond, until: 2 * s, wait: s}}, 0, []begun{{"1", 0}}},
		"no deadline, twice":                        {1, 0, map[string][]fate{"1": {rejected(0, "61"), rejected(0, "61")}}, []request{{id: "1", until: 61 * s, wait: 61 * s}}, 1, []begun{{"1", 0}, {"1", 61 * s}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				logged, g := 0, newGate(test.fates)
				errs := run(t, clientOn(g, withSlots(test.slots), withRetries(test.retries), withRequestLog(func(Attempt) {
					g.mu.Lock()
					defer g.mu.Unlock()
					logged++
				})), test.requests...)
				slices.SortStableFunc(g.begun, func(a, b begun) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id)) })
				ok := len(g.begun) == len(test.want) && logged == len(g.begun)
				for i := 0; ok && i < len(test.want); i++ {
					delay := g.begun[i].at - test.want[i].at
					ok = g.begun[i].id == test.want[i].id && delay >= 0 && delay <= time.Duration(min(i, test.pauses))*minRetryWait+3
				}
				if !ok {
					t.Errorf("began %v, want %v", g.begun, test.want)
				}
				for i, request := range test.requests {
					isSent := slices.ContainsFunc(g.begun, func(b begun) bool { return b.id == request.id })
					throttled, _ := errors.AsType[*ThrottledError](errs[i])
					switch {
					case request.wait > 0 && (throttled == nil || throttled.Wait < request.wait || throttled.Wait > request.wait+minRetryWait || wasSent(t, errs[i])),
						request.wait == 0 && request.until > 0 && (wasSent(t, errs[i]) != isSent || !errors.Is(errs[i], context.Canceled)),
						request.until == 0 && errs[i] != nil && !strings.HasPrefix(name, "probe"):
						t.Errorf("%s: %+v", request.id, errs[i])
					}
				}
			})
		})
	}
}

// A request whose context has ended isn't sent, whether there is a slot or not. Its body is closed, and its slot is free again.
func TestCanceledBeforeTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), exchangeKey{}, &exchange{}))
		cancel()
		g := newGate(nil)
		throttle := &throttle{next: g, limit: 1}
		for range 100 { // as a select chooses at random
			body := &endless{}
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://modelarts.example.com", body)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := throttle.RoundTrip(req)
			if resp != nil || !errors.Is(err, context.Canceled) || !body.closed || len(g.begun) > 0 {
				t.Fatalf("closed %t, began %v: %v", body.closed, g.begun, err)
			}
		}
		if _, err := throttle.acquire(t.Context(), &exchange{}); err != nil { // which would be a deadlock without a slot
			t.Error(err)
		}
	})
}
