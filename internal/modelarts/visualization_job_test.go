package modelarts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

func TestRequests(t *testing.T) {
	t.Parallel()
	const path = "/v1/" + project + "/visualization-jobs"
	unknown := StatusUnknown
	for name, test := range map[string]struct {
		do                func(context.Context, *Client) error
		method, uri, body string
	}{
		"create with options": {
			func(ctx context.Context, c *Client) error {
				_, err := c.CreateVisualizationJob(ctx, CreateOptions{
					Name: "visualization-job", TrainURL: "/obs/name/", Description: "this is a visualization job", JobType: "mindinsight",
					Flavor: "modelarts.vm.cpu.2u", Schedule: &Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 1},
				})
				return err
			},
			"POST", path, `{"job_name":"visualization-job","train_url":"/obs/name/","job_desc":"this is a visualization job",` +
				`"job_type":"mindinsight","flavor":{"code":"modelarts.vm.cpu.2u"},"schedule":[{"type":"stop","time_unit":"HOURS","duration":1}]}`,
		},
		"create": {callNamed("create").do, "POST", path, `{"job_name":"visualization-job","train_url":"/obs/name/"}`},
		"list":   {callNamed("list").do, "GET", path + "?page=1&per_page=1000", ""},
		"list with a filter": {
			func(ctx context.Context, c *Client) error {
				_, err := listAll(ctx, c, ListOptions{Status: &unknown, SearchContent: "a&b=c", WorkspaceID: "0", SortBy: "status", Order: "asc"})
				return err
			},
			"GET", path + "?order=asc&page=1&per_page=1000&search_content=a%26b%3Dc&sortBy=status&status=0&workspace_id=0", "",
		},
		"get":    {callNamed("get").do, "GET", path + "/10", ""},
		"update": {callNamed("update").do, "PUT", path + "/10", `{"job_desc":"This is a ModelArts job"}`},
		"update to nothing": {
			func(ctx context.Context, c *Client) error { return c.UpdateVisualizationJob(ctx, 10, "") }, "PUT", path + "/10", `{"job_desc":""}`,
		},
		"stop":    {callNamed("stop").do, "POST", path + "/10/stop", ""},
		"restart": {callNamed("restart").do, "POST", path + "/10/restart", ""},
		"delete":  {callNamed("delete").do, "DELETE", path + "/10", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			network := always(http.StatusOK, success)
			if err := test.do(t.Context(), clientOn(network, func(o *Options) { o.UserAgent = "test/1" })); err != nil {
				t.Fatal(err)
			}
			want := []acctest.Request{{Method: test.method, URI: test.uri, Body: test.body, Header: http.Header{
				"Accept": {"application/json"}, "Content-Type": {"application/json"}, "User-Agent": {"test/1"},
			}}}
			if diff := cmp.Diff(want, network.Requests); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// A job is read from each response that can have one, as documented or as Open Telekom Cloud's client has it. A number out of range becomes
// the nearest one in range, and a schedule of another form is omitted.
func TestJob(t *testing.T) {
	t.Parallel()
	const service = "https://XXX/modelarts2/tensorboard/04f679b17380d32a2f32c00335c4b5ba/197/"
	full := VisualizationJob{
		ID: 197, Name: "visualization-job", Description: "ModelArts API Dialtest", TrainURL: "/wph-test/zl-test/Flowers-Set/ApiTest/",
		Status: StatusWaiting, CreateTime: time.Date(2019, 8, 7, 3, 48, 56, 0, time.UTC), Duration: 33 * time.Second,
		ServiceURL: service, ResourceID: "e17dd874-b5e0-4e9b-aaf0-22b045ad8571",
	}
	four := VisualizationJob{Schedule: Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 4}}
	const lowest = "-9223372036854775808"
	for fields, want := range map[string]VisualizationJob{
		`"duration": 33000, "service_url": "` + service + `", "job_name": "visualization-job", "create_time": 1565149736000,
			"train_url": "/wph-test/zl-test/Flowers-Set/ApiTest/", "job_desc": "ModelArts API Dialtest",
			"resource_id": "e17dd874-b5e0-4e9b-aaf0-22b045ad8571", "status": 7`: full,
		`"is_success": true, "duration": "33000", "service_url": "` + service + `", "job_name": "visualization-job", "create_time": "1565149736000",
			"train_url": "/wph-test/zl-test/Flowers-Set/ApiTest/", "job_desc": "ModelArts API Dialtest", "project_id": "p",
			"resource_id": "e17dd874-b5e0-4e9b-aaf0-22b045ad8571", "status": "7", "remaining_duration": null`: full,
		`"job_name": null, "job_desc": null, "train_url": null, "status": null, "create_time": null, "duration": null,
			"service_url": null, "resource_id": null, "schedule": null`: {},
		`"status": 99`:                   {Status: 99},
		`"status": ` + lowest:            {Status: -1 << 31},
		`"status": 4294967304`:           {Status: 1<<31 - 1}, // 8 in its lower half
		`"train_url": "obs:///b//c/"`:    {TrainURL: "/b//c/"},
		`"train_url": "/obs://b"`:        {TrainURL: "/obs://b"},
		`"train_url": "obs://"`:          {TrainURL: "/"},
		`"duration": 9223372036855`:      {Duration: time.Duration(math.MaxInt64).Truncate(time.Millisecond)},
		`"duration": ` + lowest:          {},
		`"create_time": -1`:              {},
		`"create_time": 1`:               {CreateTime: time.UnixMilli(1).UTC()},
		`"create_time": 253402300799999`: {CreateTime: time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC)},
		`"create_time": 253402300800000`: {},
		`"job_desc": "` + "a\xffb" + `"`: {Description: "a\ufffdb"}, // one text must not cost the list of all jobs

		`"schedule": [{"type":"stop","timeUnit":"HOURS","duration":4}]`:   four,
		`"schedule": {"type":"stop","time_unit":"HOURS","duration":"4"}`:  four,
		`"schedule": {"type":null,"timeUnit":"","duration":4,"other":[]}`: four,
		`"schedule": {"type":"stop","timeUnit":"DAYS","duration":0}`:      {Schedule: Schedule{Type: "stop", TimeUnit: "DAYS"}},
		`"schedule": ""`: {}, `"schedule": 4`: {}, `"schedule": [null]`: {}, `"schedule": [[]]`: {}, `"schedule": [{"duration":4},{"duration":9}]`: {},
		`"schedule": {"duration":2.5}`: {}, `"schedule": {"duration":null}`: {}, `"schedule": {"duration":4,"type":7}`: {},
	} {
		body := `{"job_id": 197, ` + fields + `}`
		client := clientOn(on(acctest.Responds(200, body), acctest.Responds(200, body), acctest.Responds(200, `{"job_total_count": 1, "jobs": [`+body+`]}`)))
		got, err := client.GetVisualizationJob(t.Context(), 197)
		created, createErr := client.CreateVisualizationJob(t.Context(), plain)
		page, listErr := listAll(t.Context(), client, ListOptions{})
		if err := errors.Join(err, createErr, listErr); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		want.ID = 197
		if diff := cmp.Diff([]VisualizationJob{want, want, want}, append(page.Jobs, *got, *created)); diff != "" {
			t.Errorf("%s: jobs (-want +got):\n%s", fields, diff)
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	const invalid = -999
	for value, want := range map[string]int64{
		`7`: 7, `"7"`: 7, `-7`: -7, `"1524189990635"`: 1524189990635, `9007199254740993`: 9007199254740993, // no float64 has this value
		`9223372036854775807`: 9223372036854775807, `null`: 0, `""`: 0,
		`"7.0"`: 7, `"1.234567e+06"`: 1234567,
		`7.5`: invalid, `1e300`: invalid, `99999999999999999999`: invalid, `"NaN"`: invalid, `"0x10"`: invalid,
		`" 7"`: invalid, `"seven"`: invalid, `true`: invalid, `{}`: invalid, `[7]`: invalid,
	} {
		got := number(5)
		if err := json.Unmarshal([]byte(value), &got); (err != nil) != (want == invalid) || err == nil && int64(got) != want {
			t.Errorf("%s: %d, %v", value, got, err)
		}
	}
}

// A create tries the second form of a schedule only if it is certain that the first request created nothing.
func TestScheduleForms(t *testing.T) {
	t.Parallel()
	const (
		array  = `{"job_name":"visualization-job","train_url":"/obs/name/","schedule":[{"type":"stop","time_unit":"HOURS","duration":0}]}`
		object = `{"job_name":"visualization-job","train_url":"/obs/name/","schedule":{"type":"stop","time_unit":"HOURS","duration":0}}`
	)
	no := func(status int, code, message string) fate {
		return acctest.Responds(status, fmt.Sprintf(`{"is_success": false, "error_code": %q, "error_message": %q}`, code, message))
	}
	drop, yes := acctest.Fails(true, io.ErrUnexpectedEOF), acctest.Responds(200, success)
	for name, test := range map[string]struct {
		first, second fate   // nil for no second request
		want          string // the message of the *Error; empty for a job, "no response" for a *NoResponseError
	}{
		"array accepted":            {yes, nil, ""},
		"0101":                      {no(400, "ModelArts.0101", "first"), yes, ""},
		"0104 with 200":             {no(200, "ModelArts.0104", "first"), yes, ""},
		"both rejected":             {no(400, "ModelArts.0104", "first"), no(400, "ModelArts.0101", "second"), "first"},
		"rejected otherwise then":   {no(400, "ModelArts.0104", "first"), no(403, "ModelArts.0108", "second"), "second"},
		"no response then":          {no(400, "ModelArts.0104", "first"), drop, "no response"},
		"unreadable":                {acctest.Responds(200, "<html>"), nil, "no response"},
		"no code":                   {no(400, "", "first"), nil, "first"},
		"500 with a parameter code": {no(500, "ModelArts.0104", "first"), nil, "first"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fates, bodies := []fate{test.first}, []string{array}
			if test.second != nil {
				fates, bodies = append(fates, test.second), append(bodies, object)
			}
			options, network := plain, on(fates...)
			options.Schedule = &Schedule{Type: "stop", TimeUnit: "HOURS"}
			job, err := clientOn(network).CreateVisualizationJob(t.Context(), options)
			switch {
			case (job == nil) != (test.want != ""):
				t.Errorf("%+v, %v", job, err)
			case test.want == "no response":
				errorOf[*NoResponseError](t, err)
			case test.want != "" && string(errorOf[*Error](t, err).Message) != test.want:
				t.Errorf("%v", err)
			}
			var got []string
			for _, r := range network.Requests {
				got = append(got, r.Body)
			}
			if diff := cmp.Diff(bodies, got); diff != "" {
				t.Errorf("bodies (-want +got):\n%s", diff)
			}
		})
	}
}
