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

// Calls whose response has no content but its confirmation.
var confirmed = []string{"update", "stop", "restart", "delete"}

// A response that neither confirms nor refuses a request is an error, whatever its HTTP status is. Only a GET is
// repeated, because another request can have been processed.
func TestUnusableResponses(t *testing.T) {
	t.Parallel()
	const fine = `"is_success": true, "job_id": 10, "job_total_count": 0, "jobs": []`
	all := []string{"create", "list", "get", "update", "stop", "restart", "delete"}
	jobs, oneJob := []string{"create", "list", "get"}, []string{"create", "get"}
	deep := strings.Repeat(`[`, 100_000)
	for _, test := range []struct {
		calls []string
		body  string
	}{
		{all, ""},
		{all, "<html><body>Please log in</body></html>"},
		{all, `{"is_success": true, "job_id": 10, "jo`},
		{all, `[{"is_success": true}]`},
		{all, `"is_success"`},
		{all, "null"},
		{all, "{}"},
		{all, deep},
		{all, `{` + fine + `, "x": ` + deep + strings.Repeat(`]`, 100_000) + `}`},
		{all, strings.Repeat(`{"jobs":`, 30_000)},
		{all, `{` + fine + `} <!-- proxy -->`},
		{all, `{` + fine + `} {` + fine + `}`},
		{all, `{"is_success": true, "job_id": NaN, "job_total_count": 0}`},
		{all, `{"is_success": true, "job_id": 10, "job_total_count": -Infinity}`},
		{all, "\xff\xfe{\x00}\x00"},
		{all, "\ufeff{" + fine + "}"},
		{all, "{" + fine + "}\x00"},
		// The response refuses the request, and can't be relied on.
		{all, `{"is_success": false, "error_code": "ModelArts.0105", "error_message": "status: 10"} .`},
		{all, `{"is_success": false, "error_code": "ModelArts.0105"} {` + fine + `}`},
		{confirmed, `{"is_success": ["true"], "error_code": {"code": 17}}`},
		{confirmed, `{"is_success": 7}`},
		{confirmed, `{"job_id": 10}`},
		{confirmed, `{"is_success": null}`},
		{confirmed, `{"is_success": ""}`},
		{confirmed, `{"error": {"code": "IAM.0001", "message": "m"}}`},
		{jobs, success},
		{jobs, `{"is_success": true, "job_id": 1e999999999, "job_total_count": 1e999999999}`},
		{oneJob, `{"job_id": null}`},
		{oneJob, `{"job_id": 0}`},
		{oneJob, `{"job_id": -1}`},
		{[]string{"get"}, `{"job_id": 11}`},
		{[]string{"create"}, `{"job_id": "10", "job_name": "theirs"}`},
		{[]string{"create"}, `{"job_id": "10", "job_name": "Visualization-Job"}`},
		{[]string{"create"}, `{"job_id": "10", "job_name": "visualization-job "}`},
	} {
		for _, name := range test.calls {
			t.Run(fmt.Sprintf("%s/%.60s", name, test.body), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					call := callNamed(name)
					for _, status := range []int{200, 206} {
						network := always(status, test.body, "X-Request-Id", "3f9a")
						err := call.do(t.Context(), clientOn(network, withRetries(2)))
						e := noResponseFrom(t, err)
						if e.RequestID != "3f9a" || !strings.HasPrefix(e.Operation, call.method+" /visualization-jobs") {
							t.Errorf("%+v", e)
						}
						checkResponseError(t, call, err)
						want := 1
						if call.method == http.MethodGet {
							want = 3
						}
						if len(network.requests) != want {
							t.Errorf("HTTP %d: %d requests, want %d", status, len(network.requests), want)
						}
					}
				})
			})
		}
	}
}

// A response that is no more than a confirmation has one, also if it has it twice, or is 204.
func TestConfirmations(t *testing.T) {
	t.Parallel()
	for _, call := range calls {
		isConfirmed := samples[call.name] == success
		if err := call.do(t.Context(), clientOn(always(http.StatusNoContent, ""), withRetries(0))); (err == nil) != isConfirmed {
			t.Errorf("%s, HTTP 204: %v", call.name, err)
		}
		for _, body := range []string{success, `{"is_success": "true"}`, `{"is_success": true, "is_success": true}`} {
			if err := call.do(t.Context(), clientOn(always(http.StatusAccepted, body), withRetries(0))); isConfirmed && err != nil {
				t.Errorf("%s, %s: %v", call.name, body, err)
			}
		}
	}
}

// field returns a response in which a field has a value.
func field(call, name, value string) string {
	id := `"job_id": 10, `
	if name == "job_id" {
		id = ""
	}
	job := fmt.Sprintf(`{%s%q: %s}`, id, name, value)
	switch {
	case call != "list":
		return job
	case name == "jobs" || name == "job_total_count" || name == "job_count_limit" || name == "quotas":
		return fmt.Sprintf(`{"job_total_count": 1, %q: %s}`, name, value)
	default:
		return `{"job_total_count": 1, "jobs": [` + job + `]}`
	}
}

// A field of another type makes the response unusable.
func TestWrongTypes(t *testing.T) {
	t.Parallel()
	job := []string{"create", "get", "list"}
	for _, kind := range []struct {
		calls, fields, values []string
	}{
		{
			job,
			[]string{"job_id", "status", "create_time", "duration"},
			[]string{`{}`, `[]`, `[1]`, `true`, `"ten"`, `1.5`, `1e30`, `"NaN"`, `"Infinity"`, `"0x1p4"`, `99999999999999999999`, strings.Repeat("9", 100_000)},
		},
		{job, []string{"job_name", "job_desc", "train_url", "service_url", "resource_id"}, []string{`{}`, `[]`, `7`, `true`}},
		{[]string{"list"}, []string{"job_total_count", "job_count_limit", "quotas"}, []string{`{}`, `true`, `"ten"`, `1.5`, strings.Repeat("9", 100_000)}},
		{[]string{"list"}, []string{"jobs"}, []string{`{}`, `7`, `"a"`, `true`, `[7]`, `["a"]`, `[[]]`, `[null]`, `[{}]`, `{"0": {"job_id": 1}}`}},
	} {
		for _, name := range kind.calls {
			for _, key := range kind.fields {
				for _, value := range kind.values {
					err := callNamed(name).do(t.Context(), clientOn(always(http.StatusOK, field(name, key, value)), withRetries(0)))
					if e := noResponseFrom(t, err); !e.Sent || len(e.Error()) > 1200 {
						t.Errorf("%s, %s %.20s: %+v", name, key, value, err)
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
		`"duration": ` + highest:             {Duration: longest},
		`"duration": 9223372036854775`:       {Duration: longest},
		`"duration": 9223372036854776`:       {Duration: longest},
		`"duration": 9223372036855`:          {Duration: longest},
		`"duration": ` + lowest:              {},
		`"duration": -1`:                     {},
		`"create_time": ` + highest:          {},
		`"create_time": ` + lowest:           {},
		`"create_time": -1`:                  {},
		`"create_time": 253402300799999`:     {CreateTime: time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC)},
		`"create_time": 253402300800000`:     {},
		`"create_time": 1`:                   {CreateTime: time.UnixMilli(1).UTC()},
		`"status": ` + highest:               {Status: 1<<31 - 1},
		`"status": ` + lowest:                {Status: -1 << 31},
		`"status": 4294967304`:               {Status: 1<<31 - 1}, // 8 in its lower half
		`"status": -1`:                       {Status: -1},
		`"job_name": "` + "a\xffb" + `"`:     {Name: "a\ufffdb"}, // one name must not cost the list of all jobs
		`"job_name": "\ud800", "x": {"y":1}`: {Name: "\ufffd"},
		`"job_name": "a", "job_name": "b"`:   {Name: "b"},
	} {
		want.ID = 10
		got, err := clientOn(always(http.StatusOK, `{"job_id": 10, `+value+`}`)).GetVisualizationJob(t.Context(), 10)
		if err != nil || *got != want {
			t.Errorf("%s: %+v, %v", value, got, err)
		}
	}
}

// A redirect is an error response, whatever its Location is.
func TestOddRedirects(t *testing.T) {
	t.Parallel()
	for _, status := range []int{300, 301, 302, 303, 304, 305, 307, 308, 399} {
		for location, host := range map[string]string{
			"": "", "%zz": "", "http://[::1": "", "http://a b/": "", "://": "", "\x7f": "", "http://h\x00/": "", "https:": "",
			"/login": ", not to modelarts.example.com", "//elsewhere.example.com": ", not to elsewhere.example.com",
			"https://user:password@elsewhere.example.com/": ", not to elsewhere.example.com",
			"https://elsewhere.example.com/\x1b[2J":        "",
		} {
			for _, call := range calls {
				network := always(status, success, "Location", location)
				err := call.do(t.Context(), clientOn(network))
				e := errorFrom(t, err)
				if e.StatusCode != status || len(network.requests) != 1 || !IsRejection(err) ||
					!strings.HasPrefix(string(e.Message), "redirect not followed") || !strings.HasSuffix(string(e.Message), host) ||
					strings.Contains(err.Error(), "password") {
					t.Errorf("%s, HTTP %d to %q: %d requests: %v", call.name, status, location, len(network.requests), err)
				}
				checkShown(t, err.Error(), 2000, false)
			}
		}
	}
}

// The HTTP status decides whether a response that confirms a request can be one.
func TestStatusesOfResponses(t *testing.T) {
	t.Parallel()
	for _, call := range calls {
		for _, status := range []int{200, 201, 202, 203, 206, 226, 299} {
			if err := call.do(t.Context(), clientOn(always(status, samples[call.name]))); err != nil {
				t.Errorf("%s, HTTP %d: %v", call.name, status, err)
			}
		}
		for _, status := range []int{0, 100, 101, 102, 199} {
			err := call.do(t.Context(), clientOn(always(status, samples[call.name]), withRetries(0)))
			if !noResponseFrom(t, err).Sent {
				t.Errorf("%s, HTTP %d: %v", call.name, status, err)
			}
		}
		for _, status := range []int{402, 408, 418, 451, 500, 502, 511, 600, 999} {
			err := call.do(t.Context(), clientOn(always(status, samples[call.name]), withRetries(0)))
			if e := errorFrom(t, err); e.StatusCode != status || IsUncertain(err) != (status >= 500 || status == 408) {
				t.Errorf("%s, HTTP %d: %v", call.name, status, err)
			}
		}
	}
}
