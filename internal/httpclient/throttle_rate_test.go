package httpclient

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// limited is a service that accepts a number of requests in each window of its clock, or in each window's length of time, and rejects the
// others with 429.
type limited struct {
	rate       int
	window     time.Duration
	isSliding  bool
	retryAfter string // "" for no Retry-After

	mu       sync.Mutex
	times    []time.Time // of the requests accepted in the window
	rejected int
}

func (l *limited) RoundTrip(req *http.Request) (*http.Response, error) {
	<-time.After(time.Millisecond + rand.N(10*time.Millisecond)) // Requests of one moment arrive in any order.
	l.mu.Lock()
	now := time.Now()
	l.times = slices.DeleteFunc(l.times, func(at time.Time) bool {
		return l.isSliding && now.Sub(at) >= l.window || !l.isSliding && !now.Truncate(l.window).Equal(at.Truncate(l.window))
	})
	accepted := len(l.times) < l.rate
	if accepted {
		l.times = append(l.times, now)
	} else {
		l.rejected++
	}
	l.mu.Unlock()
	<-time.After(time.Millisecond + rand.N(50*time.Millisecond))
	if accepted {
		return acctest.Reply(req, http.StatusOK, ""), nil
	}
	return acctest.Reply(req, http.StatusTooManyRequests, "", "Retry-After", l.retryAfter), nil
}

// A client with the default settings isn't failed by a rate limit, and few of its requests are rejected. Callers send pairs of requests at
// the same time: one that creates a job, and one that reads it.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		callers, pairs, rate int
		window               time.Duration
		retryAfter           string
		maxRejected          float64 // for each pair
	}{
		{100, 250, 20, time.Second, "1", 1},
		{100, 250, 20, time.Second, "", 1},
		{10, 25, 15, 20 * time.Second, "", 1.2},
		{10, 100, 60, time.Minute, "", 0.5},
		{10, 5, 1, time.Minute, "", 10}, // that is five for each request
	} {
		for _, isSliding := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d in %s, sliding %t, %s", test.rate, test.window, isSliding, test.retryAfter), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					<-time.After(rand.N(test.window)) // into the service's window
					service := &limited{rate: test.rate, window: test.window, isSliding: isSliding, retryAfter: test.retryAfter}
					start, c, working := time.Now(), clientOn(service), make(chan struct{}, test.callers)
					var wg sync.WaitGroup
					for range test.pairs {
						wg.Go(func() {
							working <- struct{}{}
							defer func() { <-working }()
							ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
							defer cancel()
							for _, method := range []string{http.MethodPost, http.MethodGet} {
								if err := send(ctx, c, method, "10"); err != nil {
									t.Error(err)
								}
								<-time.After(time.Second)
							}
						})
					}
					wg.Wait()
					if rejected := float64(service.rejected) / float64(test.pairs); rejected > test.maxRejected {
						t.Errorf("%.2f rejected for each pair", rejected)
					}
					atBest, took := time.Duration(2*test.pairs/test.rate)*test.window, time.Since(start)
					if took > 2*atBest+2*time.Minute {
						t.Errorf("took %v", took)
					}
				})
			})
		}
	}
}
