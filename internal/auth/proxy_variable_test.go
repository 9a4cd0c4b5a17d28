package auth

import (
	"strings"
	"testing"
)

// A value that net/http would ignore, or take for another host, is an error before any request,
// which shows nothing of it. It has to matter for that.
func TestProxyVariableThatIsNoURL(t *testing.T) {
	for name, value := range map[string]string{
		"percent":                "http://user:" + password + "%zz@proxy.example.com:3128",
		"hash":                   "http://user:" + password + "#1@proxy.example.com:3128",
		"slash":                  "http://user:" + password + "/1@proxy.example.com:3128",
		"question mark":          "http://user:" + password + "?1@proxy.example.com:3128",
		"hash after at":          "http://user:a@" + password + "#1@proxy.example.com:3128",
		"encoded at":             "http://user:" + password + "%40proxy.example.com:3128",
		"space":                  "http://proxy.example.com:3128 " + password,
		"space at the end":       "http://proxy.example.com:3128 ",
		"nothing but a space":    " ",
		"line end":               "http://proxy.example.com:3128\r",
		"quotes":                 `"http://proxy.example.com:3128"`,
		"one slash":              "http:/proxy.example.com:3128",
		"no slash":               "http:proxy.example.com:3128",
		"no colon":               "http//proxy.example.com:3128",
		"scheme alone":           "http://",
		"port alone":             ":3128",
		"port as a word":         "http://proxy.example.com:" + password,
		"port 0":                 "http://proxy.example.com:0",
		"port beyond any":        "http://proxy.example.com:99999",
		"a path":                 "http://proxy.example.com:3128/proxy.pac",
		"a query":                "http://proxy.example.com:3128/?a=" + password,
		"another scheme":         "ftp://proxy.example.com:3128",
		"an older SOCKS":         "socks4://proxy.example.com:1080",
		"a scheme of no meaning": password + "://proxy.example.com",
		"two":                    "http://proxy.example.com:3128,http://other.example.com:3128",
		"IPv6 without brackets":  "http://::1:3128",
		"a word":                 "not a URL",
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
				setProxies(t, map[string]string{variable: value})
				scheme, _, _ := strings.Cut(strings.ToLower(variable), "_")
				options := user(unreachable(t))
				options.AuthURL, options.Insecure = scheme+"://iam.example.com/v3", true
				_, err := Open(t.Context(), options)
				e := configErrorFrom(t, err)
				if e.Attribute != "" || e.Summary != "Invalid "+variable || !strings.Contains(e.Detail, "add iam.example.com to NO_PROXY") {
					t.Errorf("%s: %+v", variable, e)
				}
				// An endpoint without IAM is checked as well.
				_, err = Open(t.Context(), Options{
					Token: "a-token", ProjectID: projectID, Endpoint: scheme + "://ma.example.com", Insecure: true, Transport: unreachable(t),
				})
				configErrorFrom(t, err)
			}
			for _, exempt := range []map[string]string{
				{"HTTP_PROXY": value},
				{"http_proxy": value}, // of another scheme
				{"ALL_PROXY": value},
				{"all_proxy": value}, // which neither net/http nor Terraform reads
				{"HTTPS_PROXY": value, "NO_PROXY": "*"},
				{"HTTPS_PROXY": value, "no_proxy": "a.example.org,.otc.t-systems.com,ma.example.com"},
				{"HTTPS_PROXY": value, "https_proxy": "http://proxy.example.com"}, // the lower case takes precedence
			} {
				setProxies(t, exempt)
				if _, err := Open(t.Context(), user(&cloud{})); err != nil {
					t.Errorf("%v: %v", exempt, err)
				}
			}
		})
	}
}
