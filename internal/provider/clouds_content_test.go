package provider

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The provider reads the keys of openstacksdk's documentation, and those that clients of Open Telekom
// Cloud add.
func TestCloudValues(t *testing.T) {
	for name, test := range map[string]struct {
		cloud string
		want  map[string]string
	}{
		"keys of other services": {
			"{interface: public, identity_api_version: 3, vendor_hook: x, regions: , compute_endpoint_override: x, networks: [], auth: {scope: {}}}",
			nil,
		},
		"profile": {
			"{profile: otc, region_name: eu-de, auth_type: password, auth: {username: user, password: pass}}",
			map[string]string{"region": "eu-de", "user_name": "user", "password": "pass"},
		},
		"profile by its older name":     {"{cloud: otc, region_name: eu-de}", map[string]string{"region": "eu-de"}},
		"another profile with auth_url": {"{profile: vexxhost, auth: {auth_url: x}}", map[string]string{"auth_url": "x"}},
		"dashes": {
			"{region-name: eu-de, auth: {auth-url: x, auth_url: y, user-domain-name: d}}",
			map[string]string{"region": "eu-de", "auth_url": "y", "domain_name": "d"},
		},
		"verify":                  {"{verify: true, cacert: /ca.pem}", map[string]string{"cacert_file": "/ca.pem"}},
		"not verify, in YAML 1.1": {"{verify: no}", map[string]string{"insecure": "true"}},
		"certificate in the file": {"\n    cacert: |\n      -----BEGIN\n      YQ==\n", map[string]string{"cacert_file": "-----BEGIN\nYQ==\n"}},
		"anchors and merge keys": {
			"{x: &x {verify: false, auth: &auth {username: user, project_name: of all}}, <<: *x, auth: {<<: *auth, project_name: of mine}}",
			map[string]string{"insecure": "true", "user_name": "user", "tenant_name": "of mine"},
		},
		// python-otcextensions uses those for OBS alone.
		"access key beside auth": {"{ak: access, sk: secret, security_token: t, auth: {username: user}}", map[string]string{"user_name": "user"}},
		"agency by ids": {
			"{auth: {target_agency_name: agency, target_domain_id: " + anID + ", target_domain_name: domain, target_project_id: p}}",
			map[string]string{"agency_name": "agency", agencyDomainID: anID, "agency_domain_name": "domain", delegatedProjectID: "p"},
		},
		// gophertelekomcloud sends this key as a name.
		"agency with a name for the id": {"{auth: {target_domain_id: OTC-EU-DE-1}}", map[string]string{"agency_domain_name": "OTC-EU-DE-1"}},
		"agency with two names": {
			"{auth: {target_domain_id: OTC-EU-DE-1, target_domain_name: OTC-EU-DE-2}}",
			map[string]string{"agency_domain_name": "OTC-EU-DE-2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			useClouds(t, "clouds:\n  mine: "+test.cloud+"\n", "")
			wantCloud(t, test.want)
		})
	}
}

// YAML has types for many values without quotes, and all of them are read as text.
func TestCloudScalars(t *testing.T) {
	for written, want := range map[string]string{
		"0123e45": "0123e45", "0x1F": "0x1F", "007": "007", "1_000": "1_000", "1.50": "1.50", ".inf": ".inf", "True": "True", "yes": "yes",
		"2026-01-02": "2026-01-02", "190:20:30": "190:20:30", "=": "=", "<<": "<<", "99999999999999999999": "99999999999999999999",
		"'quoted'": "quoted", `"a\tb\u00e9"`: "a\tbé", "'null'": "null", `""`: "", "null": "", "~": "", "": "",
		"!!str 12": "12", "!!binary c2VjcmV0": "secret", "&anchor anchored": "anchored",
	} {
		useClouds(t, "clouds:\n  mine:\n    auth:\n      password: "+written+"\n", "")
		if c, err := readCloud("mine"); err != nil || c.settings()["password"].text != want {
			t.Errorf("%s: %v, %v", written, c, err)
		}
	}
}

// A cloud with a key that changes which credentials are sent, or where, is an error if the
// provider doesn't support the key.
func TestUnusableClouds(t *testing.T) {
	for name, test := range map[string]struct{ cloud, want string }{
		"application credential": {
			"{auth_type: v3applicationcredential, auth: {application_credential_id: a, application_credential_secret: hunter2}}",
			`has the auth_type "v3applicationcredential", which isn't supported`,
		},
		"profile":                      {"{profile: vexxhost, auth: {password: hunter2}}", `has the profile "vexxhost", which is unknown: set auth_url`},
		"profile by its older name":    {"{cloud: vexxhost, auth: {password: hunter2}}", `has the profile "vexxhost", which is unknown: set auth_url`},
		"profile by both names":        {"{profile: vexxhost, cloud: otc}", `has the profile "vexxhost"`},
		"values of a region":           {"{regions: [{name: r1, values: {auth: {password: hunter2}}}], auth: {password: hunter2}}", "has the key regions, which isn't supported: set region_name"},
		"another address of IAM":       {"{identity_endpoint_override: 'https://h', auth: {password: hunter2}}", "has the key identity_endpoint_override, which isn't supported"},
		"another address of ModelArts": {"{modelarts-endpoint-override: 'https://h', auth: {password: hunter2}}", "has the key modelarts_endpoint_override"},
		"another address by older key": {"{modelartsv1_endpoint: 'https://h', auth: {password: hunter2}}", "has the key modelartsv1_endpoint"},
		"keys of auth beside it":       {"{auth_url: x, domain_name: d, auth: {password: hunter2}}", `has auth_url, domain_name beside "auth": move it under "auth"`},
		"no auth":                      {"{region_name: eu-de, username: u}", `has no credentials under "auth". Keys of the cloud: region_name, username. Move username under "auth"`},
		"no auth, secrets":             {"{token: hunter2, password: hunter2}", `has no credentials under "auth". Keys of the cloud: password, token. Move password, token under "auth"`},
		"keys beside an address":       {"{password: hunter2, auth: {auth_url: x}}", `has no credentials under "auth". Keys of the cloud: auth_url, password.`},
		"keys that are unknown":        {"{username: u, hunter2: hunter2}", `has no credentials under "auth". Keys of the cloud: username. Move`},
		"a list in place of text":      {"{networks: [], region_name: [hunter2], x: {}}", "isn't YAML in the format of clouds.yaml (line 1): write one value for region_name"},
		"a map in place of text":       {"{auth: {username: u, project_name: {a: hunter2}}}", "isn't YAML in the format of clouds.yaml (line 1): write one value for project_name"},
	} {
		t.Run(name, func(t *testing.T) {
			useClouds(t, "{clouds: {mine: "+test.cloud+"}}", "")
			wantCloudError(t, test.want)
			file := useClouds(t, "{clouds: {mine: }}", "{clouds: {mine: "+test.cloud+"}}") // secure.yaml counts as well.
			if strings.HasPrefix(test.want, "has ") {
				test.want = fmt.Sprintf("the cloud %q in %s %s", "mine", file, test.want)
			}
			wantCloudError(t, test.want)
		})
	}
	useClouds(t, "{clouds: {mine: {profile: vexxhost}}}", "{clouds: {mine: {auth: {auth_url: 'https://iam.example.org/v3'}}}}")
	if _, err := readCloud("mine"); err != nil {
		t.Error(err)
	}
}

// cloudSecret is in each file that can't be read.
const cloudSecret = "hunter2"

// invalidFiles have an error near a secret, and the line of the error, or "" if YAML reports none.
var invalidFiles = map[string]struct{ content, line string }{
	"unknown anchor":        {"clouds: {mine: {auth: {password: *hunter2}}}", "unknown line"},
	"cloud in itself":       {"clouds: &hunter2 {mine: *hunter2, <<: *hunter2}", ""},
	"binary":                {"clouds: {mine: {auth: {password: !!binary hunter2%%}}}", ""},
	"integer":               {"clouds: {mine: {auth: {password: !!int hunter2}}}", ""},
	"secret twice":          {"clouds:\n  mine:\n    auth:\n      password: hunter2\n      password: hunter2\n", "line 5"},
	"list of clouds":        {"clouds:\n- mine: {auth: {password: hunter2}}\n", "line 2"},
	"list for auth":         {"clouds:\n  mine:\n    auth:\n    - password: hunter2\n", "line 4"},
	"text for auth":         {"clouds:\n  mine:\n    auth: hunter2\n", "line 3"},
	"text for all":          {"hunter2\n", "line 1"},
	"text for a boolean":    {"clouds:\n  mine:\n    verify: hunter2\n", "line 3"},
	"open quote":            {"clouds:\n  mine:\n    auth:\n      password: \"hunter2\n", "line"},
	"no UTF-8":              {"clouds: {mine: {auth: {password: hunter2\xff}}}", ""},
	"a number for all":      {"4711hunter2: 1\n4711hunter2: 2\n", "line 2"},
	"deeper than YAML goes": {"clouds: {mine: {auth: {password: hunter2, x: " + strings.Repeat("[", 10001) + "}}}", ""},
	"many aliases":          {bomb("{password: *l12}"), ""},
	"many merged aliases":   {bomb("{<<: *l12}"), ""},
}

// bomb returns a small file that is very large once every alias is followed.
func bomb(auth string) string {
	content := "l0: &l0 [hunter2]\n"
	for i := 1; i <= 12; i++ {
		content += fmt.Sprintf("l%d: &l%[1]d [%s]\n", i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*l%d,", i-1), 10), ","))
	}
	return content + "clouds: {mine: {auth: " + auth + "}}\n"
}

// Errors of YAML quote the file, which can have a password there. The provider shows only their line.
func TestInvalidFilesAreNotQuoted(t *testing.T) {
	for name, test := range invalidFiles {
		t.Run(name, func(t *testing.T) {
			file := useClouds(t, test.content, "")
			wantCloudError(t, file+" isn't YAML in the format of clouds.yaml (", test.line)

			file = useClouds(t, "{clouds: {mine: {auth: {password: hunter2}}}}", test.content)
			wantCloudError(t, filepath.Join(filepath.Dir(file), "secure.yaml")+" isn't YAML in the format of clouds.yaml (", test.line)
		})
	}
	// Aliases do no harm in a key that the provider doesn't read.
	useClouds(t, bomb("{password: p, x: *l12}"), "")
	wantCloud(t, map[string]string{"password": "p"})
}

// FuzzReadCloud checks that no bytes of either file crash the provider, and that no error about the form of a file shows a secret. The other
// errors show only names.
func FuzzReadCloud(f *testing.F) {
	for _, name := range slices.Sorted(maps.Keys(invalidFiles)) {
		f.Add([]byte(invalidFiles[name].content), []byte(nil))
		f.Add([]byte("clouds: {mine: {auth: {password: hunter2}}}"), []byte(invalidFiles[name].content))
	}
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
		if len(text) > maxCloudError || strings.Contains(text, cloudSecret) && strings.Contains(text, "isn't YAML") {
			t.Errorf("%d bytes: %.5000s", len(text), text)
		}
	})
}
