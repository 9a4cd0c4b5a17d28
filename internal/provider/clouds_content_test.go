package provider

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// wantValues checks the values of a cloud.
func wantValues(t *testing.T, clouds string, want map[string]string) {
	t.Helper()
	useClouds(t, clouds, "")
	c, err := readCloud("mine")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for attribute, value := range c.settings() {
		if value.text != "" {
			got[attribute] = value.text
		}
	}
	wantEqual(t, want, got)
}

// The provider reads the keys of openstacksdk's documentation, and those that clients of Open Telekom
// Cloud add.
func TestCloudValues(t *testing.T) {
	tests := map[string]struct {
		cloud string
		want  map[string]string
	}{
		"nothing": {"", map[string]string{}},
		"all of another client": {
			"{interface: public, identity_api_version: 3, vendor_hook: x, regions: , compute_endpoint_override: x, networks: [], auth: {scope: {}}}",
			map[string]string{},
		},
		"profile": {
			"{profile: otc, region_name: eu-de, auth_type: password, auth: {username: user, password: pass}}",
			map[string]string{"region": "eu-de", "user_name": "user", "password": "pass"},
		},
		"dashes":                    {"{region-name: eu-de, auth: {auth-url: x, auth_url: y, user-domain-name: d}}", map[string]string{"region": "eu-de", "auth_url": "y", "domain_name": "d"}},
		"profile by its older name": {"{cloud: otc, region_name: eu-de}", map[string]string{"region": "eu-de"}},
		"another profile with auth_url": {
			"{profile: vexxhost, auth: {auth_url: 'https://iam.example.org/v3'}}",
			map[string]string{"auth_url": "https://iam.example.org/v3"},
		},
		"verify":                  {"{verify: true, cacert: /ca.pem}", map[string]string{"cacert_file": "/ca.pem"}},
		"not verify":              {"{verify: false}", map[string]string{"insecure": "true"}},
		"not verify, in YAML 1.1": {"{verify: no}", map[string]string{"insecure": "true"}},
		"client's certificate": {
			"{cert: /cert.pem, key: /key.pem}", map[string]string{"cert": "/cert.pem", "key": "/key.pem"},
		},
		"certificate in the file": {
			"\n    cacert: |\n      -----BEGIN CERTIFICATE-----\n      YQ==\n      -----END CERTIFICATE-----\n",
			map[string]string{"cacert_file": "-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n"},
		},
		"access key": {
			"{auth: {ak: access, sk: secret, security_token: security}}",
			map[string]string{"access_key": "access", "secret_key": "secret", "security_token": "security"},
		},
		// python-otcextensions uses those for OBS alone.
		"access key beside auth": {"{ak: access, sk: secret, auth: {username: user}}", map[string]string{"user_name": "user"}},
		"agency by ids": {
			"{auth: {target_agency_name: agency, target_domain_id: " + anID + ", target_project_id: p}}",
			map[string]string{"agency_name": "agency", agencyDomainID: anID, delegatedProjectID: "p"},
		},
		"agency by names": {
			"{auth: {target_agency_name: agency, target_domain_name: domain, target_project_name: project}}",
			map[string]string{"agency_name": "agency", "agency_domain_name": "domain", "delegated_project": "project"},
		},
		// gophertelekomcloud sends this key as a name.
		"agency with a name for the id": {
			"{auth: {target_agency_name: agency, target_domain_id: OTC-EU-DE-1}}",
			map[string]string{"agency_name": "agency", "agency_domain_name": "OTC-EU-DE-1"},
		},
		"agency with two names": {
			"{auth: {target_domain_id: OTC-EU-DE-1, target_domain_name: OTC-EU-DE-2}}",
			map[string]string{"agency_domain_name": "OTC-EU-DE-2"},
		},
		"project's domain": {
			"{auth: {user_domain_name: u, project_domain_id: p, project_domain_name: n}}",
			map[string]string{"domain_name": "u", projectDomainID: "p", projectDomainName: "n"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			wantValues(t, "clouds:\n  mine: "+test.cloud+"\n", test.want)
		})
	}
}

// YAML has types for many values without quotes, and all of them are read as text.
func TestCloudScalars(t *testing.T) {
	for written, want := range map[string]string{
		"12345": "12345", "0123e45": "0123e45", "1e3": "1e3", "0x1F": "0x1F", "0o17": "0o17", "007": "007", "1_000": "1_000",
		"-1": "-1", "+1": "+1", "1.50": "1.50", ".inf": ".inf", ".NaN": ".NaN", "true": "true", "True": "True", "yes": "yes",
		"Off": "Off", "2026-01-02": "2026-01-02", "190:20:30": "190:20:30", "=": "=", "<<": "<<",
		"99999999999999999999999999999999": "99999999999999999999999999999999",
		"'quoted'":                         "quoted", `"a\tb\u00e9"`: "a\tbé", "'~'": "~", "'null'": "null", `""`: "",
		"null": "", "~": "", "": "", "!!str 12": "12", "!!binary c2VjcmV0": "secret", "&anchor anchored": "anchored",
	} {
		t.Run(written, func(t *testing.T) {
			wanted := map[string]string{"password": want, "tenant_id": want, "user_name": want}
			maps.DeleteFunc(wanted, func(_, value string) bool { return value == "" })
			wantValues(t, fmt.Sprintf("clouds:\n  mine:\n    auth:\n      password: %s\n      project_id: %[1]s\n      username: %[1]s\n",
				written), wanted)
		})
	}
}

func TestCloudWithAnchors(t *testing.T) {
	wantValues(t, `
x-common: &common
  region_name: eu-de
  auth: &auth {username: user, password: pass, project_name: of all}
clouds:
  first: &first
    <<: *common
    verify: false
  mine:
    <<: *first
    auth:
      <<: *auth
      project_name: of mine
`, map[string]string{"region": "eu-de", "insecure": "true", "user_name": "user", "password": "pass", "tenant_name": "of mine"})
	wantValues(t, "{x: &x {region_name: eu-de}, clouds: {mine: *x}}", map[string]string{"region": "eu-de"})
}

// A cloud with a key that changes which credentials are sent, or where, is refused if the
// provider doesn't support the key.
func TestUnusableClouds(t *testing.T) {
	const (
		unknownProfile = `has the profile "vexxhost", which is unknown: set auth_url`
		regions        = "has the key regions, which isn't supported: set region_name"
	)
	for name, test := range map[string]struct{ cloud, want string }{
		"application credential": {
			"{auth_type: v3applicationcredential, auth: {application_credential_id: a, application_credential_secret: hunter2}}",
			`has the auth_type "v3applicationcredential", which isn't supported`,
		},
		"federated user":                  {"{auth_type: v3oidcpassword, auth: {password: hunter2}}", `has the auth_type "v3oidcpassword", which isn't supported`},
		"no authentication":               {"{auth_type: none, auth: {password: hunter2}}", `has the auth_type "none", which isn't supported`},
		"profile":                         {"{profile: vexxhost, auth: {password: hunter2}}", unknownProfile},
		"profile by its older name":       {"{cloud: vexxhost, auth: {password: hunter2}}", unknownProfile},
		"profile by both names":           {"{profile: vexxhost, cloud: otc}", unknownProfile},
		"values of a region":              {"{regions: [{name: r1, values: {auth: {password: hunter2}}}], auth: {password: hunter2}}", regions},
		"names of regions":                {"{region_name: eu-de, regions: [eu-de, eu-nl], auth: {password: hunter2}}", regions},
		"another address of IAM":          {"{identity_endpoint_override: 'https://h', auth: {password: hunter2}}", "has the key identity_endpoint_override, which isn't supported"},
		"another address of ModelArts":    {"{modelarts_endpoint_override: 'https://h', auth: {password: hunter2}}", "has the key modelarts_endpoint_override"},
		"another address by an older key": {"{modelartsv1_endpoint: 'https://h', auth: {password: hunter2}}", "has the key modelartsv1_endpoint"},
		"address beside auth":             {"{auth_url: 'https://h', auth: {password: hunter2}}", `has auth_url beside "auth": move it under "auth"`},
		"project and domain beside auth": {
			"{project_name: p, domain_name: d, auth: {password: hunter2}}", `has domain_name, project_name beside "auth"`,
		},
		"another address with dashes": {"{identity-endpoint-override: 'https://h', auth: {password: hunter2}}", "has the key identity_endpoint_override, which isn't supported"},
		"no auth":                     {"{region_name: eu-de, username: u}", `has no credentials under "auth". Keys of the cloud: region_name, username. Move username under "auth"`},
		"no auth, secrets":            {"{token: hunter2, password: hunter2}", `has no credentials under "auth". Keys of the cloud: password, token. Move password, token under "auth"`},
		"keys beside an address": {
			"{password: hunter2, username: u, auth: {auth_url: 'https://h'}}", `has no credentials under "auth". Keys of the cloud: auth_url, password, username.`,
		},
		"keys that are unknown": {"{username: u, hunter2: hunter2}", `has no credentials under "auth". Keys of the cloud: username. Move`},
	} {
		t.Run(name, func(t *testing.T) {
			file := useClouds(t, "{clouds: {mine: "+test.cloud+"}}", "")
			wantCloudError(t, "mine", fmt.Sprintf("the cloud %q in %s %s", "mine", file, test.want))
			useClouds(t, "{clouds: {mine: }}", "{clouds: {mine: "+test.cloud+"}}") // secure.yaml counts as well
			wantCloudError(t, "mine", test.want)
		})
	}
	useClouds(t, "{clouds: {mine: {profile: vexxhost}}}", "{clouds: {mine: {auth: {auth_url: 'https://iam.example.org/v3'}}}}")
	if _, err := readCloud("mine"); err != nil {
		t.Error(err)
	}
}

// A list or a map in place of text is an error that names the key.
func TestSeveralValues(t *testing.T) {
	for cloud, key := range map[string]string{
		"{region_name: [eu-de, eu-nl]}":               "region_name",
		"{auth: {project_name: {a: b}}}":              "project_name",
		"{auth: {password: [hunter2]}}":               "password",
		"{auth: {username: u}, cacert: [hunter2]}":    "cacert",
		"{networks: [], region_name: [eu-de], x: {}}": "region_name",
	} {
		useClouds(t, "{clouds: {mine: "+cloud+"}}", "")
		wantCloudError(t, "mine", "(line 1): write one value for "+key)
	}
}

// cloudSecret is in each file that can't be read.
const cloudSecret = "hunter2"

// invalidFiles have an error near a secret, and the line of the error, or "" if YAML reports none.
var invalidFiles = map[string]struct{ content, line string }{
	"unknown anchor":        {"clouds: {mine: {auth: {password: *hunter2}}}", ""},
	"cloud in itself":       {"clouds: &hunter2 {mine: *hunter2, <<: *hunter2}", ""},
	"binary":                {"clouds: {mine: {auth: {password: !!binary hunter2%%}}}", ""},
	"integer":               {"clouds: {mine: {auth: {password: !!int hunter2}}}", ""},
	"secret twice":          {"clouds:\n  mine:\n    auth:\n      password: hunter2\n      password: hunter2\n", "line 5"},
	"list of clouds":        {"clouds:\n- mine: {auth: {password: hunter2}}\n", "line 2"},
	"list for auth":         {"clouds:\n  mine:\n    auth:\n    - password: hunter2\n", "line 4"},
	"list for a secret":     {"clouds:\n  mine:\n    auth:\n      password: [hunter2]\n", "line 4"},
	"text for auth":         {"clouds:\n  mine:\n    auth: hunter2\n", "line 3"},
	"text for all":          {"hunter2\n", "line 1"},
	"text for a boolean":    {"clouds:\n  mine:\n    verify: hunter2\n", "line 3"},
	"open quote":            {"clouds:\n  mine:\n    auth:\n      password: \"hunter2\n", "line"},
	"colon":                 {"clouds:\n  mine:\n    auth:\n      password: hunter2: hunter2\n", "line 4"},
	"no UTF-8":              {"clouds: {mine: {auth: {password: hunter2\xff}}}", ""},
	"a number for all":      {"4711hunter2: 1\n4711hunter2: 2\n", "line 2"},
	"deeper than YAML goes": {"clouds: {mine: {auth: {password: hunter2, x: " + strings.Repeat("[", 10001) + "}}}", ""},
}

// Errors of YAML quote the file, which can have a password there. The provider shows only their line.
func TestInvalidFilesAreNotQuoted(t *testing.T) {
	for name, test := range invalidFiles {
		t.Run(name, func(t *testing.T) {
			file := useClouds(t, test.content, "")
			wantCloudError(t, "mine", file+" isn't YAML in the format of clouds.yaml (", test.line)

			file = useClouds(t, "{clouds: {mine: {auth: {password: hunter2}}}}", test.content)
			wantCloudError(t, "mine", filepath.Join(filepath.Dir(file), "secure.yaml")+" isn't YAML in the format of clouds.yaml (", test.line)
		})
	}
}

// bombs are small files that are very large once every alias is followed.
func bombs() map[string]string {
	lists, merges := "l0: &l0 [hunter2]\n", "m0: &m0 {password: hunter2}\n"
	for i := 1; i <= 12; i++ {
		lists += fmt.Sprintf("l%d: &l%[1]d [%s]\n", i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*l%d,", i-1), 10), ","))
		merges += fmt.Sprintf("m%d: &m%[1]d {<<: [%s]}\n", i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*m%d,", i-1), 10), ","))
	}
	return map[string]string{
		"lists for a secret": lists + "clouds: {mine: {auth: {password: *l12}}}\n",
		"lists for a cloud":  lists + "clouds: {mine: *l12}\n",
		"lists merged":       lists + "clouds: {mine: {auth: {<<: *l12}}}\n",
		"maps for auth":      merges + "clouds: {mine: {auth: *m12}}\n",
		"maps merged":        merges + "clouds: {mine: {auth: {<<: *m12}}}\n",
		"maps for clouds":    merges + "clouds: {<<: *m12}\n",
	}
}

// Aliases are limited.
func TestAliasesAreLimited(t *testing.T) {
	for name, content := range bombs() {
		t.Run(name, func(t *testing.T) {
			useClouds(t, content, "")
			wantCloudError(t, "mine", "isn't YAML in the format of clouds.yaml")
		})
	}
	// They do no harm in a key that the provider doesn't read.
	wantValues(t, strings.Replace(bombs()["lists for a secret"], "password: *l12", "password: p, x: *l12", 1), map[string]string{"password": "p"})
}

// FuzzReadCloud checks that no bytes of either file crash the provider or show a secret.
func FuzzReadCloud(f *testing.F) {
	for _, name := range slices.Sorted(maps.Keys(invalidFiles)) {
		f.Add([]byte(invalidFiles[name].content), []byte(nil))
		f.Add([]byte("clouds: {mine: {auth: {password: hunter2}}}"), []byte(invalidFiles[name].content))
	}
	for _, name := range slices.Sorted(maps.Keys(bombs())) {
		f.Add([]byte(bombs()[name]), []byte(bombs()[name]))
	}
	f.Add([]byte(nil), []byte(nil))
	f.Add([]byte("clouds:\n  mine: &a\n    profile: otc\n    verify: no\n    auth: {password: hunter2, ak: a, sk: hunter2}\n"), []byte("clouds: {mine: *a}"))
	file := filepath.Join(f.TempDir(), "clouds.yaml")
	secureFile := filepath.Join(f.TempDir(), "elsewhere.yaml")
	f.Setenv("OS_CLIENT_CONFIG_FILE", file)
	f.Setenv("OS_CLIENT_SECURE_FILE", secureFile)
	f.Fuzz(func(t *testing.T, clouds, secure []byte) {
		for file, content := range map[string][]byte{file: clouds, secureFile: secure} {
			if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		c, err := readCloud("mine")
		if err == nil {
			for attribute, value := range c.settings() {
				if value.text != "" && value.origin != `cloud "mine" in `+file && value.origin != `cloud "mine" in `+secureFile {
					t.Errorf("got %+v for %s", value, attribute)
				}
			}
			return
		}
		text := strings.NewReplacer(file, "", secureFile, "").Replace(err.Error())
		if len(text) > maxCloudError {
			t.Errorf("the error has %d bytes", len(text))
		}
		if strings.Contains(text, cloudSecret) && !meantToBeShown(clouds) && !meantToBeShown(secure) {
			t.Errorf("the secret is shown: %s", text)
		}
	})
}

// meantToBeShown reports whether the secret is the name of a cloud, a profile or a type.
func meantToBeShown(content []byte) bool {
	var file struct{ Clouds map[string]yaml.Node }
	if !bytes.Contains(content, []byte(cloudSecret)) || yaml.Unmarshal(content, &file) != nil {
		return false
	}
	for name, node := range file.Clouds {
		var named struct {
			Profile, Cloud yaml.Node
			Type           yaml.Node `yaml:"auth_type"`
		}
		_ = node.Decode(&named)
		if strings.Contains(name+named.Profile.Value+named.Cloud.Value+named.Type.Value, cloudSecret) {
			return true
		}
	}
	return false
}
