package auth

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// slow is a service that takes a moment for a request, and counts the requests, and how many it has at a time.
type slow struct {
	mu                     sync.Mutex
	requests, now, atATime int
	status                 func(n int) int // of the nth response; 0 for a broken connection
}

func (s *slow) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.requests++
	n := s.requests
	s.now++
	s.atATime = max(s.atATime, s.now)
	s.mu.Unlock()
	<-time.After(50 * time.Millisecond)
	s.mu.Lock()
	s.now--
	s.mu.Unlock()
	if status := s.status(n); status != 0 {
		return reply(req, status, ""), nil
	}
	return nil, errors.New("connection reset")
}

// However many requests there are, a wrong key is sent once, and a right one that is refused no more often than
// necessary.
func TestRefusedKeyIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	always := func(status int) func(int) int { return func(int) int { return status } }
	// until returns a status for n responses, and then another.
	until := func(n, first, then int) func(int) int {
		return func(response int) int {
			if response <= n {
				return first
			}
			return then
		}
	}
	for name, test := range map[string]struct {
		status  func(n int) int
		rounds  int // of 20 requests at once, one after the other
		sent    int
		atATime int
	}{
		"a wrong key":                   {always(401), 2, 1, 1},
		"a right key":                   {always(200), 2, 40, 20},
		"refused for another reason":    {always(403), 2, 40, 1},
		"unknown to a gateway":          {always(404), 1, 20, 1},
		"wrong after a gateway":         {until(1, 404, 401), 1, 2, 1},
		"an outage":                     {always(503), 1, 20, 1},
		"a broken connection":           {always(0), 1, 20, 1},
		"throttling":                    {always(429), 1, 20, 1},
		"wrong after an outage":         {until(3, 503, 401), 1, 4, 1},
		"revoked after the first round": {until(20, 200, 401), 3, 40, 20},
		"one odd refusal": {func(n int) int {
			if n == 20 {
				return 401
			}
			return 200
		}, 3, 60, 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				service := &slow{status: test.status}
				session := open(t, staticKey(service))
				var refused atomic.Int64
				for range test.rounds {
					var wg sync.WaitGroup
					for range 20 {
						wg.Go(func() {
							_, err := session.Transport.RoundTrip(newRequest(t.Context(), t, "body"))
							if _, ok := errors.AsType[*RejectedKeyError](err); ok {
								refused.Add(1)
							}
						})
					}
					wg.Wait()
				}
				if service.requests != test.sent || int(refused.Load()) != 20*test.rounds-test.sent || service.atATime != test.atATime {
					t.Errorf("%d were sent, %d at a time, and %d were not", service.requests, service.atATime, refused.Load())
				}
			})
		})
	}
}

// The service can refuse a key that IAM accepts: a gateway can break the signature.
func TestKeyThatOnlyIAMAccepts(t *testing.T) {
	t.Parallel()
	c := &cloud{
		reads:   map[string]string{"/v3/projects": `{"projects": [{"id": "p", "name": "eu-de"}]}`, "/v3/auth/catalog": `{}`},
		service: func(req *http.Request) (*http.Response, error) { return reply(req, http.StatusUnauthorized, ""), nil },
	}
	session := open(t, keyOf(c))
	resp := send(t, session, "body")
	if hint := session.AuthHint(resp.Header); !strings.Contains(hint, "IAM accepted the access key. Check that endpoint") {
		t.Error(hint)
	}
	if _, err := session.Transport.RoundTrip(newRequest(t.Context(), t, "body")); err == nil || len(c.calls) != 1 {
		t.Errorf("%d requests with the refused key: %v", len(c.calls), err)
	}
}

// IAM can forbid the catalog to the owner of a wrong key.
func TestKeyThatIAMDoesNotKnow(t *testing.T) {
	t.Parallel()
	options := keyOf(&cloud{iam: func(req *http.Request, _ int) (*http.Response, error) {
		return reply(req, http.StatusForbidden, "{}"), nil
	}})
	options.ProjectID = "p"
	if got := open(t, options).AuthHint(http.Header{}); !strings.Contains(got, "access_key or secret_key is wrong") {
		t.Error(got)
	}
}

// A key that was refused for good isn't trusted again, whatever is received later.
func TestRefusedKeyStaysRefused(t *testing.T) {
	t.Parallel()
	var events []string
	o := staticKey(nil)
	o.OnEvent = func(_ context.Context, event string) { events = append(events, event) }
	k := o.newSigning("")
	for _, status := range []int{200, 401, 401, 200} {
		k.learn(t.Context(), status)
	}
	if k.current() != rejected {
		t.Errorf("%v", k.current())
	}
	if want := "The access key was rejected, and the provider tries it again, The access key was rejected, and the provider no longer uses it"; strings.Join(events, ", ") != want {
		t.Errorf("%q", events)
	}
}

// Neither gophercloud nor the client repeats a refused request with a signature.
func TestKeyRefusedByIAM(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{iam: func(req *http.Request, _ int) (*http.Response, error) {
			return reply(req, http.StatusUnauthorized, refusal, "Date", dated(-20*time.Minute)), nil
		}}
		options := keyOf(c)
		options.MaxRetries = 5
		_, err := Open(t.Context(), options)
		e := configErrorFrom(t, err)
		if e.Attribute != "access_key" || len(c.iamCalls) != 1 || !strings.Contains(e.Detail, "by 20m0s, ") {
			t.Errorf("%s: %+v", c.lines(), e)
		}
	})
}

// A request that ends while it waits for another with the key affects no other.
func TestWaitingForAKeyEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		session := open(t, staticKey(roundTripper(func(req *http.Request) (*http.Response, error) {
			<-release
			return reply(req, http.StatusOK, ""), nil
		})))
		var wg sync.WaitGroup
		wg.Go(func() { send(t, session, "first") })
		synctest.Wait()
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if _, err := session.Transport.RoundTrip(newRequest(impatient, t, "")); !errors.Is(err, impatient.Err()) || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		wg.Go(func() { send(t, session, "third") })
		close(release)
		wg.Wait()
	})
}
