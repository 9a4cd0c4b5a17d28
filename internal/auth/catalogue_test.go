package auth

import (
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

	tests := []struct {
		name, catalogue string
		change          func(*Options)
		want            string // empty: refused
		attribute       string
	}{
		{"of several", catalogue, nil, "https://ma.example.com/v1/", ""},
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
		{"configured", catalogue, func(o *Options) { o.Endpoint = "https://b.example.com" }, "https://b.example.com", ""},
		{"plain http", entry("modelarts", "public", "eu-de", "http://a.example.com"), nil, "", "endpoint"},
		{"nothing", entry("modelarts", "public", "eu-de", ""), nil, "", "endpoint"},
		{"a template", entry("modelarts", "public", "eu-de", "https://a.example.com/v1/$(tenant_id)s"), nil, "", "endpoint"},
		{
			"plain http, insecure", entry("modelarts", "public", "eu-de", "http://a.example.com"),
			func(o *Options) { o.Insecure = true }, "http://a.example.com/", "",
		},
		{
			"no region, several", catalogue,
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
			func(o *Options) { o.Region, o.AuthURL, o.ProjectID = "", "https://iam.example.com/v3", projectID }, "", "region",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()

			options := user(&cloud{token: `{"project": {"id": "` + projectID + `"}, "catalog": ` + test.catalogue + `}`})
			if test.change != nil {
				test.change(&options)
			}

			session, err := Open(t.Context(), options)
			if test.want == "" {
				e := configErrorFrom(t, err)
				if e.Attribute != test.attribute || e.Attribute == "endpoint" && !strings.Contains(e.Summary, "catalogue") {
					t.Errorf("%+v", e)
				}
			} else if err != nil || session.Endpoint.String() != test.want {
				t.Errorf("%+v, %v", session, err)
			}
		})
	}
}
