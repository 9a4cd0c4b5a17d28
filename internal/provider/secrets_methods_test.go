package provider_test

import (
	"archive/zip"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// secretive is a simulator all of whose secrets can be searched for: they have only
// what no encoding changes.
func secretive() simulator.Options {
	return simulator.Options{
		Password: secretPassword, SecretKey: "correctkeybatterystaple4712", TemporarySecretKey: "correctkeybatterystaple4713",
		SecurityToken: "correcttokenbatterystaple4714", Passcode: "correctcodebatterystaple4715",
	}
}

// secretsOf are those of a simulator, of the keys in PEM, and what the service met.
func secretsOf(s *service, o simulator.Options, keys ...string) []string {
	secrets := append(s.met(), o.Password, o.SecretKey, o.TemporarySecretKey, o.SecurityToken, "correctcodebatterystaple4715",
		"simulated-", "SDK-HMAC-SHA256", "PRIVATE KEY")
	for _, key := range keys {
		for line := range strings.Lines(key) {
			if line = strings.TrimSpace(line); !strings.Contains(line, "-----") {
				secrets = append(secrets, line)
			}
		}
	}
	return secrets
}

// inEnvironment returns the variables that say a block.
func inEnvironment(b block) map[string]string {
	variables := map[string]string{}
	for attribute, value := range b {
		if value != nil {
			variable, _ := provider.Says(attribute)
			variables[variable] = fmt.Sprint(value)
		}
	}
	return variables
}

// inConfiguration returns a block in HCL.
func inConfiguration(b block) string {
	var text strings.Builder
	text.WriteString("\nprovider \"modelarts\" {\n")
	for _, attribute := range slices.Sorted(maps.Keys(b)) {
		switch value := b[attribute].(type) {
		case nil:
		case string:
			if strings.Contains(value, "\n") {
				fmt.Fprintf(&text, "  %s = <<EOT\n%sEOT\n", attribute, value)
			} else {
				fmt.Fprintf(&text, "  %s = %q\n", attribute, value)
			}
		default:
			fmt.Fprintf(&text, "  %s = %v\n", attribute, value)
		}
	}
	return text.String() + "}\n"
}

// unpacked is what is in a saved plan.
func unpacked(t *testing.T, path string) string {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	var text strings.Builder
	for _, packed := range archive.File {
		file, err := packed.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&text, file); err != nil {
			t.Fatal(err)
		}
		file.Close()
	}
	return text.String()
}

func TestSecretsOfEachMethodAreShownNowhere(t *testing.T) {
	t.Parallel()
	authority, options := issue(t, nil, "authority", ""), secretive()
	mine := issue(t, authority, "client", "")
	keyInPEM := mine.keyPEM(t)
	user := block{
		"region": simulator.DefaultRegion, "domain_name": simulator.DefaultDomainName, "tenant_name": simulator.DefaultProjectName,
		"user_name": simulator.DefaultUserName, "password": options.Password,
	}
	accessKey := block{
		"tenant_name": simulator.DefaultProjectName, "access_key": simulator.DefaultAccessKey, "secret_key": options.SecretKey,
	}
	temporary := accessKey.with("access_key", simulator.DefaultTemporaryAccessKey).with("secret_key", options.TemporarySecretKey).
		with("security_token", options.SecurityToken)
	secured := block{"cacert_file": authority.certPEM(), "cert": mine.certPEM(), "key": keyInPEM}

	tests := map[string]struct {
		block         block
		passcode      bool
		revoked       bool // the tokens are, in the middle of the apply
		secured       bool
		configuration bool // the CLI itself copies that into a saved plan
		clouds        bool
	}{
		"passcode":                      {block: user.with("passcode", options.Passcode), passcode: true},
		"access key":                    {block: accessKey},
		"temporary access key":          {block: temporary},
		"agency on password":            {block: user.asAgency(), revoked: true},
		"agency on access key":          {block: accessKey.asAgency(), revoked: true},
		"client's certificate":          {block: user, secured: true},
		"clouds.yaml and secure.yaml":   {block: temporary.asAgency(), secured: true, clouds: true},
		"temporary key, in the block":   {block: temporary, secured: true, configuration: true},
		"password and code, in a block": {block: user.with("passcode", options.Passcode), passcode: true, configuration: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			own := options
			if !test.passcode {
				own.Passcode = ""
			}
			s := startRevoking(t, own, test.revoked, test.secured, authority)
			b := test.block.with("auth_url", s.url+"/v3")
			if test.secured {
				for attribute, value := range secured {
					b = b.with(attribute, value)
				}
			}
			variables, config := map[string]string{}, inConfiguration(nil)
			switch {
			case test.configuration:
				config = inConfiguration(b)
			case test.clouds:
				variables["OS_CLIENT_CONFIG_FILE"] = writeClouds(t, b, secretAttribute)
				variables["OS_CLOUD"] = "simulator"
			default:
				variables = inEnvironment(b)
			}
			w := watch(t, variables)
			w.Write("main.tf", terraformBlock+config+board("first"))
			w.run(0, "plan", "-out=saved.plan", "-no-color")
			plan := unpacked(t, filepath.Join(w.Folder, "saved.plan"))
			w.run(0, "apply", "-no-color", "saved.plan")

			shown := map[string]string{"state": read(w.t, filepath.Join(w.Folder, "terraform.tfstate"))}
			if !test.configuration {
				shown["saved plan"] = plan
			}
			if len(s.met()) == 0 {
				t.Error("the service met no secret")
			}
			w.wantNoSecret(shown, secretsOf(s, options, keyInPEM)...)
			for _, line := range []string{"IAM call", "Authenticated", "ModelArts API call"} {
				if !strings.Contains(read(w.t, w.log), line) {
					t.Errorf("the log has no line %q", line)
				}
			}
		})
	}
}

// startRevoking starts a service that may take all tokens away at the first create,
// and may want a certificate of the authority.
func startRevoking(t *testing.T, options simulator.Options, revoking, secured bool, authority *certificate) *service {
	t.Helper()
	var s atomic.Pointer[service]
	if revoking {
		options = atFirstCreate(options, func() { s.Load().RevokeTokens() })
	}
	var own *certificate
	var config *tls.Config
	if secured {
		own = issue(t, authority, "server", loopback)
		config = &tls.Config{
			MinVersion: tls.VersionTLS12, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: authority.pool(),
		}
	}
	s.Store(serve(t, options, own, config))
	return s.Load()
}

// A CLI shows the lines of the configuration that a diagnostic is about.
func TestSecretsOfAFaultyBlockAreShownNowhere(t *testing.T) {
	t.Parallel()
	s := serve(t, secretive(), nil, nil)
	mine, other := issue(t, nil, "mine", ""), issue(t, nil, "other", "")
	user := block{
		"auth_url": s.url + "/v3", "user_id": simulator.DefaultUserID, "tenant_id": simulator.DefaultProjectID, "max_retries": 0,
	}
	static := block{"endpoint": s.url, "auth_url": s.url + "/v3", "tenant_id": simulator.DefaultProjectID, "max_retries": 0}
	keyInPEM := other.keyPEM(t)
	keyWithoutPEM := strings.Join(strings.Split(keyInPEM, "\n")[1:4], "")
	tests := map[string]struct {
		block   block
		says    string
		secrets []string
	}{
		"wrong password":       {user.with("password", mistakenPassword), "IAM refused the user or the password", []string{mistakenPassword}},
		"wrong token":          {user.with("token", mistakenPassword), "IAM refused the token", []string{mistakenPassword}},
		"wrong secret key":     {user.with("access_key", "AK").with("secret_key", mistakenPassword), "IAM refused the access key", []string{mistakenPassword}},
		"two lines of a token": {static.with("token", mistakenPassword+"\n"+mistakenPassword+"\n"), "Invalid token", []string{mistakenPassword}},
		"secret without a key": {static.with("secret_key", mistakenPassword), "Missing access_key", []string{mistakenPassword}},
		"password in the address of IAM": {
			user.with("password", "x").with("auth_url", "https://user:"+mistakenPassword+"@iam.example.org/v3"), "do not belong in a URL",
			[]string{mistakenPassword},
		},
		"password in an endpoint": {
			static.with("token", "x").with("endpoint", "https://user:"+mistakenPassword+"@modelarts.example.org"), "do not belong in a URL",
			[]string{mistakenPassword},
		},
		"password in no URL": {
			static.with("token", "x").with("endpoint", "user:"+mistakenPassword+"@modelarts.example.org"), "Invalid endpoint",
			[]string{mistakenPassword},
		},
		"key of another": {
			user.with("password", mistakenPassword).with("cert", mine.certPEM()).with("key", keyInPEM), "Invalid key",
			secretsOf(s, secretive(), keyInPEM),
		},
		"key where the certificate is": {
			user.with("password", mistakenPassword).with("cert", keyInPEM).with("key", keyInPEM), "Invalid cert",
			secretsOf(s, secretive(), keyInPEM),
		},
		"key without its first line where the certificate is": {
			user.with("password", mistakenPassword).with("cert", keyWithoutPEM).with("key", keyInPEM), "Invalid cert",
			secretsOf(s, secretive(), keyInPEM),
		},
		"key without its first line where the authority is": {
			user.with("password", mistakenPassword).with("cacert_file", keyWithoutPEM), "Invalid cacert_file",
			secretsOf(s, secretive(), keyInPEM),
		},
		"token in the query of an endpoint": {
			static.with("token", "x").with("endpoint", "ftp://modelarts.example.org/?token="+mistakenPassword), "Invalid endpoint",
			[]string{mistakenPassword},
		},
		"key where the authority is": {
			user.with("password", mistakenPassword).with("cacert_file", keyInPEM), "Invalid cacert_file",
			secretsOf(s, secretive(), keyInPEM),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := watch(t, nil)
			w.Write("main.tf", terraformBlock+inConfiguration(test.block)+board("first"))
			if output := w.run(1, "plan", "-no-color"); !strings.Contains(output, test.says) {
				t.Errorf("the output does not say %q:\n%s", test.says, output)
			}
			w.wantNoSecret(map[string]string{}, test.secrets...)
		})
	}
}

// secretAttribute tells what belongs into secure.yaml.
func secretAttribute(attribute string) bool {
	return slices.Contains([]string{"password", "passcode", "token", "secret_key", "security_token", "key"}, attribute)
}

// A faulty file is not quoted by what reads it, nor by what shows that.
func TestSecretsOfAFaultyCloudAreShownNowhere(t *testing.T) {
	t.Parallel()
	w := watch(t, map[string]string{"OS_CLOUD": "mine"})
	w.Write("clouds.yaml", "clouds:\n  mine:\n    auth:\n      username: user\n")
	w.Write("secure.yaml", "clouds:\n  mine:\n    auth:\n      password: ["+secretPassword+"]\n")
	w.Write("main.tf", terraformBlock+board("first"))
	if output := w.run(1, "plan", "-no-color"); !strings.Contains(output, `Cannot use the cloud "mine"`) {
		t.Errorf("the output is about something else:\n%s", output)
	}
	w.wantNoSecret(map[string]string{}, secretPassword)
	if _, err := os.Stat(filepath.Join(w.Folder, "terraform.tfstate")); err == nil {
		t.Error("there is a state")
	}
}
