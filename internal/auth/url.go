package auth

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

// parseURL parses a URL that credentials are sent to. It accepts plain http only for this machine, unless insecure is true, because the
// network could read the credentials. It rejects a user, a query and a fragment, because they can have a secret, and requests would lack them.
func (o *Options) parseURL(attribute, raw string, insecure bool) (*url.URL, error) {
	source := o.Sources.Of(attribute)
	example := "https://" + map[string]string{"auth_url": "iam", "endpoint": "modelarts"}[attribute] + ".eu-de.otc.t-systems.com"
	u, err := url.Parse(raw)
	switch {
	case strings.ContainsAny(raw, "@?#"):
		return nil, invalid(attribute, "The URL%s has a user name or a password in it, a query (?) or a fragment (#). Remove it: write the scheme, the host and the path, such as %s. "+
			"Set user_name and password, or token, for the credentials.", source, example)
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, invalid(attribute, "%q%s isn't an http or https URL. Write a URL such as %s.", raw, source, example)
	case u.Scheme == "http" && !insecure && !loopback(u.Hostname()):
		return nil, &ConfigError{
			Attribute: attribute, Summary: "Insecure " + attribute,
			Detail: fmt.Sprintf("The URL%s begins with http, so the provider would send credentials unencrypted to %s. Write https. For tests, insecure = true (OS_INSECURE) accepts http.", source, u.Host),
		}
	}
	return u, nil
}

// checkProxy returns an error if the environment names a proxy for the URL, but the variable isn't valid.
func checkProxy(u *url.URL) error {
	_, err := httpclient.ProxyFor(u)
	if fault, ok := errors.AsType[*httpclient.ProxyVariableError](err); ok {
		return &ConfigError{Summary: "Invalid " + fault.Variable, Detail: fault.Error()}
	}
	return err
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

var (
	// projectPath matches the path of a ModelArts endpoint that ends in a project ID.
	projectPath = regexp.MustCompile(`/v1/([^/]+)/*$`)
	// otherVersion matches an address of ModelArts that ends in another version than v1, with or without a project ID.
	otherVersion = regexp.MustCompile(`[^/]/v([02-9]|1[0-9.])[0-9.]*(/[^/]*)?/*$`)
)

// projectIn returns the project ID at the end of a ModelArts endpoint, or "".
func projectIn(endpoint *url.URL) string { return submatch(projectPath, endpoint.Path) }
