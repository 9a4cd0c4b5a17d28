package httpclient

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// limited is a service that accepts a number of requests in each window of its clock, or in each window's length
// of time, and refuses the others with 429.
type limited struct {
	rate       int
	window     time.Duration
	isSliding  bool
	retryAfter string // "" asks for no time

	mu      sync.Mutex
	times   []time.Time // of the requests accepted in the window
	refused int
}

func (l *limited) RoundTrip(req *http.Request) (*http.Response, error) {
	// Requests of one moment arrive in any order.
	<-time.After(time.Millisecond + rand.N(10*time.Millisecond))
	accepted := l.admit(time.Now())
	<-time.After(time.Millisecond + rand.N(50*time.Millisecond))
	if accepted {
		return reply(req, http.StatusOK, ""), nil
	}
	return reply(req, http.StatusTooManyRequests, "", "Retry-After", l.retryAfter), nil
}

func (l *limited) admit(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.times = slices.DeleteFunc(l.times, func(at time.Time) bool {
		if l.isSliding {
			return now.Sub(at) >= l.window
		}
		return !now.Truncate(l.window).Equal(at.Truncate(l.window))
	})
	if len(l.times) == l.rate {
		l.refused++
		return false
	}
	l.times = append(l.times, now)
	return true
}

// load has callers send pairs of requests at the same time: one that creates a job, and one that reads it. It returns
// how many failed.
func load(t *testing.T, c *http.Client, callers, pairs int) int {
	t.Helper()
	var (
		wg     sync.WaitGroup
		failed atomic.Int64
	)
	working := make(chan struct{}, callers)
	for range pairs {
		wg.Go(func() {
			working <- struct{}{}
			defer func() { <-working }()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
			defer cancel()
			for _, method := range []string{http.MethodPost, http.MethodGet} {
				if err := send(ctx, c, method, "10"); err != nil {
					failed.Add(1)
				}
				<-time.After(time.Second)
			}
		})
	}
	wg.Wait()
	return int(failed.Load())
}

// A client with the default settings isn't failed by a rate limit, and few of its requests are refused.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		callers, pairs, rate int
		window               time.Duration
		retryAfter           string
		maxRefused           float64 // for each pair
	}{
		{100, 250, 20, time.Second, "1", 1},
		{100, 250, 20, time.Second, "", 1},
		{10, 50, 5, time.Second, "", 2},
		{10, 25, 15, 20 * time.Second, "", 1.2},
		{10, 100, 60, time.Minute, "", 0.5},
		{10, 5, 1, time.Minute, "", 10}, // that is five for each request
	} {
		for name, isSliding := range map[string]bool{"fixed": false, "sliding": true} {
			t.Run(fmt.Sprintf("%d in %s, %s, %s", test.rate, test.window, name, test.retryAfter), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					<-time.After(rand.N(test.window)) // into the service's window
					service := &limited{rate: test.rate, window: test.window, isSliding: isSliding, retryAfter: test.retryAfter}
					start := time.Now()
					failed := load(t, clientOn(service), test.callers, test.pairs)
					refused, took := float64(service.refused)/float64(test.pairs), time.Since(start)
					if failed > 0 || refused > test.maxRefused {
						t.Errorf("%d failed, %.2f refused for each pair", failed, refused)
					}
					if atBest := time.Duration(2*test.pairs/test.rate) * test.window; took > 2*atBest+2*time.Minute {
						t.Errorf("took %v", took)
					}
				})
			})
		}
	}
}
