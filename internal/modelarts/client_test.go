package modelarts

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

func TestBaseURL(t *testing.T) {
	t.Parallel()
	const host = "https://modelarts.eu-de.otc.t-systems.com"
	for endpoint, want := range map[string]string{
		host:                          host + "/v1/" + project,
		host + "/":                    host + "/v1/" + project,
		host + "/v1":                  host + "/v1/" + project,
		host + "/v1/":                 host + "/v1/" + project,
		host + "/v1/" + project:       host + "/v1/" + project,
		host + "/v1/" + project + "/": host + "/v1/" + project,
		host + "/" + project:          host + "/v1/" + project,
		host + "///":                  host + "/v1/" + project,
		host + ":8443/proxy/v1/":      host + ":8443/proxy/v1/" + project,
		host + "/proxyv1":             host + "/proxyv1/v1/" + project,
		host + "/v1/another":          host + "/v1/another/v1/" + project,
		host + "/v1?a=b#c":            host + "/v1/" + project,
		// What follows a bare question mark would be a query and not a path.
		host + "?":                 host + "/v1/" + project,
		"http://127.0.0.1:4000":    "http://127.0.0.1:4000/v1/" + project,
		"http://[::1]:4000/a%20b/": "http://[::1]:4000/a%20b/v1/" + project,
	} {
		parsed, err := url.Parse(endpoint)
		if err != nil {
			t.Fatal(err)
		}
		before := *parsed
		if got := baseURL(parsed, project); got != want || *parsed != before {
			t.Errorf("%s becomes %s, want %s, and the endpoint is %s", endpoint, got, want, parsed)
		}
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
		// A catalog may hold what requests are made from, with or without a slash.
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
		network := on(sample)
		if err := call.do(t.Context(), clientOn(network, func(o *Options) { o.UserAgent = "terraform-provider-modelarts/test" })); err != nil {
			t.Fatal(err)
		}
		want := http.Header{
			"Accept": {"application/json"}, "Content-Type": {"application/json"}, "User-Agent": {"terraform-provider-modelarts/test"},
		}
		if diff := cmp.Diff(want, network.requests[0].Header); diff != "" || len(network.requests) != 1 {
			t.Errorf("%s: %d requests, header (-want +got):\n%s", call.name, len(network.requests), diff)
		}
	}
}

// Requests at the same time get each its own response, and each is in the log.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	var (
		logged atomic.Int64
		wg     sync.WaitGroup
	)
	c := clientOn(on(sample), func(o *Options) { o.OnAttempt = func(context.Context, httpclient.Attempt) { logged.Add(1) } })
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
	if n := int(logged.Load()); n != 8*len(calls) {
		t.Errorf("%d calls in the log", n)
	}
}
