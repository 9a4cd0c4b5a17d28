package auth

import (
	"net/http"
	"strings"
	"testing"
)

func TestEndpoint(t *testing.T) {
	t.Parallel()
	const documented = "https://modelarts.eu-de.otc.t-systems.com"
	entry := func(kind, face, region, url string) string {
		return `[{"id": "a", "name": "modelarts", "type": "` + kind + `", "endpoints": [{"id": "b", "interface": "` + face +
			`", "region": "` + region + `", "region_id": "` + region + `", "url": "` + url + `"}]}]`
	}
	public := func(kind, path string) string { return entry(kind, "public", "eu-de", "https://a.example.com"+path) }
	both := func(a, b string) string { return a[:len(a)-1] + ", " + b[1:] }
	insecure := func(o *Options) { o.Insecure = true }
	tests := []struct {
		name, catalog string
		change        func(*Options)
		want          string // empty: refused
		attribute     string
	}{
		{"of several", catalog, nil, "https://ma.example.com/v1/", ""},
		{"modelartsv1", public("modelartsv1", ""), nil, "https://a.example.com/", ""},
		{"a slash", public("modelarts", "/"), nil, "https://a.example.com/", ""},
		{"v1", public("modelartsv1", "/v1"), nil, "https://a.example.com/v1/", ""},
		{"v1 and a slash", public("modelarts", "/v1/"), nil, "https://a.example.com/v1/", ""},
		{"a project", public("modelarts", "/v1/"+projectID), nil, "https://a.example.com/v1/" + projectID + "/", ""},
		{"a project and a slash", public("modelartsv1", "/v1/"+projectID+"/"), nil, "https://a.example.com/v1/" + projectID + "/", ""},
		{"below a path", public("modelarts", "/v2/gateway/v1/"+projectID), nil, "https://a.example.com/v2/gateway/v1/" + projectID + "/", ""},
		{"v2", public("modelarts", "/v2/"+projectID), nil, documented, ""},
		{"v2 and a slash", public("modelarts", "/v2/"), nil, documented, ""},
		{"v2 as modelartsv1", public("modelartsv1", "/v2"), nil, documented, ""},
		{"v2.1", public("modelarts", "/v2.1/"+projectID), nil, documented, ""},
		{"v1 as modelartsv2", public("modelartsv2", ""), nil, documented, ""},
		{"v2, then v1", both(public("modelarts", "/v2/"+projectID), public("modelartsv1", "/v1")), nil, "https://a.example.com/v1/", ""},
		{"v1, then v2", both(public("modelarts", "/v1"), public("modelartsv2", "/v2/"+projectID)), nil, "https://a.example.com/v1/", ""},
		{"v2 of this region, v1 of another", both(public("modelarts", "/v2"), entry("modelarts", "public", "eu-nl", "https://b.example.com")), nil, documented, ""},
		{"another service", entry("obs", "public", "eu-de", "https://a.example.com"), nil, documented, ""},
		{"another region", entry("modelarts", "public", "eu-nl", "https://a.example.com"), nil, documented, ""},
		{"internal", entry("modelarts", "internal", "eu-de", "https://a.example.com"), nil, documented, ""},
		{"empty", `[]`, nil, documented, ""},
		{"configured", catalog, func(o *Options) { o.Endpoint = "https://b.example.com" }, "https://b.example.com", ""},
		{"plain http", entry("modelarts", "public", "eu-de", "http://a.example.com"), nil, "", "endpoint"},
		{"plain http of this machine", entry("modelarts", "public", "eu-de", "http://127.0.0.1:9"), nil, "", "endpoint"},
		{"plain http with the host of auth_url", entry("modelarts", "public", "eu-de", "http://iam.eu-de.otc.t-systems.com"), insecure, "", "endpoint"},
		{"a user", entry("modelarts", "public", "eu-de", "https://secret@a.example.com"), nil, "", "endpoint"},
		{"a query", public("modelarts", "/v1?a=secret"), nil, "", "endpoint"},
		{"a fragment", public("modelarts", "/v1#secret"), nil, "", "endpoint"},
		{"another scheme", entry("modelarts", "public", "eu-de", "ftp://a.example.com"), nil, "", "endpoint"},
		{"nothing", entry("modelarts", "public", "eu-de", ""), nil, "", "endpoint"},
		{"a template", entry("modelarts", "public", "eu-de", "https://a.example.com/v1/$(tenant_id)s"), nil, "", "endpoint"},
		{"plain http, insecure", entry("modelarts", "public", "eu-de", "http://a.example.com"), insecure, "", "endpoint"},
		{
			"plain http, as auth_url", entry("modelarts", "public", "eu-de", "http://127.0.0.1:9/v1"),
			func(o *Options) { o.AuthURL = "http://127.0.0.1:9/v3" }, "http://127.0.0.1:9/v1/", "",
		},
		{
			"plain http, as auth_url, insecure", entry("modelarts", "public", "eu-de", "http://A.example.com"),
			func(o *Options) { o.AuthURL, o.Insecure = "http://a.example.com/v3", true }, "http://A.example.com/", "",
		},
		{
			"plain http with another port than auth_url", entry("modelarts", "public", "eu-de", "http://127.0.0.1:9"),
			func(o *Options) { o.AuthURL, o.Insecure = "http://127.0.0.1:8/v3", true }, "", "endpoint",
		},
		{
			"no region, several", catalog,
			func(o *Options) { o.Region, o.AuthURL, o.ProjectID = "", "https://iam.example.com/v3", projectID }, "", "region",
		},
		{
			"no region, one", entry("modelarts", "public", "eu-nl", "https://a.example.com"),
			func(o *Options) { o.Region, o.AuthURL, o.ProjectID = "", "https://iam.example.com/v3", projectID }, "https://a.example.com/", "",
		},
		{
			"no region, another version in another region",
			both(entry("modelarts", "public", "eu-nl", "https://b.example.com/v2"), public("modelarts", "/v1")),
			func(o *Options) { o.Region, o.AuthURL, o.ProjectID = "", "https://iam.example.com/v3", projectID }, "https://a.example.com/v1/", "",
		},
		{
			"no region, none", `[]`,
			func(o *Options) { o.Region, o.AuthURL, o.ProjectID = "", "https://iam.example.com/v3", projectID }, "", "endpoint",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			options := user(&cloud{token: `{"project": {"id": "` + projectID + `"}, "catalog": ` + test.catalog + `}`})
			if test.change != nil {
				test.change(&options)
			}
			session, err := Open(t.Context(), options)
			if test.want == "" {
				e := configErrorFrom(t, err)
				if e.Attribute != test.attribute || e.Attribute == "endpoint" && !strings.Contains(e.Error(), "catalog") ||
					strings.Contains(e.Error(), "secret") {
					t.Errorf("%+v", e)
				}
			} else if err != nil || session.Endpoint.String() != test.want {
				t.Errorf("%+v, %v", session, err)
			}
		})
	}
}

// Only the IAM of Open Telekom Cloud is known to have ModelArts at the default host. With another one, a
// token or a signed request would go to a host that the user didn't configure.
func TestDefaultEndpoint(t *testing.T) {
	t.Parallel()
	const documented = "https://modelarts.eu-de.otc.t-systems.com"
	key := Options{Region: "eu-de", AccessKey: "key", SecretKey: password, DomainID: "d"}
	for name, login := range map[string]Options{
		"password":             user(nil),
		"token":                {Region: "eu-de", Token: "t"},
		"access key":           key,
		"agency on password":   asAgency(user(nil)),
		"agency on token":      asAgency(Options{Region: "eu-de", Token: "t"}),
		"agency on access key": asAgency(key),
	} {
		for authURL, want := range map[string]string{
			"":                                    documented,
			"https://iam.eu-de.otc.t-systems.com": documented,
			"https://iam.eu-nl.otc.t-systems.com:443/v3":         documented, // the region of ModelArts is the configured one
			"HTTPS://IAM.EU-DE.OTC.T-SYSTEMS.COM/v3":             documented,
			"https://iam.example.com/v3":                         "",
			"https://iam.eu-de.otc.t-systems.com.example.com/v3": "",
			"https://iam.eu-de.otc.t-systems.com:8443/v3":        "",
			"https://iam.eu-de.otc.t-systems.com.:443/v3":        "",
			"https://iam-eu-de.otc.t-systems.com/v3":             "",
			"https://iam.eu-ch2.sc.otc.t-systems.com/v3":         "",
			"http://127.0.0.1:9/v3":                              "",
		} {
			for _, insecure := range []bool{false, true} {
				c := &cloud{
					token: `{"project": {"id": "` + projectID + `"}, "catalog": []}`,
					reads: map[string]string{"/v3/auth/catalog": `{"catalog": []}`, "/v3/auth/domains": `{"domains": []}`},
				}
				options := login
				options.Transport, options.AuthURL, options.ProjectID, options.Insecure = c, authURL, projectID, insecure
				options.Sources = Sources{"auth_url": "OS_AUTH_URL"}
				session, err := Open(t.Context(), options)
				if want != "" {
					source := "configuration"
					if authURL == "" {
						source = "default of region eu-de"
					}
					if err != nil || session.Endpoint.String() != want || session.AuthURLSource != source {
						t.Errorf("%s, %q: %+v, %v", name, authURL, session, err)
					}
					continue
				}
				e := configErrorFrom(t, err)
				for _, say := range []string{"OS_MODELARTS_ENDPOINT", "auth_url (from OS_AUTH_URL)", "ModelArts in eu-de."} {
					if e.Attribute != "endpoint" || !strings.Contains(e.Detail, say) {
						t.Errorf("%s, %q: %+v", name, authURL, e)
					}
				}
			}
		}
	}
}

// A region is a part of two default hosts, and can be in a file that another person wrote.
func TestNoRegionLeavesTheDomain(t *testing.T) {
	t.Parallel()
	regions := []string{"evil.example.com", "evil.example.com.", "..", "a.b", "-", "_", "eu-de\n", "evil.example.com/", "evil.example.com#", "evil.example.com:443"}
	for r := range rune(0x250) {
		regions = append(regions, "evil.example.com"+string(r), string(r)+"evil.example.com", "a"+string(r)+"b")
	}
	accepted := 0
	for _, region := range regions {
		network := roundTripper(func(req *http.Request) (*http.Response, error) {
			if !strings.HasSuffix(req.URL.Hostname(), ".otc.t-systems.com") || req.URL.Scheme != "https" || req.URL.Port() != "" || req.URL.User != nil {
				t.Errorf("%q: a request to %s", region, req.URL)
			}
			return reply(req, http.StatusCreated, `{"token": {"project": {"id": "p"}, "catalog": []}}`, "X-Subject-Token", "t"), nil
		})
		options := user(network)
		options.Region, options.ProjectName = region, "eu-de"
		session, err := Open(t.Context(), options)
		if err != nil {
			if e := configErrorFrom(t, err); e.Attribute != "region" {
				t.Errorf("%q: %v", region, e)
			}
			continue
		}
		accepted++
		if host := session.Endpoint.Host; !strings.HasSuffix(host, ".otc.t-systems.com") {
			t.Errorf("%q: the endpoint is at %s", region, host)
		}
	}
	if accepted < 20 {
		t.Errorf("only %d regions were accepted", accepted)
	}
}
