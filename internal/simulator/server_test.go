package simulator_test

import (
	"context"
	"io"
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

	s, err := simulator.Start(simulator.Options{Region: "eu-nl"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()

	u, err := url.Parse(s.URL())
	if err != nil || u.Hostname() != "127.0.0.1" || u.Port() == "0" || u.Path != "" {
		t.Errorf("URL = %s", s.URL())
	}

	want := map[string]string{
		"OS_AUTH_URL": s.URL() + "/v3", "OS_REGION_NAME": "eu-nl",
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

	response, body := post(t, s, plainJob)
	if response.StatusCode != http.StatusOK || !strings.Contains(body, `"job_id":"1"`) {
		t.Errorf("create: %d %s", response.StatusCode, body)
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

func TestCloseCutsConnections(t *testing.T) {
	t.Parallel()

	told := make(chan struct{}, 1)

	s, err := simulator.Start(simulator.Options{
		Latency: time.Hour,
		OnCall:  func(simulator.Call) { told <- struct{}{} },
	})
	if err != nil {
		t.Fatal(err)
	}

	failed := make(chan error, 1)

	go func() {
		response, err := tryPost(t, s, plainJob)
		if err == nil {
			response.Body.Close()
		}
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

	s, err := simulator.Start(simulator.Options{
		Clock: clock, Latency: time.Second,
		OnCall: func(simulator.Call) { told <- struct{}{} },
	})
	if err != nil {
		t.Fatal(err)
	}

	answered := make(chan string, 1)

	go func() {
		response, err := tryPost(t, s, plainJob)
		if err != nil {
			answered <- err.Error()

			return
		}
		defer response.Body.Close()

		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Error(err)
		}
		answered <- string(body)
	}()

	<-told

	ended := make(chan error, 1)
	go func() { ended <- s.Shutdown(t.Context()) }()

	<-s.Done()

	// The handler may not wait yet, so the clock moves until it answers.
	for body := ""; body == ""; {
		clock.Advance(time.Second)

		select {
		case body = <-answered:
			if !strings.Contains(body, `"job_id":"1"`) {
				t.Errorf("answer: %s", body)
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

		r := httptest.NewRequestWithContext(ctx, http.MethodPost,
			"/v1/"+simulator.DefaultProjectID+jobs, strings.NewReader(plainJob))
		r.Header.Set("X-Auth-Token", s.IssueToken())

		began := time.Now()
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)

		if waited := time.Since(began); waited != time.Second || w.Body.Len() != 0 {
			t.Errorf("answered %q after %s", w.Body, waited)
		}

		if got := len(s.Jobs()); got != 1 {
			t.Errorf("%d jobs, want 1", got)
		}
	})
}
