package modelarts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

func TestRequests(t *testing.T) {
	t.Parallel()
	const path = "/v1/" + project + "/visualization-jobs"
	create := func(options CreateOptions) func(context.Context, *Client) error {
		return func(ctx context.Context, c *Client) error {
			_, err := c.CreateVisualizationJob(ctx, options)
			return err
		}
	}
	list := func(options ListOptions) func(context.Context, *Client) error {
		return func(ctx context.Context, c *Client) error {
			_, err := listAll(ctx, c, options)
			return err
		}
	}
	waiting, unknown := StatusWaiting, StatusUnknown
	for name, test := range map[string]struct {
		do                func(context.Context, *Client) error
		method, uri, body string
	}{
		"create": {
			create(CreateOptions{
				Name: "visualization-job", TrainURL: "/obs/name/", Description: "this is a visualization job", JobType: "mindinsight",
				Flavor: "modelarts.vm.cpu.2u", Schedule: &Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 1},
			}),
			"POST", path, `{"job_name":"visualization-job","train_url":"/obs/name/","job_desc":"this is a visualization job",` +
				`"job_type":"mindinsight","flavor":{"code":"modelarts.vm.cpu.2u"},"schedule":[{"type":"stop","time_unit":"HOURS","duration":1}]}`,
		},
		"create, the least": {create(plain), "POST", path, `{"job_name":"visualization-job","train_url":"/obs/name/"}`},
		"list, the documented sample": {
			list(ListOptions{Status: &waiting, SortBy: "status", Order: "asc", SearchContent: "job_name"}),
			"GET", path + "?order=asc&page=1&per_page=1000&search_content=job_name&sortBy=status&status=7", "",
		},
		"list, everything": {callNamed("list").do, "GET", path + "?page=1&per_page=1000", ""},
		"list, escaped": {
			list(ListOptions{Status: &unknown, SearchContent: "a&b=c", WorkspaceID: "0"}),
			"GET", path + "?page=1&per_page=1000&search_content=a%26b%3Dc&status=0&workspace_id=0", "",
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
			network := on(sample)
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

// A job is read from each response that can have one, as documented or as Open Telekom Cloud's client has it.
func TestJob(t *testing.T) {
	t.Parallel()
	const service = "https://XXX/modelarts2/tensorboard/04f679b17380d32a2f32c00335c4b5ba/197/"
	full := VisualizationJob{
		ID: 197, Name: "visualization-job", Description: "ModelArts API Dialtest", TrainURL: "/wph-test/zl-test/Flowers-Set/ApiTest/",
		Status: StatusWaiting, CreateTime: time.Date(2019, 8, 7, 3, 48, 56, 0, time.UTC), Duration: 33 * time.Second,
		ServiceURL: service, ResourceID: "e17dd874-b5e0-4e9b-aaf0-22b045ad8571",
	}
	for body, want := range map[string]VisualizationJob{
		`{"duration": 33000, "service_url": "` + service + `", "job_name": "visualization-job", "create_time": 1565149736000,
			"train_url": "/wph-test/zl-test/Flowers-Set/ApiTest/", "job_id": 197, "job_desc": "ModelArts API Dialtest",
			"resource_id": "e17dd874-b5e0-4e9b-aaf0-22b045ad8571", "status": 7}`: full,
		`{"is_success": true, "duration": "33000", "service_url": "` + service + `", "job_name": "visualization-job", "create_time": "1565149736000",
			"train_url": "/wph-test/zl-test/Flowers-Set/ApiTest/", "job_id": "197", "job_desc": "ModelArts API Dialtest", "project_id": "p",
			"resource_id": "e17dd874-b5e0-4e9b-aaf0-22b045ad8571", "status": "7", "remaining_duration": null}`: full,
		`{"job_id": 197, "job_name": null, "job_desc": null, "train_url": null, "status": null, "create_time": null, "duration": null,
			"service_url": null, "resource_id": null, "schedule": null}`: {ID: 197},
		`{"job_id": 197, "status": 99}`:                       {ID: 197, Status: 99},
		`{"job_id": 197, "train_url": "obs:///b//c/"}`:        {ID: 197, TrainURL: "/b//c/"},
		`{"job_id": 197, "train_url": "/obs://b"}`:            {ID: 197, TrainURL: "/obs://b"},
		`{"job_id": 197, "train_url": "obs://"}`:              {ID: 197, TrainURL: "/"},
		`{"job_id": 197, "schedule": {"duration": "4"}}`:      {ID: 197, Schedule: Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 4}},
		`{"job_id": 197, "schedule": [{"duration": "soon"}]}`: {ID: 197},
	} {
		client := clientOn(on(acctest.Responds(200, body), acctest.Responds(200, body), acctest.Responds(200, `{"job_total_count": 1, "jobs": [`+body+`]}`)))
		got, err := client.GetVisualizationJob(t.Context(), 197)
		created, createErr := client.CreateVisualizationJob(t.Context(), plain)
		page, listErr := listAll(t.Context(), client, ListOptions{})
		if err := errors.Join(err, createErr, listErr); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if diff := cmp.Diff([]VisualizationJob{want, want, want}, append(page.Jobs, *got, *created)); diff != "" {
			t.Errorf("jobs (-want +got):\n%s", diff)
		}
	}
}

// A schedule is read in each form that was ever documented, and nothing else spoils the job.
func TestScheduleOfResponses(t *testing.T) {
	t.Parallel()
	four := Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 4}
	for schedule, want := range map[string]Schedule{
		`[{"type":"stop","timeUnit":"HOURS","duration":4}]`:   four,
		`{"type":"stop","time_unit":"HOURS","duration":"4"}`:  four,
		`{"type":null,"timeUnit":"","duration":4,"other":[]}`: four,
		`{"type":"stop","timeUnit":"DAYS","duration":0}`:      {Type: "stop", TimeUnit: "DAYS"},
		`null`: {}, `[]`: {}, `{}`: {}, `""`: {}, `4`: {}, `[null]`: {}, `[[]]`: {}, `[{"duration":4},{"duration":9}]`: {},
		`{"duration":2.5}`: {}, `{"duration":null}`: {}, `{"duration":4,"type":7}`: {},
	} {
		job, err := ParseVisualizationJob([]byte(`{"job_id":197,"schedule":` + schedule + `,"job_name":"board"}`))
		if err != nil || job.Schedule != want || job.Name != "board" {
			t.Errorf("%s: %+v, %v", schedule, job, err)
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
	drop := acctest.Fails(true, io.ErrUnexpectedEOF)
	for name, test := range map[string]struct {
		first, second fate   // nil for no second request
		want          string // the message of the *Error; empty for a job, "lost" for a *NoResponseError
	}{
		"array accepted":            {sample, nil, ""},
		"0101":                      {no(400, "ModelArts.0101", "first"), sample, ""},
		"0104 with 200":             {no(200, "ModelArts.0104", "first"), sample, ""},
		"both refused":              {no(400, "ModelArts.0104", "first"), no(400, "ModelArts.0101", "second"), "first"},
		"refused otherwise then":    {no(400, "ModelArts.0104", "first"), no(403, "ModelArts.0108", "second"), "second"},
		"lost then":                 {no(400, "ModelArts.0104", "first"), drop, "lost"},
		"lost":                      {drop, nil, "lost"},
		"unreadable":                {acctest.Responds(200, "<html>"), nil, "lost"},
		"0105":                      {no(400, "ModelArts.0105", "first"), nil, "first"},
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
			case test.want == "lost":
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
	// Without a schedule there is no second form.
	network := on(no(400, "ModelArts.0104", "first"))
	if _, err := clientOn(network).CreateVisualizationJob(t.Context(), plain); !IsParameterError(err) || len(network.Requests) != 1 {
		t.Errorf("%d requests: %v", len(network.Requests), err)
	}
}
