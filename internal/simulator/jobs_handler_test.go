package simulator_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// TestResponses covers every request of a job, and the documented types of the values.
func TestResponses(t *testing.T) {
	const schedule = `{"type":"stop","time_unit":"HOURS","duration":1}`
	for schedule, shown := range map[string]string{
		schedule: "", "[" + schedule + "]": `,"schedule":[{"type":"stop","timeUnit":"HOURS","duration":1}]`,
	} {
		f := newFixture(t, simulator.Options{Transition: transition, JobLimit: 5, RunLimit: 3, ShowSchedule: shown != ""})
		f.request("GET", jobs, "").wantBody(t, http.StatusOK,
			`{"is_success":true,"job_total_count":0,"job_count_limit":5,"quotas":3,"jobs":[]}`)
		f.request("POST", jobs, `{"job_name":"board","job_desc":"über alles","train_url":"/bucket/logs",
			"job_type":"mindinsight","flavor":{"code":"modelarts.vm.small"},"schedule":`+schedule+`,"unknown":[]}`).
			wantBody(t, http.StatusOK,
				`{"is_success":true,"job_id":"1","job_name":"board","status":"1","create_time":"1772366400000"}`)
		want := simulator.Job{
			ID: 1, Name: "board", Description: "über alles", TrainURL: "/bucket/logs", Type: "mindinsight",
			Flavor: "modelarts.vm.small", WorkspaceID: "0", Status: simulator.StatusInit, CreateTime: start,
			Schedule: &simulator.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 1},
		}
		job, _ := f.Job(1)
		if diff := cmp.Diff(want, job, cmpopts.IgnoreFields(simulator.Job{}, "ResourceID", "ServiceURL")); diff != "" || job.ServiceURL == "" {
			t.Errorf("service URL %q, job (-want +got):\n%s", job.ServiceURL, diff)
		}
		for _, read := range []struct {
			after time.Duration
			times string
		}{
			{0, `"status":1,"duration":0,"remaining_duration":null`},
			{transition + 1500*time.Millisecond, `"status":8,"duration":1500,"remaining_duration":3598500`},
			{time.Hour, `"status":10,"duration":3600000,"remaining_duration":null`},
		} {
			f.clock.Advance(read.after)
			details := `{"job_id":1,"job_name":"board","job_desc":"über alles","train_url":"/bucket/logs",` + read.times +
				`,"create_time":1772366400000,"service_url":"` + job.ServiceURL + `","resource_id":"` + job.ResourceID + `"` + shown + `}`
			f.request("GET", jobs+"/1", "").wantBody(t, http.StatusOK, details)
			f.request("GET", jobs, "").wantBody(t, http.StatusOK,
				`{"is_success":true,"job_total_count":1,"job_count_limit":4,"quotas":3,"jobs":[`+details+`]}`)
		}
		f.request("PUT", jobs+"/1", `{"job_desc":"","job_name":"ignored"}`).want(t, "200 success")
		f.request("POST", jobs+"/1/restart", "null").want(t, "200 success")
		f.clock.Advance(transition + time.Second)
		f.request("POST", jobs+"/1/stop", "").want(t, "200 success")
		r := f.request("GET", jobs+"/1", "")
		if url, duration := r.text("service_url"), r.number("duration"); url != job.ServiceURL || duration != "3601000" {
			t.Errorf("after a restart, service_url %q and duration %s, before it %q", url, duration, job.ServiceURL)
		}
		if job, _ := f.Job(1); job.Description != "" || job.Name != "board" || job.Status != simulator.StatusKilling {
			t.Errorf("job: %+v", job)
		}
		f.clock.Advance(transition)
		f.request("DELETE", jobs+"/1", "").want(t, "200 success")
	}
}

func TestQuotas(t *testing.T) {
	const tooMany = "400 ModelArts.2815: Exceed the quota limit of 2 running jobs."
	f := newFixture(t, simulator.Options{JobLimit: 4, RunLimit: 2, Transition: transition, Buckets: []string{"one", "bucket"}})
	f.request("POST", jobs, `{"job_name":"board","train_url":"/other/logs/"}`).
		want(t, "400 ModelArts.4311: OBS bucket does not exist: other")
	f.AddJob(simulator.Job{ID: 1, Status: simulator.StatusKilled})
	f.AddJob(simulator.Job{ID: 2, Status: simulator.StatusRunning})
	f.succeed("POST", jobs, plainJob)
	f.change("create").want(t, tooMany)
	f.change("restart").want(t, tooMany)
	f.succeed("POST", jobs+"/2/stop", "")
	f.succeed("POST", jobs+"/1/restart", "")
	f.succeed("POST", jobs+"/3/stop", "")
	f.succeed("POST", jobs, plainJob)
	f.change("create").want(t, "400 ModelArts.0118: The expected 5 jobs exceed the quota limit of 4.")
	f.AddJob(simulator.Job{})
	if got := f.request("GET", jobs, "").number("job_count_limit"); got != "0" {
		t.Errorf("job_count_limit %s", got)
	}
	f.RemoveJob(5) // Its ID is not used again.
	f.RemoveJob(4)
	f.succeed("POST", jobs+"/1/stop", "")
	if id := f.change("create").text("job_id"); id != "6" {
		t.Errorf("job_id %q", id)
	}
}

func TestCreateAndUpdateChecks(t *testing.T) {
	const (
		badForm     = "Illegal schedule: it has to be an object or an array of one"
		badUnit     = "Illegal schedule: type has to be stop and time_unit HOURS"
		badDuration = "Illegal schedule: duration should be in [0,24]"
		tooLong     = "The length of job_desc should be in [0,256]"
		notObject   = "400 ModelArts.0101: Invalid argument: the body is no JSON object"
		missing     = "Illegal job_desc: it is missing"
		noString    = "Illegal job_desc: it has to be a string"
		accepted    = ""
	)
	schedule := func(duration string) string {
		return `{"type":"stop","time_unit":"HOURS","duration":` + duration + `}`
	}
	for _, c := range []struct{ member, message string }{
		{`"job_name":"` + strings.Repeat("aZ09_-", 3) + `ab"`, accepted},
		{`"job_name":"` + strings.Repeat("n", 21) + `"`, "Illegal name: " + strings.Repeat("n", 21)},
		{`"job_name":5`, "Illegal job_name: it has to be a string"},
		{`"Job_name":"x x"`, accepted},

		{`"job_desc":"` + strings.Repeat("ü", 256) + `"`, accepted},
		{`"job_desc":"` + strings.Repeat("x", 257) + `"`, tooLong},

		{`"train_url":"/my.bucket-1/a/b c/ü/"`, accepted},
		{`"train_url":"/"`, "Illegal train_url: /"},
		{`"train_url":"obs://bucket/logs/"`, "Illegal train_url: obs://bucket/logs/"},
		{`"train_url":"/bucket/a\nb"`, "Illegal train_url: /bucket/a\nb"},

		{`"job_type":"mindinsight"`, accepted},
		{`"job_type":"TensorBoard"`, "Illegal job_type: TensorBoard"},

		{`"flavor":{}`, "Illegal flavor: code is missing"},
		{`"flavor":{"code":1}`, "Illegal code: it has to be a string"},

		{`"schedule":` + schedule("0"), accepted},
		{`"schedule":` + schedule("24"), accepted},
		{`"schedule":` + schedule("25"), badDuration},
		{`"schedule":` + schedule("null"), badDuration},
		{`"schedule":{"type":"start","time_unit":"HOURS","duration":1}`, badUnit},
		{`"schedule":{"type":"stop","time_unit":"hours","duration":1}`, badUnit},
		{`"schedule":[` + schedule("1") + "," + schedule("1") + "]", badForm},
	} {
		want, created := "200", 1
		if c.message != accepted {
			want, created = "400 ModelArts.0104: "+c.message, 0
		}
		f := newFixture(t, simulator.Options{})
		f.request("POST", jobs, `{"job_name":"board","train_url":"/bucket/logs/",`+c.member+"}").want(t, want) // The last value counts.
		if n := len(f.Jobs()); n != created {
			t.Errorf("%s: %d jobs", c.member, n)
		}
	}

	f := newFixture(t, simulator.Options{})
	f.AddJob(simulator.Job{Status: simulator.StatusRunning, Description: "old"})
	f.request("POST", jobs, "{}").want(t, "400 ModelArts.0104: Illegal name: ")
	f.request("POST", jobs, `{"job_name":"a"}`).want(t, "400 ModelArts.0104: Illegal train_url: ")
	for body, message := range map[string]string{
		`{"job_desc":null}`: missing, `{"JOB_DESC":"x"}`: missing,
		`{"job_desc":1}`: noString, `{"job_desc":"` + strings.Repeat("x", 257) + `"}`: tooLong,
	} {
		f.request("PUT", jobs+"/1", body).want(t, "400 ModelArts.0104: "+message)
	}
	f.request("PUT", jobs+"/-1", "{}").want(t, "400 ModelArts.0104: Illegal job id: -1")
	for _, body := range []string{"", "null", "[]", plainJob + "x"} {
		f.request("POST", jobs, body).want(t, notObject)
		f.request("PUT", jobs+"/1", body).want(t, notObject)
	}
	if all := f.Jobs(); len(all) != 1 || all[0].Description != "old" {
		t.Errorf("jobs: %+v", all)
	}
}

// TestErrorShapes sends requests for an unknown job.
func TestErrorShapes(t *testing.T) {
	const unknown = ": The visualization job 7 does not exist"
	for _, c := range []struct {
		shape        simulator.ErrorShape
		notFound     simulator.NotFoundShape
		change, read string // the responses to requests for an unknown job
		code         string // in them
	}{
		{"", "", "400 CODE", "400 bare CODE", "ModelArts.2775"},
		{simulator.ErrorShapeOK200, "", "200 CODE", "200 CODE", "ModelArts.2775"},
		{simulator.ErrorShapeBare, "", "400 bare CODE", "400 bare CODE", "ModelArts.2775"},
		{simulator.ErrorShapeGateway, "", "400 gateway CODE", "400 gateway CODE", "ModelArts.2775"},
		{simulator.ErrorShapeIAM, "", "400 IAM", "400 IAM", ""},
		{simulator.ErrorShapeEmpty, "", "400 no body", "400 no body", ""},

		{"", simulator.NotFoundShape404, "404 CODE", "404 bare CODE", "ModelArts.0015"},
		{"", simulator.NotFoundShapeBare404, "404 no body", "404 no body", ""},
		{"", simulator.NotFoundShapeParameter, "400 CODE", "400 bare CODE", "ModelArts.0104"},
		{"", simulator.NotFoundShapeOK200, "200 CODE", "200 CODE", "ModelArts.2775"},
		{"", simulator.NotFoundShapeGateway404, "404 gateway CODE", "404 gateway CODE", "APIGW.0101"},
		{"", simulator.NotFoundShapeConflict, "400 CODE", "400 bare CODE", "ModelArts.0105"},

		// An error shape applies as well, unless the other shape defines the body.
		{simulator.ErrorShapeBare, simulator.NotFoundShapeConflict, "400 bare CODE", "400 bare CODE", "ModelArts.0105"},
	} {
		t.Run(string(c.shape)+" "+string(c.notFound), func(t *testing.T) {
			f := newFixture(t, simulator.Options{ErrorShape: c.shape, NotFoundShape: c.notFound})
			responses := strings.NewReplacer("CODE", c.code+unknown, "IAM", "IAM"+unknown)
			f.request("DELETE", jobs+"/7", "").want(t, responses.Replace(c.change))
			f.request("GET", jobs+"/7", "").want(t, responses.Replace(c.read))

			// The shapes apply neither to the gateway nor to IAM, faults or successful requests.
			f.send("GET", "/v1/p"+jobs, "").want(t, noCredentials)
			f.send("GET", "/v3/projects", "").want(t, unauthorized)
			f.Inject(simulator.Fault{Code: "ModelArts.0010", Message: "m"})
			f.request("GET", jobs, "").want(t, "400 ModelArts.0010: m")
			f.succeed("POST", jobs, plainJob)
		})
	}
}

func TestRequests(t *testing.T) {
	var received []simulator.Request
	receive := func(r simulator.Request) { received = append(received, r) }
	f := newFixture(t, simulator.Options{OnRequest: receive})
	first := f.send("POST", "/identity/v3/auth/tokens", byID)
	f.clock.Advance(time.Second)
	second := f.request("POST", jobs+"?a=b&a=c", plainJob)
	want := []simulator.Request{
		{
			Time: start, Method: "POST", Path: "/identity/v3/auth/tokens", Query: url.Values{}, Status: http.StatusNotFound,
			RequestID: first.header.Get("X-Request-Id"),
		},
		{
			Time: start.Add(time.Second), Method: "POST", Path: projectJobs, Query: url.Values{"a": {"b", "c"}},
			Status: http.StatusOK, Body: plainJob, RequestID: second.header.Get("X-Request-Id"),
		},
	}
	if diff := cmp.Diff(want, f.Requests()) + cmp.Diff(want, received); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	f.ResetRequests()
	forgetful := newFixture(t, simulator.Options{ForgetRequests: true, OnRequest: receive})
	forgetful.send("GET", "/", "")
	if n, kept := len(f.Requests()), len(forgetful.Requests()); n+kept != 0 || len(received) != 3 {
		t.Errorf("%d requests after a reset, %d kept, OnRequest received %d", n, kept, len(received))
	}
}
