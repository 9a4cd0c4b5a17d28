package modelarts

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// A response that neither confirms nor rejects a request is an error, whatever its HTTP status is, and so is a field of another type. Only a
// GET is repeated, because another request can have been processed.
func TestUnusableResponses(t *testing.T) {
	t.Parallel()
	const (
		fine      = `"is_success": true, "job_id": 10, "job_total_count": 0, "jobs": []`
		all       = "create list get update stop restart delete"
		confirmed = "update stop restart delete" // whose response has nothing but its confirmation
	)
	bodies := map[string]string{
		"": all,
		"<html><body>Please log in</body></html>": all,
		`{"is_success": true, "job_id": 10, "jo`:  all,
		"{}":                                      all,
		strings.Repeat(`[`, 100_000):              all,
		`{` + fine + `} <!-- proxy -->`:           all,
		"\ufeff{" + fine + "}":                    all,
		`{"is_success": false, "error_code": "ModelArts.0105", "error_message": "status: 10"} .`: all, // which can't be relied on
		`{"is_success": ["true"], "error_code": {"code": 17}}`:                                   all,
		`{"job_id": 10}`:       confirmed,
		`{"is_success": null}`: confirmed,
		`{"error": {"code": "IAM.0001", "message": "m"}}`:   confirmed,
		`{"is_success": true}`:                              "create list get",
		`{"job_id": 0}`:                                     "create get",
		`{"job_id": -1}`:                                    "create get",
		`{"job_id": 11}`:                                    "get",
		`{"job_id": "10", "job_name": "theirs"}`:            "create",
		`{"job_id": "10", "job_name": "Visualization-Job"}`: "create",
		`{"job_total_count": 2, "jobs": [{"job_id": 1}, {"job_name": "a"}]}`: "list",
	}
	for field, value := range map[string]string{
		"job_id": strings.Repeat("9", 100_000), "status": `"ten"`, "create_time": "true", "duration": "1.5",
		"job_name": "7", "job_desc": "{}", "train_url": "[]", "service_url": "true", "resource_id": "0",
	} {
		job := fmt.Sprintf(`{"job_id": 10, %q: %s}`, field, value)
		bodies[job], bodies[`{"job_total_count": 1, "jobs": [`+job+`]}`] = "create get", "list"
	}
	for _, fields := range []string{
		`"job_total_count": {}`, `"job_count_limit": true`, `"quotas": "ten"`, `"jobs": {}`, `"jobs": "a"`, `"jobs": [7]`, `"jobs": [[]]`, `"jobs": [null]`,
	} {
		bodies[`{"job_total_count": 1, "jobs": [], `+fields+`}`] = "list"
	}
	for body, names := range bodies {
		for name := range strings.FieldsSeq(names) {
			t.Run(fmt.Sprintf("%s/%.60s", name, body), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					call, want := callNamed(name), 1
					if call.method == http.MethodGet {
						want = 3
					}
					network := always(http.StatusPartialContent, body, "X-Request-Id", "3f9a")
					err := call.do(t.Context(), clientOn(network, withRetries(2)))
					if e := errorOf[*NoResponseError](t, err); e.RequestID != "3f9a" || e.Host != "modelarts.example.com" || !strings.HasPrefix(e.Operation, call.method+" /visualization-jobs") {
						t.Errorf("%+v", e)
					}
					checkResponseError(t, call, err)
					if len(network.Requests) != want {
						t.Errorf("%d requests, want %d", len(network.Requests), want)
					}
				})
			})
		}
	}
}

// The HTTP status decides whether a response that confirms a request can be one. Only a response without content can be 204.
func TestStatusesOfResponses(t *testing.T) {
	t.Parallel()
	for _, call := range calls {
		for _, status := range []int{100, 101, 199, 200, 202, 204, 299, 300, 408, 418, 500, 999} {
			body, hasContent := success, slices.Contains([]string{"create", "list", "get"}, call.name)
			if status == http.StatusNoContent {
				body = ""
			}
			err := call.do(t.Context(), clientOn(always(status, body), withRetries(0)))
			isResponse, isError := status/100 == 2 && (status != http.StatusNoContent || !hasContent), status >= 300
			if (err == nil) != isResponse || is[*Error](err) != isError || err != nil && IsUncertain(err) != (status < 300 || status == 408 || status >= 500) {
				t.Errorf("%s, HTTP %d: %v", call.name, status, err)
			}
		}
	}
}
