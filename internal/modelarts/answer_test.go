package modelarts

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"
)

// filled replaces the fields of each call's sample one by one.
func filled(name, field, value string) string {
	id := `"job_id": 10, `
	if field == "job_id" {
		id = ""
	}
	job := `{` + id + fmt.Sprintf(`%q: %s}`, field, value)
	switch {
	case name != "list":
		return job
	case field == "jobs" || field == "job_total_count" || field == "job_count_limit" || field == "quotas":
		return fmt.Sprintf(`{"job_total_count": 1, %q: %s}`, field, value)
	default:
		return `{"job_total_count": 1, "jobs": [` + job + `]}`
	}
}

// A field of another type is no reason to guess, to crash or to go on.
func TestWrongTypes(t *testing.T) {
	t.Parallel()
	odd := map[string][]string{
		"number": {`{}`, `[]`, `[1]`, `true`, `"ten"`, `1.5`, `1e30`, `"NaN"`, `"Infinity"`, `"0x1p4"`, `99999999999999999999`, strings.Repeat("9", 100_000)},
		"string": {`{}`, `[]`, `7`, `true`},
		"list":   {`{}`, `7`, `"a"`, `true`, `[7]`, `["a"]`, `[[]]`, `[null]`, `[{}]`, `{"0": {"job_id": 1}}`},
	}
	fields := map[string]string{
		"job_id": "number", "status": "number", "create_time": "number", "duration": "number",
		"job_name": "string", "job_desc": "string", "train_url": "string", "service_url": "string", "resource_id": "string",
	}
	listFields := map[string]string{"job_total_count": "number", "job_count_limit": "number", "quotas": "number", "jobs": "list"}
	n := 0
	for _, call := range calls[:3] { // create, list and get: the others have no fields
		all := []map[string]string{fields}
		if call.name == "list" {
			all = append(all, listFields)
		}
		for _, fields := range all {
			for field, kind := range fields {
				for _, value := range odd[kind] {
					n++
					err := call.do(t.Context(), clientOn(always(http.StatusOK, filled(call.name, field, value), "X-Request-Id", "3f9a"), WithMaxRetries(0)))
					if e := noResponseFrom(t, err); !e.Sent || e.RequestID != "3f9a" || len(e.Error()) > 1200 {
						t.Errorf("%s, %s %.20s: %+v", call.name, field, value, err)
					}
				}
			}
		}
	}
	if n != 250 {
		t.Errorf("%d cases", n)
	}
}

// What has no yes in it is none for a call that has nothing else to tell.
func TestYes(t *testing.T) {
	t.Parallel()
	for body, ok := range map[string]bool{
		success:                  true,
		`{"is_success": "true"}`: true,
		`{"is_success": true, "is_success": true}`: true,
		`{}`:                   false,
		`null`:                 false,
		`{"job_id": 10}`:       false,
		`{"is_success": null}`: false,
		`{"is_success": ""}`:   false,
		`{"is_success": 1}`:    false,
		`{"is_success": {}}`:   false,
		`{"error": {"code": "IAM.0001", "message": "m"}}`: false,
		// A no, repeated as a yes, stays a no.
		`{"is_success": false, "is_success": true}`:                                false,
		`{"is_success": true, "error_code": "ModelArts.0105", "error_code": ""}`:   false,
		`{"is_success": true, "error_code": "ModelArts.0105", "error_code": null}`: false,
		`{"is_success": true, "is_success": false}`:                                false,
		"\ufeff" + success: false,
		success + "\x00":   false,
	} {
		for _, call := range calls {
			if !onlyYes[call.name] {
				continue
			}
			if err := call.do(t.Context(), clientOn(always(http.StatusOK, body))); (err == nil) != ok {
				t.Errorf("%s, %s: %v", call.name, body, err)
			}
		}
	}
}

// A code that is no text and a flag that is no boolean say nothing: neither that the
// call was refused, nor that all is well, whatever else is there.
func TestGarbledAnswers(t *testing.T) {
	t.Parallel()
	const fine = `"job_id": 10, "job_total_count": 0, "jobs": []`
	for _, body := range []string{
		`{"is_success": ["true"], "job_id": {"id": 1}, "error_code": {"code": 17}}`,
		`{"is_success": ["true"], "job_id": {"id": 1}, "error_code": ["ModelArts.0105"]}`,
		`{"is_success": true, "error_code": {"code": 17}, ` + fine + `}`,
		`{"is_success": true, "error_code": ["ModelArts.0105"], ` + fine + `}`,
		`{"is_success": 7, ` + fine + `}`,
		`{"is_success": ["true"], ` + fine + `}`,
	} {
		for _, call := range calls {
			err := call.do(t.Context(), clientOn(always(http.StatusOK, body), WithMaxRetries(0)))
			if err == nil || IsRefusal(err) || !MayHaveBeenDone(err) {
				t.Errorf("%s, %s: %v", call.name, body, err)
			}
		}
	}
}

// The others are refused by what an answer to them cannot be without.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`[`, 1_000_000)
	for name, body := range map[string]string{
		"null":              "null",
		"deep":              deep,
		"deep objects":      strings.Repeat(`{"jobs":`, 1_000_000),
		"deep, closed":      `{"job_id": 10, "is_success": true, "jobs": ` + deep + strings.Repeat(`]`, 1_000_000) + `}`,
		"a no after a yes":  `{"is_success": true, "job_id": 10, "job_total_count": 0, "is_success": false}`,
		"a yes after a no":  `{"is_success": false, "job_id": 10, "job_total_count": 0, "is_success": true}`,
		"a flag in between": `{"is_success": 2, "job_id": 10, "job_total_count": 0}`,
		"NaN":               `{"is_success": true, "job_id": NaN, "job_total_count": 0}`,
		"-Infinity":         `{"is_success": true, "job_id": 10, "job_total_count": -Infinity}`,
		"a huge exponent":   `{"is_success": true, "job_id": 1e999999999, "job_total_count": 1e999999999}`,
		"two documents":     success + success,
		"UTF-16":            "\xff\xfe{\x00}\x00",
	} {
		for _, call := range calls {
			if onlyYes[call.name] && name == "a huge exponent" {
				continue // JSON that they read nothing of
			}
			t.Run(name+"/"+call.name, func(t *testing.T) {
				t.Parallel()
				err := call.do(t.Context(), clientOn(always(http.StatusOK, body), WithMaxRetries(0)))
				if err == nil {
					t.Fatal("taken for a yes")
				}
				checkResponseError(t, call, err)
			})
		}
	}
}

// Numbers beyond all sense must not turn into others.
func TestNumbersBeyondSense(t *testing.T) {
	t.Parallel()
	const most, least = "9223372036854775807", "-9223372036854775808"
	longest := time.Duration(math.MaxInt64).Truncate(time.Millisecond)
	for value, want := range map[string]VisualizationJob{
		`"duration": ` + most:                {Duration: longest},
		`"duration": 9223372036854775`:       {Duration: longest},
		`"duration": 9223372036854776`:       {Duration: longest},
		`"duration": 9223372036855`:          {Duration: longest},
		`"duration": ` + least:               {},
		`"duration": -1`:                     {},
		`"create_time": ` + most:             {},
		`"create_time": ` + least:            {},
		`"create_time": -1`:                  {},
		`"create_time": 253402300799999`:     {CreateTime: time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC)},
		`"create_time": 253402300800000`:     {},
		`"create_time": 1`:                   {CreateTime: time.UnixMilli(1).UTC()},
		`"status": ` + most:                  {Status: 1<<31 - 1},
		`"status": ` + least:                 {Status: -1 << 31},
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

// A redirect is refused as one, wherever it leads and whether it says where.
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
				for _, body := range []string{"", "<html>", success} {
					attempts := 0
					err := call.do(t.Context(), clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
						attempts++
						return reply(req, status, body, "Location", location), nil
					})))
					e := errorFrom(t, err)
					if e.StatusCode != status || attempts != 1 || MayHaveBeenDone(err) || !IsRefusal(err) ||
						!strings.HasPrefix(string(e.Message), "redirect refused") || !strings.HasSuffix(string(e.Message), host) ||
						strings.Contains(err.Error(), "password") {
						t.Errorf("%s, HTTP %d to %q: %d attempts: %v", call.name, status, location, attempts, err)
					}
					checkShown(t, err.Error(), 2000, false)
				}
			}
		}
	}
}

// HTTP statuses that say yes without what a yes must have.
func TestOtherStatuses(t *testing.T) {
	t.Parallel()
	for _, status := range []int{201, 202, 203, 206, 226, 299} {
		for _, call := range calls {
			if err := call.do(t.Context(), clientOn(always(status, samples[call.name]))); err != nil {
				t.Errorf("%s, HTTP %d: %v", call.name, status, err)
			}
			if err := call.do(t.Context(), clientOn(always(status, "<html>"), WithMaxRetries(0))); !noResponseFrom(t, err).Sent {
				t.Errorf("%s, HTTP %d: %v", call.name, status, err)
			}
		}
	}
	for _, status := range []int{0, 100, 101, 102, 199} {
		for _, call := range calls {
			err := call.do(t.Context(), clientOn(always(status, samples[call.name]), WithMaxRetries(0)))
			if !noResponseFrom(t, err).Sent || IsRefusal(err) {
				t.Errorf("%s, HTTP %d: %v", call.name, status, err)
			}
		}
	}
	for _, status := range []int{402, 418, 451, 500, 502, 511, 600, 999} {
		for _, call := range calls {
			err := call.do(t.Context(), clientOn(always(status, samples[call.name]), WithMaxRetries(0)))
			if e := errorFrom(t, err); e.StatusCode != status || MayHaveBeenDone(err) != (status >= 500) {
				t.Errorf("%s, HTTP %d: %v", call.name, status, err)
			}
		}
	}
}
