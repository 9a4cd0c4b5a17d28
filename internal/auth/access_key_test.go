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
)

// staticKey needs no IAM.
func staticKey(network http.RoundTripper) Options {
	o := keyOf(network)
	o.ProjectID, o.Endpoint, o.Region = projectID, "https://ma.example.com", ""

	return o
}

func TestAccessKeyAsksNobody(t *testing.T) {
	t.Parallel()

	var sent []*http.Request
	options := staticKey(roundTripper(func(req *http.Request) (*http.Response, error) {
		sent = append(sent, req)

		return reply(req, http.StatusOK, ""), nil
	}))
	options.SecurityToken = "temporary"
	session := open(t, options)

	if len(sent) != 0 {
		t.Fatalf("%d calls to find out nothing", len(sent))
	}

	send(t, session, "body")

	for name, want := range map[string]string{
		"X-Project-Id": projectID, "X-Security-Token": "temporary", "X-Auth-Token": "",
		"Authorization": "SDK-HMAC-SHA256 Access=key, SignedHeaders=host;x-project-id;x-sdk-date;x-security-token, Signature=",
	} {
		if got := sent[0].Header.Get(name); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}

	// What was signed is what is sent, also if the network has to begin again.
	for _, body := range []func() (io.ReadCloser, error){func() (io.ReadCloser, error) { return sent[0].Body, nil }, sent[0].GetBody} {
		reader, err := body()
		if err != nil {
			t.Fatal(err)
		}

		content, err := io.ReadAll(reader)
		if err != nil || string(content) != "body" || sent[0].ContentLength != 4 {
			t.Errorf("%q, %v", content, err)
		}
	}
}

func TestAccessKeyFindsProjectAndEndpoint(t *testing.T) {
	t.Parallel()

	const (
		project  = `{"projects": [{"id": "p1", "name": "eu-de"}, {"id": "p2", "name": "eu-de_x"}, {"id": "p3", "name": "twice"}, {"id": "p4", "name": "twice"}]}`
		projects = "/v3/projects"
		entries  = "/v3/auth/catalog"
	)

	tests := []struct {
		name      string
		change    func(*Options)
		catalog   string // status and body
		calls     string
		id        string // empty: refused
		endpoint  string
		attribute string
		says      string
	}{
		{
			"the region's", nil, "200 " + `{"catalog": ` + catalogue + `}`,
			"GET /v3/projects?name=eu-de, GET /v3/auth/catalog", "p1", "https://ma.example.com/v1/", "", "",
		},
		{
			"by name", func(o *Options) { o.ProjectName, o.DomainID = "eu-de_x", "d" }, "200 {}",
			"GET /v3/projects?domain_id=d&name=eu-de_x, GET /v3/auth/catalog", "p2", "https://modelarts.eu-de.otc.t-systems.com", "", "",
		},
		{
			"by id", func(o *Options) { o.ProjectID = "p9" }, "200 {}",
			"GET /v3/auth/catalog", "p9", "https://modelarts.eu-de.otc.t-systems.com", "", "",
		},
		{
			"endpoint configured", func(o *Options) { o.Endpoint = "https://b.example.com" }, "",
			"GET /v3/projects?name=eu-de", "p1", "https://b.example.com", "", "",
		},
		{
			"project in the endpoint", func(o *Options) { o.Endpoint, o.Region = "https://b.example.com/v1/p7/", "" }, "",
			"", "p7", "https://b.example.com/v1/p7/", "", "",
		},
		{
			"the catalogue is forbidden", func(o *Options) { o.ProjectID = "p9" }, "403 {}",
			"GET /v3/auth/catalog", "p9", "https://modelarts.eu-de.otc.t-systems.com", "", "",
		},
		{
			"there is no catalogue", func(o *Options) { o.ProjectID = "p9" }, "404 {}",
			"GET /v3/auth/catalog", "p9", "https://modelarts.eu-de.otc.t-systems.com", "", "",
		},
		{
			"the catalogue is broken", func(o *Options) { o.ProjectID = "p9" }, "500 {}",
			"GET /v3/auth/catalog", "", "", "-", "HTTP 500",
		},
		{
			"no such project", func(o *Options) { o.ProjectName = "eu-de_y" }, "200 {}",
			"GET /v3/projects?name=eu-de_y", "", "", "tenant_name", "tenant_id",
		},
		{
			"several", func(o *Options) { o.ProjectName = "twice" }, "200 {}",
			"GET /v3/projects?name=twice", "", "", "tenant_name", "p3, p4",
		},
		{
			"no region", func(o *Options) { o.ProjectID, o.Region, o.AuthURL = "p9", "", "https://iam.example.com/v3" }, "200 {}",
			"GET /v3/auth/catalog", "", "", "region", "OS_MODELARTS_ENDPOINT",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()

			c := &cloud{reads: map[string]string{projects: project}}
			c.iam = func(req *http.Request, _ int) (*http.Response, error) {
				if !strings.HasPrefix(req.Header.Get("Authorization"), "SDK-HMAC-SHA256 Access=key, SignedHeaders=host;") {
					t.Errorf("%s is not signed", req.URL)
				}

				if req.URL.Path != entries {
					return nil, nil
				}

				if test.id != "" && req.Header.Get("X-Project-Id") != test.id {
					t.Errorf("the catalogue of %q", req.Header.Get("X-Project-Id"))
				}

				status, body, _ := strings.Cut(test.catalog, " ")

				return reply(req, map[string]int{"200": 200, "403": 403, "404": 404, "500": 500}[status], body), nil
			}
			options := keyOf(c)
			if test.change != nil {
				test.change(&options)
			}

			session, err := Open(t.Context(), options)
			if got := c.lines(); got != test.calls {
				t.Errorf("the calls were %s, want %s", got, test.calls)
			}

			switch {
			case test.attribute == "-":
				if err == nil || !strings.Contains(err.Error(), test.says) {
					t.Errorf("%v", err)
				}
			case test.id == "":
				if e := configErrorFrom(t, err); e.Attribute != test.attribute || !strings.Contains(e.Detail, test.says) {
					t.Errorf("%+v", e)
				}
			case err != nil || session.ProjectID != test.id || session.Endpoint.String() != test.endpoint || session.Method != "access key":
				t.Errorf("%+v, %v", session, err)
			}
		})
	}
}

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

	time.Sleep(50 * time.Millisecond) //nolint:forbidigo // the time that a call takes, which is fake

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
		{"refused for another reason", always(403), 2, 40, 0, 20},
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

							var e *RefusedKeyError
							if errors.As(err, &e) {
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

func TestAdviceOfAccessKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		options := staticKey(&cloud{})
		options.Sources = Sources{"secret_key": "OS_SECRET_KEY"}
		permanent := open(t, options)
		options.SecurityToken = "temporary"
		temporary := open(t, options)

		for name, test := range map[string]struct {
			session *Session
			date    string
			want    []string
			not     string
		}{
			"no date":      {permanent, "", []string{"access_key or secret_key (from OS_SECRET_KEY) is wrong", "five minutes"}, "clock"},
			"the time":     {permanent, dated(0), []string{"is wrong"}, "clock"},
			"a little off": {permanent, dated(-59 * time.Second), []string{"is wrong"}, "clock"},
			"off":          {permanent, dated(-2 * time.Minute), []string{"is 2m0s ahead of", "15m0s", "is wrong"}, "behind"},
			"fast":         {permanent, dated(-16 * time.Minute), []string{"is 16m0s ahead of", "Set the clock"}, "is wrong"},
			"slow":         {permanent, dated(3 * time.Hour), []string{"is 3h0m0s behind", "Set the clock"}, "is wrong"},
			"just so":      {permanent, dated(15 * time.Minute), []string{"is 15m0s behind", "Set the clock"}, "is wrong"},
			"temporary":    {temporary, "", []string{"security_token is wrong", "expired"}, "clock"},
		} {
			header := http.Header{"Date": {test.date}}

			got := test.session.Advice(header)
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("%s: %q is not in: %s", name, want, got)
				}
			}

			if strings.Contains(got, test.not) {
				t.Errorf("%s: %q is in: %s", name, test.not, got)
			}
		}
	})
}

// dated is a Date header that is off by so much. The bubble's clock begins at a
// whole second.
func dated(off time.Duration) string { return time.Now().Add(off).UTC().Format(http.TimeFormat) }

// A body that cannot be read is an error, and the key none the worse for it.
func TestUnreadableRequest(t *testing.T) {
	t.Parallel()

	session := open(t, staticKey(roundTripper(func(req *http.Request) (*http.Response, error) {
		return reply(req, http.StatusOK, ""), nil
	})))
	broken := fmt.Errorf("broken pipe")
	req := newRequest(t.Context(), t, "")
	req.Body = io.NopCloser(readerFunc(func([]byte) (int, error) { return 0, broken }))

	if _, err := session.Transport.RoundTrip(req); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}

	send(t, session, "body")
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
