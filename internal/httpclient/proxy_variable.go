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

// ProxyVariableError means that the environment variable of the proxy isn't the URL of a proxy. The error doesn't quote the value,
// because the value can have a password.
type ProxyVariableError struct {
	Variable string
	Host     string // of the request
}

func (e *ProxyVariableError) Error() string {
	return "The value of the environment variable " + e.Variable + " isn't the URL of a proxy, such as " +
		"http://proxy.example.com:3128 or http://USER:PASSWORD@proxy.example.com:3128. The scheme is http, https or " +
		"socks5, nothing follows the port, and special characters in the user name and the password, such as " +
		"@ : / ? # and %, are percent-encoded. To connect without a proxy, unset the variable, or add " +
		e.Host + " to NO_PROXY."
}

// proxyVariable returns the name and the value of the environment variable with the proxy for a scheme. Like curl and
// golang.org/x/net, it prefers the lower case, which the net/http of Go 1.26 doesn't.
func proxyVariable(scheme string) (name, value string) {
	lower := scheme + "_proxy"
	if value := os.Getenv(lower); value != "" {
		return lower, value
	}
	name = strings.ToUpper(lower)
	return name, os.Getenv(name)
}

// ProxyFor returns the proxy for requests to target, or nil if there is none. The variables are those of net/http.
// If a value isn't the URL of a proxy, net/http connects directly or uses another host. Here, such a value is a *ProxyVariableError.
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

// ProxySecrets returns the passwords of the proxies that the environment names. For a proxy without a password, it returns the user
// name.
func ProxySecrets() (secrets []string) {
	for _, scheme := range []string{"http", "https"} {
		if proxy, err := ProxyFor(&url.URL{Scheme: scheme, Host: "service.invalid"}); err == nil && proxy != nil {
			password, _ := proxy.User.Password()
			secrets = append(secrets, cmp.Or(password, proxy.User.Username())) // The user name can be a token.
		}
	}
	return secrets
}

// isProxy reports whether net/http can use u as the URL of a proxy.
func isProxy(u *url.URL) bool {
	port, err := strconv.ParseUint(cmp.Or(u.Port(), "80"), 10, 16)
	return slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) && u.Hostname() != "" &&
		err == nil && port > 0 && strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && u.Fragment == ""
}
