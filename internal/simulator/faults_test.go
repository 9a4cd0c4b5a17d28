package simulator_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// pipes is a listener within the process, for testing/synctest.
type pipes chan net.Conn

func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p pipes) Close() error {
	close(p)
	return nil
}

func (p pipes) Accept() (net.Conn, error) {
	if conn, ok := <-p; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (p pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	p <- server
	return client, nil
}

// outcome sends a create request with a fault, for at most an hour. It returns whether the request was
// processed, the response, and the time that it took. Of a long body it returns the beginning.
func outcome(t *testing.T, fault simulator.Fault, latency time.Duration) string {
	t.Helper()
	s := simulator.New(simulator.Options{Now: (&clock{}).Now, Latency: latency})
	if latency == 0 {
		s.Inject(fault)
	}
	listener, server := make(pipes), &http.Server{Handler: s}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	began := time.Now()
	transport := &http.Transport{DialContext: listener.dial, DisableKeepAlives: true}
	resp, body, err := exchange(transport, createRequest(t, "http://pipe", s.IssueToken(), plainJob).WithContext(ctx))
	got := "lost"
	if len(s.Jobs()) == 1 {
		got = "processed"
	}
	if all := s.Requests(); len(all) != 1 || (all[0].Status == 0) != (fault.Hang || fault.Drop) {
		t.Errorf("requests: %+v", all)
	}
	if resp != nil {
		got += fmt.Sprint(", ", resp.StatusCode)
		for _, name := range []string{"Content-Type", "Location", "Retry-After"} {
			if value := resp.Header.Get(name); value != "" {
				got += " " + value
			}
		}
		if resp.ContentLength < 0 {
			got += ", no length"
		} else if resp.ContentLength != int64(len(body)) {
			got += fmt.Sprint(", announced ", resp.ContentLength)
		}
		if len(body) > 200 {
			body = fmt.Sprintf("%.20s... %d bytes", body, len(body))
		}
		if body != "" {
			got += ", " + strings.ReplaceAll(body, resp.Header.Get("X-Request-Id"), "ID")
		}
	}
	if err != nil {
		got += ", " + err.Error()
	}
	if took := time.Since(began).Round(time.Millisecond); took > 0 {
		got += fmt.Sprint(", in ", took)
	}
	return got
}

// facts finds the status, the content and the code of a response in the description of a fault.
var facts = regexp.MustCompile(`\b\d{3}\b|HTML|JSON|plain text|http:\S+/|\w+\.0\d{3}`)

// TestFaults compares each kind of fault with its description, and covers faults without a name.
func TestFaults(t *testing.T) { synctest.Test(t, testFaults) }

func testFaults(t *testing.T) {
	const (
		inJSON   = " application/json, "
		noLength = " application/json, no length, "
		created  = `{"is_success":true,"job_id":"1","job_name":"board","status":"1","create_time":"1772366400000"}`
		cut      = `announced 94, {"is_success":true,"job_id":"1","job_name":"boa, unexpected EOF`
	)
	gateway := func(code, message string) string {
		return `{"error_code":"` + code + `","error_msg":"` + message + `","request_id":"ID"}`
	}
	special := map[string]string{
		"drop-before": "lost, EOF",
		"drop-after":  "processed, EOF",
		"hang-before": "lost, context deadline exceeded, in 1h0m0s",
		"hang-after":  "processed, context deadline exceeded, in 1h0m0s",
		"truncate":    "processed, 200" + inJSON + cut,
		"slow":        "processed, 200" + inJSON + created + ", in 5s",
		"huge":        "processed, 200" + noLength + strings.Repeat(" ", 20) + "... 1000 bytes",
		"throttled":   "lost, 429 application/json 1, " + gateway("APIGW.0308", "The throttling threshold has been reached"),
	}
	for _, kind := range simulator.FaultKinds() {
		f, err := simulator.NamedFault(kind.Name)
		if err != nil || f.Kind != kind.Name || f.Size != 0 && f.Size != 1<<30 {
			t.Errorf("%s: kind %q, size %d; %v", kind.Name, f.Kind, f.Size, err)
		}
		f.Size = min(f.Size, 1000) // A test has no time for more.
		got, want := outcome(t, f, 0), "^"+regexp.QuoteMeta(special[kind.Name])+"$"
		clear(f.Header) // The caller can change the fault.
		if special[kind.Name] == "" {
			want = "(?is)^lost, .*"
			if strings.Contains(kind.Description, "is processed") {
				want = "(?is)^processed, .*"
			}
			want += strings.Join(facts.FindAllString(kind.Description, -1), ".*")
			want = strings.Replace(want, "plain text", "text/plain", 1)
		}
		if !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s (%s): %s, want %s", kind.Name, kind.Description, got, want)
		}
	}
	for fault, want := range map[*simulator.Fault]string{
		{}: "lost, 500",
		{Code: "ModelArts.0112", Message: "100%"}:      "lost, 400" + inJSON + `{"error_code":"ModelArts.0112","error_message":"100%","is_success":false}`,
		{Status: 401, Code: "APIG.0301", Message: "m"}: "lost, 401" + inJSON + gateway("APIG.0301", "m"), // of an older gateway

		{Status: 429, Code: "APIGW.0308", Message: "m", Header: http.Header{"Retry-After": {"3"}}}: "lost, 429 application/json 3, " + gateway("APIGW.0308", "m"),

		{Status: 503, Body: "<html>", Header: http.Header{"content-type": {"text/html"}}}: "lost, 503 text/html, <html>",

		{Truncate: true, Slow: 9 * time.Second}: "processed, 200" + inJSON + cut + ", in 9s",
		{Truncate: true, Body: "012345678"}:     "lost, 500 text/plain; charset=utf-8, announced 9, 0123, unexpected EOF",
		{Truncate: true, Status: 200}:           "lost, 200, announced 1, unexpected EOF",
		{Truncate: true, Size: 100}:             "processed, 200" + inJSON + "announced 100, " + strings.Repeat(" ", 6) + created[:44] + ", unexpected EOF",
		{Size: 96}:                              "processed, 200" + noLength + "  " + created,
	} {
		if got := outcome(t, *fault, 0); got != want {
			t.Errorf("%+v: %s, want %s", *fault, got, want)
		}
	}
	for latency, want := range map[time.Duration]string{
		time.Minute:   "processed, 200" + inJSON + created + ", in 1m0s",
		2 * time.Hour: "processed, context deadline exceeded, in 1h0m0s",
	} {
		if got := outcome(t, simulator.Fault{}, latency); got != want {
			t.Errorf("latency %s: %s, want %s", latency, got, want)
		}
	}
}

// TestFaultQueue sends requests and lists their statuses with the number of jobs afterwards.
func TestFaultQueue(t *testing.T) {
	for name, c := range map[string]struct {
		faults []simulator.Fault
		steps  []string // method, path, status and jobs
		left   string
	}{
		"by method and path": {
			[]simulator.Fault{
				{Method: "GET", Path: `/visualization-jobs/\d+`, Status: 501, Count: 2},
				{Path: "/v3/auth/c[a-z]*", Status: 502},
				{Path: ".*/stop", Status: 503, Count: -1},
				{Status: 504},
			},
			[]string{
				"GET JOBS/1 501 1", "POST JOBS/1/stop 503 1", "GET JOBS/1 501 1", "POST JOBS/1/stop 503 1",
				"GET /v3 200 1", // A fault without a path is for ModelArts.
				"GET JOBS/1 504 1", "GET JOBS/1 200 1",
				"GET /v3/auth/catalog/x 404 1", // The path doesn't match completely.
				"GET /v3/auth/catalog 502 1", "GET /v3/auth/catalog 200 1",
			},
			"* .*/stop custom -1 0",
		},
		"by count": {
			[]simulator.Fault{
				{Method: "POST", Status: 501, Skip: 1, Count: 2, After: true},
				{Method: "POST", Status: 502, Skip: 2},
				{Path: jobs, Status: 503, Skip: 4, Count: -1},
			},
			[]string{
				"POST JOBS 200 2",                    // All three skip it.
				"GET JOBS 200 2",                     // The third skips it.
				"POST JOBS 501 3", "POST JOBS 501 4", // A fault that another fault precedes doesn't count the request.
				"POST JOBS 200 5", // The second and the third skip it.
				"POST JOBS 502 5",
				"GET JOBS 200 5", // The third skips it for the last time.
				"POST JOBS 503 5",
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
			for i, step := range c.steps {
				s := strings.SplitN(strings.Replace(step, "JOBS", projectJobs, 1), " ", 3)
				r := f.send(s[0], s[1], plainJob, "X-Auth-Token", f.token)
				if got := fmt.Sprint(r.status, " ", len(f.Jobs())); got != s[2] {
					t.Errorf("step %d, %s: %s", i, step, got)
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

// wantPanic checks that do panics with a text, or with any if it is empty.
func wantPanic(t *testing.T, want string, do func()) {
	t.Helper()
	defer func() {
		if got := recover(); got == nil || want != "" && fmt.Sprint(got) != want {
			t.Errorf("panic %v, want %s", got, want)
		}
	}()
	do()
}
