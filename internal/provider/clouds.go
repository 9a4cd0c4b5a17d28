package provider

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"go.yaml.in/yaml/v3"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// Names for keys of clouds.yaml that have no attribute in the provider block.
const (
	projectDomainID    = "project_domain_id"
	projectDomainName  = "project_domain_name"
	agencyDomainID     = "agency_domain_id"
	delegatedProjectID = "delegated_project_id"
)

// cloudsFile is clouds.yaml or secure.yaml.
type cloudsFile struct {
	Clouds map[string]yaml.Node `yaml:"clouds"`
}

// cloud is an entry of clouds.yaml. It has the keys that openstacksdk documents. Under auth, it also has the keys that clients of Open Telekom
// Cloud add: ak, sk and security_token of gophertelekomcloud, and the target_ keys of python-otcextensions. The keys ak and sk beside auth
// are only for OBS.
type cloud struct {
	Profile    string `yaml:"profile"`
	Cloud      string `yaml:"cloud"` // the older name of profile
	AuthType   string `yaml:"auth_type"`
	RegionName string `yaml:"region_name"`
	Verify     *bool  `yaml:"verify"`
	CACert     string `yaml:"cacert"`
	Cert       string `yaml:"cert"`
	Key        string `yaml:"key"`
	Auth       struct {
		AuthURL           string `yaml:"auth_url"`
		UserName          string `yaml:"username"`
		UserID            string `yaml:"user_id"`
		Password          string `yaml:"password"`
		Passcode          string `yaml:"passcode"`
		Token             string `yaml:"token"`
		ProjectName       string `yaml:"project_name"`
		ProjectID         string `yaml:"project_id"`
		DomainName        string `yaml:"domain_name"`
		DomainID          string `yaml:"domain_id"`
		UserDomainName    string `yaml:"user_domain_name"`
		UserDomainID      string `yaml:"user_domain_id"`
		ProjectDomainName string `yaml:"project_domain_name"`
		ProjectDomainID   string `yaml:"project_domain_id"`
		DefaultDomain     string `yaml:"default_domain"` // an ID
		AccessKey         string `yaml:"ak"`
		SecretKey         string `yaml:"sk"`
		SecurityToken     string `yaml:"security_token"`
		AgencyName        string `yaml:"target_agency_name"`
		AgencyDomainID    string `yaml:"target_domain_id"`
		AgencyDomainName  string `yaml:"target_domain_name"`
		DelegatedID       string `yaml:"target_project_id"`
		DelegatedProject  string `yaml:"target_project_name"`

		Other map[string]yaml.Node `yaml:",inline"`
	} `yaml:"auth"`

	Other map[string]yaml.Node `yaml:",inline"`
}

// foundCloud is a cloud of clouds.yaml, merged with the values of secure.yaml.
type foundCloud struct {
	cloud
	secrets        cloud // only the values of secure.yaml
	public, secure value // origins of the values of clouds.yaml and secure.yaml, without a text
}

// readCloud returns the values of a cloud by attribute. Its errors don't quote the files.
func readCloud(name string) (source, error) {
	c, err := openCloud(name)
	if err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("the %s %w", c.public.origin, err)
	}
	values := newSource(c.public, c.values())
	for attribute, secret := range newSource(c.secure, c.secrets.values()) {
		if values[attribute].text == secret.text {
			values[attribute] = secret
		}
	}
	return values, nil
}

// openCloud decodes a cloud from clouds.yaml and secure.yaml. Its errors quote only the names of clouds and keys.
func openCloud(name string) (*foundCloud, error) {
	file, content, err := findClouds()
	if err != nil {
		return nil, err
	}
	clouds, err := parseClouds(file, content)
	if err != nil {
		return nil, err
	}
	entry, ok := clouds.Clouds[name]
	if !ok {
		return nil, fmt.Errorf("the file %s has no such cloud. Clouds in the file: %s", file, namesOf(clouds.Clouds))
	}
	c := &foundCloud{}
	if err := entry.Decode(&c.cloud); err != nil {
		return nil, misshapen(file, &entry, err)
	}
	secure, content, err := findSecure(filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	clouds, err = parseClouds(secure, content)
	if err != nil {
		return nil, err
	}
	if entry, ok := clouds.Clouds[name]; ok {
		if err := errors.Join(entry.Decode(&c.cloud), entry.Decode(&c.secrets)); err != nil { // over the values of clouds.yaml
			return nil, misshapen(secure, &entry, err)
		}
	}
	origin := func(file string) string { return fmt.Sprintf("cloud %q in %s", name, file) }
	found := filepath.Dir(file) == "." && os.Getenv("OS_CLIENT_CONFIG_FILE") == ""
	c.public = value{origin: origin(file), discovered: found}
	c.secure = value{origin: origin(secure), discovered: found && os.Getenv("OS_CLIENT_SECURE_FILE") == ""}
	return c, nil
}

// findClouds reads the file in OS_CLIENT_CONFIG_FILE, or else the first clouds.yaml in the folders of openstacksdk.
func findClouds() (file string, content []byte, err error) {
	if configured := os.Getenv("OS_CLIENT_CONFIG_FILE"); configured != "" {
		return readNamed("OS_CLIENT_CONFIG_FILE", configured)
	}
	folders := []string{"."}
	if user := os.Getenv("XDG_CONFIG_HOME"); user != "" {
		folders = append(folders, filepath.Join(user, "openstack"))
	}
	if home, err := os.UserHomeDir(); err == nil {
		folders = append(folders, filepath.Join(home, ".config", "openstack"))
	}
	var files []string
	for _, folder := range append(folders, "/etc/openstack") {
		files = append(files, filepath.Join(folder, "clouds.yaml"), filepath.Join(folder, "clouds.yml"))
	}
	for _, file := range files {
		content, err := os.ReadFile(file) //nolint:gosec // the user's own file
		if err == nil {
			return file, content, nil
		}
		// A daemon can have HOME=/dev/null, which isn't a folder.
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			return "", nil, fmt.Errorf("the file can't be read: %w", err)
		}
	}
	return "", nil, fmt.Errorf("no clouds.yaml was found: none of %s exists. Set OS_CLIENT_CONFIG_FILE to the path of the file",
		strings.Join(files, ", "))
}

// findSecure reads the file in OS_CLIENT_SECURE_FILE, or else secure.yaml in the folder of clouds.yaml. Without secure.yaml, it returns no
// error.
func findSecure(folder string) (file string, content []byte, err error) {
	if configured := os.Getenv("OS_CLIENT_SECURE_FILE"); configured != "" {
		return readNamed("OS_CLIENT_SECURE_FILE", configured)
	}
	for _, name := range []string{"secure.yaml", "secure.yml"} {
		file = filepath.Join(folder, name)
		content, err = os.ReadFile(file) //nolint:gosec // the user's own file
		if err == nil {
			return file, content, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", nil, fmt.Errorf("the secrets of the cloud can't be read: %w", err)
		}
	}
	return "", nil, nil
}

// readNamed reads the file that an environment variable names.
func readNamed(variable, file string) (string, []byte, error) {
	content, err := os.ReadFile(file) //nolint:gosec // the user's own file
	if err == nil {
		return file, content, nil
	}
	err = fmt.Errorf("the file that %s names can't be read: %w", variable, err)
	if flaw := auth.Flaw(file); flaw != "" {
		err = fmt.Errorf("%w (the value %s)", err, flaw)
	}
	return "", nil, err
}

func parseClouds(file string, content []byte) (clouds cloudsFile, err error) {
	if err := yaml.Unmarshal(content, &clouds); err != nil {
		return cloudsFile{}, unreadable(file, err)
	}
	return clouds, nil
}

var linePattern = regexp.MustCompile(`line \d+`)

// unreadable returns an error with only the line number of a YAML error, because the rest can quote a password in the file.
func unreadable(file string, err error) error {
	where := linePattern.FindString(err.Error())
	if where == "" {
		where = "unknown line"
	}
	return fmt.Errorf("the file %s isn't YAML in the format of clouds.yaml (%s)", file, where)
}

// misshapen returns the error of an entry that can't be decoded. If a key such as region_name has a list or a map instead of text, the error
// names the key.
func misshapen(file string, entry *yaml.Node, err error) error {
	err = unreadable(file, err)
	pairs := entry.Content
	for i := 0; i+1 < len(pairs); i += 2 {
		key, value := pairs[i].Value, pairs[i+1]
		switch {
		case value.Kind != yaml.SequenceNode && value.Kind != yaml.MappingNode:
		case key == "auth":
			pairs = append(pairs, value.Content...)
		case slices.Contains(cloudKeys, key) || slices.Contains(authKeys, key):
			return fmt.Errorf("%w: write one value for %s", err, key)
		}
	}
	return err
}

// maxNames is the maximum length of the names of clouds in an error, in bytes.
const maxNames = 1000

func namesOf(clouds map[string]yaml.Node) string {
	if len(clouds) == 0 {
		return "none"
	}
	return sanitize.Line(strings.Join(slices.Sorted(maps.Keys(clouds)), ", "), maxNames)
}

// Keys that the provider reads, beside auth and under auth.
var cloudKeys, authKeys = keysOf(cloud{}, true), keysOf(cloud{}.Auth, true)

// keysOf returns the YAML keys of a struct. Unless all is true, it returns only keys that have a value.
func keysOf(of any, all bool) (keys []string) {
	for field, value := range reflect.ValueOf(of).Fields() {
		if key := field.Tag.Get("yaml"); key != "auth" && key != ",inline" && (all || !value.IsZero()) {
			keys = append(keys, key)
		}
	}
	return keys
}

// misplaced returns the keys of auth that are beside auth, except ak, sk and security_token, which are for OBS there.
func (c *cloud) misplaced() (keys []string) {
	for key, value := range c.Other {
		if slices.Contains(authKeys, key) && !slices.Contains([]string{"ak", "sk", "security_token"}, key) && value.Tag != "!!null" {
			keys = append(keys, key)
		}
	}
	return keys
}

// listed joins keys to a list, such as "region_name and username".
func listed(keys []string) string {
	slices.Sort(keys)
	if last := len(keys) - 1; last > 0 {
		return strings.Join(keys[:last], ", ") + " and " + keys[last]
	}
	return cmp.Or(strings.Join(keys, ""), "none")
}

// hasCredentials reports whether auth has a credential of any method.
func (c *cloud) hasCredentials() bool {
	a := &c.Auth
	return cmp.Or(a.Token, a.AccessKey, a.SecretKey, a.SecurityToken, a.UserName, a.UserID, a.Password) != ""
}

// noCredentials describes a cloud without credentials by its keys.
func (c *cloud) noCredentials() string {
	return `has no credentials under "auth". Keys of the cloud: ` + listed(slices.Concat(keysOf(*c, false), c.misplaced(), keysOf(c.Auth, false)))
}

// authTypes are the supported types. They send the credentials of auth only to IAM. The types for federated users send them to another
// server.
var authTypes = []string{"", "password", "v2password", "v3password", "token", "v2token", "v3token", "v3totp", "v3multifactor"}

// redirecting matches the keys beside auth with addresses to which other clients send a token.
var redirecting = regexp.MustCompile(`^(identity|modelarts|modelartsv1)_endpoint(_override)?$`)

// check returns an error for unsupported keys that change the credentials or their destination.
func (c *cloud) check() error {
	profile := cmp.Or(c.Profile, c.Cloud)
	application := strings.Contains(c.AuthType, "applicationcredential")
	for key := range c.Auth.Other {
		application = application || strings.HasPrefix(key, "application_credential_") && !c.hasCredentials()
	}
	for key, value := range c.Other {
		switch {
		case value.Tag == "!!null":
		case key == "regions":
			return errors.New("has the key regions, which isn't supported: set region_name, and write the values of the region into the cloud")
		case redirecting.MatchString(key):
			return fmt.Errorf("has the key %s, which isn't supported: remove it, and set auth_url or endpoint in the provider block", key)
		}
	}
	for _, key := range slices.Concat(authKeys, cloudKeys) {
		dashed := strings.ReplaceAll(key, "_", "-")
		if dashed != key && (c.Other[dashed].Kind != 0 || c.Auth.Other[dashed].Kind != 0) {
			return fmt.Errorf("has the key %s: write %s", dashed, key)
		}
	}
	switch misplaced := c.misplaced(); {
	case application:
		return errors.New("has an application credential, which Open Telekom Cloud doesn't have: set another credential")
	case !slices.Contains(authTypes, c.AuthType):
		return fmt.Errorf("has the auth_type %.100q, which isn't supported", c.AuthType)
	case len(misplaced) > 0 && !c.hasCredentials():
		return fmt.Errorf(`%s. Move %s under "auth"`, c.noCredentials(), listed(misplaced))
	case len(misplaced) > 0:
		return fmt.Errorf(`has %s beside "auth": move it under "auth"`, listed(misplaced))
	case profile != "" && profile != "otc" && c.Auth.AuthURL == "":
		return fmt.Errorf("has the profile %.100q, which is unknown: set auth_url in the cloud", profile)
	}
	return nil
}

var idPattern = regexp.MustCompile(`^[0-9a-f]{32}$`)

// values returns the values of the cloud by attribute.
func (c *cloud) values() map[string]string {
	a := &c.Auth
	values := map[string]string{
		"auth_url": a.AuthURL, "region": c.RegionName,
		"tenant_name": a.ProjectName, "tenant_id": a.ProjectID,
		"user_name": a.UserName, "user_id": a.UserID, "password": a.Password, "passcode": a.Passcode,
		"token": a.Token, "access_key": a.AccessKey, "secret_key": a.SecretKey, "security_token": a.SecurityToken,
		"agency_name": a.AgencyName, "agency_domain_name": a.AgencyDomainName, agencyDomainID: a.AgencyDomainID,
		"delegated_project": a.DelegatedProject, delegatedProjectID: a.DelegatedID,
		"cacert_file": c.CACert, "cert": c.Cert, "key": c.Key,
	}
	user, project := domains([2]string{a.UserDomainID, a.UserDomainName}, [2]string{a.ProjectDomainID, a.ProjectDomainName},
		cmp.Or([2]string{a.DomainID, a.DomainName}, [2]string{a.DefaultDomain}))
	values["domain_id"], values["domain_name"] = user[0], user[1]
	values[projectDomainID], values[projectDomainName] = project[0], project[1]
	if !idPattern.MatchString(a.AgencyDomainID) {
		// In gophertelekomcloud, the key of the ID can have a name.
		values[agencyDomainID], values["agency_domain_name"] = "", cmp.Or(a.AgencyDomainName, a.AgencyDomainID)
	}
	if c.Verify != nil && !*c.Verify {
		values["insecure"] = "true"
	}
	return values
}
