package provider_test

import (
	"crypto/tls"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/visualizationjob"
)

// line is a line of a log.
type line = map[string]any

// logged runs a new provider and returns the lines of its log, without those of the framework. It checks that no line
// has a secret.
func logged(t *testing.T, run func(*client)) []line {
	t.Helper()
	var log, framework logBuffer
	ctx := tfsdklogtest.RootLogger(tflogtest.RootLogger(t.Context(), &log), &framework)
	run(newClient(ctx, t))
	for _, secret := range []string{"simulator-", "simulated-", "wrong-", mistakenPassword, "SDK-HMAC-SHA256", "Signature="} {
		for _, text := range []string{log.String(), framework.String()} {
			if strings.Contains(text, secret) {
				t.Errorf("the log has the secret %q:\n%s", secret, text)
			}
		}
	}
	if framework.String() == "" {
		t.Error("the framework logged nothing: was its log searched?")
	}
	lines, err := tflogtest.MultilineJSONDecode(strings.NewReader(log.String()))
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// withMessage returns the lines with a message.
func withMessage(lines []line, message string) (found []line) {
	for _, l := range lines {
		if l["@message"] == message {
			found = append(found, l)
		}
	}
	return found
}

// userAgent matches the User-Agent of the provider, to which gophercloud adds its own. How Go builds decides whether the build has a version.
var userAgent = regexp.MustCompile(`^terraform-provider-modelarts/(test|dev) \((build \S+; )?CLI \d+\.\d+\.\d+\S*\)( |$)`)

// wantCallLines checks that each request has a line that agrees with the simulator's record, and that there are no other lines.
func wantCallLines(t *testing.T, lines []line, s server) {
	t.Helper()
	var want []line
	attempt := 0.0
	for _, call := range s.Requests() {
		path, message := call.Path, "ModelArts API request"
		if len(call.Query) > 0 {
			path += "?" + call.Query.Encode()
		}
		if strings.HasPrefix(path, "/v3/") {
			message = "IAM request"
		}
		attempt++
		want = append(want, line{
			"@level": "debug", "@message": message, "@module": "provider", "method": call.Method, "path": path,
			"status": float64(call.Status), "request_id": call.RequestID, "attempt": attempt,
		})
		if call.Status < http.StatusInternalServerError {
			attempt = 0 // the next request is another one
		}
	}
	var got []line
	for _, l := range lines {
		if l["@level"] != "debug" {
			continue
		}
		if milliseconds, ok := l["duration_ms"].(float64); !ok || milliseconds < 0 || milliseconds > 60_000 {
			t.Errorf("duration_ms is %v", l["duration_ms"])
		}
		delete(l, "duration_ms")
		got = append(got, l)
	}
	provider.WantEqual(t, want, got)
}

// Each request has a line. Another line has the method, and the origins of the attributes that decide on the session, because
// users search for these first if an authentication fails.
func TestLogOfCalls(t *testing.T) {
	for name, test := range map[string]struct {
		block     func(*simulator.Server) block
		variables map[string]string // by attributes whose values are in the environment
		calls     []string          // to IAM
		want      line
	}{
		"password":                    {block: passwordBlock, calls: []string{login}, want: line{"method": "password"}},
		"token, project and endpoint": {block: staticBlock, want: line{"method": "token", "endpoint_source": "configuration", "auth_url_source": ""}},
		"temporary access key": {
			block: func(s *simulator.Server) block {
				return keyBlock(s).with("access_key", simulator.DefaultTemporaryAccessKey).
					with("secret_key", simulator.DefaultTemporarySecretKey).with("security_token", simulator.DefaultSecurityToken).with("user_name", "other")
			},
			variables: map[string]string{"user_name": "OS_USERNAME"},
			calls:     []string{projects, catalog}, want: line{"method": "access key", "unused": "user_name (from OS_USERNAME)"},
		},
		"agency on access key": {
			block: func(s *simulator.Server) block { return keyBlock(s).asAgency() },
			variables: map[string]string{
				"access_key": "OS_ACCESS_KEY", "auth_url": "OS_AUTH_URL", "agency_name": "OS_AGENCY_NAME",
				"agency_domain_name": "OS_AGENCY_DOMAIN_NAME", "delegated_project": "OS_DELEGATED_PROJECT",
			},
			calls: []string{domains, login},
			want: line{
				"method": "access key", "source": "OS_ACCESS_KEY", "agency": true, "agency_source": "OS_AGENCY_NAME",
				"auth_url_source": "OS_AUTH_URL", "project_id": simulator.DefaultDelegatedProjectID,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := acctest.Simulator(t, simulator.Options{})
			addJob(s)
			b := test.block(s)
			for attribute, variable := range test.variables {
				t.Setenv(variable, fmt.Sprint(b[attribute]))
				b = b.with(attribute, nil)
			}
			lines := logged(t, func(c *client) {
				wantNoDiagnostics(t, c.configure(b))
				wantNoDiagnostics(t, c.read())
			})
			want := line{
				"@level": "info", "@message": "Authenticated", "@module": "provider", "source": "configuration", "unused": "",
				"agency": false, "agency_source": "", "auth_url_source": "configuration", "project_id": simulator.DefaultProjectID,
				"endpoint": s.Endpoint(), "endpoint_source": "catalog",
			}
			maps.Copy(want, test.want)
			if want["endpoint_source"] == "catalog" {
				want["endpoint"] = s.Endpoint() + "/"
			}
			provider.WantEqual(t, []line{want}, withMessage(lines, "Authenticated"))
			wantCallLines(t, lines, s)
			wantCalls(t, s, append(test.calls, readOf(fmt.Sprint(want["project_id"])))...)
		})
	}
}

// Each attempt of a repeated request has a line, and so has a request with an error response. max_retries is for IAM and ModelArts.
func TestLogOfCallsThatFail(t *testing.T) {
	t.Parallel()
	s := acctest.Simulator(t, simulator.Options{})
	addJob(s)
	s.Inject(simulator.Fault{Method: http.MethodPost, Path: "/v3/auth/tokens", Status: http.StatusServiceUnavailable})
	lines := logged(t, func(c *client) {
		wantNoDiagnostics(t, c.configure(passwordBlock(s).with("max_retries", 1)))
		s.Inject(simulator.Fault{Method: http.MethodGet, Status: http.StatusBadGateway})
		wantNoDiagnostics(t, c.read())
		s.Inject(simulator.Fault{Method: http.MethodGet, Status: http.StatusBadGateway, Count: -1}) // more than max_retries
		wantError(t, c.read(), "")
	})
	wantCallLines(t, lines, s)
	read := readOf(simulator.DefaultProjectID)
	wantCalls(t, s, login, login, read, read, read, read)

	s.ResetRequests()
	lines = logged(t, func(c *client) {
		wantError(t, c.configure(passwordBlock(s).with("password", "wrong-password")), "", "IAM rejected", "\n\nSee "+visualizationjob.Guides+"authentication.md#troubleshooting")
	})
	wantCallLines(t, lines, s)
	if len(withMessage(lines, "Authenticated")) > 0 {
		t.Error("the log reports a session")
	}
	if configuring := withMessage(lines, "Configuring"); len(configuring) != 1 || !userAgent.MatchString(fmt.Sprint(configuring[0]["user_agent"])) {
		t.Errorf("the log doesn't have the User-Agent once: %v", configuring)
	}
}

// Reads share lists. The logger of the configuration logs them, and not that of the read that starts them: in this test, reads
// have no logger.
func TestLogOfSharedLists(t *testing.T) {
	t.Parallel()
	s := acctest.Simulator(t, simulator.Options{})
	addJob(s)
	lines := logged(t, func(c *client) {
		wantNoDiagnostics(t, c.configure(staticBlock(s)))
		silent := *c
		silent.ctx = t.Context()
		readTogether(t, &silent, 30, 1)
	})
	lists := 0
	for _, call := range s.Requests() {
		if strings.HasSuffix(call.Path, "/visualization-jobs") {
			lists++
		}
	}
	if logged := len(withMessage(lines, "ModelArts API request")); lists == 0 || logged != lists {
		t.Errorf("%d of %d lists are in the log", logged, lists)
	}
}

// A failed connection has a line with the reason.
func TestLogOfNoConnection(t *testing.T) {
	t.Parallel()
	s := serveTLS(t, simulator.Options{}, loopback, "", tls.VersionTLS13)
	iam, modelArts := s.blocks()
	for message, run := range map[string]func(*client){
		"IAM request": func(c *client) { wantError(t, c.configure(iam), "cacert_file") },
		"ModelArts API request": func(c *client) {
			wantNoDiagnostics(t, c.configure(modelArts))
			wantError(t, c.read(), "")
		},
	} {
		lines := withMessage(logged(t, run), message)
		if len(lines) != 1 || lines[0]["status"] != 0.0 || lines[0]["request_id"] != "" ||
			!strings.Contains(fmt.Sprint(lines[0]["error"]), "unknown authority") {
			t.Errorf("the lines are %v", lines)
		}
	}
}
