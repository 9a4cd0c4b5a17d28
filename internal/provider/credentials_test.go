package provider

import (
	"maps"
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
		"nothing":                       {[]string{"", ""}, ""},
		"key above a token":             {[]string{"access_key=A secret_key=S", "token=T"}, "access_key=A secret_key=S"},
		"password above a token":        {[]string{"user_name=u password=p", "token=T"}, "user_name=u password=p"},
		"password above a key":          {[]string{"user_id=u password=p", "access_key=A secret_key=S security_token=X"}, "user_id=u password=p"},
		"token above all":               {[]string{"token=T", "access_key=A secret_key=S user_name=u password=p"}, "token=T"},
		"token above a token":           {[]string{"token=T", "token=U"}, "token=T"},
		"all in one":                    {[]string{"token=T access_key=A secret_key=S user_name=u password=p"}, "token=T"},
		"key and password in one":       {[]string{"access_key=A secret_key=S user_name=u password=p"}, "access_key=A secret_key=S"},
		"user above its password":       {[]string{"user_name=u", "password=p"}, "user_name=u password=p"},
		"password above its user":       {[]string{"password=p", "user_name=u"}, "user_name=u password=p"},
		"user above a token":            {[]string{"user_name=u", "token=T"}, "user_name=u"},
		"user, a token, its password":   {[]string{"user_name=u", "token=T", "password=p"}, "user_name=u password=p"},
		"half a key above a password":   {[]string{"secret_key=S", "user_name=u password=p"}, "secret_key=S"},
		"key above its secret":          {[]string{"access_key=A", "secret_key=S"}, "access_key=A secret_key=S"},
		"secret above its key":          {[]string{"secret_key=S", "access_key=A"}, "access_key=A secret_key=S"},
		"key in three":                  {[]string{"access_key=A", "secret_key=S", "security_token=X"}, "access_key=A secret_key=S"},
		"key above its secret and name": {[]string{"access_key=A", "access_key=A secret_key=S"}, "access_key=A secret_key=S"},
		"key above another's secret":    {[]string{"access_key=A", "access_key=B secret_key=S"}, "access_key=A"},
		"key, another's secret, its own": {
			[]string{"access_key=A", "access_key=B secret_key=S", "secret_key=T"}, "access_key=A secret_key=T",
		},
		"permanent key above a temporary one": {
			[]string{"access_key=A secret_key=S", "access_key=B secret_key=T security_token=X"}, "access_key=A secret_key=S",
		},
		"permanent key above a security token": {[]string{"access_key=A secret_key=S", "security_token=X"}, "access_key=A secret_key=S"},
		"temporary key above its token and name": {
			[]string{"access_key=A secret_key=S", "access_key=A secret_key=S security_token=X"}, "access_key=A secret_key=S security_token=X",
		},
		"temporary key above another": {
			[]string{"access_key=A secret_key=S security_token=X", "access_key=B secret_key=T security_token=Y"},
			"access_key=A secret_key=S security_token=X",
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
		"user above its password and name": {
			[]string{"user_name=u", "user_name=u password=p"}, "user_name=u password=p",
		},
		"password above another one and the user": {[]string{"password=p", "user_name=u password=q"}, "user_name=u password=p"},
		// Whether they are the same can't be known.
		"user's name above an ID and a password": {[]string{"user_name=u", "user_id=v password=p"}, "user_name=u password=p"},
		"user's ID above a name and a password":  {[]string{"user_id=v", "user_name=u password=p"}, "user_id=v password=p"},
		"user's ID above another":                {[]string{"user_id=v", "user_id=w user_name=v password=p"}, "user_id=v"},
		"passcode below its password":            {[]string{"user_name=u password=p", "passcode=c"}, "passcode=c password=p user_name=u"},
		"passcode above its password":            {[]string{"passcode=c", "user_name=u password=p"}, "passcode=c password=p user_name=u"},
		"passcode of another user":               {[]string{"user_name=u password=p", "user_name=v passcode=c"}, "password=p user_name=u"},
		"passcode above a token":                 {[]string{"passcode=c", "token=T"}, "token=T"},
		"passcode below a key":                   {[]string{"access_key=A secret_key=S", "passcode=c"}, "access_key=A secret_key=S"},

		"agency beside the token":     {[]string{"token=T agency_name=a agency_domain_name=d", ""}, "agency_domain_name=d agency_name=a token=T"},
		"agency above the token":      {[]string{"agency_name=a agency_domain_name=d", "token=T"}, "agency_domain_name=d agency_name=a token=T"},
		"agency below the token":      {[]string{"token=T", "agency_name=a agency_domain_name=d"}, "token=T"},
		"agency's project below":      {[]string{"access_key=A secret_key=S", "delegated_project=p"}, "access_key=A secret_key=S"},
		"agency beside another token": {[]string{"token=T", "token=U agency_name=a agency_domain_name=d"}, "token=T"},
		"agency in two": {
			[]string{"agency_name=a", "token=T agency_name=b agency_domain_name=d delegated_project=p"}, "agency_name=a token=T",
		},
		"agency beside the user, below the password": {
			[]string{"password=p", "user_name=u agency_name=a agency_domain_name=d"},
			"agency_domain_name=d agency_name=a password=p user_name=u",
		},
		"agency beside the password, below the user": {
			[]string{"user_name=u", "password=p agency_name=a agency_domain_name=d"}, "password=p user_name=u",
		},
		"agency beside another's password, below the secret": {
			[]string{"secret_key=S", "user_name=u password=p agency_name=a", "access_key=A"}, "access_key=A agency_name=a secret_key=S",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var s sources
			for _, list := range test.sources {
				s = append(s, unchecked(texts(list)))
			}
			merged := s.merge()
			var got, unused []string
			for _, attribute := range slices.Sorted(maps.Keys(merged)) {
				got = append(got, attribute+"="+merged[attribute].text)
			}
			wantEqual(t, slices.Sorted(strings.FieldsSeq(test.want)), got)
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
	for name, test := range map[string]struct {
		block   string // attributes, as in "token=t region=eu-de"
		lacking string
		want    string // what is used of the cloud
	}{
		"nothing":                   {"", "No credentials configured", "access_key secret_key auth_url region project domain agency"},
		"token, region":             {"token=t region=eu-de", "", ""},
		"token, auth_url":           {"token=t auth_url=https://iam.example.com", "", ""},
		"token alone":               {"token=t", "Missing region", "auth_url region project domain"},
		"token, project":            {"token=t tenant_id=p", "Missing region", "auth_url region domain"},
		"token, endpoint":           {"token=t endpoint=https://m.example.com", "Missing region", "auth_url region project domain"},
		"token, endpoint, project":  {"token=t endpoint=https://m.example.com tenant_id=p", "", ""},
		"token, endpoint with it":   {"token=t endpoint=https://m.example.com/v1/p", "", ""},
		"key, endpoint, project":    {"access_key=a secret_key=s endpoint=https://m.example.com tenant_id=p", "", ""},
		"key, region":               {"access_key=a secret_key=s region=eu-de", "", ""},
		"key, project of a region":  {"access_key=a secret_key=s tenant_name=eu-de_x", "", ""},
		"key without a project":     {"access_key=a secret_key=s auth_url=https://iam.example.com", "Missing tenant_name", "region project domain"},
		"half a key":                {"access_key=y region=eu-de", "Missing secret_key", "secret_key auth_url project domain"},
		"password":                  {"user_name=u password=p domain_name=d region=eu-de", "", ""},
		"user alone":                {"user_name=y domain_name=d region=eu-de", "Missing password", "password auth_url project"},
		"password alone":            {"password=p domain_name=d region=eu-de", "Missing user_name", "user auth_url project agency"},
		"password without a domain": {"user_name=u password=p region=eu-de", "Missing domain_name", "auth_url project domain"},
		"user's ID, project's ID":   {"user_id=u password=p tenant_id=p region=eu-de", "", ""},
		"user's ID, project's name": {"user_id=u password=p tenant_name=eu-de", "Missing domain_name", "auth_url region domain"},
		"password, endpoint": {
			"user_id=u password=p tenant_id=p endpoint=https://m.example.com", "Missing region", "auth_url region domain",
		},
		"wrong region":      {"token=t region=eu-de/", "", ""},
		"half an agency":    {"token=t region=eu-de agency_name=a", "", ""},
		"agency, no region": {"token=t auth_url=https://iam.example.com agency_name=a agency_domain_name=d", "Missing delegated_project", "region project domain"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("OS_CLOUD", "mine")
			block := texts(test.block)
			t.Setenv("OS_CLIENT_CONFIG_FILE", "/nonexistent")
			_, errs := resolve(unchecked(block))
			if test.lacking == "" && len(errs) > 0 || test.lacking != "" && (len(errs) != 1 || !strings.Contains(errs[0].Error(), test.lacking)) {
				t.Errorf("without a file: %v, want %q", errs, test.lacking)
			}
			useClouds(t, cloud, "")
			config, errs := resolve(unchecked(block))
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			var used []string
			for _, part := range []struct{ name, value, own string }{
				{"access_key", config.auth.AccessKey, "access_key"},
				{"secret_key", config.auth.SecretKey, "secret_key"},
				{"user", config.auth.UserName, "user_name"},
				{"password", config.auth.Password, "password"},
				{"auth_url", config.auth.AuthURL, "auth_url"},
				{"region", config.auth.Region, "region"},
				{"project", config.auth.ProjectName, "tenant_name"},
				{"domain", config.auth.DomainName, "domain_name"},
				{"agency", config.auth.AgencyName, "agency_name"},
			} {
				if part.value != "" && block[part.own] == "" {
					used = append(used, part.name)
				}
			}
			if got := strings.Join(used, " "); got != test.want {
				t.Errorf("used of the cloud: %s; want %s", got, test.want)
			}
			block["cloud"] = "" // which disables OS_CLOUD
			t.Setenv("OS_CLIENT_CONFIG_FILE", "/nonexistent")
			if _, errs := resolve(unchecked(block)); len(errs) > 0 {
				t.Errorf("with an empty cloud: %v", errs)
			}
			// A value of the environment isn't lacking.
			delete(block, "cloud")
			for attribute, text := range block {
				t.Setenv(attributes[attribute].variables[0], text)
			}
			if _, errs := resolve(nil); test.lacking == "" && len(errs) > 0 {
				t.Errorf("from the environment: %v", errs)
			}
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
	)
	elsewhere := write(t, t.TempDir(), "secure.yaml", inCloud("auth.password", cloudSecret))
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

		"own secrets":                    {cloud: "{verify: false, cacert: ca.pem, auth: {" + redirect + ", " + own + "}}"},
		"own secrets in secure.yaml":     {cloud: "{auth: {" + redirect + ", " + user + "}}", secure: "{auth: {password: own}}"},
		"own secrets above another user": {cloud: "{auth: {" + redirect + ", " + own + "}}", environment: "OS_USERNAME=u"},
		"own secrets, auth_url":          {cloud: "{auth: {" + own + "}}", environment: "OS_AUTH_URL=https://iam.example.com"},
		"own secrets, another project":   {cloud: "{auth: {" + redirect + ", " + own + "}}", block: "tenant_name=p"},
		"no redirection":                 {cloud: "{verify: true, region_name: eu-nl, auth: {" + user + "}}", environment: "OS_PASSWORD=hunter2"},
		"a client certificate":           {cloud: "{cert: c.pem, key: k.pem, auth: {" + user + "}}", environment: "OS_PASSWORD=hunter2"},
		"auth_url in a variable, too":    {cloud: "{auth: {" + redirect + ", " + user + "}}", environment: "OS_PASSWORD=hunter2 OS_AUTH_URL=https://iam.example.com"},
		"all in variables, too": {
			cloud:       "{verify: false, cacert: ca.pem, auth: {" + user + "}}",
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
			file := fill(".")
			config, errs := resolve(unchecked(texts(test.block)))
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
			wants := append(strings.Split(keys, ","), secret, "the working directory", ".yaml", "OS_CLIENT_CONFIG_FILE", `cloud = "mine"`)
			for _, want := range wants {
				if !strings.Contains(errs[0].Error(), want) {
					t.Errorf("the error lacks %q: %v", want, errs[0])
				}
			}
			if strings.Contains(errs[0].Error(), cloudSecret) {
				t.Errorf("the error shows a secret: %v", errs[0])
			}

			// The user can trust the file.
			block := texts(test.block)
			block["cloud"] = "mine"
			if _, errs := resolve(unchecked(block)); len(errs) > 0 {
				t.Errorf("with a cloud in the block: %v", errs)
			}
			t.Setenv("OS_CLIENT_CONFIG_FILE", file)
			if _, errs := resolve(unchecked(texts(test.block))); len(errs) > 0 {
				t.Errorf("with OS_CLIENT_CONFIG_FILE: %v", errs)
			}
			// So can files of the user.
			t.Setenv("OS_CLIENT_CONFIG_FILE", "")
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			fill(filepath.Join(home, ".config", "openstack"))
			if _, errs := resolve(unchecked(texts(test.block))); len(errs) > 0 {
				t.Errorf("at home: %v", errs)
			}
		})
	}
}
