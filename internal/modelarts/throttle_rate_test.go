package modelarts

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// limited is a service that answers so many requests in each second of its clock,
// and 429 to the others.
type limited struct {
	rate       int
	retryAfter string // "" asks for no time

	mu       sync.Mutex
	second   int64
	count    int
	accepted int
	refused  int
}

func (l *limited) RoundTrip(req *http.Request) (*http.Response, error) {
	// Requests of one moment arrive in any order.
	<-time.After(time.Millisecond + rand.N(10*time.Millisecond))

	accepted := l.admit(time.Now())

	<-time.After(time.Millisecond + rand.N(50*time.Millisecond))

	if accepted {
		return reply(req, http.StatusOK, success), nil
	}

	return reply(req, http.StatusTooManyRequests, "", "Retry-After", l.retryAfter), nil
}

func (l *limited) admit(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()

	if second := now.Unix(); second != l.second {
		l.second, l.count = second, 0
	}

	if l.count == l.rate {
		l.refused++

		return false
	}

	l.count++
	l.accepted++

	return true
}

// crowd has a hundred callers make five requests each, one after another, and says
// how many failed.
func crowd(t *testing.T, client func() *Client) (failed int) {
	t.Helper()

	var (
		wg     sync.WaitGroup
		errors atomic.Int64
	)

	for caller := range 100 {
		wg.Go(func() {
			for range 5 {
				if err := client().UpdateVisualizationJob(t.Context(), int64(caller+1), ""); err != nil {
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
					failed := crowd(t, func() *Client { return c })

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
				places := make(chan struct{}, DefaultMaxConcurrentRequests)
				network := roundTripper(func(req *http.Request) (*http.Response, error) {
					places <- struct{}{}
					defer func() { <-places }()

					return service.RoundTrip(req)
				})
				failed := crowd(t, func() *Client { return clientOn(network) })

				t.Logf("%d of 500 failed, after %d refusals", failed, service.refused)

				if failed == 0 && service.refused < 2*service.accepted {
					t.Errorf("the limit does not matter: %d refusals", service.refused)
				}
			})
		})
	}
}

// The same with the simulator, which has its own idea of a rate limit.
func TestRateLimitOfTheSimulator(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := simulator.New(simulator.Options{RateLimit: 20})
		id, token := s.AddJob(simulator.Job{Status: simulator.StatusRunning}), s.IssueToken()

		var refused atomic.Int64

		network := roundTripper(func(req *http.Request) (*http.Response, error) {
			req = req.Clone(req.Context())
			req.Header.Set("X-Auth-Token", token)

			w := httptest.NewRecorder()
			s.ServeHTTP(w, req)

			if w.Code == http.StatusTooManyRequests {
				refused.Add(1)
			}

			return w.Result(), nil
		})
		endpoint := &url.URL{Scheme: "https", Host: "modelarts.example.com"}
		c := NewClient(endpoint, simulator.DefaultProjectID, network)

		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if _, err := c.GetVisualizationJob(t.Context(), id); err != nil {
					t.Error(err)
				}
			})
		}

		wg.Wait()

		if n := refused.Load(); n == 0 || n > 40 {
			t.Errorf("%d refusals", n)
		}
	})
}
