package httpclient

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// setProxies sets the proxy variables of a test.
func setProxies(t *testing.T, variables map[string]string) {
	t.Helper()
	for _, name := range []string{"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"} {
		t.Setenv(name, variables[name])
	}
}

const password = "hunter2-secret"

// A value that net/http would ignore, or take for another host, is an error that shows nothing of it.
func TestProxyVariable(t *testing.T) {
	for value, want := range map[string]string{
		"https://proxy.example.com":           "https://proxy.example.com",
		"socks5://u:p%40ss@proxy.example.com": "socks5://u:p%40ss@proxy.example.com",
		"socks5h://proxy.example.com:1080":    "socks5h://proxy.example.com:1080",
		"proxy.example.com":                   "http://proxy.example.com",
		"user:p:a@ss@proxy.example.com:3128":  "http://user:p%3Aa%40ss@proxy.example.com:3128",
		"http://[::1]:3128":                   "http://[::1]:3128",
		"":                                    "<nil>",

		"http://user:" + password + "%zz@proxy.example.com:3128": "",
		"http://user:" + password + "#1@proxy.example.com:3128":  "",
		"http://user:" + password + "?1@proxy.example.com:3128":  "",
		`"http://proxy.example.com:3128"`:                        "",
		"http:/proxy.example.com:3128":                           "",
		"http://":                                                "",
		"http://proxy.example.com:" + password:                   "",
		"http://proxy.example.com:0":                             "",
		"http://proxy.example.com:99999":                         "",
		"http://proxy.example.com:3128/proxy.pac":                "",
		"http://proxy.example.com:3128/#a":                       "",
		"socks4://proxy.example.com:1080":                        "",
	} {
		for _, variable := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
			setProxies(t, map[string]string{variable: value})
			scheme, _, _ := strings.Cut(strings.ToLower(variable), "_")
			target := &url.URL{Scheme: scheme, Host: "iam.example.com"}
			got, err := ProxyFor(target)
			if want == "" {
				err = sendTo(t.Context(), clientOn(throughProxy(), withRetries(0)), http.MethodGet, target.String(), nil)
			}
			invalid, ok := errors.AsType[*ProxyVariableError](err)
			if ok != (want == "") || ok && (invalid.Variable != variable || strings.Contains(err.Error(), password) || !strings.Contains(err.Error(), "add iam.example.com to NO_PROXY")) ||
				!ok && fmt.Sprint(got) != want {
				t.Errorf("%s=%s: %v, %v", variable, value, got, err)
			}
		}
	}
	// A value matters only for a target that goes through the proxy.
	const value = "not a URL"
	for _, exempt := range []map[string]string{
		{"HTTP_PROXY": value, "http_proxy": value}, // of another scheme
		{"ALL_PROXY": value, "all_proxy": value},   // which neither net/http nor Terraform reads
		{"HTTPS_PROXY": value, "NO_PROXY": "*"},
		{"HTTPS_PROXY": value, "no_proxy": "a.example.org,.otc.t-systems.com,ma.example.com"},
		{"HTTPS_PROXY": value, "https_proxy": "http://proxy.example.com"}, // the lower case takes precedence
	} {
		setProxies(t, exempt)
		if _, err := ProxyFor(&url.URL{Scheme: "https", Host: "iam.eu-de.otc.t-systems.com"}); err != nil {
			t.Errorf("%v: %v", exempt, err)
		}
	}
	setProxies(t, map[string]string{"HTTPS_PROXY": "http://proxy.example.com"})
	if local, err := ProxyFor(&url.URL{Scheme: "https", Host: "127.0.0.1:8080"}); local != nil || err != nil {
		t.Errorf("loopback goes through %v, %v", local, err)
	}
}

// The user of a proxy without a password can be a token.
func TestProxySecrets(t *testing.T) {
	setProxies(t, map[string]string{"HTTPS_PROXY": "http://user:" + password + "@proxy.example.com", "HTTP_PROXY": "http://a-token@proxy.example.com"})
	if got := ProxySecrets(); !slices.Equal(got, []string{"a-token", password}) {
		t.Errorf("%q", got)
	}
	setProxies(t, nil)
	if got := ProxySecrets(); len(got) > 0 {
		t.Errorf("without a proxy: %q", got)
	}
}
