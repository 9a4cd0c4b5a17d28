package simulator_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

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

// The server listens on the loopback interface only, and a page whose name resolves to its address
// can't use it.
func TestServerAcceptsLoopbackHostsOnly(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.com:0", "127.0.0.1"} {
		if s, err := simulator.Start(simulator.Options{Address: address}); err == nil {
			s.Close()
			t.Errorf("no error for %q", address)
		}
	}
	s := serve(t, simulator.Options{Address: "localhost:0", Control: true})
	const rejected = "attacker.example.com attacker.example.com:8080 localhost.example.com 127.0.0.1.example.com 192.0.2.1 [::] localhost@example.com"
	for want, hosts := range map[int]string{
		http.StatusOK: "localhost LocalHost:8080 127.1.2.3:80 [::1] [::1]:8080", http.StatusMisdirectedRequest: rejected,
	} {
		for host := range strings.FieldsSeq(hosts) {
			for _, path := range []string{"/v3", simulator.ControlPath} {
				r := httptest.NewRequest(http.MethodGet, s.URL()+path, http.NoBody)
				r.Host = host
				if resp, _, err := exchange(transport, r); err != nil || resp.StatusCode != want {
					t.Errorf("%q, %s: %v, error %v, want %d", host, path, resp, err, want)
				}
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

func TestInvalidOptionsAndFaults(t *testing.T) {
	_, err := simulator.Start(simulator.Options{
		Rejections: "lax", ErrorShape: "x", NotFoundShape: "x", Latency: -1, Transition: -1, Stale: -1, Appear: -1, Hour: -1,
		TokenLifetime: -1, RateWindow: -1, JobLimit: -1, RunLimit: -1, RateLimit: -1, PageCap: -1,
	})
	names := strings.Fields("Rejections ErrorShape NotFoundShape Latency Transition Stale Appear Hour TokenLifetime RateWindow " +
		"RateWindow JobLimit RunLimit RateLimit PageCap") // RateWindow is no number of seconds as well.
	for _, name := range names {
		if !strings.Contains(fmt.Sprint(err), "simulator option "+name+" ") {
			t.Errorf("no error for %s", name)
		}
	}
	if lines := strings.Count(fmt.Sprint(err), "\n") + 1; lines != len(names) {
		t.Errorf("%d errors, want %d: %v", lines, len(names), err)
	}
	wantPanic(t, "simulator option PageCap 1001: it cannot be more than 1000", func() { simulator.New(simulator.Options{PageCap: 1001}) })
	s := newFixture(t, simulator.Options{})
	for _, fault := range []simulator.Fault{{Path: "("}, {Status: 199}, {Status: 600}, {Skip: -1}, {Slow: -1}, {Size: -1}} {
		wantPanic(t, "", func() { s.Inject(fault) })
	}
}
