package auth

import (
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	const (
		invalid = "Invalid endpoint"
		plain   = "Insecure endpoint"
	)
	tests := []struct {
		raw      string
		insecure bool
		want     string // summary of the error; empty is none
	}{
		{"https://modelarts.eu-de.otc.t-systems.com", false, ""},
		{"https://modelarts.eu-de.otc.t-systems.com:8443/v1/", false, ""},
		{"HTTPS://modelarts.eu-de.otc.t-systems.com", false, ""},
		{"https://192.0.2.1", false, ""},
		{"http://127.0.0.1:4000", false, ""},
		{"http://127.9.8.7", false, ""},
		{"http://localhost:4000", false, ""},
		{"http://LOCALHOST:4000", false, ""},
		{"http://[::1]:4000", false, ""},
		{"http://modelarts.eu-de.otc.t-systems.com", true, ""},
		{"http://192.0.2.1", true, ""},
		{"http://modelarts.eu-de.otc.t-systems.com", false, plain},
		{"http://192.0.2.1", false, plain},
		{"http://[2001:db8::1]", false, plain},
		{"http://0.0.0.0", false, plain},
		{"http://localhost.example.com", false, plain},
		{"http://127.0.0.1.example.com", false, plain},
		{"HTTP://example.com", false, plain},
		{"", false, invalid},
		{"modelarts.eu-de.otc.t-systems.com", false, invalid},
		{"//modelarts.eu-de.otc.t-systems.com", false, invalid},
		{"https://", false, invalid},
		{"https:/v1", false, invalid},
		{"https://:443/v1", false, invalid},
		{"ftp://example.com", true, invalid},
		{"file:///etc/passwd", true, invalid},
		{"https://exa mple.com", false, invalid},
		{"https://example.com:port", false, invalid},
		{"https://user:hunter2@example.com", false, invalid},
		{"https://user@example.com", false, invalid},
		{"http://user:hunter2@127.0.0.1", true, invalid},
		{"ftp://user:hunter2@example.com", false, invalid},
		{"//user:hunter2@example.com", false, invalid},
		{"https://user:hunter2%zz@example.com", false, invalid},
		{"https://user:hunter2@example.com:port", false, invalid},
		{"https://example.com?token=hunter2", false, invalid},
		{"https://example.com/v1?token=hunter2", false, invalid},
		{"https://example.com/v1?", false, invalid},
		{"https://example.com/v1#hunter2", false, invalid},
		{"https://example.com/v1?a#hunter2", false, invalid},
		{"ftp://example.com/v1?token=hunter2", false, invalid},
		{"http://example.com/v1?token=hunter2", false, invalid},
		{"?token=hunter2", false, invalid},
		// Without a scheme in front, Go takes the user for one.
		{"user:hunter2@example.com", false, invalid},
		{"ftp://hunter2@example.com", false, invalid},
		{"hunter2@example.com", false, invalid},
		{"ftp://example.com/?token=hunter2", false, invalid},
		{"ftp://example.com/#hunter2", false, invalid},
	}
	for _, test := range tests {
		t.Run(test.raw, func(t *testing.T) {
			t.Parallel()
			u, err := (&Options{}).parseURL("endpoint", test.raw, test.insecure)
			if test.want == "" {
				if err != nil || !strings.EqualFold(u.String(), test.raw) {
					t.Errorf("%v, %v", u, err)
				}
				return
			}
			e := configErrorFrom(t, err)
			if u != nil || e.Attribute != "endpoint" || e.Summary != test.want {
				t.Errorf("%v, %+v", u, e)
			}
			if strings.Contains(e.Error(), "hunter2") {
				t.Errorf("a secret is shown: %v", e)
			}
		})
	}
}

func TestParseURLNamesAnExample(t *testing.T) {
	t.Parallel()
	for attribute, host := range map[string]string{"auth_url": "https://iam.eu-de.", "endpoint": "https://modelarts.eu-de."} {
		_, err := (&Options{}).parseURL(attribute, "x", false)
		if e := configErrorFrom(t, err); e.Attribute != attribute || !strings.Contains(e.Detail, host) {
			t.Errorf("%+v", e)
		}
	}
}

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
