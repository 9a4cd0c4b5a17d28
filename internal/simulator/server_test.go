package simulator_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// serve starts a server that ends with the test.
func serve(t *testing.T, options simulator.Options) *simulator.Server {
	t.Helper()
	s, err := simulator.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestServer(t *testing.T) {
	s := serve(t, simulator.Options{})
	want := map[string]string{
		"OS_AUTH_URL": s.URL() + "/v3", "OS_REGION_NAME": simulator.DefaultRegion,
		"OS_USERNAME": simulator.DefaultUserName, "OS_PASSWORD": simulator.DefaultPassword,
		"OS_USER_DOMAIN_NAME": simulator.DefaultDomainName, "OS_PROJECT_NAME": simulator.DefaultProjectName,
		"OS_ACCESS_KEY": simulator.DefaultAccessKey, "OS_SECRET_KEY": simulator.DefaultSecretKey,
	}
	got := s.Env()
	maps.Copy(got, s.AccessKeyEnv())
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Env and AccessKeyEnv (-want +got):\n%s", diff)
	}
	_, body, err := exchange(transport, createRequest(t, s.Endpoint(), s.IssueToken(), plainJob))
	if err != nil || !strings.Contains(body, `"job_id":"1"`) {
		t.Errorf("create: %s, error %v", body, err)
	}
}

// The server listens on the loopback interface only, and a page whose name resolves to its address
// can't use it.
func TestServerIsForLoopbackOnly(t *testing.T) {
	for address, allowed := range map[string]bool{
		"": true, "localhost:0": true,
		"0.0.0.0:0": false, ":0": false, "[::]:0": false, "192.0.2.1:0": false, "example.com:0": false, "127.0.0.1": false,
	} {
		s, err := simulator.Start(simulator.Options{Address: address})
		if err == nil {
			s.Close()
		}
		if (err == nil) != allowed {
			t.Errorf("%q: error %v", address, err)
		}
	}

	s := serve(t, simulator.Options{Control: true})
	for host, want := range map[string]int{
		"": http.StatusOK, "localhost": http.StatusOK, "LocalHost:8080": http.StatusOK, "127.1.2.3:80": http.StatusOK,
		"[::1]": http.StatusOK, "[::1]:8080": http.StatusOK,
		"attacker.example.com":      http.StatusMisdirectedRequest,
		"localhost.example.com":     http.StatusMisdirectedRequest,
		"127.0.0.1.example.com":     http.StatusMisdirectedRequest,
		"192.0.2.1":                 http.StatusMisdirectedRequest,
		"[::]":                      http.StatusMisdirectedRequest,
		"localhost@example.com":     http.StatusMisdirectedRequest,
		"attacker.example.com:8080": http.StatusMisdirectedRequest,
	} {
		for _, path := range []string{"/v3", simulator.ControlPath} {
			r, err := http.NewRequest(http.MethodGet, s.URL()+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = host
			if resp, _, err := exchange(transport, r); err != nil || resp.StatusCode != want {
				t.Errorf("%q, %s: %v, error %v, want %d", host, path, resp, err, want)
			}
		}
	}
}

// TestServerEndsPendingRequests closes a server, or shuts it down, while a response is delayed.
func TestServerEndsPendingRequests(t *testing.T) {
	closeServer := func(s *simulator.Server) error { s.Close(); return nil }
	shutDown := func(s *simulator.Server) error { return s.Shutdown(context.Background()) }
	for name, c := range map[string]struct {
		latency time.Duration
		fault   simulator.Fault // without a latency
		padding int
		end     func(*simulator.Server) error
		want    string // start of the response
	}{
		"response, shut down": {100 * time.Millisecond, simulator.Fault{}, 0, shutDown, `{"is_success":true`},
		"latency, closed":     {time.Hour, simulator.Fault{}, 0, closeServer, ""},
		"large, closed":       {0, simulator.Fault{Size: 1 << 40}, 0, closeServer, ""},
		"slow, closed":        {0, simulator.Fault{Slow: time.Hour}, 0, closeServer, ""},
		"hang, unread body":   {0, simulator.Fault{Hang: true}, 2 << 20, shutDown, ""},
	} {
		t.Run(name, func(t *testing.T) {
			processed, responded := make(chan struct{}, 1), make(chan string, 1)
			s := serve(t, simulator.Options{Latency: c.latency, OnRequest: func(simulator.Request) { processed <- struct{}{} }})
			if c.latency == 0 {
				s.Inject(c.fault)
			}
			go func() {
				_, body, err := exchange(transport, createRequest(t, s.URL(), s.IssueToken(), plainJob+strings.Repeat(" ", c.padding)))
				if err != nil {
					body = ""
				}
				responded <- body
			}()
			<-processed
			if err := c.end(s); err != nil {
				t.Error(err)
			}
			if body := <-responded; (body == "") != (c.want == "") || !strings.HasPrefix(body, c.want) {
				t.Errorf("complete response %q, want %q", body, c.want)
			}
			<-s.Done()
		})
	}
}

func TestInvalidOptions(t *testing.T) {
	for want, options := range map[string]simulator.Options{
		`Rejections "lax": it has to be one of ["usual" "documented" "strict"]`:                                         {Rejections: "lax"},
		`ErrorShape "x": it has to be one of ["documented" "ok-200" "bare" "gateway" "iam" "empty"]`:                    {ErrorShape: "x"},
		`NotFoundShape "x": it has to be one of ["400" "404" "bare-404" "parameter" "ok-200" "gateway-404" "conflict"]`: {NotFoundShape: "x"},

		"Latency -1s: it cannot be negative":                {Latency: -time.Second},
		"Transition -1ns: it cannot be negative":            {Transition: -1},
		"Stale -1ns: it cannot be negative":                 {Stale: -1},
		"Appear -1ns: it cannot be negative":                {Appear: -1},
		"Hour -1ns: it cannot be negative":                  {Hour: -1},
		"TokenLifetime -1ns: it cannot be negative":         {TokenLifetime: -1},
		"JobLimit -1: it cannot be negative":                {JobLimit: -1},
		"RunLimit -1: it cannot be negative":                {RunLimit: -1},
		"RateLimit -1: it cannot be negative":               {RateLimit: -1},
		"RateWindow -1s: it cannot be negative":             {RateWindow: -time.Second},
		"RateWindow 1.5s: it has to be a number of seconds": {RateWindow: 1500 * time.Millisecond},
		"PageCap -1: it cannot be negative":                 {PageCap: -1},
		"PageCap 1001: it cannot be more than 1000":         {PageCap: 1001},
	} {
		want = "simulator option " + want
		if _, err := simulator.Start(options); fmt.Sprint(err) != want {
			t.Errorf("error %v, want %s", err, want)
		}
		wantPanic(t, want, func() { simulator.New(options) })
	}
}
