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

// wantCloudError checks that a cloud can't be read, and the texts of the error, which never has the secret.
func wantCloudError(t *testing.T, name string, wants ...string) {
	t.Helper()
	c, err := readCloud(name)
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

// settingsOf reads the settings of a cloud.
func settingsOf(name string) (source, error) {
	c, err := readCloud(name)
	if err != nil {
		return nil, err
	}
	return c.settings(), nil
}

// The first file that exists is read, and the origin of a value names it.
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
				values, err := settingsOf("mine")
				if want := fmt.Sprintf("cloud %q in %s", "mine", file); err != nil || values["region"].text != file || values["region"].origin != want {
					t.Errorf("got %v (%v), want the region of %s", values, err, want)
				}
				if err := os.Remove(file); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	t.Run("without a home", func(t *testing.T) { // a folder openstack in the working directory has another purpose
		t.Setenv("HOME", "")
		write(t, filepath.Join(".config", "openstack"), "clouds.yaml", "clouds: {mine: {region_name: eu-de}}")
		write(t, "openstack", "clouds.yaml", "clouds: {mine: {region_name: eu-de}}")
		if values, err := settingsOf("mine"); err == nil && !strings.Contains(values["region"].origin, "/etc/") {
			t.Errorf("it is from %s", values["region"].origin)
		}
	})
}

func TestCloudsFilesThatCannotBeRead(t *testing.T) {
	const cloud = "clouds: {mine: {}}"
	forbid := func(t *testing.T, folder, file string) string {
		t.Helper()
		if os.Geteuid() == 0 {
			t.Skip("NOT TESTED: root may read everything")
		}
		if err := os.Chmod(filepath.Join(folder, file), 0); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(folder, file) + ": permission denied"
	}
	for name, test := range map[string]struct {
		prepare func(t *testing.T, folder string) (want string) // OS_CLIENT_CONFIG_FILE names folder/clouds.yaml
		wants   []string
	}{
		"none exists": {func(t *testing.T, _ string) string {
			for _, file := range []string{"/etc/openstack/clouds.yaml", "/etc/openstack/clouds.yml"} {
				if _, err := os.Stat(file); err == nil {
					t.Skip("NOT TESTED: this machine has " + file)
				}
			}
			home := atHome(t)
			t.Setenv("OS_CLIENT_CONFIG_FILE", "")
			return "none of clouds.yaml, clouds.yml, " + home + "/.config/openstack/clouds.yaml, " + home + "/.config/openstack/clouds.yml, " +
				"/etc/openstack/clouds.yaml, /etc/openstack/clouds.yml exists"
		}, []string{"no clouds.yaml was found", "OS_CLIENT_CONFIG_FILE"}},
		"HOME=/dev/null, as of a daemon": {func(t *testing.T, _ string) string {
			atHome(t)
			t.Setenv("OS_CLIENT_CONFIG_FILE", "")
			t.Setenv("HOME", os.DevNull)
			return "no clouds.yaml was found"
		}, nil},
		"the variable names no file": {func(t *testing.T, folder string) string {
			atHome(t)
			write(t, ".", "clouds.yaml", cloud) // must not replace it
			t.Setenv("OS_CLIENT_CONFIG_FILE", folder+"/missing.yaml")
			return folder + "/missing.yaml"
		}, []string{"OS_CLIENT_CONFIG_FILE names", "no such file"}},
		"the variable names a folder": {func(t *testing.T, folder string) string {
			t.Setenv("OS_CLIENT_CONFIG_FILE", folder)
			return folder
		}, []string{"OS_CLIENT_CONFIG_FILE names can't be read", "is a directory"}},
		"a folder is the first file": {func(t *testing.T, _ string) string {
			atHome(t)
			t.Setenv("OS_CLIENT_CONFIG_FILE", "")
			write(t, "clouds.yaml", "clouds.yaml", cloud)
			write(t, ".", "clouds.yml", cloud)
			return "clouds.yaml: is a directory"
		}, []string{"the file can't be read"}},
		"secure.yaml is a folder": {func(t *testing.T, folder string) string {
			write(t, filepath.Join(folder, "secure.yaml"), "file", "")
			return "secure.yaml: is a directory"
		}, []string{"the file can't be read"}},
		"the variable names no secure.yaml": {func(t *testing.T, folder string) string {
			t.Setenv("OS_CLIENT_SECURE_FILE", folder+"/missing.yaml")
			return folder + "/missing.yaml"
		}, []string{"OS_CLIENT_SECURE_FILE names can't be read"}},
		"no permission to read clouds.yaml": {func(t *testing.T, folder string) string { return forbid(t, folder, "clouds.yaml") }, nil},
		"no permission to read secure.yaml": {func(t *testing.T, folder string) string {
			write(t, folder, "secure.yaml", cloud)
			return forbid(t, folder, "secure.yaml")
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Dir(useClouds(t, cloud, ""))
			wantCloudError(t, "mine", append(test.wants, test.prepare(t, folder))...)
		})
	}
}

// secure.yaml, or the file that a variable names, replaces single values of clouds.yaml, and nothing by a value that is
// missing. The origin of a value names its file.
func TestSecureFile(t *testing.T) {
	for name, test := range map[string]struct{ file, content, want string }{
		"secure.yaml":     {"secure.yaml", "{clouds: {mine: {auth: {username: user, password: secure}}}}", "secure"},
		"secure.yml":      {"secure.yml", inCloud("auth.password", "secure"), "secure"},
		"of the variable": {"elsewhere", inCloud("auth.password", "secure"), "secure"},
		"empty":           {"secure.yaml", "# nothing", "public"},
		"no clouds":       {"secure.yaml", "{clouds: {}}", "public"},
		"another cloud":   {"secure.yaml", "{clouds: {other: {auth: {password: other}}}}", "public"},
		"empty cloud":     {"secure.yaml", "{clouds: {mine: }}", "public"},
		"empty auth":      {"secure.yaml", "{clouds: {mine: {auth: }}}", "public"},
		"null":            {"secure.yaml", "{clouds: {mine: {auth: {password: }}}}", "public"},
		"no document":     {"secure.yaml", "---\n", "public"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Dir(useClouds(t, "{clouds: {mine: {region_name: eu-de, auth: {username: user, password: public}}}}", ""))
			file := write(t, folder, test.file, test.content)
			switch test.file {
			case "elsewhere":
				write(t, folder, "secure.yaml", inCloud("auth.password", "beside"))
				t.Setenv("OS_CLIENT_SECURE_FILE", file)
			case "secure.yaml":
				write(t, folder, "secure.yml", inCloud("auth.password", "lower"))
			}
			values, err := settingsOf("mine")
			if err != nil {
				t.Fatal(err)
			}
			for attribute, want := range map[string]string{"password": test.want, "user_name": "user", "region": "eu-de"} {
				at := filepath.Join(folder, "clouds.yaml")
				if want == "secure" || attribute == "user_name" && strings.Contains(test.content, "user") {
					at = file
				}
				wantEqual(t, want, values[attribute].text)
				wantEqual(t, fmt.Sprintf("cloud %q in %s", "mine", at), values[attribute].origin)
			}
		})
	}
}

// maxCloudError is in bytes, besides the names of files.
const maxCloudError = 4000

// Names in an error are sorted and sanitized. There can be very many in a file, and they can be very long.
func TestUnknownCloud(t *testing.T) {
	for clouds, want := range map[string]string{
		"{clouds: {zeta: {}, alpha: {}, Beta: , 7: {}}}": "has no such cloud. Clouds in the file: 7, Beta, alpha, zeta",
		"{clouds: {}}":                      "has no such cloud. Clouds in the file: none",
		"{clouds: }":                        "has no such cloud. Clouds in the file: none",
		"":                                  "has no such cloud. Clouds in the file: none",
		"other: {mine: {}}":                 "has no such cloud. Clouds in the file: none",
		"{clouds: {'mine ': }}":             "has no such cloud. Clouds in the file: mine ",
		`{clouds: {"\e[31mred\n\u202e": }}`: "has no such cloud. Clouds in the file: [31mred",
		"{clouds: {" + strings.Repeat("x", 1000) + ": , " + strings.Repeat("y", 1000) + ": }}": "has no such cloud. Clouds in the file: x",
		"{clouds: {mine: {profile: " + strings.Repeat("vexxhost", 10_000) + "}}}":              `has the profile "vexxhost`,
		"{clouds: {mine: {auth_type: " + strings.Repeat("vexxhost", 10_000) + "}}}":            `has the auth_type "vexxhost`,
	} {
		file := useClouds(t, clouds, inCloud("auth.password", cloudSecret)) // a cloud of secure.yaml alone doesn't exist
		wantCloudError(t, "mine", file+"")
		_, err := readCloud("mine")
		if text := err.Error(); !strings.Contains(text, want) || strings.ContainsAny(text, "\x1b\n\u202e") || len(text) > len(file)+maxCloudError {
			t.Errorf("%d bytes: %.5000q", len(text), text)
		}
	}
}
