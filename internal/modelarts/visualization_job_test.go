package modelarts

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var plain = CreateOptions{Name: "visualization-job", TrainURL: "/obs/name/"}

func TestOBSPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"obs://b/c": "/b/c", "obs:///b//c/": "/b//c/", "/b/c/": "/b/c/", "/obs://b": "/obs://b", "obs://": "/", "": "",
	} {
		job, err := ParseVisualizationJob([]byte(`{"train_url":"` + path + `"}`))
		if err != nil || job.TrainURL != want {
			t.Errorf("%q: got %+v and %v, want %q", path, job, err, want)
		}
	}
}

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
			_, err := c.ListVisualizationJobs(ctx, options)
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
		{"stop", calls[4].do, "POST", path + "/10/stop", ""},
		{"restart", calls[5].do, "POST", path + "/10/restart", ""},
		{"delete", calls[6].do, "DELETE", path + "/10", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, sample)
			if err := test.do(t.Context(), s.client(t)); err != nil {
				t.Fatal(err)
			}
			got := s.seen()
			for i := range got {
				got[i].Header = nil
			}
			if diff := cmp.Diff([]request{{Method: test.method, URI: test.uri, Body: test.body}}, got); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDescriptionArrivesAsWritten(t *testing.T) {
	t.Parallel()
	const description = "a <b> & \"c\" \\ ä \u2028 日本"
	s := serve(t, sample)
	if err := s.client(t).UpdateVisualizationJob(t.Context(), 10, description); err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal([]byte(s.seen()[0].Body), &got); err != nil || got["job_desc"] != description {
		t.Errorf("%q, %v", got, err)
	}
}

func TestCreateAnswer(t *testing.T) {
	t.Parallel()
	s := serve(t, answer(http.StatusOK, `{
		"is_success": true,
		"job_id": "10",
		"job_name": "visualization-job",
		"status": "1",
		"create_time": "1524189990635"
	}`))
	got, err := s.client(t).CreateVisualizationJob(t.Context(), plain)
	want := &VisualizationJob{
		ID: 10, Name: "visualization-job", Status: StatusInit,
		CreateTime: time.Date(2018, 4, 20, 2, 6, 30, 635_000_000, time.UTC),
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, job (-want +got):\n%s", err, diff)
	}
}

func TestGetAnswer(t *testing.T) {
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
		{"the vendor's client's", `{
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
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := serve(t, answer(http.StatusOK, test.body)).client(t).GetVisualizationJob(t.Context(), 197)
			if diff := cmp.Diff(&test.want, got); diff != "" || err != nil {
				t.Errorf("error %v, job (-want +got):\n%s", err, diff)
			}
			kept, err := ParseVisualizationJob([]byte(test.body))
			if diff := cmp.Diff(&test.want, kept); diff != "" || err != nil {
				t.Errorf("kept elsewhere: error %v, job (-want +got):\n%s", err, diff)
			}
		})
	}
}

// A schedule is read in each form that was ever documented, and nothing else spoils the job.
func TestScheduleOfAnswers(t *testing.T) {
	t.Parallel()
	four := Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 4}
	for answer, want := range map[string]Schedule{
		`[{"type":"stop","timeUnit":"HOURS","duration":4}]`:  four,
		`{"type":"stop","timeUnit":"HOURS","duration":4}`:    four,
		`[{"type":"stop","time_unit":"HOURS","duration":4}]`: four,
		`{"type":"stop","time_unit":"HOURS","duration":"4"}`: four,
		`{"duration":4.0}`: four,
		`{"type":null,"timeUnit":"","duration":4,"other":[]}`: four,
		`{"type":"stop","timeUnit":"DAYS","duration":0}`:      {Type: "stop", TimeUnit: "DAYS"},
		`[{"duration":99}]`: {Type: "stop", TimeUnit: "HOURS", Duration: 99},
		`null`:              {}, `[]`: {}, `{}`: {}, `""`: {}, `"stop"`: {}, `4`: {}, `true`: {}, `[null]`: {}, `[[]]`: {},
		`[{"duration":4},{"duration":9}]`: {},
		`{"duration":"soon"}`:             {},
		`{"duration":2.5}`:                {},
		`{"duration":{}}`:                 {},
		`{"duration":null}`:               {},
		`{"duration":4,"type":"` + strings.Repeat("s", 4096) + `"}`: {}, // too long
	} {
		body := `{"job_id":197,"job_name":"board","status":8,"schedule":` + answer + `,"remaining_duration":"60000"}`
		client := clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
			if strings.HasSuffix(req.URL.Path, "/197") {
				return reply(req, http.StatusOK, body), nil
			}
			return reply(req, http.StatusOK, `{"is_success":true,"job_total_count":1,"jobs":[`+body+`]}`), nil
		}))
		job, err := client.GetVisualizationJob(t.Context(), 197)
		if err != nil || job.Schedule != want || job.Name != "board" {
			t.Errorf("%s: %+v, %v", answer, job, err)
		}
		page, err := client.ListVisualizationJobs(t.Context(), ListOptions{})
		if err != nil || len(page.Jobs) != 1 || page.Jobs[0].Schedule != want {
			t.Errorf("%s in a list: %+v, %v", answer, page, err)
		}
	}
}

func TestAnswersThatAreNoJob(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{}`, `null`, success, `{"job_id": null}`, `{"job_id": 0}`, `{"job_id": -1}`, `{"job_id": "ten"}`, `{"job_id": 10.5}`,
		`{"job_id": {}}`, `{"job_id": 10, "status": true}`, `{"job_id": 10, "create_time": "yesterday"}`,
		`{"job_id": 10, "job_name": 7}`,
	} {
		c := clientOn(always(http.StatusOK, body), WithMaxRetries(0))
		if job, err := c.CreateVisualizationJob(t.Context(), plain); job != nil || !noResponseFrom(t, err).Sent {
			t.Errorf("create, %s: %+v, %v", body, job, err)
		}
		if job, err := c.GetVisualizationJob(t.Context(), 10); job != nil || !noResponseFrom(t, err).Sent || IsNotFound(err) {
			t.Errorf("get, %s: %+v, %v", body, job, err)
		}
	}
}

func TestParseOfWhatIsNoJob(t *testing.T) {
	t.Parallel()
	for _, kept := range []string{``, `[]`, `{"job_id": 10`, `{"job_id": "ten"}`, `{"job_id": 10, "job_name": 7}`} {
		if job, err := ParseVisualizationJob([]byte(kept)); err == nil {
			t.Errorf("%s: %+v", kept, job)
		}
	}
}

func TestAnswerAboutAnotherJob(t *testing.T) {
	t.Parallel()
	job, err := clientOn(always(http.StatusOK, samples["get"]), WithMaxRetries(0)).GetVisualizationJob(t.Context(), 11)
	if job != nil || IsNotFound(err) {
		t.Errorf("%+v, %v", job, err)
	}
	noResponseFrom(t, err)
	for _, name := range []string{"theirs", "Visualization-Job", "visualization-job "} {
		body := fmt.Sprintf(`{"job_id": "10", "job_name": %q}`, name)
		if job, err := clientOn(always(http.StatusOK, body)).CreateVisualizationJob(t.Context(), plain); job != nil || !noResponseFrom(t, err).Sent {
			t.Errorf("create, %s: %+v, %v", body, job, err)
		}
	}
}

func TestScheduleForms(t *testing.T) {
	t.Parallel()
	const (
		array  = `{"job_name":"visualization-job","train_url":"/obs/name/","schedule":[{"type":"stop","time_unit":"HOURS","duration":4}]}`
		object = `{"job_name":"visualization-job","train_url":"/obs/name/","schedule":{"type":"stop","time_unit":"HOURS","duration":4}}`
	)
	yes := answer(http.StatusOK, samples["create"])
	no := func(status int, code, message string) http.HandlerFunc {
		return answer(status, fmt.Sprintf(`{"is_success": false, "error_code": %q, "error_message": %q}`, code, message))
	}
	drop := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	tests := []struct {
		name          string
		first, second http.HandlerFunc // second nil: must not be asked for
		want          string           // message of the error; empty is a job, "lost" a NoResponseError
	}{
		{"array taken", yes, nil, ""},
		{"0101", no(400, "ModelArts.0101", "first"), yes, ""},
		{"0104", no(400, "ModelArts.0104", "first"), yes, ""},
		{"0104 under 200", no(200, "ModelArts.0104", "first"), yes, ""},
		{"0107", no(400, "ModelArts.0107", "first"), yes, ""},
		{"both refused", no(400, "ModelArts.0104", "first"), no(400, "ModelArts.0101", "second"), "first"},
		{"refused otherwise then", no(400, "ModelArts.0104", "first"), no(403, "ModelArts.0108", "second"), "second"},
		{"fails then", no(400, "ModelArts.0104", "first"), no(502, "", "second"), "second"},
		{"lost then", no(400, "ModelArts.0104", "first"), drop, "lost"},
		{"lost", drop, nil, "lost"},
		{"unreadable", answer(200, "<html>"), nil, "lost"},
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
			answers, bodies := []http.HandlerFunc{test.first}, []string{array}
			if test.second != nil {
				answers, bodies = append(answers, test.second), append(bodies, object)
			}
			n := 0
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				n++
				answers[min(n, len(answers))-1](w, r)
			})
			options := plain
			options.Schedule = &Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 4}
			job, err := s.client(t).CreateVisualizationJob(t.Context(), options)
			switch {
			case test.want == "":
				if err != nil || job.ID != 10 {
					t.Errorf("%+v, %v", job, err)
				}
			case test.want == "lost":
				if !MayHaveBeenDone(noResponseFrom(t, err)) || job != nil {
					t.Errorf("%+v, %v", job, err)
				}
			case job != nil || string(errorFrom(t, err).Message) != test.want:
				t.Errorf("%+v, %v", job, err)
			}
			var got []string
			for _, r := range s.seen() {
				got = append(got, r.Body)
			}
			if diff := cmp.Diff(bodies, got); diff != "" {
				t.Errorf("bodies (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParameterErrorWithoutSchedule(t *testing.T) {
	t.Parallel()
	s := serve(t, answer(http.StatusBadRequest, `{"error_code": "ModelArts.0104"}`))
	if _, err := s.client(t).CreateVisualizationJob(t.Context(), plain); !IsParameterError(err) || len(s.seen()) != 1 {
		t.Errorf("sent %d times: %v", len(s.seen()), err)
	}
}
