package httpclient

import (
	"cmp"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// ProxyVariableError means that the environment variable that names the proxy isn't the URL of one. The
// error doesn't quote the value, because it can have a password in it.
type ProxyVariableError struct {
	Variable string
	Host     string // that the request is for
}

// Error implements error.
func (e *ProxyVariableError) Error() string {
	return "The value of the environment variable " + e.Variable + " isn't the URL of a proxy, such as " +
		"http://proxy.example.com:3128 or http://USER:PASSWORD@proxy.example.com:3128. The scheme is http, https or " +
		"socks5, nothing follows the port, and special characters in the user name and the password, such as " +
		"@ : / ? # and %, are percent-encoded. To connect without a proxy, unset the variable, or add " +
		e.Host + " to NO_PROXY."
}

// proxyVariable returns the environment variable that net/http reads the proxy for a scheme from,
// and its value.
func proxyVariable(scheme string) (name, value string) {
	lower := scheme + "_proxy"
	if value := os.Getenv(lower); value != "" {
		return lower, value
	}
	name = strings.ToUpper(lower)
	return name, os.Getenv(name)
}

// ProxyFor returns the proxy for requests to target, or nil for none. The variables and their
// precedence are those of net/http, which ignores some values that aren't URLs, and connects
// directly, and takes others for the name of another host. Here they are a *ProxyVariableError.
func ProxyFor(target *url.URL) (*url.URL, error) {
	name, value := proxyVariable(target.Scheme)
	if value == "" {
		return nil, nil
	}
	// Only a target that NO_PROXY doesn't exempt needs a valid value.
	environment := httpproxy.FromEnvironment()
	environment.HTTPProxy, environment.HTTPSProxy = "http://proxy.invalid", "http://proxy.invalid"
	if used, err := environment.ProxyFunc()(target); used == nil {
		return nil, err
	}
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	proxy, err := url.Parse(value)
	if err != nil || !isProxy(proxy) {
		return nil, &ProxyVariableError{Variable: name, Host: target.Hostname()}
	}
	return proxy, nil
}

// ProxySecrets returns the passwords, or else the users, of the proxies that the environment names.
func ProxySecrets() (secrets []string) {
	for _, scheme := range []string{"http", "https"} {
		if proxy, err := ProxyFor(&url.URL{Scheme: scheme, Host: "service.invalid"}); err == nil && proxy != nil {
			password, _ := proxy.User.Password()
			secrets = append(secrets, cmp.Or(password, proxy.User.Username())) // which can be a token
		}
	}
	return secrets
}

// isProxy reports whether u is a URL that net/http connects to as to a proxy.
func isProxy(u *url.URL) bool {
	port, err := strconv.ParseUint(cmp.Or(u.Port(), "80"), 10, 16)
	return slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) && u.Hostname() != "" &&
		err == nil && port > 0 && strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && u.Fragment == ""
}
