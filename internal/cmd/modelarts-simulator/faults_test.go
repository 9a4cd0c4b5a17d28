package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// logIn returns a token, and the URL of the jobs.
func (c *command) logIn(t *testing.T) (token, jobs string) {
	t.Helper()

	response, body := request(t, "POST", c.env["OS_AUTH_URL"]+"/auth/tokens", `{"auth":{
		"identity":{"methods":["password"],"password":{"user":{
			"id":"`+simulator.DefaultUserID+`","password":"`+simulator.DefaultPassword+`"}}},
		"scope":{"project":{"id":"`+simulator.DefaultProjectID+`"}}}}`, "")
	if response.StatusCode != http.StatusCreated {
		t.Fatalf("log in: %d %s", response.StatusCode, body)
	}

	return response.Header.Get("X-Subject-Token"), c.url() + "/v1/" + simulator.DefaultProjectID + "/visualization-jobs"
}

// url is the base URL, found as the help says.
func (c *command) url() string { return strings.TrimSuffix(c.env["OS_AUTH_URL"], "/v3") }

// TestFlagsGetThrough makes a call for each flag that changes what the service
// is like.
func TestFlagsGetThrough(t *testing.T) {
	t.Parallel()

	const create = `{"job_name":"b","train_url":"/bucket/logs"}`

	for name, c := range map[string]struct {
		args   []string
		calls  [][3]string // method, path, body
		answer string      // what the last answer contains
	}{
		"stale": {
			[]string{"-stale", "1h", "-transition", "0"},
			[][3]string{{"POST", "/1/stop", ""}, {"GET", "/1", ""}},
			`"status":8,`,
		},
		"appear":          {[]string{"-appear", "1h"}, [][3]string{{"POST", "", create}, {"GET", "/2", ""}}, "does not exist"},
		"refusals":        {[]string{"-refusals", "strict"}, [][3]string{{"DELETE", "/1", ""}}, "can't be delete"},
		"error-shape":     {[]string{"-error-shape", "iam"}, [][3]string{{"POST", "/1/restart", ""}}, `{"error":{"code":400,`},
		"not-found-shape": {[]string{"-not-found-shape", "conflict"}, [][3]string{{"GET", "/7", ""}}, "ModelArts.0105"},
		"strict-page-cap": {
			[]string{"-page-cap", "5", "-strict-page-cap"},
			[][3]string{{"GET", "?per_page=6", ""}},
			"Illegal per_page",
		},
		"no strict-page-cap": {[]string{"-page-cap", "5"}, [][3]string{{"GET", "?per_page=6", ""}}, `"job_total_count":1,`},
		"fault": {
			[]string{"-fault", "GET .*/1 denied 1 1", "-fault", "GET .*/1 null"},
			[][3]string{{"GET", "/1", ""}, {"GET", "/1", ""}},
			"ModelArts.0108",
		},
		"another fault": {
			[]string{"-fault", "PUT .* denied", "-fault", "GET .*/1 null"},
			[][3]string{{"GET", "/1", ""}},
			"null",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			run := begin(t, append([]string{"-jobs", "1"}, c.args...)...)
			defer run.end(t)

			token, jobs := run.logIn(t)
			got := ""

			for _, call := range c.calls {
				_, got = request(t, call[0], jobs+call[1], call[2], token)
			}

			if !strings.Contains(got, c.answer) {
				t.Errorf("no %q in: %s", c.answer, got)
			}
		})
	}
}

func TestFaultsCanBeQueuedWhileItRuns(t *testing.T) {
	t.Parallel()

	c := begin(t, "-fault", "DELETE .* conflict -1")
	defer c.end(t)

	token, jobs := c.logIn(t)
	faults := c.url() + "/simulator/faults"

	_, left := request(t, "POST", faults, "GET /visualization-jobs unavailable-before 1\n* .*/stop hang-after 2 3\n", "")

	const want = "DELETE .* conflict -1 0\nGET /visualization-jobs unavailable-before 1 0\n* .*/stop hang-after 2 3\n"
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("queue (-want +got):\n%s", diff)
	}

	if response, _ := request(t, "GET", jobs, "", token); response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("list: %d", response.StatusCode)
	}

	if _, left := request(t, "GET", faults, "", ""); left != "DELETE .* conflict -1 0\n* .*/stop hang-after 2 3\n" {
		t.Errorf("left: %q", left)
	}

	request(t, "DELETE", faults, "", "")

	if _, left := request(t, "GET", faults, "", ""); left != "" {
		t.Errorf("left: %q", left)
	}
}

func TestRunRefusesValues(t *testing.T) {
	t.Parallel()

	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-stale", "-1s"}, "cannot be negative"},
		{[]string{"-appear", "-1s"}, "cannot be negative"},
		{[]string{"-refusals", "lax"}, `value "lax" for flag -refusals: it has to be one of ["usual" "documented" "strict"]`},
		{[]string{"-error-shape", ""}, `for flag -error-shape: it has to be one of ["documented" "ok-200" "bare" `},
		{[]string{"-not-found-shape", "410"}, `for flag -not-found-shape: it has to be one of ["404" "bare-404" `},
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

// TestHelpExplainsWhatFlagsTake checks that no value is missing in the help.
func TestHelpExplainsWhatFlagsTake(t *testing.T) {
	t.Parallel()

	var stderr bytes.Buffer
	if err := run(t.Context(), []string{"-help"}, &bytes.Buffer{}, &stderr); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("error %v", err)
	}

	help := stderr.String()
	expect := func(want string) {
		if !strings.Contains(help, want) {
			t.Errorf("no %q in the help", want)
		}
	}

	for _, name := range []string{
		"stale", "appear", "refusals", "error-shape", "not-found-shape", "strict-page-cap", "fault",
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

	expect(simulator.FaultSyntax)
	expect(`curl -d 'POST /visualization-jobs drop-after' "$url"`)
	expect("needs no credentials")
}

// TestFaultsOfTheHelpAreFaults reads the examples.
func TestFaultsOfTheHelpAreFaults(t *testing.T) {
	t.Parallel()

	examples := 0

	for line := range strings.Lines(faultsHelp) {
		if _, quoted, ok := strings.Cut(line, "'"); ok {
			words, _, _ := strings.Cut(quoted, "'")
			if _, err := simulator.ParseFault(words); err != nil {
				t.Error(err)
			}

			examples++
		}
	}

	if examples != 3 {
		t.Errorf("%d examples, want 3", examples)
	}
}
