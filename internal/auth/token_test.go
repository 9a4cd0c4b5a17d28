package auth

import (
	"strings"
	"testing"
)

// TestRegion has no region in most options, like the block of the documentation of the opentelekomcloud provider. The region is that of a
// project or of auth_url then.
func TestRegion(t *testing.T) {
	t.Parallel()
	const iamDE, de, nl = "iam.eu-de.otc.t-systems.com", "https://ma.example.com/v1/", "https://nl.example.com/"
	for name, test := range map[string]struct {
		options Options
		iam     string // host
		want    string // endpoint of the region
	}{
		"configured":           {Options{Region: "eu-nl", ProjectName: "eu-de_x", AuthURL: "https://" + iamDE + "/v3"}, iamDE, nl},
		"name of a project":    {Options{ProjectName: "eu-nl_x_y"}, "iam.eu-nl.otc.t-systems.com", nl},
		"other auth_url":       {Options{ProjectName: "eu-nl_x", AuthURL: "https://" + iamDE + "/v3"}, iamDE, nl},
		"delegated project":    {with(asAgency(Options{}), func(o *Options) { o.ProjectName = "eu-nl_own" }), iamDE, de},
		"project of the token": {Options{ProjectID: projectID, AuthURL: "https://iam.example.com/v3"}, "iam.example.com", nl},
		"auth_url":             {Options{ProjectName: "admin", AuthURL: "HTTPS://IAM.EU-DE.otc.t-systems.com/v3"}, iamDE, de},
	} {
		test.options.DomainName, test.options.UserName, test.options.Password = "OTC-EU-DE-1", "user", password
		c := &cloud{token: `{"project": {"id": "` + projectID + `", "name": "eu-nl_x"}, "catalog": ` + catalog + `}`}
		if got := open(t, c, test.options).Endpoint.String(); got != test.want || !strings.EqualFold(c.lastToIAM().URL.Host, test.iam) {
			t.Errorf("%s: %s, %s", name, got, c.lastToIAM().URL)
		}
	}
}
