package auth

import (
	"strings"
	"testing"
)

const documented = "https://modelarts.eu-de.otc.t-systems.com"

func TestEndpoint(t *testing.T) {
	t.Parallel()
	// entry returns a catalog, from the fields of an endpoint and its address.
	entry := func(fields, address string) string {
		f := strings.Fields(fields)
		return `{"type": "` + f[0] + `", "endpoints": [{"interface": "` + f[1] + `", "region": "` + f[2] + `", "region_id": "` + f[2] + `", "url": "` + address + `"}]}`
	}
	// public returns an entry of this region, from a type and a path.
	public := func(kind, path string) string { return entry(kind+" public eu-de", "https://a.example.com"+path) }
	other := entry("modelarts public eu-nl", "https://b.example.com")
	at := func(authURL string) func(*Options) {
		return func(o *Options) { o.AuthURL, o.Insecure = authURL, true }
	}
	noRegion := func(o *Options) { o.Region, o.AuthURL, o.ProjectID = "", "https://iam.example.com/v3", projectID }
	for name, test := range map[string]struct {
		catalog string
		change  func(*Options)
		want    string // address, or the attribute at fault
	}{
		"several":                    {strings.Trim(catalog, "[]"), nil, "https://ma.example.com/v1/"},
		"modelartsv1":                {public("modelartsv1", ""), nil, "https://a.example.com/"},
		"slash":                      {public("modelarts", "/"), nil, "https://a.example.com/"},
		"v1":                         {public("modelartsv1", "/v1"), nil, "https://a.example.com/v1/"},
		"project":                    {public("modelarts", "/v1/"+projectID), nil, "https://a.example.com/v1/" + projectID + "/"},
		"another project":            {public("modelarts", "/v1/other"), nil, "endpoint"},
		"below a path":               {public("modelarts", "/v2/gateway/v1/"+projectID), nil, "https://a.example.com/v2/gateway/v1/" + projectID + "/"},
		"v2":                         {public("modelarts", "/v2/"+projectID), nil, documented},
		"v2.1":                       {public("modelarts", "/v2.1/"+projectID), nil, documented},
		"v10":                        {public("modelarts", "/v10"), nil, documented},
		"v1 as modelartsv2":          {public("modelartsv2", ""), nil, documented},
		"v2, then v1":                {public("modelarts", "/v2/"+projectID) + "," + public("modelartsv1", "/v1"), nil, "https://a.example.com/v1/"},
		"v2, v1 of another region":   {public("modelarts", "/v2") + "," + other, nil, documented},
		"another service":            {entry("obs public eu-de", "https://a.example.com"), nil, documented},
		"another region":             {other, nil, documented},
		"internal":                   {entry("modelarts internal eu-de", "https://a.example.com"), nil, documented},
		"configured":                 {public("modelarts", ""), func(o *Options) { o.Endpoint = "https://b.example.com" }, "https://b.example.com"},
		"http":                       {entry("modelarts public eu-de", "http://a.example.com"), nil, "endpoint"},
		"http, insecure":             {entry("modelarts public eu-de", "http://a.example.com"), at(""), "endpoint"},
		"http with the host of IAM":  {entry("modelarts public eu-de", "http://iam.eu-de.otc.t-systems.com"), at(""), "endpoint"},
		"http like auth_url":         {entry("modelarts public eu-de", "http://127.0.0.1:9/v1"), at("http://127.0.0.1:9/v3"), "http://127.0.0.1:9/v1/"},
		"http like auth_url, case":   {entry("modelarts public eu-de", "http://A.example.com"), at("http://a.example.com/v3"), "http://A.example.com/"},
		"http, another port":         {entry("modelarts public eu-de", "http://127.0.0.1:9"), at("http://127.0.0.1:8/v3"), "endpoint"},
		"user":                       {entry("modelarts public eu-de", "https://secret@a.example.com"), nil, "endpoint"},
		"query":                      {public("modelarts", "/v1?a=secret"), nil, "endpoint"},
		"fragment":                   {public("modelarts", "/v1#secret"), nil, "endpoint"},
		"nothing":                    {entry("modelarts public eu-de", ""), nil, "endpoint"},
		"no region, several":         {public("modelarts", "") + "," + other, noRegion, "region"},
		"no region, two types":       {public("modelartsv1", "") + "," + public("modelarts", "/v1"), noRegion, "https://a.example.com/"},
		"no region, one":             {other, noRegion, "https://b.example.com/"},
		"no region, another version": {entry("modelarts public eu-nl", "https://b.example.com/v2") + "," + public("modelarts", "/v1"), noRegion, "https://a.example.com/v1/"},
		"no region, none":            {"", noRegion, "endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			options := user()
			if test.change != nil {
				test.change(&options)
			}
			session, err := openWith(t, &cloud{token: `{"project": {"id": "` + projectID + `"}, "catalog": [` + test.catalog + `]}`}, options)
			switch test.want {
			case "region", "endpoint":
				if fault := wantFault(t, err, test.want, "catalog"); strings.Contains(fault.Error(), "secret") {
					t.Errorf("%+v", fault)
				}
			default:
				if err != nil || session.Endpoint.String() != test.want {
					t.Errorf("%+v, %v", session, err)
				}
			}
		})
	}
}

// TestDefaultEndpoint uses IAM at other addresses than the one of Open Telekom Cloud. With these, a token or a signed request would go to a
// host that the user didn't configure.
func TestDefaultEndpoint(t *testing.T) {
	t.Parallel()
	for authURL, isDocumented := range map[string]bool{
		"":                                    true,
		"https://iam.eu-de.otc.t-systems.com": true,
		"https://iam.eu-nl.otc.t-systems.com:443/v3":         true, // the region of ModelArts is the configured one
		"HTTPS://IAM.EU-DE.OTC.T-SYSTEMS.COM/v3":             true,
		"https://iam.example.com/v3":                         false,
		"https://iam.eu-de.otc.t-systems.com.example.com/v3": false,
		"https://iam.eu-de.otc.t-systems.com:8443/v3":        false,
		"https://iam.eu-de.otc.t-systems.com.:443/v3":        false,
		"https://iam-eu-de.otc.t-systems.com/v3":             false,
		"https://iam.eu-ch2.sc.otc.t-systems.com/v3":         false,
		"http://127.0.0.1:9/v3":                              false,
	} {
		for _, options := range []Options{user(), keyOf()} {
			options.AuthURL, options.ProjectID, options.Sources = authURL, projectID, Sources{"auth_url": "OS_AUTH_URL"}
			c := &cloud{token: `{"project": {"id": "` + projectID + `"}, "catalog": []}`, paths: map[string]response{"/v3/auth/catalog": respond(200, "{}")}}
			session, err := openWith(t, c, options)
			source := map[bool]string{true: "default of region eu-de", false: "OS_AUTH_URL"}[authURL == ""]
			if !isDocumented {
				wantFault(t, err, "endpoint", "OS_MODELARTS_ENDPOINT", "auth_url (from OS_AUTH_URL)", "ModelArts in eu-de.")
			} else if err != nil || session.Endpoint.String() != documented || session.AuthURLSource != source || session.EndpointSource != "region" {
				t.Errorf("%s, %q: %+v, %v", options.method(), authURL, session, err)
			}
		}
	}
}

// TestNoRegionLeavesTheDomain tries regions that are a part of a host name. A region is a part of two default hosts, and can be in a file that
// another person wrote.
func TestNoRegionLeavesTheDomain(t *testing.T) {
	t.Parallel()
	for r := range rune(0x100) {
		for _, region := range []string{"evil.example.com" + string(r), string(r) + "evil.example.com"} {
			isHarmless := r == '-' || r == '.' || r == '_' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
			options := in(region, user())
			options.ProjectName = "eu-de"
			c := &cloud{}
			if _, err := openWith(t, c, options); !isHarmless {
				wantFault(t, err, "region")
			} else if host := c.lastToIAM().URL.Host; host != "iam."+region+".otc.t-systems.com" {
				t.Errorf("%q: a request to %s", region, host)
			}
		}
	}
}
