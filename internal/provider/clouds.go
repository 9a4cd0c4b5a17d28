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
	"strings"
	"syscall"

	"go.yaml.in/yaml/v3"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/printable"
)

// Keys of clouds.yaml that have no attribute in the provider block.
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

// cloud is an entry of clouds.yaml: what openstacksdk documents of it, and under
// auth the keys that clients of Open Telekom Cloud add (gophertelekomcloud's ak, sk
// and security_token; the target_ keys of python-otcextensions). The ak and sk
// that the latter has beside auth are for OBS alone.
type cloud struct {
	Profile    string `yaml:"profile"`
	Cloud      string `yaml:"cloud"` // an older name of profile
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
		DefaultDomain     string `yaml:"default_domain"` // an id
		AccessKey         string `yaml:"ak"`
		SecretKey         string `yaml:"sk"`
		SecurityToken     string `yaml:"security_token"`
		AgencyName        string `yaml:"target_agency_name"`
		AgencyDomainID    string `yaml:"target_domain_id"`
		AgencyDomainName  string `yaml:"target_domain_name"`
		DelegatedID       string `yaml:"target_project_id"`
		DelegatedProject  string `yaml:"target_project_name"`
	} `yaml:"auth"`
}

// readCloud returns what clouds.yaml and secure.yaml say of a cloud, by attribute,
// and how to name where it is from. Errors show nothing of the files but names.
func readCloud(name string) (values map[string]string, origin string, err error) {
	file, content, err := findClouds()
	if err != nil {
		return nil, "", err
	}
	clouds, err := parseClouds(file, content)
	if err != nil {
		return nil, "", err
	}
	entry, ok := clouds.Clouds[name]
	if !ok {
		return nil, "", fmt.Errorf("the file %s has no such cloud; it has %s", file, namesOf(clouds.Clouds))
	}
	var c cloud
	if err := entry.Decode(&c); err != nil {
		return nil, "", unreadable(file, err)
	}
	secure := os.Getenv("OS_CLIENT_SECURE_FILE")
	wanted := secure != ""
	if !wanted {
		secure = filepath.Join(filepath.Dir(file), "secure.yaml")
	}
	content, err = os.ReadFile(secure) //nolint:gosec // the user's own file
	switch {
	case err == nil:
		clouds, err = parseClouds(secure, content)
		if err != nil {
			return nil, "", err
		}
		if entry, ok := clouds.Clouds[name]; ok {
			if err := entry.Decode(&c); err != nil { // over what clouds.yaml says
				return nil, "", unreadable(secure, err)
			}
		}
	case wanted || !errors.Is(err, fs.ErrNotExist):
		return nil, "", fmt.Errorf("its secrets cannot be read: %w", err)
	}
	if err := c.check(); err != nil {
		return nil, "", fmt.Errorf("in the file %s, %w", file, err)
	}
	return c.values(), fmt.Sprintf("cloud %q of %s", name, file), nil
}

// findClouds reads the first clouds.yaml that exists, where openstacksdk looks.
func findClouds() (file string, content []byte, err error) {
	if configured := os.Getenv("OS_CLIENT_CONFIG_FILE"); configured != "" {
		if content, err = os.ReadFile(configured); err != nil { //nolint:gosec // the user's own file
			return "", nil, fmt.Errorf("the file that OS_CLIENT_CONFIG_FILE names cannot be read: %w", err)
		}
		return configured, content, nil
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
		// HOME=/dev/null, as of a daemon, is as good as none.
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			return "", nil, fmt.Errorf("the file cannot be read: %w", err)
		}
	}
	return "", nil, fmt.Errorf("there is no clouds.yaml: none of %s exists; set OS_CLIENT_CONFIG_FILE to the path of yours",
		strings.Join(files, ", "))
}

func parseClouds(file string, content []byte) (clouds cloudsFile, err error) {
	if err := yaml.Unmarshal(content, &clouds); err != nil {
		return cloudsFile{}, unreadable(file, err)
	}
	return clouds, nil
}

var linePattern = regexp.MustCompile(`line \d+`)

// unreadable takes of an error of YAML the line alone: the rest can quote the
// file, and so a password.
func unreadable(file string, err error) error {
	where := linePattern.FindString(err.Error())
	if where == "" {
		where = "no line is known"
	}
	return fmt.Errorf("the file %s is not YAML of the form that clouds.yaml has (%s)", file, where)
}

// longestList is in bytes.
const longestList = 1000

func namesOf(clouds map[string]yaml.Node) string {
	if len(clouds) == 0 {
		return "none"
	}
	return printable.Line(strings.Join(slices.Sorted(maps.Keys(clouds)), ", "), longestList)
}

// check finds what such a cloud can ask for and cannot have here.
func (c *cloud) check() error {
	profile := cmp.Or(c.Profile, c.Cloud)
	switch {
	case strings.Contains(c.AuthType, "applicationcredential"):
		return errors.New("its auth_type is an application credential, which Open Telekom Cloud does not have")
	case profile != "" && profile != "otc" && c.Auth.AuthURL == "":
		return fmt.Errorf("its profile %.100q is not known here; set auth_url in the cloud", profile)
	}
	return nil
}

var idPattern = regexp.MustCompile(`^[0-9a-f]{32}$`)

// values returns what the cloud says, by attribute.
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
		projectDomainID: a.ProjectDomainID, projectDomainName: a.ProjectDomainName,
	}
	for _, domain := range [][2]string{
		{a.UserDomainID, a.UserDomainName},
		{a.ProjectDomainID, a.ProjectDomainName},
		{a.DomainID, a.DomainName},
		{a.DefaultDomain, ""},
	} {
		if domain != [2]string{} {
			values["domain_id"], values["domain_name"] = domain[0], domain[1]
			break
		}
	}
	if !idPattern.MatchString(a.AgencyDomainID) {
		// gophertelekomcloud reads a name from the key of the id.
		values[agencyDomainID], values["agency_domain_name"] = "", cmp.Or(a.AgencyDomainName, a.AgencyDomainID)
	}
	if c.Verify != nil && !*c.Verify {
		values["insecure"] = "true"
	}
	return values
}
