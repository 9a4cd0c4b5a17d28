package provider_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// line is one of a log.
type line = map[string]any

// logged runs a new provider and returns what it logs, the framework's own lines left
// out. There is no secret in any of them.
func logged(t *testing.T, run func(*client)) []line {
	t.Helper()
	var log, framework bytes.Buffer
	ctx := tfsdklogtest.RootLogger(tflogtest.RootLogger(t.Context(), &log), &framework)
	run(newClient(ctx, t))
	for _, secret := range []string{"simulator-", "simulated-", "wrong-", "SDK-HMAC-SHA256", "Signature="} {
		for _, text := range []string{log.String(), framework.String()} {
			if strings.Contains(text, secret) {
				t.Errorf("the log has the secret %q:\n%s", secret, text)
			}
		}
	}
	if framework.Len() == 0 {
		t.Error("the framework logged nothing: was its log searched?")
	}
	lines, err := tflogtest.MultilineJSONDecode(&log)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// take returns the lines with a message.
func take(lines []line, message string) []line {
	var taken []line
	for _, l := range lines {
		if l["@message"] == message {
			taken = append(taken, l)
		}
	}
	return taken
}

// wantCallLines checks that each call has its line, the same as what the service
// knows of it, and no more.
func wantCallLines(t *testing.T, lines []line, server calling) {
	t.Helper()
	var want []line
	attempt := 0.0
	for _, call := range server.Calls() {
		path, message := call.Path, "ModelArts API call"
		if len(call.Query) > 0 {
			path += "?" + call.Query.Encode()
		}
		if strings.HasPrefix(path, "/v3/") {
			message = "IAM call"
		}
		attempt++
		want = append(want, line{
			"@level": "debug", "@message": message, "@module": "provider", "method": call.Method, "path": path,
			"status": float64(call.Status), "request_id": call.RequestID, "attempt": attempt,
		})
		if call.Status < http.StatusInternalServerError {
			attempt = 0 // the next call is not this one again
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
		copied := line{}
		for field, value := range l {
			if field != "duration_ms" {
				copied[field] = value
			}
		}
		got = append(got, copied)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("unexpected lines (-want +got):\n" + diff)
	}
}

// Each call has a line, whatever the method.
func TestLogOfCalls(t *testing.T) {
	t.Parallel()
	for name, method := range methods {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := acctest.Simulator(t, method.options)
			addJob(server)
			b := method.block(server)
			lines := logged(t, func(c *client) {
				wantNoDiagnostics(t, c.configure(b))
				wantNoDiagnostics(t, c.read())
			})
			wantCallLines(t, lines, server)
			if calls := len(server.Calls()); calls != len(method.calls)+1 {
				t.Errorf("there were %d calls", calls)
			}
		})
	}
}

// So has each attempt of a call that is tried again, and a refused one.
func TestLogOfCallsThatFail(t *testing.T) {
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	addJob(server)
	server.Inject(simulator.Fault{Method: http.MethodPost, Path: "/v3/auth/tokens", Status: http.StatusServiceUnavailable})
	lines := logged(t, func(c *client) {
		wantNoDiagnostics(t, c.configure(passwordBlock(server).with("max_retries", 1)))
		server.Inject(simulator.Fault{Method: http.MethodGet, Status: http.StatusBadGateway})
		wantNoDiagnostics(t, c.read())
	})
	wantCallLines(t, lines, server)
	wantCalls(t, server, login, login, readOf(simulator.DefaultProjectID), readOf(simulator.DefaultProjectID))
	for i, want := range []float64{http.StatusServiceUnavailable, http.StatusCreated} {
		if l := take(lines, "IAM call")[i]; l["status"] != want || l["attempt"] != float64(i+1) {
			t.Errorf("line %d is %v", i, l)
		}
	}

	server.ResetCalls()
	lines = logged(t, func(c *client) {
		wantError(t, c.configure(passwordBlock(server).with("password", "wrong-password")), "", "IAM refused")
	})
	wantCallLines(t, lines, server)
	if len(take(lines, "Authenticated")) > 0 {
		t.Error("it says that we are authenticated")
	}
	if configuring := take(lines, "Configuring"); len(configuring) != 1 || !ours.MatchString(fmt.Sprint(configuring[0]["user_agent"])) {
		t.Errorf("it does not say once who calls: %v", configuring)
	}
}

// Reads share lists, which are logged like the configuration of the provider and not like the read that
// starts them: here, reads have no logger.
func TestLogOfSharedLists(t *testing.T) {
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	addJob(server)
	lines := logged(t, func(c *client) {
		wantNoDiagnostics(t, c.configure(staticBlock(server)))
		var all sync.WaitGroup
		for range 30 {
			reader := *c
			reader.ctx = t.Context()
			all.Go(func() { wantNoDiagnostics(t, reader.read()) })
		}
		all.Wait()
	})
	lists := 0
	for _, call := range server.Calls() {
		if strings.HasSuffix(call.Path, "/visualization-jobs") {
			lists++
		}
	}
	if logged := len(take(lines, "ModelArts API call")); lists == 0 || logged != lists {
		t.Errorf("%d of %d lists are in the log", logged, lists)
	}
}

// A connection that fails has a line that says why.
func TestLogOfNoConnection(t *testing.T) {
	t.Parallel()
	server := serve(t, simulator.Options{}, issue(t, nil, "self", loopback), nil)
	iam, modelArts := server.blocks()
	for message, run := range map[string]func(*client){
		"IAM call": func(c *client) { wantError(t, c.configure(iam), "cacert_file") },
		"ModelArts API call": func(c *client) {
			wantNoDiagnostics(t, c.configure(modelArts))
			wantError(t, c.read(), "")
		},
	} {
		lines := take(logged(t, run), message)
		if len(lines) != 1 || lines[0]["status"] != 0.0 || lines[0]["request_id"] != "" ||
			!strings.Contains(fmt.Sprint(lines[0]["error"]), "unknown authority") {
			t.Errorf("the lines are %v", lines)
		}
	}
}

// sourceOf is how the log names where an attribute is from.
func sourceOf(source, attribute string) string {
	switch source {
	case "configuration":
		return source
	case "environment":
		variable, _ := provider.Says(attribute)
		return variable
	default:
		file := os.Getenv("OS_CLIENT_CONFIG_FILE")
		if source == "clouds.yaml and secure.yaml" && secretAttribute(attribute) {
			file = filepath.Join(filepath.Dir(file), "secure.yaml")
		}
		return fmt.Sprintf("cloud %q in %s", "simulator", file)
	}
}

// Which credentials are used, and where they are from, is asked first when they do
// not work.
func TestLogOfAuthentication(t *testing.T) {
	tests := map[string]struct {
		method         string
		agency         bool
		attribute      string // that decides on the method
		endpointSource string
	}{
		"password":                         {"password", false, "password", "catalog"},
		"password, endpoint":               {"password", false, "password", "configuration"},
		"passcode":                         {"password", false, "password", "catalog"},
		"token":                            {"token", false, "token", "catalog"},
		"token, project and endpoint":      {"token", false, "token", "configuration"},
		"access key":                       {"access key", false, "access_key", "catalog"},
		"temporary access key":             {"access key", false, "access_key", "catalog"},
		"access key, project and endpoint": {"access key", false, "access_key", "configuration"},
		"agency on password":               {"password", true, "password", "catalog"},
		"agency on token":                  {"token", true, "token", "catalog"},
		"agency on access key":             {"access key", true, "access_key", "catalog"},
	}
	for name, test := range tests {
		for source, say := range sources {
			t.Run(name+", "+source, func(t *testing.T) {
				server := acctest.Simulator(t, methods[name].options)
				whole := methods[name].block(server)
				b := say(t, whole)
				got := take(logged(t, func(c *client) { wantNoDiagnostics(t, c.configure(b)) }), "Authenticated")
				want := line{
					"@level": "info", "@message": "Authenticated", "@module": "provider",
					"method": test.method, "source": sourceOf(source, test.attribute),
					"agency": test.agency, "agency_source": "", "auth_url_source": "", "unused": "",
					"project_id": simulator.DefaultProjectID, "endpoint": server.Endpoint(), "endpoint_source": test.endpointSource,
				}
				if test.agency {
					want["project_id"] = simulator.DefaultDelegatedProjectID
					want["agency_source"] = sourceOf(source, "agency_name")
				}
				if whole["auth_url"] != nil {
					want["auth_url_source"] = sourceOf(source, "auth_url")
				}
				if test.endpointSource == "catalog" {
					want["endpoint"] = server.Endpoint() + "/"
				} else if source == "environment" {
					want["endpoint_source"] = "OS_MODELARTS_ENDPOINT"
				}
				if diff := cmp.Diff([]line{want}, got); diff != "" {
					t.Error("unexpected (-want +got):\n" + diff)
				}
			})
		}
	}
}
