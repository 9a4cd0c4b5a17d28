package provider

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"go.yaml.in/yaml/v3"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// cloud has the values of a cloud of clouds.yaml by key, such as region_name or auth.username. It has the keys that openstacksdk documents.
// Under auth, it also has the keys that clients of Open Telekom Cloud add: ak, sk and security_token of gophertelekomcloud, and the target_
// keys of python-otcextensions. Keys that the provider doesn't read have no text.
type cloud struct {
	source
	name   string
	origin string // such as: cloud "otc" in clouds.yaml
}

// readCloud reads a cloud from clouds.yaml and secure.yaml. Its errors quote only the names of clouds and keys.
func readCloud(name string) (*cloud, error) {
	c := &cloud{source: source{}, name: name}
	files := cloudsFiles()
	file, names, err := c.addFile("OS_CLIENT_CONFIG_FILE", files...)
	switch {
	case err != nil:
		return nil, err
	case file == "":
		return nil, fmt.Errorf("no clouds.yaml was found: none of %s exists. Set OS_CLIENT_CONFIG_FILE to the path of the file", strings.Join(files, ", "))
	case !slices.Contains(names, name):
		return nil, fmt.Errorf("the file %s has no such cloud. Clouds in the file: %s", file, listed(names))
	}
	folder := filepath.Dir(file)
	if _, _, err := c.addFile("OS_CLIENT_SECURE_FILE", filepath.Join(folder, "secure.yaml"), filepath.Join(folder, "secure.yml")); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("the %s %w", c.origin, err)
	}
	return c, nil
}

// addFile adds the cloud of the file that an environment variable names, or else of the first of the files that exists. It returns the
// file, or "" if there is none, and the names of its clouds.
func (c *cloud) addFile(variable string, files ...string) (file string, names []string, err error) {
	file, content, err := readFirst(variable, files...)
	if err != nil {
		return "", nil, err
	}
	var decoded struct{ Clouds map[string]yaml.Node }
	if err := yaml.Unmarshal(content, &decoded); err != nil {
		return "", nil, unreadable(file, err)
	}
	if entry, ok := decoded.Clouds[c.name]; ok {
		origin := fmt.Sprintf("cloud %q in %s", c.name, file)
		c.origin = cmp.Or(c.origin, origin)
		isNamed := os.Getenv("OS_CLIENT_CONFIG_FILE") != "" || os.Getenv(variable) != ""
		err = c.add(file, &entry, value{origin: origin, discovered: !isNamed && filepath.Dir(file) == "."})
	}
	return file, slices.Collect(maps.Keys(decoded.Clouds)), err
}

// add adds the keys of an entry of a file. A key without a value replaces no value of another file. Like openstacksdk, it reads a dash in a
// key as an underscore.
func (c *cloud) add(file string, entry *yaml.Node, origin value) error {
	var keys struct {
		Auth  map[string]yaml.Node `yaml:"auth"`
		Other map[string]yaml.Node `yaml:",inline"`
	}
	if err := entry.Decode(&keys); err != nil {
		return unreadable(file, err)
	}
	nodes := map[string]yaml.Node{}
	maps.Copy(nodes, keys.Other)
	for key, node := range keys.Auth {
		nodes["auth."+key] = node
	}
	for _, written := range slices.Sorted(maps.Keys(nodes)) {
		key, node := strings.ReplaceAll(written, "-", "_"), nodes[written]
		read := slices.Contains(cloudKeys, key)
		origin.text = ""
		var err error
		if key == "verify" {
			var verify bool
			err = node.Decode(&verify)
			origin.text = strconv.FormatBool(verify)
		} else if read {
			err = node.Decode(&origin.text)
		}
		if err != nil {
			return fmt.Errorf("%w: write one value for %s", unreadable(file, err), strings.TrimPrefix(key, "auth."))
		}
		if node.ShortTag() != "!!null" && (origin.text != "" || !read) {
			c.source[key] = origin
		}
	}
	return nil
}

// cloudsFiles returns the paths at which openstacksdk searches for clouds.yaml.
func cloudsFiles() (files []string) {
	folders := []string{"."}
	if user := os.Getenv("XDG_CONFIG_HOME"); user != "" {
		folders = append(folders, filepath.Join(user, "openstack"))
	}
	if home, err := os.UserHomeDir(); err == nil {
		folders = append(folders, filepath.Join(home, ".config", "openstack"))
	}
	for _, folder := range append(folders, "/etc/openstack") {
		files = append(files, filepath.Join(folder, "clouds.yaml"), filepath.Join(folder, "clouds.yml"))
	}
	return files
}

// readFirst reads the file that an environment variable names, or else the first of the files that exists. If there is none, it returns "".
func readFirst(variable string, files ...string) (file string, content []byte, err error) {
	named, subject := os.Getenv(variable), "the file"
	if named != "" {
		files, subject = []string{named}, "the file that "+variable+" names"
	}
	if flaw := auth.Flaw(named); flaw != "" {
		subject += " (the value " + flaw + ")"
	}
	for _, file := range files {
		content, err := os.ReadFile(file) //nolint:gosec // the user's own file
		// A daemon can have HOME=/dev/null, which isn't a folder.
		if named == "" && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)) {
			continue
		}
		if err != nil {
			err = fmt.Errorf("%s can't be read: %w", subject, err)
		}
		return file, content, err
	}
	return "", nil, nil
}

var linePattern = regexp.MustCompile(`line \d+`)

// unreadable returns an error with only the line number of a YAML error, because the rest can quote a password in the file.
func unreadable(file string, err error) error {
	return fmt.Errorf("the file %s isn't YAML in the format of clouds.yaml (%s)", file, cmp.Or(linePattern.FindString(err.Error()), "unknown line"))
}

// listed joins the names of clouds or keys in an error, up to 1000 bytes.
func listed(names []string) string {
	return cmp.Or(sanitize.Line(strings.Join(slices.Sorted(slices.Values(names)), ", "), 1000), "none")
}

// cloudKeys are the keys that the provider reads.
var cloudKeys = func() []string {
	keys := []string{
		"profile", "cloud", "auth_type", "verify", // cloud is the older name of profile
		"auth.domain_id", "auth.domain_name", "auth.user_domain_id", "auth.user_domain_name",
		"auth.project_domain_id", "auth.project_domain_name", "auth.default_domain", // an ID
	}
	for _, s := range settings {
		if s.key != "" {
			keys = append(keys, s.key)
		}
	}
	return keys
}()

// misplaced returns the keys of auth that are beside auth, except ak, sk and security_token, which are for OBS there.
func (c *cloud) misplaced() (keys []string) {
	for key := range c.source {
		if slices.Contains(cloudKeys, "auth."+key) && !slices.Contains([]string{"ak", "sk", "security_token"}, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// noCredentials describes a cloud without credentials by its keys.
func (c *cloud) noCredentials() string {
	keys := c.misplaced()
	for _, key := range cloudKeys {
		if c.has(key) {
			keys = append(keys, strings.TrimPrefix(key, "auth."))
		}
	}
	return `has no credentials under "auth". Keys of the cloud: ` + listed(keys)
}

// authTypes are the supported types. They send the credentials of auth only to IAM. The types for federated users send them to another
// server.
var authTypes = []string{"", "password", "v2password", "v3password", "token", "v2token", "v3token", "v3totp", "v3multifactor"}

// redirecting matches the keys beside auth with addresses to which other clients send a token.
var redirecting = regexp.MustCompile(`^(identity|modelarts|modelartsv1)_endpoint(_override)?$`)

// check returns an error for unsupported keys that change the credentials or their destination.
func (c *cloud) check() error {
	for _, key := range slices.Sorted(maps.Keys(c.source)) {
		switch {
		case key == "regions":
			return errors.New("has the key regions, which isn't supported: set region_name, and write the values of the region into the cloud")
		case redirecting.MatchString(key):
			return fmt.Errorf("has the key %s, which isn't supported: remove it, and set auth_url or endpoint in the provider block", key)
		}
	}
	authType, profile, misplaced := c.source["auth_type"].text, cmp.Or(c.source["profile"].text, c.source["cloud"].text), c.misplaced()
	_, hasCredentials := sources{c.settings()}.method()
	switch {
	case !slices.Contains(authTypes, authType):
		return fmt.Errorf("has the auth_type %.100q, which isn't supported", authType)
	case len(misplaced) > 0 && !hasCredentials:
		return fmt.Errorf(`%s. Move %s under "auth"`, c.noCredentials(), listed(misplaced))
	case len(misplaced) > 0:
		return fmt.Errorf(`has %s beside "auth": move it under "auth"`, listed(misplaced))
	case profile != "" && profile != "otc" && !c.has("auth.auth_url"):
		return fmt.Errorf("has the profile %.100q, which is unknown: set auth_url in the cloud", profile)
	}
	return nil
}

var idPattern = regexp.MustCompile(`^[0-9a-f]{32}$`)

// settings returns the values of the cloud by setting.
func (c *cloud) settings() source {
	s := source{}
	for _, setting := range settings {
		s[setting.name] = c.source[setting.key]
	}
	if id := s[agencyDomainID]; !idPattern.MatchString(id.text) {
		// In gophertelekomcloud, the key of the ID can have a name.
		s[agencyDomainID], s["agency_domain_name"] = value{}, cmp.Or(s["agency_domain_name"], id)
	}
	if insecure := c.source["verify"]; insecure.text == "false" {
		insecure.text = "true"
		s["insecure"] = insecure
	}
	s.setDomains(func(key string) value { return c.source["auth."+key] }, [2]value{c.source["auth.default_domain"]})
	return s
}
