package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A directory can be the checkout of another person's repository. Its clouds.yaml can't decide where
// the provider sends a secret that the user has elsewhere.
func TestCloudOfTheWorkingDirectory(t *testing.T) {
	const (
		redirect = "auth_url: 'https://iam.example.org/v3'"
		user     = "username: u, domain_name: d, project_name: eu-de"
		own      = user + ", password: own"
	)
	elsewhere := write(t, t.TempDir(), "secure.yaml", said("auth.password", cloudSecret))
	for name, test := range map[string]struct {
		cloud, secure string
		environment   string
		block         string
		refused       string // the keys of the file and the source of the secret; empty for none
	}{
		"password in a variable": {
			cloud: "{auth: {" + redirect + ", " + user + "}}", environment: "OS_PASSWORD=hunter2", refused: "auth_url OS_PASSWORD",
		},
		"user and password in variables": {
			cloud:       "{auth: {" + redirect + "}}",
			environment: "OS_USERNAME=u OS_PASSWORD=hunter2 OS_DOMAIN_NAME=d OS_PROJECT_NAME=p", refused: "auth_url OS_PASSWORD",
		},
		"passcode in a variable": {
			cloud: "{auth: {" + redirect + ", " + own + "}}", environment: "OS_PASSCODE=hunter2", refused: "auth_url OS_PASSCODE",
		},
		"token in a variable":           {cloud: "{auth: {" + redirect + "}}", environment: "OS_AUTH_TOKEN=hunter2", refused: "auth_url OS_AUTH_TOKEN"},
		"token, above own credentials":  {cloud: "{auth: {" + redirect + ", " + own + "}}", environment: "OS_TOKEN=hunter2", refused: "auth_url OS_TOKEN"},
		"token in the block":            {cloud: "{auth: {" + redirect + "}}", block: "token=hunter2", refused: "auth_url block"},
		"access key in variables":       {cloud: "{auth: {" + redirect + "}}", environment: "OS_ACCESS_KEY=a OS_SECRET_KEY=hunter2", refused: "auth_url OS_SECRET_KEY"},
		"secret key in a variable":      {cloud: "{auth: {" + redirect + ", ak: a}}", environment: "OS_SECRET_KEY=hunter2", refused: "auth_url OS_SECRET_KEY"},
		"security token in a variable":  {cloud: "{auth: {" + redirect + ", ak: a, sk: own}}", environment: "OS_SECURITY_TOKEN=hunter2", refused: "auth_url OS_SECURITY_TOKEN"},
		"verify":                        {cloud: "{verify: false, auth: {" + user + "}}", environment: "OS_PASSWORD=hunter2 OS_AUTH_URL=https://iam.example.com", refused: "verify OS_PASSWORD"},
		"cacert":                        {cloud: "{cacert: ca.pem, auth: {" + user + "}}", environment: "OS_PASSWORD=hunter2", refused: "cacert OS_PASSWORD"},
		"everything":                    {cloud: "{cacert: ca.pem, verify: false, auth: {" + redirect + "}}", environment: "OS_TOKEN=hunter2", refused: "auth_url,cacert,verify OS_TOKEN"},
		"secure.yaml of this directory": {cloud: "{auth: {" + user + "}}", secure: "{verify: false}", environment: "OS_PASSWORD=hunter2", refused: "verify OS_PASSWORD"},
		"password in another secure.yaml": {
			cloud: "{auth: {" + redirect + ", " + user + "}}", environment: "OS_CLIENT_SECURE_FILE=" + elsewhere, refused: "auth_url " + elsewhere,
		},
		"no verification, with another secure.yaml": {
			cloud: "{verify: false, auth: {" + user + "}}", environment: "OS_CLIENT_SECURE_FILE=" + elsewhere, refused: "verify " + elsewhere,
		},

		"own secrets":                  {cloud: "{verify: false, cacert: ca.pem, auth: {" + redirect + ", " + own + "}}"},
		"own secrets in secure.yaml":   {cloud: "{auth: {" + redirect + ", " + user + "}}", secure: "{auth: {password: own}}"},
		"own secrets above another's":  {cloud: "{auth: {" + redirect + ", " + own + "}}", environment: "OS_USERNAME=u"},
		"own secrets, auth_url":        {cloud: "{auth: {" + own + "}}", environment: "OS_AUTH_URL=https://iam.example.com"},
		"own secrets, another project": {cloud: "{auth: {" + redirect + ", " + own + "}}", block: "tenant_name=p"},
		"no redirection":               {cloud: "{verify: true, region_name: eu-nl, auth: {" + user + "}}", environment: "OS_PASSWORD=hunter2"},
		"a client certificate":         {cloud: "{cert: c.pem, key: k.pem, auth: {" + user + "}}", environment: "OS_PASSWORD=hunter2"},
		"auth_url in a variable, too":  {cloud: "{auth: {" + redirect + ", " + user + "}}", environment: "OS_PASSWORD=hunter2 OS_AUTH_URL=https://iam.example.com"},
		"all in variables, too": {
			cloud:       "{verify: false, cacert: ca.pem, auth: {" + user + "}}",
			environment: "OS_PASSWORD=hunter2 OS_AUTH_URL=https://iam.example.com OS_INSECURE=false OS_CACERT=mine.pem",
		},
		"nothing lacking": {cloud: "{auth: {" + redirect + "}}", environment: "OS_TOKEN=hunter2", block: "region=eu-de"},
	} {
		t.Run(name, func(t *testing.T) {
			home := atHome(t)
			t.Setenv("OS_CLOUD", "mine")
			for variable, value := range texts(test.environment) {
				t.Setenv(variable, value)
			}
			fill := func(folder string) (file string) {
				if test.secure != "" {
					write(t, folder, "secure.yaml", "{clouds: {mine: "+test.secure+"}}")
				}
				return write(t, folder, "clouds.yaml", "{clouds: {mine: "+test.cloud+"}}")
			}
			file := fill(".")
			config, errs := resolve(texts(test.block))
			if test.refused == "" {
				if len(errs) > 0 {
					t.Error(errs)
				}
				return
			}
			if config != nil || len(errs) != 1 {
				t.Fatalf("got %+v, %v; want an error alone", config, errs)
			}
			keys, secret, _ := strings.Cut(test.refused, " ")
			says := append(strings.Split(keys, ","), secret, "the working directory", ".yaml", "OS_CLIENT_CONFIG_FILE", `cloud = "mine"`)
			for _, say := range says {
				if !strings.Contains(errs[0].Error(), say) {
					t.Errorf("the error doesn't say %q: %v", say, errs[0])
				}
			}
			if strings.Contains(errs[0].Error(), cloudSecret) {
				t.Errorf("the error shows a secret: %v", errs[0])
			}

			// The user can trust the file.
			block := texts(test.block)
			block["cloud"] = "mine"
			if _, errs := resolve(block); len(errs) > 0 {
				t.Errorf("with a cloud in the block: %v", errs)
			}
			t.Setenv("OS_CLIENT_CONFIG_FILE", file)
			if _, errs := resolve(texts(test.block)); len(errs) > 0 {
				t.Errorf("with OS_CLIENT_CONFIG_FILE: %v", errs)
			}
			// So can files of the user.
			t.Setenv("OS_CLIENT_CONFIG_FILE", "")
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			fill(filepath.Join(home, ".config", "openstack"))
			if _, errs := resolve(texts(test.block)); len(errs) > 0 {
				t.Errorf("at home: %v", errs)
			}
		})
	}
}

// Errors and logs name the file that a value is from.
func TestOriginOfAValue(t *testing.T) {
	file := useClouds(t, "{clouds: {mine: {region_name: eu-de, auth: {username: u, password: both}}}}",
		"{clouds: {mine: {auth: {username: u, password: secure}}}}")
	values, err := readCloud("mine")
	if err != nil {
		t.Fatal(err)
	}
	for attribute, name := range map[string]string{"region": "clouds.yaml", "user_name": "secure.yaml", "password": "secure.yaml"} {
		if want := fmt.Sprintf("cloud %q in %s", "mine", filepath.Join(filepath.Dir(file), name)); values[attribute].origin != want {
			t.Errorf("%s is from %s, want %s", attribute, values[attribute].origin, want)
		}
	}
}
