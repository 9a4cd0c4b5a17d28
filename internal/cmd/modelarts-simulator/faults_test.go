package main

import (
	"io"
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
		"appear":   {[]string{"-appear", "1h"}, [][3]string{{"POST", "", create}, {"GET", "/2", ""}}, "does not exist"},
		"refusals": {[]string{"-refusals", "strict"}, [][3]string{{"DELETE", "/1", ""}}, "can't be delete"},
		"rate-limit by window": {
			[]string{"-rate-limit", "1/3600s"},
			[][3]string{{"GET", "/1", ""}, {"GET", "/1", ""}},
			"policy user over ratelimit,limit:1,time:3600 second",
		},
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

func TestRateLimitFlag(t *testing.T) {
	t.Parallel()

	for value, want := range map[string]struct {
		limit  int
		window time.Duration
	}{
		"20": {20, 0}, "0": {0, 0}, "15/20s": {15, 20 * time.Second}, "60/1m": {60, time.Minute},
		"": {-1, 0}, "many": {-1, 0}, "1.5": {-1, 0}, "5/": {-1, 0}, "5/20": {-1, 0}, "5/0s": {-1, 0}, "/20s": {-1, 0},
	} {
		c, err := parseArgs([]string{"-rate-limit", value}, io.Discard)
		if want.limit < 0 {
			if err == nil {
				t.Errorf("%q: no error", value)
			}
		} else if o := c.options; err != nil || o.RateLimit != want.limit || o.RateWindow != want.window {
			t.Errorf("%q: %d in %s, %v", value, o.RateLimit, o.RateWindow, err)
		}
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
