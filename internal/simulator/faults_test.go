package simulator_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

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

// TestFaults covers each kind of fault, and faults without a name.
func TestFaults(t *testing.T) { synctest.Test(t, testFaults) }

func testFaults(t *testing.T) {
	const (
		inJSON      = " application/json, "
		noLength    = " application/json, no length, "
		created     = `{"is_success":true,"job_id":"1","job_name":"board","status":"1","create_time":"1772366400000"}`
		cut         = `announced 94, {"is_success":true,"job_id":"1","job_name":"boa, unexpected EOF`
		loginPage   = " text/html, <!DOCTYPE html>\n<html><head><title>Log in</title></head><body><form action=\"/login\"><input name=\"user\"></form></body></html>\n"
		gatewayPage = " text/html, <html>\r\n<head><title>Gateway error</title></head>\r\n<body><center><h1>Gateway error</h1></center></body>\r\n</html>\r\n"
	)
	modelArts := func(code, message string) string {
		return inJSON + `{"error_code":"` + code + `","error_message":"` + message + `","is_success":false}`
	}
	gateway := func(code, message string) string {
		return `{"error_code":"` + code + `","error_msg":"` + message + `","request_id":"ID"}`
	}
	conflict := modelArts("ModelArts.0105", "This job can't be changed in its present status.")
	want := map[string]string{
		"drop-before": "lost, EOF",
		"drop-after":  "processed, EOF",
		"hang-before": "lost, context deadline exceeded, in 1h0m0s",
		"hang-after":  "processed, context deadline exceeded, in 1h0m0s",
		"truncate":    "processed, 200" + inJSON + cut,
		"slow":        "processed, 200" + inJSON + created + ", in 5s",
		"redirect":    "lost, 307 http://127.0.0.1:9/",
		"html":        "lost, 200" + loginPage,
		"html-after":  "processed, 200" + loginPage,
		"html-502":    "lost, 502" + gatewayPage,
		"empty":       "processed, 200",
		"not-json":    "processed, 200 text/plain; charset=utf-8, Your request was received.\n",
		"wrong-types": "processed, 200" + inJSON + `{"is_success":["true... 477 bytes`,
		"null":        "processed, 200" + inJSON + "null",
		"deep":        "processed, 200" + noLength + `{"is_success":true,"... 200027 bytes`,
		"huge":        "processed, 200" + noLength + strings.Repeat(" ", 20) + "... 1000 bytes",

		"no-success-200":      "lost, 200" + conflict,
		"conflict":            "lost, 400" + conflict,
		"conflict-409":        "lost, 409" + inJSON + `{"error_message":"This job can't be changed in its present status."}`,
		"parameter":           "lost, 400" + modelArts("ModelArts.0104", "Illegal parameter"),
		"denied":              "lost, 403" + modelArts("ModelArts.0108", "You are not authorized to perform the operation."),
		"unauthorized":        "lost, 401" + inJSON + gateway("APIGW.0301", "Incorrect IAM authentication information"),
		"token-expired":       "lost, 401" + inJSON + gateway("APIGW.0307", "The token must be updated."),
		"token-invalid":       "lost, 403" + modelArts("ModelArts.0203", "Invalid token."),
		"not-found":           "lost, 404" + modelArts("ModelArts.0104", "The visualization job does not exist"),
		"not-found-bare":      "lost, 404",
		"not-found-gateway":   "lost, 404" + inJSON + gateway("APIGW.0101", "The API does not exist or is not published in this environment"),
		"throttled":           "lost, 429 application/json 1, " + gateway("APIGW.0308", "The throttling threshold has been reached"),
		"throttled-by-window": "lost, 429" + inJSON + gateway("APIGW.0308", "policy user over ratelimit,limit:1,time:1 second"),

		"internal-error":     "lost, 500" + modelArts("ModelArts.0010", "Internal error."),
		"bad-gateway-before": "lost, 502" + gatewayPage,
		"bad-gateway-after":  "processed, 502" + gatewayPage,
		"unavailable-before": "lost, 503" + gatewayPage,
		"unavailable-after":  "processed, 503" + gatewayPage,
		"timeout-before":     "lost, 504" + gatewayPage,
		"timeout-after":      "processed, 504" + gatewayPage,
	}
	got := make(map[string]string)
	for _, kind := range simulator.FaultNames() {
		f, err := simulator.NamedFault(kind)
		if err != nil || f.Kind != kind || f.Size != 0 && f.Size != 1<<30 {
			t.Errorf("%s: kind %q, size %d; %v", kind, f.Kind, f.Size, err)
		}
		f.Size = min(f.Size, 1000) // A test has no time for more.
		got[kind] = outcome(t, f, 0)
		clear(f.Header) // The caller can change the fault.
	}
	for name, c := range map[string]struct {
		fault   simulator.Fault
		latency time.Duration
		want    string
	}{
		"latency":  {simulator.Fault{}, time.Minute, "processed, 200" + inJSON + created + ", in 1m0s"},
		"canceled": {simulator.Fault{}, 2 * time.Hour, "processed, context deadline exceeded, in 1h0m0s"},

		"nothing": {simulator.Fault{}, 0, "lost, 500"},
		"body": {
			simulator.Fault{Status: 503, Body: "<html>", Header: http.Header{"content-type": {"text/html"}}}, 0,
			"lost, 503 text/html, <html>",
		},
		"code": {simulator.Fault{Code: "ModelArts.0112", Message: "100%"}, 0, "lost, 400" + modelArts("ModelArts.0112", "100%")},
		"code of the gateway": {
			simulator.Fault{Status: 429, Code: "APIGW.0308", Message: "m", Header: http.Header{"Retry-After": {"3"}}}, 0,
			"lost, 429 application/json 3, " + gateway("APIGW.0308", "m"),
		},
		"code of an older gateway": {
			simulator.Fault{Status: 401, Code: "APIG.0301", Message: "m"}, 0, "lost, 401" + inJSON + gateway("APIG.0301", "m"),
		},
		"truncated, slow":  {simulator.Fault{Truncate: true, Slow: 9 * time.Second}, 0, "processed, 200" + inJSON + cut + ", in 9s"},
		"truncated body":   {simulator.Fault{Truncate: true, Body: "012345678"}, 0, "lost, 500 text/plain; charset=utf-8, announced 9, 0123, unexpected EOF"},
		"truncated, empty": {simulator.Fault{Truncate: true, Status: 200}, 0, "lost, 200, announced 1, unexpected EOF"},
		"truncated, padded": {
			simulator.Fault{Truncate: true, Size: 100}, 0,
			"processed, 200" + inJSON + "announced 100, " + strings.Repeat(" ", 6) + created[:44] + ", unexpected EOF",
		},
		"padded": {simulator.Fault{Size: 96}, 0, "processed, 200" + noLength + "  " + created},
	} {
		want[name], got[name] = c.want, outcome(t, c.fault, c.latency)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
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
