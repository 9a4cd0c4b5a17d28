package httpclient

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// limited is a service that accepts so many requests in each window of its clock, or in
// each window's length of time, and refuses the others with 429.
type limited struct {
	rate       int
	window     time.Duration // 0 is a second
	isSliding  bool
	retryAfter string // "" asks for no time
	message    string // of a refusal

	mu       sync.Mutex
	times    []time.Time // of the requests accepted in the window
	accepted int
	refused  int
}

func (l *limited) RoundTrip(req *http.Request) (*http.Response, error) {
	// Requests of one moment arrive in any order.
	<-time.After(time.Millisecond + rand.N(10*time.Millisecond))
	accepted := l.admit(time.Now())
	<-time.After(time.Millisecond + rand.N(50*time.Millisecond))
	if accepted {
		return reply(req, http.StatusOK, ""), nil
	}
	body := fmt.Sprintf(`{"error_code": "APIGW.0308", "error_msg": %q, "request_id": "r1"}`, l.message)
	return reply(req, http.StatusTooManyRequests, body, "Retry-After", l.retryAfter), nil
}

func (l *limited) admit(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	window := cmp.Or(l.window, time.Second)
	l.times = slices.DeleteFunc(l.times, func(at time.Time) bool {
		if l.isSliding {
			return now.Sub(at) >= window
		}
		return !now.Truncate(window).Equal(at.Truncate(window))
	})
	if len(l.times) == l.rate {
		l.refused++
		return false
	}
	l.times = append(l.times, now)
	l.accepted++
	return true
}

// crowd has a hundred callers make five requests each, one after another, and says
// how many failed.
func crowd(t *testing.T, client func() *http.Client) (failed int) {
	t.Helper()
	var (
		wg     sync.WaitGroup
		errors atomic.Int64
	)
	for caller := range 100 {
		wg.Go(func() {
			for range 5 {
				if err := put(t.Context(), client(), strconv.Itoa(caller+1)); err != nil {
					errors.Add(1)
				}
			}
		})
	}
	wg.Wait()
	return int(errors.Load())
}

// With what a user gets who sets nothing, a rate limit is no reason to fail.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	for _, rate := range []int{10, 20} {
		for name, retryAfter := range map[string]string{"with Retry-After": "1", "without Retry-After": ""} {
			t.Run(fmt.Sprint(rate, " a second, ", name), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					<-time.After(rand.N(time.Second)) // into the service's second
					start, service := time.Now(), &limited{rate: rate, retryAfter: retryAfter}
					c := clientOn(service)
					failed := crowd(t, func() *http.Client { return c })
					if failed > 0 || service.refused > service.accepted {
						t.Errorf("%d failed, after %d refusals", failed, service.refused)
					}
					if took, atBest := time.Since(start), time.Duration(500/rate)*time.Second; took > 2*atBest {
						t.Errorf("took %v", took)
					}
				})
			})
		}
	}
}

// What it would be if each waited by itself: without that, the test above proves nothing.
func TestRateLimitAlone(t *testing.T) {
	t.Parallel()
	for name, retryAfter := range map[string]string{"with Retry-After": "1", "without Retry-After": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				service := &limited{rate: 20, retryAfter: retryAfter}
				places := make(chan struct{}, 10)
				network := roundTripper(func(req *http.Request) (*http.Response, error) {
					places <- struct{}{}
					defer func() { <-places }()
					return service.RoundTrip(req)
				})
				failed := crowd(t, func() *http.Client { return clientOn(network) })
				t.Logf("%d of 500 failed, after %d refusals", failed, service.refused)
				if failed == 0 && service.refused <= service.accepted {
					t.Errorf("the limit does not matter: %d refusals", service.refused)
				}
			})
		})
	}
}

// createMany has ten callers at a time create a job and read it once, as long as each has time.
func createMany(t *testing.T, c *http.Client, n int) (failed int) {
	t.Helper()
	var (
		wg     sync.WaitGroup
		errors atomic.Int64
	)
	workers := make(chan struct{}, 10)
	for range n {
		wg.Go(func() {
			workers <- struct{}{}
			defer func() { <-workers }()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
			defer cancel()
			if err := send(ctx, c, http.MethodPost, ""); err != nil {
				errors.Add(1)
				return
			}
			<-time.After(time.Second)
			if err := send(ctx, c, http.MethodGet, "10"); err != nil {
				errors.Add(1)
			}
		})
	}
	wg.Wait()
	return int(errors.Load())
}

// A limit whose refusals ask for no time fails nothing, and few requests are refused.
func TestRateLimitByWindow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		creates, rate int
		window        time.Duration
		message       string
		most          float64 // refused requests for each create
	}{
		{25, 15, 20 * time.Second, "policy user over ratelimit,limit:15,time:20 second", 1.2},
		{25, 15, 20 * time.Second, "slow down", 1.5},
		{25, 15, 20 * time.Second, "policy user over ratelimit,limit:15,time:1 second", 1.5}, // not so
		{25, 15, 20 * time.Second, "policy user over ratelimit,limit:15,time:1 day", 1.2},    // nor that
		{100, 60, time.Minute, "policy user over ratelimit,limit:60,time:1 minute", 0.5},
		{100, 60, time.Minute, "slow down", 0.5},
		{50, 5, time.Second, "policy ip over ratelimit,limit:5,time:1 second", 1.5},
		{50, 5, time.Second, "slow down", 1.5},
		{5, 1, time.Minute, "slow down", 8}, // that is four for each request
	} {
		for name, isSliding := range map[string]bool{"fixed": false, "sliding": true} {
			t.Run(fmt.Sprintf("%d in %s, %s, %s", test.rate, test.window, name, test.message), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					<-time.After(rand.N(test.window)) // into the service's window
					service := &limited{rate: test.rate, window: test.window, isSliding: isSliding, message: test.message}
					start := time.Now()
					failed := createMany(t, clientOn(service), test.creates)
					each, took := float64(service.refused)/float64(test.creates), time.Since(start)
					t.Logf("%d failed, %.2f refused for each create, in %s", failed, each, took.Round(time.Second))
					if failed > 0 || each > test.most {
						t.Errorf("%d failed, %.2f refused for each create", failed, each)
					}
					if atBest := time.Duration(2*test.creates/test.rate) * test.window; took > 2*atBest+2*time.Minute {
						t.Errorf("took %v", took)
					}
				})
			})
		}
	}
}
