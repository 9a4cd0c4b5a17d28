package simulator_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestServer(t *testing.T) {
	t.Parallel()

	s := serve(t, simulator.Options{})

	u, err := url.Parse(s.URL())
	if err != nil || u.Hostname() != "127.0.0.1" || u.Port() == "0" || u.Path != "" {
		t.Errorf("URL = %s", s.URL())
	}

	want := map[string]string{
		"OS_AUTH_URL": s.URL() + "/v3", "OS_REGION_NAME": simulator.DefaultRegion,
		"OS_USERNAME": simulator.DefaultUserName, "OS_PASSWORD": simulator.DefaultPassword,
		"OS_USER_DOMAIN_NAME": simulator.DefaultDomainName, "OS_PROJECT_NAME": simulator.DefaultProjectName,
	}
	if diff := cmp.Diff(want, s.Env()); diff != "" {
		t.Errorf("Env (-want +got):\n%s", diff)
	}

	want = map[string]string{
		"OS_ACCESS_KEY": simulator.DefaultAccessKey, "OS_SECRET_KEY": simulator.DefaultSecretKey,
	}
	if diff := cmp.Diff(want, s.AccessKeyEnv()); diff != "" {
		t.Errorf("AccessKeyEnv (-want +got):\n%s", diff)
	}

	if _, body, err := create(t.Context(), s.URL(), s.IssueToken(), plainJob); err != nil || !strings.Contains(body, `"job_id":"1"`) {
		t.Errorf("create: %s, error %v", body, err)
	}
}

func TestServerListensOnLoopbackOnly(t *testing.T) {
	t.Parallel()

	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.com:0", "127.0.0.1", ""} {
		s, err := simulator.Start(simulator.Options{Address: address})
		if err == nil {
			s.Close()
		}

		if refused := err != nil; refused != (address != "") {
			t.Errorf("%q: error %v", address, err)
		}
	}

	s, err := simulator.Start(simulator.Options{Address: "localhost:0"})
	if err != nil {
		t.Fatal(err)
	}

	s.Close()
}

// A page whose name resolves to the loopback address can't use the simulator.
func TestServerAcceptsLoopbackHostsOnly(t *testing.T) {
	t.Parallel()

	s := serve(t, simulator.Options{Control: true})

	for host, status := range map[string]int{
		"":                     http.StatusOK, // that of the URL
		"localhost":            http.StatusOK,
		"LocalHost:8080":       http.StatusOK,
		"127.0.0.1":            http.StatusOK,
		"127.1.2.3:80":         http.StatusOK,
		"[::1]":                http.StatusOK,
		"[::1]:8080":           http.StatusOK,
		"attacker.example.com": http.StatusMisdirectedRequest,
		"attacker.example.com:" + s.URL()[len("http://127.0.0.1:"):]: http.StatusMisdirectedRequest,
		"localhost.example.com":    http.StatusMisdirectedRequest,
		"127.0.0.1.example.com":    http.StatusMisdirectedRequest,
		"192.0.2.1":                http.StatusMisdirectedRequest,
		"0.0.0.0":                  http.StatusMisdirectedRequest,
		"[::]":                     http.StatusMisdirectedRequest,
		"localhost@example.com":    http.StatusMisdirectedRequest,
		"example.com:80:localhost": http.StatusMisdirectedRequest,
	} {
		for _, path := range []string{"/v3", simulator.ControlPath} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}

			r.Host = host

			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}

			_ = resp.Body.Close()

			// net/http itself refuses a malformed host.
			if resp.StatusCode != status && (resp.StatusCode != http.StatusBadRequest || status == http.StatusOK) {
				t.Errorf("%q, %s: status %d, want %d", host, path, resp.StatusCode, status)
			}
		}
	}
}

func TestCloseCutsConnections(t *testing.T) {
	t.Parallel()

	told := make(chan struct{}, 1)
	s := serve(t, simulator.Options{
		Latency: time.Hour,
		OnCall:  func(simulator.Call) { told <- struct{}{} },
	})
	failed := make(chan error, 1)

	go func() {
		_, _, err := create(t.Context(), s.URL(), s.IssueToken(), plainJob)
		failed <- err
	}()

	<-told // The request is being answered now.
	s.Close()

	if err := <-failed; err == nil {
		t.Error("the request was answered")
	}

	select {
	case <-s.Done():
	default:
		t.Error("Done is open")
	}
}

func TestShutdownLetsRequestsEnd(t *testing.T) {
	t.Parallel()

	clock := simulator.NewManualClock(start)
	told := make(chan struct{}, 1)
	s := serve(t, simulator.Options{
		Clock: clock, Latency: time.Second,
		OnCall: func(simulator.Call) { told <- struct{}{} },
	})
	answered := make(chan error, 1)

	go func() {
		_, body, err := create(t.Context(), s.URL(), s.IssueToken(), plainJob)
		if err == nil && !strings.Contains(body, `"job_id":"1"`) {
			err = errors.New(body)
		}
		answered <- err
	}()

	<-told

	ended := make(chan error, 1)
	go func() { ended <- s.Shutdown(t.Context()) }()

	<-s.Done()

	// The handler may not wait yet, so the clock moves until it answers.
	for waiting := true; waiting; {
		clock.Advance(time.Second)

		select {
		case err := <-answered:
			waiting = false

			if err != nil {
				t.Error(err)
			}
		case <-time.After(time.Millisecond):
		}
	}

	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestCancelledRequest checks that a cancelled request ends at once and leaves
// its effect.
func TestCancelledRequest(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		s := simulator.New(simulator.Options{Latency: time.Hour})

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()

		began := time.Now()
		w := httptest.NewRecorder()
		s.ServeHTTP(w, createRequest(ctx, "", s.IssueToken(), plainJob))

		if waited := time.Since(began); waited != time.Second || w.Body.Len() != 0 {
			t.Errorf("answered %q after %s", w.Body, waited)
		}

		if got := len(s.Jobs()); got != 1 {
			t.Errorf("%d jobs, want 1", got)
		}
	})
}
