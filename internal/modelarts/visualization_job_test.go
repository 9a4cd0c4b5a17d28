package modelarts

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var plain = CreateOptions{Name: "visualization-job", TrainURL: "/obs/name/"}

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
	tests := []struct {
		name              string
		do                func(context.Context, *Client) error
		method, uri, body string
	}{
		{
			"create, the documented sample", create(CreateOptions{
				Name: "visualization-job", TrainURL: "/obs/name/", Description: "this is a visualization job",
				JobType: "mindinsight", Schedule: &Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 1},
			}),
			"POST", path,
			`{"job_name":"visualization-job","train_url":"/obs/name/","job_desc":"this is a visualization job",` +
				`"job_type":"mindinsight","schedule":[{"type":"stop","time_unit":"HOURS","duration":1}]}`,
		},
		{
			"create, the least", create(plain),
			"POST", path, `{"job_name":"visualization-job","train_url":"/obs/name/"}`,
		},
		{
			"create with a flavor, stopped after 0 hours", create(CreateOptions{
				Name: "visualization-job", TrainURL: "/b/", Flavor: "modelarts.vm.cpu.2u",
				Schedule: &Schedule{Type: "stop", TimeUnit: "HOURS"},
			}),
			"POST", path,
			`{"job_name":"visualization-job","train_url":"/b/","flavor":{"code":"modelarts.vm.cpu.2u"},` +
				`"schedule":[{"type":"stop","time_unit":"HOURS","duration":0}]}`,
		},
		{
			"list, the documented sample", list(ListOptions{
				Status: &waiting, SortBy: "status", Order: "asc", SearchContent: "job_name",
			}),
			"GET", path + "?order=asc&page=1&per_page=1000&search_content=job_name&sortBy=status&status=7", "",
		},
		{"list, everything", list(ListOptions{}), "GET", path + "?page=1&per_page=1000", ""},
		{"list, status 0", list(ListOptions{Status: &unknown}), "GET", path + "?page=1&per_page=1000&status=0", ""},
		{
			"list, to be escaped", list(ListOptions{SearchContent: "a&b=c", WorkspaceID: "0"}),
			"GET", path + "?page=1&per_page=1000&search_content=a%26b%3Dc&workspace_id=0", "",
		},
		{"get", calls[2].do, "GET", path + "/10", ""},
		{"update", calls[3].do, "PUT", path + "/10", `{"job_desc":"This is a ModelArts job"}`},
		{
			"update to nothing",
			func(ctx context.Context, c *Client) error { return c.UpdateVisualizationJob(ctx, 10, "") },
			"PUT", path + "/10", `{"job_desc":""}`,
		},
		{
			"update to characters with an escape",
			func(ctx context.Context, c *Client) error {
				return c.UpdateVisualizationJob(ctx, 10, "a <b> \"c\" \\ ä 日本")
			},
			"PUT", path + "/10", `{"job_desc":"a \u003cb\u003e \"c\" \\ ä 日本"}`,
		},
		{"stop", calls[4].do, "POST", path + "/10/stop", ""},
		{"restart", calls[5].do, "POST", path + "/10/restart", ""},
		{"delete", calls[6].do, "DELETE", path + "/10", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			network := on(sample)
			if err := test.do(t.Context(), clientOn(network)); err != nil {
				t.Fatal(err)
			}
			want := []request{{Method: test.method, URI: test.uri, Body: test.body}}
			if diff := cmp.Diff(want, network.requests, cmpopts.IgnoreFields(request{}, "Header")); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestJob(t *testing.T) {
	t.Parallel()
	const service = "https://XXX/modelarts2/tensorboard/04f679b17380d32a2f32c00335c4b5ba/197/"
	full := VisualizationJob{
		ID: 197, Name: "apiTest-11", Description: "ModelArts API Dialtest", TrainURL: "/wph-test/zl-test/Flowers-Set/ApiTest/",
		Status: StatusWaiting, CreateTime: time.Date(2019, 8, 7, 3, 48, 56, 0, time.UTC), Duration: 33 * time.Second,
		ServiceURL: service, ResourceID: "e17dd874-b5e0-4e9b-aaf0-22b045ad8571",
	}
	tests := []struct {
		name, body string
		want       VisualizationJob
	}{
		{"documented", `{
			"duration": 33000,
			"service_url": "` + service + `",
			"job_name": "apiTest-11",
			"create_time": 1565149736000,
			"train_url": "/wph-test/zl-test/Flowers-Set/ApiTest/",
			"job_id": 197,
			"job_desc": "ModelArts API Dialtest",
			"resource_id": "e17dd874-b5e0-4e9b-aaf0-22b045ad8571",
			"status": 7
		}`, full},
		{"Open Telekom Cloud's client's", `{
			"is_success": true, "duration": "33000", "service_url": "` + service + `", "job_name": "apiTest-11",
			"create_time": "1565149736000", "train_url": "/wph-test/zl-test/Flowers-Set/ApiTest/", "job_id": "197",
			"job_desc": "ModelArts API Dialtest", "resource_id": "e17dd874-b5e0-4e9b-aaf0-22b045ad8571", "status": "7",
			"remaining_duration": null, "project_id": "` + project + `"
		}`, full},
		{
			"nulls", `{"job_id": 197, "job_name": null, "job_desc": null, "train_url": null, "status": null,
				"create_time": null, "duration": null, "service_url": null, "resource_id": null}`,
			VisualizationJob{ID: 197},
		},
		{"little", `{"job_id": 197, "status": 99}`, VisualizationJob{ID: 197, Status: 99}},
		{"a path with a scheme", `{"job_id": 197, "train_url": "obs:///b//c/"}`, VisualizationJob{ID: 197, TrainURL: "/b//c/"}},
		{"a scheme in a path", `{"job_id": 197, "train_url": "/obs://b"}`, VisualizationJob{ID: 197, TrainURL: "/obs://b"}},
		{"a scheme alone", `{"job_id": 197, "train_url": "obs://"}`, VisualizationJob{ID: 197, TrainURL: "/"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := clientOn(always(http.StatusOK, test.body)).GetVisualizationJob(t.Context(), 197)
			if diff := cmp.Diff(&test.want, got); diff != "" || err != nil {
				t.Errorf("error %v, job (-want +got):\n%s", err, diff)
			}
		})
	}
}

// A schedule is read in each form that was ever documented, and nothing else spoils the job.
func TestScheduleOfResponses(t *testing.T) {
	t.Parallel()
	four := Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 4}
	for schedule, want := range map[string]Schedule{
		`[{"type":"stop","timeUnit":"HOURS","duration":4}]`:  four,
		`{"type":"stop","timeUnit":"HOURS","duration":4}`:    four,
		`[{"type":"stop","time_unit":"HOURS","duration":4}]`: four,
		`{"type":"stop","time_unit":"HOURS","duration":"4"}`: four,
		`{"duration":4}`: four,
		`{"type":null,"timeUnit":"","duration":4,"other":[]}`: four,
		`{"type":"stop","timeUnit":"DAYS","duration":0}`:      {Type: "stop", TimeUnit: "DAYS"},
		`[{"duration":99}]`: {Type: "stop", TimeUnit: "HOURS", Duration: 99},
		`null`:              {}, `[]`: {}, `{}`: {}, `""`: {}, `"stop"`: {}, `4`: {}, `true`: {}, `[null]`: {}, `[[]]`: {},
		`[{"duration":4},{"duration":9}]`: {},
		`{"duration":"soon"}`:             {},
		`{"duration":2.5}`:                {},
		`{"duration":{}}`:                 {},
		`{"duration":null}`:               {},
	} {
		body := `{"job_id":197,"job_name":"board","status":8,"schedule":` + schedule + `,"remaining_duration":"60000"}`
		client := clientOn(on(with(http.StatusOK, body), with(http.StatusOK, `{"is_success":true,"job_total_count":1,"jobs":[`+body+`]}`)))
		job, err := client.GetVisualizationJob(t.Context(), 197)
		if err != nil || job.Schedule != want || job.Name != "board" {
			t.Errorf("%s: %+v, %v", schedule, job, err)
		}
		page, err := listAll(t.Context(), client, ListOptions{})
		if err != nil || len(page.Jobs) != 1 || page.Jobs[0].Schedule != want {
			t.Errorf("%s in a list: %+v, %v", schedule, page, err)
		}
	}
}

func TestScheduleForms(t *testing.T) {
	t.Parallel()
	const (
		array  = `{"job_name":"visualization-job","train_url":"/obs/name/","schedule":[{"type":"stop","time_unit":"HOURS","duration":4}]}`
		object = `{"job_name":"visualization-job","train_url":"/obs/name/","schedule":{"type":"stop","time_unit":"HOURS","duration":4}}`
	)
	no := func(status int, code, message string) fate {
		return with(status, fmt.Sprintf(`{"is_success": false, "error_code": %q, "error_message": %q}`, code, message))
	}
	drop := failure(true, io.ErrUnexpectedEOF)
	tests := []struct {
		name          string
		first, second fate   // nil for no second request
		want          string // the message of the *Error; empty for a job, "lost" for a *NoResponseError
	}{
		{"array accepted", sample, nil, ""},
		{"0101", no(400, "ModelArts.0101", "first"), sample, ""},
		{"0104", no(400, "ModelArts.0104", "first"), sample, ""},
		{"0104 under 200", no(200, "ModelArts.0104", "first"), sample, ""},
		{"0107", no(400, "ModelArts.0107", "first"), sample, ""},
		{"both refused", no(400, "ModelArts.0104", "first"), no(400, "ModelArts.0101", "second"), "first"},
		{"refused otherwise then", no(400, "ModelArts.0104", "first"), no(403, "ModelArts.0108", "second"), "second"},
		{"fails then", no(400, "ModelArts.0104", "first"), no(502, "", "second"), "second"},
		{"lost then", no(400, "ModelArts.0104", "first"), drop, "lost"},
		{"lost", drop, nil, "lost"},
		{"unreadable", with(200, "<html>"), nil, "lost"},
		{"0103", no(400, "ModelArts.0103", "first"), nil, "first"},
		{"0105", no(400, "ModelArts.0105", "first"), nil, "first"},
		{"quota", no(400, "ModelArts.0118", "first"), nil, "first"},
		{"no code", no(400, "", "first"), nil, "first"},
		{"500", no(500, "ModelArts.0010", "first"), nil, "first"},
		// A second create needs certainty that the first one made nothing.
		{"500 with a parameter code", no(500, "ModelArts.0104", "first"), nil, "first"},
		{"503", no(503, "", "first"), nil, "first"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fates, bodies := []fate{test.first}, []string{array}
			if test.second != nil {
				fates, bodies = append(fates, test.second), append(bodies, object)
			}
			options := plain
			options.Schedule = &Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 4}
			network := on(fates...)
			job, err := clientOn(network).CreateVisualizationJob(t.Context(), options)
			switch {
			case test.want == "":
				if err != nil || job.ID != 10 {
					t.Errorf("%+v, %v", job, err)
				}
			case test.want == "lost":
				if !IsUncertain(noResponseFrom(t, err)) || job != nil {
					t.Errorf("%+v, %v", job, err)
				}
			case job != nil || string(errorFrom(t, err).Message) != test.want:
				t.Errorf("%+v, %v", job, err)
			}
			if diff := cmp.Diff(bodies, network.bodies()); diff != "" {
				t.Errorf("bodies (-want +got):\n%s", diff)
			}
		})
	}
}

// Without a schedule there is no second form.
func TestParameterErrorWithoutSchedule(t *testing.T) {
	t.Parallel()
	network := always(http.StatusBadRequest, `{"error_code": "ModelArts.0104"}`)
	if _, err := clientOn(network).CreateVisualizationJob(t.Context(), plain); !IsParameterError(err) || len(network.requests) != 1 {
		t.Errorf("%d requests: %v", len(network.requests), err)
	}
}

func TestCreateResponse(t *testing.T) {
	t.Parallel()
	got, err := clientOn(on(sample)).CreateVisualizationJob(t.Context(), plain)
	want := &VisualizationJob{
		ID: 10, Name: "visualization-job", Status: StatusInit, CreateTime: time.Date(2018, 4, 20, 2, 6, 30, 635_000_000, time.UTC),
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, job (-want +got):\n%s", err, diff)
	}
}
