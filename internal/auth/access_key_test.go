package auth

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
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

func TestAccessKeyWithoutIAM(t *testing.T) {
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
		project = `{"projects": [{"id": "p1", "name": "eu-de"}, {"id": "p2", "name": "eu-de_x"}, {"id": "p3", "name": "twice"}, {"id": "p4", "name": "twice"},
			{"id": "", "name": "odd"}, {"id": "../x", "name": "odd"}]}`
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
			"the region's", nil, "200 " + `{"catalog": ` + catalog + `}`,
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
			"the catalog is forbidden", func(o *Options) { o.ProjectID = "p9" }, "403 {}",
			"GET /v3/auth/catalog", "p9", "https://modelarts.eu-de.otc.t-systems.com", "", "",
		},
		{
			"there is no catalog", func(o *Options) { o.ProjectID = "p9" }, "404 {}",
			"GET /v3/auth/catalog", "p9", "https://modelarts.eu-de.otc.t-systems.com", "", "",
		},
		{
			"the catalog is broken", func(o *Options) { o.ProjectID = "p9" }, "500 {}",
			"GET /v3/auth/catalog", "", "", "-", "HTTP status: 500",
		},
		{
			"no such project", func(o *Options) { o.ProjectName = "eu-de_y" }, "200 {}",
			"GET /v3/projects?name=eu-de_y", "", "", "tenant_name", "tenant_id",
		},
		{
			"ids that are none", func(o *Options) { o.ProjectName = "odd" }, "200 {}",
			"GET /v3/projects?name=odd", "", "", "tenant_name", "no access to a project of this name",
		},
		{
			"several", func(o *Options) { o.ProjectName = "twice" }, "200 {}",
			"GET /v3/projects?name=twice", "", "", "tenant_name", "p3, p4",
		},
		{
			"no region", func(o *Options) { o.ProjectID, o.Region, o.AuthURL = "p9", "", "https://iam.example.com/v3" }, "200 {}",
			"GET /v3/auth/catalog", "", "", "endpoint", "OS_MODELARTS_ENDPOINT",
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
					t.Errorf("the catalog of %q", req.Header.Get("X-Project-Id"))
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

func TestHintsOfAccessKeys(t *testing.T) {
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
			"off":          {permanent, dated(-2 * time.Minute), []string{"differs from the clock of the service by 2m0s", "15m0s", "is wrong"}, "Set the clock"},
			"fast":         {permanent, dated(-16 * time.Minute), []string{"by 16m0s, ", "Set the clock"}, "is wrong"},
			"slow":         {permanent, dated(3 * time.Hour), []string{"by 3h0m0s, ", "Set the clock"}, "is wrong"},
			"just so":      {permanent, dated(15 * time.Minute), []string{"by 15m0s, ", "Set the clock"}, "is wrong"},
			"temporary":    {temporary, "", []string{"security_token is wrong", "expired"}, "clock"},
		} {
			header := http.Header{"Date": {test.date}}
			got := test.session.AuthHint(header)
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
