package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// journal is a standard error that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()

	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()

	return j.text.String()
}

// command is a run of the command in progress.
type command struct {
	env    map[string]string
	stderr *journal
	cancel context.CancelFunc
	done   chan error
}

// begin starts the command and reads its environment variables.
func begin(t *testing.T, args ...string) *command {
	t.Helper()

	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)

	c := &command{env: make(map[string]string), stderr: &journal{}, cancel: cancel, done: make(chan error, 1)}
	stdout, w := io.Pipe()

	go func() {
		c.done <- run(ctx, args, w, c.stderr)
		w.Close()
	}()

	lines := bufio.NewScanner(stdout)
	for range 6 {
		if !lines.Scan() {
			t.Fatalf("output ended early: %v", <-c.done)
		}

		name, value, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "=")
		c.env[name] = strings.Trim(value, "'")
	}

	return c
}

// end cancels the command, and checks that it ends well.
func (c *command) end(t *testing.T) {
	t.Helper()

	c.cancel()

	if err := <-c.done; err != nil {
		t.Errorf("run: %v", err)
	}
}

// request sends a request without a connection to keep.
func request(t *testing.T, method, url, body, token string) (*http.Response, string) {
	t.Helper()

	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}

	if token != "" {
		r.Header.Set("X-Auth-Token", token)
	}

	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()

	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}

	return response, string(answer)
}

// TestRunServesWhatItPrints logs in with nothing but the printed variables.
func TestRunServesWhatItPrints(t *testing.T) {
	t.Parallel()

	c := begin(t, "-jobs", "3", "-v", "-transition", "0", "-buckets", "one,two")

	response, body := request(t, "POST", c.env["OS_AUTH_URL"]+"/auth/tokens", fmt.Sprintf(`{"auth":{
		"identity":{"methods":["password"],"password":{"user":{
			"name":%q,"password":%q,"domain":{"name":%q}}}},
		"scope":{"project":{"name":%q,"domain":{"name":%q}}}}}`,
		c.env["OS_USERNAME"], c.env["OS_PASSWORD"], c.env["OS_USER_DOMAIN_NAME"],
		c.env["OS_PROJECT_NAME"], c.env["OS_USER_DOMAIN_NAME"]), "")
	if response.StatusCode != http.StatusCreated || !strings.Contains(body, `"region":"`+c.env["OS_REGION_NAME"]+`"`) {
		t.Fatalf("log in: %d %s", response.StatusCode, body)
	}

	token := response.Header.Get("X-Subject-Token")
	list := strings.TrimSuffix(c.env["OS_AUTH_URL"], "/v3") + "/v1/" + simulator.DefaultProjectID + "/visualization-jobs"

	_, body = request(t, "GET", list+"?status=8", "", token)
	if !strings.Contains(body, `"job_total_count":3,`) {
		t.Errorf("list: %s", body)
	}

	_, body = request(t, "POST", list, `{"job_name":"b","train_url":"/three/logs"}`, token)
	if !strings.Contains(body, "ModelArts.4311") {
		t.Errorf("create in a bucket that does not exist: %s", body)
	}

	c.end(t)

	log := c.stderr.String()
	for _, want := range []string{
		"listening on http://127.0.0.1:",
		"POST /v3/auth/tokens 201 ",
		"GET /v1/" + simulator.DefaultProjectID + "/visualization-jobs?status=8 200 ",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("no %q in standard error:\n%s", want, log)
		}
	}

	for _, secret := range []string{c.env["OS_PASSWORD"], token} {
		if strings.Contains(log, secret) {
			t.Errorf("%q in standard error:\n%s", secret, log)
		}
	}
}

// TestAShellTakesThePassword has a shell read the output in the ways that people
// have it read. The access key has to be there for who wants it, and not before.
func TestAShellTakesThePassword(t *testing.T) {
	t.Parallel()

	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell here")
	}

	server, err := simulator.Start(simulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()

	const (
		password = simulator.DefaultPassword + "/" + simulator.DefaultProjectName + "//"
		both     = simulator.DefaultPassword + "/" + simulator.DefaultProjectName + "/" +
			simulator.DefaultAccessKey + "/" + simulator.DefaultSecretKey
	)

	for read, want := range map[string]string{
		`eval "$OUTPUT"`: password,
		`eval $OUTPUT`:   password, // All of it on one line.
		`eval "$(printf %s "$OUTPUT" | sed 's/^# export/export/')"`: both,
	} {
		cmd := exec.CommandContext(t.Context(), shell, "-uc",
			read+`; printf %s "$OS_PASSWORD/$OS_PROJECT_NAME/${OS_ACCESS_KEY-}/${OS_SECRET_KEY-}"`)
		cmd.Env = []string{"OUTPUT=" + variables(server)}

		if path, ok := os.LookupEnv("PATH"); ok {
			cmd.Env = append(cmd.Env, "PATH="+path)
		}

		got, err := cmd.CombinedOutput()
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, error %v, want %q", read, got, err, want)
		}
	}
}

func TestRunIsQuietWithoutV(t *testing.T) {
	t.Parallel()

	c := begin(t)
	request(t, "GET", c.env["OS_AUTH_URL"], "", "")
	c.end(t)

	if got := strings.Count(c.stderr.String(), "\n"); got != 1 {
		t.Errorf("%d lines in standard error, want 1:\n%s", got, c.stderr)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()

	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-listen", "0.0.0.0:0"}, "not a loopback address"},
		{[]string{"-listen", ":8080"}, "not a loopback address"},
		{[]string{"-listen", "nowhere"}, "missing port"},
		{[]string{"-unknown"}, "not defined: -unknown (see -help)"},
		{[]string{"-transition", "soon"}, "invalid value"},
		{[]string{"surplus"}, `unexpected argument "surplus"`},
		{[]string{"-transition", "-1s"}, "cannot be negative"},
		{[]string{"-stale", "-1s"}, "cannot be negative"},
		{[]string{"-appear", "-1s"}, "cannot be negative"},
		{[]string{"-jobs", "-1"}, "cannot be negative"},
		{[]string{"-hour", "-1s"}, "cannot be negative"},
		{[]string{"-page-cap", "1001"}, "cannot be more than 1000"},
		{[]string{"-hour", "0"}, "have to be positive"},
		{[]string{"-job-limit", "0"}, "have to be positive"},
		{[]string{"-refusals", "lax"}, `value "lax" for flag -refusals: it has to be one of ["usual" "documented" "strict"]`},
		{[]string{"-error-shape", ""}, `for flag -error-shape: it has to be one of ["documented" "ok-200" "bare" `},
		{[]string{"-not-found-shape", "410"}, `for flag -not-found-shape: it has to be one of ["400" "404" "bare-404" `},
		{[]string{"-fault", "POST"}, "for flag -fault: fault \"POST\": it has to be METHOD PATH KIND [COUNT [SKIP]]"},
		{[]string{"-fault", "POST .* typo"}, "it has to be one of drop-before, "},
	} {
		var stdout, stderr bytes.Buffer

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		err := run(ctx, c.args, &stdout, &stderr)

		cancel()

		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.args, err, c.want)
		}

		if stdout.Len()+stderr.Len() > 0 {
			t.Errorf("%q: wrote %q and %q", c.args, &stdout, &stderr)
		}
	}
}

// TestHelp checks that no flag, no value of one and no kind of fault is missing.
func TestHelp(t *testing.T) {
	t.Parallel()

	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), []string{"-help"}, &stdout, &stderr); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("error %v", err)
	}

	if stdout.Len() > 0 {
		t.Errorf("help in standard output, where a shell would run it: %s", &stdout)
	}

	help := stderr.String()
	expect := func(want string) {
		if !strings.Contains(help, want) {
			t.Errorf("no %q in the help", want)
		}
	}

	for _, name := range []string{
		"listen", "latency", "transition", "stale", "appear", "hour", "token-lifetime", "job-limit", "run-limit", "show-schedule", "page-cap", "strict-page-cap",
		"rate-limit", "buckets", "refusals", "error-shape", "not-found-shape", "fault", "jobs", "v",
	} {
		expect("\n  -" + name)
	}

	for _, value := range simulator.RefusalProfiles() {
		expect("  " + string(value) + ": ")
	}

	for _, value := range simulator.ErrorShapes() {
		expect("  " + string(value) + ": ")
	}

	for _, value := range simulator.NotFoundShapes() {
		expect("  " + string(value) + ": ")
	}

	for _, kind := range simulator.FaultKinds() {
		expect("\n  " + kind.Name + " ")
		expect("  " + kind.Description + "\n")
	}

	for _, words := range []string{
		"Example:", "OS_ACCESS_KEY", "OS_SECRET_KEY", simulator.FaultSyntax,
		`curl -d 'POST /visualization-jobs drop-after' "$url"`, "needs no credentials",
	} {
		expect(words)
	}
}

func TestRunReportsALostOutput(t *testing.T) {
	t.Parallel()

	r, w := io.Pipe()
	r.Close()

	if err := run(t.Context(), nil, w, io.Discard); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v", err)
	}
}

// TestExportsSurviveAShell has a shell read what is written for it.
func TestExportsSurviveAShell(t *testing.T) {
	t.Parallel()

	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell here")
	}

	const value = `it's $HOME; "quoted" \ ` + "`ls`\nend"

	script := exports(map[string]string{"OS_PASSWORD": value}) + `printf %s "$OS_PASSWORD"`

	got, err := exec.CommandContext(t.Context(), shell, "-c", script).Output()
	if err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff(value, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
