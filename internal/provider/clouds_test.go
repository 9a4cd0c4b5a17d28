package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
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

func TestCloudsAreLookedForInThisOrder(t *testing.T) {
	home := atHome(t)
	xdg := filepath.Join(home, "xdg")
	config := filepath.Join(home, ".config")
	named := filepath.Join(home, "named.file")
	tests := map[string]struct {
		environment map[string]string
		files       []string
	}{
		"by themselves": {
			files: []string{
				"clouds.yaml", "clouds.yml", filepath.Join(config, "openstack/clouds.yaml"), filepath.Join(config, "openstack/clouds.yml"),
			},
		},
		"XDG_CONFIG_HOME": {
			environment: map[string]string{"XDG_CONFIG_HOME": xdg},
			files: []string{
				"clouds.yaml", "clouds.yml", filepath.Join(xdg, "openstack/clouds.yaml"), filepath.Join(xdg, "openstack/clouds.yml"),
			},
		},
		"OS_CLIENT_CONFIG_FILE": {
			environment: map[string]string{"OS_CLIENT_CONFIG_FILE": named},
			files:       []string{named},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for variable, value := range test.environment {
				t.Setenv(variable, value)
			}
			for i, file := range test.files {
				for _, also := range append(test.files[i:], config+"/openstack/clouds.yml") {
					write(t, filepath.Dir(also), filepath.Base(also), "clouds: {mine: {region_name: "+also+"}}")
				}
				values, err := readCloud("mine")
				if want := fmt.Sprintf("cloud %q in %s", "mine", file); err != nil || values["region"].text != file || values["region"].origin != want {
					t.Errorf("got %v (%v), want the region of %s", values, err, want)
				}
				for _, written := range test.files[i:] {
					if err := os.Remove(written); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}

// A folder of the working directory that is called so by chance is no home.
func TestCloudsWithoutAHome(t *testing.T) {
	atHome(t)
	t.Setenv("HOME", "")
	write(t, "openstack", "clouds.yaml", "clouds: {mine: {region_name: eu-de}}")
	if values, err := readCloud("mine"); strings.Contains(values["region"].origin, "openstack/clouds.yaml") && err == nil {
		t.Errorf("it is from %s", values["region"].origin)
	}
}

func TestCloudsAreNowhere(t *testing.T) {
	for _, file := range []string{"/etc/openstack/clouds.yaml", "/etc/openstack/clouds.yml"} {
		if _, err := os.Stat(file); err == nil {
			t.Skip("NOT TESTED: this machine has " + file)
		}
	}
	home := atHome(t)
	wantCloudError(t, "mine", "there is no clouds.yaml", "none of clouds.yaml, clouds.yml, "+
		home+"/.config/openstack/clouds.yaml, "+home+"/.config/openstack/clouds.yml, "+
		"/etc/openstack/clouds.yaml, /etc/openstack/clouds.yml exists", "OS_CLIENT_CONFIG_FILE")

	missing := filepath.Join(home, "missing.yaml")
	write(t, ".", "clouds.yaml", "clouds: {mine: {}}") // not what was asked for
	t.Setenv("OS_CLIENT_CONFIG_FILE", missing)
	wantCloudError(t, "mine", "OS_CLIENT_CONFIG_FILE names", missing, "no such file")

	t.Setenv("OS_CLIENT_CONFIG_FILE", "")
	t.Setenv("HOME", os.DevNull) // as of a daemon
	if err := os.Remove("clouds.yaml"); err != nil {
		t.Fatal(err)
	}
	wantCloudError(t, "mine", "there is no clouds.yaml")
}

// wantCloudError reads a cloud and checks that it cannot be read, and why.
func wantCloudError(t *testing.T, name string, says ...string) {
	t.Helper()
	values, err := readCloud(name)
	if err == nil {
		t.Fatalf("there is no error, but %v", values)
	}
	for _, say := range says {
		if !strings.Contains(err.Error(), say) {
			t.Errorf("the error does not say %q:\n%v", say, err)
		}
	}
	if strings.Contains(err.Error(), cloudSecret) {
		t.Errorf("the error shows a secret:\n%v", err)
	}
}

// cloudSecret is what the tests of faulty files have in them.
const cloudSecret = "hunter2"

func TestUnreadableFiles(t *testing.T) {
	folder := t.TempDir()
	t.Run("a folder", func(t *testing.T) {
		t.Setenv("OS_CLIENT_CONFIG_FILE", folder)
		wantCloudError(t, "mine", "OS_CLIENT_CONFIG_FILE names cannot be read", folder, "is a directory")
	})
	t.Run("a folder before the file", func(t *testing.T) {
		atHome(t)
		write(t, "clouds.yaml", "clouds.yaml", "clouds: {mine: {}}")
		write(t, ".", "clouds.yml", "clouds: {mine: {}}")
		wantCloudError(t, "mine", "the file cannot be read", "clouds.yaml: is a directory")
	})
	t.Run("a folder for the secrets", func(t *testing.T) {
		file := useClouds(t, "clouds: {mine: {}}", "")
		write(t, filepath.Join(filepath.Dir(file), "secure.yaml"), "file", "")
		wantCloudError(t, "mine", "its secrets cannot be read", "secure.yaml: is a directory")
	})
	t.Run("no secrets where they were said to be", func(t *testing.T) {
		useClouds(t, "clouds: {mine: {}}", "clouds: {mine: {}}")
		missing := filepath.Join(folder, "missing.yaml")
		t.Setenv("OS_CLIENT_SECURE_FILE", missing)
		wantCloudError(t, "mine", "OS_CLIENT_SECURE_FILE names cannot be read", missing)
	})
	for _, name := range []string{"clouds.yaml", "secure.yaml"} {
		t.Run("no permission to read "+name, func(t *testing.T) {
			if os.Geteuid() == 0 {
				t.Skip("NOT TESTED: root may read everything")
			}
			file := useClouds(t, "clouds: {mine: {}}", "clouds: {mine: {}}")
			forbidden := filepath.Join(filepath.Dir(file), name)
			if err := os.Chmod(forbidden, 0); err != nil {
				t.Fatal(err)
			}
			wantCloudError(t, "mine", "cannot be read", forbidden, "permission denied")
		})
	}
}

func TestSecretsOfAnotherFile(t *testing.T) {
	useClouds(t, "clouds: {mine: {region_name: eu-de, auth: {username: user, password: public}}}", said("auth.password", "beside"))
	for name, want := range map[string]string{"": "beside", write(t, t.TempDir(), "other", said("auth.password", "elsewhere")): "elsewhere"} {
		t.Setenv("OS_CLIENT_SECURE_FILE", name)
		values, err := readCloud("mine")
		if err != nil {
			t.Fatal(err)
		}
		// One key of auth does not take the place of all of it.
		if values["password"].text != want || values["user_name"].text != "user" || values["region"].text != "eu-de" {
			t.Errorf("got %v, want the password %q and the rest of clouds.yaml", values, want)
		}
	}
}

func TestSecretsOfEitherName(t *testing.T) {
	file := useClouds(t, said("auth.password", "public"), "")
	for _, name := range []string{"secure.yml", "secure.yaml"} { // the latter takes precedence
		write(t, filepath.Dir(file), name, said("auth.password", name))
		if values, err := readCloud("mine"); err != nil || values["password"].text != name {
			t.Errorf("got %v (%v), want the password of %s", values, err, name)
		}
	}
}

func TestSecretsThatAddNothing(t *testing.T) {
	for name, secure := range map[string]string{
		"empty":         "# nothing",
		"no clouds":     "{clouds: {}}",
		"another cloud": "{clouds: {other: {auth: {password: other}}}}",
		"empty cloud":   "{clouds: {mine: }}",
		"empty auth":    "{clouds: {mine: {auth: }}}",
		"null":          "{clouds: {mine: {auth: {password: }}}}",
		"no document":   "---\n",
	} {
		t.Run(name, func(t *testing.T) {
			useClouds(t, said("auth.password", "kept"), secure)
			if values, err := readCloud("mine"); err != nil || values["password"].text != "kept" {
				t.Errorf("got %v (%v), want what clouds.yaml says", values, err)
			}
		})
	}
}

func TestUnknownCloud(t *testing.T) {
	for clouds, want := range map[string]string{
		"{clouds: {zeta: {}, alpha: {}, Beta: , 7: {}}}": "has no such cloud; it has 7, Beta, alpha, zeta",
		"{clouds: {}}":          "has no such cloud; it has none",
		"{clouds: }":            "has no such cloud; it has none",
		"":                      "has no such cloud; it has none",
		"other: {mine: {}}":     "has no such cloud; it has none",
		"{clouds: {'mine ': }}": "has no such cloud; it has mine ",
	} {
		file := useClouds(t, clouds, said("auth.password", cloudSecret)) // a cloud of secure.yaml alone is none
		wantCloudError(t, "mine", file+" "+want)
	}
}

// Names come from a file, so there can be very many, and they can be very long.
func TestUnknownCloudAmongMany(t *testing.T) {
	var clouds strings.Builder
	clouds.WriteString("clouds:\n")
	for i := range 1000 {
		fmt.Fprintf(&clouds, "  cloud-%05d: {}\n", i)
	}
	file := useClouds(t, clouds.String(), "")
	if _, err := readCloud("mine"); len(err.Error()) > len(file)+longestCloudError {
		t.Errorf("the error is %d bytes long", len(err.Error()))
	}
	useClouds(t, `{clouds: {"\e[31mred\n\u202e": {}}}`, "")
	_, err := readCloud("mine")
	for _, r := range "\x1b\n\u202e" {
		if strings.ContainsRune(err.Error(), r) {
			t.Errorf("the error has the character %q: %q", r, err)
		}
	}
}

// So can a profile.
func TestUnknownProfileThatIsLong(t *testing.T) {
	file := useClouds(t, "{clouds: {mine: {profile: "+strings.Repeat("vexxhost", 10_000)+"}}}", "")
	wantCloudError(t, "mine", `has the profile "vexxhost`)
	if _, err := readCloud("mine"); len(err.Error()) > len(file)+longestCloudError {
		t.Errorf("the error is %d bytes long", len(err.Error()))
	}
}

// longestCloudError is in bytes, besides the names of files.
const longestCloudError = 4000

// What the user reads names the cloud, the file, and where the name comes from.
func TestResolveUnusableCloud(t *testing.T) {
	file := useClouds(t, "{clouds: {other: {auth: {password: "+cloudSecret+"}}}}", "")
	for source, m := range map[string]map[string]string{
		"":         configured(t, map[string]any{"cloud": "mine"}),
		"OS_CLOUD": {},
	} {
		t.Setenv("OS_CLOUD", "mine")
		// What else is there must not be used: it may be meant for another cloud.
		t.Setenv("OS_TOKEN", "token")
		config, errs := resolve(m)
		want := "The file " + file + " has no such cloud; it has other."
		if source != "" {
			want += " OS_CLOUD names this cloud, and the provider needs it because of this: Missing region."
		}
		if diff := cmp.Diff([]error{&auth.ConfigError{Attribute: "cloud", Summary: `Cannot use the cloud "mine"`, Detail: want}}, errs); diff != "" {
			t.Error("unexpected (-want +got):\n" + diff)
		}
		if config != nil {
			t.Errorf("there are options besides the error: %+v", config)
		}
	}
}

// The error is a sentence, and a name in it is still the name of the file.
func TestResolveUnusableCloudOfARelativeFile(t *testing.T) {
	for _, file := range []string{"clouds.yaml", "ordner/clouds.yaml", "österreich/clouds.yaml"} {
		t.Run(file, func(t *testing.T) {
			atHome(t)
			write(t, filepath.Dir(file), filepath.Base(file), "clouds: {}")
			t.Setenv("OS_CLIENT_CONFIG_FILE", file)
			_, errs := resolve(configured(t, map[string]any{"cloud": "mine"}))
			if len(errs) != 1 || !strings.Contains(errs[0].Error(), file) {
				t.Errorf("got %v, want an error that names %s", errs, file)
			}
		})
	}
}

func TestResolveVerify(t *testing.T) {
	file := useClouds(t, "{clouds: {mine: {verify: false}, other: {verify: true}}}", "")
	inMine := auth.Sources{"insecure": fmt.Sprintf("cloud %q in %s", "mine", file)}
	for _, test := range []struct {
		block              map[string]any
		insecure, fallback string
		sources            auth.Sources
		want               bool
	}{
		{block: map[string]any{"cloud": "mine"}, insecure: "false", sources: inMine, want: true},
		{block: map[string]any{"cloud": "other"}},
		{block: map[string]any{"cloud": "mine", "insecure": false}},
		{fallback: "mine", sources: inMine, want: true},
		{fallback: "mine", insecure: "false", sources: auth.Sources{"insecure": "OS_INSECURE"}},
	} {
		t.Setenv("OS_INSECURE", test.insecure)
		t.Setenv("OS_CLOUD", test.fallback)
		wantFound(t, configured(t, test.block), test.sources, func(f *clientConfig) { f.auth.Insecure = test.want })
	}
	useClouds(t, "{clouds: {mine: {verify: false}}}", "{clouds: {mine: {verify: true}}}")
	t.Setenv("OS_INSECURE", "")
	wantFound(t, configured(t, map[string]any{"cloud": "mine"}), nil, nothing)
}
