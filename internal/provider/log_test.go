package provider_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
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
		if call.Status < http.StatusInternalServerError && call.Status != http.StatusTooManyRequests {
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
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("unexpected lines (-want +got):\n" + diff)
	}
}

// Each request has a line. Another line has the method, and the origins of the attributes that decide on the session, because
// users search for these first if an authentication fails.
func TestLogOfCalls(t *testing.T) {
	for name, method := range methods {
		for _, source := range []string{"configuration", "environment", "secure.yaml"} {
			if source != "configuration" && name != "agency on access key" {
				continue // the tests of settings.go cover each attribute
			}
			t.Run(name+", "+source, func(t *testing.T) {
				s := acctest.Simulator(t, method.options)
				addJob(s)
				b := method.block(s)
				configured, file := b, ""
				switch source {
				case "environment":
					for variable, value := range b.inEnvironment() {
						t.Setenv(variable, value)
					}
					configured = nil
				case "secure.yaml":
					configured, file = b.inClouds(t, true)
					t.Setenv("OS_CLIENT_CONFIG_FILE", file)
				}
				project, unused := simulator.DefaultProjectID, ""
				if name == "temporary access key" {
					t.Setenv("OS_USERNAME", "other")
					unused = "user_name (from OS_USERNAME)"
				}
				lines := logged(t, func(c *client) {
					wantNoDiagnostics(t, c.configure(configured))
					wantNoDiagnostics(t, c.read())
				})
				origin := func(attribute string) string {
					switch {
					case b[attribute] == nil:
						return ""
					case source == "configuration":
						return source
					case source == "environment":
						return map[string]string{"access_key": "OS_ACCESS_KEY", "agency_name": "OS_AGENCY_NAME", "auth_url": "OS_AUTH_URL"}[attribute]
					default:
						return fmt.Sprintf("cloud %q in %s", "simulator", file)
					}
				}
				want := line{
					"@level": "info", "@message": "Authenticated", "@module": "provider",
					"method": method.name, "source": origin(method.attribute), "unused": unused,
					"agency": b["agency_name"] != nil, "agency_source": origin("agency_name"), "auth_url_source": origin("auth_url"),
					"endpoint": s.Endpoint() + "/", "endpoint_source": "catalog",
				}
				if want["agency"] == true {
					project = simulator.DefaultDelegatedProjectID
				}
				want["project_id"] = project
				if method.endpointSource != "" {
					want["endpoint"], want["endpoint_source"] = s.Endpoint(), method.endpointSource
				}
				if diff := cmp.Diff([]line{want}, withMessage(lines, "Authenticated")); diff != "" {
					t.Error("unexpected (-want +got):\n" + diff)
				}
				wantCallLines(t, lines, s)
				wantCalls(t, s, append(slices.Clone(method.calls), readOf(project))...)
			})
		}
	}
}

// Each attempt of a repeated request has a line, and so has a request with an error response. max_retries doesn't count for a 429.
func TestLogOfCallsThatFail(t *testing.T) {
	t.Parallel()
	s := acctest.Simulator(t, simulator.Options{})
	addJob(s)
	s.Inject(simulator.Fault{Method: http.MethodPost, Path: "/v3/auth/tokens", Status: http.StatusServiceUnavailable})
	lines := logged(t, func(c *client) {
		wantNoDiagnostics(t, c.configure(passwordBlock(s).with("max_retries", 1)))
		s.Inject(simulator.Fault{Method: http.MethodGet, Status: http.StatusBadGateway})
		wantNoDiagnostics(t, c.read())
		s.Inject(simulator.Fault{Method: http.MethodGet, Status: http.StatusTooManyRequests, Count: 2})
		wantNoDiagnostics(t, c.read())
		s.Inject(simulator.Fault{Method: http.MethodGet, Status: http.StatusBadGateway, Count: -1}) // more than max_retries
		wantError(t, c.read(), "")
	})
	wantCallLines(t, lines, s)
	read := readOf(simulator.DefaultProjectID)
	wantCalls(t, s, login, login, read, read, read, read, read, read, read)

	s.ResetRequests()
	lines = logged(t, func(c *client) {
		wantError(t, c.configure(passwordBlock(s).with("password", "wrong-password")), "", "IAM rejected")
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
	s := serveTLS(t, simulator.Options{}, issue(t, nil, "self", loopback), nil, tls.VersionTLS12, 0)
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
