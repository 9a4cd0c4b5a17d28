package auth

import (
	"strings"
	"testing"
)

// TestRegion has no region in the options, like blocks of the opentelekomcloud provider.
func TestRegion(t *testing.T) {
	t.Parallel()
	const address = "https://iam.eu-de.otc.t-systems.com"
	for name, test := range map[string]struct {
		options Options
		want    string
	}{
		"configured":           {Options{Region: "eu-nl", ProjectName: "eu-de_x", AuthURL: address + "/v3"}, "eu-nl"},
		"name of a project":    {Options{ProjectName: "eu-de_x_y"}, "eu-de"},
		"delegated project":    {Options{AgencyName: "a", DelegatedProject: "eu-nl_x", ProjectName: "eu-de_x"}, "eu-nl"},
		"project of the user":  {Options{AgencyName: "a", ProjectName: "eu-de_x"}, ""},
		"auth_url":             {Options{ProjectName: "admin", AuthURL: address + "/v3"}, "eu-de"},
		"auth_url in capitals": {Options{AuthURL: "HTTPS://IAM.EU-DE.otc.t-systems.com/v3"}, "eu-de"},
	} {
		test.options.Token, test.options.AgencyDomainName = "t", map[bool]string{true: "d"}[test.options.AgencyName != ""]
		_ = test.options.complete(&Session{})
		if got := test.options.region(); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// TestRegionOfTheAddresses has the block of the documentation of the opentelekomcloud provider.
func TestRegionOfTheAddresses(t *testing.T) {
	t.Parallel()
	named, byID, regional := in("", user()), in("", user()), in("", user())
	named.ProjectName, named.AuthURL = "eu-nl_x", "https://iam.example.com/v3"
	byID.ProjectID, byID.AuthURL = projectID, "https://iam.example.com/v3"
	regional.ProjectName = "eu-nl_x"
	for iam, options := range map[string]Options{"iam.example.com": named, "IAM.EXAMPLE.COM": byID, "iam.eu-nl.otc.t-systems.com": regional} {
		c := &cloud{token: `{"project": {"id": "` + projectID + `", "name": "eu-nl_x"}, "catalog": ` + catalog + `}`}
		if got := open(t, c, options).Endpoint.String(); got != "https://nl.example.com/" || !strings.EqualFold(c.lastToIAM().URL.Host, iam) {
			t.Errorf("%s, %s", got, c.lastToIAM().URL)
		}
	}
}
