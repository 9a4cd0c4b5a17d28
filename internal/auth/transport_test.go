package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

// A RoundTripper must not change its request.
func TestRequestIsNotChanged(t *testing.T) {
	t.Parallel()
	session := open(t, user(&cloud{}))
	req := newRequest(t.Context(), t, "body")
	resp, err := session.Transport.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusOK || len(req.Header) != 0 {
		t.Errorf("%+v, %v, %v", resp, err, req.Header)
	}
}

func TestNetworkErrorIsPassedThrough(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	c := &cloud{service: func(*http.Request) (*http.Response, error) { return nil, broken }}
	resp, err := open(t, user(c)).Transport.RoundTrip(newRequest(t.Context(), t, ""))
	if resp != nil || !errors.Is(err, broken) {
		t.Errorf("%+v, %v", resp, err)
	}
}

// invalidToken is ModelArts' refusal of a token with HTTP 403.
const invalidToken = `{"is_success": false, "error_code": "ModelArts.0203", "error_message": "Invalid token"}`

// refuseToken refuses a token in one of the two ways.
func refuseToken(req *http.Request, status int) *http.Response {
	return reply(req, status, invalidToken)
}

// refuseFirst returns a service that refuses the first token, when all callers have sent a request with it.
func refuseFirst(callers, status int) func(req *http.Request) (*http.Response, error) {
	var refused sync.WaitGroup
	refused.Add(callers)
	return func(req *http.Request) (*http.Response, error) {
		if req.Header.Get("X-Auth-Token") != "token-1" {
			return nil, nil
		}
		refused.Done()
		refused.Wait()
		return refuseToken(req, status), nil
	}
}

func TestRefusedTokenIsRenewedOnceForAll(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		synctest.Test(t, func(t *testing.T) {
			const callers = 50
			c := &cloud{service: refuseFirst(callers, status)}
			c.iam = func(_ *http.Request, n int) (*http.Response, error) {
				if n > 1 {
					<-time.After(3 * time.Second) // all others have to wait for it
				}
				return nil, nil
			}
			session := open(t, user(c))
			var wg sync.WaitGroup
			for i := range callers {
				wg.Go(func() {
					resp, err := session.Transport.RoundTrip(newRequest(t.Context(), t, fmt.Sprintf("body %d", i)))
					if err != nil || resp.StatusCode != http.StatusOK {
						t.Errorf("%+v, %v", resp, err)
					}
				})
			}
			wg.Wait()
			if iam, service := c.counts(); iam != 2 || service != 2*callers {
				t.Errorf("%d requests to IAM, %d to the service", iam, service)
			}
			bodies := map[string]int{}
			for _, call := range c.calls {
				bodies[call.Token+" "+call.Body]++
			}
			for i := range callers {
				for _, token := range []string{"token-1", "token-2"} {
					if n := bodies[fmt.Sprintf("%s body %d", token, i)]; n != 1 {
						t.Errorf("request %d was sent %d times with %s", i, n, token)
					}
				}
			}
		})
	}
}

// Of two requests that wait for one renewal, one is canceled. It ends at once, and the other succeeds, also if the
// canceled one is the one that renews the token.
func TestCanceledRenewal(t *testing.T) {
	t.Parallel()
	for name, isRenewing := range map[string]bool{"the one that renews": true, "the one that waits": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				type caller struct{}
				renewing, release := make(chan int, 2), make(chan struct{})
				session := open(t, user(&cloud{
					service: refuseFirst(2, http.StatusUnauthorized),
					iam: func(req *http.Request, n int) (*http.Response, error) {
						if n == 1 {
							return nil, nil
						}
						i, _ := req.Context().Value(caller{}).(int)
						renewing <- i
						select {
						case <-req.Context().Done():
							return nil, req.Context().Err()
						case <-release:
							return nil, nil
						}
					},
				}))
				var (
					cancels [2]context.CancelFunc
					ends    [2]chan error
				)
				for i := range 2 {
					ctx, cancel := context.WithCancel(context.WithValue(t.Context(), caller{}, i))
					defer cancel()
					cancels[i], ends[i] = cancel, make(chan error, 1)
					go func() {
						_, err := session.Transport.RoundTrip(newRequest(ctx, t, "body"))
						ends[i] <- err
					}()
				}
				canceled := <-renewing
				if !isRenewing {
					canceled = 1 - canceled
				}
				synctest.Wait()
				cancels[canceled]()
				synctest.Wait()
				select {
				case err := <-ends[canceled]:
					if !errors.Is(err, context.Canceled) {
						t.Errorf("canceled: %v", err)
					}
				default:
					t.Error("the canceled request still waits")
				}
				close(release)
				if err := <-ends[1-canceled]; err != nil {
					t.Errorf("the other: %v", err)
				}
			})
		})
	}
}

// An IAM that is slow is not another caller that ended: it gets as many requests as configured.
func TestRenewalThatTimesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{service: func(req *http.Request) (*http.Response, error) { return reply(req, 401, ""), nil }}
		c.iam = func(req *http.Request, n int) (*http.Response, error) {
			if n == 1 {
				return nil, nil
			}
			<-req.Context().Done()
			return nil, req.Context().Err()
		}
		session := open(t, user(c))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err := session.Transport.RoundTrip(newRequest(ctx, t, "body"))
		if _, ok := errors.AsType[*httpclient.CredentialsError](err); !ok || !strings.Contains(err.Error(), "no complete response within 1m0s") {
			t.Errorf("%v", err)
		}
		if iam, _ := c.counts(); iam != 2 {
			t.Errorf("%d requests to IAM", iam)
		}
	})
}

// closing is a body of which a read ends with err.
type closing struct {
	closed bool
	err    error
}

func (c *closing) Read([]byte) (int, error) { return 0, c.err }

func (c *closing) Close() error {
	c.closed = true
	return nil
}
