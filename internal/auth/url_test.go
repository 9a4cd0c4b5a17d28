package auth

import (
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	for summary, addresses := range map[string]string{
		"": `https://modelarts.eu-de.otc.t-systems.com https://modelarts.eu-de.otc.t-systems.com:8443/v1/ HTTPS://modelarts.eu-de.otc.t-systems.com
			https://192.0.2.1 http://127.0.0.1:4000 http://127.9.8.7 http://localhost:4000 http://LOCALHOST:4000 http://[::1]:4000`,
		"Insecure endpoint": `http://modelarts.eu-de.otc.t-systems.com http://192.0.2.1 http://[2001:db8::1] http://0.0.0.0
			http://localhost.example.com http://127.0.0.1.example.com HTTP://example.com`,
		"Invalid endpoint": `modelarts.eu-de.otc.t-systems.com //modelarts.eu-de.otc.t-systems.com https:// https:/v1 https://:443/v1
			ftp://example.com file:///etc/passwd https://exa%20mple.com https://example.com:port
			https://user:hunter2@example.com https://user@example.com http://user:hunter2@127.0.0.1 ftp://user:hunter2@example.com
			//user:hunter2@example.com https://user:hunter2%zz@example.com https://user:hunter2@example.com:port
			https://example.com?token=hunter2 https://example.com/v1?token=hunter2 https://example.com/v1? https://example.com/v1#hunter2
			https://example.com/v1?a#hunter2 ftp://example.com/v1?token=hunter2 http://example.com/v1?token=hunter2 ?token=hunter2
			user:hunter2@example.com ftp://hunter2@example.com hunter2@example.com ftp://example.com/?token=hunter2 ftp://example.com/#hunter2`,
	} {
		for _, raw := range append(strings.Fields(addresses), map[bool][]string{true: {"", "https://exa mple.com"}}[summary == "Invalid endpoint"]...) {
			for _, insecure := range []bool{false, true} {
				u, err := (&Options{}).parseURL("endpoint", raw, insecure)
				if summary == "" || insecure && strings.HasPrefix(summary, "Insecure") {
					if err != nil || !strings.EqualFold(u.String(), raw) {
						t.Errorf("%s: %v, %v", raw, u, err)
					}
					continue
				}
				if fault := wantFault(t, err, "endpoint"); u != nil || fault.Summary != summary || strings.Contains(fault.Error(), "hunter2") {
					t.Errorf("%s: %v, %v", raw, u, fault)
				}
			}
		}
	}
}

// TestInvalidProxyVariable has a proxy variable that isn't a URL. It is an error before any request through the proxy.
func TestInvalidProxyVariable(t *testing.T) {
	t.Setenv("https_proxy", "http://user:"+password+"#1@proxy.example.com:3128")
	for exempt, options := range map[string]Options{
		"":                             user(),
		"iam.eu-nl.otc.t-systems.com":  static(tokenOf("t")),
		"iam.eu-de.otc.t-systems.com":  user(), // The catalog has another host.
		".eu-de.otc.t-systems.com,a.b": static(keyOf()),
	} {
		t.Setenv("no_proxy", exempt)
		_, err := openWith(t, &cloud{}, options)
		if fault := wantFault(t, err, ""); fault.Summary != "Invalid https_proxy" {
			t.Errorf("%s: %+v", exempt, fault)
		}
	}
}
