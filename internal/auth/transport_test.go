package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

func TestRequestIsNotChanged(t *testing.T) {
	t.Parallel()
	session := open(t, user(&cloud{}))
	req := newRequest(t.Context(), t, "body")
	resp, err := session.Transport.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%+v, %v", resp, err)
	}
	if len(req.Header) != 0 {
		t.Errorf("a RoundTripper must not change its request: %v", req.Header)
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

func TestRefusedTokenIsRenewedOnceForAll(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			refusedTokenIsRenewedOnceForAll(t, status)
		})
	}
}

func refusedTokenIsRenewedOnceForAll(t *testing.T, status int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		const callers = 50
		var (
			wg, refused sync.WaitGroup
			c           *cloud
		)
		refused.Add(callers)
		// Nobody hears of the refusal before all have asked with the old token.
		c = &cloud{service: func(req *http.Request) (*http.Response, error) {
			if req.Header.Get("X-Auth-Token") != "token-1" {
				return nil, nil
			}
			refused.Done()
			refused.Wait()
			return refuseToken(req, status), nil
		}}
		c.iam = func(_ *http.Request, n int) (*http.Response, error) {
			if n > 1 {
				<-time.After(3 * time.Second) // all others have to wait for it
			}
			return nil, nil
		}
		session := open(t, user(c))
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
			t.Errorf("%d calls to IAM, %d to the service", iam, service)
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

func TestFailedRenewal(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(*http.Request) (*http.Response, error){
		"refused": func(req *http.Request) (*http.Response, error) { return reply(req, 401, refusal), nil },
		"down":    func(req *http.Request) (*http.Response, error) { return reply(req, 500, ""), nil },
		"no way":  func(*http.Request) (*http.Response, error) { return nil, errors.New("no route to host") },
		// Something in between that shows what it was sent, as debugging proxies do.
		"echo": func(req *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(req.Body)
			if err != nil {
				return nil, err
			}
			return reply(req, 403, "<html>You sent "+string(body)), nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &cloud{iam: func(req *http.Request, n int) (*http.Response, error) {
				if n == 1 {
					return nil, nil
				}
				return answer(req)
			}, service: func(req *http.Request) (*http.Response, error) { return reply(req, 401, ""), nil }}
			resp, err := open(t, user(c)).Transport.RoundTrip(newRequest(t.Context(), t, "body"))
			e, ok := errors.AsType[*httpclient.CredentialsError](err)
			if resp != nil || !ok || errors.Unwrap(e) == nil {
				t.Fatalf("%+v, %v", resp, err)
			}
			if !strings.HasPrefix(e.Error(), "the service refused the token, and IAM gave no new one: ") || strings.Contains(e.Error(), password) {
				t.Errorf("%v", e)
			}
			if iam, service := c.counts(); iam != 2 || service != 1 {
				t.Errorf("%d calls to IAM, %d to the service", iam, service)
			}
		})
	}
}

// One caller's end must not be the end of the others, who wait for what it started.
func TestCancelledRenewalIsNotEverybodys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type cancelKey struct{}
		var refused sync.WaitGroup
		refused.Add(2)
		renewing := make(chan context.CancelFunc, 1)
		session := open(t, user(&cloud{
			iam: func(req *http.Request, n int) (*http.Response, error) {
				cancel, ok := req.Context().Value(cancelKey{}).(context.CancelFunc)
				if n != 2 || !ok {
					return nil, nil
				}
				renewing <- cancel
				<-req.Context().Done()
				return nil, req.Context().Err()
			},
			service: func(req *http.Request) (*http.Response, error) {
				if req.Header.Get("X-Auth-Token") != "token-1" {
					return nil, nil
				}
				refused.Done()
				refused.Wait()
				return reply(req, http.StatusUnauthorized, ""), nil
			},
		}))
		ended := make(chan error, 2)
		for range 2 {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				_, err := session.Transport.RoundTrip(newRequest(context.WithValue(ctx, cancelKey{}, cancel), t, "body"))
				ended <- err
			}()
		}
		cancel := <-renewing
		synctest.Wait()
		cancel()
		// Either of the two may be the one that renews.
		first, second := <-ended, <-ended
		if first == nil {
			first, second = second, first
		}
		if !errors.Is(first, context.Canceled) || second != nil {
			t.Errorf("cancelled: %v; the other: %v", first, second)
		}
	})
}

func TestWaitForARenewalCanBeCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c := &cloud{}
		c.iam = func(_ *http.Request, n int) (*http.Response, error) {
			if n > 1 {
				<-release
			}
			return nil, nil
		}
		c.service = func(req *http.Request) (*http.Response, error) {
			if req.Header.Get("X-Auth-Token") == "token-1" {
				return reply(req, http.StatusUnauthorized, ""), nil
			}
			return nil, nil
		}
		session := open(t, user(c))
		var wg sync.WaitGroup
		wg.Go(func() {
			if resp, err := session.Transport.RoundTrip(newRequest(t.Context(), t, "first")); err != nil || resp.StatusCode != 200 {
				t.Errorf("the first: %+v, %v", resp, err)
			}
		})
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		wg.Go(func() {
			defer close(ended)
			if _, err := session.Transport.RoundTrip(newRequest(ctx, t, "second")); !errors.Is(err, context.Canceled) {
				t.Errorf("the second: %v", err)
			}
		})
		synctest.Wait()
		cancel()
		select {
		case <-ended:
		case <-time.After(time.Second):
			t.Error("a cancelled request waits for the renewal of another")
		}
		close(release)
		wg.Wait()
	})
}
