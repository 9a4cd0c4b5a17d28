package modelarts

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

func TestBaseURL(t *testing.T) {
	t.Parallel()
	const host = "https://modelarts.eu-de.otc.t-systems.com"
	tests := []struct{ endpoint, want string }{
		{host, host + "/v1/" + project},
		{host + "/", host + "/v1/" + project},
		{host + "/v1", host + "/v1/" + project},
		{host + "/v1/", host + "/v1/" + project},
		{host + "/v1/" + project, host + "/v1/" + project},
		{host + "/v1/" + project + "/", host + "/v1/" + project},
		{host + "/" + project, host + "/v1/" + project},
		{host + "///", host + "/v1/" + project},
		{host + ":8443/proxy/v1/", host + ":8443/proxy/v1/" + project},
		{host + "/proxyv1", host + "/proxyv1/v1/" + project},
		{host + "/v1/another", host + "/v1/another/v1/" + project},
		{host + "/v1?a=b#c", host + "/v1/" + project},
		// What follows a bare question mark would be a query and not a path.
		{host + "?", host + "/v1/" + project},
		{"http://127.0.0.1:4000", "http://127.0.0.1:4000/v1/" + project},
		{"http://[::1]:4000/a%20b/", "http://[::1]:4000/a%20b/v1/" + project},
	}
	for _, test := range tests {
		t.Run(test.endpoint, func(t *testing.T) {
			t.Parallel()
			endpoint, err := url.Parse(test.endpoint)
			if err != nil {
				t.Fatal(err)
			}
			before := *endpoint
			if got := baseURL(endpoint, project); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if *endpoint != before {
				t.Errorf("the endpoint was changed to %s", endpoint)
			}
		})
	}
}

func TestBaseURLIsIdempotent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringMatching(`[0-9a-z]{1,6}`).Draw(t, "project")
		segment := rapid.OneOf(rapid.SampledFrom([]string{"", "v1", id, "%2F", "a b"}), rapid.StringMatching(`[a-z0-9]{0,3}`))
		path := strings.Join(rapid.SliceOfN(segment, 0, 6).Draw(t, "segments"), "/")
		endpoint := &url.URL{Scheme: "https", Host: "example.com", Path: "/" + path}
		once := baseURL(endpoint, id)
		if !strings.HasSuffix(once, "/v1/"+id) {
			t.Errorf("%s", once)
		}
		// A catalogue may hold what requests are made from, with or without a slash.
		for _, written := range []string{once, once + "/"} {
			again, err := url.Parse(written)
			if err != nil {
				t.Fatal(err)
			}
			if twice := baseURL(again, id); twice != once {
				t.Errorf("%s becomes %s", written, twice)
			}
		}
	})
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	for _, call := range calls {
		t.Run(call.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, sample)
			if err := call.do(t.Context(), s.client(t, WithUserAgent("terraform-provider-modelarts/test"))); err != nil {
				t.Fatal(err)
			}
			if len(s.seen()) != 1 {
				t.Fatalf("%d requests", len(s.seen()))
			}
			header := s.seen()[0].Header
			for name, want := range map[string]string{
				"Accept": "application/json", "Content-Type": "application/json",
				"User-Agent": "terraform-provider-modelarts/test", "X-Auth-Token": secret,
			} {
				if got := header.Values(name); len(got) != 1 || got[0] != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
		})
	}
}

// What is no yes must not be taken for one, whatever the HTTP status says.
func TestUnusableAnswers(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{
		"HTML":           "<html><body>Please log in</body></html>",
		"truncated":      `{"is_success": true, "job_id": 10, "jo`,
		"array":          `[{"is_success": true}]`,
		"string":         `"is_success"`,
		"deep":           strings.Repeat("[", 100_000),
		"deep in a job":  `{"is_success": true, "job_id": 10, "job_total_count": 0, "jobs": [], "x": ` + strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_001),
		"with a trailer": `{"is_success": true, "job_id": 10, "job_total_count": 0, "jobs": []} <!-- proxy -->`,
		// The refusal is there to be read, though its flag is not.
		"odd flag":          `{"is_success": 0, "error_code": "ModelArts.0105", "error_message": "status: 10"}`,
		"refusal, trailer":  `{"is_success": false, "error_code": "ModelArts.0105", "error_message": "status: 10"} .`,
		"refusal and a yes": `{"is_success": false, "error_code": "ModelArts.0105"} {"is_success": true, "job_id": 10}`,
	}
	for _, name := range sortedKeys(bodies) {
		for _, call := range calls {
			t.Run(name+"/"+call.name, func(t *testing.T) {
				t.Parallel()
				err := call.do(t.Context(), clientOn(always(http.StatusOK, bodies[name], "X-Request-Id", "3f9a"), WithMaxRetries(0)))
				if err == nil {
					t.Fatal("taken for a yes")
				}
				if !strings.Contains(err.Error(), "3f9a") {
					t.Errorf("the request id is missing: %v", err)
				}
			})
		}
	}
}

func TestUnusableAnswerMayHaveBeenDone(t *testing.T) {
	t.Parallel()
	err := clientOn(always(http.StatusOK, "<html>", "X-Request-Id", "3f9a")).StopVisualizationJob(t.Context(), 10)
	e := noResponseFrom(t, err)
	if !e.Sent || e.RequestID != "3f9a" || e.Operation != "POST /visualization-jobs/10/stop" || !MayHaveBeenDone(err) {
		t.Errorf("%+v", e)
	}
}

// The others have an id or rows to tell, these nothing but yes.
var onlyYes = map[string]bool{"update": true, "stop": true, "restart": true, "delete": true}

// 204 is a yes in full. Under another status an empty body is one that was lost.
func TestEmptyAnswer(t *testing.T) {
	t.Parallel()
	for _, call := range calls {
		for _, status := range []int{200, 201, 202, 206} {
			if err := call.do(t.Context(), clientOn(always(status, ""), WithMaxRetries(0))); !noResponseFrom(t, err).Sent {
				t.Errorf("%s, HTTP %d: %v", call.name, status, err)
			}
		}
		if err := call.do(t.Context(), clientOn(always(http.StatusNoContent, ""), WithMaxRetries(0))); (err == nil) != onlyYes[call.name] {
			t.Errorf("%s, HTTP 204: error %v", call.name, err)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	var (
		mu     sync.Mutex
		logged = map[string]int{}
		wg     sync.WaitGroup
	)
	s := serve(t, sample)
	c := s.client(t, WithCallLog(func(_ context.Context, c httpclient.Call) {
		mu.Lock()
		defer mu.Unlock()
		logged[c.Method]++
		if c.Attempt != 1 {
			t.Errorf("attempt %d", c.Attempt)
		}
	}))
	for range 8 {
		for _, call := range calls {
			wg.Go(func() {
				if err := call.do(t.Context(), c); err != nil {
					t.Errorf("%s: %v", call.name, err)
				}
			})
		}
	}
	wg.Wait()
	want := map[string]int{http.MethodPost: 24, http.MethodGet: 16, http.MethodPut: 8, http.MethodDelete: 8}
	if diff := cmp.Diff(want, logged); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}
