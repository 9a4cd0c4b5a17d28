package auth

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// refusing is a service that knows no key, and counts how many requests it sees,
// and how many of them at once.
type refusing struct {
	mu            sync.Mutex
	seen, at, top int
	answer        func(n int) int // status of the nth
}

func (r *refusing) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	r.seen++
	n := r.seen
	r.at++
	r.top = max(r.top, r.at)
	r.mu.Unlock()
	<-time.After(50 * time.Millisecond) // of the bubble's time
	r.mu.Lock()
	r.at--
	r.mu.Unlock()
	status := r.answer(n)
	if status == 0 {
		return nil, errors.New("connection reset")
	}
	return reply(req, status, ""), nil
}

// However many requests there are to make, a wrong key is tried once, and a right
// one that goes wrong no more often than it has to.
func TestRefusedKeyIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	always := func(status int) func(int) int { return func(int) int { return status } }
	tests := []struct {
		name    string
		answer  func(n int) int
		rounds  int // of 20 requests at once, one after the other
		seen    int
		refused int // how many requests were not sent
		top     int // how many at once
	}{
		{"a wrong key", always(401), 2, 1, 39, 1},
		{"a right key", always(200), 2, 40, 0, 20},
		{"refused for another reason", always(403), 2, 40, 0, 1},
		{"unknown to a gateway", always(404), 1, 20, 0, 1},
		{"wrong after a gateway", func(n int) int {
			if n == 1 {
				return 404
			}
			return 401
		}, 1, 2, 18, 1},
		{"an outage says nothing", always(503), 1, 20, 0, 1},
		{"nor does a broken connection", always(0), 1, 20, 0, 1},
		{"nor throttling", always(429), 1, 20, 0, 1},
		{"wrong after an outage", func(n int) int {
			if n <= 3 {
				return 503
			}
			return 401
		}, 1, 4, 16, 1},
		{"revoked after the first round", func(n int) int {
			if n <= 20 {
				return 200
			}
			return 401
		}, 3, 40, 20, 20},
		{"one odd refusal", func(n int) int {
			if n == 20 {
				return 401
			}
			return 200
		}, 3, 60, 0, 20},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				network := &refusing{answer: test.answer}
				session := open(t, staticKey(network))
				var (
					mu      sync.Mutex
					refused int
				)
				for range test.rounds {
					var wg sync.WaitGroup
					for range 20 {
						wg.Go(func() {
							_, err := session.Transport.RoundTrip(newRequest(t.Context(), t, "body"))
							if _, ok := errors.AsType[*RefusedKeyError](err); ok {
								mu.Lock()
								refused++
								mu.Unlock()
							}
						})
					}
					wg.Wait()
				}
				if network.seen != test.seen || refused != test.refused || network.top != test.top {
					t.Errorf("%d were sent, %d at once at most, and %d were not", network.seen, network.top, refused)
				}
			})
		})
	}
}

// What IAM says of a key is not what the service says: there may be something in
// between that breaks the signature.
func TestKeyThatIAMTakesAlone(t *testing.T) {
	t.Parallel()
	c := &cloud{
		reads:   map[string]string{"/v3/projects": `{"projects": [{"id": "p", "name": "eu-de"}]}`, "/v3/auth/catalog": `{}`},
		service: func(req *http.Request) (*http.Response, error) { return reply(req, http.StatusUnauthorized, ""), nil },
	}
	session := open(t, keyOf(c))
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			resp, err := session.Transport.RoundTrip(newRequest(t.Context(), t, "body"))
			if err == nil && !strings.Contains(session.AuthHint(resp.Header), "IAM took the access key. Check that endpoint") {
				t.Error(session.AuthHint(resp.Header))
			}
		})
	}
	wg.Wait()
	if len(c.calls) != 1 {
		t.Errorf("%d requests were sent with the refused key", len(c.calls))
	}
}

// A catalogue that is not for everybody says nothing of the key.
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

// An answer that comes late does not bring a key back that was given up.
func TestLateAnswer(t *testing.T) {
	t.Parallel()
	var events []string
	o := staticKey(nil)
	o.OnEvent = func(_ context.Context, event string) { events = append(events, event) }
	k := o.newAccessKey()
	for _, status := range []int{200, 401, 401, 200} {
		k.learn(t.Context(), &http.Response{StatusCode: status})
	}
	if k.state() != refused {
		t.Errorf("%v", k.state())
	}
	if want := "The access key was refused, and is tried again, The access key was refused, and is not tried again"; strings.Join(events, ", ") != want {
		t.Errorf("%q", events)
	}
}

// gophercloud and the retries of IAM's client repeat no signed request that was refused.
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
		if e.Attribute != "access_key" || len(c.iamCalls) != 1 || !strings.Contains(e.Detail, "is 20m0s ahead of") {
			t.Errorf("%s: %+v", c.lines(), e)
		}
	})
}

// A caller who gives up while others try the key disturbs nobody.
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
