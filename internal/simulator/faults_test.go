package simulator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// fixedClock always returns start and doesn't wait.
type fixedClock struct{}

func (fixedClock) Now() time.Time { return start }

func (fixedClock) After(time.Duration) <-chan time.Time {
	c := make(chan time.Time, 1)
	c <- start

	return c
}

// withoutFlusher hides everything but the required methods of a writer.
func withoutFlusher(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(struct{ http.ResponseWriter }{w}, r)
	})
}

// outcome sends a create request with a fault, and returns whether the request was processed
// and the response. Of a long body it returns the beginning.
func outcome(t *testing.T, f simulator.Fault, wrap func(http.Handler) http.Handler) string {
	t.Helper()

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	s := simulator.New(simulator.Options{Clock: fixedClock{}, OnRequest: func(simulator.Request) {
		if f.Hang {
			cancel()
		}
	}})
	s.Inject(f)

	server := httptest.NewServer(wrap(s))
	defer server.Close()

	resp, body, err := exchange(createRequest(t, server.URL, s.IssueToken(), plainJob).WithContext(ctx))

	got := "lost, "
	if len(s.Jobs()) == 1 {
		got = "processed, "
	}

	if resp == nil {
		return got + err.Error()
	}

	got += fmt.Sprint(resp.StatusCode)

	for _, name := range []string{"Content-Type", "Location", "Retry-After", "X-More"} {
		if value := resp.Header.Get(name); value != "" {
			got += " " + value
		}
	}

	if date := resp.Header.Get("Date"); date != "Sun, 01 Mar 2026 12:00:00 GMT" {
		t.Errorf("%s: Date %q", f.Kind, date)
	}

	if resp.ContentLength < 0 {
		got += ", no length"
	} else if resp.ContentLength != int64(len(body)) {
		got += fmt.Sprint(", announced ", resp.ContentLength)
	}

	got += ", " + shorten(t, response{status: resp.StatusCode, header: resp.Header}, body)
	if err != nil {
		got += ", " + err.Error()
	}

	return got
}

// shorten returns the code and message of an error response, or the beginning of another body.
func shorten(t *testing.T, r response, body string) string {
	t.Helper()

	if json.Valid([]byte(body)) && strings.HasPrefix(body, "{") {
		r.body = object(t, []byte(body))
		if _, line, _ := strings.Cut(r.String(), " "); !strings.HasPrefix(line, "map[") {
			return line
		}
	}

	if len(body) > 100 {
		return fmt.Sprintf("%.20s... %d bytes", body, len(body))
	}

	return body
}

// TestFaults also covers writers that can't flush.
func TestFaults(t *testing.T) {
	const (
		created = `{"is_success":true,"job_id":"1","job_name":"board","status":"1","create_time":"1772366400000"}`
		cut     = `{"is_success":true,"job_id":"1","job_name":"boa`
		madeUp  = `announced 86, {"is_success":true,"job_id":"1","job_name":`
		eof     = ", unexpected EOF"
		sized   = `{"is_success": true, "padding": "`
	)

	for name, c := range map[string]struct {
		fault simulator.Fault
		want  string
	}{
		"nothing":    {simulator.Fault{}, "lost, 500, "},
		"status":     {simulator.Fault{Status: 502}, "lost, 502, "},
		"with After": {simulator.Fault{Status: 502, After: true}, "processed, 502, "},
		"body": {
			simulator.Fault{Status: 503, Body: "<html>", Header: http.Header{"content-type": {"text/html"}}},
			"lost, 503 text/html, <html>",
		},
		"code": {
			simulator.Fault{Code: "ModelArts.0112", Message: "100%"},
			"lost, 400 application/json, ModelArts.0112: 100%",
		},
		"code in a successful response": {
			simulator.Fault{Status: 200, Code: "ModelArts.0010", Message: "m", After: true},
			"processed, 200 application/json, ModelArts.0010: m",
		},
		"code of the gateway": {
			simulator.Fault{Status: 429, Code: "APIGW.0308", Message: "m", Header: http.Header{"Retry-After": {"3"}}},
			"lost, 429 application/json 3, gateway APIGW.0308: m",
		},
		"code of an older gateway": {
			simulator.Fault{Status: 401, Code: "APIG.0301", Message: "m"},
			"lost, 401 application/json, gateway APIG.0301: m",
		},

		"slow":          {simulator.Fault{Slow: time.Second, Header: http.Header{"X-More": {"1"}}}, "processed, 200 application/json 1, " + created},
		"slow body":     {simulator.Fault{Slow: time.Second, Body: "abc"}, "lost, 500, abc"},
		"slow, no body": {simulator.Fault{Slow: time.Second, Status: 200}, "lost, 200, "},
		"slow, wrong length": {
			simulator.Fault{Status: 200, Body: "ab", Slow: time.Second, Header: http.Header{"Content-Length": {"9"}}},
			"lost, 200, announced 9, ab" + eof,
		},

		"truncated":           {simulator.Fault{Truncate: true, After: true}, "processed, 200 application/json, announced 94, " + cut + eof},
		"truncated and slow":  {simulator.Fault{Truncate: true, Slow: time.Second}, "processed, 200 application/json, announced 94, " + cut + eof},
		"truncated, no body":  {simulator.Fault{Truncate: true}, "lost, 200, " + madeUp + eof},
		"truncated status":    {simulator.Fault{Truncate: true, Status: 502}, "lost, 502, " + madeUp + eof},
		"truncated body":      {simulator.Fault{Truncate: true, Status: 503, Body: "0123456789"}, "lost, 503, announced 10, 01234" + eof},
		"truncated character": {simulator.Fault{Truncate: true, Status: 200, Body: "{"}, "lost, 200, announced 1, " + eof},
		"truncated size":      {simulator.Fault{Truncate: true, Size: 40, Body: "x"}, "lost, 200, announced 40, x" + strings.Repeat("a", 19) + eof},
		"truncated, smaller":  {simulator.Fault{Truncate: true, Size: 4, Body: "0123456789"}, "lost, 200, announced 4, 01" + eof},
		"truncated code": {
			simulator.Fault{Truncate: true, Code: "ModelArts.0010", Message: "m"},
			`lost, 400 application/json, announced 70, {"is_success":false,"error_message"` + eof,
		},

		"size":              {simulator.Fault{Size: 40}, "lost, 200, no length, " + sized + `aaaaa"}`},
		"smallest size":     {simulator.Fault{Size: 35}, "lost, 200, no length, " + sized + `"}`},
		"too small":         {simulator.Fault{Size: 5, Status: 502, After: true}, `processed, 502, no length, {"is_`},
		"size of a body":    {simulator.Fault{Size: 5, Body: "<>"}, "lost, 200, no length, <>aaa"},
		"size below a body": {simulator.Fault{Size: 2, Body: "<html>"}, "lost, 200, no length, <h"},
		"size of a code":    {simulator.Fault{Size: 5, Code: "ModelArts.0010"}, `lost, 400 application/json, no length, {"is_`},
		"slow size":         {simulator.Fault{Size: 5, Slow: time.Second}, `lost, 200, no length, {"is_`},
	} {
		for writer, wrap := range map[string]func(http.Handler) http.Handler{
			"flusher": func(h http.Handler) http.Handler { return h }, "no flusher": withoutFlusher,
		} {
			got := outcome(t, c.fault, wrap)
			want := c.want
			if writer == "no flusher" { // net/http computes the length of a short body.
				want = strings.Replace(want, ", no length", "", 1)
			}

			if got := strings.Replace(got, " text/plain; charset=utf-8", "", 1); got != want { // net/http guesses the type.
				t.Errorf("%s, %s:\n got %s\nwant %s", name, writer, got, want)
			}
		}
	}
}

// TestFaultQueue sends requests and lists their statuses with the number of jobs afterwards.
func TestFaultQueue(t *testing.T) {
	type step struct{ method, path, want string }

	for name, c := range map[string]struct {
		faults []simulator.Fault
		steps  []step
		left   string
	}{
		"by method and path": {
			[]simulator.Fault{
				{Method: "GET", Path: `/visualization-jobs/\d+`, Status: 501, Count: 2},
				{Path: "/v3/auth/c[a-z]*", Status: 502},
				{Path: ".*/stop", Status: 503, Count: -1},
				{Status: 504},
			},
			[]step{
				{"GET", projectJobs + "/1", "501 1"},
				{"POST", projectJobs + "/1/stop", "503 1"},
				{"GET", projectJobs + "/1", "501 1"},
				{"POST", projectJobs + "/1/stop", "503 1"},
				{"GET", "/v3", "200 1"}, // A fault without a path is for ModelArts.
				{"GET", projectJobs + "/1", "504 1"},
				{"GET", projectJobs + "/1", "200 1"},
				{"GET", "/v3/auth/catalog/x", "404 1"}, // The path doesn't match completely.
				{"GET", "/v3/auth/catalog", "502 1"},
				{"GET", "/v3/auth/catalog", "200 1"},
			},
			"* .*/stop custom -1 0",
		},
		"by count": {
			[]simulator.Fault{
				{Method: "POST", Status: 501, Skip: 1, Count: 2, After: true},
				{Method: "POST", Status: 502, Skip: 2},
				{Path: jobs, Status: 503, Skip: 4, Count: -1},
			},
			[]step{
				{"POST", projectJobs, "200 2"}, // All three skip it.
				{"GET", projectJobs, "200 2"},  // The third skips it.
				{"POST", projectJobs, "501 3"}, // A fault that another fault precedes doesn't count the request.
				{"POST", projectJobs, "501 4"},
				{"POST", projectJobs, "200 5"}, // The second and the third skip it.
				{"POST", projectJobs, "502 5"},
				{"GET", projectJobs, "200 5"}, // The third skips it for the last time.
				{"POST", projectJobs, "503 5"},
			},
			"* /visualization-jobs custom -1 0",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, simulator.Options{})
			f.AddJob(simulator.Job{Status: simulator.StatusRunning})

			for _, fault := range c.faults {
				f.Inject(fault)
			}

			for i, s := range c.steps {
				r := f.send(s.method, s.path, plainJob, "X-Auth-Token", f.token)
				if got := fmt.Sprint(r.status, " ", len(f.Jobs())); got != s.want {
					t.Errorf("step %d: %s, want %s", i, got, s.want)
				}
			}

			if left := f.Faults(); len(left) != 1 || left[0].String() != c.left {
				t.Errorf("left: %+v", left)
			}

			f.ClearFaults()
			f.succeed("POST", jobs+"/1/stop", "")
		})
	}
}

func TestInjectPanics(t *testing.T) {
	f := newFixture(t, simulator.Options{})

	for _, fault := range []simulator.Fault{{Path: "("}, {Status: 199}, {Status: 600}, {Skip: -1}, {Slow: -1}, {Size: -1}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("no panic: %+v", fault)
				}
			}()

			f.Inject(fault)
		}()
	}
}
