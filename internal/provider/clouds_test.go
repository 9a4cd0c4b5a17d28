package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// atHome has the test run in an empty folder, with another one as its home.
func atHome(t *testing.T) (home string) {
	t.Helper()
	home = t.TempDir()
	t.Chdir(t.TempDir())
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", "")
	return home
}

// wantCloudError checks that the cloud mine can't be read, and the texts of the error, which never has the secret.
func wantCloudError(t *testing.T, wants ...string) {
	t.Helper()
	c, err := readCloud("mine")
	if err == nil {
		t.Fatalf("there is no error, but %v", c)
	}
	for _, want := range wants {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), cloudSecret) {
		t.Errorf("the error shows a secret:\n%v", err)
	}
}

// wantCloud checks the values of the cloud mine, and returns them.
func wantCloud(t *testing.T, want map[string]string) source {
	t.Helper()
	c, err := readCloud("mine")
	if err != nil {
		t.Fatal(err)
	}
	values, got := c.settings(), map[string]string{}
	for attribute, value := range values {
		if value.text != "" {
			got[attribute] = value.text
		}
	}
	wantEqual(t, want, got)
	return values
}

// The first file that exists is read, and the origin of a value names it. If there is no file, the error names all paths.
func TestCloudsFiles(t *testing.T) {
	home := atHome(t)
	in := func(folder string) []string {
		return []string{filepath.Join(folder, "clouds.yaml"), filepath.Join(folder, "clouds.yml")}
	}
	config := in(filepath.Join(home, ".config", "openstack"))
	for name, test := range map[string]struct {
		variable, value string
		files           []string
	}{
		"without variables":     {files: append(in(""), config...)},
		"XDG_CONFIG_HOME":       {"XDG_CONFIG_HOME", home, append(in(""), in(filepath.Join(home, "openstack"))...)},
		"OS_CLIENT_CONFIG_FILE": {"OS_CLIENT_CONFIG_FILE", filepath.Join(home, "named.file"), []string{filepath.Join(home, "named.file")}},
	} {
		t.Run(name, func(t *testing.T) {
			if test.variable != "" {
				t.Setenv(test.variable, test.value)
			}
			for i, file := range test.files {
				for _, lower := range append(test.files[i:], config[1]) {
					write(t, filepath.Dir(lower), filepath.Base(lower), "clouds: {mine: {region_name: "+lower+"}}")
				}
				values := wantCloud(t, map[string]string{"region": file})
				wantEqual(t, fmt.Sprintf("cloud %q in %s", "mine", file), values["region"].origin)
				if err := os.Remove(file); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	if _, err := os.Stat("/etc/openstack"); err == nil {
		t.Skip("NOT TESTED: this machine has /etc/openstack")
	}
	const none, last = "no clouds.yaml was found: none of clouds.yaml, clouds.yml, ", "/etc/openstack/clouds.yaml, /etc/openstack/clouds.yml exists. Set OS_CLIENT_CONFIG_FILE"
	if err := os.RemoveAll(filepath.Dir(config[1])); err != nil {
		t.Fatal(err)
	}
	wantCloudError(t, none+strings.Join(config, ", ")+", "+last)
	t.Setenv("HOME", os.DevNull) // as of a daemon
	wantCloudError(t, none+os.DevNull+"/.config")
	t.Setenv("HOME", "")
	for _, folder := range []string{"openstack", filepath.Join(".config", "openstack")} { // In the working directory, they have another purpose.
		write(t, folder, "clouds.yaml", "clouds: {mine: {}}")
	}
	wantCloudError(t, none+last)
}

// A file that can't be read isn't skipped.
func TestCloudsFilesThatCannotBeRead(t *testing.T) {
	folder := atHome(t)
	for _, test := range []struct{ variable, file, want string }{
		{"OS_CLIENT_CONFIG_FILE", "missing.yaml", "the file that OS_CLIENT_CONFIG_FILE names can't be read: open missing.yaml: no such file"},
		{"OS_CLIENT_CONFIG_FILE", folder, "the file that OS_CLIENT_CONFIG_FILE names can't be read: read " + folder + ": is a directory"},
		{"OS_CLIENT_SECURE_FILE", "missing.yaml", "the file that OS_CLIENT_SECURE_FILE names can't be read: open missing.yaml: no such file"},
		{"", "clouds.yaml", "the file can't be read: read clouds.yaml: is a directory"},
		{"", "secure.yaml", "the file can't be read: read secure.yaml: is a directory"},
	} {
		t.Run(test.variable+" "+test.file, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if test.variable == "" {
				write(t, test.file, "file", "")
			} else {
				t.Setenv(test.variable, test.file)
			}
			if test.file != "clouds.yaml" {
				write(t, ".", "clouds.yaml", "clouds: {mine: {}}")
			}
			write(t, ".", "clouds.yml", "clouds: {mine: {}}")
			wantCloudError(t, test.want)
		})
	}
}

// secure.yaml, or the file that a variable names, replaces single values of clouds.yaml, and nothing by a value that is
// missing. The origin of a value names its file.
func TestSecureFile(t *testing.T) {
	for name, test := range map[string]struct{ file, content, want string }{
		"secure.yaml":     {"secure.yaml", inCloud("auth.password", "secure"), "secure"},
		"secure.yml":      {"secure.yml", inCloud("auth.password", "secure"), "secure"},
		"of the variable": {"elsewhere", inCloud("auth.password", "secure"), "secure"},
		"empty cloud":     {"secure.yaml", "{clouds: {mine: }}", "public"},
		"empty auth":      {"secure.yaml", "{clouds: {mine: {auth: }}}", "public"},
		"null":            {"secure.yaml", "{clouds: {mine: {auth: {password: }}}}", "public"},
	} {
		t.Run(name, func(t *testing.T) {
			clouds := useClouds(t, "{clouds: {mine: {region_name: eu-de, auth: {username: user, password: public}}}}", "")
			folder := filepath.Dir(clouds)
			file := write(t, folder, test.file, test.content)
			switch test.file {
			case "elsewhere":
				write(t, folder, "secure.yaml", inCloud("auth.password", "beside"))
				t.Setenv("OS_CLIENT_SECURE_FILE", file)
			case "secure.yaml":
				write(t, folder, "secure.yml", inCloud("auth.password", "lower"))
			}
			values := wantCloud(t, map[string]string{"password": test.want, "user_name": "user", "region": "eu-de"})
			wantEqual(t, fmt.Sprintf("cloud %q in %s", "mine", clouds), values["user_name"].origin)
			if test.want == "public" {
				file = clouds
			}
			wantEqual(t, fmt.Sprintf("cloud %q in %s", "mine", file), values["password"].origin)
		})
	}
}

// maxCloudError is in bytes, besides the names of files.
const maxCloudError = 4000

// Names in an error are sorted and sanitized. There can be very many in a file, and they can be very long.
func TestUnknownCloud(t *testing.T) {
	for clouds, want := range map[string]string{
		"{clouds: {zeta: {}, alpha: {}, Beta: , 7: {}}}": "has no such cloud. Clouds in the file: 7, Beta, alpha, zeta",
		"":                                  "has no such cloud. Clouds in the file: none",
		"{clouds: {'mine ': }}":             "has no such cloud. Clouds in the file: mine ",
		`{clouds: {"\e[31mred\n\u202e": }}`: "has no such cloud. Clouds in the file: [31mred",
		"{clouds: {" + strings.Repeat("x", 1000) + ": , " + strings.Repeat("y", 1000) + ": }}": "has no such cloud. Clouds in the file: x",
		"{clouds: {mine: {profile: " + strings.Repeat("vexxhost", 10_000) + "}}}":              `has the profile "vexxhost`,
		"{clouds: {mine: {auth_type: " + strings.Repeat("vexxhost", 10_000) + "}}}":            `has the auth_type "vexxhost`,
	} {
		file := useClouds(t, clouds, inCloud("auth.password", cloudSecret)) // A cloud of secure.yaml alone doesn't exist.
		wantCloudError(t, file, want)
		_, err := readCloud("mine")
		if text := err.Error(); strings.ContainsAny(text, "\x1b\n\u202e") || len(text) > len(file)+maxCloudError {
			t.Errorf("%d bytes: %.5000q", len(text), text)
		}
	}
}
