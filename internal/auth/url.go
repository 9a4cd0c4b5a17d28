package auth

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

// parseURL parses a URL that credentials are sent to. Its errors are *ConfigError. It accepts plain http only for this machine, unless
// insecure is true, because the network could read the credentials. It rejects a query and a fragment, because they can have a secret,
// and requests would lack them. If the environment names a proxy for the URL, that variable has to be valid.
func parseURL(attribute, raw string, insecure bool) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case strings.ContainsAny(raw, "?#"):
		return nil, &ConfigError{
			Attribute: attribute, Summary: "Invalid " + attribute,
			Detail: fmt.Sprintf("The URL has a query (?) or a fragment (#). Remove it: write the scheme, the host and the path, such as "+
				"https://%s.eu-de.otc.t-systems.com.", hostOf(attribute)),
		}
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, &ConfigError{
			Attribute: attribute, Summary: "Invalid " + attribute,
			Detail: fmt.Sprintf("%q isn't an http or https URL. Write a URL such as https://%s.eu-de.otc.t-systems.com.", redacted(raw), hostOf(attribute)),
		}
	case u.User != nil:
		return nil, &ConfigError{
			Attribute: attribute, Summary: "Invalid " + attribute,
			Detail: "The URL has a user name or a password in it. Remove them from the URL, and set user_name and password, or token.",
		}
	case u.Scheme == "http" && !insecure && !loopback(u.Hostname()):
		return nil, &ConfigError{
			Attribute: attribute, Summary: "Insecure " + attribute,
			Detail: fmt.Sprintf("The URL would send credentials unencrypted to %s. Write https, or for tests set insecure = true (OS_INSECURE).", u.Host),
		}
	}
	_, err = httpclient.ProxyFor(u)
	if invalid, ok := errors.AsType[*httpclient.ProxyVariableError](err); ok {
		return nil, &ConfigError{Summary: "Invalid " + invalid.Variable, Detail: invalid.Error()}
	}
	return u, err
}

// configuredURL parses a configured URL or a default. An error names the source of the value.
func (o *Options) configuredURL(attribute, raw string) (*url.URL, error) {
	u, err := parseURL(attribute, raw, o.Insecure)
	return u, o.withSource(err)
}

// withSource adds the source of the value to an error, unless the source is the provider block.
func (o *Options) withSource(err error) error {
	if fault, ok := errors.AsType[*ConfigError](err); ok && o.Sources[fault.Attribute] != "" {
		fault.Detail += fmt.Sprintf(" The value of %s comes from %s.", fault.Attribute, o.Sources[fault.Attribute])
	}
	return err
}

// projectIn returns the project ID at the end of a ModelArts endpoint, or "".
func projectIn(endpoint *url.URL) string {
	version, id := path.Split(strings.TrimRight(endpoint.Path, "/"))
	if !strings.HasSuffix(version, "/v1/") {
		return ""
	}
	return id
}

var versionName = regexp.MustCompile(`^v[0-9][0-9.]*$`)

// isOtherVersion reports whether an address of ModelArts ends in another version than v1, with or without a project ID, such as
// /v2/{project_id}.
func isOtherVersion(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	segments := strings.Split(strings.Trim(u.Path, "/"), "/")
	return slices.ContainsFunc(segments[max(0, len(segments)-2):], func(segment string) bool {
		return segment != "v1" && versionName.MatchString(segment)
	})
}

func hostOf(attribute string) string {
	if attribute == "auth_url" {
		return "iam"
	}
	return "modelarts"
}

// redacted returns an invalid URL for an error, or "…" if the URL can have a password or a token.
func redacted(raw string) string {
	if strings.ContainsAny(raw, "@?#") {
		return "…"
	}
	return raw
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
