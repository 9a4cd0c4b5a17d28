package provider

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Credentials and an agency are chosen as a set. Each row has the attributes of the sources, the
// highest first, and those that are in use.
func TestMergeCredentials(t *testing.T) {
	for name, test := range map[string]struct {
		sources []string
		want    string
	}{
		"nothing":                     {[]string{"", ""}, ""},
		"key above a token":           {[]string{"access_key=A secret_key=S", "token=T"}, "access_key=A secret_key=S"},
		"password above a token":      {[]string{"user_name=u password=p", "token=T"}, "user_name=u password=p"},
		"token above all":             {[]string{"token=T", "token=U access_key=A secret_key=S user_name=u password=p"}, "token=T"},
		"key and password in one":     {[]string{"access_key=A secret_key=S user_name=u password=p"}, "access_key=A secret_key=S"},
		"password above its user":     {[]string{"password=p", "user_name=u"}, "user_name=u password=p"},
		"user, a token, its password": {[]string{"user_name=u", "token=T", "password=p"}, "user_name=u password=p"},
		"secret above its key":        {[]string{"secret_key=S", "access_key=A"}, "access_key=A secret_key=S"},
		"key in three":                {[]string{"access_key=A", "secret_key=S", "security_token=X"}, "access_key=A secret_key=S"},
		"key, another's secret, its own": {
			[]string{"access_key=A", "access_key=B secret_key=S", "secret_key=T"}, "access_key=A secret_key=T",
		},
		"permanent key above a temporary one": {
			[]string{"access_key=A secret_key=S", "access_key=B secret_key=T security_token=X"}, "access_key=A secret_key=S",
		},
		"temporary key above its token and name": {
			[]string{"access_key=A secret_key=S", "access_key=A secret_key=S security_token=X"}, "access_key=A secret_key=S security_token=X",
		},
		"temporary key above its secrets": {
			[]string{"access_key=A", "secret_key=S security_token=X"}, "access_key=A secret_key=S security_token=X",
		},
		"secret above the rest of a temporary key": {
			[]string{"secret_key=S", "access_key=A security_token=X"}, "access_key=A secret_key=S security_token=X",
		},
		"security token above its key": {
			[]string{"security_token=X", "access_key=A secret_key=S"}, "access_key=A secret_key=S security_token=X",
		},
		"security token above a password": {[]string{"security_token=X", "user_name=u password=p"}, "security_token=X"},
		"user above another's password":   {[]string{"user_name=u", "user_name=v password=p"}, "user_name=u"},
		// Whether they are the same can't be known.
		"user's name above an ID and a password": {[]string{"user_name=u", "user_id=v password=p"}, "user_name=u password=p"},
		"user's ID above another":                {[]string{"user_id=v", "user_id=w user_name=v password=p"}, "user_id=v"},
		"password above another one":             {[]string{"password=p", "user_name=u password=q"}, "user_name=u password=p"},
		"passcode below its password":            {[]string{"user_name=u password=p", "passcode=c"}, "passcode=c password=p user_name=u"},
		"passcode of another user":               {[]string{"user_name=u password=p", "user_name=v passcode=c"}, "password=p user_name=u"},
		"passcode above a token":                 {[]string{"passcode=c", "token=T"}, "token=T"},

		"agency above the token":      {[]string{"agency_name=a agency_domain_name=d", "token=T"}, "agency_domain_name=d agency_name=a token=T"},
		"agency beside another token": {[]string{"token=T", "token=U agency_name=a agency_domain_name=d"}, "token=T"},
		"agency's project below":      {[]string{"access_key=A secret_key=S", "delegated_project=p"}, "access_key=A secret_key=S"},
		"agency in two": {
			[]string{"agency_name=a", "token=T agency_name=b agency_domain_name=d delegated_project=p"}, "agency_name=a token=T",
		},
		"agency beside the user, below the password": {
			[]string{"password=p", "user_name=u agency_name=a agency_domain_name=d"}, "agency_domain_name=d agency_name=a password=p user_name=u",
		},
		"agency beside the password, below the user": {[]string{"user_name=u", "password=p agency_name=a"}, "password=p user_name=u"},
	} {
		t.Run(name, func(t *testing.T) {
			var s sources
			for _, list := range test.sources {
				s = append(s, block(list))
			}
			merged, got := s.merge(), map[string]string{}
			for attribute, value := range merged {
				got[attribute] = value.text
			}
			wantEqual(t, texts(test.want), got)
			var unused []string
			for _, from := range s {
				for attribute, value := range from {
					if merged[attribute].text != value.text {
						unused = append(unused, attribute)
					}
				}
			}
			wantEqual(t, slices.Sorted(slices.Values(unused)), slices.Sorted(slices.Values(s.unused(merged))))
		})
	}
}

// The cloud of OS_CLOUD is read if the login lacks something, and only then. None of the
// values in it shall be used otherwise, nor an error of it shown.
func TestResolveFallback(t *testing.T) {
	const cloud = "{clouds: {mine: {region_name: eu-nl, auth: {auth_url: 'https://iam.example.org/v3', username: y, password: y, " +
		"domain_name: y, project_name: y, ak: y, sk: y, target_agency_name: y, target_domain_name: y}}}}"
	const place, domains = "auth_url region tenant_name ", "domain_name project_domain_name "
	for name, test := range map[string]struct {
		block   string // attributes, as in "token=t region=eu-de"
		lacking string
		want    string // the attributes from the cloud
	}{
		"nothing":                   {"", "No credentials configured", place + domains + "access_key secret_key agency_name agency_domain_name"},
		"token, region":             {"token=t region=eu-de", "", ""},
		"token alone":               {"token=t", "Missing region", place + domains},
		"token, endpoint, project":  {"token=t endpoint=https://m.example.com tenant_id=p", "", ""},
		"token, endpoint with it":   {"token=t endpoint=https://m.example.com/v1/p", "", ""},
		"key, project of a region":  {"access_key=a secret_key=s tenant_name=eu-de_x", "", ""},
		"half a key":                {"access_key=y region=eu-de", "Missing secret_key", "secret_key auth_url tenant_name " + domains},
		"user alone":                {"user_name=y domain_name=d region=eu-de", "Missing password", "password auth_url tenant_name"},
		"password alone":            {"password=p domain_name=d region=eu-de", "Missing user_name", "user_name auth_url tenant_name agency_name agency_domain_name"},
		"password without a domain": {"user_name=u password=p region=eu-de", "Missing domain_name", "auth_url tenant_name " + domains},
		"user's ID, project's ID":   {"user_id=u password=p tenant_id=p region=eu-de", "", ""},
		"user's ID, project's name": {"user_id=u password=p tenant_name=eu-de", "Missing domain_name", "auth_url region " + domains},
		"wrong region":              {"token=t region=eu-de/", "", ""},
		"agency, no region":         {"token=t auth_url=https://iam.example.com agency_name=a agency_domain_name=d", "Missing delegated_project", "region tenant_name " + domains},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("OS_CLOUD", "mine")
			t.Setenv("OS_CLIENT_CONFIG_FILE", "/nonexistent")
			_, errs := resolve(block(test.block))
			if test.lacking == "" && len(errs) > 0 || test.lacking != "" && (len(errs) != 1 || !strings.Contains(errs[0].Error(), test.lacking)) {
				t.Errorf("without a file: %v, want %q", errs, test.lacking)
			}
			if _, errs := resolve(block(test.block + " cloud=")); len(errs) > 0 {
				t.Errorf("with an empty cloud: %v", errs)
			}
			useClouds(t, cloud, "")
			config, _ := resolve(block(test.block))
			var used []string
			for attribute, origin := range config.auth.Sources {
				if origin != "" {
					used = append(used, attribute)
				}
			}
			wantEqual(t, slices.Sorted(strings.FieldsSeq(test.want)), slices.Sorted(slices.Values(used)))
		})
	}
}

// A directory can be the checkout of another person's repository. Its clouds.yaml can't decide where
// the provider sends a secret that the user has elsewhere.
func TestCloudOfTheWorkingDirectory(t *testing.T) {
	const (
		redirect = "auth_url: 'https://iam.example.org/v3'"
		user     = "username: u, domain_name: d, project_name: eu-de"
		own      = user + ", password: own"
		verify   = "{verify: false, auth: {" + user + "}}"
	)
	elsewhere := write(t, t.TempDir(), "secure.yaml", inCloud("auth.password", cloudSecret))
	for name, test := range map[string]struct {
		cloud, secure string
		environment   string
		block         string
		rejected      string // the keys of the file and the source of the secret; empty for none
	}{
		"password in a variable":        {cloud: "{auth: {" + redirect + ", " + user + "}}", environment: "OS_PASSWORD=hunter2", rejected: "auth_url OS_PASSWORD"},
		"passcode in a variable":        {cloud: "{auth: {" + redirect + ", " + own + "}}", environment: "OS_PASSCODE=hunter2", rejected: "auth_url OS_PASSCODE"},
		"token, above own credentials":  {cloud: "{auth: {" + redirect + ", " + own + "}}", environment: "OS_TOKEN=hunter2", rejected: "auth_url OS_TOKEN"},
		"token in the block":            {cloud: "{auth: {" + redirect + "}}", block: "token=hunter2", rejected: "auth_url block"},
		"secret key in a variable":      {cloud: "{auth: {" + redirect + ", ak: a}}", environment: "OS_SECRET_KEY=hunter2", rejected: "auth_url OS_SECRET_KEY"},
		"security token in a variable":  {cloud: "{auth: {" + redirect + ", ak: a, sk: own}}", environment: "OS_SECURITY_TOKEN=hunter2", rejected: "auth_url OS_SECURITY_TOKEN"},
		"verify":                        {cloud: verify, environment: "OS_PASSWORD=hunter2 OS_AUTH_URL=https://iam.example.com", rejected: "verify OS_PASSWORD"},
		"everything":                    {cloud: "{cacert: ca.pem, verify: false, auth: {" + redirect + "}}", environment: "OS_TOKEN=hunter2", rejected: "auth_url,cacert,verify OS_TOKEN"},
		"secure.yaml of this directory": {cloud: "{auth: {" + user + "}}", secure: "{verify: false}", environment: "OS_PASSWORD=hunter2", rejected: "verify OS_PASSWORD"},
		"another secure.yaml":           {cloud: verify, environment: "OS_CLIENT_SECURE_FILE=" + elsewhere, rejected: "verify " + elsewhere},

		"own secrets":                  {cloud: "{verify: false, cacert: ca.pem, auth: {" + redirect + ", " + own + "}}"},
		"own secrets in secure.yaml":   {cloud: "{auth: {" + redirect + ", " + user + "}}", secure: "{auth: {password: own}}"},
		"own secrets, another project": {cloud: "{auth: {" + redirect + ", " + own + "}}", block: "tenant_name=p"},
		"no redirection":               {cloud: "{verify: true, cert: c.pem, key: k.pem, auth: {" + user + "}}", environment: "OS_PASSWORD=hunter2"},
		"all in variables, too": {
			cloud:       "{verify: false, cacert: ca.pem, auth: {" + redirect + ", " + user + "}}",
			environment: "OS_PASSWORD=hunter2 OS_AUTH_URL=https://iam.example.com OS_INSECURE=false OS_CACERT=mine.pem",
		},
		"nothing is missing": {cloud: "{auth: {" + redirect + "}}", environment: "OS_TOKEN=hunter2", block: "region=eu-de"},
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
			accept := func(how string, block source) {
				t.Helper()
				if _, errs := resolve(block); len(errs) > 0 {
					t.Errorf("%s: %v", how, errs)
				}
			}
			file := fill(".")
			if test.rejected == "" {
				accept("as it is", block(test.block))
				return
			}
			config, errs := resolve(block(test.block))
			if config != nil || len(errs) != 1 {
				t.Fatalf("got %+v, %v; want an error alone", config, errs)
			}
			keys, secret, _ := strings.Cut(test.rejected, " ")
			wants := append(strings.Split(keys, ","), secret, "the working directory", ".yaml", "OS_CLIENT_CONFIG_FILE", `cloud = "mine"`)
			for _, want := range wants {
				if !strings.Contains(errs[0].Error(), want) {
					t.Errorf("the error lacks %q: %v", want, errs[0])
				}
			}
			if strings.Contains(errs[0].Error(), cloudSecret) {
				t.Errorf("the error shows a secret: %v", errs[0])
			}

			// The user can trust the file. So can files of the user.
			accept("with a cloud in the block", block(test.block+" cloud=mine"))
			t.Setenv("OS_CLIENT_CONFIG_FILE", file)
			accept("with OS_CLIENT_CONFIG_FILE", block(test.block))
			t.Setenv("OS_CLIENT_CONFIG_FILE", "")
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			fill(filepath.Join(home, ".config", "openstack"))
			accept("at home", block(test.block))
		})
	}
}
