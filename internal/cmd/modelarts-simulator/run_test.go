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
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// command is a running command.
type command struct {
	t      *testing.T
	env    map[string]string
	stderr bytes.Buffer // valid after end
	token  string
	end    func()
}

// begin starts the command, reads its environment variables and logs in with them.
func begin(t *testing.T, args ...string) *command {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stdout, w := io.Pipe()
	done := make(chan error, 1)
	c := &command{t: t, env: make(map[string]string)}
	c.end = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(c.end)
	go func() {
		done <- run(ctx, args, w, &c.stderr)
		w.Close()
	}()
	lines := bufio.NewScanner(stdout)
	for range 6 {
		if !lines.Scan() {
			t.Fatal("output ended early")
		}
		name, value, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "=")
		c.env[name] = strings.Trim(value, "'")
	}
	resp, body := c.request("POST", "/v3/auth/tokens", fmt.Sprintf(`{"auth":{
		"identity":{"methods":["password"],"password":{"user":{"name":%q,"password":%q,"domain":{"name":%q}}}},
		"scope":{"project":{"name":%q,"domain":{"name":%[3]q}}}}}`,
		c.env["OS_USERNAME"], c.env["OS_PASSWORD"], c.env["OS_USER_DOMAIN_NAME"], c.env["OS_PROJECT_NAME"]))
	c.token = resp.Header.Get("X-Subject-Token")
	if c.token == "" || !strings.Contains(body, `"region":"`+c.env["OS_REGION_NAME"]+`"`) {
		t.Fatalf("log in: %d %s", resp.StatusCode, body)
	}
	return c
}

// request sends a request. A path that begins with neither /v3 nor the control's is one of the project's jobs.
func (c *command) request(method, path, body string) (*http.Response, string) {
	c.t.Helper()
	if !strings.HasPrefix(path, "/v3") && path != simulator.ControlPath {
		path = "/v1/" + simulator.DefaultProjectID + "/visualization-jobs" + path
	}
	url := strings.TrimSuffix(c.env["OS_AUTH_URL"], "/v3") // as -help says
	r, err := http.NewRequestWithContext(c.t.Context(), method, url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("X-Auth-Token", c.token)
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp, string(got)
}

func TestFlagsChangeTheService(t *testing.T) {
	const create = `{"job_name":"b","train_url":"/bucket/logs"}`
	type requests = [][3]string // method, path, body
	for name, c := range map[string]struct {
		args     []string
		requests requests
		want     string // part of the last response, or of standard error
	}{
		"jobs":             {[]string{"-rate-limit", "1000"}, requests{{"GET", "?status=8", ""}}, `"job_total_count":1,`},
		"verbose":          {[]string{"-v"}, requests{{"GET", "?status=8", ""}}, "/visualization-jobs?status=8 200 "},
		"stale":            {[]string{"-stale", "1h", "-transition", "0"}, requests{{"POST", "/1/stop", ""}, {"GET", "/1", ""}}, `"status":8,`},
		"appear":           {[]string{"-appear", "1h"}, requests{{"POST", "", create}, {"GET", "/2", ""}}, "does not exist"},
		"buckets":          {[]string{"-buckets", "one,two"}, requests{{"POST", "", create}}, "ModelArts.4311"},
		"rejections":       {[]string{"-rejections", "strict"}, requests{{"DELETE", "/1", ""}}, "can't be delete"},
		"rate-limit, time": {[]string{"-rate-limit", "1/3600s"}, requests{{"GET", "/1", ""}, {"GET", "/1", ""}}, "limit:1,time:3600 second"},
		"error-shape":      {[]string{"-error-shape", "iam"}, requests{{"POST", "/1/restart", ""}}, `{"error":{"code":400,`},
		"not-found-shape":  {[]string{"-not-found-shape", "conflict"}, requests{{"GET", "/7", ""}}, "ModelArts.0105"},
		"strict-page-cap":  {[]string{"-page-cap", "5", "-strict-page-cap"}, requests{{"GET", "?per_page=6", ""}}, "Illegal per_page"},
		"page-cap":         {[]string{"-page-cap", "5"}, requests{{"GET", "?per_page=6", ""}}, `"job_total_count":1,`},
		"faults":           {[]string{"-fault", "GET .*/1 denied 1 1", "-fault", "GET .*/1 null"}, requests{{"GET", "/1", ""}, {"GET", "/1", ""}}, "ModelArts.0108"},
		"control":          {nil, requests{{"POST", simulator.ControlPath, "* .*/stop hang-after 2 3"}, {"GET", simulator.ControlPath, ""}}, "hang-after 2 3"},
	} {
		t.Run(name, func(t *testing.T) {
			run, got := begin(t, append([]string{"-jobs", "1"}, c.args...)...), ""
			for _, r := range c.requests {
				_, got = run.request(r[0], r[1], r[2])
			}
			run.end()
			stderr := run.stderr.String()
			if !strings.Contains(got+stderr, c.want) {
				t.Errorf("response %s, standard error %s, want %s", got, stderr, c.want)
			}
			// There is no line for a request without -v.
			if only := strings.Count(stderr, "\n") == 1; only == (name == "verbose") || !strings.Contains(stderr, "listening on http://127.0.0.1:") ||
				strings.Contains(stderr, run.env["OS_PASSWORD"]) || strings.Contains(stderr, run.token) {
				t.Errorf("standard error:\n%s", stderr)
			}
		})
	}
}

// TestShellReadsTheVariables has a shell read the output in the ways that people use. The
// access key is there only for people who want it.
func TestShellReadsTheVariables(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell")
	}
	server, err := simulator.Start(simulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	const (
		password = simulator.DefaultPassword + "/" + simulator.DefaultProjectName
		odd      = `it's $HOME; "quoted" \ ` + "`ls`\nend"
	)
	for read, want := range map[string]string{
		`eval "$OUTPUT"`: password + "//",
		`eval $OUTPUT`:   password + "//", // All of it on one line.
		`eval "$(printf %s "$OUTPUT" | sed 's/^# export/export/')"`:           password + "/" + simulator.DefaultAccessKey + "/" + simulator.DefaultSecretKey,
		exports(map[string]string{"OS_PASSWORD": odd, "OS_PROJECT_NAME": ""}): odd + "///",
	} {
		cmd := exec.CommandContext(t.Context(), shell, "-uc",
			read+"\n"+`printf %s "$OS_PASSWORD/$OS_PROJECT_NAME/${OS_ACCESS_KEY-}/${OS_SECRET_KEY-}"`)
		cmd.Env = []string{"OUTPUT=" + variables(server), "PATH=" + os.Getenv("PATH")}
		if got, err := cmd.CombinedOutput(); err != nil || string(got) != want {
			t.Errorf("%s: %q, error %v, want %q", read, got, err, want)
		}
	}
}

func TestErrors(t *testing.T) {
	for flags, want := range map[string]string{
		"-listen 0.0.0.0:0":    "not a loopback address",
		"-unknown":             "not defined: -unknown (see -help)",
		"surplus":              `unexpected argument "surplus"`,
		"-transition -1s":      "cannot be negative",
		"-jobs -1":             "cannot be negative",
		"-hour 0":              "have to be positive",
		"-token-lifetime 0":    "have to be positive",
		"-job-limit 0":         "have to be positive",
		"-run-limit 0":         "have to be positive",
		"-rate-limit 1.5":      "parsing \"1.5\"",
		"-rate-limit 5/20":     "missing unit in duration",
		"-rate-limit 5/0s":     "the duration cannot be zero",
		"-rejections lax":      `value "lax" for flag -rejections: it has to be one of ["usual" "documented" "strict"]`,
		"-error-shape=":        `for flag -error-shape: it has to be one of ["documented" "ok-200" "bare" `,
		"-not-found-shape 410": `for flag -not-found-shape: it has to be one of ["400" "404" "bare-404" `,
		"-fault POST":          `for flag -fault: fault "POST": it has to be METHOD PATH KIND [COUNT [SKIP]]`,
	} {
		var stdout, stderr bytes.Buffer
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		err := run(ctx, strings.Fields(flags), &stdout, &stderr)
		cancel()
		if err == nil || !strings.Contains(err.Error(), want) || stdout.Len()+stderr.Len() > 0 {
			t.Errorf("%s: error %v, output %q %q, want %q", flags, err, &stdout, &stderr, want)
		}
	}
	r, w := io.Pipe()
	r.Close()
	if err := run(t.Context(), nil, w, io.Discard); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error of a closed standard output: %v", err)
	}
}

// TestHelp requires every flag, every value of one and every kind of fault, and valid examples.
func TestHelp(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), []string{"-help"}, &stdout, &stderr); !errors.Is(err, flag.ErrHelp) || stdout.Len() > 0 {
		t.Errorf("error %v, standard output, which a shell would read: %s", err, &stdout)
	}
	want := []string{"Example:", "OS_ACCESS_KEY", "OS_SECRET_KEY", simulator.FaultSyntax, `curl "$url"`}
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	new(config).define(flags)
	flags.VisitAll(func(f *flag.Flag) { want = append(want, "\n  -"+f.Name) })
	values := fmt.Sprint(simulator.RejectionProfiles(), simulator.ErrorShapes(), simulator.NotFoundShapes())
	for value := range strings.FieldsSeq(strings.NewReplacer("[", "", "]", "").Replace(values)) {
		want = append(want, "  "+value+": ")
	}
	for _, kind := range simulator.FaultKinds() {
		want = append(want, "\n  "+kind.Name+" ", "  "+kind.Description+"\n")
	}
	for _, text := range want {
		if !strings.Contains(stderr.String(), text) {
			t.Errorf("no %q", text)
		}
	}
	examples := regexp.MustCompile(` '(.+?)'`).FindAllStringSubmatch(faultsHelp, -1)
	for _, example := range examples {
		if _, err := simulator.ParseFault(example[1]); err != nil {
			t.Error(err)
		}
	}
	if len(examples) != 3 {
		t.Errorf("%d examples, want 3", len(examples))
	}
}
