package modelarts

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A response that neither confirms nor rejects a request is an error, whatever its HTTP status is. Only a GET is repeated, because another
// request can have been processed.
func TestUnusableResponses(t *testing.T) {
	t.Parallel()
	const (
		fine      = `"is_success": true, "job_id": 10, "job_total_count": 0, "jobs": []`
		all       = "create list get update stop restart delete"
		confirmed = "update stop restart delete" // whose response has nothing but its confirmation
	)
	deep := strings.Repeat(`[`, 100_000)
	for body, names := range map[string]string{
		"": all,
		"<html><body>Please log in</body></html>": all,
		`{"is_success": true, "job_id": 10, "jo`:  all,
		"{}":                                      all,
		deep:                                      all,
		`{` + fine + `} <!-- proxy -->`:           all,
		`{` + fine + `} {` + fine + `}`:           all,
		"\ufeff{" + fine + "}":                    all,
		`{"is_success": true, "job_id": 10, "job_total_count": -Infinity}`:                       all,
		`{"is_success": false, "error_code": "ModelArts.0105", "error_message": "status: 10"} .`: all, // which can't be relied on
		`{"is_success": ["true"], "error_code": {"code": 17}}`:                                   all,
		`{"job_id": 10}`:       confirmed,
		`{"is_success": null}`: confirmed,
		`{"is_success": 7}`:    confirmed,
		`{"error": {"code": "IAM.0001", "message": "m"}}`: confirmed,
		success:                                  "create list get",
		`{"job_id": 0}`:                          "create get",
		`{"job_id": -1}`:                         "create get",
		`{"job_id": 11}`:                         "get",
		`{"job_id": "10", "job_name": "theirs"}`: "create",
		`{"job_id": "10", "job_name": "Visualization-Job"}`:                  "create",
		`{"job_total_count": 2, "jobs": [{"job_id": 1}, {"job_name": "a"}]}`: "list",
	} {
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

// A field of another type makes the response unusable.
func TestWrongTypes(t *testing.T) {
	t.Parallel()
	const job = "create get list"
	for _, kind := range []struct {
		calls, fields string
		values        []string
	}{
		{job, "job_id status create_time duration", []string{`{}`, `[1]`, `true`, `"ten"`, `1.5`, `1e30`, `"NaN"`, strings.Repeat("9", 100_000)}},
		{job, "job_name job_desc train_url service_url resource_id", []string{`{}`, `[]`, `7`, `true`}},
		{"list", "job_total_count job_count_limit quotas", []string{`{}`, `true`, `"ten"`, strings.Repeat("9", 100_000)}},
		{"list", "jobs", []string{`{}`, `7`, `"a"`, `true`, `[7]`, `["a"]`, `[[]]`, `[null]`, `[{}]`, `{"0": {"job_id": 1}}`}},
	} {
		for name := range strings.FieldsSeq(kind.calls) {
			for field := range strings.FieldsSeq(kind.fields) {
				for _, value := range kind.values {
					body := strings.Replace(fmt.Sprintf(`{"job_id": 10, %q: %s}`, field, value), `"job_id": 10, "job_id"`, `"job_id"`, 1)
					if name == "list" && kind.calls == job {
						body = `{"job_total_count": 1, "jobs": [` + body + `]}`
					}
					err := callNamed(name).do(t.Context(), clientOn(always(http.StatusOK, body), withRetries(0)))
					if e := errorOf[*NoResponseError](t, err); !e.Sent || len(e.Error()) > 1200 {
						t.Errorf("%s, %s %.20s: %+v", name, field, value, err)
					}
				}
			}
		}
	}
}

// Numbers out of range become the nearest in range.
func TestNumbersBeyondSense(t *testing.T) {
	t.Parallel()
	const highest, lowest = "9223372036854775807", "-9223372036854775808"
	longest := time.Duration(math.MaxInt64).Truncate(time.Millisecond)
	for value, want := range map[string]VisualizationJob{
		`"duration": 9223372036855`:          {Duration: longest},
		`"duration": ` + lowest:              {},
		`"create_time": -1`:                  {},
		`"create_time": 253402300799999`:     {CreateTime: time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC)},
		`"create_time": 253402300800000`:     {},
		`"create_time": 1`:                   {CreateTime: time.UnixMilli(1).UTC()},
		`"status": ` + lowest:                {Status: -1 << 31},
		`"status": 4294967304`:               {Status: 1<<31 - 1}, // 8 in its lower half
		`"job_name": "` + "a\xffb" + `"`:     {Name: "a\ufffdb"},  // one name must not cost the list of all jobs
		`"job_name": "\ud800", "x": {"y":1}`: {Name: "\ufffd"},
	} {
		want.ID = 10
		got, err := clientOn(always(http.StatusOK, `{"job_id": 10, `+value+`}`)).GetVisualizationJob(t.Context(), 10)
		if err != nil || *got != want {
			t.Errorf("%s: %+v, %v", value, got, err)
		}
	}
}

// The HTTP status decides whether a response that confirms a request can be one. Only a response without content can be 204.
func TestStatusesOfResponses(t *testing.T) {
	t.Parallel()
	for _, call := range calls {
		for _, status := range []int{100, 101, 199, 200, 202, 204, 299, 300, 408, 418, 500, 999} {
			body, hasContent := samples[call.name], samples[call.name] != success
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
