package auth

import "testing"

// A proxy variable that isn't a URL is an error before any request, with and without IAM.
func TestProxyVariableThatIsNoURL(t *testing.T) {
	t.Setenv("https_proxy", "http://user:"+password+"#1@proxy.example.com:3128")
	for _, options := range []Options{
		user(unreachable(t)),
		{Token: "a-token", ProjectID: projectID, Endpoint: "https://ma.example.com", Transport: unreachable(t)},
	} {
		_, err := Open(t.Context(), options)
		if e := configErrorFrom(t, err); e.Attribute != "" || e.Summary != "Invalid https_proxy" {
			t.Errorf("%+v", e)
		}
	}
}
